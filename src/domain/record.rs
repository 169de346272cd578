//! What history keeps, as the store is handed it.

use super::{
    Address, Check, EndpointId, Event, Finding, Glance, MaintenanceOf, Outage, Path, Span, Target, TargetId, VantageId,
    Wall,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Why nothing is known of what was observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GapCause {
    /// portpulse was not running.
    NotRunning,
    /// The process or the machine was stopped, suspended or starved.
    Stalled,
    /// Our own side of the network was out.
    Blind,
    /// Somebody observed, but what was seen is lost: the history was damaged.
    Damaged,
}

/// A span that nobody observed. Paused targets need none: that span is theirs alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Gap {
    /// Seen from where.
    pub vantage: VantageId,
    /// Last sign of life before.
    pub from: Wall,
    /// First sign of life after.
    pub to: Wall,
    /// Why.
    pub cause: GapCause,
    /// Which path was out, for a [`GapCause::Blind`] one; `None` means everything.
    pub path: Option<Path>,
}

impl Gap {
    /// From the last sign of life before to the first one after.
    pub const fn span(&self) -> Span {
        Span { from: self.from, to: self.to }
    }

    /// Whether it takes away what this check saw: everything is blinded by a machine that stood
    /// still, only what went the same way by a path that was out.
    pub fn concerns(&self, check: impl Into<Glance>) -> bool {
        let check = check.into();
        self.vantage == check.vantage && (self.path.is_none() || self.path == check.path)
    }
}

/// A target that the store has known, kept after removal so that ids are never reused, an undo
/// finds its history again, and old outages keep their name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogEntry {
    /// Identity and last definition.
    pub target: Target,
    /// When it was added.
    pub added_at: Wall,
    /// When it was removed; its history is purged 24 hours later.
    pub removed_at: Option<Wall>,
    /// When it was paused, while it is.
    pub paused_at: Option<Wall>,
}

/// What a target was until another history came to speak for it: its address was changed, or it became a
/// group. The old history stays that of the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// As it was.
    pub target: Target,
    /// When that ended.
    pub until: Wall,
}

/// A finished ad-hoc check; no part of any target's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdHoc {
    /// When it started.
    pub at: Wall,
    /// Where to.
    pub address: Address,
    /// What was found.
    pub finding: Finding,
}

/// One thing to keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// A finished check.
    Check(Check),
    /// An outage that opened, grew or closed; replaces the row with the same id.
    Outage(Outage),
    /// A line of the log of events.
    Event(Event),
    /// A span that nobody observed. Blindness is told while it lasts: a gap with the same vantage,
    /// start, cause and path replaces the one before.
    Gap(Gap),
    /// A target that was added, changed or removed; replaces the row with the same id.
    Target(CatalogEntry),
    /// A finished ad-hoc check.
    AdHoc(AdHoc),
    /// Proof of life, every few seconds: the start of a later "not running" gap.
    Alive(Wall),
    /// The ad-hoc checks so far are forgotten.
    AdHocCleared,
    /// The address of a target was changed: what it had before.
    Former(Former),
    /// Time in which somebody works on targets; replaces what was said of them before with the same start.
    Maintenance(MaintenanceOf),
}

/// Everything that a fresh start needs before the first check: small, read in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resumed {
    /// Every known target, removed ones included.
    pub catalog: Vec<CatalogEntry>,
    /// Outages that were open.
    pub open_outages: Vec<Outage>,
    /// Outages that ended in the last day, and the newest closed one of each target, in any order.
    pub closed_outages: Vec<Outage>,
    /// Gaps that reach into the last day, oldest first.
    pub gaps: Vec<Gap>,
    /// Maintenance that reaches into the last day or is to come, in the order in which it was said.
    pub maintenance: Vec<MaintenanceOf>,
    /// The newest outage id ever given.
    pub last_outage: u64,
    /// The lowest target id that was never given; purged targets do not give theirs back.
    pub next_target: u32,
    /// The lowest endpoint id that was never given.
    pub next_endpoint: u32,
    /// The last proof of life of the run before.
    pub alive: Option<Wall>,
    /// Where that proof lies in the future, because the wall clock was ahead: the newest check that does not.
    pub behind: Option<Wall>,
    /// The newest events, oldest first, at most 200.
    pub events: Vec<Event>,
    /// The newest ad-hoc checks, oldest first, at most 200.
    pub ad_hoc: Vec<AdHoc>,
    /// The newest checks of each endpoint, oldest first: 30, and more where too few of these opened. Streaks are
    /// replayed from them, and the dashboard's sparklines start with them.
    pub recent: Vec<(EndpointId, Vec<Check>)>,
}

impl Resumed {
    /// What a start has that cannot open its history. The ids that it gives are only for a while; they lie beyond
    /// all that any history gives, so that none can be taken for another.
    pub fn unopened() -> Self {
        Self { next_target: 1 << 31, next_endpoint: 1 << 31, last_outage: 1 << 62, ..Self::default() }
    }

    /// The last sign of life by the clock of now. Signs that lie in the future were given under a clock that was
    /// ahead, and nobody knows when that was: by this clock there is nothing after the newest that does not.
    pub fn alive_by(&self, now: Wall) -> Option<Wall> {
        let alive = self.alive?;
        if alive <= now {
            return Some(alive);
        }
        let told = self.events.iter().map(|event| event.at).filter(|at| *at < now).max();
        let after = self.behind.map(|at| at + Duration::from_millis(1)).filter(|at| *at <= now);
        after.or(told).or(Some(now))
    }
}

/// What history has to tell of a moment of the past: raw, as it is known today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Every known target, removed ones included, as it is today.
    pub catalog: Vec<CatalogEntry>,
    /// Outages that had begun by then, in any order.
    pub outages: Vec<Outage>,
    /// Gaps that had begun by then, in any order.
    pub gaps: Vec<Gap>,
    /// All that is known of maintenance, in the order in which it was said.
    pub maintenance: Vec<MaintenanceOf>,
    /// The newest events until then, and every later one, oldest first.
    pub events: Vec<Event>,
    /// The newest checks of each endpoint that had started by then, oldest first.
    pub checks: Vec<(EndpointId, Vec<Check>)>,
    /// What the checks before those say, of the day of the strips; also those of what spoke for a target before.
    pub seen: Vec<(EndpointId, Seen)>,
    /// When targets were added whose address was changed, or which became a group: in the catalogue they begin
    /// with that, and are judged from then on.
    pub added: Vec<(TargetId, Wall)>,
}

/// What checks say about time, without the checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Observed time, sorted.
    pub observed: Vec<Span>,
    /// The starts of failing checks, sorted.
    pub failures: Vec<Wall>,
}
