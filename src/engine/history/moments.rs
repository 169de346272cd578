//! The whole table at random moments of random days, as read in a short way and as every check tells it.

use super::super::query::{Answer, AsOf, Depth, Query};
use super::answer;
use crate::domain::record::Past;
use crate::domain::{
    Address, CatalogEntry, Check, Clocked, Closing, Definition, Endpoint, EndpointId, Event, Failure, Family, Fault,
    Gap, GapCause, Handshake, Happening, Outage, OutageId, Outcome, Path, Place, Reason, Record, Span, Target,
    TargetId, Timing, VantageId, Wall,
};
use crate::monitor::as_of;
use crate::store::{Options, Store, open};
use std::sync::Arc;
use std::time::Duration;

const TARGETS: u32 = 12;
const MINUTES: i64 = 4 * 1_440 - 200;
const SECOND: i64 = 1_000;

fn minute(minute: i64) -> Wall {
    Wall(1_750_032_000_000 + minute * 60 * SECOND)
}

/// A few days of one target: long good times, blips, outages, faults of ours and pauses.
struct Life {
    id: u32,
    random: fastrand::Rng,
    records: Vec<Record>,
}

impl Life {
    fn entry(&self) -> CatalogEntry {
        let address: Address = format!("192.0.2.{}:5432", self.id).parse().expect("an address");
        let (family, timeout, handshake) = (Family::Auto, Duration::from_secs(10), Handshake::Silent);
        let endpoint = Endpoint { family, timeout, handshake, ..Endpoint::new(address) };
        let mut definition = Definition::new(format!("db{}", self.id), endpoint);
        definition.degraded_above = self.id.is_multiple_of(3).then_some(Duration::from_millis(100));
        let target = Target::plain(TargetId(self.id), EndpointId(self.id), definition);
        CatalogEntry { target, added_at: minute(i64::from(self.id) * 7), removed_at: None, paused_at: None }
    }

    fn check(&mut self, at: i64, outcome: Outcome) {
        let (endpoint, vantage) = (EndpointId(self.id), VantageId::HERE);
        let at = Wall(minute(at).0 + self.random.i64(0..3));
        let address = Some([192, 0, 2, self.id as u8].into());
        self.records.push(Record::Check(Check {
            endpoint,
            vantage,
            at,
            outcome,
            dns: None,
            address,
            tried: 1,
            answered: 1,
        }));
    }

    fn open(&mut self) -> Outcome {
        let connect = Duration::from_micros(self.random.u64(500..150_000));
        Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 })
    }

    fn live(mut self) -> Vec<Record> {
        let failure = Outcome::Failed(Failure {
            reason: Reason::Refused,
            place: Place::Later,
            errno: None,
            name: None,
            after: Duration::from_millis(1),
            syn_lost: 0,
        });
        let mut now = i64::from(self.id) * 7;
        let target = Some((TargetId(self.id), format!("db{}", self.id)));
        let event = |at: i64, what| Record::Event(Event { at: minute(at), target: target.clone(), what });
        while now < MINUTES {
            for _ in 0..self.random.i64(20..900).min(MINUTES - now) {
                let outcome = self.open();
                self.check(now, outcome);
                now += 1;
            }
            let lasts = self.random.i64(1..200).min(MINUTES - now);
            match self.random.u8(0..5) {
                0 => (0..lasts.min(2)).for_each(|after| self.check(now + after, failure)),
                1 => (0..lasts).for_each(|after| self.check(now + after, Outcome::Inconclusive(Fault::Memory))),
                2 => self.records.extend([event(now, Happening::Paused), event(now + lasts, Happening::Resumed)]),
                3 if lasts >= 3 => {
                    (0..lasts).for_each(|after| self.check(now + after, failure));
                    let (ended_at, confirmed_at) = (minute(now + lasts), minute(now + lasts + 1));
                    self.records.push(Record::Outage(Outage {
                        id: OutageId(u64::from(self.id) * 10_000 + now as u64),
                        target: TargetId(self.id),
                        name: format!("db{}", self.id),
                        started_at: minute(now),
                        detected_at: Wall(minute(now + 2).0 + SECOND),
                        last_failure_at: minute(now + lasts - 1),
                        closing: Some(Closing::Recovered { ended_at, confirmed_at }),
                        reason: Reason::Refused,
                        failures: [lasts as u32, 0, 0, 0, 0, 0, 0, 0],
                        inconclusive: 0,
                        unobserved: Duration::ZERO,
                    }));
                }
                _ => {}
            }
            now += lasts;
        }
        self.records.push(Record::Target(self.entry()));
        self.records
    }
}

