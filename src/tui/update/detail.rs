//! What keys and answers do in the detail of a target.

use super::super::action::Action;
use super::super::message::Intent;
use super::super::model::{Model, View, detail::Scale};
use crate::domain::TargetId;
use crate::engine::query;

/// The view opens on the selected target.
pub fn enter(model: &mut Model, out: &mut Vec<Intent>) {
    model.detail.target = model.targets.list.selected;
    settle(model, out);
}

/// On a wide dashboard the pane follows the selection.
pub fn settle(model: &mut Model, _out: &mut Vec<Intent>) {
    model.detail.target = model.targets.list.selected;
}

/// An action that belongs to this view.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    match action {
        Action::Scale => {
            model.detail.scale = match model.detail.scale {
                Scale::Logarithmic => Scale::Linear,
                Scale::Linear => Scale::Logarithmic,
            }
        }
        Action::Open => {}
        _ => super::targets::act(model, action, out),
    }
}

/// History has come.
pub fn answered(model: &mut Model, target: TargetId, history: Box<query::Detail>, _out: &mut Vec<Intent>) {
    if model.detail.target == Some(target) && model.is_visible(View::Detail) {
        model.detail.history = Some(history);
    }
}
