//! A wall clock that is years away for a while, below a store that sums up days and drops what is old: what it says stays true.

use super::world::*;
use portpulse::domain::*;
use portpulse::monitor::{Effect, Input, Monitor, Settings};
use portpulse::store::{Bounds, Opened, Store, open};
use std::time::Duration;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Midnight UTC of a day in 2025.
const MIDNIGHT: Wall = Wall(START.0 - START.0 % DAY);
const ENDPOINT: EndpointId = EndpointId(1);

/// So far does a clock leap, in days: back, forward, to 2066, to the year 9999.
const LEAPS: [i64; 8] = [-20_000, -500, -40, -1, 40, 500, 15_000, 2_900_000];

fn later(from: Wall, millis: i64) -> Wall {
    Wall(from.0.saturating_add(millis))
}

fn opened(number: u64, at: Wall) -> Record {
    let timing = Timing { connect: Duration::from_micros(900 + number % 50), clocked: Clocked::Kernel, syn_lost: 0 };
    let outcome = Outcome::Open(timing);
    let (vantage, address) = (VantageId::HERE, Some([10, 0, 0, 1].into()));
    Record::Check(Check { endpoint: ENDPOINT, vantage, at, outcome, dns: None, address, tried: 1, answered: 1 })
}

/// How long the target was up on a day, and how many checks the hours of that day tell of.
async fn told(store: &Store, day: i64) -> (Duration, u32) {
    let from = later(MIDNIGHT, day * DAY);
    let span = Span { from, to: later(from, DAY) };
    let uptimes = ask(store, move |reader| reader.uptimes(TargetId(1), span)).await.expect("an answer");
    let hours = ask(store, move |reader| reader.hours(ENDPOINT, VantageId::HERE, span)).await.expect("an answer");
    (uptimes.iter().map(|hour| hour.uptime.up).sum(), hours.iter().map(|hour| hour.open).sum())
}

/// Checks every ten minutes for more than four days. The clock is elsewhere for half an hour, from five
/// minutes after a midnight on, when the day before is not summed up yet.
async fn days_with_a_leap(leap: i64) {
    let home = scratch();
    let path = home.path().join("history");
    let mut kept = open(&path, options()).expect("a store");
    let mut entry = target(1, ENDPOINT.0, MIDNIGHT);
    entry.target.definition.interval = Duration::from_mins(10);
    kept.store.save(vec![Record::Target(entry)]);
    for turn in 0..(4 * 144 + 30) {
        let right = later(MIDNIGHT, (turn * 10 + 5) * MINUTE);
        let is_away = (2 * 144..2 * 144 + 3).contains(&turn);
        let at = if is_away { later(right, leap * DAY) } else { right };
        kept.store.save(vec![opened(turn.unsigned_abs(), at), Record::Alive(at)]);
        if is_away || turn % 36 == 0 {
            kept.store.flush().await.expect("a flush");
        }
        if turn == 2 * 144 + 1 || turn == 2 * 144 + 50 {
            kept.store.close().await.expect("a clean end");
            kept = open(&path, options()).expect("a store");
            assert_eq!(kept.notes, Vec::<String>::new(), "{leap} days");
        }
    }
    kept.store.flush().await.expect("a flush");
    let until = ask(&kept.store, |reader| Ok(reader.summed_until())).await.expect("an answer");
    assert_eq!(until, Some(later(MIDNIGHT, 4 * DAY)), "{leap} days");
    for day in 0..4 {
        let (up, checks) = told(&kept.store, day).await;
        let missing = if day == 2 { 3 } else { 0 };
        let strayed = if leap == -1 && day == 1 { 3 } else { 0 };
        assert!(up >= Duration::from_hours(23), "{leap} days: up for {up:?} on day {day}");
        assert_eq!(checks, 144 - missing + strayed, "{leap} days, day {day}");
    }
    kept.store.close().await.expect("a clean end");
}

#[test]
fn summaries_stay_true_over_a_clock_that_was_years_away() {
    in_lanes(2, LEAPS.len(), |place| block_on(days_with_a_leap(LEAPS[place])));
}

/// The real monitor above a real store, with clocks that a test moves. Every check connects.
struct Run {
    monitor: Monitor,
    kept: Opened,
    now: Now,
    effects: Vec<Effect>,
}

impl Run {
    fn start(kept: Opened, wall: Wall) -> Self {
        let now = Now { mono: Mono(0), wall };
        let mut kept = kept;
        let mut effects = Vec::new();
        let resumed = std::mem::take(&mut kept.resumed);
        let declared = target(1, ENDPOINT.0, MIDNIGHT).target.definition;
        let monitor = Monitor::new(now, Settings::default(), vec![declared], resumed, &mut effects);
        Self { monitor, kept, now, effects }
    }

