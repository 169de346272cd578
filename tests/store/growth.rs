//! The directory stops growing: what pruning frees is used again.

use super::world::*;
use portpulse::domain::*;
use portpulse::store::{Bounds, Depth, Options, Store, Survey, open};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const TARGETS: u32 = 20;
const HOURS: u32 = 90 * 24;
/// For how many days checks and outages are kept, and summaries.
const KEPT: u32 = 20;
const SUMMED: u32 = 50;
/// sled's file grows and shrinks by segments of 512 KB, and how many of them are free at a moment
/// depends on when its thread for that had its turn.
const SEGMENTS: u64 = 2 << 19;
/// Hours that are saved and pruned at once, so that the test takes seconds.
const STEP: u32 = 4;
const HOUR: Duration = Duration::from_hours(1);
/// Four hours pass in some milliseconds here, in which sled's thread is to have its turn now and then.
const TIDY_EVERY: Duration = Duration::from_millis(10);

fn size(path: &Path) -> u64 {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let bytes = entries.map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => size(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    });
    bytes.sum()
}

/// The bytes of all values, by what they are.
async fn shelves(store: &Store) -> BTreeMap<String, u64> {
    let mut survey = Survey::new(Depth::Heads);
    while !survey.is_done() {
        survey = ask(store, move |reader| reader.survey(survey)).await.expect("an answer");
    }
    survey.shelves.iter().map(|shelf| (shelf.name.to_string(), shelf.bytes)).collect()
}

/// Which of them have become larger, by more than what comes and goes within a day.
fn grown(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> Vec<String> {
    let grows = |(name, bytes): &(&String, &u64)| **bytes > before[*name] + before[*name] / 10 + (8 << 10);
    after.iter().filter(grows).map(|(name, _)| name.clone()).collect()
}

/// Ninety simulated days, with twenty days of retention for checks and outages and fifty for summaries: while these
/// grow, nothing else does, and when they are old enough nothing grows any more.
#[tokio::test]
async fn summaries_alone_grow_longer_than_checks_are_kept_and_nothing_grows_for_ever() {
    // In memory where there is such a place: how long a disk takes is not the matter here.
    let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
    let path = directory.path().join("history");
    let store = open(&path, Options { tidy_every: TIDY_EVERY, ..options() }).expect("a store").store;
    let mut random = fastrand::Rng::with_seed(9);
    store.save((0..TARGETS).map(|id| Record::Target(target(id, id, START))).collect());
    let (mut sizes, mut held) = (Vec::new(), Vec::new());
    for hour in (STEP..=HOURS).step_by(STEP as usize) {
        let now = START + HOUR * hour;
        let mut batch = vec![Record::Alive(now)];
        for minute in (0..60 * u64::from(STEP)).step_by(5) {
            let at = now - HOUR * STEP + Duration::from_mins(minute);
            batch.extend((0..TARGETS).map(|id| Record::Check(check(&mut random, EndpointId(id), at))));
        }
        if hour % 12 == 0 {
            let closing = Some(Closing::Recovered { ended_at: now, confirmed_at: now });
            batch.push(Record::Outage(Outage {
                closing,
                ..outage(hour.into(), TargetId(random.u32(0..TARGETS)), now - HOUR)
            }));
        }
        store.save(batch);
        let [some, more] = [KEPT, SUMMED].map(|days| Some(now - HOUR * 24 * days));
        store.prune(Bounds { checks: some, outages: some, summaries: more, ..Bounds::default() });
        store.flush().await.expect("a flush");
        if hour % (24 * 15) == 0 {
            sizes.push(size(&path));
            held.push(shelves(&store).await);
        }
    }
    store.close().await.expect("a clean end");
    let [_, thirty, _, sixty, _, ninety] = &held[..] else { panic!("{held:?}") };
    let day = |bytes: u64| bytes / u64::from(TARGETS * SUMMED);
    let (hours, uptimes) = (day(ninety["hours"]), day(ninety["uptime"]));
    say(&format!("bytes every 15 days: {sizes:?}; of summaries {hours} + {uptimes} a target and day, {ninety:?}"));
    assert_eq!(grown(thirty, sixty), ["hours", "uptime"], "{thirty:?} {sixty:?}");
    assert_eq!(grown(sixty, ninety), Vec::<String>::new(), "{sixty:?} {ninety:?}");
    let [until_sixty @ .., _, ninety] = &sizes[..] else { panic!("{sizes:?}") };
    let largest = until_sixty.iter().max().expect("four of them");
    assert!(*ninety < largest + largest / 10 + SEGMENTS, "bytes every 15 days: {sizes:?}");
}
