//! The directory stops growing: what pruning frees is used again.

use super::world::*;
use portpulse::domain::*;
use portpulse::store::{Bounds, Options, open};
use std::path::Path;
use std::time::Duration;

const TARGETS: u32 = 20;
const HOURS: u32 = 90 * 24;
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

/// Ninety simulated days, with thirty days of retention for everything.
#[tokio::test]
async fn ninety_days_take_no_more_room_than_sixty() {
    // In memory where there is such a place: how long a disk takes is not the matter here.
    let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
    let path = directory.path().join("history");
    let store = open(&path, Options { tidy_every: TIDY_EVERY, ..options() }).expect("a store").store;
    let mut random = fastrand::Rng::with_seed(9);
    store.save((0..TARGETS).map(|id| Record::Target(target(id, id, START))).collect());
    let mut sizes = Vec::new();
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
        let month = Some(now - HOUR * 24 * 30);
        store.prune(Bounds { checks: month, outages: month, summaries: month, ..Bounds::default() });
        store.flush().await.expect("a flush");
        if hour % (24 * 15) == 0 {
            sizes.push(size(&path));
        }
    }
    store.close().await.expect("a clean end");
    let [.., sixty, _, ninety] = sizes[..] else { panic!("{sizes:?}") };
    say(&format!("bytes every 15 days: {sizes:?}"));
    assert!(ninety < sixty + sixty / 10 + SEGMENTS, "bytes every 15 days: {sizes:?}");
}
