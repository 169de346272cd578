//! In which order targets stand.

use super::model::targets::{Column, Direction, Order};
use super::standing::Standing;
use crate::monitor::TargetView;
use std::cmp::{Ordering, Reverse};
use std::sync::Arc;
use std::time::Duration;

/// Puts targets in order. Ties are broken by name and then by identity, so that rows with equal values
/// keep their places.
pub fn sort(views: &mut [&Arc<TargetView>], order: Order) {
    match order.column {
        Column::State => views.sort_by_cached_key(|view| (Standing::of(view), key(view))),
        Column::Name => views.sort_by_cached_key(|view| key(view)),
        Column::Target => {
            views.sort_by(|one, other| address(one).cmp(&address(other)).then_with(|| key(one).cmp(&key(other))));
        }
        Column::Latency => views.sort_by_cached_key(|view| (latency(view), key(view))),
        Column::Uptime => views.sort_by(|one, other| uptime(one, other).then_with(|| key(one).cmp(&key(other)))),
        Column::Since => views.sort_by_cached_key(|view| (Reverse(view.since), key(view))),
    }
    if order.direction == Direction::Reverse {
        views.reverse();
    }
}

/// Whether the order follows numbers that never stand still.
pub const fn is_live(order: Order) -> bool {
    matches!(order.column, Column::Latency | Column::Uptime)
}

fn key(view: &TargetView) -> (String, u32) {
    (view.target.definition.name.to_lowercase(), view.target.id.0)
}

fn address(view: &TargetView) -> Option<&crate::domain::Address> {
    view.target.definition.endpoints.first().map(|endpoint| &endpoint.address)
}

/// Those that do not answer stand behind the slowest.
fn latency(view: &TargetView) -> Duration {
    view.latest.as_ref().and_then(|latest| latest.check.latency()).unwrap_or(Duration::MAX)
}

/// Those without observation stand last.
fn uptime(one: &TargetView, other: &TargetView) -> Ordering {
    let share = |view: &TargetView| view.day.uptime.share().unwrap_or(f64::INFINITY);
    share(one).total_cmp(&share(other))
}
