//! Questions about history, answered from the store without going through the monitor.

use crate::domain::{Outage, Span, TargetId, Wall};
pub use crate::window::{Column, Percentiles, Source, Summary};
use crate::window::{Strip, Uptime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
    /// How all targets did, from summaries alone: quick, however many there are.
    Overview {
        /// Over how long until now, in whole hours.
        length: Duration,
        /// In how many cells, each rounded up to whole hours.
        cells: u16,
    },
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
    /// To [`Query::Overview`].
    Overview(Box<Overview>),
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

/// How all targets did, up to the present day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// What was asked for: the uptimes cover so much, counted in whole hours.
    pub length: Duration,
    /// What the cells cover: they end with the one that the present was in.
    pub span: Span,
    /// How many cells there are.
    pub cells: usize,
    /// Nothing that happened from this moment on is in here; `None` if there are no summaries yet.
    pub until: Option<Wall>,
    /// Each target that there are summaries of.
    pub strips: BTreeMap<TargetId, Strip>,
}

impl Overview {
    /// How long a cell is.
    pub fn cell(&self) -> Duration {
        self.span.length() / u32::try_from(self.cells.max(1)).unwrap_or(u32::MAX)
    }
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
