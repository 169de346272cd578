//! A history that could not be opened at the start is there after all: the run so far becomes a part of it.
//!
//! Ids are given by the history, and so a run without one gives others, far beyond those that any history
//! gives. When it is there, the run is put into it as if it had been recorded all the time: targets are who
//! they are by the rules of a start, the time between the run before and this one becomes a gap, and what was
//! judged stands as it was shown. Only an outage that history has open was not known of: what was seen
//! meanwhile is judged once more from there on, until both agree. After that everything goes on as after a
//! start that took no time.

use super::agenda::Agenda;
use super::catalog::{Catalog, Matched, addresses};
use super::left::Left;
use super::maintenance::Works;
use super::message::Effect;
use super::renaming::Renaming;
use super::retention::Retention;
use super::round::Round;
use super::watch::Watch;
use super::watches::Watches;
use super::{Monitor, Purpose};
use crate::domain::record::Resumed;
use crate::domain::{
    Activity, CatalogEntry, Check, Closing, Definition, EndpointId, Event, Happening, Now, Order, Outage, OutageId,
    Record, TargetId, Wall,
};
use crate::window;
use std::collections::{BTreeMap, BTreeSet};

/// So many of the newest checks of a target are looked at again, as at a start.
const RECENT_MAX: usize = 30;

/// What the run so far knows of who is who.
struct Run {
    catalog: Catalog,
    watches: Watches,
}

/// What was seen of one target in the run so far.
#[derive(Default)]
struct Seen {
    checks: Vec<Check>,
    /// As they are told of last, under the ids of the run.
    outages: BTreeMap<OutageId, Outage>,
    /// When it was paused and resumed, and removed and brought back.
    turns: Vec<Event>,
}

impl Monitor {
    /// History is there; `batches` is what it was to keep meanwhile.
    pub(super) fn opened(&mut self, now: Now, resumed: Resumed, batches: Vec<Vec<Record>>) {
        let alive_by_birth = resumed.alive_by(self.born.wall);
        let Resumed { catalog, open_outages, closed_outages, recent, events, alive, .. } = resumed;
        let mut left = Left::sort(open_outages, closed_outages, recent, &catalog, &events);
        Left::sort_maintenance(&mut left, resumed.maintenance);
        let known = Catalog::new(catalog, resumed.next_target, resumed.next_endpoint);
        let run =
            Run { catalog: std::mem::replace(&mut self.catalog, known), watches: std::mem::take(&mut self.watches) };
        self.call_off_all(&run.watches);
        self.retention.doubt(&Retention::new(now, alive, &events));
        let mut renaming = Renaming { alive, ..Renaming::default() };
        let (targets, missing) = self.identify(now, &run, &mut renaming, &mut left);
        self.close_missing(now, missing, &mut left);
        self.note_time_before(now, &run, resumed.gaps, alive_by_birth, &left);
        let mut seen = sort(&batches, &run, &renaming);
        let going_on = self.join_outages(now, resumed.last_outage, &run, &mut seen, &mut renaming, &mut left);
        for watch in run.watches.values() {
            let id = renaming.target(watch.target.id);
            left.entry(id).or_default().maintenance.learn(watch.recent.works());
        }
        let endpoints = self.catalog.active().filter_map(|entry| Some((entry.target.id, entry.target.series()?)));
        let endpoints = endpoints.collect();
        self.journal.want(Effect::Save(targets.into_iter().map(Record::Target).collect()));
        let mut log = events;
        let is_cleared = batches.iter().flatten().any(|record| *record == Record::AdHocCleared);
        for batch in put_in(batches, &endpoints, &renaming, going_on) {
            log.extend(batch.iter().filter_map(|record| match record {
                Record::Event(event) => Some(event.clone()),
                _ => None,
            }));
            self.journal.want(Effect::Save(batch));
        }
        self.journal.recall(log);
        if !is_cleared {
            self.instants.recall(resumed.ad_hoc);
        }
        let definitions = run.watches.in_order().map(|watch| &watch.target);
        let declared = definitions.map(|target| (Some(renaming.target(target.id)), target.definition.clone()));
        self.take_up(now, declared.collect(), left);
        self.stay_blind(now);
        self.rename(renaming.targets);
        self.count_pace();
        self.version += 1;
    }

