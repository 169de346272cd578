//! Old checks become coarse: all is as it was but for a little of their latency, and evidence wholly.

use super::world::*;
use portpulse::domain::*;
use portpulse::store::{Bounds, Depth, Store, Survey, open};
use std::time::Duration;

const MINUTES: u64 = 5 * 1_440;

fn minute(n: u64) -> Wall {
    START + Duration::from_mins(n)
}

async fn five_days(store: &Store) -> Vec<Check> {
    let mut random = fastrand::Rng::with_seed(3);
    let checks: Vec<Check> = (0..MINUTES).map(|n| check(&mut random, EndpointId(1), minute(n))).collect();
    let target = Record::Target(target(1, 1, START));
    let records = checks.iter().cloned().map(Record::Check);
    let outage = |id, from, to| {
        let closing = Some(Closing::Recovered { ended_at: minute(to), confirmed_at: minute(to) });
        Record::Outage(Outage { closing, ..outage(id, TargetId(1), minute(from)) })
    };
    let others = [target, outage(1, 100, 103), outage(2, 1_000, 1_500), Record::Alive(minute(MINUTES))];
    store.import(records.chain(others).collect()).await.expect("an import");
    store.flush().await.expect("a flush");
    checks
}

fn is_evidence(check: &Check) -> bool {
    [(90, 113), (990, 1_510)].iter().any(|(from, to)| check.at >= minute(*from) && check.at < minute(*to))
}

async fn surveyed(store: &Store) -> Survey {
    let mut survey = Survey::new(Depth::Everything);
    while !survey.is_done() {
        survey = ask(store, move |reader| reader.survey(survey)).await.expect("an answer");
    }
    survey
}

async fn coarsened(store: &Store, before: Wall) {
    store.prune(Bounds { exact: Some(before), ..Bounds::default() });
    store.flush().await.expect("a flush");
}

/// As few details as a coarse check has.
fn without_latency(check: &Check) -> Check {
    let mut check = Check { dns: check.dns.map(|_| Duration::ZERO), ..check.clone() };
    if let Outcome::Open(timing) = &mut check.outcome {
        timing.connect = Duration::ZERO;
    }
    check
}

#[tokio::test]
async fn old_checks_are_coarse_and_the_rest_of_history_is_as_it_was() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("history");
    let opened = open(&path, options()).expect("a store");
    let exact = five_days(&opened.store).await;
    let before = surveyed(&opened.store).await;
    assert_eq!((before.checks, before.coarse), (MINUTES, 0));
    let until = minute(MINUTES - 2 * 1_440);
    coarsened(&opened.store, until).await;
    let after = surveyed(&opened.store).await;
    assert_eq!((after.checks, after.damaged(), after.span), (MINUTES, 0, before.span));
    assert!(after.bytes_of("chunk") < before.bytes_of("chunk"), "{after:?}");
    assert_eq!(ask(&opened.store, |reader| Ok(reader.coarse_until())).await, Ok(Some(until)));

    let checks = checks_of(&opened.store, EndpointId(1)).await.expect("an answer");
    assert_eq!(checks.len(), exact.len());
    let mut changed = 0;
    for (got, was) in checks.iter().zip(&exact) {
        assert_eq!(without_latency(got), without_latency(was));
        if is_evidence(was) || was.at >= until {
            assert_eq!(got, was);
        }
        let pairs = [(got.latency(), was.latency()), (got.dns, was.dns)];
        for (got, was) in pairs.iter().filter_map(|(got, was)| got.zip(*was)) {
            assert!(got.abs_diff(was) <= was / 256 + Duration::from_micros(1), "{got:?} for {was:?}");
            changed += u64::from(got != was);
        }
    }
    assert!(changed > 1_000, "{changed}");
    let old = exact.iter().filter(|check| check.at < until && !is_evidence(check)).count() as u64;
    // A chunk that reaches beyond the moment waits until all of it is old.
    assert!((old - 240..=old).contains(&after.coarse), "{} of {old}", after.coarse);

    coarsened(&opened.store, until).await;
    assert_eq!(surveyed(&opened.store).await.shelves, after.shelves, "once is enough");
    opened.store.close().await.expect("a clean end");
    let opened = open(&path, options()).expect("a store");
    assert_eq!(opened.notes, Vec::<String>::new());
    assert_eq!(checks_of(&opened.store, EndpointId(1)).await.expect("an answer"), checks);
}
