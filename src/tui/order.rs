//! In which order targets stand.

use super::model::targets::{Column, Direction, Order};
use super::standing::Standing;
use crate::monitor::TargetView;
use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

/// Puts targets in order; `share` is how much of the window each was up. Ties are broken by name and then by identity, so that rows with equal values
/// keep their places.
pub fn sort(views: &mut [&Arc<TargetView>], order: Order, share: impl Fn(&TargetView) -> Option<f64>) {
    match order.column {
        Column::State => views.sort_by_cached_key(|view| (Standing::of(view), key(view))),
        Column::Name => views.sort_by_cached_key(|view| key(view)),
        Column::Target => {
            views.sort_by(|one, other| address(one).cmp(&address(other)).then_with(|| key(one).cmp(&key(other))));
        }
        Column::Latency => views.sort_by_cached_key(|view| (latency(view), key(view))),
        // A share is never negative, so that its bits are in its order; those without observation stand last.
        Column::Uptime => views.sort_by_cached_key(|view| (share(view).unwrap_or(f64::INFINITY).to_bits(), key(view))),
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
