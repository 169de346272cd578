//! What can be written behind `portpulse import` and `portpulse export targets`.

use crate::exchange::import::Source;
use crate::exchange::import::plan::OnConflict;
use crate::exchange::targets::Form;
use clap::Args;
use std::path::PathBuf;

/// What the help of `import` says at its end.
pub(super) const EXAMPLES: &str = "\
Reads:
  lines        host:port name #tag, a target a line; db1:5432,6432 and ranges, too
  csv          a line of names (host, port, name, ...), then a target a line
  json, toml   what `export targets` writes; another portpulse.toml
  kener        monitors as JSON; a function of its own comes along as a script
  kairos       resources, exported or as its interface takes them
  gatus        endpoints with tcp://, tls:// or starttls://
  uptime-kuma  a backup of 1.x, or what kuma-cli writes
  prometheus   files for service discovery; scrape configurations of a blackbox exporter
               (with its own configuration beside, if modules other than tcp_connect check TCP)
  nmap         -oX and -oG; ports that are open
  ssh-config   hosts that are named in full; Match is never evaluated, Include never followed

A target is known by its addresses: an entry that shares one with a target is that target.
Comments and order of the configuration stay. A file that cannot be understood changes nothing.
Notes and tags that may hold a secret stay behind, and so does everything that tells people.

Examples:
  portpulse import scan.xml --dry-run             what would be added?
  portpulse import gatus.yaml kuma.json           both, wholly or not at all
  portpulse import *.json --on-conflict update    what the files say now
  nmap -oG - -p 22,5432 10.0.0.0/28 | portpulse import -

Exit codes:
  0   done; what was left out is told with a reason
  2   wrong usage
  65  a file cannot be read or understood; nothing was changed
  71  something cannot be written; nothing was changed
  78  the configuration file is wrong or does not admit the change";

/// What the help of `export targets` says at its end.
pub(super) const EXPORT_EXAMPLES: &str = "\
Forms:
  lines        addresses, names and tags
  csv, json    everything; a row, or an object, for each endpoint
  toml         everything, as a configuration file
  prometheus   addresses, names, tags, notes, intervals and timeouts, for service discovery

Examples:
  portpulse export targets --to csv > targets.csv
  portpulse export targets --to prometheus db1 cache > targets.json

Exit codes:
  0   written
  2   wrong usage, or no such target
  78  the configuration file is wrong";

/// What to import, and how.
#[derive(Clone, Debug, Args)]
pub struct Import {
    /// Which files; - is standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// What wrote them; auto tells it from what they say
    #[arg(long, value_name = "WHAT", default_value = "auto", value_parser = source)]
    pub from: From,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// What to do with targets that are there: skip, or update (what a file does not say stays)
    #[arg(long, value_name = "HOW", default_value = "skip", value_parser = on_conflict)]
    pub on_conflict: OnConflict,
    /// One JSON object instead of lines
    #[arg(long)]
    pub json: bool,
    /// Which configuration file.
    #[arg(long, value_name = "FILE", help = super::CONFIG_HELP)]
    pub config: Option<PathBuf>,
}

/// What wrote a file, or nobody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct From(pub Option<Source>);

/// Which targets to write out, and how.
#[derive(Clone, Debug, Args)]
pub struct ExportTargets {
    /// Only these, by name or by host:port [default: all]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// In which form: lines, csv, json, toml, prometheus
    #[arg(long, value_name = "FORM", value_parser = form)]
    pub to: Form,
    /// Which configuration file.
    #[arg(long, value_name = "FILE", help = super::CONFIG_HELP)]
    pub config: Option<PathBuf>,
}

fn source(text: &str) -> Result<From, String> {
    if text == "auto" {
        return Ok(From(None));
    }
    super::one_of(text, &Source::NAMES).map(|source| From(Some(source))).map_err(|why| format!("{why}, auto"))
}

fn on_conflict(text: &str) -> Result<OnConflict, String> {
    super::one_of(text, &OnConflict::NAMES)
}

fn form(text: &str) -> Result<Form, String> {
    super::one_of(text, &Form::NAMES)
}
