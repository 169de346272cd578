//! What can be written behind `portpulse store`.

use super::DATA_HELP;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What the help says at its end.
pub(super) const EXAMPLES: &str = "\
Examples:
  portpulse store                     how much there is, and what it takes on the disk
  portpulse store verify              can all of it be read?
  portpulse store backup month.bak    a copy in one file, for you alone to read
  portpulse store restore month.bak --data DIR

A portpulse that runs on this history goes on, and answers; compact and restore alone need the history
to themselves.

Exit codes:
  0   fine                      66  there is no history
  1   something is damaged      71  it cannot be read or written, or whoever answered has ended
  2   wrong usage               75  another portpulse has the history and does not answer";

/// What to do with the history.
#[derive(Clone, Debug, Args)]
pub struct Store {
    /// What; without one, says how much there is.
    #[command(subcommand)]
    pub what: Option<StoreWork>,
    /// Where history is kept.
    #[arg(long, value_name = "DIR", global = true, help = DATA_HELP)]
    pub data: Option<PathBuf>,
    /// One JSON object
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be done with the history.
#[derive(Clone, Debug, Subcommand)]
pub enum StoreWork {
    /// Read every value and say which are damaged
    Verify,
    /// Write it anew, so that it takes no more room than it needs
    Compact,
    /// Copy everything to one new file
    Backup {
        /// Which file
        #[arg(value_name = "FILE", value_parser = new_file)]
        file: PathBuf,
    },
    /// Make a history of such a file, where there is none
    Restore {
        /// Which file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// The name of a new file. A copy of the history is no stream: it is there only when it is whole.
fn new_file(text: &str) -> Result<PathBuf, String> {
    match text {
        "-" => Err("a copy is written to a file, not to standard output: name it, such as month.bak".to_owned()),
        path => Ok(PathBuf::from(path)),
    }
}
