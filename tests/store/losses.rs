//! What a damaged file has cost is a gap: from the last proof of life that can be read to the end of the file.

use super::injury::{read_all, write_all};
use super::world::*;
use portpulse::domain::*;
use portpulse::store::open;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

const HOUR: Duration = Duration::from_hours(1);

/// Dates a file back, as one that was written so many hours ago.
fn date(path: &Path, hours: u32) -> Wall {
    let at = SystemTime::now() - HOUR * hours;
    File::options().write(true).open(path).expect("a file").set_modified(at).expect("a date");
    Wall::default() + at.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970")
}

fn now() -> Wall {
    Wall::default() + SystemTime::UNIX_EPOCH.elapsed().expect("after 1970")
}

fn is_near(at: Wall, other: Wall) -> bool {
    at.since(other).max(other.since(at)) < Duration::from_millis(2)
}

#[tokio::test]
async fn a_file_of_which_nothing_can_be_read_leaves_a_gap_as_long_as_its_life() {
    let directory = scratch();
    let path = directory.path().join("history");
    let opened = open(&path, options()).expect("a store");
    opened.store.save(vec![Record::Target(target(1, 1, START)), Record::Alive(START)]);
    opened.store.close().await.expect("a clean end");
    let db = path.join("sled/db");
    let length = std::fs::metadata(&db).expect("a file").len();
    std::fs::write(&db, vec![0xa5; length as usize]).expect("a disk");
    let (from, to) = (date(&path.join("sled/conf"), 9), date(&db, 2));
    date(&path.join("WITNESS"), 2);

    let opened = open(&path, options()).expect("a store");
    assert!(opened.notes.iter().any(|note| note.contains("was moved to")), "{:?}", opened.notes);
    let [gap] = opened.resumed.gaps[..] else { panic!("{:?}", opened.resumed.gaps) };
    assert_eq!((gap.cause, gap.path), (GapCause::Damaged, None));
    assert!(is_near(gap.from, from) && is_near(gap.to, to), "{gap:?}: {from:?} to {to:?}");
    assert_eq!(opened.resumed.alive, Some(gap.to), "from there on nobody ran");
    opened.store.close().await.expect("a clean end");
    let again = open(&path, options()).expect("a store");
    assert_eq!((again.resumed.gaps, again.resumed.alive), (vec![gap], Some(gap.to)));
    again.store.close().await.expect("a clean end");
}

#[tokio::test]
async fn a_file_that_is_older_than_what_was_saved_leaves_a_gap_behind_its_last_proof_of_life() {
    let directory = scratch();
    let path = directory.path().join("history");
    let began = now() - HOUR * 5;
    let opened = open(&path, options()).expect("a store");
    opened.store.save(vec![Record::Target(target(1, 1, began)), Record::Alive(began)]);
    opened.store.flush().await.expect("a flush");
    let older = read_all(&path.join("sled"));
    for minutes in 1..120 {
        opened.store.save(vec![Record::Alive(began + Duration::from_mins(minutes))]);
        opened.store.flush().await.expect("a flush");
    }
    opened.store.close().await.expect("a clean end");
    std::fs::remove_dir_all(path.join("sled")).expect("a directory");
    write_all(&path.join("sled"), &older);
    date(&path.join("sled/db"), 3);
    let to = date(&path.join("WITNESS"), 2);

    let opened = open(&path, options()).expect("a store");
    assert!(opened.notes.iter().any(|note| note.contains("is missing")), "{:?}", opened.notes);
    let [gap] = opened.resumed.gaps[..] else { panic!("{:?}", opened.resumed.gaps) };
    assert_eq!((gap.cause, gap.from), (GapCause::Damaged, began));
    assert!(is_near(gap.to, to), "{gap:?}: {to:?}");
    opened.store.close().await.expect("a clean end");
}

#[tokio::test]
async fn a_file_of_which_all_can_be_read_leaves_no_gap() {
    let directory = scratch();
    let path = directory.path().join("history");
    let opened = open(&path, options()).expect("a store");
    opened.store.save(vec![Record::Target(target(1, 1, START)), Record::Alive(now())]);
    opened.store.close().await.expect("a clean end");
    std::fs::remove_file(path.join("FORMAT")).expect("a file");
    let opened = open(&path, options()).expect("a store");
    assert!(opened.notes.iter().any(|note| note.contains("was moved to")), "{:?}", opened.notes);
    assert_eq!(opened.resumed.gaps, []);
    opened.store.close().await.expect("a clean end");
}

#[tokio::test]
async fn checks_that_could_be_read_are_in_no_gap() {
    let directory = scratch();
    let path = directory.path().join("history");
    let opened = open(&path, options()).expect("a store");
    let newest = now() - HOUR * 4;
    let checks = (0..300).rev().map(|n| refused(EndpointId(1), newest - Duration::from_mins(n)));
    let all = checks.map(Record::Check).chain([Record::Target(target(1, 1, newest - HOUR * 9))]);
    opened.store.save(all.collect());
    opened.store.close().await.expect("a clean end");
    std::fs::remove_file(path.join("FORMAT")).expect("a file");
    date(&path.join("sled/conf"), 9);
    date(&path.join("sled/db"), 2);
    date(&path.join("WITNESS"), 2);
    let opened = open(&path, options()).expect("a store");
    let [gap] = opened.resumed.gaps[..] else { panic!("{:?}", opened.resumed.gaps) };
    assert_eq!((gap.cause, gap.from), (GapCause::Damaged, newest));
    opened.store.close().await.expect("a clean end");
}
