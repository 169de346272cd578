//! Commands, and the configuration file: who is watched, and under which definition.

use super::catalog::{Matched, addresses};
use super::elsewhere::{Watched, is_watched_elsewhere};
use super::message::{Change, Command, Declared, Effect, Refusal, Reply, RequestId};
use super::watch::Watch;
use super::{Monitor, agenda};
use crate::domain::{Activity, Definition, Happening, Now, Target, TargetId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many targets can be watched.
const TARGETS_MAX: usize = 100_000;

/// A change that waits for the configuration file.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    Add(Vec<Definition>),
    Edit(TargetId, Box<Definition>),
    Remove(Vec<TargetId>),
    Restore(Vec<Target>),
    SetActivity(Vec<TargetId>, Activity),
}

impl Monitor {
    pub(super) fn asked(&mut self, now: Now, request: RequestId, mut command: Command) {
        self.use_present_ids(&mut command);
        let pending = match command {
            Command::Instant(endpoint) => return self.start_instant(now, request, endpoint),
            Command::CancelInstant(attempt) => return self.cancel_instant(request, attempt),
            Command::ClearInstant => return self.clear_instants(request),
            Command::Remark { target, about, text } => return self.remark(now, request, target, about, &text),
            Command::WithdrawRemark { target, about, text } => {
                return self.withdraw_remark(now, request, target, about, &text);
            }
            Command::Maintain { targets, span, title } => return self.maintain(now, request, &targets, span, &title),
            Command::EndMaintenance(ids) => return self.end_maintenance(now, request, &ids),
            Command::WithdrawMaintenance { targets, from } => {
                return self.withdraw_maintenance(now, request, &targets, from);
            }
            Command::CheckNow(ids) => return self.check_now(now, request, &ids),
            Command::Add(definitions) => Pending::Add(definitions),
            Command::Edit(id, definition) => Pending::Edit(id, definition),
            Command::Remove(ids) => Pending::Remove(ids),
            Command::Restore(targets) => Pending::Restore(targets),
            Command::SetActivity(ids, activity) => Pending::SetActivity(ids, activity),
        };
        match self.change_for(&pending) {
            Ok(change) => {
                self.pending.insert(request, pending);
                self.journal.want(Effect::Write(request, change));
            }
            Err(refusal) => self.journal.reply(request, Reply::Refused(refusal)),
        }
    }

    /// What a command changes in the configuration file, or why it is refused.
    fn change_for(&self, pending: &Pending) -> Result<Change, Refusal> {
        match pending {
            Pending::Add(definitions) => {
                self.may_add(definitions)?;
                Ok(Change::Add(definitions.clone()))
            }
            Pending::Restore(targets) => {
                let definitions: Vec<Definition> = targets.iter().map(|target| target.definition.clone()).collect();
                self.may_add(&definitions)?;
                let named = self.named_before(targets);
                Ok(if named.is_empty() { Change::Add(definitions) } else { Change::Restore(definitions, named) })
            }
            Pending::Edit(id, definition) => {
                let name = self.names(&[*id])?.remove(0);
                if definition.name != name && self.catalog.named(&definition.name).is_some() {
                    return Err(Refusal::NameTaken(definition.name.clone()));
                }
                is_watched_elsewhere(definition, Some(*id), &self.watched_addresses())?;
                Ok(Change::Edit(name, definition.clone()))
            }
            Pending::Remove(ids) => Ok(Change::Remove(self.names(ids)?)),
            Pending::SetActivity(ids, activity) => Ok(Change::SetActivity(self.names(ids)?, *activity)),
        }
    }

    /// The names of active targets, all or none.
    fn names(&self, ids: &[TargetId]) -> Result<Vec<String>, Refusal> {
        let name = |id: &TargetId| self.watches.get(*id).map(|watch| watch.target.definition.name.clone());
        ids.iter().map(|id| name(id).ok_or(Refusal::NotWatched)).collect()
    }

    /// Active targets, all or none.
    pub(super) fn targets(&self, ids: &[TargetId]) -> Result<Vec<Arc<Target>>, Refusal> {
        let target = |id: &TargetId| self.watches.get(*id).map(|watch| Arc::clone(&watch.target));
        ids.iter().map(|id| target(id).ok_or(Refusal::NotWatched)).collect()
    }

    /// Whether these can be added all together, beside those whose addition is being written.
    fn may_add(&self, definitions: &[Definition]) -> Result<(), Refusal> {
        let coming: Vec<&Definition> = self
            .pending
            .values()
            .flat_map(|pending| match pending {
                Pending::Add(definitions) => definitions.iter().collect::<Vec<_>>(),
                Pending::Restore(targets) => targets.iter().map(|target| &target.definition).collect(),
                Pending::Edit(_, definition) => vec![&**definition],
                Pending::Remove(_) | Pending::SetActivity(..) => Vec::new(),
            })
            .collect();
        let count = self.catalog.active_count() + coming.len() + definitions.len();
        if count > TARGETS_MAX {
            return Err(Refusal::TooMany(count, TARGETS_MAX));
        }
        let mut names: BTreeSet<&str> = coming.iter().map(|definition| definition.name.as_str()).collect();
        let mut watched = self.watched_addresses();
        for definition in coming {
            watched.entry(addresses(definition)).or_insert((None, definition.name.clone()));
        }
        for definition in definitions {
            if self.catalog.named(&definition.name).is_some() || !names.insert(&definition.name) {
                return Err(Refusal::NameTaken(definition.name.clone()));
            }
            is_watched_elsewhere(definition, None, &watched)?;
            watched.insert(addresses(definition), (None, definition.name.clone()));
        }
        Ok(())
    }

