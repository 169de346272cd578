//! What keys and answers do in the detail of a target, and when its history is asked for.

use super::super::action::Action;
use super::super::message::Intent;
use super::super::model::detail::{Asked, Scale};
use super::super::model::{Model, Pending, View};
use super::super::view::detail::AROUND_CHART;
use crate::domain::{Span, TargetId};
use crate::engine::{Query, query};
use std::time::Duration;

/// While only newer checks arrive, history is not asked for more often than this.
const PAUSE: Duration = Duration::from_secs(1);

/// The view opens on the selected target.
pub fn enter(model: &mut Model, out: &mut Vec<Intent>) {
    model.detail.asked = None;
    show(model, model.targets.list.selected);
    settle(model, out);
}

/// Shows one target in full, wherever one is.
pub fn open(model: &mut Model, target: TargetId, out: &mut Vec<Intent>) {
    if model.target(target).is_none() {
        return model.refuse("that target is not watched any more");
    }
    model.targets.list.selected = Some(target);
    super::go(model, View::Detail, out);
}

/// Keeps the view on its target and its history new.
///
/// As a pane it follows the selection of the dashboard. As a view of its own it leads: a filter that no
/// longer lets the target through moves the selection, and must not put another target under the hands
/// of somebody who is about to press a key. A target that is gone closes the view.
///
/// History is asked for at once for another target, window or width, and after a newer check at most
/// once a second.
pub fn settle(model: &mut Model, out: &mut Vec<Intent>) {
    if model.view != View::Detail {
        show(model, model.targets.list.selected);
    } else if model.detail.target.is_some_and(|target| model.target(target).is_none()) {
        model.detail.target = None;
        if model.message.is_none() {
            model.say("that target is not watched any more");
        }
        return super::back(model, out);
    } else {
        model.targets.list.selected = model.detail.target;
    }
    let Some(target) = model.detail.target else { return };
    let columns = chart_columns(model);
    let newest = model.target(target).and_then(|view| view.latest.as_ref()).map(|latest| latest.check.at);
    let asked = Asked { target, window: model.window, columns, newest, at: model.clock };
    if columns > 0 && model.detail.asked.is_none_or(|before| is_worth_asking(before, asked)) {
        model.detail.asked = Some(asked);
        let span = Span::before(model.now, model.window.length());
        super::query(model, Query::Detail { target, span, columns }, Pending::Detail(target), out);
    }
}

/// Another target has another history.
fn show(model: &mut Model, target: Option<TargetId>) {
    if model.detail.target != target {
        model.detail.target = target;
        model.detail.history = None;
        model.detail.failure = None;
    }
}

fn is_worth_asking(before: Asked, now: Asked) -> bool {
    let is_same = before.target == now.target && before.window == now.window && before.columns == now.columns;
    !is_same || (before.newest != now.newest && now.at.since(before.at) >= PAUSE)
}

/// How many columns the chart has.
fn chart_columns(model: &Model) -> u16 {
    let areas = model.dashboard();
    let width = match (model.view, areas.panes, areas.panel) {
        (View::Targets, Some(panes), _) => super::super::layout::inside(panes.detail).width,
        (View::Targets, None, Some(panel)) => panel.width,
        (View::Targets, None, None) => 0,
        _ => model.size.columns,
    };
    width.saturating_sub(AROUND_CHART)
}

/// An action that belongs to this view; the others are those of the target.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    match action {
        Action::Scale => {
            model.detail.scale = match model.detail.scale {
                Scale::Logarithmic => Scale::Linear,
                Scale::Linear => Scale::Logarithmic,
            }
        }
        Action::Window => model.window = model.window.next(),
        Action::Open => {}
        _ => {
            super::targets::act(model, action, out);
            show(model, model.targets.list.selected);
        }
    }
}

/// History has come; that of another target is too late to be of use.
pub fn answered(model: &mut Model, target: TargetId, history: Box<query::Detail>, _out: &mut Vec<Intent>) {
    if model.detail.target == Some(target) {
        model.detail.history = Some(history);
        model.detail.failure = None;
    }
}

/// History cannot be read.
pub fn failed(model: &mut Model, target: TargetId, why: &str) {
    if model.detail.target == Some(target) {
        model.detail.failure = Some(crate::tui::widget::foreign(why));
    }
}
