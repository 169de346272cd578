//! A day is summed up, a little at a time between other work: hours of each endpoint, uptimes of each target.
//!
//! Everything is computed from checks, outages, gaps, pauses and maintenance as they stand, by the same arithmetic
//! as every figure on the screen, and may be done any number of times: the day counts as summed
//! (or its marks go) only after the last of its values is written.

use super::base::Item;
use super::day::{Day, HOURS};
use super::error::Trouble;
use super::gather::gather;
use super::key::{self, Position, Series};
use super::ledger::Ledger;
use super::outdated::ALL;
use super::reader::Reader;
use super::ring::Ring;
use super::{hours, uptimes};
use crate::domain::{
    CatalogEntry, Check, EndpointId, Event, Gap, Happening, Span, TargetId, VantageId, Wall, maintenance,
};
use crate::window::{self, Apart, HOUR, Hour, hours_of, open_ended, outage_span, owned, spans};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How many rows are looked at between two looks at the clock.
const ROWS_AT_ONCE: usize = 64;
/// Targets with a shorter interval are summed up hour by hour, the others in one go: a few thousand
/// checks, a few milliseconds.
const OFTEN: Duration = Duration::from_secs(10);
/// How far events may be out of order and are still found.
const EVENTS_SLACK: Duration = Duration::from_hours(24);

/// A day that is being summed up.
#[derive(Debug)]
pub(super) struct Summing {
    day: Day,
    /// The endpoints that the day was marked for.
    marks: Vec<EndpointId>,
    gaps: Vec<Gap>,
    /// Pauses and resumptions since the day began, newest first.
    pauses: Vec<(TargetId, Wall, Happening)>,
    /// Targets that are still to be done, in descending order.
    targets: Vec<TargetId>,
    part: Part,
    /// Finished uptimes, as they are stored.
    done: BTreeMap<TargetId, Vec<u8>>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Reading events before this key; all of them at first.
    Events(Option<Vec<u8>>),
    Targets,
    Values,
    /// The day is summed up; pages of the series after this one are to be gathered.
    Pages(Option<Series>),
    Done,
}

/// What is finished of the target at hand.
#[derive(Debug, Default)]
struct Part {
    uptimes: Vec<window::Uptime>,
    hours: BTreeMap<Series, Vec<Hour>>,
}

impl Summing {
    /// Begins to sum up a day that is due.
    pub fn begin(ledger: &mut Ledger, day: Day) -> Result<Self, Trouble> {
        let marks = ledger.take_outdated(day);
        let is_new = ledger.summed.until.is_none_or(|until| day >= until);
        if is_new {
            // It counts when the last of it is written; what comes for it from now on marks it.
            ledger.under_way = Some(day);
        }
        let is_wanted = |entry: &&CatalogEntry| {
            is_new || marks.contains(&ALL) || ledger.endpoints_of(&entry.target).iter().any(|id| marks.contains(id))
        };
        let wanted = ledger.catalog.values().filter(is_wanted);
        let is_whole = |entry: &&CatalogEntry| ledger.is_whole(day, owned(entry.target.definition.pace()));
        let targets = wanted.filter(is_whole).map(|entry| entry.target.id).rev().collect();
        let gaps = asked(ledger, |reader| reader.gaps(day.span()))?;
        let stage = Stage::Events(None);
        let (pauses, done, part) = (Vec::new(), BTreeMap::new(), Part::default());
        Ok(Self { day, marks, gaps, pauses, targets, part, done, stage })
    }

    pub const fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    /// Goes on until the deadline, which is kept to within a few milliseconds.
    pub fn go_on(&mut self, ledger: &mut Ledger, deadline: Instant) -> Result<(), Trouble> {
        while !self.is_done() && Instant::now() < deadline {
            self.step(ledger)?;
        }
        Ok(())
    }