    /// Lets hours pass.
    async fn pass(&mut self, hours: u64) {
        let end = self.now.mono + Duration::from_hours(hours);
        let mut next_flush = self.now.mono;
        while self.now.mono < end {
            for effect in std::mem::take(&mut self.effects) {
                match effect {
                    Effect::Save(records) => self.kept.store.save(records),
                    Effect::Prune { checks_before, exact_before, outages_before, summaries_before, removed_before } => {
                        self.kept.store.prune(Bounds {
                            checks: checks_before,
                            exact: exact_before,
                            outages: outages_before,
                            summaries: summaries_before,
                            removed: removed_before,
                        });
                    }
                    Effect::Order(Order::Probe(job)) => {
                        let timing =
                            Timing { connect: Duration::from_millis(2), clocked: Clocked::Kernel, syn_lost: 0 };
                        let mut found = job::Finding::inconclusive(Duration::ZERO, Fault::Cancelled);
                        (found.outcome, found.address) = (Outcome::Open(timing), Some([10, 0, 0, 1].into()));
                        self.monitor.handle(self.now, Input::Probed(job.attempt, found), &mut self.effects);
                    }
                    _ => {}
                }
            }
            if self.now.mono >= next_flush {
                self.kept.store.flush().await.expect("a flush");
                next_flush = self.now.mono + Duration::from_mins(30);
            }
            if self.effects.is_empty() {
                let wake = self.monitor.wake_at().expect("a moment").max(self.now.mono + Duration::from_millis(1));
                let passed = wake.since(self.now.mono);
                self.now = Now { mono: wake, wall: self.now.wall + passed };
                self.monitor.handle(self.now, Input::Wake, &mut self.effects);
            }
        }
        self.kept.store.flush().await.expect("a flush");
    }

    fn leap(&mut self, millis: i64) {
        self.now.wall = later(self.now.wall, millis);
    }

    /// The clock is as far ahead as if the run had begun so many days after the first midnight.
    fn set_right(&mut self, begun: i64) {
        self.now.wall = later(MIDNIGHT, begun * DAY) + self.now.mono.since(Mono(0));
    }

    async fn end(mut self) {
        self.monitor.handle(self.now, Input::Stopping, &mut self.effects);
        self.kept.store.close().await.expect("a clean end");
    }
}

/// So long is the history that a run finds.
const FOUND: i64 = 25;

/// A store with a check an hour for 25 days, an outage that ended on the second day, and one that is open.
async fn furnish(path: &std::path::Path) {
    let kept = open(path, options()).expect("a store");
    kept.store.save(vec![Record::Target(target(1, ENDPOINT.0, MIDNIGHT))]);
    let end = Some(Closing::Paused(later(MIDNIGHT, DAY + 1)));
    kept.store.save(vec![
        Record::Outage(Outage { closing: end, ..outage(1, TargetId(1), later(MIDNIGHT, DAY)) }),
        Record::Outage(outage(2, TargetId(1), later(MIDNIGHT, 2 * DAY))),
    ]);
    for hour in 0..FOUND * 24 {
        let at = later(MIDNIGHT, hour * 60 * MINUTE);
        kept.store.save(vec![opened(hour.unsigned_abs(), at), Record::Alive(at)]);
        if hour % 240 == 239 {
            kept.store.flush().await.expect("a flush");
        }
    }
    kept.store.close().await.expect("a clean end");
}

/// How many of the checks that were found are there still, and how many outages.
async fn left(store: &Store) -> (usize, usize) {
    let span = Span { from: MIDNIGHT, to: later(MIDNIGHT, FOUND * DAY) };
    let checks = ask(store, move |reader| reader.checks(ENDPOINT, VantageId::HERE, span)).await.expect("an answer");
    // Those of the run itself take longer.
    let found = checks.iter().filter(|check| check.latency().is_some_and(|latency| latency < Duration::from_millis(1)));
    let outages = ask(store, |reader| reader.outages(EVER)).await.expect("an answer");
    (found.count(), outages.len())
}

/// What a clock does: by how many days it is off at the start, and after how many hours it leaps by so many.
type Tale = (&'static str, i64, &'static [(u64, i64)]);

/// Told from the end of the history that is found.
const TALES: [Tale; 8] = [
    ("right all the time", 0, &[]),
    ("forty days ahead while running", 0, &[(2, 40)]),
    ("years ahead while running, and years more", 0, &[(2, 5_000), (3, 5_000)]),
    ("forty days ahead at the start", 40, &[]),
    ("in 9999 at the start", 2_900_000, &[]),
    ("in 1970 at the start", -20_000, &[]),
    ("put back a day while running", 0, &[(3, -1)]),
    ("put back years while running, and ahead of time", 0, &[(2, -3_000), (2, 6_000)]),
];

