//! A target over the window of the dashboard: its last day is live, what lies before it comes from history.

use crate::engine::query::Overview;
use crate::monitor::TargetView;
use crate::monitor::snapshot::DAY_CELLS;
use crate::tui::model::{Model, Window};
use crate::window::{Cell, Strip, Uptime};
use std::borrow::Cow;
use std::time::Duration;

/// Of a cell of the live strip of a day.
const LIVE_CELL: Duration = Duration::from_mins(30);

/// The window in cells; empty while history has not answered.
pub fn strip<'v>(model: &Model, view: &'v TargetView) -> Cow<'v, Strip> {
    match model.window {
        Window::Hour => Cow::Borrowed(&view.hour),
        Window::Day => Cow::Borrowed(&view.day),
        Window::Week | Window::Month => {
            Cow::Owned(model.targets.overview_of(model.window).map_or_else(Strip::default, |overview| Strip {
                cells: cells(overview, model, view),
                uptime: joined(overview, model, view),
            }))
        }
    }
}

/// The uptime over the window.
pub fn uptime(model: &Model, view: &TargetView) -> Uptime {
    match model.window {
        Window::Hour => view.hour.uptime,
        Window::Day => view.day.uptime,
        Window::Week | Window::Month => model
            .targets
            .overview_of(model.window)
            .map_or_else(Uptime::default, |overview| joined(overview, model, view)),
    }
}

/// The names of the beginning and the middle of the window.
pub const fn axis(window: Window) -> (&'static str, &'static str) {
    match window {
        Window::Hour => ("1h ago", "30m"),
        Window::Day => ("24h ago", "12h"),
        Window::Week => ("7d ago", "3.5d"),
        Window::Month => ("31d ago", "15d"),
    }
}

/// The cells of the live day that history does not tell of, each with its place among the cells of the
/// window.
fn live<'v>(overview: &Overview, model: &Model, view: &'v TargetView) -> impl Iterator<Item = (usize, &'v Cell)> {
    let cell = LIVE_CELL.as_millis() as i64;
    let end = (model.now.0.saturating_sub(1).div_euclid(cell) + 1) * cell;
    let (from, until) = (overview.span.from.0, overview.until);
    let length = overview.cell().as_millis().max(1) as i64;
    let newest_first = (1..=DAY_CELLS as u32).zip(view.day.cells.iter().rev());
    let cells = newest_first.map(move |(back, live)| (end - cell * i64::from(back), live));
    cells
        .filter(move |(begins, _)| until.is_none_or(|until| *begins >= until.0))
        .filter_map(move |(begins, cell)| Some((usize::try_from((begins - from).div_euclid(length)).ok()?, cell)))
}

fn cells(overview: &Overview, model: &Model, view: &TargetView) -> Vec<Cell> {
    let known = overview.strips.get(&view.target.id).map(|strip| strip.cells.clone());
    let mut cells = known.unwrap_or_else(|| vec![Cell::default(); overview.cells]);
    for (place, live) in live(overview, model, view) {
        if let Some(cell) = cells.get_mut(place) {
            cell.up += live.up;
            cell.down += live.down;
            cell.maintenance += live.maintenance;
        }
    }
    cells
}

fn joined(overview: &Overview, model: &Model, view: &TargetView) -> Uptime {
    let past = overview.strips.get(&view.target.id).map(|strip| strip.uptime).unwrap_or_default();
    let mut today = Uptime::default();
    for (_, cell) in live(overview, model, view) {
        today.up += cell.up;
        today.down += cell.down;
    }
    // Of the last day it is known how much was expected; of the part of it that counts here, how much at most.
    let most = overview.until.map_or(Duration::MAX, |until| model.now.since(until));
    today.expected = view.day.uptime.expected.min(most).max(today.up + today.down);
    past.and(today)
}
