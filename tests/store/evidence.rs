//! The checks around outages outlive those beside them, and go with the outage.

use super::world::*;
use portpulse::domain::*;
use portpulse::store::{Bounds, Store, open};
use std::time::Duration;

fn minute(n: u64) -> Wall {
    START + Duration::from_mins(n)
}

/// Five days of a target by the minute, and which of them are still there.
async fn five_days(store: &Store) {
    let mut random = fastrand::Rng::with_seed(3);
    let mut checks = vec![Record::Target(target(1, 1, START)), Record::Target(target(2, 2, START))];
    for id in [1, 2] {
        checks.extend((0..5 * 1_440).map(|n| Record::Check(check(&mut random, EndpointId(id), minute(n)))));
    }
    checks.push(Record::Alive(minute(8 * 1_440)));
    store.import(checks).await.expect("an import");
    store.flush().await.expect("a flush");
}

async fn minutes_left(store: &Store, endpoint: u32) -> Vec<u64> {
    let checks = checks_of(store, EndpointId(endpoint)).await.expect("an answer");
    checks.iter().map(|check| check.at.since(START).as_secs() / 60).collect()
}

fn closed(id: u64, from: u64, to: u64) -> Record {
    let closing = Some(Closing::Recovered { ended_at: minute(to), confirmed_at: minute(to) });
    Record::Outage(Outage { closing, ..outage(id, TargetId(1), minute(from)) })
}

#[tokio::test]
async fn the_checks_around_an_outage_live_as_long_as_the_outage() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("history");
    let opened = open(&path, options()).expect("a store");
    five_days(&opened.store).await;
    // One within a chunk, one over the border of two, one that lasts three days, one that goes on.
    let open_since = minute(4_000);
    opened.store.save(vec![
        closed(1, 100, 103),
        closed(2, 235, 245),
        closed(3, 400, 400 + 3 * 1_440),
        Record::Outage(outage(4, TargetId(2), open_since)),
    ]);
    opened.store.flush().await.expect("a flush");
    let everything = Some(minute(6 * 1_440));
    for _ in 0..2 {
        opened.store.prune(Bounds { checks: everything, ..Bounds::default() });
        opened.store.flush().await.expect("a flush");
        let wanted: Vec<u64> =
            (90..113).chain(225..255).chain(390..400 + 1_440).chain(400 + 2 * 1_440..410 + 3 * 1_440).collect();
        assert_eq!(minutes_left(&opened.store, 1).await, wanted);
        assert_eq!(minutes_left(&opened.store, 2).await, (3_990..4_000 + 1_440).collect::<Vec<u64>>());
    }
    opened.store.close().await.expect("a clean end");

    let opened = open(&path, options()).expect("a store");
    let outages = Some(minute(1_000));
    for _ in 0..2 {
        // The outages go first, then what was kept for their sake.
        opened.store.prune(Bounds { checks: everything, outages, ..Bounds::default() });
        opened.store.flush().await.expect("a flush");
    }
    let wanted: Vec<u64> = (390..400 + 1_440).chain(400 + 2 * 1_440..410 + 3 * 1_440).collect();
    assert_eq!(minutes_left(&opened.store, 1).await, wanted);
    assert_eq!(minutes_left(&opened.store, 2).await, (3_990..4_000 + 1_440).collect::<Vec<u64>>());
}

#[tokio::test]
async fn an_endpoint_that_a_target_had_before_stays_its_own_and_goes_with_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("history");
    let opened = open(&path, options()).expect("a store");
    five_days(&opened.store).await;
    // The second endpoint was that of the first target, until its address was changed.
    let CatalogEntry { target: changed, .. } = target(1, 1, START);
    let before = Target { endpoint_ids: vec![EndpointId(2)], ..changed.clone() };
    let former = Former { target: before, until: minute(5 * 1_440) };
    let removed = CatalogEntry { removed_at: Some(minute(7 * 1_440)), ..target(2, 3, START) };
    opened.store.save(vec![Record::Target(removed), Record::Former(former.clone()), closed(1, 100, 103)]);
    opened.store.close().await.expect("a clean end");

    let opened = open(&path, options()).expect("a store");
    let formers = move |reader: &portpulse::store::Reader<'_>| {
        let formers: Vec<Former> = reader.formers(TargetId(1)).into_iter().cloned().collect();
        Ok((formers, reader.endpoints(&changed)))
    };
    let known = opened.store.read(formers.clone()).await.expect("the store runs").expect("an answer");
    assert_eq!(known, (vec![former], vec![EndpointId(1), EndpointId(2)]));
    opened.store.prune(Bounds { checks: Some(minute(6 * 1_440)), ..Bounds::default() });
    opened.store.flush().await.expect("a flush");
    let evidence: Vec<u64> = (90..113).collect();
    assert_eq!(minutes_left(&opened.store, 2).await, evidence, "its checks are evidence of the target's outage");

    let gone = CatalogEntry { removed_at: Some(minute(7 * 1_440)), ..target(1, 1, START) };
    opened.store.save(vec![Record::Target(gone)]);
    opened.store.prune(Bounds { removed: Some(minute(8 * 1_440)), ..Bounds::default() });
    opened.store.flush().await.expect("a flush");
    assert!(minutes_left(&opened.store, 2).await.is_empty());
    let known = opened.store.read(formers).await.expect("the store runs").expect("an answer");
    assert_eq!(known.0, []);
}
