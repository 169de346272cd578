//! What keys do in the log of events.

use super::super::action::Action;
use super::super::message::Intent;
use super::super::model::Model;
use super::super::model::events::{EventKey, Seen, shown};
use super::super::model::list::List;
use super::super::view;
use super::targets::step_of;
use crate::domain::remark::{Remark, remarks};
use crate::domain::{Event, Happening};
use std::time::Duration;

/// The view opens at the newest event.
pub fn enter(model: &mut Model, _out: &mut Vec<Intent>) {
    model.events.list = List::default();
    if let Some(note) = &mut model.events.note {
        note.seen = Seen::Yes;
    }
}

/// The selection stays on its event; as long as nothing else was selected it is the newest.
pub fn settle(model: &mut Model) {
    let (keys, page) = (keys(model), view::events::rows(model));
    if model.events.list.place(&keys).is_none() {
        model.events.list = List::default();
    } else {
        model.events.list.reveal(&keys, page);
    }
}

/// An action that belongs to this view.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    let page = view::events::rows(model);
    match (action, step_of(action, page)) {
        (_, Some(step)) => {
            let keys = keys(model);
            model.events.list.selected = model.events.list.selected.or_else(|| keys.first().copied());
            model.events.list.step(&keys, step, page);
            if model.events.list.selected == keys.first().copied() {
                model.events.list = List::default();
            }
        }
        (Action::RemoveNote, _) => remove_note(model),
        (Action::Filter, _) => super::filter::open(model),
        (Action::Open, _) => {
            let selected = model.events.list.selected;
            let rows = shown(model);
            let row = rows.iter().find(|(key, _)| selected.is_none_or(|selected| selected == *key));
            // Before a removal it was still there.
            let before = |event: &Event| event.at - Duration::from_millis(1);
            match row.map(|(_, event)| event.target.as_ref().map(|(id, _)| (*id, before(event)))) {
                Some(Some((target, at))) => super::detail::open(model, target, at, None, out),
                Some(None) => model.say("that event is about portpulse itself"),
                None => {}
            }
        }
        _ => {}
    }
}

/// The event of a note that still stands is a way to take it back.
fn remove_note(model: &mut Model) {
    let selected = model.events.list.selected;
    let rows = shown(model);
    let row = rows.iter().find(|(key, _)| selected.is_none_or(|selected| selected == *key));
    let standing = remarks(model.snapshot.events.iter());
    let meant = row.and_then(|(_, event)| match &event.what {
        Happening::Remarked { about, text } => Some((about, text, event.target.as_ref().map(|(id, _)| *id))),
        _ => None,
    });
    let Some((about, text, target)) = meant else { return model.say("that is no note") };
    let is_meant = |remark: &&Remark| {
        (&remark.about, &remark.text, remark.target.as_ref().map(|(id, _)| *id)) == (about, text, target)
    };
    match standing.iter().find(is_meant) {
        Some(remark) => super::incident::ask_withdrawal(model, remark),
        None => model.say("that note was taken back already"),
    }
}

fn keys(model: &Model) -> Vec<EventKey> {
    shown(model).iter().map(|(key, _)| *key).collect()
}
