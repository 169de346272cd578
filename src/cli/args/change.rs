//! What can be written behind the commands that do what the keys do.

use super::{CONFIG_HELP, DATA_HELP, TARGET_HELP};
use crate::config::{defaults, duration, policy};
use crate::domain::Evaluation;
use clap::{Args, ValueHint};
use std::num::NonZeroU8;
use std::path::PathBuf;
use std::time::Duration;

/// How the commands that change something end, as their help says.
pub(super) const EXITS: &str = "\
The portpulse that makes the checks does it; if none runs, it is written into the configuration file, whose
comments and order stay.

Exit codes:
  0   done
  1   refused, and why: a name or an address that is taken, an owner that takes no changes
  2   wrong usage, or no such target
  71  whoever was asked has ended
  75  another portpulse has the history and does not answer
  78  the configuration file is wrong, or does not admit the change";

/// What the help of `list` says at its end.
pub(super) const LIST_EXAMPLES: &str = "\
Examples:
  portpulse list
  portpulse list --json | jq -r '.targets[] | select(.paused) | .name'

How they stand says `portpulse status`.

Exit codes:
  0   told
  2   wrong usage, or no such target
  75  another portpulse has the history and does not answer
  78  the configuration file is wrong";

/// What the help of `add` says at its end.
pub(super) const ADD_EXAMPLES: &str = "\
Examples:
  portpulse add db1:5432 --name primary --tag prod --interval 10s
  portpulse add web1:80,443 '{web2,web3}:443'
  portpulse add 'db1:5432 primary #prod'           as a line of a list: address, name, tags
  portpulse add r1:6379 r2:6379 r3:6379 --group redis --evaluate quorum:2

The portpulse that makes the checks begins at once; if none runs, the configuration file is written, and whoever
runs next begins. What is not said is as [defaults] and the sections of tags say.

Exit codes:
  0   added
  1   refused, and why: a name or an address that is taken, an owner that takes no changes
  2   wrong usage
  71  whoever was asked has ended
  75  another portpulse has the history and does not answer
  78  the configuration file is wrong, or does not admit the change";

/// What the help of `edit` says at its end.
pub(super) const EDIT_EXAMPLES: &str = "\
Examples:
  portpulse edit primary --interval 30s --timeout 3s
  portpulse edit db1:5432 --name primary --tag prod --untag test
  portpulse edit redis --address r1:6379 --address r4:6379 --evaluate any

What is not said stays as it is. A new address begins anew; the history of the one before stays that of the target.

Exit codes:
  0   changed
  1   refused, and why: a name or an address that is taken, an owner that takes no changes
  2   wrong usage, or no such target
  71  whoever was asked has ended
  75  another portpulse has the history and does not answer
  78  the configuration file is wrong, or does not admit the change";

/// How `check-now` ends, as its help says.
pub(super) const CHECK_NOW_EXITS: &str = "\
It waits for the results, no longer than a check may take, and says how the targets stand then, as
`portpulse status` does.

Exit codes:
  0   all up, or in maintenance
  1   at least one is slow or failing, and none is down
  2   at least one is down (or wrong usage, told on standard error)
  3   there is no result, or nobody makes the checks: `portpulse check` checks without keeping anything
  75  another portpulse has the history and does not answer";

/// What the help of `maintenance` says at its end.
pub(super) const MAINTENANCE_EXAMPLES: &str = "\
Examples:
  portpulse maintenance db1 30m --title 'new disks'
  portpulse maintenance db1 until 04:00
  portpulse maintenance db1 02:00 to 03:30 --title patches
  portpulse maintenance db1 --end

What comes again and again is better written as [[maintenance]] into the configuration file.

Exit codes:
  0   done
  1   refused, and why; or nobody makes the checks who could keep it
  2   wrong usage, or no such target
  75  another portpulse has the history and does not answer";

/// Where the targets are that a command is about, and how it answers.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// Which configuration file.
    #[arg(long, value_name = "FILE", help = CONFIG_HELP, value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Where history is kept.
    #[arg(long, value_name = "DIR", help = DATA_HELP, value_hint = ValueHint::DirPath)]
    pub data: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// What to list.
#[derive(Clone, Debug, Args)]
pub struct List {
    /// Only these, by name or by host:port [default: all]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Where they are.
    #[command(flatten)]
    pub place: Place,
}

/// Some targets, or all.
#[derive(Clone, Debug, Args)]
pub struct Chosen {
    /// Which, by name or by host:port
    #[arg(value_name = "TARGET", required_unless_present = "all")]
    pub targets: Vec<String>,
    /// All of them
    #[arg(long, conflicts_with = "targets")]
    pub all: bool,
    /// Where they are.
    #[command(flatten)]
    pub place: Place,
}

