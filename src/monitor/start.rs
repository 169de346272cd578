//! Taking up the work where the run before left it.

use super::Monitor;
use super::agenda::{self, Agenda};
use super::catalog::{Catalog, Matched};
use super::health::{Health, Verdict};
use super::instant::Instants;
use super::journal::Journal;
use super::left::Left;
use super::maintenance::Timetable;
use super::message::{Effect, Recording};
use super::moment::Moment;
use super::recent::Recent;
use super::retention::Retention;
use super::settings::Settings;
use super::snapshot::{Latest, Soft, State};
use super::watch::Watch;
use super::watches::Watches;
use crate::domain::record::Resumed;
use crate::domain::{
    Activity, CatalogEntry, Check, Closing, Definition, EndpointId, Finding, Gap, GapCause, Happening, Now, Outage,
    Record, TargetId, VantageId, Wall,
};
use crate::window;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// How much history of each endpoint is read back.
pub(super) const RECALLED: Duration = Duration::from_mins(24 * 60 + 30);
/// Blindness is saved every ten seconds while it lasts: a gap of blindness that ends this close to
/// the last proof of life had not ended.
const BLIND_AT_THE_END: Duration = Duration::from_secs(15);

impl Monitor {
    /// A monitor that takes up the work where the run before left it: open outages go on under
    /// their ids, streaks are replayed, time away becomes a gap. `declared` are the targets that
    /// the configuration names now; they are matched to known ones by name, then by address.
    pub fn new(
        now: Now,
        settings: Settings,
        declared: Vec<Definition>,
        resumed: Resumed,
        effects: &mut Vec<Effect>,
    ) -> Self {
        let alive_by_now = resumed.alive_by(now.wall);
        let Resumed { catalog, open_outages, closed_outages, gaps, last_outage, alive, events, ad_hoc, recent, .. } =
            resumed;
        let mut left = Left::sort(open_outages, closed_outages, recent, &catalog, &events);
        Left::sort_maintenance(&mut left, resumed.maintenance);
        let mut monitor = Self {
            settings,
            version: 1,
            born: Moment::at(now),
            heard: now,
            catalog: Catalog::new(catalog, resumed.next_target, resumed.next_endpoint),
            watches: Watches::default(),
            shelf: BTreeMap::new(),
            agenda: Agenda::default(),
            attempts: BTreeMap::new(),
            last_attempt: 0,
            last_outage,
            sights: Default::default(),
            looks_wanted: [None; 4],
            blind_why: Default::default(),
            suspects: BTreeMap::new(),
            gaps: window::merged(gaps),
            retention: Retention::new(now, alive, &events),
            timetable: Timetable::since(alive.unwrap_or(now.wall)),
            alive_at: now.mono,
            pending: BTreeMap::new(),
            former: BTreeMap::new(),
            unnamed: BTreeMap::new(),
            instants: Instants::new(ad_hoc),
            faults: BTreeMap::new(),
            recording: Recording::default(),
            prober: crate::domain::job::Health::default(),
            skipped_turns: 0,
            checks_per_second: 0.0,
            configuration_error: None,
            journal: Journal::new(events),
            sweep_at: now.mono,
            swept: 0,
        };
        let Matched { declared, missing } = monitor.catalog.matching(declared);
        monitor.close_missing(now, missing, &mut left);
        let shortest = declared.iter().map(|(_, definition)| definition);
        let shortest = shortest.filter(|d| d.activity == Activity::Watching).map(|d| d.interval).min();
        let away = monitor.note_absence(now, alive_by_now, shortest, &left);
        monitor.take_up(now, declared, left);
        let targets = u32::try_from(monitor.watches.len()).unwrap_or(u32::MAX);
        monitor.journal.tell(now.wall, None, Happening::Started { targets, away });
        monitor.count_pace();
        monitor.work(now);
        monitor.journal.drain(effects);
        monitor
    }

    /// Closes what belonged to targets that are gone from the configuration.
    pub(super) fn close_missing(&mut self, now: Now, missing: Vec<TargetId>, left: &mut BTreeMap<TargetId, Left>) {
        for id in missing {
            let closed = left.get_mut(&id).and_then(|left| left.close(now, Closing::Removed));
            if let Some(outage) = closed {
                self.journal.save(Record::Outage(outage));
            }
            if let Some(entry) = self.catalog.remove(id, now.wall) {
                self.journal.tell(now.wall, Some(&entry.target), Happening::Removed);
                self.journal.save(Record::Target(entry));
            }
        }
    }

