//! What can be written behind `portpulse evaluate`.

use clap::Args;
use std::path::PathBuf;

/// What the help says at its end.
pub(super) const EXAMPLES: &str = "\
The function is given what a round found, and returns what it makes of it, at once or in a promise:

  (pings) => {
      const open = pings.filter((ping) => ping.status === \"open\")
      return { status: open.length > 1 ? \"UP\" : \"DOWN\", latency: open.length ? open[0].latency : 0 }
  }

  ping       { status: \"open\" | \"timeout\" | \"error\", latency: ms, host, port, type: \"tcp\" | \"IP6\" }
  verdict    { status: \"UP\" | \"DEGRADED\" | \"DOWN\" | \"MAINTENANCE\", latency: ms }

It has 50 ms, 8 MiB, and neither files nor network. A function that fails gives no verdict, never an outage.
Functions of Kener run as they are. What needs no function of its own: `evaluate` in the configuration.

Examples:
  portpulse evaluate redis.js                          on results made up for it
  portpulse evaluate redis.js --results seen.json      on [ping, ...], or on [[ping, ...], ...]

Exit codes:
  0  a verdict on every round
  1  no verdict on at least one, or the script cannot be read
  2  wrong usage, or the results cannot be read";

/// Which function to try, and on what.
#[derive(Clone, Debug, Args)]
pub struct Evaluate {
    /// The script, a file that ends with the function
    #[arg(value_name = "FILE.js")]
    pub script: PathBuf,
    /// Results to try it on: a round as an array of pings in JSON, or an array of rounds
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}
