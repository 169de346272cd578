//! Figures over a span of checks: the columns of a chart, counts and percentiles.

use crate::domain::Reason;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One column of a latency chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Checks that connected.
    pub open: u32,
    /// The fastest of them.
    pub min: Duration,
    /// The middle one.
    pub median: Duration,
    /// The slowest.
    pub max: Duration,
    /// Checks that failed.
    pub failed: u32,
    /// The reason of the newest failure.
    pub reason: Option<Reason>,
    /// Checks of ours that say nothing.
    pub inconclusive: u32,
}

/// Figures over a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// All checks.
    pub checks: u32,
    /// Failed ones by reason, in the order of [`Reason::ALL`].
    pub failures: [u32; 6],
    /// Checks of ours that say nothing.
    pub inconclusive: u32,
    /// Latency of those that connected, DNS included; `None` if none did.
    pub latency: Option<Percentiles>,
    /// The middle of the name look-ups; `None` for literals.
    pub dns_median: Option<Duration>,
    /// Checks in which at least one SYN was lost.
    pub syn_lost: u32,
}

/// Percentiles, each the value of a real check (nearest rank).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Percentiles {
    /// 50th.
    pub p50: Duration,
    /// 90th.
    pub p90: Duration,
    /// 95th.
    pub p95: Duration,
    /// 99th.
    pub p99: Duration,
    /// The slowest.
    pub max: Duration,
}

impl Summary {
    /// Failed checks of any reason.
    pub fn failed(&self) -> u32 {
        self.failures.iter().sum()
    }
}