    fn watched_addresses(&self) -> Watched {
        let active = self.catalog.active().map(|entry| &entry.target);
        active
            .map(|target| (addresses(&target.definition), (Some(target.id), target.definition.name.clone())))
            .collect()
    }

    fn check_now(&mut self, now: Now, request: RequestId, ids: &[TargetId]) {
        if let Err(refusal) = self.names(ids) {
            return self.journal.reply(request, Reply::Refused(refusal));
        }
        let watching =
            ids.iter().filter(|id| self.watches.get(**id).is_some_and(|w| !w.is_paused() && w.running.is_none()));
        let watching: Vec<TargetId> = watching.copied().collect();
        self.prompt(now, &watching);
        self.journal.reply(request, Reply::Done);
    }

    /// Lets these be checked at once, spread over a few slots.
    fn prompt(&mut self, now: Now, ids: &[TargetId]) {
        for (slot, &id) in agenda::prompt_slots(now.mono, ids.len()).zip(ids) {
            self.agenda.hasten(id, slot);
        }
    }

    /// The configuration file was changed, or could not be.
    pub(super) fn written(&mut self, now: Now, request: RequestId, result: Result<(), String>) {
        let Some(pending) = self.pending.remove(&request) else { return };
        let reply = match result {
            Err(why) => Reply::Refused(Refusal::NotWritten(why)),
            Ok(()) => self.carry_out(now, pending),
        };
        self.journal.reply(request, reply);
    }

    /// The file has it: so it is. What the file's own reading brought about meanwhile is kept.
    fn carry_out(&mut self, now: Now, pending: Pending) -> Reply {
        let mut prompt = Vec::new();
        let reply = match pending {
            Pending::Add(definitions) => {
                let add = |definition: Definition| match self.catalog.named(&definition.name) {
                    Some(known) => known,
                    None => self.add(now, definition),
                };
                prompt = definitions.into_iter().map(add).collect();
                Reply::Added(prompt.clone())
            }
            Pending::Restore(targets) => {
                let named = self.named_before(&targets);
                self.settings.name_targets(&named);
                let restore = |target: Target| match self.catalog.named(&target.definition.name) {
                    Some(known) => known,
                    None => self.restore(now, target),
                };
                prompt = targets.into_iter().map(restore).collect();
                Reply::Added(prompt.clone())
            }
            Pending::Edit(id, definition) => {
                if let Some(watch) = self.watches.get(id) {
                    self.settings.rename_target(&watch.target.definition.name, &definition.name);
                }
                self.edit(now, id, *definition);
                prompt.push(id);
                Reply::Done
            }
            Pending::Remove(ids) => {
                self.unname(&ids);
                for id in ids {
                    self.remove(now, id);
                }
                Reply::Done
            }
            Pending::SetActivity(ids, activity) => {
                for &id in &ids {
                    let Some(watch) = self.watches.get(id) else { continue };
                    let definition = Definition { activity, ..watch.target.definition.clone() };
                    self.edit(now, id, definition);
                }
                prompt = ids;
                Reply::Done
            }
        };
        prompt.retain(|id| self.watches.get(*id).is_some_and(|watch| !watch.is_paused() && watch.running.is_none()));
        self.prompt(now, &prompt);
        self.count_pace();
        reply
    }

    /// The configuration file was edited by hand.
    pub(super) fn declared(&mut self, now: Now, declared: Result<Declared, String>) {
        self.version += 1;
        let declared = match declared {
            Ok(declared) => declared,
            Err(why) => {
                self.journal.tell(now.wall, None, Happening::ConfigurationRefused { why: why.clone() });
                self.configuration_error = Some(why);
                return;
            }
        };
        let was_wrong = self.configuration_error.take().is_some();
        let settings_changed = self.settings != declared.settings;
        self.settings = declared.settings;
        self.timetable.expire();
        let Matched { declared, missing } = self.catalog.matching(declared.targets);
        let (mut added, mut changed) = (Vec::new(), Vec::new());
        let removed = u32::try_from(missing.len()).unwrap_or(u32::MAX);
        for id in missing {
            self.remove(now, id);
        }
        // Known targets come first: what they let go of is taken up by new ones.
        let known = declared.iter().filter_map(|(id, definition)| Some((*id.as_ref()?, definition.clone())));
        for (id, definition) in known.collect::<Vec<_>>() {
            if self.edit(now, id, definition) {
                changed.push(id);
            }
        }
        let mut order = Vec::with_capacity(declared.len());
        for (id, definition) in declared {
            order.push(id.unwrap_or_else(|| {
                let id = self.add(now, definition);
                added.push(id);
                id
            }));
        }
        self.watches.arrange(order);
        let count = |ids: &[TargetId]| u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let (added_count, changed_count) = (count(&added), count(&changed));
        if was_wrong || settings_changed || added_count + changed_count + removed > 0 {
            let what = Happening::ConfigurationRead { added: added_count, changed: changed_count, removed };
            self.journal.tell(now.wall, None, what);
        }
        added.extend(changed);
        added.retain(|id| self.watches.get(*id).is_some_and(|watch| !watch.is_paused() && watch.running.is_none()));
        self.prompt(now, &added);
        self.count_pace();
    }

    /// Works out how many checks a second the definitions ask for.
    pub(super) fn count_pace(&mut self) {
        let watching = self.watches.values().filter(|watch| !watch.is_paused());
        let rate =
            |watch: &Watch| watch.target.definition.endpoints.len() as f32 / watch.cadence.interval().as_secs_f32();
        self.checks_per_second = watching.map(rate).sum();
    }
}
