//! A copy made while the store is in use is the whole of one moment, and a damaged copy is known for one.

use super::world::*;
use portpulse::domain::*;
use portpulse::store::{BackupError, Copied, Depth, RestoreError, Store, Survey, open, restore};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const ENDPOINTS: u32 = 30;

fn targets() -> Vec<TargetId> {
    (0..ENDPOINTS).map(TargetId).collect()
}

/// What was saved in that minute, a line of the log last.
fn minute(random: &mut fastrand::Rng, minute: u64) -> Vec<Record> {
    let at = START + Duration::from_mins(minute);
    let mut batch: Vec<Record> = (0..ENDPOINTS).map(|id| Record::Check(check(random, EndpointId(id), at))).collect();
    if minute.is_multiple_of(50) {
        batch.push(Record::Outage(outage(minute, TargetId((minute % u64::from(ENDPOINTS)) as u32), at)));
    }
    batch.push(Record::Event(event(minute.to_string(), at)));
    batch
}

async fn filled(path: &Path, minutes: u64) -> Store {
    let opened = open(path, options()).expect("a store");
    let mut random = fastrand::Rng::with_seed(5);
    for id in 0..ENDPOINTS {
        opened.store.save(vec![Record::Target(target(id, id, START))]);
    }
    for number in 0..minutes {
        opened.store.save(minute(&mut random, number));
        if number % 200 == 0 {
            opened.store.flush().await.expect("a flush");
        }
    }
    opened.store.flush().await.expect("a flush");
    opened.store
}

fn folder() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("a directory");
    let (history, copy) = (folder.path().join("history"), folder.path().join("copy"));
    (folder, history, copy)
}

/// Copies everything into a new file.
async fn back_up(store: &Store, copy: &Path) -> Result<Copied, BackupError> {
    store.back_up(File::create_new(copy).expect("a new file")).await
}

async fn all_of(store: &Store) -> Everything {
    everything(store, ENDPOINTS, targets()).await.expect("an answer")
}

#[tokio::test]
async fn a_copy_becomes_the_same_history() {
    let (folder, history, copy) = folder();
    let store = filled(&history, 900).await;
    let copied = back_up(&store, &copy).await.expect("a copy");
    assert_eq!(fs::metadata(&copy).expect("a file").len(), copied.bytes);
    let again = folder.path().join("again");
    assert_eq!(restore(&copy, &again), Ok(copied));
    let opened = open(&again, options()).expect("a store");
    assert_eq!(opened.notes, Vec::<String>::new());
    assert_eq!(all_of(&opened.store).await, all_of(&store).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_while_checks_are_saved_is_that_of_one_moment() {
    let (folder, history, copy) = folder();
    let store = filled(&history, 3_000).await;
    let enough = std::sync::Arc::new(AtomicBool::new(false));
    let (writer, stop) = (store.clone(), enough.clone());
    let saving = tokio::spawn(async move {
        let mut random = fastrand::Rng::with_seed(6);
        let mut number = 3_000;
        while !stop.load(Ordering::Relaxed) {
            // Many a chunk is sealed meanwhile.
            writer.save((0..20).flat_map(|more| minute(&mut random, number + more)).collect());
            number += 20;
            writer.flush().await.expect("a flush");
        }
        number
    });
    for round in 0..5 {
        let copy = copy.with_extension(round.to_string());
        back_up(&store, &copy).await.expect("a copy");
    }
    enough.store(true, Ordering::Relaxed);
    let end = saving.await.expect("no panic");
    let whole = all_of(&store).await;
    assert!(end > 3_000);
    for round in 0..5 {
        let again = folder.path().join(format!("again-{round}"));
        restore(&copy.with_extension(round.to_string()), &again).expect("a store");
        let opened = open(&again, options()).expect("a store");
        let got = all_of(&opened.store).await;
        let events = got.events.len();
        assert!(events >= 3_000, "{events}");
        assert_eq!(got.events, whole.events[..events]);
        for (got, whole) in got.checks.iter().zip(&whole.checks) {
            assert_eq!(got[..], whole[..events], "a check for each minute up to that moment");
        }
    }
}

#[tokio::test]
async fn a_damaged_copy_makes_nothing() {
    let (folder, history, copy) = folder();
    let store = filled(&history, 400).await;
    back_up(&store, &copy).await.expect("a copy");
    let unwritable = store.back_up(File::open(&copy).expect("a file")).await;
    assert!(
        matches!(&unwritable, Err(BackupError::File(why)) if why.contains("Bad file descriptor")),
        "{unwritable:?}"
    );
    assert!(matches!(restore(&copy, &history), Err(RestoreError::Directory(_))), "it is in use");
    store.close().await.expect("a clean end");
    assert_eq!(restore(&copy, &history), Err(RestoreError::Occupied(history)));

    let bytes = fs::read(&copy).expect("a file");
    let mut random = fastrand::Rng::with_seed(7);
    let again = folder.path().join("again");
    for turn in 0..200 {
        let mut damaged = bytes.clone();
        let at = random.usize(0..bytes.len());
        if turn % 2 == 0 {
            damaged.truncate(at);
        } else {
            damaged[at] ^= 1 << random.u8(0..8);
        }
        let file = folder.path().join("damaged");
        fs::write(&file, damaged).expect("a file");
        let answer = restore(&file, &again);
        assert!(matches!(answer, Err(RestoreError::File { .. })), "{turn} at {at}: {answer:?}");
        assert!(!again.exists(), "{turn} at {at}");
    }
}

async fn surveyed(store: &Store, depth: Depth) -> Survey {
    let mut survey = Survey::new(depth);
    while !survey.is_done() {
        survey = ask(store, move |reader| reader.survey(survey)).await.expect("an answer");
    }
    survey
}

#[tokio::test]
async fn a_survey_counts_everything_once() {
    let (_folder, history, _) = folder();
    let store = filled(&history, 900).await;
    for depth in [Depth::Heads, Depth::Everything] {
        let survey = surveyed(&store, depth).await;
        let minutes = |count| START + Duration::from_mins(count);
        assert_eq!((survey.checks, survey.damaged()), (900 * u64::from(ENDPOINTS), 0));
        assert_eq!(survey.span, Some(Span { from: START, to: minutes(899) }));
        assert_eq!(["target", "event", "outage"].map(|name| survey.count_of(name)), [30, 900, 18]);
        assert!(survey.bytes_of("chunk") > 0);
    }
}
