//! Directories that cannot be used, are used already, or go away; and a disk that does not answer.

use super::world::*;
use portpulse::domain::*;
use portpulse::store::{OpenError, Opened, Options, ReadError, Status, Store, open};
use std::fs;
use std::time::{Duration, Instant};

/// Waits for a status of which something is true.
pub async fn until(opened: &mut Opened, wanted: impl Fn(&Status) -> bool) -> Vec<Status> {
    let mut heard = Vec::new();
    let all = async {
        while let Some(status) = opened.statuses.recv().await {
            let is_it = wanted(&status);
            heard.push(status);
            if is_it {
                return;
            }
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), all).await;
    assert!(in_time.is_ok(), "only heard {heard:?}");
    heard
}

fn minute(number: i64) -> Wall {
    Wall(START.0 + number * 60_000)
}

#[tokio::test]
async fn a_second_opener_is_told_who_was_first() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = open(directory.path(), options()).expect("a store");
    let error = open(directory.path(), options()).expect_err("it is taken");
    let OpenError::InUse { pid, since, .. } = &error else { panic!("{error}") };
    assert_eq!(*pid, Some(std::process::id()));
    assert!(since.is_some_and(|since| since > START));
    assert!(error.to_string().contains("--data DIR"), "{error}");
    first.store.close().await.expect("a clean end");
    let third = open(directory.path(), options()).expect("it is free again");
    third.store.close().await.expect("a clean end");
}

#[tokio::test]
async fn a_store_that_everybody_let_go_of_is_closed() {
    let directory = tempfile::tempdir().expect("a directory");
    let opened = open(directory.path(), options()).expect("a store");
    opened.store.save(vec![Record::Check(refused(EndpointId(1), START))]);
    drop(opened);
    let end = Instant::now() + Duration::from_secs(10);
    let again = loop {
        match open(directory.path(), options()) {
            Ok(again) => break again,
            Err(error) => assert!(Instant::now() < end, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(checks_of(&again.store, EndpointId(1)).await.expect("an answer").len(), 1);
    again.store.close().await.expect("a clean end");
}

#[test]
fn what_another_version_wrote_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("FORMAT"), "portpulse-store 2; sled 0.34\n").expect("a file");
    let error = open(directory.path(), options()).expect_err("a newer format");
    assert!(matches!(&error, OpenError::Format { found, .. } if found.contains("portpulse-store 2")), "{error}");
    assert!(!directory.path().join("sled").exists());
}

#[test]
fn a_file_in_the_way_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("file");
    fs::write(&path, "").expect("a file");
    let error = open(&path, options()).expect_err("it is a file");
    assert!(matches!(error, OpenError::Unusable { .. }) && error.to_string().contains("/file"), "{error}");
}

async fn checks_of_first(store: Store) -> Result<Vec<Check>, ReadError> {
    checks_of(&store, EndpointId(1)).await
}

#[tokio::test]
async fn a_disk_that_does_not_answer_keeps_nobody_waiting_and_is_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut opened = open(directory.path(), options()).expect("a store");
    let (answer, question) = std::sync::mpsc::sync_channel::<()>(1);
    let stuck = opened.store.read(move |_| {
        let _ = question.recv();
        Ok(())
    });
    let asked = Instant::now();
    let waits = tokio::spawn(checks_of_first(opened.store.clone()));
    let mut slowest = Duration::ZERO;
    for number in 0..340 {
        let before = Instant::now();
        opened.store.save(vec![Record::Check(refused(EndpointId(1), minute(number)))]);
        slowest = slowest.max(before.elapsed());
        // Longer in all than a question may go unanswered.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(slowest < Duration::from_millis(100), "{slowest:?}");
    let heard = until(&mut opened, |status| matches!(status, Status::Failing { .. })).await;
    assert!(matches!(&heard[..], [Status::Failing { why, .. }] if why.contains("not answered")), "{heard:?}");
    // Who asked before, and who asks now, hears that there is no answer.
    let late = checks_of(&opened.store, EndpointId(1)).await;
    assert!(matches!(&late, Err(ReadError::Unavailable(why)) if why.contains("not answered")), "{late:?}");
    let before = waits.await.expect("an end");
    assert!(matches!(&before, Err(ReadError::Unavailable(why)) if why.contains("not answered")), "{before:?}");
    assert!(asked.elapsed() < Duration::from_secs(30));
    answer.send(()).expect("somebody who waits");
    stuck.await.expect("an answer").expect("an answer");
    until(&mut opened, |status| *status == Status::Recording).await;
    assert_eq!(checks_of(&opened.store, EndpointId(1)).await.expect("an answer").len(), 340);
    opened.store.close().await.expect("a clean end");
}

#[tokio::test]
async fn a_store_that_never_held_anything_misses_the_first_that_it_was_given() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut opened = open(directory.path(), Options { free_space_min: 1 << 60, ..options() }).expect("a store");
    opened.store.save(vec![Record::Check(refused(EndpointId(7), minute(3))), Record::Alive(minute(4))]);
    let heard = until(&mut opened, |status| matches!(status, Status::Failing { .. })).await;
    assert!(matches!(&heard[..], [.., Status::Failing { since, .. }] if *since == minute(3)), "{heard:?}");
}

