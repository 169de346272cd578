//! Targets that have other ids than before: the history that gives the ids was found late.

use super::super::model::Model;
use crate::domain::TargetId;
use crate::monitor::Snapshot;
use std::collections::{BTreeMap, BTreeSet};

/// What was selected, marked, muted or looked at stays so under its new id: a target that is gone is taken for
/// one of the same name that is new.
pub fn follow(model: &mut Model, old: &Snapshot) {
    let ids = |snapshot: &Snapshot| snapshot.targets.iter().map(|view| view.target.id).collect::<BTreeSet<_>>();
    let (before, after) = (ids(old), ids(&model.snapshot));
    let new = model.snapshot.targets.iter().filter(|view| !before.contains(&view.target.id));
    let new: BTreeMap<&str, TargetId> =
        new.map(|view| (view.target.definition.name.as_str(), view.target.id)).collect();
    let gone = old.targets.iter().filter(|view| !after.contains(&view.target.id));
    let renamed: BTreeMap<TargetId, TargetId> =
        gone.filter_map(|view| Some((view.target.id, *new.get(view.target.definition.name.as_str())?))).collect();
    if renamed.is_empty() {
        return;
    }
    let present = |id: TargetId| renamed.get(&id).copied().unwrap_or(id);
    let targets = &mut model.targets;
    targets.list.selected = targets.list.selected.map(present);
    targets.wanted = targets.wanted.map(present);
    targets.shown.iter_mut().for_each(|id| *id = present(*id));
    targets.marks = targets.marks.iter().copied().map(present).collect();
    model.muted = model.muted.iter().copied().map(present).collect();
    model.detail.target = model.detail.target.map(present);
}
