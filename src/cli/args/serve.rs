//! What can be written behind `portpulse serve`.

use super::{CONFIG_HELP, DATA_HELP};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What the help says at its end.
pub(super) const EXAMPLES: &str = "\
Examples:
  portpulse serve                     make the checks, also when nobody looks
  portpulse                           look: attaches to it, with all keys
  portpulse serve --read-only         those who attach can look, and check what they like, but change nothing
  portpulse serve --http 127.0.0.1:8420
  curl -H \"Authorization: Bearer $(cat ~/.local/share/portpulse/http-token)\" http://127.0.0.1:8420/metrics

One portpulse makes the checks for a history. If another one does already, this one stands by and goes on with
them when that one is gone. It ends on SIGINT and SIGTERM; those who are attached go on.

Exit codes:
  0   ended as asked
  71  the system refuses what is needed, such as the address of --http
  75  another portpulse has the history and does not answer
  78  the configuration file is wrong";

/// How to serve.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Which configuration file.
    #[arg(long, value_name = "FILE", help = CONFIG_HELP)]
    pub config: Option<PathBuf>,
    /// Where history is kept.
    #[arg(long, value_name = "DIR", help = DATA_HELP)]
    pub data: Option<PathBuf>,
    /// Refuse every change that those who attach ask for
    #[arg(long)]
    pub read_only: bool,
    /// Answer HTTP there, such as 127.0.0.1:8420; the token is made on first use, beside the history
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub http: Option<SocketAddr>,
    /// Let --http listen where other machines reach it; the token then crosses the network unencrypted
    #[arg(long, requires = "http")]
    pub http_exposed: bool,
    /// A name that requests may call this host by, beside localhost and addresses (repeatable)
    #[arg(long, value_name = "NAME", requires = "http")]
    pub http_name: Vec<String>,
}
