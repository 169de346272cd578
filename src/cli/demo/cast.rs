//! Who plays in the demo, and what happened to them in the last month.

use super::stage::Behaviour;
use crate::domain::{Activity, Address, Definition, Endpoint, Evaluation, Handshake, Reason};
use std::num::NonZeroU8;
use std::time::Duration;

/// One target of the demo.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub name: &'static str,
    pub behaviour: Behaviour,
    /// Shown as the note: what its port does.
    pub note: &'static str,
    pub tags: &'static [&'static str],
    pub pace: Pace,
    /// What it usually took to connect.
    pub latency: Duration,
    pub past: &'static [Trouble],
}

/// How often a target is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Once a minute, watched for a month.
    Steady,
    /// Every other second, so that something happens on the screen; watched for two hours.
    Lively,
}

/// An outage of the past.
#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    /// How long ago it began.
    pub ago: Duration,
    /// How long it lasted; `None` while it goes on.
    pub lasted: Option<Duration>,
    pub reason: Reason,
}

const fn trouble(hours_ago: u64, minutes: u64, reason: Reason) -> Trouble {
    Trouble { ago: Duration::from_hours(hours_ago), lasted: Some(Duration::from_mins(minutes)), reason }
}

const fn still(minutes_ago: u64, reason: Reason) -> Trouble {
    Trouble { ago: Duration::from_mins(minutes_ago), lasted: None, reason }
}

/// All of them.
pub const CAST: &[Part] = &[
    Part {
        name: "shop",
        behaviour: Behaviour::Answers,
        note: "answers",
        tags: &["web"],
        pace: Pace::Steady,
        latency: Duration::from_micros(11_800),
        past: &[trouble(400, 9, Reason::TimedOut)],
    },
    Part {
        name: "api",
        behaviour: Behaviour::Answers,
        note: "answers",
        tags: &["web"],
        pace: Pace::Steady,
        latency: Duration::from_micros(18_300),
        past: &[trouble(7, 4, Reason::Refused), trouble(212, 31, Reason::Refused)],
    },
    Part {
        name: "postgres",
        behaviour: Behaviour::Answers,
        note: "answers",
        tags: &["db"],
        pace: Pace::Steady,
        latency: Duration::from_micros(900),
        past: &[],
    },
    Part {
        name: "redis",
        behaviour: Behaviour::Answers,
        note: "answers",
        tags: &["db", "cache"],
        pace: Pace::Steady,
        latency: Duration::from_micros(600),
        past: &[trouble(30, 12, Reason::TimedOut), trouble(520, 45, Reason::HostUnreachable)],
    },
    Part {
        name: "mail",
        behaviour: Behaviour::Refuses,
        note: "refuses: nothing listens on its port",
        tags: &["mail"],
        pace: Pace::Steady,
        latency: Duration::from_millis(24),
        past: &[still(41, Reason::Refused), trouble(98, 22, Reason::Refused)],
    },
    Part {
        name: "kafka",
        behaviour: Behaviour::Stalls,
        note: "stalls: its accept queue is full, so nothing answers",
        tags: &["queue"],
        pace: Pace::Steady,
        latency: Duration::from_micros(3_200),
        past: &[still(3, Reason::TimedOut)],
    },
    Part {
        name: "gateway",
        behaviour: Behaviour::Resets,
        note: "tears every connection down as soon as it is made",
        tags: &["web"],
        pace: Pace::Steady,
        latency: Duration::from_micros(7_400),
        past: &[],
    },
    Part {
        name: "worker",
        behaviour: Behaviour::Flaps,
        note: "flaps: open for 6 seconds, closed for 12",
        tags: &["queue"],
        pace: Pace::Lively,
        latency: Duration::from_micros(1_400),
        past: &[],
    },
    Part {
        name: "radio link",
        behaviour: Behaviour::LosesPackets,
        note: "loses packets: some connections take a second longer",
        tags: &["net"],
        pace: Pace::Lively,
        latency: Duration::from_millis(42),
        past: &[],
    },
];

impl Part {
    /// What is watched of it.
    pub fn definition(&self, address: Address) -> Definition {
        let (interval, retry_interval, timeout) = match self.pace {
            Pace::Steady => (Duration::from_mins(1), Duration::from_secs(5), Duration::from_secs(2)),
            Pace::Lively => (Duration::from_secs(2), Duration::from_secs(1), Duration::from_secs(5)),
        };
        // A connection that is torn down is seen by those who make it whole.
        let handshake = if self.behaviour == Behaviour::Resets { Handshake::Full } else { Handshake::Silent };
        Definition {
            name: self.name.to_owned(),
            endpoints: vec![Endpoint { timeout, handshake, ..Endpoint::new(address) }],
            evaluation: Evaluation::All,
            interval,
            retry_interval,
            down_after: NonZeroU8::MIN.saturating_add(2),
            up_after: NonZeroU8::MIN.saturating_add(1),
            degraded_above: Some(Duration::from_millis(500)),
            note: self.note.to_owned(),
            tags: self.tags.iter().map(|&tag| tag.to_owned()).collect(),
            activity: Activity::Watching,
        }
    }

    /// For how long it has been watched.
    pub const fn watched_for(&self) -> Duration {
        match self.pace {
            Pace::Steady => Duration::from_hours(31 * 24),
            Pace::Lively => Duration::from_hours(2),
        }
    }
}
