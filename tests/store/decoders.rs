//! Values that are whole by their checksum and still nothing that a store has written: whatever reads them
//! refuses them, and history goes on.

use super::injury::{Files, read_all, write_all};
use super::world::*;
use portpulse::domain::maintenance::Origin;
use portpulse::domain::*;
use portpulse::store::{Bounds, open};
use std::path::Path;
use std::time::{Duration, Instant};

const ENDPOINTS: u32 = 3;
const LANES: usize = 4;
/// How much history a few kilobytes may claim to be.
const CHECKS_MAX: usize = 1 << 20;

fn targets() -> Vec<TargetId> {
    (0..ENDPOINTS).map(TargetId).collect()
}

async fn original() -> Files {
    let directory = scratch();
    let path = directory.path().join("history");
    let opened = open(&path, options()).expect("a store");
    let mut random = fastrand::Rng::with_seed(8);
    let entries = (0..ENDPOINTS).map(|id| Record::Target(target(id, id, START)));
    opened.store.save(entries.collect());
    for number in 0..400 {
        let at = START + Duration::from_mins(3 * number);
        let mut batch: Vec<Record> =
            (0..ENDPOINTS).map(|id| Record::Check(check(&mut random, EndpointId(id), at))).collect();
        match number % 10 {
            0 => batch.push(Record::Outage(outage(number + 1, TargetId(number as u32 % ENDPOINTS), at))),
            1 => batch.push(Record::Event(event("something".to_owned(), at))),
            2 => batch.push(Record::AdHoc(ad_hoc(at))),
            3 => {
                let (vantage, to) = (VantageId::HERE, at + Duration::from_secs(9));
                batch.push(Record::Gap(Gap { vantage, from: at, to, cause: GapCause::Stalled, path: None }));
            }
            4 => {
                let span = Span { from: at, to: at + Duration::from_mins(number) };
                let maintenance = Maintenance { span, title: "patches".to_owned(), origin: Origin::Declared };
                batch.push(Record::Maintenance(MaintenanceOf { targets: targets(), maintenance }));
            }
            _ => batch.push(Record::Alive(at)),
        }
        opened.store.save(batch);
    }
    opened.store.close().await.expect("a clean end");
    read_all(&path)
}

/// A body in the envelope of the store: a version in front, a checksum of tree, key and content behind.
fn envelope(tree: &[u8], key: &[u8], body: &[u8]) -> Vec<u8> {
    let mut value = [&[1], body].concat();
    let sum = crc32c::crc32c(&[tree, key, &value].concat());
    value.extend_from_slice(&sum.to_le_bytes());
    value
}

fn mutate(body: &mut Vec<u8>, random: &mut fastrand::Rng) {
    for _ in 0..random.usize(1..5) {
        let at = random.usize(0..=body.len());
        match (random.u8(0..6), body.get_mut(at)) {
            (0 | 1, Some(byte)) => *byte ^= 1 << random.u8(0..8),
            (2, Some(byte)) => *byte = [0, 1, 0x7f, 0x80, 0xff][random.usize(0..5)],
            (3, _) => body.truncate(at),
            (4, _) => drop(body.splice(at..at, std::iter::repeat_n(0xff, random.usize(1..12)))),
            _ => body.extend(std::iter::repeat_with(|| random.u8(..)).take(20)),
        }
    }
}

/// Replaces some values of a closed store by others that are whole, and says which.
fn forge(path: &Path, random: &mut fastrand::Rng) -> String {
    let database = sled::Config::new().path(path.join("sled")).open().expect("sled");
    let mut names = database.tree_names();
    names.retain(|name| name != b"__sled__default");
    names.sort_unstable();
    let mut what = String::new();
    for _ in 0..random.usize(1..5) {
        let name = &names[random.usize(0..names.len())];
        let tree = database.open_tree(name).expect("a tree");
        let rows: Vec<_> = tree.iter().map(|row| row.expect("a row")).collect();
        let Some((key, value)) = rows.get(random.usize(0..rows.len().max(1))) else { continue };
        let mut body = value[1..value.len() - 4].to_vec();
        mutate(&mut body, random);
        what = format!("{what} {} {key:02x?} = {body:02x?};", String::from_utf8_lossy(name));
        tree.insert(key, envelope(name, key, &body)).expect("a value");
    }
    database.flush().expect("a flush");
    what
}

async fn go_on(path: &Path, what: &str) {
    let opened = open(path, options()).unwrap_or_else(|error| panic!("{what}: {error}"));
    let limit = Duration::from_mins(1);
    let asked = tokio::time::timeout(limit, everything(&opened.store, ENDPOINTS, targets())).await;
    if let Ok(got) = asked.unwrap_or_else(|_| panic!("{what}: no answer")) {
        assert!(got.checks.iter().map(Vec::len).sum::<usize>() < CHECKS_MAX, "{what}");
    }
    let before = Some(START + Duration::from_hours(2));
    opened.store.prune(Bounds { checks: before, exact: before, outages: before, summaries: before, removed: before });
    opened.store.save(vec![Record::Check(refused(EndpointId(99), START))]);
    let end = Instant::now() + limit;
    while let Err(error) = opened.store.flush().await {
        assert!(Instant::now() < end, "{what}: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    opened.store.close().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let again = open(path, options()).unwrap_or_else(|error| panic!("{what}, the second time: {error}"));
    let kept = checks_of(&again.store, EndpointId(99)).await.expect("an answer");
    assert_eq!(kept.len(), 1, "{what}: not recording");
    again.store.close().await.expect("a clean end");
}

#[test]
fn forged_values_are_refused_and_history_goes_on() {
    let variants = number("PORTPULSE_FORGED").unwrap_or(150) as usize;
    let seed = number("PORTPULSE_SEED").unwrap_or_else(|| fastrand::u64(..u64::MAX / 2));
    let panics = watch_panics();
    let files = block_on(original());
    in_lanes(LANES, variants, |variant| {
        let mut random = fastrand::Rng::with_seed(seed + variant as u64);
        let directory = scratch();
        let path = directory.path().join("history");
        write_all(&path, &files);
        let forged = forge(&path, &mut random);
        block_on(go_on(&path, &format!("PORTPULSE_SEED={seed}, variant {variant}:{forged}")));
    });
    assert_eq!(*panics.lock().expect("no panic"), Vec::<String>::new(), "PORTPULSE_SEED={seed}");
}
