//! What keys do in the log of events.

use super::super::action::Action;
use super::super::message::Intent;
use super::super::model::{Model, list::Step};
use super::targets::step_of;

/// The view opens at the newest event.
pub const fn enter(model: &mut Model, _out: &mut Vec<Intent>) {
    model.events.back = 0;
}

/// An action that belongs to this view.
pub fn act(model: &mut Model, action: Action, _out: &mut Vec<Intent>) {
    let page = usize::from(model.frame().body.height.saturating_sub(2));
    let end = model.snapshot.events.len().saturating_sub(page);
    if let Some(step) = step_of(action, page) {
        model.events.back = match step {
            Step::First => 0,
            Step::Last => end,
            Step::By(rows) => model.events.back.saturating_add_signed(rows).min(end),
        };
    }
}
