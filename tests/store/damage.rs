//! Copies of a real store with their files damaged: each opens or is moved aside, and no difference
//! goes without a word.

use super::world::*;
use portpulse::domain::*;
use portpulse::store::{ReadError, Status, open};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ENDPOINTS: u32 = 4;

/// A store of a day and a half, as its files.
struct Original {
    files: Vec<(PathBuf, Vec<u8>)>,
    everything: Everything,
    open: Vec<u64>,
}

fn targets() -> Vec<TargetId> {
    (0..ENDPOINTS).map(TargetId).collect()
}

/// Makes a store, with or without the snapshot that sled writes when it is opened again.
async fn original(opened_again: bool) -> Original {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("history");
    let opened = open(&path, options()).expect("a store");
    let mut random = fastrand::Rng::with_seed(3);
    for id in 0..ENDPOINTS {
        opened.store.save(vec![Record::Target(target(id, id, START))]);
    }
    for minute in 0..2_000 {
        let at = START + Duration::from_mins(minute);
        let mut batch: Vec<Record> =
            (0..ENDPOINTS).map(|id| Record::Check(check(&mut random, EndpointId(id), at))).collect();
        if minute % 20 == 0 {
            batch.push(Record::Outage(outage(minute, TargetId(minute as u32 % ENDPOINTS), at)));
            batch.push(Record::Event(event(format!("down {minute}"), at)));
        }
        if minute % 20 == 10 {
            let closing = Some(Closing::Recovered { ended_at: at, confirmed_at: at });
            let opened_at = START + Duration::from_mins(minute - 10);
            let id = TargetId((minute - 10) as u32 % ENDPOINTS);
            batch.push(Record::Outage(Outage { closing, ..outage(minute - 10, id, opened_at) }));
        }
        opened.store.save(batch);
        if minute % 100 == 99 {
            opened.store.flush().await.expect("a flush");
        }
    }
    opened.store.save(vec![Record::Outage(outage(5_000, TargetId(1), START))]);
    opened.store.close().await.expect("a clean end");
    let opened = open(&path, options()).expect("a store");
    let open_outages = open_ids(&opened.resumed);
    let everything = everything(&opened.store, ENDPOINTS, targets()).await.expect("an answer");
    if opened_again {
        opened.store.close().await.expect("a clean end");
    } else {
        // As it stands on disk while it runs.
        opened.store.save(vec![Record::Alive(START)]);
        opened.store.flush().await.expect("a flush");
        return Original { files: read_all(&path), everything, open: open_outages };
    }
    Original { files: read_all(&path), everything, open: open_outages }
}

fn read_all(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a directory").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                let name = entry.strip_prefix(root).expect("a name").to_owned();
                files.push((name, fs::read(entry).expect("a file")));
            }
        }
    }
    files
}

fn write_all(root: &Path, files: &[(PathBuf, Vec<u8>)]) {
    for (name, bytes) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, bytes).expect("a file");
    }
}

/// Damages the files in the way that the number says, and says how.
fn damage(files: &mut Vec<(PathBuf, Vec<u8>)>, number: usize, random: &mut fastrand::Rng) -> String {
    let place = |files: &[(PathBuf, Vec<u8>)], start: &str| {
        files.iter().position(|(name, _)| name.to_string_lossy().starts_with(start))
    };
    let (name, ways) = [("sled/db", 8), ("sled/db", 8), ("sled/snap", 5), ("sled/conf", 3), ("WITNESS", 3)][number % 5];
    let Some(which) = place(files, name) else {
        files.retain(|(name, _)| !name.starts_with("sled"));
        return "no sled at all".to_owned();
    };
    let bytes = &mut files[which].1;
    let length = bytes.len();
    let at = random.usize(0..length.max(1));
    let how = match random.usize(0..ways) {
        0 => {
            bytes[at] ^= 1 << random.u8(0..8);
            format!("bit flipped at {at}")
        }
        1 => {
            bytes.truncate(at);
            format!("cut to {at}")
        }
        2 => {
            files.remove(which);
            "removed".to_owned()
        }
        3 => {
            bytes.clear();
            "emptied".to_owned()
        }
        4 => {
            let half = bytes[..length / 2].to_vec();
            files.push((PathBuf::from("sled/snap.000000000001234.generating"), half));
            "beside a half-written snapshot".to_owned()
        }
        5 => {
            let start = at & !4095;
            bytes[start..(start + 4096).min(length)].fill(0);
            format!("a page zeroed at {start}")
        }
        6 => {
            bytes[at..(at + 512).min(length)].fill_with(|| random.u8(..));
            format!("noise at {at}")
        }
        _ => {
            bytes.extend(std::iter::repeat_with(|| random.u8(..)).take(700_000));
            "noise at the end".to_owned()
        }
    };
    format!("{name} {how}")
}

