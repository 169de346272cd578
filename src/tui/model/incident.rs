//! The state of the view of one outage: its evidence, and which line of it is selected.

use super::{List, Model};
use crate::domain::{Outage, OutageId, Remark, Wall};
use crate::engine::incident::{self, Entry, Struck};

/// What the store has said about an outage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// Nothing yet.
    #[default]
    Waiting,
    /// What stands in [`Incident::known`].
    Known,
    /// That it has no such outage (any more).
    Forgotten,
    /// That it cannot, and why.
    Failed(String),
}

/// The state of the view of one outage.
#[derive(Clone, Debug, Default)]
pub struct Incident {
    /// Which.
    pub id: Option<OutageId>,
    /// The newest answer about it.
    pub known: Option<Box<incident::Incident>>,
    /// Whether there is one.
    pub told: Told,
    /// When it was asked for.
    pub asked: Option<Wall>,
    /// Which line is selected.
    pub list: List<RowKey>,
}

/// What stands under a heading of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Targets that failed within the same minutes.
    Together,
    /// What people wrote.
    Notes,
    /// Every check and what happened between them.
    Timeline,
}

/// Which line: a heading, an outage, or a moment and the place among those of the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKey {
    /// A heading; never selected.
    Heading(Section),
    /// An outage that began within the same minutes.
    Together(OutageId),
    /// A note.
    Note(Wall, u16),
    /// Something on the timeline.
    Entry(Wall, u16),
}

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row<'r> {
    /// A heading.
    Heading(Section),
    /// An outage that began within the same minutes.
    Together(&'r Struck),
    /// A note.
    Note(&'r Remark),
    /// Something on the timeline.
    Entry(&'r Entry),
}

/// The lines of the view below its facts.
pub fn rows(model: &Model) -> Vec<(RowKey, Row<'_>)> {
    let Some(known) = &model.incident.known else { return Vec::new() };
    let mut rows = Vec::with_capacity(known.timeline.len() + known.together.len() + 3);
    let heading = |section| (RowKey::Heading(section), Row::Heading(section));
    if !known.together.is_empty() {
        rows.push(heading(Section::Together));
        rows.extend(known.together.iter().map(|struck| (RowKey::Together(struck.outage.id), Row::Together(struck))));
    }
    let keyed = keyed(&known.timeline);
    let notes = keyed.iter().filter_map(|(at, place, entry)| match entry {
        Entry::Remark(remark) => Some((RowKey::Note(*at, *place), Row::Note(remark))),
        _ => None,
    });
    let notes: Vec<_> = notes.collect();
    if !notes.is_empty() {
        rows.push(heading(Section::Notes));
        rows.extend(notes);
    }
    rows.push(heading(Section::Timeline));
    rows.extend(keyed.into_iter().map(|(at, place, entry)| (RowKey::Entry(at, place), Row::Entry(entry))));
    rows
}

/// Each entry with its moment and its place among those of the same moment.
fn keyed(timeline: &[Entry]) -> Vec<(Wall, u16, &Entry)> {
    let mut keyed: Vec<(Wall, u16, &Entry)> = Vec::with_capacity(timeline.len());
    for entry in timeline {
        let place = match keyed.last() {
            Some((at, place, _)) if *at == entry.at() => place.saturating_add(1),
            _ => 0,
        };
        keyed.push((entry.at(), place, entry));
    }
    keyed
}

/// The selected line.
pub fn selected(model: &Model) -> Option<Row<'_>> {
    let key = model.incident.list.selected?;
    rows(model).into_iter().find(|(known, _)| *known == key).map(|(_, row)| row)
}

/// The outage as it stands now.
pub fn outage(model: &Model) -> Option<&Outage> {
    super::outages::find(model, model.incident.id?)
}
