//! The state of the outages view.

use super::Window;
use super::targets::Direction;
use super::{List, Model, Moment};
use crate::domain::{Outage, OutageId, Wall};
use crate::tui::filter::Filter;
use std::collections::HashSet;
use std::sync::Arc;

/// What the store has said about outages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Found {
    /// Nothing yet.
    #[default]
    Waiting,
    /// What stands in [`Outages::found`].
    Known,
    /// That it cannot, and why.
    Failed(String),
}

/// By which column outages are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutageOrder {
    /// Newest start first.
    #[default]
    Start,
    /// Longest first.
    Length,
    /// By the name of the target, the newest of each first.
    Target,
    /// By reason, the newest of each first.
    Reason,
}

impl OutageOrder {
    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Start => Self::Length,
            Self::Length => Self::Target,
            Self::Target => Self::Reason,
            Self::Reason => Self::Start,
        }
    }
}

/// The state of the outages view.
#[derive(Clone, Debug, Default)]
pub struct Outages {
    /// The newest answer, newest start first.
    pub found: Vec<Outage>,
    /// Whether there is one.
    pub answer: Found,
    /// How much time is looked back over.
    pub length: Window,
    /// For which length it was asked, and when.
    pub asked: Option<(Window, Wall)>,
    /// Which outages are shown.
    pub filter: Filter,
    /// In which order.
    pub order: OutageOrder,
    /// Which way round.
    pub direction: Direction,
    /// Which is selected.
    pub list: List<OutageId>,
}

/// The outages to show, in order: those of the newest answer, and on top of it the open ones as they stand now.
pub fn shown(model: &Model) -> Vec<&Outage> {
    let state = &model.outages;
    let open: Vec<&Outage> = model.snapshot.targets.iter().filter_map(|view| view.outage.as_deref()).collect();
    let open_ids: HashSet<OutageId> = open.iter().map(|outage| outage.id).collect();
    let found = state.found.iter().filter(|outage| !open_ids.contains(&outage.id));
    let mut rows: Vec<&Outage> = found.chain(open.iter().copied()).collect();
    if !state.filter.is_empty() {
        rows.retain(|outage| state.filter.admits_outage(outage, model.target(outage.target).map(Arc::as_ref)));
    }
    rows.sort_by(|one, two| {
        let newest = (two.started_at, two.id).cmp(&(one.started_at, one.id));
        match state.order {
            OutageOrder::Start => newest,
            OutageOrder::Length => two.lasted(model.now).cmp(&one.lasted(model.now)).then(newest),
            OutageOrder::Target => one.name.cmp(&two.name).then(newest),
            OutageOrder::Reason => one.reason.cmp(&two.reason).then(newest),
        }
    });
    if state.direction == Direction::Reverse {
        rows.reverse();
    }
    rows
}

/// An outage by its id: as it stands now if it is open, else as the answers have it. Of two answers
/// the one that knows of its end is the newer. In the past there is none that was found later.
pub fn find(model: &Model, id: OutageId) -> Option<&Outage> {
    let known_until = match model.moment() {
        Moment::Now => Wall(i64::MAX),
        Moment::At(at) => at,
    };
    let open = model.snapshot.targets.iter().filter_map(|view| view.outage.as_deref());
    let told = model.incident.known.iter().map(|known| &known.outage);
    let mut open = open.filter(|outage| outage.id == id);
    let is_known = |outage: &&Outage| outage.id == id && outage.detected_at <= known_until;
    let answers = told.chain(&model.outages.found).filter(is_known);
    open.next().or_else(|| answers.max_by_key(|outage| outage.closing.is_some()))
}

/// The selected outage.
pub fn selected(model: &Model) -> Option<&Outage> {
    find(model, model.outages.list.selected?)
}
