//! What keys do while the outages of the target have them: one is selected, told in full, and zoomed into.

use super::super::super::action::Action;
use super::super::super::model::Model;
use super::super::super::model::detail::{self, Cursor, Focus};
use super::super::super::view;
use super::super::targets::step_of;
use super::time;
use crate::domain::{OutageId, Span};
use std::time::Duration;

/// What is shown before and after an outage, at least; checks are kept as long as the outage for ten minutes.
const AROUND: Duration = Duration::from_mins(10);

/// The selection stays on its outage.
pub fn settle(model: &mut Model) {
    if model.detail.focus == Focus::Outages {
        let (rows, page) = (rows(model), view::detail::outage_rows(model));
        model.detail.outages.settle(&rows, None, page);
    }
}

/// Carries out an action of the list; whether it is one.
pub fn act(model: &mut Model, action: Action) -> bool {
    let page = view::detail::outage_rows(model);
    let Some(step) = step_of(action, page) else { return false };
    let rows = rows(model);
    model.detail.outages.step(&rows, step, page);
    true
}

/// Shows the time of the selected outage and what came before and after, with the cursor on its start.
pub fn zoom(model: &mut Model) {
    let selected = model.detail.outages.selected;
    let outages = detail::outages(model);
    let Some(outage) = outages.into_iter().find(|outage| Some(outage.id) == selected) else { return };
    let around = AROUND.max(outage.lasted(model.now) / 4);
    let (from, to) = (outage.started_at - around, outage.ended_at().unwrap_or(model.now) + around);
    let at = outage.started_at;
    let span = Span { from, to: to.min(model.now) };
    super::focus(model, Focus::Chart);
    model.detail.sight.visit(span);
    model.detail.cursor = Some(Cursor { at, mark: None });
    if let Some(oldest) = model.detail.oldest.filter(|oldest| *oldest > span.to) {
        time::refuse(model, detail::Stuck::Oldest(oldest));
    }
}

fn rows(model: &Model) -> Vec<OutageId> {
    detail::outages(model).iter().map(|outage| outage.id).collect()
}
