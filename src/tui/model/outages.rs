//! The state of the outages view.

use super::targets::Direction;
use super::{List, Model, Window};
use crate::domain::{Outage, OutageId, Wall};
use crate::tui::filter::Filter;
use crate::tui::text::happening::cause;

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
}

/// The state of the outages view.
#[derive(Clone, Debug, Default)]
pub struct Outages {
    /// The newest answer, newest start first.
    pub found: Vec<Outage>,
    /// Whether there is one.
    pub answer: Found,
    /// For which window it was asked, and when.
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
    let is_open = |id| open.iter().any(|outage| outage.id == id);
    let mut rows: Vec<&Outage> =
        state.found.iter().filter(|outage| !is_open(outage.id)).chain(open.iter().copied()).collect();
    rows.retain(|outage| {
        state.filter.is_empty() || state.filter.admits_words(&format!("{} {}", outage.name, cause(outage.reason)))
    });
    match state.order {
        OutageOrder::Start => rows.sort_by_key(|outage| std::cmp::Reverse((outage.started_at, outage.id))),
        OutageOrder::Length => rows.sort_by_key(|outage| std::cmp::Reverse((outage.lasted(model.now), outage.id))),
    }
    if state.direction == Direction::Reverse {
        rows.reverse();
    }
    rows
}