    /// What checks still find is dropped by their numbers, and turns are planned anew.
    fn call_off_all(&mut self, watches: &Watches) {
        for attempt in watches.values().filter_map(|watch| watch.running.as_ref()).flat_map(Round::out) {
            self.journal.order(Order::Cancel(attempt));
        }
        self.attempts.retain(|_, purpose| !matches!(purpose, Purpose::Round(_) | Purpose::Script(_)));
        self.suspects.clear();
        self.agenda = Agenda::default();
        self.shelf.clear();
    }

    /// Finds out who the targets of the run are. Returns those that history is to know anew or otherwise, and
    /// those that it had and that were not declared.
    fn identify(
        &mut self,
        now: Now,
        run: &Run,
        renaming: &mut Renaming,
        left: &mut BTreeMap<TargetId, Left>,
    ) -> (Vec<CatalogEntry>, Vec<TargetId>) {
        let definitions = run.watches.in_order().map(|watch| watch.target.definition.clone()).collect();
        let Matched { declared, mut missing } = self.catalog.matching(definitions);
        let mut changed = Vec::new();
        for (watch, (known, definition)) in run.watches.in_order().zip(declared) {
            let before = known.and_then(|id| self.catalog.entry(id)).cloned();
            let paused_at = run.catalog.entry(watch.target.id).and_then(|entry| entry.paused_at);
            let id = known.unwrap_or_else(|| {
                let watching = Definition { activity: Activity::Watching, ..definition.clone() };
                self.catalog.add(watching, watch.added_at).target.id
            });
            let Some(entry) = self.catalog.edit(id, definition, paused_at.unwrap_or(now.wall)) else { continue };
            renaming.targets.insert(watch.target.id, id);
            renaming.endpoints.extend(watch.target.ids().zip(entry.target.ids()));
            renaming.known.extend(known);
            let left = left.entry(id).or_default();
            if before.as_ref().is_some_and(|before| before.target.series() != entry.target.series()) {
                let closed = left.close(Now { wall: self.born.wall, ..now }, Closing::Removed);
                if let Some(outage) = closed {
                    self.journal.save(Record::Outage(outage));
                }
                left.checks.clear();
            }
            changed.extend(Some(entry).filter(|entry| before.as_ref() != Some(entry)));
        }
        for entry in run.catalog.removed() {
            changed.extend(self.identify_removed(entry, &mut missing, renaming));
        }
        for (endpoint, owner) in run.catalog.endpoints() {
            // Addresses of earlier definitions.
            if !renaming.endpoints.contains_key(&endpoint) && renaming.targets.contains_key(&owner) {
                renaming.endpoints.insert(endpoint, self.catalog.next_endpoint());
            }
        }
        (changed, missing)
    }

    /// Finds out who a target was that has been removed in the run.
    fn identify_removed(
        &mut self,
        entry: &CatalogEntry,
        missing: &mut Vec<TargetId>,
        renaming: &mut Renaming,
    ) -> Option<CatalogEntry> {
        let Definition { name, .. } = &entry.target.definition;
        if let Some(namesake) = self.catalog.named(name).filter(|id| !missing.contains(id)) {
            // Another one was added under its name: what was seen of it is kept there.
            renaming.targets.insert(entry.target.id, namesake);
            return None;
        }
        let is_the_same = |id: &TargetId| {
            let known = self.catalog.entry(*id).map(|known| &known.target.definition);
            known.is_some_and(|known| known.name == *name && addresses(known) == addresses(&entry.target.definition))
        };
        let known = missing.iter().copied().find(is_the_same);
        missing.retain(|id| Some(*id) != known);
        renaming.known.extend(known);
        let id = known.unwrap_or_else(|| {
            let watching = Definition { activity: Activity::Watching, ..entry.target.definition.clone() };
            self.catalog.add(watching, entry.added_at).target.id
        });
        let gone = self.catalog.remove(id, entry.removed_at?)?;
        renaming.targets.insert(entry.target.id, id);
        renaming.endpoints.extend(entry.target.ids().zip(gone.target.ids()));
        Some(gone)
    }

