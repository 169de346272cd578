//! A newer picture: what it changes is worked out from what it does not share with the one before.

use super::super::model::targets::Tally;
use super::super::model::{Model, View};
use super::super::standing::Standing;
use super::{renamed, targets};
use crate::domain::TargetId;
use crate::monitor::{Snapshot, TargetView};
use std::sync::Arc;

/// A picture has come; a screen that is frozen or shows the past keeps it for later.
pub fn arrive(model: &mut Model, snapshot: Arc<Snapshot>) {
    match (&mut model.freeze, &model.travel) {
        (_, Some(_)) => follow_present(model, snapshot),
        (Some(freeze), None) => freeze.newest = snapshot,
        (None, None) => show(model, snapshot),
    }
}

/// What of the present shows itself beside the past: counts, banners, instant checks.
fn follow_present(model: &mut Model, newest: Arc<Snapshot>) {
    model.clock = model.clock.max(newest.at.wall);
    for view in &newest.targets {
        unmute(model, view);
    }
    let before = model.events.unseen().cloned();
    model.events.take_note(&newest.events);
    if !Arc::ptr_eq(&model.snapshot.ad_hoc, &newest.ad_hoc) && model.snapshot.ad_hoc != newest.ad_hoc {
        Arc::make_mut(&mut model.snapshot).ad_hoc = Arc::clone(&newest.ad_hoc);
        model.touch();
    }
    let Some(travel) = &mut model.travel else { return };
    let is_other = travel.newest.recording != newest.recording
        || travel.newest.configuration_error != newest.configuration_error
        || model.events.unseen() != before.as_ref();
    if travel.follow(newest) || is_other {
        model.touch();
    }
}

/// Shows how things stood; mutes and marks are of the present and stay.
pub fn show_past(model: &mut Model, picture: Arc<Snapshot>) {
    model.snapshot = picture;
    rebuild(model);
}

/// Shows a picture. Targets that it shares with the one before are not looked at.
pub fn show(model: &mut Model, snapshot: Arc<Snapshot>) {
    let old = std::mem::replace(&mut model.snapshot, snapshot);
    model.now = model.now.max(model.snapshot.at.wall);
    model.clock = model.clock.max(model.snapshot.at.wall);
    if !Arc::ptr_eq(&old.events, &model.snapshot.events) {
        let before = model.events.unseen().cloned();
        let snapshot = Arc::clone(&model.snapshot);
        model.events.take_note(&snapshot.events);
        if model.events.unseen() != before.as_ref() {
            model.touch();
        }
    }
    if is_visibly_other(model, &old) {
        model.touch();
    }
    if same_targets(&old, &model.snapshot) {
        follow(model, &old);
    } else {
        renamed::follow(model, &old);
        rebuild(model);
    }
}

/// Whether both pictures have the same targets in the same order.
fn same_targets(old: &Snapshot, new: &Snapshot) -> bool {
    old.targets.len() == new.targets.len()
        && new.targets.changed_since(&old.targets).all(|(before, after)| before.target.id == after.target.id)
}

/// Takes over what changed in targets that were there before.
fn follow(model: &mut Model, old: &Snapshot) {
    let snapshot = Arc::clone(&model.snapshot);
    let mut moved = false;
    for (before, after) in snapshot.targets.changed_since(&old.targets) {
        let (was, is) = (Standing::of(before), Standing::of(after));
        model.targets.tally.remove(before);
        model.targets.tally.add(after);
        moved |= was != is;
        moved |= before.target != after.target || targets::moves(model, before, after);
        unmute(model, after);
    }
    if moved || targets::is_due(model) {
        targets::arrange(model);
    }
}

/// Counts and arranges everything anew.
fn rebuild(model: &mut Model) {
    let snapshot = Arc::clone(&model.snapshot);
    let mut tally = Tally::default();
    model.targets.places.clear();
    for (place, view) in snapshot.targets.iter().enumerate() {
        model.targets.places.insert(view.target.id, place);
        tally.add(view);
    }
    model.targets.tally = tally;
    if model.travel.is_none() {
        snapshot.targets.iter().for_each(|view| unmute(model, view));
        let is_known = |id: &TargetId| model.targets.places.contains_key(id);
        model.targets.marks.retain(is_known);
        model.muted.retain(is_known);
    }
    targets::arrange(model);
    model.touch();
}

/// A bell that was turned off until recovery is on again.
fn unmute(model: &mut Model, view: &TargetView) {
    if !model.muted.is_empty() && matches!(Standing::of(view), Standing::Up | Standing::Slow) {
        model.muted.remove(&view.target.id);
    }
}

/// Whether something in sight outside of the dashboard's own lines may look different.
fn is_visibly_other(model: &Model, old: &Snapshot) -> bool {
    let new = &model.snapshot;
    let banner =
        old.sight != new.sight || old.recording != new.recording || old.configuration_error != new.configuration_error;
    let target = model.detail.target.is_some_and(|id| {
        let before = model.targets.places.get(&id).and_then(|place| old.targets.get(*place));
        match (before, model.target(id)) {
            (Some(before), Some(after)) => !Arc::ptr_eq(before, after),
            (before, after) => before.is_some() != after.is_some(),
        }
    });
    banner
        || (model.is_visible(View::Detail) && target)
        || (model.is_visible(View::Events) && old.events != new.events)
        || (model.is_visible(View::Checks) && !Arc::ptr_eq(&old.ad_hoc, &new.ad_hoc) && old.ad_hoc != new.ad_hoc)
        || (model.view == View::Outages && old.version != new.version)
}
