//! Questions about history, answered from the store without going through the monitor.

use crate::domain::{Outage, Reason, Span, TargetId, Wall};
use crate::monitor::snapshot::{Strip, Uptime};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// A question about history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Query {
    /// Everything that the detail view shows about one target over a span.
    Detail {
        /// Whose.
        target: TargetId,
        /// Which window the chart covers.
        span: Span,
        /// How many columns the chart has.
        columns: u16,
    },
    /// Outages that touch the span, newest start first, at most 1,000; open ones always.
    Outages(Span),
    /// How much history these targets have: what a removal would lose.
    Extent(Vec<TargetId>),
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// To [`Query::Detail`].
    Detail(Box<Detail>),
    /// To [`Query::Outages`].
    Outages(Vec<Outage>),
    /// To [`Query::Extent`].
    Extent(Extent),
    /// The store could not answer, and why.
    Failed(String),
}

/// How much history there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Finished checks.
    pub checks: u64,
    /// Outages.
    pub outages: u64,
}

/// Everything that the detail view shows about one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// Whose; `None` only in an empty one.
    pub target: Option<TargetId>,
    /// Which window the chart covers.
    pub span: Option<Span>,
    /// The chart, oldest column first.
    pub columns: Vec<Column>,
    /// Over the span.
    pub summary: Summary,
    /// Over the last hour, day, 7 days and 31 days, in this order.
    pub uptimes: [Uptime; 4],
    /// The last day, a cell for each column of the chart.
    pub day: Strip,
    /// All outages in retention, newest first.
    pub outages: Vec<Outage>,
    /// Addresses that answered in the span, and when each was last seen.
    pub addresses: Vec<(IpAddr, Wall)>,
}

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
