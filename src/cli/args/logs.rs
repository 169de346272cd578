//! What can be written behind `portpulse logs`.

use super::DATA_HELP;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// What the help says at its end.
pub(super) const EXAMPLES: &str = "\
Examples:
  portpulse logs                      what happened in the last 24 hours
  portpulse logs db1 --since 02:00    to one target, since the last time that a clock showed 02:00
  portpulse logs -f                   and what happens from now on, until Ctrl-C
  portpulse logs -f --json | jq 'select(.event == \"down\")'

A portpulse that runs on this history is asked, and followed; when it ends, whoever goes on with the checks is.

Exit codes:
  0   told
  2   wrong usage, or no such target
  66  there is no history
  71  it cannot be read, or whoever answered has ended
  75  another portpulse has the history and does not answer";

/// What to tell.
#[derive(Clone, Debug, Args)]
pub struct Logs {
    /// Only what happened to these, by name or by host:port [default: everything]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Since when
    #[arg(long, value_name = "T", default_value = "-24h", allow_hyphen_values = true)]
    pub since: String,
    /// Go on with what happens
    #[arg(long, short = 'f')]
    pub follow: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Where history is kept.
    #[arg(long, value_name = "DIR", help = DATA_HELP, value_hint = ValueHint::DirPath)]
    pub data: Option<PathBuf>,
    /// Read and write times in UTC instead of local time
    #[arg(long)]
    pub utc: bool,
}
