//! Every policy in one table, from which the help, the README and messages are made.

use std::fmt::Write as _;

/// What people need to know of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The word in the configuration.
    pub name: &'static str,
    /// When it is up, degraded and down.
    pub meaning: &'static str,
    /// Which latency it gives.
    pub latency: &'static str,
    /// What can be set, if anything.
    pub settings: &'static str,
    /// What it may hide, if anything.
    pub danger: &'static str,
}

const MEAN_OF_OPEN: &str = "mean of the open ones";

/// The policies, in the order in which they are told.
pub const POLICIES: &[Policy] = &[
    Policy {
        name: "all",
        meaning: "up if every endpoint is open, else down",
        latency: "mean of all, failed ones included; of the open ones over all with `degraded_above`",
        settings: "",
        danger: "",
    },
    Policy {
        name: "any",
        meaning: "up if one is open, else down",
        latency: MEAN_OF_OPEN,
        settings: "",
        danger: "what is lost on the way to the last one is not told",
    },
    Policy {
        name: "quorum",
        meaning: "up if all are open, degraded with a quorum, else down",
        latency: MEAN_OF_OPEN,
        settings: "how many make a quorum (more than half)",
        danger: "",
    },
    Policy {
        name: "failover",
        meaning: "up with the first, degraded with another, else down",
        latency: "that of the one that counts",
        settings: "",
        danger: "dead spares are not told while the first is open",
    },
    Policy {
        name: "weighted",
        meaning: "up with all of the weight open, degraded with a share of it, else down",
        latency: MEAN_OF_OPEN,
        settings: "`weight` of each endpoint (1), the share (50%)",
        danger: "",
    },
    Policy {
        name: "timeouts",
        meaning: "up if all are open, degraded if one is or if all timed out, else down",
        latency: MEAN_OF_OPEN,
        settings: "",
        danger: "a cluster that is wholly dark (every endpoint times out) is degraded and never down: \
                 do not use it where a firewall or a dead network looks like that",
    },
    Policy {
        name: "percentile",
        meaning: "down if none is open or the 99th percentile is above a limit, degraded if one is missing or \
                  the 95th is above another, else up",
        latency: MEAN_OF_OPEN,
        settings: "limits of the 95th (150 ms) and the 99th (300 ms)",
        danger: "it is about this round alone: with 20 endpoints or fewer both percentiles are the slowest one, and \
                 a slow cluster that loses an endpoint goes from down to degraded",
    },
    Policy {
        name: "script",
        meaning: "what your own function in JavaScript says: UP, DEGRADED, DOWN or MAINTENANCE",
        latency: "the one it says",
        settings: "the file",
        danger: "a script that fails gives no verdict at all, never an outage",
    },
];

/// The table as Markdown.
pub fn table() -> String {
    let mut text = String::from("| policy | verdict | latency | settings (default) | beware |\n");
    text.push_str("| --- | --- | --- | --- | --- |\n");
    for Policy { name, meaning, latency, settings, danger } in POLICIES {
        // Writing into a text cannot fail.
        let _ = writeln!(text, "| `{name}` | {meaning} | {latency} | {settings} | {danger} |");
    }
    text
}
