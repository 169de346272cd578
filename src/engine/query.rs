//! Questions about history, answered from the store without going through the monitor.

use super::incident::{Findings, Incident};
use crate::domain::{
    Address, CatalogEntry, Check, EndpointId, Event, GapCause, Maintenance, Outage, OutageId, Remark, Span, TargetId,
    Wall,
};
use crate::monitor::Snapshot;
use crate::store;
pub use crate::store::{Shelved, Survey};
pub use crate::window::{Column, Percentiles, Source, Summary};
use crate::window::{Strip, Uptime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// A question about history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Query {
    /// What the detail view shows about one target over a span.
    Detail {
        /// Whose.
        target: TargetId,
        /// Of which of its endpoints the checks are; `None` for those that speak for the target.
        endpoint: Option<EndpointId>,
        /// Which window the chart covers.
        span: Span,
        /// How many columns the chart has.
        columns: u16,
    },
    /// How much of its time one target was up, over windows of up to 31 days. It reads far more than a
    /// [`Query::Detail`] and changes far less.
    Uptimes {
        /// Whose.
        target: TargetId,
        /// Where the windows end.
        until: Wall,
    },
    /// Outages that touch the span, newest start first, at most 10,000; open ones always.
    Outages(Span),
    /// One outage with its evidence.
    Outage(OutageId),
    /// One outage with the evidence that there was at a moment.
    OutageAsOf(OutageId, Wall),
    /// Everything that a report tells about a span.
    Report(Span),
    /// How much history these targets have: what a removal would lose.
    Extent(Vec<TargetId>),
    /// The whole table as it was at a moment.
    AsOf(Wall, Depth),
    /// How all targets did, from summaries alone: quick, however many there are.
    Overview {
        /// Until when.
        at: Wall,
        /// Over how long until then, in whole hours.
        length: Duration,
        /// In how many cells, each rounded up to whole hours.
        cells: u16,
    },
    /// From the oldest trace of a target, be it a check or a summary, to its removal, or to just after now.
    Reach(TargetId),
    /// Every endpoint that a target has or had, by id; none where the verdicts of its rounds are kept.
    Endpoints(TargetId),
    /// All checks of a target that started in a span, those of each of its endpoints and its verdicts, oldest
    /// first. If there are [`CHECKS_MAX`] or more,
    /// those of the moments after the last one are still to be asked for.
    Checks(TargetId, Span),
    /// All outages of a target that touch the span, newest start first.
    OutagesOf(TargetId, Span),
    /// All maintenance of a target that is kept or to come, oldest first.
    MaintenanceOf(TargetId),
    /// The figures of a target over each step of a span, [`FIGURES_MAX`] at most; the last step may be shorter.
    Figures {
        /// Whose.
        target: TargetId,
        /// Of which time.
        span: Span,
        /// How long a step is; a span that is no longer has one.
        step: Duration,
    },
    /// What is known of targets, removed ones included, by id: some of those with ids above this one. An
    /// empty answer is the end.
    Catalog(Option<TargetId>),
    /// How much there is of everything, and what of it can be read, looked at so closely.
    Holdings(store::Depth),
    /// Lines of the log that were written at this moment or later, oldest first; of more than [`EVENTS_MAX`] the newest.
    Events(Wall),
}

/// See [`Query::Checks`]. At one moment there are no more than a target has endpoints.
pub const CHECKS_MAX: usize = 20_000;
/// See [`Query::Events`].
pub const EVENTS_MAX: usize = 50_000;
/// See [`Query::Figures`].
pub const FIGURES_MAX: u32 = 10_000;

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
    /// To [`Query::Uptimes`].
    Uptimes(Box<Uptimes>),
    /// To [`Query::Outages`].
    Outages(Vec<Outage>),
    /// To [`Query::Outage`] and [`Query::OutageAsOf`]; `None` if it is not known (any more).
    Outage(Option<Box<Incident>>),
    /// To [`Query::Report`].
    Report(Box<Findings>),
    /// To [`Query::Extent`].
    Extent(Extent),
    /// To [`Query::AsOf`].
    AsOf(Box<AsOf>),
    /// To [`Query::Overview`].
    Overview(Box<Overview>),
    /// To [`Query::Reach`]; `None` if there is no trace of it.
    Reach(Option<Span>),
    /// To [`Query::Endpoints`].
    Endpoints(Vec<(EndpointId, Option<Address>)>),
    /// To [`Query::Checks`].
    Checks(Vec<Check>),
    /// To [`Query::MaintenanceOf`].
    Maintenance(Vec<Maintenance>),
    /// To [`Query::Figures`].
    Figures(Vec<Figures>),
    /// To [`Query::Catalog`].
    Catalog(Vec<CatalogEntry>),
    /// To [`Query::Holdings`].
    Holdings(Box<Holdings>),
    /// To [`Query::Events`].
    Events {
        /// The lines.
        lines: Vec<Event>,
        /// How many older ones were left out.
        left_out: u64,
    },
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

