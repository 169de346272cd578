//! What can be written behind `portpulse status`.

use super::DATA_HELP;
use clap::Args;
use std::path::PathBuf;

/// What the help says at its end.
pub(super) const EXAMPLES: &str = "\
Examples:
  portpulse status                    how everything stands, the worst first
  portpulse status --problems         only what somebody should look at
  portpulse status db1:5432 && deploy
  portpulse status --watch --json     an object a line, whenever something is different
  portpulse status --json | jq '.targets[] | select(.state == \"down\")'

A portpulse that runs on this history is asked. If none runs, nobody knows how things stand: what was known
last is told with its age, and the exit code is 3.

Exit codes:
  0   all up, or paused
  1   at least one is slow or failing, and none is down
  2   at least one is down (or wrong usage, told on standard error)
  3   at least one is unknown (no answer yet, or we are blind, or nobody watches), and none is down
  66  there is no history
  75  another portpulse has the history and does not answer";

/// What to tell.
#[derive(Clone, Debug, Args)]
pub struct Status {
    /// Only these, by name or by host:port [default: all]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Show only those that are down, failing, slow or blind; the exit code is still that of all
    #[arg(long)]
    pub problems: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Tell it again whenever something but a latency is different, until Ctrl-C; nothing is cleared in a pipe
    #[arg(long)]
    pub watch: bool,
    /// Where history is kept.
    #[arg(long, value_name = "DIR", help = DATA_HELP)]
    pub data: Option<PathBuf>,
}
