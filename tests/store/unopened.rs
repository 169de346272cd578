//! A store that cannot be opened at first: what is saved waits, bounded; it opens by itself, and nothing is dropped by a clock that it had no say on.

use super::world::*;
use portpulse::domain::record::Resumed;
use portpulse::domain::*;
use portpulse::store::{Bounds, OpenError, Opened, Options, Status, Unsaved, open, open_later};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many records wait at most.
const WAITING_MAX: usize = 200;

/// A place that leads to a directory or to a file, as wanted.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(scratch());
        fs::create_dir(place.0.path().join("directory")).expect("a directory");
        fs::write(place.0.path().join("file"), "").expect("a file");
        place.lead_to("directory");
        place
    }

    fn lead_to(&self, name: &str) {
        let draft = self.0.path().join("draft");
        symlink(self.0.path().join(name), &draft).expect("a link");
        fs::rename(draft, self.0.path().join("place")).expect("another link");
    }

    fn history(&self) -> PathBuf {
        self.0.path().join("place/history")
    }
}

fn minute(number: u64) -> Wall {
    START + Duration::from_mins(number)
}

fn later(path: &Path) -> Opened {
    let why = open(path, options()).expect_err("a store that cannot be opened");
    assert!(matches!(why, OpenError::Unusable { .. }), "{why:?}");
    let limited = Options { unsaved_max: WAITING_MAX, ..options() };
    open_later(path, limited, &why, minute(100)).expect("a thread")
}

async fn until(opened: &mut Opened, is_it: impl Fn(&Status) -> bool) -> Status {
    loop {
        let status = tokio::time::timeout(Duration::from_mins(1), opened.statuses.recv()).await;
        let status = status.expect("a word in time").expect("a store that lives");
        if is_it(&status) {
            return status;
        }
    }
}

#[test]
fn what_waits_is_bounded_counted_and_given_back_and_the_old_history_is_whole() {
    let place = Place::new();
    let path = place.history();
    block_on(async {
        let before = open(&path, options()).expect("a store");
        before.store.save((0..50).map(|number| Record::Check(refused(EndpointId(1), minute(number)))).collect());
        before.store.save(vec![Record::Outage(outage(7, TargetId(1), START)), Record::Alive(minute(50))]);
        before.store.close().await.expect("a clean end");
        place.lead_to("file");
        let mut opened = later(&path);
        assert_eq!(opened.resumed, Resumed::unopened());
        for number in 0..500 {
            opened.store.save(vec![Record::Check(refused(EndpointId(1 << 31), minute(200 + number)))]);
        }
        // What is told on the way counts what had come by then.
        let is_all = |status: &Status| matches!(status, Status::Failing { waiting, lost: lost @ 1.., .. } if waiting + lost == 500);
        let status = until(&mut opened, is_all).await;
        let Status::Failing { since, why, waiting, .. } = status else { panic!("{status:?}") };
        assert!(since == minute(100) && why.contains("Not a directory") && waiting <= WAITING_MAX as u64, "{why}");
        let answer = checks_of(&opened.store, EndpointId(1)).await;
        assert!(answer.is_err(), "{answer:?}");
        // A clock that is years ahead would have all of it dropped.
        let ever = Some(Wall(i64::MAX));
        opened.store.prune(Bounds { checks: ever, exact: None, outages: ever, summaries: ever, removed: ever });
        place.lead_to("directory");
        let status = until(&mut opened, |status| matches!(status, Status::Opened(_))).await;
        let Status::Opened(resumed) = status else { panic!("{status:?}") };
        assert_eq!((resumed.last_outage, resumed.alive), (7, Some(minute(50))));
        let batches = opened.store.claim();
        let given: Vec<&Record> = batches.iter().flatten().collect();
        assert_eq!(given.len() as u64, waiting);
        assert_eq!(given.last(), Some(&&Record::Check(refused(EndpointId(1 << 31), minute(699)))));
        assert!(opened.store.claim().is_empty(), "once");
        opened.store.save(vec![Record::Check(refused(EndpointId(1), minute(699)))]);
        until(&mut opened, |status| *status == Status::Recording).await;
        opened.store.close().await.expect("a clean end");
        let again = open(&path, options()).expect("a store");
        let there = checks_of(&again.store, EndpointId(1)).await.expect("an answer");
        assert_eq!((there.len(), there.last().map(|check| check.at)), (51, Some(minute(699))));
        assert_eq!(again.resumed.open_outages.len(), 1);
        assert_eq!(again.resumed.next_endpoint, 2, "no id of the time without history is in it");
    });
}

#[test]
fn what_nobody_could_keep_until_the_end_is_told() {
    let place = Place::new();
    place.lead_to("file");
    let opened = later(&place.history());
    opened.store.save(vec![Record::Alive(minute(1)), Record::Alive(minute(2))]);
    let Err(Unsaved { records, why }) = block_on(opened.store.close()) else { panic!("nothing was kept") };
    assert!(records == 2 && why.contains("Not a directory"), "{records} {why}");
}
