//! Questions about history, answered from the store without going through the monitor.

use crate::domain::{Outage, Span, TargetId, Wall};
use crate::monitor::Snapshot;
pub use crate::window::{Column, Percentiles, Summary};
use crate::window::{Strip, Uptime};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;

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
    /// The whole table as it was at a moment.
    AsOf(Wall, Depth),
}

/// How much of a moment of the past is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Depth {
    /// States, reasons, latencies and the newest marks.
    States,
    /// Beside them the hour and the day before: strips and uptimes.
    Days,
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
    /// To [`Query::AsOf`].
    AsOf(Box<AsOf>),
    /// The store could not answer, and why.
    Failed(String),
}

/// The whole table as it was at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AsOf {
    /// When.
    pub at: Wall,
    /// How much of it is here.
    pub depth: Depth,
    /// How things stood; `None` if no history goes back so far.
    pub picture: Option<Arc<Snapshot>>,
    /// The oldest check that is kept, if any; told only where there is no picture.
    pub begins: Option<Wall>,
    /// The newest change of the table before the moment.
    pub before: Option<Wall>,
    /// The first change of the table after it.
    pub after: Option<Wall>,
    /// Targets that were watched then and are forgotten since: removed, and their history with them.
    pub forgotten: u32,
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
