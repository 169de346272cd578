//! Ids that were given while history could not be opened, and those that history knows the same things by.

use super::Monitor;
use super::commands::Pending;
use super::message::Command;
use crate::domain::record::Former;
use crate::domain::{EndpointId, Event, Happening, Outage, OutageId, Record, TargetId, Wall};
use std::collections::{BTreeMap, BTreeSet};

/// What a run without history called things, and what history calls them.
///
/// * A target that history knows was neither added nor up for the first time in that run.
/// * An outage of that run that is the later part of one which history has open has no name here: nothing
///   begins or ends with it.
#[derive(Debug, Default)]
pub(super) struct Renaming {
    pub(super) targets: BTreeMap<TargetId, TargetId>,
    pub(super) endpoints: BTreeMap<EndpointId, EndpointId>,
    pub(super) outages: BTreeMap<OutageId, OutageId>,
    /// Targets that history had before, by the ids that it has for them.
    pub(super) known: BTreeSet<TargetId>,
    /// The last proof of life before that run.
    pub(super) alive: Option<Wall>,
}

impl Renaming {
    /// What history calls this target; what it named itself keeps its name.
    pub(super) fn target(&self, id: TargetId) -> TargetId {
        self.targets.get(&id).copied().unwrap_or(id)
    }

    /// The outage as history is to have it; `None` for a part of another.
    pub(super) fn outage(&self, outage: &Outage) -> Option<Outage> {
        let id = *self.outages.get(&outage.id)?;
        Some(Outage { id, target: self.target(outage.target), ..outage.clone() })
    }

    /// The event as history is to have it; `None` for one that history knows better.
    fn event(&self, mut event: Event) -> Option<Event> {
        let mut is_known = false;
        if let Some((id, _)) = &mut event.target {
            *id = self.target(*id);
            is_known = self.known.contains(id);
        }
        match &mut event.what {
            Happening::Added | Happening::FirstUp if is_known => return None,
            Happening::Down { outage, .. } | Happening::Up { outage, .. } => *outage = *self.outages.get(outage)?,
            Happening::Started { away, .. } => *away = self.alive.map(|alive| event.at.since(alive)),
            _ => {}
        }
        Some(event)
    }

    /// What a target was, under the ids of history.
    fn former(&self, mut former: Former) -> Option<Former> {
        former.target.id = self.target(former.target.id);
        for id in former.target.endpoint_ids.iter_mut().chain(&mut former.target.round_id) {
            *id = *self.endpoints.get(id)?;
        }
        Some(former)
    }

    /// The record as history is to have it; `None` for one that history knows better. Targets are among
    /// those: what becomes of them is worked out beforehand.
    pub(super) fn record(&self, record: Record) -> Option<Record> {
        Some(match record {
            Record::Check(mut check) => {
                check.endpoint = *self.endpoints.get(&check.endpoint)?;
                Record::Check(check)
            }
            Record::Outage(outage) => Record::Outage(self.outage(&outage)?),
            Record::Event(event) => Record::Event(self.event(event)?),
            Record::Target(_) => return None,
            Record::Maintenance(mut said) => {
                said.targets.iter_mut().for_each(|id| *id = self.target(*id));
                Record::Maintenance(said)
            }
            Record::Former(former) => Record::Former(self.former(former)?),
            other @ (Record::Gap(_) | Record::AdHoc(_) | Record::Alive(_) | Record::AdHocCleared) => other,
        })
    }
}

impl Monitor {
    /// Targets have other ids from now on. Changes that wait for the configuration file are of the same targets
    /// still, and who knows a target by its former id may go on to call it so.
    pub(super) fn rename(&mut self, former: BTreeMap<TargetId, TargetId>) {
        self.former = former;
        let mut pending = std::mem::take(&mut self.pending);
        for pending in pending.values_mut() {
            match pending {
                Pending::Add(_) => {}
                Pending::Edit(id, _) => self.use_present(std::slice::from_mut(id)),
                Pending::Remove(ids) | Pending::SetActivity(ids, _) => self.use_present(ids),
                Pending::Restore(targets) => {
                    for target in targets {
                        self.use_present(std::slice::from_mut(&mut target.id));
                    }
                }
            }
        }
        self.pending = pending;
    }

    /// Lets a command mean the targets under their present ids.
    pub(super) fn use_present_ids(&self, command: &mut Command) {
        match command {
            Command::Edit(id, _)
            | Command::Remark { target: Some(id), .. }
            | Command::WithdrawRemark { target: Some(id), .. } => self.use_present(std::slice::from_mut(id)),
            Command::Remove(ids)
            | Command::SetActivity(ids, _)
            | Command::CheckNow(ids)
            | Command::EndMaintenance(ids)
            | Command::Maintain { targets: ids, .. }
            | Command::WithdrawMaintenance { targets: ids, .. } => self.use_present(ids),
            Command::Restore(targets) => {
                for target in targets {
                    self.use_present(std::slice::from_mut(&mut target.id));
                }
            }
            Command::Add(_)
            | Command::Instant(_)
            | Command::CancelInstant(_)
            | Command::ClearInstant
            | Command::Remark { target: None, .. }
            | Command::WithdrawRemark { target: None, .. } => {}
        }
    }

    fn use_present(&self, ids: &mut [TargetId]) {
        for id in ids {
            *id = self.former.get(id).copied().unwrap_or(*id);
        }
    }
}