/// What became of a damaged copy.
#[derive(Debug, PartialEq)]
enum Fate {
    Unharmed,
    Told,
}

async fn open_damaged(original: &Original, path: &Path, what: &str) -> Fate {
    let before = Instant::now();
    let mut opened = open(path, options()).unwrap_or_else(|error| panic!("{what}: {error}"));
    let took = before.elapsed();
    assert!(took < Duration::from_secs(5), "{what}: {took:?} to open");
    let limit = Duration::from_secs(10);
    let asked = tokio::time::timeout(limit, everything(&opened.store, ENDPOINTS, targets())).await;
    let got = asked.unwrap_or_else(|_| panic!("{what}: no answer"));
    // Whatever happened, it goes on recording.
    let new = Record::Check(refused(EndpointId(99), START));
    opened.store.save(vec![new]);
    let end = Instant::now() + limit;
    while let Err(error) = opened.store.flush().await {
        assert!(Instant::now() < end, "{what}: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let answer = everything(&opened.store, ENDPOINTS, targets()).await;
    assert!(answer.is_ok(), "{what}: {answer:?}");
    let mut told = opened.notes.clone();
    while let Ok(status) = opened.statuses.try_recv() {
        if let Status::Note(text) = status {
            told.push(text);
        }
    }
    let is_same =
        got.as_ref().is_ok_and(|got| *got == original.everything) && open_ids(&opened.resumed) == original.open;
    let is_told = !told.is_empty() || matches!(got, Err(ReadError::Unavailable(_)));
    assert!(is_same || is_told, "{what}: a silent difference");
    if told.iter().any(|note| note.contains("was moved to")) {
        assert!(path.join("sled.damaged-1").exists(), "{what}: {told:?}");
    }
    let closed = tokio::time::timeout(limit, opened.store.close()).await;
    assert!(closed.is_ok(), "{what}: it does not close");
    let again = open(path, options()).unwrap_or_else(|error| panic!("{what}, the second time: {error}"));
    let kept = checks_of(&again.store, EndpointId(99)).await.expect("an answer");
    assert_eq!(kept.len(), 1, "{what}: not recording");
    if is_same { Fate::Unharmed } else { Fate::Told }
}

#[tokio::test]
async fn a_damaged_store_opens_or_is_moved_aside_and_no_difference_is_silent() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let variants = number("PORTPULSE_DAMAGED").unwrap_or(60);
    let seed = number("PORTPULSE_SEED").unwrap_or_else(|| fastrand::u64(..) as usize);
    let originals = [original(true).await, original(false).await];
    let mut harmed = 0;
    for variant in 0..variants {
        let mut random = fastrand::Rng::with_seed((seed + variant) as u64);
        let original = &originals[variant / 5 % 2];
        let mut files = original.files.clone();
        let how = damage(&mut files, variant, &mut random);
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("history");
        write_all(&path, &files);
        let what = format!("PORTPULSE_SEED={seed}, variant {variant}: {how}");
        let fate = open_damaged(original, &path, &what).await;
        harmed += usize::from(fate == Fate::Told);
    }
    assert!(variants < 60 || harmed > 0, "no damage ever showed: it did not hit");
}

/// Without a snapshot sled believes whatever the file says, and that there is nothing where it says
/// nothing it knows.
#[tokio::test]
async fn a_file_overwritten_with_noise_is_moved_aside_even_without_a_snapshot() {
    for original in [original(true).await, original(false).await] {
        let mut random = fastrand::Rng::with_seed(11);
        let mut files = original.files.clone();
        files.retain(|(name, _)| !name.to_string_lossy().starts_with("sled/snap"));
        let db = files.iter_mut().find(|(name, _)| name == Path::new("sled/db")).expect("sled's file");
        db.1.fill_with(|| random.u8(..));
        let noise = db.1.clone();
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("history");
        write_all(&path, &files);
        assert_eq!(open_damaged(&original, &path, "all noise").await, Fate::Told);
        let aside = fs::read(path.join("sled.damaged-1/db")).expect("the file as it was found");
        assert!(aside == noise, "what was moved aside is what was found");
    }
}
