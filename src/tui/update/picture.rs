//! The finished lines of the dashboard: made anew after each message, and drawn only if they differ.

use super::super::dashboard;
use super::super::model::{Model, View};
use std::collections::HashMap;

/// Makes the lines of the dashboard agree with the model.
pub fn compose(model: &mut Model) {
    if model.view != View::Targets {
        return;
    }
    follow_latencies(model);
    let picture = dashboard::picture(model);
    if picture != model.targets.picture {
        model.targets.picture = picture;
        model.touch();
    }
}

/// Rows in sight take over a newer latency only if it differs enough to matter.
fn follow_latencies(model: &mut Model) {
    let mut latencies = HashMap::new();
    for id in dashboard::in_sight(model) {
        let Some(view) = model.target(*id) else { continue };
        let Some(newest) = view.latest.as_ref().and_then(|latest| latest.check.latency()) else { continue };
        let shown = model.targets.latencies.get(id).copied();
        latencies.insert(*id, shown.filter(|shown| dashboard::is_near(*shown, newest)).unwrap_or(newest));
    }
    model.targets.latencies = latencies;
}