/// What concerns all: blindness that was noticed later than it began, and time without a program.
fn gaps(random: &mut fastrand::Rng) -> Vec<Record> {
    let mut records = Vec::new();
    for _ in 0..6 {
        let (from, lasts) = (random.i64(0..MINUTES), random.i64(5..90));
        let (vantage, from, to, is_blind) = (VantageId::HERE, minute(from), minute(from + lasts), random.bool());
        let (cause, path) = if is_blind { (GapCause::Blind, Some(Path::Ipv4)) } else { (GapCause::NotRunning, None) };
        records.push(Record::Gap(Gap { vantage, from, to, cause, path }));
        if is_blind {
            let what = Happening::Blind { why: "IPv4: no usable local route".to_owned() };
            records.push(Record::Event(Event { at: from + Duration::from_mins(3), target: None, what }));
            let what = Happening::SightRestored { after: Duration::from_mins(lasts.unsigned_abs()) };
            records.push(Record::Event(Event { at: to + Duration::from_secs(9), target: None, what }));
        }
    }
    records
}

async fn short(store: &Store, at: Wall) -> AsOf {
    let answer = answer(store, Query::AsOf(at, Depth::Days), None, at).await.expect("an answer");
    let Answer::AsOf(found) = answer else { panic!("{answer:?}") };
    *found
}

/// Everything that every check tells.
async fn long(store: &Store, at: Wall) -> Past {
    let read = store.read(move |reader| {
        let until = Span { from: Wall(0), to: Wall(at.0 + 1) };
        let mut checks = Vec::new();
        for entry in reader.entries() {
            let endpoint = entry.target.endpoint_ids[0];
            checks.push((endpoint, reader.checks(endpoint, VantageId::HERE, until)?));
        }
        let (catalog, outages, gaps) = (reader.entries(), reader.outages(until)?, reader.gaps(until)?);
        let (events, maintenance) = (reader.events(usize::MAX)?, reader.maintenance().cloned().collect());
        Ok(Past { catalog, outages, gaps, maintenance, events, checks, ..Past::default() })
    });
    read.await.expect("the store runs").expect("an answer")
}

#[tokio::test]
async fn sums_of_hours_and_glances_say_what_all_checks_say() {
    let home = tempfile::tempdir().expect("a directory");
    let store = open(home.path(), Options { free_space_min: 0, ..Options::default() }).expect("a store").store;
    let mut random = fastrand::Rng::with_seed(7);
    store.import(vec![Record::Alive(minute(0))]).await.expect("a history");
    store.import(gaps(&mut random)).await.expect("a history");
    for id in 1..=TARGETS {
        let life = Life { id, random: random.fork(), records: Vec::new() };
        store.import(life.live()).await.expect("a history");
    }
    store.import(vec![Record::Alive(minute(MINUTES))]).await.expect("a history");
    // Every day that is over is summed up, between other work.
    while store.read(|reader| Ok(reader.summed_until())).await.expect("it runs") != Ok(Some(minute(3 * 1_440))) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut compared = 0;
    for _ in 0..150 {
        let at = Wall(minute(random.i64(100..MINUTES)).0 + random.i64(0..60) * SECOND);
        let (short, long) = (short(&store, at).await, as_of(at, long(&store, at).await));
        let picture = short.picture.expect("history");
        assert_eq!(picture.targets.len(), long.targets.len(), "{at:?}");
        for (short, long) in picture.targets.iter().zip(&long.targets) {
            let name = &short.target.definition.name;
            assert_eq!(short.day, long.day, "{name} at {at:?}");
            assert_eq!(Arc::clone(short), Arc::clone(long), "{name} at {at:?}");
            compared += usize::from(!short.day.uptime.up.is_zero());
        }
    }
    assert!(compared > 1_000, "{compared}");
    store.close().await.expect("a saved history");
}
