//! A disk that cannot be read, below a store that is in use and below one that is being opened: told, survived, and nothing taken for damage that is none.

use super::tracer::{self, Performer, Tracer};
use super::world::*;
use portpulse::domain::*;
use portpulse::store::{OpenError, Opened, Options, Status, open, open_later};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

const CONSULTED: &str = "PORTPULSE_STORE_CONSULTED";
const AWAITED: &str = "PORTPULSE_STORE_AWAITED";
/// How many series there are, and checks of each: more than fits a cache of the smallest size.
const SERIES: u32 = 400;
const LENGTH: u64 = 500;

fn tell(line: &str) {
    writeln!(std::io::stdout(), "\n{line}").expect("somebody who listens");
}

fn orders() -> mpsc::Receiver<String> {
    let (sender, orders) = mpsc::sync_channel(8);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    orders
}

/// The check with this number of a series.
fn numbered(series: u32, number: u64) -> Check {
    let mut random = fastrand::Rng::with_seed(u64::from(series) << 32 | number);
    check(&mut random, EndpointId(series), START + Duration::from_mins(number))
}

/// A history that is larger than what is held in memory of it.
fn furnish(path: &Path) {
    let opened = open(path, options()).expect("a store");
    let all = (1..=SERIES).flat_map(|series| (0..LENGTH).map(move |number| Record::Check(numbered(series, number))));
    block_on(opened.store.import(all.collect())).expect("an import");
    block_on(opened.store.close()).expect("a clean end");
}

/// Whether everything is there that was there before, and so many more checks of the first series.
fn assert_whole(path: &Path, more: u64) {
    let opened = open(path, options()).expect("a store");
    assert_eq!(opened.notes, Vec::<String>::new());
    for series in 1..=SERIES {
        let length = if series == 1 { LENGTH + more } else { LENGTH };
        let expected: Vec<Check> = (0..length).map(|number| numbered(series, number)).collect();
        let got = block_on(checks_of(&opened.store, EndpointId(series))).expect("an answer");
        assert!(got == expected, "{} of {} checks of series {series}", got.len(), expected.len());
    }
    block_on(opened.store.close()).expect("a clean end");
    let names = fs::read_dir(path).expect("a directory").map(|entry| entry.expect("an entry").file_name());
    let aside: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with("sled.")).collect();
    assert!(aside.is_empty(), "{aside:?}");
}

fn hear(opened: &mut Opened) -> bool {
    let mut is_open = false;
    while let Ok(status) = opened.statuses.try_recv() {
        match status {
            Status::Recording => tell("recording"),
            Status::Failing { why, .. } => tell(&format!("failing: {why}")),
            Status::Opened(_) => is_open = true,
            Status::Note(text) => tell(&format!("note: {text}")),
        }
    }
    is_open
}

/// The process that asks about all that there is, again and again, and saves a check now and then.
#[test]
fn consulted() {
    if let Ok(path) = std::env::var(CONSULTED) {
        block_on(consult(Path::new(&path)));
    }
}

