//! A disk that fails or dawdles below a store that is recording: told, survived, and nothing lost that could wait.

use super::tracer::{self, Performer, Tracer};
use super::world::*;
use portpulse::domain::*;
use portpulse::store::{Opened, Options, Status, open};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

const RECORDER: &str = "PORTPULSE_STORE_RECORDER";
const UNSAVED_MAX: &str = "PORTPULSE_UNSAVED_MAX";

/// The check with this number.
fn numbered(number: u64) -> Check {
    let mut random = fastrand::Rng::with_seed(number);
    check(&mut random, EndpointId(1), START + Duration::from_secs(number))
}

/// The process whose disk fails: it records a check every few milliseconds and asks about history now and
/// then until it is told to end. By itself it has nothing to do.
#[test]
fn recorder() {
    if let Ok(path) = std::env::var(RECORDER) {
        block_on(record(Path::new(&path)));
    }
}

fn tell(line: &str) {
    writeln!(std::io::stdout(), "\n{line}").expect("somebody who listens");
}

/// Says every status; adds up what was said to be lost.
fn hear(opened: &mut Opened, lost: &mut u64) {
    while let Ok(status) = opened.statuses.try_recv() {
        match status {
            Status::Recording => tell("recording"),
            Status::Failing { why, lost: 0, .. } => tell(&format!("failing: {why}")),
            Status::Failing { why, .. } => tell(&format!("losing: {why}")),
            Status::Opened(_) => tell("opened at last"),
            Status::Note(text) => {
                let count = text.split_once(" records were lost").map_or("0", |(count, _)| count);
                *lost += count.parse::<u64>().expect("a number");
                tell(&format!("note: {text}"));
            }
        }
    }
}

async fn record(path: &Path) {
    let (sender, orders) = mpsc::sync_channel(8);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let unsaved_max = number(UNSAVED_MAX).unwrap_or(100_000) as usize;
    let opened = open(path, Options { flush_every: Duration::from_millis(100), unsaved_max, ..options() });
    let mut opened = opened.expect("a store");
    tell("opened");
    let (mut count, mut lost) = (0, 0);
    let mut slowest_save = Duration::ZERO;
    let slowest_answer = Arc::new(AtomicU64::new(0));
    let mut asked = Instant::now();
    let mut questions = tokio::task::JoinSet::new();
    while orders.try_recv().is_err() {
        let save = Instant::now();
        opened.store.save(vec![Record::Check(numbered(count))]);
        slowest_save = slowest_save.max(save.elapsed());
        count += 1;
        if asked.elapsed() > Duration::from_millis(200) {
            asked = Instant::now();
            let (store, slowest) = (opened.store.clone(), Arc::clone(&slowest_answer));
            questions.spawn(async move {
                let before = Instant::now();
                let span = Span { from: START, to: START + Duration::from_mins(1) };
                let _ = ask(&store, move |reader| reader.checks(EndpointId(1), VantageId::HERE, span)).await;
                slowest.fetch_max(before.elapsed().as_millis() as u64, Ordering::Relaxed);
            });
        }
        hear(&mut opened, &mut lost);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    questions.join_all().await;
    while opened.store.flush().await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        hear(&mut opened, &mut lost);
    }
    hear(&mut opened, &mut lost);
    let there = checks_of(&opened.store, EndpointId(1)).await.expect("an answer");
    opened.store.close().await.expect("a clean end");
    tell(&format!(
        "end {count} {lost} {} {} {}",
        there.len(),
        slowest_save.as_millis(),
        slowest_answer.load(Ordering::Relaxed)
    ));
}

/// What a recorder says at its end.
#[derive(Debug)]
struct End {
    saved: u64,
    lost: u64,
    there: u64,
    slowest_save: u64,
    slowest_answer: u64,
}

