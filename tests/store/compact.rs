//! A store that is written anew is as it was, and smaller; whenever that is cut short, it is whole.

use super::injury::{read_all, write_all};
use super::tracer;
use super::world::*;
use portpulse::domain::*;
use portpulse::store::{Bounds, CompactError, Options, compact, open};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const COMPACTED: &str = "PORTPULSE_STORE_COMPACTED";
const ENDPOINTS: u32 = 20;
/// Calls that change what stands in a directory, or bring it to the disk.
const CALLS: [&str; 6] = ["rename", "unlinkat", "unlink", "rmdir", "fsync", "fdatasync"];
/// More calls of a kind than a compaction makes.
const CALLS_MAX: usize = 60;

fn targets() -> Vec<TargetId> {
    (0..ENDPOINTS).map(TargetId).collect()
}

/// A store of so many days that keeps the last of them.
fn worn(path: &Path, days: u64) -> Everything {
    let opened = open(path, options()).expect("a store");
    let mut random = fastrand::Rng::with_seed(9);
    block_on(async {
        for day in 0..days {
            let start = START + Duration::from_hours(24 * day);
            let minutes = (0..1_440).flat_map(|minute| (0..ENDPOINTS).map(move |id| (id, minute)));
            let checks = minutes.map(|(id, minute)| {
                Record::Check(check(&mut random, EndpointId(id), start + Duration::from_mins(minute)))
            });
            let targets = (0..ENDPOINTS).map(|id| Record::Target(target(id, id, START)));
            let others = [Record::Event(event(day.to_string(), start)), Record::Alive(start)];
            opened.store.import(checks.chain(targets).chain(others).collect()).await.expect("an import");
        }
        let last = START + Duration::from_hours(24 * days);
        opened.store.save(vec![Record::Alive(last + Duration::from_hours(48))]);
        opened.store.flush().await.expect("a flush");
        opened.store.prune(Bounds { checks: Some(last - Duration::from_hours(24)), ..Bounds::default() });
        opened.store.flush().await.expect("a flush");
        let everything = everything(&opened.store, ENDPOINTS, targets()).await.expect("an answer");
        opened.store.close().await.expect("a clean end");
        everything
    })
}

fn verify(path: &Path, expected: &Everything, what: &str) {
    let opened = open(path, options()).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(opened.notes, Vec::<String>::new(), "{what}");
    let got = block_on(everything(&opened.store, ENDPOINTS, targets())).expect("an answer");
    assert_eq!(&got, expected, "{what}");
    block_on(opened.store.close()).expect("a clean end");
}

#[test]
fn a_store_that_has_become_smaller_gives_its_room_back() {
    let directory = scratch();
    let path = directory.path().join("history");
    let everything = worn(&path, 8);
    let compacted = compact(&path, &options()).expect("a compaction");
    say(&format!("{compacted:?}"));
    assert!(compacted.after < compacted.before / 2, "{compacted:?}");
    verify(&path, &everything, "compacted");
    let again = compact(&path, &options()).expect("a compaction");
    assert_eq!(again.values, compacted.values);
    verify(&path, &everything, "compacted twice");
}

#[test]
fn nothing_is_done_without_room_or_while_somebody_else_has_it() {
    let directory = scratch();
    let path = directory.path().join("history");
    assert_eq!(compact(&path, &options()), Err(CompactError::Nothing(path.clone())));
    assert!(!path.exists());
    let everything = worn(&path, 1);
    let greedy = Options { free_space_min: u64::MAX / 4, ..options() };
    assert!(matches!(compact(&path, &greedy), Err(CompactError::NoRoom { .. })));
    verify(&path, &everything, "without room");
    let opened = open(&path, options()).expect("a store");
    assert!(matches!(compact(&path, &options()), Err(CompactError::Directory(_))));
    block_on(opened.store.close()).expect("a clean end");
}

/// The process that compacts and is killed. By itself it has nothing to do.
#[test]
fn compactor() {
    if let Ok(path) = std::env::var(COMPACTED) {
        compact(Path::new(&path), &options()).expect("a compaction");
        say("compacted");
    }
}

/// Compacts in a process of its own, which dies at this call of one of its threads. Whether it came to its end.
fn killed(path: &Path, call: &str, number: usize) -> bool {
    let mut strace = Command::new("strace");
    strace.args([
        "-f",
        "-o",
        "/dev/null",
        "-e",
        "quiet=all",
        "-e",
        &format!("inject={call}:signal=SIGKILL:when={number}"),
    ]);
    let done = strace.args(tracer::this_program("store::compact::compactor")).env(COMPACTED, path).output();
    done.expect("strace").status.success()
}

#[test]
fn a_kill_at_any_call_of_a_compaction_leaves_a_whole_store() {
    if !tracer::is_there("store::compact::a_kill_at_any_call_of_a_compaction_leaves_a_whole_store") {
        return;
    }
    let directory = scratch();
    let path = directory.path().join("history");
    let everything = worn(&path, 1);
    let files = read_all(&path);
    let (mut kills, mut between) = (0, 0);
    for call in CALLS {
        for number in 1..CALLS_MAX {
            let directory = scratch();
            let path = directory.path().join("history");
            write_all(&path, &files);
            if killed(&path, call, number) {
                break;
            }
            kills += 1;
            between += usize::from(path.join("sled.compacted-from").exists());
            let what = format!("killed at {call} number {number}");
            verify(&path, &everything, &what);
            assert!(!path.join("sled.compacted-from").exists() && !path.join("sled.compacting").exists(), "{what}");
        }
    }
    say(&format!("{kills} kills, {between} of them while the stores changed places"));
    assert!(kills > 10 && between > 2, "{kills} kills, {between} between");
}
