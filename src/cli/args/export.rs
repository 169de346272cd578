//! What can be written behind `portpulse export`.

use super::ExportTargets;
use crate::config::duration;
use crate::exchange::Format;
use crate::exchange::export::{Exported, STEP};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

const MOMENT_HELP: &str = "From when on: 02:14, yesterday 02:14, 2026-11-19, -2h, RFC 3339 [default: everything]";

/// What the help says at its end.
pub(super) const EXAMPLES: &str = "\
Examples:
  portpulse export checks db1 --from yesterday > db1.csv
  portpulse export outages --from -7d --format json | jq .reason
  portpulse export summary --from 2026-11-01 --step 1d   how each day was
  portpulse export targets --to csv    what is watched, for `import` and others

Moments are RFC 3339, UTC. Rows come target by target, oldest first. A portpulse that runs on this
history goes on, and answers.

Exit codes:
  0   everything was written    66  there is no history
  2   wrong usage               71  it cannot be read, or whoever answered has ended
                                75  another portpulse has the history and does not answer";

/// What to write out, and how.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Export {
    /// What is no history.
    #[command(subcommand)]
    pub work: Option<ExportWork>,
    /// `checks`, `outages` or `summary`
    #[arg(value_name = "WHAT", value_parser = exported, required = true)]
    pub what: Option<Exported>,
    /// Only these, by name or by host:port; removed ones too [default: all]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// From when on [default: everything]
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true, help = MOMENT_HELP)]
    pub from: Option<String>,
    /// Until when
    #[arg(long, value_name = "WHEN", default_value = "now", allow_hyphen_values = true)]
    pub to: String,
    /// summary: a row for each step of so long (1h, 1d) [default: one row]
    #[arg(long, value_name = "LENGTH", value_parser = step)]
    pub step: Option<Duration>,
    /// csv: a line of names, then a line each; json: an object a line
    #[arg(long, value_name = "HOW", default_value = "csv", value_parser = format)]
    pub format: Format,
    /// Where history is kept.
    #[arg(long, value_name = "DIR", help = super::DATA_HELP)]
    pub data: Option<PathBuf>,
}

/// What can be written out and is no history.
#[derive(Clone, Debug, Subcommand)]
pub enum ExportWork {
    /// The targets of the configuration, so that `import` and others can read them
    #[command(after_help = super::import::EXPORT_EXAMPLES)]
    Targets(ExportTargets),
}

fn format(text: &str) -> Result<Format, String> {
    super::one_of(text, &Format::NAMES)
}

fn exported(text: &str) -> Result<Exported, String> {
    super::one_of(text, &Exported::NAMES)
}

fn step(text: &str) -> Result<Duration, duration::DurationError> {
    duration::parse(text, &STEP)
}