async fn consult(path: &Path) {
    let orders = orders();
    let small = Options { cache_bytes: 1 << 16, flush_every: Duration::from_millis(50), ..options() };
    let mut opened = open(path, small).expect("a store");
    tell("opened");
    let mut saved = 0;
    for series in (1..=SERIES).cycle() {
        if orders.try_recv().is_ok() {
            break;
        }
        if series % 8 == 0 {
            opened.store.save(vec![Record::Check(numbered(1, LENGTH + saved))]);
            saved += 1;
        }
        match checks_of(&opened.store, EndpointId(series)).await {
            Ok(checks) if series > 1 => assert_eq!(checks.len() as u64, LENGTH, "an answer is whole or none"),
            Ok(_) => {}
            Err(error) => {
                tell(&format!("unanswered: {error}"));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        hear(&mut opened);
    }
    while opened.store.flush().await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        hear(&mut opened);
    }
    opened.store.close().await.expect("a clean end");
    tell(&format!("end {saved}"));
}

/// The process that opens a store when it is told to, and as soon as that is possible.
#[test]
fn awaited() {
    if let Ok(path) = std::env::var(AWAITED) {
        block_on(wait_for(Path::new(&path)));
    }
}

async fn wait_for(path: &Path) {
    let orders = orders();
    tell("ready");
    orders.recv().expect("an order");
    let mut opened = match open(path, options()) {
        Ok(opened) => {
            tell(&format!("opened at once: {:?}", opened.notes));
            opened
        }
        Err(error @ OpenError::Unusable { .. }) => {
            tell(&format!("not opened: {error}"));
            open_later(path, options(), &error, START).expect("a thread")
        }
        Err(error) => panic!("{error}"),
    };
    while !hear(&mut opened) && orders.try_recv().is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(opened.store.claim(), Vec::<Vec<Record>>::new());
    opened.store.close().await.expect("a clean end");
    tell("end");
}

fn files(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path.join("sled")).expect("a directory");
    entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()).collect()
}

#[test]
fn a_disk_that_cannot_be_read_while_it_is_asked_is_told_and_nothing_is_lost() {
    if !tracer::is_there("store::reads::a_disk_that_cannot_be_read_while_it_is_asked_is_told_and_nothing_is_lost") {
        return;
    }
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("history");
    furnish(&path);
    let place = path.to_string_lossy().into_owned();
    let mut child = Performer::start("store::reads::consulted", &[(CONSULTED, &place)]);
    child.until("opened");
    let tracer = Tracer::attach(child.id(), &[&path.join("sled/db")], "pread64,read:error=EIO");
    child.until("failing: the disk reports: Input/output error");
    child.until("unanswered: history cannot be read now");
    tracer.detach();
    child.until("recording");
    child.tell("end");
    let line = child.until("end ");
    let saved = line.trim_start_matches("end ").parse().expect("a number");
    drop(child);
    assert_whole(&path, saved);
}

#[test]
fn a_disk_that_cannot_be_read_at_the_start_is_told_and_nothing_is_taken_for_damaged() {
    let name = "store::reads::a_disk_that_cannot_be_read_at_the_start_is_told_and_nothing_is_taken_for_damaged";
    if !tracer::is_there(name) {
        return;
    }
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("history");
    furnish(&path);
    let place = path.to_string_lossy().into_owned();
    let own = ["FORMAT", "WITNESS"].map(|name| path.join(name));
    let read = files(&path).into_iter().chain(own.clone()).map(|file| (file, "pread64,read:error=EIO"));
    let db = path.join("sled/db");
    let later = ["2+", "9+", "40+"].map(|when| format!("pread64,read:error=EIO:when={when}"));
    let later = later.iter().map(|fault| (db.clone(), fault.as_str()));
    let touched = [db.clone(), path.join("sled")].into_iter().chain(own);
    let faults = ["openat:error=EIO", "statx,newfstatat,fstat:error=EIO", "getdents64:error=EIO"];
    let touched = touched.flat_map(|file| faults.map(|fault| (file.clone(), fault)));
    for (file, fault) in read.chain(later).chain(touched) {
        // Each time that it is opened, sled writes another snapshot.
        let is_snapshot = |path: &Path| path.to_string_lossy().contains("/snap.");
        let newest = || files(&path).into_iter().find(|path| is_snapshot(path)).expect("a snapshot");
        let file = if is_snapshot(&file) { newest() } else { file };
        let mut child = Performer::start("store::reads::awaited", &[(AWAITED, &place)]);
        child.until("ready");
        let tracer = Tracer::attach(child.id(), &[&file], fault);
        child.tell("open");
        let said = child.until("pened");
        say(&format!("{fault} of {}: {said}", file.display()));
        tracer.detach();
        if !said.contains("opened at once: []") {
            assert!(said.contains("not opened: "), "{fault} of {}: {said}", file.display());
            child.until("end");
        }
        drop(child);
        assert_whole(&path, 0);
    }
}
