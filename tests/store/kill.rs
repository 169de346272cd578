//! A writer that is killed at any moment: what it said was saved must be there, and nothing half.

use super::world::*;
use portpulse::domain::*;
use portpulse::store::{Opened, open};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const TARGETS: u32 = 40;
const WRITER: &str = "PORTPULSE_STORE_WRITER";

/// The batch with this number; every target is checked, and one goes down or comes back.
fn batch(number: u64) -> Vec<Record> {
    let at = START + Duration::from_mins(number);
    let mut random = fastrand::Rng::with_seed(number);
    let mut records: Vec<Record> =
        (0..TARGETS).map(|id| Record::Check(check(&mut random, EndpointId(id), at))).collect();
    if number == 0 {
        records.extend((0..TARGETS).map(|id| Record::Target(target(id, id, at))));
    }
    let turn = u64::from(TARGETS);
    let whose = TargetId((number % turn) as u32);
    let change = if (number / turn).is_multiple_of(2) {
        outage(number + 1, whose, at)
    } else {
        let started_at = START + Duration::from_mins(number - turn);
        let closing = Some(Closing::Recovered { ended_at: at, confirmed_at: at });
        Outage { closing, ..outage(number - turn + 1, whose, started_at) }
    };
    records.push(Record::Outage(change));
    records.push(Record::Event(event(format!("batch {number}"), at)));
    records
}

/// How many batches a store holds, by its newest event.
fn batches_in(opened: &Opened) -> u64 {
    match opened.resumed.events.last().map(|event| &event.what) {
        Some(Happening::Note(text)) => text.trim_start_matches("batch ").parse::<u64>().expect("a number") + 1,
        _ => 0,
    }
}

/// The process that the test below kills; by itself it has nothing to do.
#[tokio::test]
async fn writer() {
    let Ok(path) = std::env::var(WRITER) else { return };
    let opened = open(Path::new(&path), options()).expect("a store");
    let mut out = std::io::stdout();
    for number in batches_in(&opened).. {
        opened.store.save(batch(number));
        opened.store.flush().await.expect("a flush");
        writeln!(out, "\nsaved {number}").expect("somebody who listens");
    }
}

/// Runs the writer for a while, kills it, and says which batch it last called saved.
fn run_and_kill(path: &Path, lifetime: Duration) -> Option<u64> {
    let mut writer = Command::new(std::env::current_exe().expect("a path"))
        .args(["--exact", "store::kill::writer", "--nocapture", "--test-threads=1"])
        .env(WRITER, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let lines = BufReader::new(writer.stdout.take().expect("a pipe")).lines();
    let (sender, acknowledged) = mpsc::sync_channel(100_000);
    let listener = std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if let Some(number) = line.strip_prefix("saved ").and_then(|number| number.parse::<u64>().ok()) {
                sender.send(number).expect("room");
            }
        }
    });
    let end = Instant::now() + lifetime;
    while Instant::now() < end {
        assert_eq!(writer.try_wait().expect("a process"), None, "the writer ended by itself");
        std::thread::sleep(Duration::from_millis(1));
    }
    writer.kill().expect("a process to kill");
    writer.wait().expect("an end");
    listener.join().expect("a listener");
    acknowledged.try_iter().last()
}

/// The store must hold the first so many batches, whole, and nothing else.
async fn verify(opened: &Opened, count: u64, what: &str) {
    let mut wanted: Vec<Vec<Check>> = vec![Vec::new(); TARGETS as usize];
    let mut open: Vec<u64> = Vec::new();
    for record in (0..count).flat_map(batch) {
        match record {
            Record::Check(check) => wanted[check.endpoint.0 as usize].push(check),
            Record::Outage(outage) if outage.closing.is_none() => open.push(outage.id.0),
            Record::Outage(outage) => open.retain(|id| *id != outage.id.0),
            _ => {}
        }
    }
    for (id, wanted) in (0..).zip(wanted) {
        let got = checks_of(&opened.store, EndpointId(id)).await.expect("an answer");
        assert!(got == wanted, "{what}: endpoint {id} has {} of {} checks", got.len(), wanted.len());
    }
    assert_eq!(open_ids(&opened.resumed), open, "{what}: open outages");
    assert_eq!(opened.resumed.catalog.len(), if count > 0 { TARGETS as usize } else { 0 }, "{what}");
}

#[tokio::test]
async fn what_was_called_saved_survives_every_kill() {
    let kills = std::env::var("PORTPULSE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(15);
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("history");
    let mut random = fastrand::Rng::new();
    let mut saved = 0;
    for kill in 0..kills {
        // Some hit the opening itself.
        let longest = if kill % 5 == 4 { 40 } else { 400 };
        let lifetime = Duration::from_millis(random.u64(5..longest));
        if let Some(number) = run_and_kill(&path, lifetime) {
            saved = number + 1;
        }
        let what = format!("kill {kill} after {lifetime:?}, {saved} batches saved");
        let opened = open(&path, options()).expect("a store");
        assert_eq!(opened.notes, Vec::<String>::new(), "{what}");
        let count = batches_in(&opened);
        assert!(count >= saved, "{what}: only {count} are there");
        saved = count;
        verify(&opened, count, &what).await;
        opened.store.close().await.expect("a clean end");
    }
    assert!(kills < 10 || saved > 100, "the writer was too slow for this to mean anything: {saved}");
}
