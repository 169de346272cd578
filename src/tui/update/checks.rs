//! What keys and answers do in the instant checks.

use super::super::action::Action;
use super::super::message::Intent;
use super::super::model::{Model, checks::Focus};
use crate::monitor::Reply;
use crossterm::event::KeyEvent;

/// The view opens with the field ready to be typed into.
pub const fn enter(model: &mut Model, _out: &mut Vec<Intent>) {
    model.checks.focus = Focus::Field;
}

/// The selection stays on its check.
pub const fn settle(_model: &mut Model, _out: &mut Vec<Intent>) {}

/// A key while the field has the keys.
pub fn type_key(model: &mut Model, key: KeyEvent, _out: &mut Vec<Intent>) {
    crate::tui::field::key(&mut model.checks.input, key);
}

/// An action that belongs to this view.
pub const fn act(model: &mut Model, action: Action, _out: &mut Vec<Intent>) {
    if matches!(action, Action::NextPane | Action::PreviousPane) {
        model.checks.focus = Focus::Field;
    }
}

/// The engine has answered to an instant check.
pub fn replied(model: &mut Model, reply: Reply, _out: &mut Vec<Intent>) {
    if let Reply::Refused(refusal) = reply {
        model.refuse(refusal.to_string());
    }
}
