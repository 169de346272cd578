//! A writer that is killed at any moment: what it said was saved must be there, and nothing half or twice.

use super::world::*;
use portpulse::domain::*;
use portpulse::store::{Opened, open};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

pub const TARGETS: u32 = 40;
/// Where a writer is to write.
pub const WRITER: &str = "PORTPULSE_STORE_WRITER";
/// After how many batches it dies by itself, if it is not to be killed.
pub const WRITER_BATCHES: &str = "PORTPULSE_STORE_WRITER_BATCHES";
/// A store begins anew after so many kills, so that looking through all of it stays cheap.
const KILLS_OF_A_STORE: usize = 25;
/// Writers at once.
const LANES: usize = 4;
/// How long a writer may take to start, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// The batch with this number; every target is checked, and one goes down or comes back.
pub fn batch(number: u64) -> Vec<Record> {
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
pub fn batches_in(opened: &Opened) -> u64 {
    match opened.resumed.events.last().map(|event| &event.what) {
        Some(Happening::Note(text)) => text.trim_start_matches("batch ").parse::<u64>().expect("a number") + 1,
        _ => 0,
    }
}

/// What a store with so many batches must hold.
#[derive(Default)]
pub struct Oracle {
    batches: u64,
    checks: Vec<Vec<Check>>,
    outages: BTreeMap<u64, Outage>,
}

impl Oracle {
    fn grow(&mut self, batches: u64) {
        self.checks.resize(TARGETS as usize, Vec::new());
        for record in (self.batches..batches).flat_map(batch) {
            match record {
                Record::Check(check) => self.checks[check.endpoint.0 as usize].push(check),
                Record::Outage(outage) => drop(self.outages.insert(outage.id.0, outage)),
                _ => {}
            }
        }
        self.batches = batches;
    }

    /// The store must hold all batches up to some number that is at least this one, whole, and nothing
    /// else; says how many.
    pub async fn verify(&mut self, opened: &Opened, saved: u64, what: &str) -> u64 {
        let count = batches_in(opened);
        assert!(count >= saved, "{what}: of {saved} batches only {count} are there");
        assert!(count >= self.batches, "{what}: of {} batches that were there only {count} are left", self.batches);
        self.grow(count);
        for (id, wanted) in (0..).zip(&self.checks) {
            let got = checks_of(&opened.store, EndpointId(id)).await.expect("an answer");
            assert!(got == *wanted, "{what}: endpoint {id} has {} of {} checks", got.len(), wanted.len());
        }
        let mut got = ask(&opened.store, |reader| reader.outages(EVER)).await.expect("an answer");
        got.sort_by_key(|outage| outage.id);
        assert!(got.iter().eq(self.outages.values()), "{what}: outages");
        let mut open = opened.resumed.open_outages.clone();
        open.sort_by_key(|outage| outage.id);
        assert!(
            open.iter().eq(self.outages.values().filter(|outage| outage.closing.is_none())),
            "{what}: open outages"
        );
        assert_eq!(opened.resumed.catalog.len(), if count > 0 { TARGETS as usize } else { 0 }, "{what}");
        count
    }
}

/// The process that is killed; by itself it has nothing to do.
#[test]
fn writer() {
    if let Ok(path) = std::env::var(WRITER) {
        block_on(write(Path::new(&path)));
    }
}

async fn write(path: &Path) {
    let mut out = std::io::stdout();
    writeln!(out, "\nopening").expect("somebody who listens");
    let opened = open(path, options()).expect("a store");
    let mut next = batches_in(&opened);
    writeln!(out, "\nopened {next}").expect("somebody who listens");
    let end = number(WRITER_BATCHES).map_or(u64::MAX, |count| next + count);
    while next < end {
        let burst = fastrand::u64(1..4);
        (next..next + burst).for_each(|number| opened.store.save(batch(number)));
        next += burst;
        while opened.store.flush().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        writeln!(out, "\nsaved {next}").expect("somebody who listens");
    }
    std::process::abort();
}

/// When a writer is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So long after it had opened the store.
    Writing(Duration),
    /// So long after it began to open the store.
    Opening(Duration),
    /// When sled is seen writing its snapshot, which it does when it opens.
    Snapshot,
}

impl Moment {
    fn random(kill: usize, random: &mut fastrand::Rng) -> Self {
        match kill % 10 {
            3 => Self::Snapshot,
            8 => Self::Opening(Duration::from_micros(random.u64(0..20_000))),
            _ => Self::Writing(Duration::from_millis(random.u64(0..400))),
        }
    }
}

/// What a writer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Opening,
    Opened,
    /// So many batches are saved.
    Saved(u64),
}

/// What became of one that was killed.
struct Life {
    saved: Option<u64>,
    had_opened: bool,
    wrote_for: Duration,
}