    /// The time between the run before and this one.
    fn note_time_before(
        &mut self,
        now: Now,
        run: &Run,
        gaps: Vec<crate::domain::Gap>,
        alive: Option<Wall>,
        left: &BTreeMap<TargetId, Left>,
    ) {
        let mine = std::mem::replace(&mut self.gaps, window::merged(gaps));
        let watching = run.watches.values().filter(|watch| !watch.is_paused());
        let shortest = watching.map(|watch| watch.cadence.interval()).min();
        self.note_absence(Now { wall: self.born.wall, ..now }, alive, shortest, left);
        self.gaps = window::merged(self.gaps.iter().copied().chain(mine).chain(self.blindness(now.wall)).collect());
    }

    /// Outages of the run get their ids, and those that history has open go on. What was seen is left to be
    /// taken up. Returns outages that history had open and that are to be saved.
    fn join_outages(
        &mut self,
        now: Now,
        last_outage: u64,
        run: &Run,
        seen: &mut BTreeMap<TargetId, Seen>,
        renaming: &mut Renaming,
        left: &mut BTreeMap<TargetId, Left>,
    ) -> Vec<Outage> {
        let live: BTreeMap<TargetId, Outage> = run
            .watches
            .values()
            .filter_map(|watch| Some((renaming.target(watch.target.id), watch.health.outage()?.clone())))
            .collect();
        let mut going_on = Vec::new();
        for (id, left) in left.iter_mut().filter(|(_, left)| left.open.is_some()) {
            let seen = seen.entry(*id).or_default();
            let Some(outage) = self.go_on(now, *id, left, seen, live.get(id)) else { continue };
            seen.outages.retain(|_, part| outage.ended_at().is_some_and(|ended_at| part.started_at >= ended_at));
            left.open = Some(outage.clone()).filter(|outage| outage.closing.is_none());
            left.closed.extend(Some(outage.clone()).filter(|outage| outage.closing.is_some()));
            going_on.push(outage);
        }
        let own: BTreeSet<OutageId> = seen.values().flat_map(|seen| seen.outages.keys().copied()).collect();
        renaming.outages = own.into_iter().zip((last_outage + 1..).map(OutageId)).collect();
        self.last_outage = last_outage + renaming.outages.len() as u64;
        for (id, seen) in seen {
            let left = left.entry(*id).or_default();
            for outage in seen.outages.values() {
                let newest = live.get(id).filter(|live| live.id == outage.id).unwrap_or(outage);
                let Some(outage) = renaming.outage(newest) else { continue };
                if outage.closing.is_some() { left.closed.push(outage) } else { left.open = Some(outage) }
            }
            left.checks.append(&mut seen.checks);
            left.checks.drain(..left.checks.len().saturating_sub(RECENT_MAX));
            seen.turns.iter().for_each(|event| left.pause(event));
        }
        going_on
    }

    /// What has become of an outage that history has open, by what was seen meanwhile.
    fn go_on(&self, now: Now, id: TargetId, left: &Left, seen: &Seen, live: Option<&Outage>) -> Option<Outage> {
        let entry = self.catalog.entry(id)?;
        let mut target = entry.target.clone();
        target.definition.activity = Activity::Watching;
        let mut watch = Watch::new(&CatalogEntry { target, paused_at: None, ..entry.clone() }, now.wall);
        let stopped = match seen.turns.first() {
            Some(event) if matches!(event.what, Happening::Paused | Happening::Removed) => Some(event.at),
            // It was paused when the run began.
            Some(_) => Some(self.born.wall),
            None => entry.paused_at.or(entry.removed_at),
        };
        let is_gone = seen.turns.first().map_or(entry.removed_at.is_some(), |event| event.what == Happening::Removed);
        let until = |check: &&Check| stopped.is_none_or(|stopped| check.at < stopped);
        let judged = Left {
            checks: left.checks.iter().chain(seen.checks.iter().filter(until)).cloned().collect(),
            open: left.open.clone(),
            closed: left.closed.clone(),
            paused: left.paused.clone(),
            maintenance: Works::default(),
            back_at: left.back_at,
            members: Vec::new(),
        };
        let ended = watch.replay(now, judged, &self.gaps, &self.gaps);
        let mut outage = ended.or_else(|| watch.health.outage().cloned())?;
        // One that began after the stop is another.
        if let Some(live) = live.filter(|_| stopped.is_none())
            && outage.ended_at().is_none_or(|ended_at| ended_at > live.started_at)
        {
            // It is shown as going on, and so it does.
            outage.closing = None;
            outage.last_failure_at = outage.last_failure_at.max(live.last_failure_at);
        }
        if outage.closing.is_none() {
            let at = stopped.map(|at| at.max(outage.started_at));
            outage.closing = at.map(if is_gone { Closing::Removed } else { Closing::Paused });
        }
        Some(outage)
    }
}

