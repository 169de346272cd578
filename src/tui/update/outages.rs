//! What keys and answers do in the list of outages, and when outages are asked for.

use super::super::action::Action;
use super::super::message::Intent;
use super::super::model::Window;
use super::super::model::outages::{Found, selected, shown};
use super::super::model::targets::Direction;
use super::super::model::{Model, Pending};
use super::super::view;
use super::targets::step_of;
use super::{detail, incident, maintenance};
use crate::domain::{Outage, OutageId, Span};
use crate::engine::Query;
use std::time::Duration;

/// Outages that end tell nobody here, so while they are shown they are asked for at this pace.
const PAUSE: Duration = Duration::from_secs(5);

/// The view opens: outages of the window are asked for.
pub fn enter(model: &mut Model, out: &mut Vec<Intent>) {
    model.outages.asked = None;
    settle(model, out);
}

/// The selection stays on its outage, and the list as new as its pace.
pub fn settle(model: &mut Model, out: &mut Vec<Intent>) {
    let is_fresh = model.outages.asked.is_some_and(|(length, at)| {
        let waits = model.freeze.is_some() || model.requests.is_waiting(&Pending::Outages);
        length == model.outages.length && (waits || model.clock.since(at) < PAUSE)
    });
    if !is_fresh {
        model.outages.asked = Some((model.outages.length, model.clock));
        let span = Span::before(model.now, model.outages.length.length());
        super::query(model, Query::Outages(span), Pending::Outages, out);
    }
    let (rows, page) = (rows(model), view::outages::rows(model));
    model.outages.list.settle(&rows, None, page);
}

/// An action that belongs to this view.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    let page = view::outages::rows(model);
    match (action, step_of(action, page)) {
        (_, Some(step)) => {
            let rows = rows(model);
            model.outages.list.step(&rows, step, page);
        }
        (Action::Window, _) => model.outages.length = next(model.outages.length),
        (Action::Sort, _) => {
            model.outages.order = model.outages.order.next();
            model.outages.direction = Direction::Forward;
        }
        (Action::Reverse, _) => {
            model.outages.direction = model.outages.direction.other();
        }
        (Action::Filter, _) => super::filter::open(model),
        (Action::Open, _) => {
            if let Some(id) = model.outages.list.selected {
                incident::open(model, id, out);
            }
        }
        (Action::OpenTarget, _) => {
            if let Some(outage) = selected(model) {
                let (target, at, span) = (outage.target, outage.seen_at(), incident::around(model, outage));
                detail::open(model, target, at, Some(span), out);
            }
        }
        (Action::Copy, _) => copy(model, out),
        (Action::Maintenance, _) => maintenance::key(model, out),
        _ => {}
    }
}

/// The windows of this view; an hour is what the dashboard is for.
const fn next(length: Window) -> Window {
    match length {
        Window::Hour | Window::Month => Window::Day,
        Window::Day => Window::Week,
        Window::Week => Window::Month,
    }
}

/// Outages have come.
pub fn answered(model: &mut Model, found: Vec<Outage>, _out: &mut Vec<Intent>) {
    model.outages.found = found;
    model.outages.answer = Found::Known;
}

/// Outages cannot be read.
pub fn failed(model: &mut Model, why: &str) {
    model.outages.answer = Found::Failed(crate::tui::widget::foreign(why));
}

/// The address of the selected outage's target.
fn copy(model: &mut Model, out: &mut Vec<Intent>) {
    let target = selected(model).and_then(|outage| model.target(outage.target));
    let Some(endpoint) = target.and_then(|view| view.target.definition.endpoints.first()) else { return };
    super::targets::copy_text(model, endpoint.address.to_string(), out);
}

fn rows(model: &Model) -> Vec<OutageId> {
    shown(model).iter().map(|outage| outage.id).collect()
}
