//! Copies of a real store with their files damaged: each opens or is moved aside, and no difference
//! goes without a word.

use super::injury::{Files, damage, read_all, write_all};
use super::world::*;
use portpulse::domain::*;
use portpulse::store::{OpenError, Opened, ReadError, Status, open};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const ENDPOINTS: u32 = 12;
/// How often they are checked: many small chunks make many pages.
const ROUND: Duration = Duration::from_mins(7);
/// Copies at once: most of the time of each is waiting for threads of sled.
const LANES: usize = 6;
/// How long one may take to open, on a machine that has other things to do; the goal is two seconds.
const OPEN_MAX: Duration = Duration::from_secs(10);

/// A store of a week, as its files.
struct Original {
    files: Files,
    everything: Everything,
    open: Vec<u64>,
}

fn targets() -> Vec<TargetId> {
    (0..ENDPOINTS).map(TargetId).collect()
}

/// Makes a store, with or without the snapshot that sled writes when it is opened again.
async fn original(seed: u64, opened_again: bool) -> Original {
    let directory = scratch();
    let path = directory.path().join("history");
    let opened = open(&path, options()).expect("a store");
    let mut random = fastrand::Rng::with_seed(seed);
    for id in 0..ENDPOINTS {
        opened.store.save(vec![Record::Target(target(id, id, START))]);
    }
    for round in 0..1_500 {
        let at = START + ROUND * round;
        let mut batch: Vec<Record> =
            (0..ENDPOINTS).map(|id| Record::Check(check(&mut random, EndpointId(id), at))).collect();
        let (down, whose) = (round / 20 * 20, TargetId(round / 20 % ENDPOINTS));
        if round == down {
            batch.push(Record::Outage(outage(round.into(), whose, at)));
            batch.push(Record::Event(event(format!("down {round}"), at)));
        }
        if round == down + 10 {
            let closing = Some(Closing::Recovered { ended_at: at, confirmed_at: at });
            batch.push(Record::Outage(Outage { closing, ..outage(down.into(), whose, START + ROUND * down) }));
        }
        opened.store.save(batch);
        if round % 100 == 99 {
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

/// What became of a damaged copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// Everything is there, and there is nothing to say.
    Unharmed,
    /// Everything is there, and something is said.
    Whole,
    /// Something is missing, which was told at the opening.
    Replaced,
    /// It was moved aside, and something is missing.
    MovedAside,
    /// Something is missing, which was told when it was asked for.
    ToldLater,
    /// It says that it is of another version, and was left alone.
    Refused,
}

struct Verdict {
    fate: Fate,
    took: Duration,
}

/// Whether every line of history is one that some original has: what is damaged may be missing, not different.
fn is_part_of(got: &Everything, originals: &[&Original]) -> bool {
    let known_check = |endpoint: usize, check: &Check| {
        originals.iter().any(|original| {
            let all = &original.everything.checks[endpoint];
            let from = all.partition_point(|known| known.at < check.at);
            all[from..].iter().take_while(|known| known.at == check.at).any(|known| known == check)
        })
    };
    let has_event = |event: &Event| originals.iter().any(|original| original.everything.events.contains(event));
    let has_outage = |outage: &Outage| {
        let same = |known: &Outage| {
            (known.id, known.target, known.started_at) == (outage.id, outage.target, outage.started_at)
        };
        originals.iter().any(|original| original.everything.outages.iter().any(same))
    };
    got.checks.iter().enumerate().all(|(endpoint, checks)| checks.iter().all(|check| known_check(endpoint, check)))
        && got.events.iter().all(has_event)
        && got.outages.iter().all(has_outage)
}

/// Keeps one more check, whatever happened before.
async fn go_on(opened: &Opened, what: &str) {
    opened.store.save(vec![Record::Check(refused(EndpointId(99), START))]);
    let end = Instant::now() + 2 * OPEN_MAX;
    while let Err(error) = opened.store.flush().await {
        assert!(Instant::now() < end, "{what}: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let answer = everything(&opened.store, ENDPOINTS, targets()).await;
    assert!(answer.is_ok(), "{what}: {answer:?}");
}

/// Opens a damaged copy and judges it by the first of the originals, or what it says by all of them.
async fn open_damaged(originals: &[&Original], path: &Path, what: &str) -> Verdict {
    let before = Instant::now();
    let opened = open(path, options());
    let took = before.elapsed();
    assert!(took < OPEN_MAX, "{what}: {took:?} to open");
    let mut opened = match opened {
        Ok(opened) => opened,
        Err(OpenError::Format { found, .. }) if found.starts_with("portpulse-store ") => {
            return Verdict { fate: Fate::Refused, took };
        }
        Err(error) => panic!("{what}: {error}"),
    };
    let asked = tokio::time::timeout(2 * OPEN_MAX, everything(&opened.store, ENDPOINTS, targets())).await;
    let got = asked.unwrap_or_else(|_| panic!("{what}: no answer"));
    go_on(&opened, what).await;
    let at_once = opened.notes.clone();
    let mut later = Vec::new();
    while let Ok(status) = opened.statuses.try_recv() {
        if let Status::Note(text) = status {
            later.push(text);
        }
    }
    let is = |original: &Original| {
        got.as_ref().is_ok_and(|got| *got == original.everything) && open_ids(&opened.resumed) == original.open
    };
    // With its own witness another store is what it says it is, and nobody can tell that it was exchanged.
    let is_exchanged = what.contains("WITNESS of another store") && originals[1..].iter().any(|other| is(other));
    let is_same = is(originals[0]) || is_exchanged;
    let is_told_later = !later.is_empty() || matches!(got, Err(ReadError::Unavailable(_)));
    assert!(is_same || !at_once.is_empty() || is_told_later, "{what}: a silent difference");
    if let Ok(got) = &got {
        assert!(is_part_of(got, originals), "{what}: it says what never was");
    }
    let is_moved = at_once.iter().chain(&later).any(|note| note.contains("was moved to"));
    assert!(!is_moved || path.join("sled.damaged-1").exists(), "{what}: {at_once:?} {later:?}");
    let closed = tokio::time::timeout(2 * OPEN_MAX, opened.store.close()).await;
    assert!(closed.is_ok(), "{what}: it does not close");
    let again = open(path, options()).unwrap_or_else(|error| panic!("{what}, the second time: {error}"));
    let kept = checks_of(&again.store, EndpointId(99)).await.expect("an answer");
    assert_eq!(kept.len(), 1, "{what}: not recording");
    again.store.close().await.expect("a clean end");
    let fate = match (is_same, is_moved, at_once.is_empty()) {
        (true, _, true) if !is_told_later => Fate::Unharmed,
        (true, ..) => Fate::Whole,
        (false, true, _) => Fate::MovedAside,
        (false, false, false) => Fate::Replaced,
        (false, false, true) => Fate::ToldLater,
    };
    Verdict { fate, took }
}

#[test]
fn a_damaged_store_opens_or_is_moved_aside_and_no_difference_is_silent() {
    let variants = number("PORTPULSE_DAMAGED").unwrap_or(300);
    let seed = number("PORTPULSE_SEED").unwrap_or_else(|| fastrand::u64(..u64::MAX / 2));
    let panics = watch_panics();
    let originals = [block_on(original(3, true)), block_on(original(3, false)), block_on(original(4, true))];
    let fates: Mutex<BTreeMap<Fate, usize>> = Mutex::default();
    let slowest: Mutex<(Duration, usize, String)> = Mutex::default();
    in_lanes(LANES, variants as usize, |variant| {
        let mut random = fastrand::Rng::with_seed(seed + variant as u64);
        let [one, two] = [&originals[variant % 2], &originals[2]];
        let mut files = one.files.clone();
        let how = damage(&mut files, &two.files, &mut random);
        let directory = scratch();
        let path = directory.path().join("history");
        write_all(&path, &files);
        let what = format!("PORTPULSE_SEED={seed}, variant {variant}: {how}");
        let Verdict { fate, took } = block_on(open_damaged(&[one, two], &path, &what));
        *fates.lock().expect("no panic").entry(fate).or_default() += 1;
        let mut slowest = slowest.lock().expect("no panic");
        slowest.1 += usize::from(took > Duration::from_secs(2));
        if took > slowest.0 {
            (slowest.0, slowest.2) = (took, what);
        }
    });
    let fates = fates.into_inner().expect("no panic");
    let (took, late, what) = slowest.into_inner().expect("no panic");
    say(&format!("{variants} damaged copies: {fates:?}; slowest to open {took:?} ({what}), {late} above 2 s"));
    assert_eq!(*panics.lock().expect("no panic"), Vec::<String>::new(), "PORTPULSE_SEED={seed}");
    let is_seen = |fate| fates.contains_key(&fate);
    assert!(variants < 200 || is_seen(Fate::MovedAside) && is_seen(Fate::Unharmed), "it did not hit: {fates:?}");
}

/// Without a snapshot sled believes whatever the file says, and that there is nothing where it says
/// nothing it knows.
#[tokio::test]
async fn a_file_overwritten_with_noise_is_moved_aside_even_without_a_snapshot() {
    for original in [original(3, true).await, original(3, false).await] {
        let mut random = fastrand::Rng::with_seed(11);
        let mut files = original.files.clone();
        files.retain(|(name, _)| !name.to_string_lossy().starts_with("sled/snap"));
        let db = files.iter_mut().find(|(name, _)| name == Path::new("sled/db")).expect("sled's file");
        db.1.fill_with(|| random.u8(..));
        let noise = db.1.clone();
        let directory = scratch();
        let path = directory.path().join("history");
        write_all(&path, &files);
        assert_eq!(open_damaged(&[&original], &path, "all noise").await.fate, Fate::MovedAside);
        let aside = fs::read(path.join("sled.damaged-1/db")).expect("the file as it was found");
        assert!(aside == noise, "what was moved aside is what was found");
    }
}

/// sled ends its log at the first thing in it that is not right. What stands behind that is as good as before.
#[test]
fn one_flipped_bit_costs_one_place_and_not_the_history() {
    let original = block_on(original(3, true));
    let db = original.files.iter().position(|(name, _)| name == Path::new("sled/db")).expect("sled's file");
    let all: usize = original.everything.checks.iter().map(Vec::len).sum();
    let seed = number("PORTPULSE_SEED").unwrap_or_else(|| fastrand::u64(..u64::MAX / 2));
    let kept: Mutex<Vec<usize>> = Mutex::default();
    in_lanes(LANES, 40, |variant| {
        let mut random = fastrand::Rng::with_seed(seed + variant as u64);
        let mut files = original.files.clone();
        let bytes = &mut files[db].1;
        let used: Vec<usize> = (0..bytes.len()).filter(|place| bytes[*place] != 0).collect();
        let place = used[random.usize(..used.len())];
        bytes[place] ^= 1 << random.u8(..8);
        let directory = scratch();
        let path = directory.path().join("history");
        write_all(&path, &files);
        let what = format!("PORTPULSE_SEED={seed}, variant {variant}: a bit of byte {place}");
        let (count, notes) = block_on(async {
            let opened = open(&path, options()).unwrap_or_else(|error| panic!("{what}: {error}"));
            // Damage in what a start does not read shows when it is asked for, and is mended then.
            let end = Instant::now() + 2 * OPEN_MAX;
            let got = loop {
                match everything(&opened.store, ENDPOINTS, targets()).await {
                    Ok(got) => break got,
                    Err(error) => assert!(Instant::now() < end, "{what}: {error}"),
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            };
            assert!(is_part_of(&got, &[&original]), "{what}: it says what never was");
            let notes = opened.notes.clone();
            opened.store.close().await.expect("a clean end");
            (got.checks.iter().map(Vec::len).sum::<usize>(), notes)
        });
        assert!(count * 10 >= all * 9, "{what}: {count} of {all} checks are left: {notes:?}");
        kept.lock().expect("no panic").push(count);
    });
    let kept = kept.into_inner().expect("no panic");
    say(&format!("40 bits flipped: of {all} checks {:?} are left at least", kept.iter().min()));
}