#[test]
fn no_clock_has_anything_dropped_that_is_not_old() {
    let limit = Settings::default();
    in_lanes(2, TALES.len(), |place| {
        let (name, off, leaps) = TALES[place];
        let home = scratch();
        let path = home.path().join("history");
        block_on(async {
            furnish(&path).await;
            let found = (usize::try_from(FOUND * 24).expect("few"), 2);
            let begun = later(MIDNIGHT, FOUND * DAY);
            let mut run = Run::start(open(&path, options()).expect("a store"), later(begun, off * DAY));
            for (hours, days) in leaps {
                run.pass(*hours).await;
                run.leap(days * DAY);
            }
            run.pass(8).await;
            let is_right = off == 0 && leaps.iter().all(|(_, days)| *days < 0);
            let now = left(&run.kept.store).await;
            if !is_right {
                assert_eq!(now, found, "{name}: while the clock is wrong");
                // Whoever starts anew believes it no sooner.
                run.end().await;
                let kept = open(&path, options()).expect("a store");
                assert_eq!(kept.notes, Vec::<String>::new(), "{name}");
                let wrong = later(begun, (off + leaps.iter().map(|(_, days)| days).sum::<i64>()) * DAY);
                run = Run::start(kept, later(wrong, 12 * 60 * MINUTE));
                run.pass(8).await;
                assert_eq!(left(&run.kept.store).await, found, "{name}: after a start with the wrong clock");
            }
            // Ten days later, by the right clock again.
            run.set_right(FOUND + 10);
            run.pass(60).await;
            let (checks, outages) = left(&run.kept.store).await;
            let old = run.now.wall - limit.keep_checks;
            let young = (0..FOUND * 24).filter(|hour| later(MIDNIGHT, hour * 60 * MINUTE) >= old).count();
            assert!((young..young + 72).contains(&checks), "{name}: {checks} checks, {young} of them young");
            assert!(checks < found.0 && outages == 1, "{name}: {checks} checks, {outages} outages");
            run.end().await;
            let again = open(&path, options()).expect("a store");
            assert_eq!((again.notes, again.resumed.open_outages.len() <= 1), (Vec::new(), true), "{name}");
        });
    });
}

#[tokio::test]
async fn a_start_after_a_clock_that_was_ahead_knows_the_last_day() {
    let home = scratch();
    let path = home.path().join("history");
    let kept = open(&path, options()).expect("a store");
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a clock after 1970");
    let now = Wall(0) + since;
    let ended = |id, hours: u64| {
        let at = now - Duration::from_hours(hours);
        let closing = Some(Closing::Recovered { ended_at: at, confirmed_at: at });
        Record::Outage(Outage { closing, ..outage(id, TargetId(1), at - Duration::from_mins(9)) })
    };
    let (from, to) = (now - Duration::from_hours(3), now - Duration::from_hours(2));
    let gap = Gap { vantage: VantageId::HERE, from, to, cause: GapCause::Stalled, path: None };
    kept.store.save(vec![Record::Target(target(1, ENDPOINT.0, from)), ended(1, 5), ended(2, 1), Record::Gap(gap)]);
    kept.store.save(vec![Record::Alive(now), Record::Alive(later(now, 15_000 * DAY))]);
    kept.store.close().await.expect("a clean end");
    let again = open(&path, options()).expect("a store").resumed;
    assert_eq!((again.closed_outages.len(), again.gaps), (2, vec![gap]));
}

#[tokio::test]
async fn where_the_last_proof_of_life_lies_in_the_future_the_newest_check_that_does_not_is_told() {
    let directory = scratch();
    let path = directory.path().join("history");
    let present = Wall::default() + std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
    let begin = present - Duration::from_hours(9);
    for (ahead, is_told) in [(Duration::ZERO, false), (Duration::from_hours(20), true)] {
        let opened = open(&path, options()).expect("a store");
        opened.store.save(vec![Record::Target(target(1, 1, begin))]);
        let past = (0..300).map(|n| Record::Check(refused(EndpointId(1), begin + Duration::from_mins(n))));
        opened.store.save(past.collect());
        let later = (0..300).map(|n| Record::Check(refused(EndpointId(1), begin + ahead + Duration::from_mins(n))));
        opened.store.save(later.chain([Record::Alive(begin + ahead)]).collect());
        opened.store.close().await.expect("a clean end");
        let opened = open(&path, options()).expect("a store");
        assert_eq!(opened.resumed.behind, is_told.then_some(begin + Duration::from_mins(299)));
        opened.store.close().await.expect("a clean end");
    }
}
