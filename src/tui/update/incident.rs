//! What keys and answers do in the view of one outage, and when its evidence is asked for.

use super::super::action::Action;
use super::super::message::Intent;
use super::super::model::incident::{Row, RowKey, Section, Told, outage, rows, selected};
use super::super::model::list::{List, Step};
use super::super::model::overlay::{Confirm, Overlay};
use super::super::model::targets::Direction;
use super::super::model::{Model, Moment, Pending, View};
use super::super::view;
use super::targets::step_of;
use super::{change, detail, maintenance};
use crate::domain::{Outage, OutageId, Remark, Span};
use crate::engine::Query;
use crate::engine::incident::{AROUND, Entry, Incident};
use std::time::Duration;

/// While something can still be added to the timeline, it is asked for at this pace.
const PAUSE: Duration = Duration::from_secs(5);

/// Shows one outage, wherever one is.
pub fn open(model: &mut Model, id: OutageId, out: &mut Vec<Intent>) {
    model.outages.list.selected = Some(id);
    super::go(model, View::Outage, out);
}

/// The view opens on the outage that is selected in the list.
pub fn enter(model: &mut Model, out: &mut Vec<Intent>) {
    let state = &mut model.incident;
    if state.id != model.outages.list.selected {
        state.id = model.outages.list.selected;
        (state.known, state.told, state.list) = (None, Told::Waiting, List::default());
    }
    state.asked = None;
    settle(model, out);
}

/// The evidence is as new as its pace, and the selection on its line.
pub fn settle(model: &mut Model, out: &mut Vec<Intent>) {
    let Some(id) = model.incident.id else { return };
    let pending = Pending::Outage(id);
    let waits = model.freeze.is_some() || model.requests.is_waiting(&pending);
    let is_over = model.incident.known.as_ref().is_some_and(|known| {
        let end = outage(model).map_or(known.outage.ended_at(), Outage::ended_at);
        end.is_some_and(|end| model.incident.asked.is_some_and(|asked| asked.since(end) > AROUND + PAUSE))
    });
    let is_fresh = |asked| is_over || waits || model.clock.since(asked) < PAUSE;
    if !model.incident.asked.is_some_and(is_fresh) {
        model.incident.asked = Some(model.clock);
        let question = match model.moment() {
            Moment::Now => Query::Outage(id),
            Moment::At(at) => Query::OutageAsOf(id, at),
        };
        super::query(model, question, pending, out);
    }
    let (keys, page) = (keys(model), view::incident::rows(model));
    if model.incident.list.place(&keys).is_none() {
        model.incident.list = List { selected: beginning(model, page), offset: 0 };
    }
    reveal(model, &keys, page);
}

fn keys(model: &Model) -> Vec<RowKey> {
    rows(model).into_iter().map(|(key, _)| key).collect()
}

/// Where one begins to read: at the first failing check, but not where that would push out of sight what failed
/// with it.
fn beginning(model: &Model, page: usize) -> Option<RowKey> {
    let failure = first_failure(model)?;
    let rows = rows(model);
    let is_in_sight = rows.iter().take(page).any(|(key, _)| *key == failure);
    let first = rows.get(1).map(|(key, _)| *key);
    let has_others = rows.first().is_some_and(|(key, _)| *key != RowKey::Heading(Section::Timeline));
    if is_in_sight || !has_others { Some(failure) } else { first }
}

/// The first failing check, or the first line that there is.
fn first_failure(model: &Model) -> Option<RowKey> {
    let started_at = model.incident.known.as_ref()?.outage.started_at;
    let rows = rows(model);
    let lines = || rows.iter().filter(|(key, _)| !matches!(key, RowKey::Heading(_)));
    let is_first = |row: &Row<'_>| matches!(row, Row::Entry(Entry::Check(check)) if check.at >= started_at);
    lines().find(|(_, row)| is_first(row)).or_else(|| lines().next()).map(|(key, _)| *key)
}

/// The selection is in sight, and a heading right above it too.
fn reveal(model: &mut Model, keys: &[RowKey], page: usize) {
    let list = &mut model.incident.list;
    list.reveal(keys, page);
    let above = list.offset.checked_sub(1).and_then(|above| keys.get(above));
    let is_first = list.place(keys) == Some(list.offset);
    if is_first && page > 1 && matches!(above, Some(RowKey::Heading(_))) {
        list.offset -= 1;
    }
}