    /// Writes down the time away as a gap. `alive` is the last sign of life by the clock of now. Returns how long
    /// it was, if this is not the first run.
    pub(super) fn note_absence(
        &mut self,
        now: Now,
        alive: Option<Wall>,
        shortest: Option<Duration>,
        left: &BTreeMap<TargetId, Left>,
    ) -> Option<Duration> {
        let checks = left.values().filter_map(|left| left.checks.last()).map(|check| check.at);
        let newest_check = checks.filter(|at| *at <= now.wall).max();
        let alive = alive?;
        let from = newest_check.map_or(alive, |at| alive.max(at + Duration::from_millis(1))).min(now.wall);
        for gap in self.gaps.iter_mut().filter(|gap| gap.cause == GapCause::Blind) {
            if alive.since(gap.to) <= BLIND_AT_THE_END && gap.to < now.wall {
                gap.to = from;
                self.journal.save(Record::Gap(*gap));
            }
        }
        let away = now.wall.since(from);
        if shortest.is_some_and(|shortest| now.wall.since(from) > window::owned(shortest)) {
            let gap = Gap { vantage: VantageId::HERE, from, to: now.wall, cause: GapCause::NotRunning, path: None };
            self.journal.save(Record::Gap(gap));
            self.remember_gap(gap);
        }
        Some(away)
    }

    pub(super) fn take_up(
        &mut self,
        now: Now,
        declared: Vec<(Option<TargetId>, Definition)>,
        mut left: BTreeMap<TargetId, Left>,
    ) {
        let mut prompt = Vec::new();
        for (known, definition) in declared {
            let before = known.and_then(|id| self.catalog.entry(id)).cloned();
            let entry = match known {
                Some(id) => self.catalog.edit(id, definition, now.wall),
                None => Some(self.catalog.add(definition, now.wall)),
            };
            let Some(entry) = entry else { continue };
            let id = entry.target.id;
            let same_endpoint = before.as_ref().is_none_or(|before| before.target.shares_endpoints(&entry.target));
            self.tell_found(now, before.as_ref(), &entry);
            let mut watch = Watch::new(&entry, now.wall);
            if let Some(mut left) = left.remove(&id) {
                if !watch.is_paused() {
                    // It may have been resumed in the file while nobody ran.
                    window::spans::remove(&mut left.paused, window::open_ended(now.wall));
                }
                if !same_endpoint || watch.is_paused() {
                    let closing = if same_endpoint { Closing::Paused } else { Closing::Removed };
                    left.close(now, closing).into_iter().for_each(|outage| self.journal.save(Record::Outage(outage)));
                }
                if let Some(ended) = watch.take_up(now, left, &self.gaps) {
                    self.journal.save(Record::Outage(ended));
                }
                if let Some(endpoint) = watch.series().filter(|_| same_endpoint) {
                    self.journal.want(Effect::Recall(endpoint, now.wall - RECALLED));
                }
            }
            watch.resume_maintenance(self.timetable.looked_at());
            if !watch.is_paused() {
                match watch.first_turn(now) {
                    Some(turn) => self.agenda.plan(id, turn),
                    None => prompt.push(id),
                }
            }
            self.watches.push(watch);
        }
        for (slot, id) in agenda::prompt_slots(now.mono, prompt.len()).zip(prompt) {
            self.agenda.plan(id, slot);
        }
        self.shelve(now, left);
    }

    /// Tells what the configuration says otherwise than it did when the run before ended. When it was changed
    /// nobody knows: it counts from now on.
    fn tell_found(&mut self, now: Now, before: Option<&CatalogEntry>, entry: &CatalogEntry) {
        if before == Some(entry) {
            return;
        }
        let target = &entry.target;
        self.journal.save(Record::Target(entry.clone()));
        let Some(before) = before else { return self.journal.tell(now.wall, Some(target), Happening::Added) };
        if before.target.series() != target.series() {
            self.leave_series(now, &before.target);
        }
        let (old, new) = (&before.target.definition, &target.definition);
        if (Definition { activity: new.activity, ..old.clone() }) != *new {
            self.journal.tell(now.wall, Some(target), Happening::Edited);
        }
        match (old.activity, new.activity) {
            (Activity::Watching, Activity::Paused) => self.journal.tell(now.wall, Some(target), Happening::Paused),
            (Activity::Paused, Activity::Watching) => self.journal.tell(now.wall, Some(target), Happening::Resumed),
            _ => {}
        }
    }