/// The whole directory, or sled's part of it, goes while the store runs.
async fn removed_while_running(part: &str) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("history");
    let mut opened = open(&path, options()).expect("a store");
    opened.store.save(vec![
        Record::Target(target(3, 7, START)),
        Record::Outage(outage(5, TargetId(3), START)),
        Record::Check(refused(EndpointId(7), START)),
    ]);
    opened.store.flush().await.expect("a flush");
    fs::remove_dir_all(path.join(part)).expect("it is there");
    opened.store.save(vec![Record::Check(refused(EndpointId(7), minute(1)))]);
    let heard = until(&mut opened, |status| *status == Status::Recording).await;
    assert!(heard.iter().any(|status| matches!(status, Status::Failing { why, .. } if why.contains("removed"))));
    assert!(heard.iter().any(|status| matches!(status, Status::Note(_))), "{heard:?}");
    opened.store.save(vec![Record::Check(refused(EndpointId(7), minute(2)))]);
    opened.store.close().await.expect("a clean end");

    // What was known of targets, outages and unsealed checks has come along.
    let again = open(&path, options()).expect("a store");
    assert_eq!(again.notes, Vec::<String>::new());
    assert_eq!(again.resumed.catalog, [target(3, 7, START)]);
    assert_eq!(open_ids(&again.resumed), [5]);
    assert_eq!((again.resumed.next_target, again.resumed.next_endpoint, again.resumed.last_outage), (4, 8, 5));
    let checks = checks_of(&again.store, EndpointId(7)).await.expect("an answer");
    assert_eq!(checks.iter().map(|check| check.at).collect::<Vec<_>>(), [minute(0), minute(1), minute(2)]);
    again.store.close().await.expect("a clean end");
}

#[tokio::test]
async fn a_directory_that_is_removed_is_begun_anew_with_all_that_is_known() {
    removed_while_running("").await;
}

#[tokio::test]
async fn so_it_is_when_only_the_files_of_sled_are_removed() {
    removed_while_running("sled").await;
}

#[tokio::test]
async fn a_file_that_sled_itself_has_shortened_is_no_damage() {
    let directory = tempfile::tempdir().expect("a directory");
    let opened = open(directory.path(), options()).expect("a store");
    opened.store.save(vec![Record::Check(refused(EndpointId(1), START))]);
    opened.store.close().await.expect("a clean end");
    // The note of a file that was longer then.
    let witness = directory.path().join("WITNESS");
    let said = fs::read_to_string(&witness).expect("a note");
    let (before, _) = said.split_once(" bytes ").expect("a length");
    let note = format!("{before} bytes {:020}", 64 << 20);
    fs::write(&witness, format!("{note} {:08x}\n", crc32c::crc32c(note.as_bytes()))).expect("a file");

    let again = open(directory.path(), options()).expect("a store");
    assert_eq!(again.notes, Vec::<String>::new());
    assert_eq!(checks_of(&again.store, EndpointId(1)).await.expect("an answer").len(), 1);
    let names: Vec<_> =
        fs::read_dir(directory.path()).expect("a directory").map(|e| e.expect("it").file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().starts_with("sled.")), "{names:?}");
    again.store.close().await.expect("a clean end");
}

#[tokio::test]
async fn more_than_can_wait_is_dropped_counted_and_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut opened =
        open(directory.path(), portpulse::store::Options { unsaved_max: 100, ..options() }).expect("a store");
    let (answer, question) = std::sync::mpsc::sync_channel::<()>(1);
    let stuck = opened.store.read(move |_| {
        let _ = question.recv();
        Ok(())
    });
    opened.store.save(vec![Record::Outage(outage(1, TargetId(1), START))]);
    for number in 0..1000 {
        opened.store.save(vec![Record::Check(refused(EndpointId(1), minute(number)))]);
    }
    answer.send(()).expect("somebody who waits");
    stuck.await.expect("an answer").expect("an answer");
    let heard = until(&mut opened, |status| matches!(status, Status::Note(_))).await;
    let left = checks_of(&opened.store, EndpointId(1)).await.expect("an answer");
    assert!(left.len() < 100 && left.last().is_some_and(|check| check.at == minute(999)));
    let lost = format!("{} records were lost", 1000 - left.len());
    assert!(matches!(heard.last(), Some(Status::Note(text)) if text.starts_with(&lost)), "{heard:?}, not {lost}");
    let outages = ask(&opened.store, |reader| reader.outages(EVER)).await.expect("an answer");
    assert_eq!(outages.len(), 1);
    opened.store.close().await.expect("a clean end");
}

#[tokio::test]
async fn an_imported_history_is_there_like_any_other() {
    let directory = tempfile::tempdir().expect("a directory");
    let opened = open(directory.path(), options()).expect("a store");
    let mut random = fastrand::Rng::with_seed(1);
    let checks: Vec<Check> = (0..20_000).map(|n| check(&mut random, EndpointId(n as u32 % 2), minute(n))).collect();
    let mut records: Vec<Record> = checks.iter().cloned().map(Record::Check).collect();
    records.extend([Record::Target(target(1, 0, START)), Record::Target(target(2, 1, START))]);
    opened.store.import(records).await.expect("an import");
    opened.store.save(vec![Record::Check(refused(EndpointId(1), minute(20_001)))]);
    opened.store.close().await.expect("a clean end");

    let again = open(directory.path(), options()).expect("a store");
    let got = checks_of(&again.store, EndpointId(0)).await.expect("an answer");
    assert!(got.iter().eq(checks.iter().filter(|check| check.endpoint == EndpointId(0))));
    let (_, recent) = again.resumed.recent.last().expect("an endpoint");
    assert_eq!(recent.len(), 30);
    assert_eq!(recent.last().map(|check| check.at), Some(minute(20_001)));
    again.store.close().await.expect("a clean end");
}
