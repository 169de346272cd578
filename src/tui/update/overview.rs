//! When it is asked how all targets did over a week or a month, and what becomes of the answer.

use super::super::message::Intent;
use super::super::model::targets::{Column, OverviewAsked};
use super::super::model::travel::Moment;
use super::super::model::{Model, Pending, View, Window};
use super::targets;
use crate::engine::Query;
use crate::engine::query::Overview;
use std::time::Duration;

/// An answer is good for so long: the windows move on, and once a day a day is added to the summaries.
const GOOD_FOR: Duration = Duration::from_hours(1);

/// Asks when the window is chosen, and once an hour while it is in sight.
pub fn settle(model: &mut Model, out: &mut Vec<Intent>) {
    let is_in_sight = matches!(model.view, View::Targets | View::Outages);
    let is_wanted = is_in_sight && model.freeze.is_none();
    let Some(cells) = cells(model.window).filter(|_| is_wanted) else { return };
    let asked = OverviewAsked { window: model.window, moment: model.moment(), until: model.now, at: model.clock };
    if model.targets.overview_asked.is_some_and(|before| is_fresh(before, asked)) {
        return;
    }
    if model.targets.overview_asked.is_some_and(|before| before.moment != asked.moment) {
        // What is true of one moment is not shown at another.
        model.targets.overview = None;
    }
    model.targets.overview_asked = Some(asked);
    let query = Query::Overview { at: asked.until, length: model.window.length(), cells };
    super::query(model, query, Pending::Overview, out);
}

/// Whether the answer to one question will do for another.
fn is_fresh(before: OverviewAsked, now: OverviewAsked) -> bool {
    let is_same = (before.window, before.moment) == (now.window, now.moment);
    is_same && (now.moment != Moment::Now || (now.at.since(before.at) < GOOD_FOR && before.at <= now.at))
}

/// How many cells a window is asked for in: three hours each, and twelve. The others are live.
const fn cells(window: Window) -> Option<u16> {
    match window {
        Window::Hour | Window::Day => None,
        Window::Week => Some(56),
        Window::Month => Some(62),
    }
}

/// The answer has come; one to an earlier question is too late to be of use.
pub fn answered(model: &mut Model, found: Box<Overview>) {
    let is_wanted = |asked: OverviewAsked| asked.until == found.at && asked.window.length() == found.length;
    if !model.targets.overview_asked.is_some_and(is_wanted) {
        return;
    }
    model.targets.overview = Some(found);
    if model.targets.order.column == Column::Uptime {
        targets::arrange(model);
    }
}