/// What to stop watching.
#[derive(Clone, Debug, Args)]
pub struct Remove {
    /// Which, by name or by host:port
    #[arg(value_name = "TARGET", required = true)]
    pub targets: Vec<String>,
    /// Do not ask
    #[arg(long, short = 'y')]
    pub yes: bool,
    /// Where they are.
    #[command(flatten)]
    pub place: Place,
}

/// What to watch from now on.
#[derive(Clone, Debug, Args)]
pub struct Add {
    /// Where to.
    #[arg(value_name = "TARGET", required = true, help = TARGET_HELP)]
    pub targets: Vec<String>,
    /// What to call it; several addresses are told apart by their ports [default: host:port]
    #[arg(long, value_name = "NAME", conflicts_with = "group")]
    pub name: Option<String>,
    /// Watch all addresses as one group of this name, with one verdict
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// all, any, quorum or quorum:2, failover, weighted, timeouts, percentile [default: all]
    #[arg(long, value_name = "POLICY", requires = "group", value_parser = policy::parse)]
    pub evaluate: Option<Evaluation>,
    /// A word to filter by; may be said again
    #[arg(long = "tag", value_name = "WORD")]
    pub tags: Vec<String>,
    /// How it is checked.
    #[command(flatten)]
    pub figures: Figures,
    /// Where to put it.
    #[command(flatten)]
    pub place: Place,
}

/// What to change about a target.
#[derive(Clone, Debug, Args)]
#[group(id = "something", required = true, multiple = true,
    args = ["name", "addresses", "evaluate", "tags", "untag", "interval", "timeout", "down_after", "up_after",
    "degraded_above", "note"])]
pub struct Edit {
    /// Which, by name or by host:port
    #[arg(value_name = "TARGET")]
    pub target: String,
    /// What to call it from now on
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Where it is from now on; said again, it is a group
    #[arg(long = "address", value_name = "HOST:PORT")]
    pub addresses: Vec<String>,
    /// How a group is judged: all, any, quorum or quorum:2, failover, weighted, timeouts, percentile
    #[arg(long, value_name = "POLICY", value_parser = policy::parse)]
    pub evaluate: Option<Evaluation>,
    /// A word to filter by, beside those it has; may be said again
    #[arg(long = "tag", value_name = "WORD")]
    pub tags: Vec<String>,
    /// Take a word away; may be said again
    #[arg(long, value_name = "WORD")]
    pub untag: Vec<String>,
    /// How it is checked.
    #[command(flatten)]
    pub figures: Figures,
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
}

/// How a target is checked.
#[derive(Clone, Debug, Default, Args)]
pub struct Figures {
    /// Time between checks
    #[arg(long, short = 'i', value_name = "D", value_parser = interval)]
    pub interval: Option<Duration>,
    /// How long one attempt may take, name look-up included
    #[arg(long, short = 't', value_name = "D", value_parser = super::timeout)]
    pub timeout: Option<Duration>,
    /// Failures in a row that make an outage
    #[arg(long, value_name = "N")]
    pub down_after: Option<NonZeroU8>,
    /// Successes in a row that end one
    #[arg(long, value_name = "N")]
    pub up_after: Option<NonZeroU8>,
    /// Latency above which an open port counts as slow, or never
    #[arg(long, value_name = "D", value_parser = limit)]
    pub degraded_above: Option<Limit>,
    /// Free text shown beside it
    #[arg(long, value_name = "WORDS")]
    pub note: Option<String>,
}

/// From which latency on a port counts as slow, if from any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(pub Option<Duration>);

/// Which maintenance there is.
#[derive(Clone, Debug, Args)]
pub struct Maintenance {
    /// On which target, by name or by host:port
    #[arg(value_name = "TARGET")]
    pub target: String,
    /// How long from now, or from when to when: 30m, until 04:00, 02:00 to 03:30
    #[arg(value_name = "WHEN", required_unless_present = "end", conflicts_with = "end")]
    pub when: Vec<String>,
    /// What is being done
    #[arg(long, value_name = "WORDS", conflicts_with = "end")]
    pub title: Option<String>,
    /// It is over now
    #[arg(long)]
    pub end: bool,
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
}

fn interval(text: &str) -> Result<Duration, duration::DurationError> {
    duration::parse(text, &defaults::INTERVAL)
}

fn limit(text: &str) -> Result<Limit, duration::DurationError> {
    if matches!(text, "never" | "off") {
        return Ok(Limit(None));
    }
    duration::parse(text, &defaults::DEGRADED_ABOVE).map(|limit| Limit(Some(limit)))
}