/// What was seen, by the targets as history knows them.
fn sort(batches: &[Vec<Record>], run: &Run, renaming: &Renaming) -> BTreeMap<TargetId, Seen> {
    let present: BTreeMap<EndpointId, TargetId> =
        run.watches.values().filter_map(|watch| Some((watch.series()?, renaming.target(watch.target.id)))).collect();
    let mut seen: BTreeMap<TargetId, Seen> = BTreeMap::new();
    for record in batches.iter().flatten() {
        match record {
            Record::Check(check) => {
                let Some(id) = present.get(&check.endpoint) else { continue };
                let Some(&endpoint) = renaming.endpoints.get(&check.endpoint) else { continue };
                seen.entry(*id).or_default().checks.push(Check { endpoint, ..check.clone() });
            }
            Record::Outage(outage) => {
                let seen = seen.entry(renaming.target(outage.target)).or_default();
                seen.outages.insert(outage.id, outage.clone());
            }
            Record::Event(event) => {
                let Some((id, _)) = &event.target else { continue };
                if matches!(
                    event.what,
                    Happening::Paused | Happening::Resumed | Happening::Removed | Happening::Restored
                ) {
                    seen.entry(renaming.target(*id)).or_default().turns.push(event.clone());
                }
            }
            Record::Gap(_)
            | Record::Target(_)
            | Record::Former(_)
            | Record::Maintenance(_)
            | Record::AdHoc(_)
            | Record::Alive(_)
            | Record::AdHocCleared => {}
        }
    }
    seen
}

/// What history is to keep of the run. An outage that it had open and that has ended is saved together with
/// the check that shows it.
fn put_in(
    batches: Vec<Vec<Record>>,
    endpoints: &BTreeMap<TargetId, EndpointId>,
    renaming: &Renaming,
    mut going_on: Vec<Outage>,
) -> Vec<Vec<Record>> {
    let mut kept: Vec<Vec<Record>> = Vec::with_capacity(batches.len() + 1);
    for batch in batches {
        let mut batch: Vec<Record> = batch.into_iter().filter_map(|record| renaming.record(record)).collect();
        let shows = |outage: &mut Outage| {
            let known_at = outage.closing.map(Closing::known_at);
            let endpoint = endpoints.get(&outage.target);
            batch.iter().any(|record| match record {
                Record::Check(check) => Some(check.at) == known_at && Some(&check.endpoint) == endpoint,
                Record::Event(Event { at, target: Some((id, _)), what: Happening::Paused | Happening::Removed }) => {
                    Some(*at) == known_at && *id == outage.target
                }
                _ => false,
            })
        };
        let ended: Vec<Outage> = going_on.extract_if(.., shows).collect();
        batch.extend(ended.into_iter().flat_map(told));
        kept.push(batch);
    }
    let over = going_on.extract_if(.., |outage| outage.closing.is_some()).flat_map(told).collect();
    kept.insert(0, over);
    kept.push(going_on.into_iter().map(Record::Outage).collect());
    kept.retain(|batch| !batch.is_empty());
    kept
}

/// An outage, and the line that tells of its end if it recovered.
fn told(outage: Outage) -> Vec<Record> {
    let end = match outage.closing {
        Some(Closing::Recovered { ended_at, confirmed_at } | Closing::EndNotSeen { ended_at, confirmed_at, .. }) => {
            Some(Record::Event(Event {
                at: confirmed_at,
                target: Some((outage.target, outage.name.clone())),
                what: Happening::Up { outage: outage.id, lasted: ended_at.since(outage.started_at) },
            }))
        }
        _ => None,
    };
    std::iter::once(Record::Outage(outage)).chain(end).collect()
}
