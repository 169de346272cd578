//! What can be written behind `portpulse evaluate`.

use crate::evaluate::{POLICIES, Policy};
use clap::Args;
use std::fmt::Write as _;
use std::path::PathBuf;

/// How wide the table of policies is, and where its second column begins.
const WIDTH: usize = 79;
const INDENT: usize = 13;

const EXAMPLES: &str = "\
The function is given what a round found, and returns what it makes of it, at once or in a promise:

  (pings) => {
      const open = pings.filter((ping) => ping.status === \"open\")
      return { status: open.length > 1 ? \"UP\" : \"DOWN\", latency: open.length ? open[0].latency : 0 }
  }

  ping       { status: \"open\" | \"timeout\" | \"error\", latency: ms, host, port, type: \"tcp\" | \"IP6\" }
  verdict    { status: \"UP\" | \"DEGRADED\" | \"DOWN\" | \"MAINTENANCE\", latency: ms }

It has 50 ms, 8 MiB, and neither files nor network. A function that fails gives no verdict, never an outage.
Functions of Kener run as they are.

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

/// What the help says at its end: how a function looks, and which policies need none.
pub(super) fn help() -> String {
    let mut text = format!("{EXAMPLES}\n\nPolicies that need no function of your own:\n");
    for Policy { name, meaning, danger, .. } in POLICIES.iter().filter(|policy| policy.name != "script") {
        let beware = if danger.is_empty() { String::new() } else { format!("; beware: {danger}") };
        let words = format!("{meaning}{beware}");
        // Writing into a text cannot fail.
        let _ = write!(text, "  {name:<width$}", width = INDENT - 2);
        let mut column = INDENT;
        for word in words.split(' ') {
            if column > INDENT && column + word.chars().count() > WIDTH {
                let _ = write!(text, "\n{:INDENT$}", "");
                column = INDENT;
            }
            let _ = write!(text, "{word} ");
            column += word.chars().count() + 1;
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}
