//! A store whose process is killed at one system call after the other while it opens it.

use super::injury::{read_all, write_all};
use super::kill::{Oracle, WRITER, WRITER_BATCHES, has_half_snapshot};
use super::tracer;
use super::world::*;
use portpulse::store::open;
use std::path::Path;
use std::process::Command;

const BATCHES: u64 = 70;
/// What can change a file. strace counts each call of each thread apart; a thread that opens files would
/// never come to its later writes if all were counted together.
const CALLS: [&str; 8] = ["openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "unlink"];
/// More calls of a kind than opening a store makes.
const CALLS_MAX: usize = 100;

/// Runs a writer until it dies: by itself, or at this call of one of its threads. Says what it said.
fn die(path: &Path, batches: u64, at: Option<(&str, usize)>) -> String {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o", "/dev/null", "-e", "quiet=all"]);
    if let Some((call, number)) = at {
        strace.args(["-e", &format!("inject={call}:signal=SIGKILL:when={number}")]);
    }
    let done = strace
        .args(tracer::this_program("store::kill::writer"))
        .env(WRITER, path)
        .env(WRITER_BATCHES, batches.to_string())
        .output()
        .expect("strace");
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn a_kill_at_any_system_call_of_an_opening_loses_nothing() {
    if !tracer::is_there("store::recovery::a_kill_at_any_system_call_of_an_opening_loses_nothing") {
        return;
    }
    let directory = scratch();
    let path = directory.path().join("history");
    let said = die(&path, BATCHES, None);
    let saved = said.lines().filter_map(|line| line.strip_prefix("saved ")?.parse().ok()).next_back().expect("a batch");
    let files = read_all(&path);
    let (mut kills, mut half_snapshots) = (0, 0);
    for call in CALLS {
        for number in 1..CALLS_MAX {
            let directory = scratch();
            let path = directory.path().join("history");
            write_all(&path, &files);
            let is_opened = die(&path, 0, Some((call, number))).contains("opened");
            if is_opened {
                break;
            }
            kills += 1;
            half_snapshots += usize::from(has_half_snapshot(&path));
            let what = format!("killed at {call} number {number}");
            let opened = open(&path, options()).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(opened.notes, Vec::<String>::new(), "{what}");
            block_on(Oracle::default().verify(&opened, saved, &what));
            block_on(opened.store.close()).expect("a clean end");
        }
    }
    say(&format!("{kills} kills, {half_snapshots} of them left half a snapshot"));
    assert!(kills > 20 && half_snapshots > 0, "{kills} kills, {half_snapshots} half snapshots");
}