/// Lets a recorder meet a fault of this kind, and then not any more; what it says meanwhile has to
/// contain `reason`.
fn meet(fault: &str, reason: &str, unsaved_max: u64, meanwhile: impl FnOnce(&Performer)) -> End {
    let directory = tempfile::tempdir().expect("a directory");
    let path: PathBuf = directory.path().join("history");
    let place = path.to_string_lossy().into_owned();
    let limit = unsaved_max.to_string();
    let mut recorder = Performer::start("store::disk::recorder", &[(RECORDER, &place), (UNSAVED_MAX, &limit)]);
    recorder.until("opened");
    // Some records are on the disk before the fault; how many does not matter.
    std::thread::sleep(Duration::from_millis(500));
    let tracer = Tracer::attach(recorder.id(), &[&path.join("sled/db")], fault);
    recorder.until(reason);
    meanwhile(&recorder);
    tracer.detach();
    recorder.until("recording");
    recorder.tell("end");
    let line = recorder.until("end ");
    let mut numbers = line.split(' ').skip(1).map(|number| number.parse::<u64>().expect("a number"));
    let mut next = || numbers.next().expect("a number");
    let end = End { saved: next(), lost: next(), there: next(), slowest_save: next(), slowest_answer: next() };
    drop(recorder);

    let again = open(&path, options()).expect("a store");
    assert_eq!(again.notes, Vec::<String>::new(), "{fault}");
    let got = block_on(checks_of(&again.store, EndpointId(1))).expect("an answer");
    let mut all = (0..end.saved).map(numbered);
    assert!(got.iter().all(|check| all.any(|known| known == *check)), "{fault}: not what was saved, in its order");
    assert_eq!(got.len() as u64, end.there, "{fault}");
    assert_eq!(end.there + end.lost, end.saved, "{fault}: {end:?}");
    say(&format!("{fault}: {end:?}"));
    block_on(again.store.close()).expect("a clean end");
    end
}

/// Nobody who saves waits, and whoever asks hears something in bounded time.
fn assert_prompt(end: &End) {
    assert!(end.slowest_save < 2_000 && end.slowest_answer < 20_000, "{end:?}");
}

#[test]
fn a_sync_that_takes_five_seconds_keeps_nobody_waiting() {
    if tracer::is_there("store::disk::a_sync_that_takes_five_seconds_keeps_nobody_waiting") {
        let end = meet("fdatasync:delay_enter=5000000", "has not answered", 100_000, |_| {});
        assert_eq!(end.lost, 0);
        assert_prompt(&end);
    }
}

#[test]
fn a_sync_that_fails_is_told_and_nothing_is_lost() {
    if tracer::is_there("store::disk::a_sync_that_fails_is_told_and_nothing_is_lost") {
        let end = meet("fdatasync,fsync:error=EIO", "Input/output error", 100_000, |_| {});
        assert_eq!(end.lost, 0);
        assert_prompt(&end);
    }
}

#[test]
fn a_write_that_fails_is_told_and_nothing_is_lost() {
    if tracer::is_there("store::disk::a_write_that_fails_is_told_and_nothing_is_lost") {
        let end = meet("pwrite64:error=EIO", "Input/output error", 100_000, |_| {});
        assert_eq!(end.lost, 0);
        assert_prompt(&end);
    }
}

#[test]
fn a_file_system_that_becomes_read_only_is_told_and_nothing_is_lost() {
    if tracer::is_there("store::disk::a_file_system_that_becomes_read_only_is_told_and_nothing_is_lost") {
        let end = meet("pwrite64:error=EROFS", "Read-only file system", 100_000, |_| {});
        assert_eq!(end.lost, 0);
        assert_prompt(&end);
    }
}

#[test]
fn what_is_more_than_can_wait_is_lost_and_counted() {
    if tracer::is_there("store::disk::what_is_more_than_can_wait_is_lost_and_counted") {
        let end = meet("pwrite64:error=ENOSPC", "the disk is full", 200, |recorder| {
            recorder.until("losing: the disk is full");
        });
        assert!(end.lost > 0, "{end:?}");
        assert_prompt(&end);
    }
}
