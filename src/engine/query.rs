//! Questions about history, answered from the store without going through the monitor.

use crate::domain::{Outage, Span, TargetId, Wall};
pub use crate::window::{Column, Percentiles, Source, Summary};
use crate::window::{Strip, Uptime};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

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