    fn step(&mut self, ledger: &mut Ledger) -> Result<(), Trouble> {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Events(before) => self.read_events(ledger, before)?,
            Stage::Targets => match self.targets.last().and_then(|id| ledger.catalog.get(id)).cloned() {
                Some(entry) => {
                    self.sum_part(ledger, &entry)?;
                    Stage::Targets
                }
                // Purged meanwhile.
                None if self.targets.pop().is_some() => {
                    self.part = Part::default();
                    Stage::Targets
                }
                None => Stage::Values,
            },
            Stage::Values => {
                self.put_uptimes(ledger)?;
                let is_new = ledger.under_way == Some(self.day);
                self.finish(ledger)?;
                if is_new { Stage::Pages(None) } else { Stage::Done }
            }
            Stage::Pages(after) => match ledger.series_after(after) {
                Some(of) => {
                    gather(ledger, of, self.day)?;
                    Stage::Pages(Some(of))
                }
                None => Stage::Done,
            },
            Stage::Done => Stage::Done,
        };
        Ok(())
    }

    fn read_events(&mut self, ledger: &Ledger, before: Option<Vec<u8>>) -> Result<Stage, Trouble> {
        let before = before.unwrap_or_else(|| key::arrival(Position { row: u64::MAX, index: u32::MAX }).to_vec());
        let mut next = None;
        for item in ledger.base.event.newest_before(&before).take(ROWS_AT_ONCE) {
            let (key, body) = match item? {
                Item::Good(key, body) => (key, body),
                Item::Damaged(key) => (key, Vec::new()),
            };
            next = Some(key.to_vec());
            let Ok(Event { at, target, what }) = postcard::from_bytes::<Event>(&body) else { continue };
            if at < self.day.start() - EVENTS_SLACK {
                return Ok(Stage::Targets);
            }
            if let (Some((target, _)), Happening::Paused | Happening::Resumed) = (target, &what) {
                self.pauses.push((target, at, what));
            }
        }
        Ok(next.map_or(Stage::Targets, |key| Stage::Events(Some(key))))
    }

    /// When the target was paused, as far as it matters for this day.
    fn paused(&self, entry: &CatalogEntry) -> Vec<Span> {
        let mut paused = Vec::new();
        let mut is_first = true;
        for (_, at, what) in self.pauses.iter().rev().filter(|(target, ..)| *target == entry.target.id) {
            match what {
                Happening::Paused => spans::insert(&mut paused, open_ended(*at)),
                _ if is_first => spans::insert(&mut paused, Span { from: Wall(i64::MIN), to: *at }),
                _ => spans::remove(&mut paused, open_ended(*at)),
            }
            is_first = false;
        }
        entry.paused_at.into_iter().for_each(|at| spans::insert(&mut paused, open_ended(at)));
        paused
    }

    /// The next hours of the target at hand, or all of them.
    fn sum_part(&mut self, ledger: &mut Ledger, entry: &CatalogEntry) -> Result<(), Trouble> {
        let definition = &entry.target.definition;
        let count = if definition.interval < OFTEN { 1 } else { HOURS };
        let from = self.day.start() + HOUR * self.part.uptimes.len() as u32;
        let span = Span { from, to: (from + HOUR * count as u32).min(self.day.span().to) };
        let pace = definition.pace();
        let mut checks = Vec::new();
        let endpoints = ledger.endpoints_of(&entry.target);
        let speakers = ledger.speakers_of(&entry.target);
        for &endpoint in &endpoints {
            let known: Vec<Series> = ledger.series.range(vantages(endpoint)).map(|(of, _)| *of).collect();
            for of in known {
                let reach = Span { from: span.from - owned(pace), to: span.to };
                let mut found: Vec<Check> = asked(ledger, |reader| reader.checks(of.0, of.1, reach))?;
                let inside = found.partition_point(|check| check.at < span.from);
                self.part.hours.entry(of).or_default().extend(hours_of(found.get(inside..).unwrap_or_default()));
                if of.1 == VantageId::HERE {
                    let is_said = |check: &Check| {
                        speakers
                            .iter()
                            .any(|(speaker, while_speaking)| of.0 == *speaker && while_speaking.contains(check.at))
                    };
                    found.retain(is_said);
                    checks.append(&mut found);
                }
            }
        }
        checks.sort_by_key(|check| check.at);
        let touches = |span: Span, other: Span| span.from < other.to && other.from <= span.to;
        let outages = ledger.outages_of(entry.target.id).filter(|outage| touches(outage_span(outage), span));
        let outages: Vec<_> = outages.cloned().collect();
        let since = first_check(ledger, speakers.iter().map(|(speaker, _)| *speaker))?
            .map_or(entry.added_at, |at| at.min(entry.added_at));
        let apart = Apart::paused(&self.paused(entry))
            .with_maintenance(maintenance::of_target(ledger.maintenance.values(), entry.target.id));
        let known = window::Ledger::read(&checks, &outages, &self.gaps, apart, pace, since, span.to);
        self.part.uptimes.extend(known.hours(span).into_iter().map(|hour| hour.uptime));
        if self.part.uptimes.len() >= HOURS {
            self.put_hours(ledger, entry.target.id)?;
        }
        Ok(())
    }

    /// Writes the hours of a target that is done, and keeps its uptimes for later.
    fn put_hours(&mut self, ledger: &Ledger, target: TargetId) -> Result<(), Trouble> {
        let Part { uptimes, hours } = std::mem::take(&mut self.part);
        for (of, hours) in hours.into_iter().filter(|(_, hours)| !hours.is_empty()) {
            ledger.base.hours.put(&key::hours(of, self.day), &hours::pack(self.day, &hours))?;
        }
        if let Ok(uptimes) = uptimes::Day::try_from(uptimes) {
            self.done.insert(target, uptimes::runs(&uptimes));
        }
        self.targets.pop();
        Ok(())
    }

    /// Writes the uptimes together with those that the day has already, and removes what is left of a
    /// former division. A crash in between leaves values that overlap: all of them are true, and the
    /// day is summed up once more.
    fn put_uptimes(&mut self, ledger: &Ledger) -> Result<(), Trouble> {
        let mut days = BTreeMap::new();
        let mut known = BTreeMap::new();
        for item in ledger.base.uptime.under(&key::day(self.day)) {
            let (key, body) = match item? {
                Item::Good(key, body) => (key, body),
                Item::Damaged(key) => (key, Vec::new()),
            };
            days.extend(
                uptimes::unpack(&body).unwrap_or_default().into_iter().map(|(id, day)| (id, uptimes::runs(&day))),
            );
            known.insert(key.to_vec(), body);
        }
        days.append(&mut self.done);
        days.retain(|id, _| ledger.catalog.contains_key(id));
        for (first, value) in uptimes::pack(&days) {
            let key = key::uptimes(self.day, first);
            if known.remove(&key[..]).as_ref() != Some(&value) {
                ledger.base.uptime.put(&key, &value)?;
            }
        }
        known.keys().try_for_each(|key| ledger.base.uptime.remove(key))
    }

    fn finish(&self, ledger: &mut Ledger) -> Result<(), Trouble> {
        if ledger.under_way.take() == Some(self.day) {
            ledger.summed.until = Some(self.day.plus(1));
        }
        ledger.put_summed()?;
        let is_over = |mark: &&EndpointId| !ledger.outdated.contains(&(self.day, **mark));
        self.marks
            .iter()
            .filter(is_over)
            .try_for_each(|mark| ledger.base.outdated.remove(&key::outdated(self.day, *mark)))
    }
}

