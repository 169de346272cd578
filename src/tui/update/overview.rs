//! When it is asked how all targets did over a week or a month, and what becomes of the answer.

use super::super::message::Intent;
use super::super::model::targets::Column;
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
    // Summaries are those of the present.
    let is_present = model.freeze.is_none() && model.travel.is_none();
    let Some(cells) = cells(model.window).filter(|_| is_in_sight && is_present) else { return };
    let is_fresh = model
        .targets
        .overview_asked
        .is_some_and(|(window, at)| window == model.window && model.clock.since(at) < GOOD_FOR && at <= model.clock);
    if !is_fresh {
        model.targets.overview_asked = Some((model.window, model.clock));
        let length = model.window.length();
        super::query(model, Query::Overview { length, cells }, Pending::Overview, out);
    }
}

/// How many cells a window is asked for in: three hours each, and twelve. The others are live.
const fn cells(window: Window) -> Option<u16> {
    match window {
        Window::Hour | Window::Day => None,
        Window::Week => Some(56),
        Window::Month => Some(62),
    }
}

/// The answer has come.
pub fn answered(model: &mut Model, found: Box<Overview>) {
    model.targets.overview = Some(found);
    if model.targets.order.column == Column::Uptime {
        targets::arrange(model);
    }
}
