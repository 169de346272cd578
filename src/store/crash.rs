//! A crash between any two writes: what was saved is there, what was not is not there by halves.

use super::Options;
use super::base::fuse;
use super::directory::Directory;
use super::error::Trouble;
use super::ledger::Ledger;
use super::mend::{self, Foreknowledge, Ready};
use super::prune::{Bounds, Pruning};
use super::reader::Reader;
use super::ring::{Batch, Ring};
use crate::domain::{
    CatalogEntry, Check, Closing, Definition, Endpoint, EndpointId, Event, Family, Fault, Handshake, Happening, Outage,
    OutageId, Outcome, Reason, Record, Span, Target, TargetId, VantageId, Wall,
};
use std::path::Path;
use std::time::{Duration, Instant};

const BATCHES: i64 = 10;
const EVER: Span = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };

/// Ninety minutes between batches, so that every third one seals a chunk.
fn moment(number: i64) -> Wall {
    Wall(1_750_000_000_000 + number * 90 * 60_000)
}

/// One endpoint is checked so rarely that its chunks are sealed for their age.
fn is_rare(number: i64) -> bool {
    number % 5 == 0
}

/// A target whose record needs several journal rows, checks, an outage that opens or closes, an event.
fn batch(number: i64) -> Batch {
    let at = moment(number);
    let check = |id| {
        let outcome = Outcome::Inconclusive(Fault::Overload);
        let (endpoint, vantage) = (EndpointId(id), VantageId::HERE);
        Record::Check(Check { endpoint, vantage, at, outcome, dns: None, address: None, tried: 0, answered: 0 })
    };
    let address = "db1:5432".parse().expect("an address");
    let (family, timeout) = (Family::Auto, Duration::from_secs(1));
    let endpoint = Endpoint { address, family, timeout, handshake: Handshake::Silent };
    let mut definition = Definition::new("db1".to_owned(), endpoint);
    definition.note = number.to_string().repeat(9_000);
    let target = Target { id: TargetId(0), endpoint_ids: vec![EndpointId(0), EndpointId(1)], definition };
    let entry = CatalogEntry { target, added_at: moment(0), removed_at: None, paused_at: None };
    let opened = number / 2 * 2;
    let outage = Outage {
        id: OutageId(opened.cast_unsigned() + 1),
        target: TargetId(0),
        name: "db1".to_owned(),
        started_at: moment(opened),
        detected_at: moment(opened),
        last_failure_at: at,
        closing: (opened != number).then_some(Closing::Paused(at)),
        reason: Reason::Refused,
        failures: [1, 0, 0, 0, 0, 0],
        inconclusive: 0,
        unobserved: Duration::ZERO,
    };
    let event = Event { at, target: None, what: Happening::Note(number.to_string()) };
    let mut batch = vec![check(0), check(1), Record::Target(entry), Record::Outage(outage), Record::Event(event)];
    if is_rare(number) {
        batch.push(check(2));
    }
    batch
}

fn open(path: &Path) -> Ledger {
    let (directory, found) = Directory::take(path).expect("a directory");
    directory.mark().expect("a mark");
    let options = Options { free_space_min: 0, ..Options::default() };
    let Ready { ledger, notes, .. } =
        mend::open(&directory, found, &options, Foreknowledge::default()).expect("a store");
    assert_eq!(notes, Vec::<String>::new());
    ledger
}

/// Saves the batches from one on, with sealing, trimming and pruning between; counts those that were saved.
fn live(ledger: &mut Ledger, from: i64, saved: &mut i64) -> Result<(), Trouble> {
    let never = Instant::now() + Duration::from_hours(1);
    for number in from..BATCHES {
        ledger.write(vec![batch(number)])?;
        ledger.commit()?;
        *saved = number + 1;
        if number % 4 == 3 {
            ledger.seal_idle()?;
            ledger.commit()?;
            ledger.trim(never)?;
            let nothing = Bounds { checks: Some(moment(-1)), outages: Some(moment(-1)), removed: Some(moment(-1)) };
            Pruning::new(nothing).go_on(ledger, never)?;
        }
    }
    Ok(())
}

/// The store must hold so many batches, whole, and nothing else.
fn verify(ledger: &Ledger, count: i64, what: &str) {
    let nothing = Ring::new(0);
    let reader = Reader::new(ledger, &nothing);
    for id in [0, 1, 2] {
        let checks = reader.checks(EndpointId(id), VantageId::HERE, EVER).expect("an answer");
        let moments: Vec<Wall> = checks.iter().map(|check| check.at).collect();
        let expected: Vec<Wall> = (0..count).filter(|number| id < 2 || is_rare(*number)).map(moment).collect();
        assert_eq!(moments, expected, "{what}: endpoint {id}");
    }
    assert_eq!(reader.events(100).expect("an answer").len(), count as usize, "{what}");
    let outages = reader.outages(EVER).expect("an answer");
    assert_eq!(outages.len(), (count as usize).div_ceil(2), "{what}");
    let open = outages.iter().filter(|outage| outage.closing.is_none()).count();
    assert_eq!((open, ledger.open_outages.len()), ((count % 2) as usize, (count % 2) as usize), "{what}");
    let last = (0..count).flat_map(batch).rfind(|record| matches!(record, Record::Target(_)));
    let known = ledger.catalog.get(&TargetId(0)).cloned().map(Record::Target);
    assert_eq!(known, last, "{what}");
}

#[test]
fn whatever_the_write_before_which_it_ends_what_was_saved_is_whole() {
    let mut writes = 0;
    loop {
        // In memory where there is such a place: the order of writes is the matter here, no disk.
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
        let mut ledger = open(directory.path());
        let mut saved = 0;
        fuse::set(Some(writes));
        let ended = live(&mut ledger, 0, &mut saved);
        fuse::set(None);
        drop(ledger);

        let what = format!("ended before write {writes}, {saved} batches saved");
        let mut ledger = open(directory.path());
        let count = ledger.base.event.raw(&[]).count();
        let count = i64::try_from(count).expect("a few");
        assert!(count == saved || count == saved + 1, "{what}: {count} are there");
        verify(&ledger, count, &what);
        live(&mut ledger, count, &mut saved).expect("a disk that works");
        verify(&ledger, BATCHES, &what);
        drop(ledger);
        let ledger = open(directory.path());
        verify(&ledger, BATCHES, &what);
        if ended.is_ok() {
            assert!(writes > 100, "only {writes} writes were tried");
            return;
        }
        writes += 1;
    }
}
