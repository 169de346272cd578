//! What keys and answers do in the detail of a target.

mod ask;
mod chart;
mod outages;
mod time;

use super::super::action::Action;
use super::super::message::Intent;
use super::super::model::detail::{Focus, Scale, Sight};
use super::super::model::{Model, Pane, View};
use super::super::settings::Switch;
use super::super::view;
use super::targets::step_of;
use crate::domain::{EndpointId, Span, TargetId, Wall};
use crate::engine::query;
use crate::tui::layout::Shape;
use crate::tui::model::Window;
use crate::tui::model::list::Step;
use crate::tui::model::targets::Direction;

pub use time::{set_length, step_out};

/// The view opens on the selected target, at the present unless it was a pane that shows something else.
pub fn enter(model: &mut Model, out: &mut Vec<Intent>) {
    if model.pane != Pane::Detail {
        rest(model, model.detail.preferred);
    }
    model.detail.asked = None;
    model.detail.asked_uptimes = None;
    show(model, model.targets.list.selected);
    settle(model, out);
}

/// Shows one target in full, wherever one is, with its chart over a span if there is one; going back leads to
/// the present first. A target that is not watched any more is shown as it was at the moment at which it was
/// surely there.
pub fn open(model: &mut Model, target: TargetId, at: Wall, span: Option<Span>, out: &mut Vec<Intent>) {
    if model.target(target).is_none() {
        return super::travel::seek(model, target, at, span, out);
    }
    model.targets.list.selected = Some(target);
    super::go(model, View::Detail, out);
    if let Some(Span { from, to }) = span.filter(|_| model.view == View::Detail && model.detail.target == Some(target))
    {
        let to = if model.travel.is_some() { to.min(model.now) } else { to };
        model.detail.sight.visit(Span { from: from.min(to), to });
    }
}

/// Keeps the view on its target and its history new.
///
/// As a pane it follows the selection of the dashboard. As a view of its own it leads: a filter that no
/// longer lets the target through moves the selection, and must not put another target under the hands
/// of somebody who is about to press a key. A target that is gone closes the view.
pub fn settle(model: &mut Model, out: &mut Vec<Intent>) {
    if model.view != View::Detail {
        if model.pane != Pane::Detail {
            let is_pane = model.shape() == Shape::Panes;
            rest(model, if is_pane { model.detail.preferred } else { model.window });
        }
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
    outages::settle(model);
    if model.detail.offset > 0 {
        model.detail.offset = model.detail.offset.min(view::detail::overflow(model));
    }
    ask::settle(model, out);
}

/// The dashboard has another window: so have the pane and the panel.
pub fn follow_window(model: &mut Model) {
    model.detail.preferred = model.window;
    model.detail.sight = Sight::latest(model.detail.preferred);
}

/// The present in that length, and the keys with the target.
fn rest(model: &mut Model, length: Window) {
    let detail = &mut model.detail;
    detail.sight = Sight::latest(length);
    (detail.focus, detail.spread, detail.cursor, detail.offset) = (Focus::Target, Switch::Off, None, 0);
}

/// Another target has another history.
fn show(model: &mut Model, target: Option<TargetId>) {
    if model.detail.target != target {
        let detail = &mut model.detail;
        (detail.target, detail.endpoint) = (target, None);
        (detail.history, detail.uptimes, detail.failure, detail.oldest) = (None, None, None, None);
        (detail.outages, detail.offset) = Default::default();
    }
}

/// Shows the checks of the next endpoint of a group; after the last, those of all of it again.
fn other_endpoint(model: &mut Model, direction: Direction) {
    let Some(view) = model.detail.target.and_then(|id| model.target(id)) else { return };
    let ids = if view.target.round_id.is_some() { view.target.endpoint_ids.clone() } else { Vec::new() };
    let mut places: Vec<Option<EndpointId>> = std::iter::once(None).chain(ids.into_iter().map(Some)).collect();
    if direction == Direction::Reverse {
        places.reverse();
    }
    let shown = places.iter().position(|place| *place == model.detail.endpoint);
    let next = shown.and_then(|shown| places.get(shown + 1)).or(places.first()).copied().flatten();
    model.detail.endpoint = next;
}

/// An action that belongs to this view; the others are those of the target.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    match (action, model.detail.focus) {
        (Action::Scale, _) => {
            model.detail.scale = match model.detail.scale {
                Scale::Logarithmic => Scale::Linear,
                Scale::Linear => Scale::Logarithmic,
            }
        }
        (Action::NextEndpoint, _) => other_endpoint(model, Direction::Forward),
        (Action::PreviousEndpoint, _) => other_endpoint(model, Direction::Reverse),
        (Action::Window, _) => time::other_length(model),
        (Action::StepBack, _) => time::step_back(model),
        (Action::StepForward, _) => time::step_forward(model),
        (Action::NextPane, _) if model.view == View::Detail => focus(model, next(model.detail.focus)),
        (Action::PreviousPane, _) if model.view == View::Detail => focus(model, next(next(model.detail.focus))),
        (Action::Open, Focus::Outages) => outages::zoom(model),
        (Action::Open, _) => {}
        (_, Focus::Chart) if chart::act(model, action) => {}
        (_, Focus::Outages) if outages::act(model, action) => {}
        (Action::PageDown | Action::PageUp | Action::HalfPageDown | Action::HalfPageUp, _)
            if model.view == View::Detail =>
        {
            scroll(model, action);
        }
        _ => {
            super::targets::act(model, action, out);
            show(model, model.targets.list.selected);
        }
    }
}

const fn next(focus: Focus) -> Focus {
    match focus {
        Focus::Target => Focus::Chart,
        Focus::Chart => Focus::Outages,
        Focus::Outages => Focus::Target,
    }
}

/// Gives the keys to a part of the view.
fn focus(model: &mut Model, focus: Focus) {
    model.detail.focus = focus;
    match focus {
        Focus::Target => (model.detail.spread, model.detail.cursor) = (Switch::Off, None),
        Focus::Chart => chart::enter(model),
        Focus::Outages => model.detail.cursor = None,
    }
}

/// Gives what has the keys the whole view, or takes it back; whether there was anything to do.
pub fn spread(model: &mut Model) -> bool {
    let has_part = model.view == View::Detail && model.detail.focus != Focus::Target;
    if has_part {
        model.detail.spread = model.detail.spread.other();
    }
    has_part
}

/// Scrolls what stands under the chart.
fn scroll(model: &mut Model, action: Action) {
    let page = view::detail::page(model);
    if let Some(Step::By(by)) = step_of(action, page) {
        model.detail.offset = model.detail.offset.saturating_add_signed(by).min(view::detail::overflow(model));
    }
}

/// History has come; that of another target is too late to be of use.
pub fn answered(model: &mut Model, target: TargetId, history: Box<query::Detail>) {
    if model.detail.target == Some(target) {
        model.detail.history = Some(history);
        model.detail.failure = None;
    }
}

/// Uptimes have come.
pub fn uptimes_answered(model: &mut Model, target: TargetId, uptimes: Box<query::Uptimes>) {
    if model.detail.target == Some(target) {
        model.detail.oldest = model.detail.oldest.into_iter().chain(uptimes.oldest).min();
        model.detail.uptimes = Some(uptimes);
    }
}

/// History cannot be read.
pub fn failed(model: &mut Model, target: TargetId, why: &str) {
    if model.detail.target == Some(target) {
        model.detail.failure = Some(crate::tui::widget::foreign(why));
    }
}