/// How a target did over a span.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Over which time.
    pub span: Span,
    /// What its checks say.
    pub summary: Summary,
    /// How much of its time it was up.
    pub uptime: Uptime,
    /// How much of it is lost to damage: it was seen, and counts as neither up nor down.
    pub lost: Duration,
    /// Whether each check was read, or whole hours where only those are kept or the checks are too many.
    pub source: Source,
}

/// How much history there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Finished checks.
    pub checks: u64,
    /// Outages.
    pub outages: u64,
}

/// How much there is of everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holdings {
    /// What is on the disk, tree by tree.
    pub survey: Survey,
    /// Targets that are watched.
    pub targets: u64,
    /// Targets that were removed, and whose history is kept.
    pub removed: u64,
    /// Stretches that nobody observed at all.
    pub gaps: u64,
    /// How long these are together.
    pub unobserved: Duration,
    /// Stretches of which checks are lost, in the order in which they began: the history was damaged.
    pub lost: Vec<Lost>,
}

/// A stretch of which checks are lost to damage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// The name of the target that they were of; `None` for those of all targets.
    pub target: Option<String>,
    /// From the first that is lost to the first that is there again.
    pub span: Span,
}

/// How all targets did, up to the day that was asked about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Until when, as asked.
    pub at: Wall,
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

/// What the detail view shows about one target over a span.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// Whose; `None` only in an empty one.
    pub target: Option<TargetId>,
    /// Of which of its endpoints the checks are; `None` for those that speak for the target.
    pub endpoint: Option<EndpointId>,
    /// Which window the chart covers.
    pub span: Option<Span>,
    /// The chart, oldest column first.
    pub columns: Vec<Column>,
    /// Over the span.
    pub summary: Summary,
    /// The same span, a cell for each column of the chart.
    pub strip: Strip,
    /// Stretches of the span without a view of the target, oldest first; they may overlap.
    pub unseen: Vec<Unseen>,
    /// What somebody wrote about moments of the span, for this target or for all, oldest first.
    pub remarks: Vec<Remark>,
    /// All outages in retention, newest first.
    pub outages: Vec<Outage>,
    /// All maintenance that is kept or to come, oldest first.
    pub maintenance: Vec<Maintenance>,
    /// Addresses that checks of the span are about.
    pub addresses: Addresses,
}

/// How much of its time a target was up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Uptimes {
    /// Whose; `None` only in an empty one.
    pub target: Option<TargetId>,
    /// Where the windows end.
    pub until: Wall,
    /// Over the hour, the day, the 7 days and the 31 days before that, in this order.
    pub windows: [Uptime; 4],
    /// The oldest check in those 31 days.
    pub oldest: Option<Wall>,
}

/// A stretch in which nobody saw the target, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    /// The part of it inside of what was asked for.
    pub span: Span,
    /// Why.
    pub why: Why,
}

/// Why nobody saw a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// Nobody saw anything, or nothing on this way.
    Gap(GapCause),
    /// It was paused by hand.
    Paused,
}

/// The addresses that checks are about, and how they followed on each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// Each address once, the one that was seen last in front.
    pub seen: Vec<Sighting>,
    /// How often a check was about another address than the check before.
    pub changes: u32,
    /// The newest of these changes, newest first, at most 16.
    pub newest: Vec<AddressChange>,
}

/// When an address was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Which.
    pub address: IpAddr,
    /// The first check about it.
    pub first: Wall,
    /// The last one.
    pub last: Wall,
    /// How many there were, where that is known: summaries do not keep it.
    pub count: Option<SightingCount>,
}

/// How many checks were about an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SightingCount {
    /// All of them.
    pub checks: u32,
    /// Those that connected.
    pub open: u32,
}

/// A check that was about another address than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressChange {
    /// When the check started.
    pub at: Wall,
    /// The address before.
    pub from: IpAddr,
    /// Its address.
    pub to: IpAddr,
}