fn start(path: &Path) -> (Child, Receiver<Word>) {
    let mut child = Command::new(std::env::current_exe().expect("a path"))
        .args(["--exact", "store::kill::writer", "--nocapture", "--test-threads=1"])
        .env(WRITER, path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let (sender, words) = mpsc::sync_channel(100_000);
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let word = match line.split_once(' ') {
                None if line == "opening" => Word::Opening,
                Some(("opened", _)) => Word::Opened,
                Some(("saved", number)) => Word::Saved(number.parse().expect("a number")),
                _ => continue,
            };
            sender.send(word).expect("somebody who counts");
        }
    });
    (child, words)
}

/// Whether sled is writing a snapshot, or was when it was killed.
pub fn has_half_snapshot(path: &Path) -> bool {
    let entries = std::fs::read_dir(path.join("sled")).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with(".generating"))
}

/// Runs the writer up to a moment and kills it.
fn run_and_kill(path: &Path, moment: Moment) -> Life {
    let (mut child, words) = start(path);
    let until = |wanted: Word| {
        while words.recv_timeout(PATIENCE).expect("a writer that goes on") != wanted {}
    };
    let mut opened_at = None;
    match moment {
        Moment::Writing(lifetime) => {
            until(Word::Opened);
            opened_at = Some(Instant::now());
            std::thread::sleep(lifetime);
        }
        Moment::Opening(lifetime) => {
            until(Word::Opening);
            std::thread::sleep(lifetime);
        }
        Moment::Snapshot => {
            until(Word::Opening);
            let end = Instant::now() + PATIENCE;
            while !has_half_snapshot(path) && words.try_recv().is_err() && Instant::now() < end {}
        }
    }
    child.kill().expect("a process to kill");
    let wrote_for = opened_at.map_or(Duration::ZERO, |at| at.elapsed());
    assert_eq!(child.wait().expect("an end").signal(), Some(9), "the writer ended by itself");
    let mut life = Life { saved: None, had_opened: opened_at.is_some(), wrote_for };
    for word in words {
        match word {
            Word::Opening => {}
            Word::Opened => life.had_opened = true,
            Word::Saved(count) => life.saved = Some(count),
        }
    }
    life
}

/// What all kills together came to.
#[derive(Debug, Default)]
struct Toll {
    kills: usize,
    while_opening: usize,
    half_snapshots: usize,
    acknowledged_checks: u64,
    writing: Duration,
    slowest_open: Duration,
}

/// The life of one store, with a kill after each of its runs. A kill that is to hit a recovery follows
/// another without a clean opening between.
fn live_and_die(kills: std::ops::Range<usize>, seed: u64, toll: &Mutex<Toll>) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("history");
    let mut random = fastrand::Rng::with_seed(seed + kills.start as u64);
    let mut oracle = Oracle::default();
    let mut saved = 0;
    let mut moments = String::new();
    for kill in kills.clone() {
        let moment = Moment::random(kill, &mut random);
        let life = run_and_kill(&path, moment);
        let before = saved;
        saved = life.saved.unwrap_or(saved);
        moments = format!("{moments} {moment:?}");
        let mut sum = lock(toll);
        sum.kills += 1;
        sum.while_opening += usize::from(!life.had_opened);
        sum.half_snapshots += usize::from(has_half_snapshot(&path));
        sum.acknowledged_checks += saved.saturating_sub(before) * u64::from(TARGETS);
        sum.writing += life.wrote_for;
        drop(sum);
        if kill + 1 < kills.end && !matches!(Moment::random(kill + 1, &mut random.clone()), Moment::Writing(_)) {
            continue;
        }
        let what = format!("PORTPULSE_SEED={seed}, kill {kill}, after{moments}, {saved} batches saved");
        let before = Instant::now();
        let opened = open(&path, options()).unwrap_or_else(|error| panic!("{what}: {error}"));
        let took = before.elapsed();
        assert_eq!(opened.notes, Vec::<String>::new(), "{what}");
        saved = block_on(oracle.verify(&opened, saved, &what));
        block_on(opened.store.close()).expect("a clean end");
        let mut sum = lock(toll);
        sum.slowest_open = sum.slowest_open.max(took);
        moments.clear();
    }
}

fn lock(toll: &Mutex<Toll>) -> std::sync::MutexGuard<'_, Toll> {
    toll.lock().expect("no failure elsewhere")
}

#[test]
fn what_was_called_saved_survives_every_kill() {
    let kills = number("PORTPULSE_KILLS").unwrap_or(60) as usize;
    let seed = number("PORTPULSE_SEED").unwrap_or_else(|| fastrand::u64(..u64::MAX / 2));
    let toll: Mutex<Toll> = Mutex::default();
    let stores = kills.div_ceil(KILLS_OF_A_STORE).max(LANES);
    in_lanes(LANES, stores, |store| {
        live_and_die(store * kills / stores..(store + 1) * kills / stores, seed, &toll);
    });
    let toll = toll.into_inner().expect("no failure");
    let rate = toll.acknowledged_checks as f64 / toll.writing.as_secs_f64();
    say(&format!("{toll:?}, {rate:.0} checks a second"));
    assert_eq!(toll.kills, kills);
    let checks = toll.acknowledged_checks;
    assert!(checks > 100 * kills as u64, "the writers were too slow for this to mean anything: {checks} checks");
}