    /// Remembers the outages of targets that are not watched now, should they come back.
    fn shelve(&mut self, now: Now, left: BTreeMap<TargetId, Left>) {
        for (id, left) in left {
            let Some(entry) = self.catalog.entry(id).filter(|_| self.catalog.is_kept(id, now.wall)) else { continue };
            let mut recent = Recent::new(entry.added_at, entry.target.definition.pace(), now.wall);
            for outage in &left.closed {
                recent.past_outage(outage);
            }
            recent.learn_works(&left.maintenance, now.wall);
            recent.pause(window::open_ended(entry.removed_at.unwrap_or(now.wall)));
            self.shelf.insert(id, recent);
        }
    }

    /// Takes in the history of one endpoint that was read back.
    pub(super) fn recalled(&mut self, now: Now, endpoint: EndpointId, checks: &[Check]) {
        let Some(watch) = self.catalog.owner(endpoint).and_then(|id| self.watches.get_mut(id)) else { return };
        if watch.series() != Some(endpoint) {
            return;
        }
        watch.recent.recall(checks, &self.gaps, now.wall);
        watch.changed();
        self.version += 1;
    }
}

impl Watch {
    /// Replays what the run before left. Returns an outage that the replay has ended.
    fn take_up(&mut self, now: Now, left: Left, gaps: &[Gap]) -> Option<Outage> {
        let ended = self.replay(now, left, gaps, gaps);
        self.health.give_up_last_strike();
        self.changed();
        ended
    }

    /// Judges again what was left behind. `gaps` are those of the last day; checks inside `hiding` are not
    /// believed. Returns an outage that this has ended.
    pub(super) fn replay(&mut self, now: Now, left: Left, gaps: &[Gap], hiding: &[Gap]) -> Option<Outage> {
        left.members.iter().for_each(|checks| self.members.remember(checks));
        let judged_until = left.judged_until();
        for outage in left.open.iter().chain(&left.closed) {
            self.recent.past_outage(outage);
        }
        left.paused.iter().for_each(|&span| self.recent.pause(span));
        self.recent.learn_works(&left.maintenance, now.wall);
        for &gap in gaps {
            self.recent.gap(gap, now.wall);
        }
        let ends = left.closed.iter().filter_map(Outage::ended_at);
        let resumed = left.paused.iter().map(|span| span.to).filter(|to| *to <= now.wall);
        let newest_end = ends.chain(resumed).max();
        if let Some(outage) = left.open {
            self.since = outage.started_at;
            let last_failure = Moment::remembered(outage.last_failure_at, now);
            self.health.resume(outage, last_failure);
        } else if !self.is_paused() {
            self.since = newest_end.unwrap_or(self.added_at);
        }
        let mut ended = None;
        let mut unseen: VecDeque<&Gap> = hiding.iter().filter(|gap| gap.path.is_none()).collect();
        let mut pass = |health: &mut Health, until: Wall| {
            while let Some(gap) = unseen.pop_front_if(|gap| gap.to <= until) {
                health.gap(Moment::remembered(gap.from, now), Moment::remembered(gap.to, now));
            }
        };
        for check in &left.checks {
            pass(&mut self.health, check.at);
            if check.at >= judged_until && !self.is_paused() {
                // A connection that opened is believed wherever it began: it ended the blindness, or would have.
                let is_hidden = !check.outcome.is_open() && window::is_hidden(check, hiding);
                let verdict = if is_hidden { Verdict::Inconclusive } else { Verdict::of(check, None) };
                let before = self.state();
                let change = self.health.take(Moment::remembered(check.at, now), verdict);
                if before != State::Pending && self.state() != before {
                    self.since = check.at;
                }
                if let super::health::Change::Ended(outage) = change {
                    self.since = outage.ended_at().unwrap_or(check.at);
                    self.recent.outage(&outage, now.wall);
                    ended = Some(*outage);
                }
            }
            self.recent.take(check);
        }
        pass(&mut self.health, Wall(i64::MAX));
        let since_back = left.checks.last().filter(|check| left.back_at.is_none_or(|back_at| check.at >= back_at));
        self.latest = since_back.map(|check| {
            let finding = Finding::remembered(check);
            Arc::new(Latest { check: check.clone(), finding })
        });
        ended
    }

    /// The first turn after a start, or `None` if the last check is older than the interval.
    fn first_turn(&self, now: Now) -> Option<crate::domain::Mono> {
        let age = now.wall.since(self.recent.newest()?.at);
        let interval = self.cadence.interval();
        let patience = match self.health.soft() {
            Soft::Steady => interval + interval / 4,
            Soft::Failing { .. } | Soft::Recovering { .. } => self.target.definition.retry_interval.min(interval),
        };
        let latest = agenda::slot_from(now.mono + patience.saturating_sub(age));
        (age <= interval).then(|| self.cadence.turn_after(now.mono).min(latest))
    }
}
