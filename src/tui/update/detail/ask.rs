//! When history is asked for: no more often than the answer can have changed, and one question at a time.

use super::super::super::layout;
use super::super::super::message::Intent;
use super::super::super::model::detail::{Asked, AskedUptimes, Look};
use super::super::super::model::{Model, Pending, View};
use crate::engine::Query;
use crate::tui::view::detail::AROUND_CHART;
use std::time::Duration;

/// A picture of the present is made anew after this time, even if no check has come.
const LASTS_AT_MOST: Duration = Duration::from_mins(1);
/// Uptimes up to now are asked for no more often than this; those of the last hour and day are in the snapshot.
const UPTIMES_LAST: Duration = Duration::from_mins(1);

/// Asks for what is in sight and not known.
///
/// What stands still is asked for once. What moves with the present is asked for again after a newer check,
/// and no sooner than a picture of that length lasts; in any case after a minute. While an answer is
/// awaited nothing more is asked: whoever runs through a list of targets leaves no queue of questions behind.
pub fn settle(model: &mut Model, out: &mut Vec<Intent>) {
    let Some(target) = model.detail.target else { return };
    let (look, at, columns) = (model.detail.sight.look(), model.clock, chart_columns(model));
    let newest = model.target(target).and_then(|view| view.latest.as_ref()).map(|latest| latest.check.at);
    let endpoint = model.detail.endpoint;
    let asked = Asked { target, endpoint, look, columns, newest, at };
    let is_waiting = model.requests.is_any_waiting(|pending| matches!(pending, Pending::Detail(_)));
    if columns > 0 && !is_waiting && is_worth_asking(model, asked) {
        model.detail.asked = Some(asked);
        let span = look.span(model.now);
        super::super::query(model, Query::Detail { target, endpoint, span, columns }, Pending::Detail(target), out);
    }
    let asked = AskedUptimes { target, until: look.until(), at };
    let is_waiting = model.requests.is_any_waiting(|pending| matches!(pending, Pending::Uptimes(_)));
    if model.is_visible(View::Detail) && !is_waiting && are_worth_asking(model, asked) {
        model.detail.asked_uptimes = Some(asked);
        let until = asked.until.unwrap_or(model.now);
        super::super::query(model, Query::Uptimes { target, until }, Pending::Uptimes(target), out);
    }
}

fn is_worth_asking(model: &Model, now: Asked) -> bool {
    let Some(before) = model.detail.asked else { return true };
    let is_same = (before.target, before.endpoint) == (now.target, now.endpoint)
        && before.look == now.look
        && before.columns == now.columns;
    let passed = now.at.since(before.at);
    match now.look {
        _ if !is_same => true,
        Look::Past(_) => false,
        _ if stands_still(model) => false,
        Look::Latest(length) => (before.newest != now.newest && passed >= length.lasts()) || passed >= LASTS_AT_MOST,
    }
}

fn are_worth_asking(model: &Model, now: AskedUptimes) -> bool {
    let Some(before) = model.detail.asked_uptimes else { return true };
    let is_same = before.target == now.target && before.until == now.until;
    let is_old = now.until.is_none() && !stands_still(model) && now.at.since(before.at) >= UPTIMES_LAST;
    !is_same || is_old
}

/// Whether the whole screen stands still, so that what moves with its present does not move either.
const fn stands_still(model: &Model) -> bool {
    model.freeze.is_some() || model.travel.is_some()
}

/// How many columns the chart has.
fn chart_columns(model: &Model) -> u16 {
    let areas = model.dashboard();
    let width = match (model.view, areas.panes, areas.panel) {
        (View::Targets, Some(panes), _) => layout::inside(panes.detail).width,
        (View::Targets, None, Some(panel)) => panel.width,
        (View::Targets, None, None) => 0,
        _ => model.size.columns,
    };
    width.saturating_sub(AROUND_CHART)
}
