//! What becomes of targets: they are added, brought back, changed, paused and removed.

use super::Monitor;
use super::message::Effect;
use super::moment::Moment;
use super::watch::Watch;
use crate::domain::{
    CatalogEntry, Closing, Definition, Former, Happening, Now, Order, Outage, Record, Target, TargetId,
};
use crate::window::open_ended;
use std::sync::Arc;

impl Monitor {
    pub(super) fn add(&mut self, now: Now, definition: Definition) -> TargetId {
        let entry = self.catalog.add(definition, now.wall);
        self.watch(now, &entry, Happening::Added)
    }

    pub(super) fn restore(&mut self, now: Now, target: Target) -> TargetId {
        let entry = self.catalog.restore(target, now.wall);
        self.watch(now, &entry, Happening::Restored)
    }

    fn watch(&mut self, now: Now, entry: &CatalogEntry, what: Happening) -> TargetId {
        let id = entry.target.id;
        let mut watch = Watch::new(entry, now.wall);
        if let Some(recent) = self.shelf.remove(&id) {
            watch.bring_back(recent, now.wall);
        }
        self.journal.save(Record::Target(entry.clone()));
        self.journal.tell(now.wall, Some(&entry.target), what);
        if !watch.is_paused() {
            self.agenda.plan(id, watch.cadence.turn_after(now.mono));
        }
        if entry.added_at < now.wall
            && let Some(endpoint) = watch.series()
        {
            self.journal.want(Effect::Recall(endpoint, now.wall - super::start::RECALLED));
        }
        self.watches.push(watch);
        self.timetable.expire();
        self.version += 1;
        id
    }

    pub(super) fn remove(&mut self, now: Now, id: TargetId) {
        let Some(mut watch) = self.watches.remove(id) else { return };
        self.agenda.forget(id);
        self.suspects.remove(&id);
        self.call_off(&mut watch);
        let closed = watch.health.abandon(Moment::at(now), Closing::Removed);
        if let Some(outage) = &closed {
            watch.recent.outage(outage, now.wall);
        }
        self.save_closed(closed);
        watch.recent.pause(open_ended(now.wall));
        self.shelf.insert(id, watch.recent);
        if let Some(entry) = self.catalog.remove(id, now.wall) {
            self.journal.save(Record::Target(entry));
        }
        self.journal.tell(now.wall, Some(&watch.target), Happening::Removed);
        self.version += 1;
    }

    /// Takes over a changed definition. Returns whether anything is different.
    pub(super) fn edit(&mut self, now: Now, id: TargetId, definition: Definition) -> bool {
        let Some(mut watch) = self.watches.take(id) else { return false };
        if watch.target.definition == definition {
            self.watches.put_back(watch);
            return false;
        }
        let Some(entry) = self.catalog.edit(id, definition, now.wall) else { return false };
        self.journal.save(Record::Target(entry.clone()));
        let (was_paused, old_endpoint) = (watch.is_paused(), watch.series());
        let endpoints = watch.target.endpoint_ids.clone();
        let old = std::mem::replace(&mut watch.target, Arc::new(entry.target.clone()));
        let is_paused = watch.is_paused();
        let only_activity = Definition { activity: old.definition.activity, ..entry.target.definition.clone() };
        if only_activity != old.definition {
            self.journal.tell(now.wall, Some(&entry.target), Happening::Edited);
        }
        if watch.series() != old_endpoint {
            self.leave_series(now, &old);
            if !old.shares_endpoints(&entry.target) {
                self.call_off(&mut watch);
                let closed = watch.health.abandon(Moment::at(now), Closing::Removed);
                self.save_closed(closed);
                let fresh = Watch::new(&CatalogEntry { added_at: now.wall, ..entry.clone() }, now.wall);
                let before = std::mem::replace(&mut watch, fresh);
                watch.recent.learn_works(before.recent.works(), now.wall);
                watch.maintenance = before.maintenance;
            }
        }
        if (endpoints, old.round_id) != (entry.target.endpoint_ids.clone(), entry.target.round_id) {
            // What is under way does not belong to these endpoints.
            self.call_off(&mut watch);
        }
        watch.revise(entry.target.clone());
        match (was_paused, is_paused) {
            (false, true) => self.pause(now, &mut watch),
            (true, false) => {
                watch.recent.resume(now.wall);
                watch.since = now.wall;
                self.journal.tell(now.wall, Some(&entry.target), Happening::Resumed);
            }
            _ => {}
        }
        if is_paused {
            self.agenda.forget(id);
        } else {
            self.agenda.plan(id, watch.cadence.turn_after(now.mono));
        }
        watch.changed();
        self.watches.put_back(watch);
        self.timetable.expire();
        self.version += 1;
        true
    }

    /// Another history speaks for the target from now on: the one before stays its own.
    pub(super) fn leave_series(&mut self, now: Now, old: &Target) {
        self.journal.save(Record::Former(Former { target: old.clone(), until: now.wall }));
    }

    fn pause(&mut self, now: Now, watch: &mut Watch) {
        self.suspects.remove(&watch.target.id);
        self.call_off(watch);
        let closed = watch.health.abandon(Moment::at(now), Closing::Paused);
        if let Some(outage) = &closed {
            watch.recent.outage(outage, now.wall);
        }
        self.save_closed(closed);
        watch.recent.pause(open_ended(now.wall));
        watch.since = now.wall;
        self.journal.tell(now.wall, Some(&watch.target), Happening::Paused);
    }

    /// Stops the running round; what it still finds is dropped by its numbers.
    fn call_off(&mut self, watch: &mut Watch) {
        let Some(round) = watch.running.take() else { return };
        for attempt in round.out() {
            self.attempts.remove(&attempt);
            self.journal.order(Order::Cancel(attempt));
        }
        if let Some(asked) = round.asked {
            self.attempts.remove(&asked);
        }
    }

    fn save_closed(&mut self, closed: Option<Outage>) {
        if let Some(outage) = closed {
            self.journal.save(Record::Outage(outage));
        }
    }
}