/// An action that belongs to this view.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    let page = view::incident::rows(model);
    match (action, step_of(action, page)) {
        (_, Some(by)) => step(model, by, page),
        (Action::NextPane, _) => section(model, Direction::Forward, page),
        (Action::PreviousPane, _) => section(model, Direction::Reverse, page),
        (Action::Open | Action::OpenTarget, _) => open_target(model, out),
        (Action::RemoveNote, _) => match selected(model) {
            Some(Row::Note(remark) | Row::Entry(Entry::Remark(remark))) => ask_withdrawal(model, &remark.clone()),
            _ => model.say("that is no note"),
        },
        (Action::Maintenance, _) => maintenance::key(model, out),
        (Action::Copy, _) => {
            let first = model.incident.known.as_ref().and_then(|known| known.addresses.first());
            if let Some(address) = first.map(ToString::to_string) {
                super::targets::copy_text(model, address, out);
            }
        }
        _ => {}
    }
}

/// Headings are stepped over.
fn step(model: &mut Model, by: Step, page: usize) {
    let keys = keys(model);
    let list = &mut model.incident.list;
    list.step(&keys, by, page);
    if matches!(list.selected, Some(RowKey::Heading(_))) {
        let is_up = matches!(by, Step::By(rows) if rows < 0);
        let is_top = list.place(&keys) == Some(0);
        list.step(&keys, Step::By(if is_up && !is_top { -1 } else { 1 }), page);
    }
    reveal(model, &keys, page);
}

/// To the first line of the next section, or of the one before, round about.
fn section(model: &mut Model, direction: Direction, page: usize) {
    let keys = keys(model);
    let here = model.incident.list.place(&keys).unwrap_or(0);
    let headings: Vec<usize> =
        (0..keys.len()).filter(|place| matches!(keys.get(*place), Some(RowKey::Heading(_)))).collect();
    let own = headings.partition_point(|heading| *heading <= here).saturating_sub(1);
    let step = if direction == Direction::Forward { 1 } else { headings.len().saturating_sub(1) };
    let next = headings.get((own + step) % headings.len().max(1)).copied();
    if let Some(heading) = next {
        let is_timeline = keys.get(heading) == Some(&RowKey::Heading(Section::Timeline));
        let first = keys.get(heading + 1).copied();
        model.incident.list.selected = if is_timeline { first_failure(model).or(first) } else { first };
        reveal(model, &keys, page);
    }
}

/// The detail of the target of the selected line, with the time around it.
fn open_target(model: &mut Model, out: &mut Vec<Intent>) {
    let meant = match selected(model) {
        Some(Row::Together(struck)) => Some(&struck.outage),
        _ => outage(model),
    };
    if let Some(outage) = meant {
        let (target, at, span) = (outage.target, outage.seen_at(), around(model, outage));
        detail::open(model, target, at, Some(span), out);
    }
}

/// An outage and as much time around it as belongs to its evidence.
pub fn around(model: &Model, outage: &Outage) -> Span {
    let end = outage.ended_at().unwrap_or(model.now).max(outage.started_at);
    Span { from: outage.started_at - AROUND, to: (end + AROUND).min(model.now) }
}

/// Asks whether a note is to be taken back.
pub fn ask_withdrawal(model: &mut Model, remark: &Remark) {
    if change::is_allowed(model) {
        model.overlay = Some(Overlay::Confirm(Confirm::WithdrawRemark(remark.clone())));
    }
}

/// The evidence has come; that of another outage is too late to be of use.
pub fn answered(model: &mut Model, id: OutageId, found: Option<Box<Incident>>) {
    if model.incident.id == Some(id) {
        model.incident.told = if found.is_some() { Told::Known } else { Told::Forgotten };
        model.incident.known = found;
    }
}

/// The evidence cannot be read.
pub fn failed(model: &mut Model, id: OutageId, why: &str) {
    if model.incident.id == Some(id) {
        model.incident.told = Told::Failed(crate::tui::widget::foreign(why));
    }
}
