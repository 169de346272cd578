//! What keys and answers do in the list of outages.

use super::super::action::Action;
use super::super::message::Intent;
use super::super::model::{Model, Pending};
use super::targets::step_of;
use crate::domain::{Outage, OutageId, Span};
use crate::engine::Query;

/// The view opens: outages of the window are asked for.
pub fn enter(model: &mut Model, out: &mut Vec<Intent>) {
    let span = Span::before(model.now, model.window.length());
    super::query(model, Query::Outages(span), Pending::Outages, out);
}

/// The selection stays on its outage.
pub fn settle(model: &mut Model, _out: &mut Vec<Intent>) {
    let rows = rows(model);
    model.outages.list.settle(&rows, None, page(model));
}

/// An action that belongs to this view.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    let page = page(model);
    match (action, step_of(action, page)) {
        (_, Some(step)) => {
            let rows = rows(model);
            model.outages.list.step(&rows, step, page);
        }
        (Action::Window, _) => {
            model.window = model.window.next();
            enter(model, out);
        }
        _ => {}
    }
}

/// Outages have come.
pub fn answered(model: &mut Model, found: Vec<Outage>, _out: &mut Vec<Intent>) {
    model.outages.found = found;
}

fn rows(model: &Model) -> Vec<OutageId> {
    model.outages.found.iter().map(|outage| outage.id).collect()
}

fn page(model: &Model) -> usize {
    usize::from(model.frame().body.height.saturating_sub(8))
}