fn vantages(endpoint: EndpointId) -> std::ops::RangeInclusive<Series> {
    (endpoint, VantageId(0))..=(endpoint, VantageId(u16::MAX))
}

/// The start of the first check of these endpoints that is still there.
fn first_check(ledger: &Ledger, endpoints: impl Iterator<Item = EndpointId>) -> Result<Option<Wall>, Trouble> {
    let mut first = None;
    for of in endpoints.map(|endpoint| (endpoint, VantageId::HERE)) {
        let sealed = ledger.base.chunk.raw(&key::series(of)).next().transpose()?;
        let sealed = sealed.and_then(|(key, _)| key::read_chunk(&key)).map(|(_, at)| at);
        let open = ledger.series.get(&of).filter(|progress| !progress.packer.is_empty());
        first = first.into_iter().chain(sealed).chain(open.map(|progress| progress.packer.first())).min();
    }
    Ok(first)
}

/// Asks a question about what is on disk and in open chunks, and nothing that waits.
pub(super) fn asked<T>(
    ledger: &Ledger,
    question: impl FnOnce(&Reader<'_>) -> Result<T, super::ReadError>,
) -> Result<T, Trouble> {
    let nothing = Ring::new(0);
    let reader = Reader::new(ledger, &nothing);
    let answer = question(&reader);
    match (answer, reader.findings()) {
        (Ok(answer), _) => Ok(answer),
        (Err(_), (_, Some(trouble))) => Err(trouble),
        (Err(error), _) => Err(Trouble::Disk(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Address, Definition, Endpoint, Family, Fault, Handshake, Outcome, Record, Target, TargetId, VantageId,
    };

    use crate::store::mend::{self};

    const DAY: Day = Day(20_000);

    fn check(at: Wall) -> Record {
        let (endpoint, outcome) = (EndpointId(0), Outcome::Inconclusive(Fault::Overload));
        let (dns, address, tried, answered) = (None, None, 0, 0);
        Record::Check(Check { endpoint, vantage: VantageId::HERE, at, outcome, dns, address, tried, answered })
    }

    fn target() -> Record {
        let address: Address = "db1:5432".parse().expect("an address");
        let (family, timeout, handshake) = (Family::Auto, Duration::from_secs(1), Handshake::Silent);
        let definition =
            Definition::new("db1".to_owned(), Endpoint { family, timeout, handshake, ..Endpoint::new(address) });
        let target = Target::plain(TargetId(0), EndpointId(0), definition);
        Record::Target(CatalogEntry { target, added_at: DAY.start(), removed_at: None, paused_at: None })
    }

    /// What a reader takes for summed up must be there, and what comes meanwhile must not be lost.
    #[test]
    fn a_day_counts_as_summed_up_when_the_last_of_it_is_written() {
        let directory = tempfile::tempdir().expect("a directory");
        let (_directory, mut ledger) = mend::opened(directory.path());
        let later = DAY.plus(1).start() + HOUR;
        ledger.write(vec![vec![target(), check(DAY.start() + HOUR), Record::Alive(later)]]).expect("a write");
        assert_eq!((ledger.due_day(), ledger.summed.until), (Some(DAY), Some(DAY)));

        let mut summing = Summing::begin(&mut ledger, DAY).expect("a beginning");
        while !matches!(summing.stage, Stage::Values) {
            assert_eq!(ledger.summed.until, Some(DAY));
            summing.step(&mut ledger).expect("a step");
        }
        ledger.write(vec![vec![check(DAY.start() + HOUR * 2), Record::Alive(later)]]).expect("a write");
        while !summing.is_done() {
            summing.step(&mut ledger).expect("one of the last steps");
        }
        assert_eq!(ledger.summed.until, Some(DAY.plus(1)));
        // The check that came in between is summed up the next time.
        assert_eq!(ledger.due_day(), Some(DAY));
    }
}
