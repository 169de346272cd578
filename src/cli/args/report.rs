//! What can be written behind `portpulse report`.

use clap::Args;
use std::path::PathBuf;

/// What the help says at its end.
pub(super) const EXAMPLES: &str = "\
Times:
  02:14               the last time that a clock showed it
  yesterday 02:14     2026-11-19 02:14     2026-11-19T02:14:00+01:00
  -2h                 two hours ago

Examples:
  portpulse report --from 02:00 --to 03:00 > post-mortem.md
  portpulse report --from \"yesterday 22:00\" --output post-mortem.md

Exit codes:
  0   written
  2   wrong usage
  66  there is no history
  71  it cannot be read, or whoever answered has ended
  75  another portpulse has the history and does not answer

A portpulse that runs on this history goes on, and answers.";

/// What to report.
#[derive(Clone, Debug, Args)]
pub struct Report {
    /// Where the span begins [default: 24 hours before it ends]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub from: Option<String>,
    /// Where the span ends [default: now]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub to: Option<String>,
    /// Write to this new file instead of standard output
    #[arg(long, short = 'o', value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Where history is kept.
    #[arg(long, value_name = "DIR", help = super::DATA_HELP)]
    pub data: Option<PathBuf>,
    /// Read and write times in UTC instead of local time
    #[arg(long)]
    pub utc: bool,
}
