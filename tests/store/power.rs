//! Cuts of the power, made up from what a writer really did: of all that was not synced, any part may be missing.

use super::injury::{Files, read_all, write_all};
use super::kill::{Oracle, WRITER, WRITER_BATCHES};
use super::recording::{Call, Event, record};
use super::tracer;
use super::world::*;
use portpulse::store::open;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a disk writes in one go.
const BLOCK: usize = 4096;
const LANES: usize = 4;
/// How many batches a writer saves before it ends as if the process had died.
const BATCHES: u64 = 300;

/// A change of a file that no sync has covered.
#[derive(Clone, Debug)]
struct Pending {
    call: usize,
    is_done: bool,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

/// A file: what of it is safe, and what is not.
#[derive(Clone, Debug, Default)]
struct Inode {
    safe: Vec<u8>,
    pending: Vec<Pending>,
}

/// Names that change together: each now means this file, or none.
type Renaming = Vec<(PathBuf, Option<usize>)>;

/// A disk with its cache.
#[derive(Clone, Debug, Default)]
struct Disk {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    safe_names: BTreeMap<PathBuf, usize>,
    renamings: Vec<Renaming>,
    positions: HashMap<u32, u64>,
    /// Syncs that have begun: what they cover.
    syncs: HashMap<usize, Vec<usize>>,
    /// How many batches the writer has called saved.
    saved: Option<u64>,
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write(at, new) => {
            bytes.resize(bytes.len().max(at + new.len()), 0);
            bytes[*at..at + new.len()].copy_from_slice(new);
        }
        Change::Truncate(length) => bytes.resize(*length, 0),
    }
}

impl Disk {
    /// One on which everything is safe.
    fn of(root: &Path, files: Files) -> Self {
        let mut disk = Self::default();
        for (name, safe) in files {
            disk.names.insert(root.join(name), disk.inodes.len());
            disk.inodes.push(Inode { safe, pending: Vec::new() });
        }
        disk.safe_names.clone_from(&disk.names);
        disk
    }

    fn rename(&mut self, renaming: Renaming) {
        set_names(&mut self.names, &renaming);
        self.renamings.push(renaming);
    }

    fn change(&mut self, path: &Path, call: usize, change: Change) {
        if let Some(inode) = self.names.get(path).and_then(|inode| self.inodes.get_mut(*inode)) {
            inode.pending.push(Pending { call, is_done: false, change });
        }
    }

    fn begin(&mut self, number: usize, call: &Call) {
        match call {
            Call::Open { .. } | Call::Rename { .. } | Call::Unlink { .. } => {}
            Call::Write { descriptor: 1, bytes, .. } => {
                let said = String::from_utf8_lossy(bytes);
                let saved = said.lines().filter_map(|line| line.strip_prefix("saved ")?.parse().ok()).next_back();
                self.saved = saved.or(self.saved);
            }
            Call::Write { descriptor, path, at, bytes } => {
                let position = self.positions.entry(*descriptor).or_default();
                let place = at.unwrap_or(*position) as usize;
                if at.is_none() {
                    *position += bytes.len() as u64;
                }
                self.change(path, number, Change::Write(place, bytes.clone()));
            }
            Call::Truncate { path, length } => self.change(path, number, Change::Truncate(*length as usize)),
            Call::Sync { path } => {
                let inode = self.names.get(path).and_then(|inode| self.inodes.get(*inode));
                let done = inode.into_iter().flat_map(|inode| &inode.pending).filter(|pending| pending.is_done);
                self.syncs.insert(number, done.map(|pending| pending.call).collect());
            }
        }
    }

    fn end(&mut self, number: usize, call: &Call, returned: i64) {
        match call {
            Call::Sync { path } if returned < 0 => self.failed(path, number),
            _ if returned < 0 => {}
            Call::Open { path, creates, empties } => {
                self.positions.insert(returned as u32, 0);
                if *creates && !self.names.contains_key(path) {
                    self.rename(vec![(path.clone(), Some(self.inodes.len()))]);
                    self.inodes.push(Inode::default());
                } else if *empties {
                    self.change(path, number, Change::Truncate(0));
                    self.done(path, number);
                }
            }
            Call::Write { path, .. } | Call::Truncate { path, .. } => self.done(path, number),
            Call::Sync { path } => self.synced(path, number),
            Call::Rename { from, to } => {
                let inode = self.names.get(from).copied();
                self.rename(vec![(from.clone(), None), (to.clone(), inode)]);
            }
            Call::Unlink { path } => self.rename(vec![(path.clone(), None)]),
        }
    }

    fn done(&mut self, path: &Path, number: usize) {
        let inode = self.names.get(path).and_then(|inode| self.inodes.get_mut(*inode));
        for pending in inode.into_iter().flat_map(|inode| &mut inode.pending) {
            pending.is_done |= pending.call == number;
        }
    }

    fn synced(&mut self, path: &Path, number: usize) {
        let covered = self.syncs.remove(&number).unwrap_or_default();
        if let Some(inode) = self.names.get(path).and_then(|inode| self.inodes.get_mut(*inode)) {
            let (safe, pending) =
                std::mem::take(&mut inode.pending).into_iter().partition(|pending| covered.contains(&pending.call));
            inode.pending = pending;
            let safe: Vec<Pending> = safe;
            for Pending { change, .. } in &safe {
                apply(&mut inode.safe, change);
            }
            return;
        }
        let is_in = |renaming: &Renaming| renaming.iter().any(|(name, _)| name.parent() == Some(path));
        let (safe, left) = std::mem::take(&mut self.renamings).into_iter().partition(is_in);
        self.renamings = left;
        let safe: Vec<Renaming> = safe;
        for renaming in &safe {
            set_names(&mut self.safe_names, renaming);
        }
    }

    /// After a sync that failed, the system takes what it was to write for written: no later sync covers it.
    fn failed(&mut self, path: &Path, number: usize) {
        let covered = self.syncs.remove(&number).unwrap_or_default();
        if let Some(inode) = self.names.get(path).and_then(|inode| self.inodes.get_mut(*inode)) {
            inode.pending.retain(|pending| !covered.contains(&pending.call));
        }
    }

    /// What is there after a cut now: of the names, everything up to some change; of the files, any blocks,
    /// and their new length or the old one.
    fn cut(&self, root: &Path, random: &mut fastrand::Rng) -> Files {
        let mut names = self.safe_names.clone();
        let kept = random.usize(0..=self.renamings.len());
        self.renamings.iter().take(kept).for_each(|renaming| set_names(&mut names, renaming));
        let share = [0, 10, 50, 90, 100][random.usize(0..5)];
        let mut files = Files::new();
        for (name, inode) in names {
            let Inode { safe, pending } = &self.inodes[inode];
            let mut bytes = safe.clone();
            for Pending { change, .. } in pending {
                keep_some(&mut bytes, change, share, random);
            }
            if bytes.len() > safe.len() && random.u8(0..4) == 0 {
                bytes.truncate(safe.len());
            }
            files.push((name.strip_prefix(root).expect("in the directory").to_owned(), bytes));
        }
        files
    }
}

fn set_names(names: &mut BTreeMap<PathBuf, usize>, renaming: &Renaming) {
    for (name, inode) in renaming {
        match inode {
            Some(inode) => drop(names.insert(name.clone(), *inode)),
            None => drop(names.remove(name)),
        }
    }
}

/// Applies some blocks of a change.
fn keep_some(bytes: &mut Vec<u8>, change: &Change, share: usize, random: &mut fastrand::Rng) {
    let Change::Write(at, new) = change else {
        if random.usize(0..100) < share {
            apply(bytes, change);
        }
        return;
    };
    let mut from = 0;
    while from < new.len() {
        let to = ((at + from) / BLOCK * BLOCK + BLOCK - at).min(new.len());
        if random.usize(0..100) < share {
            apply(bytes, &Change::Write(at + from, new[from..to].to_vec()));
        }
        from = to;
    }
}

/// Lets a writer work on the store in this directory and die, perhaps with a fault on the way, and cuts its
/// power at so many moments; says how often more was there than it had called saved.
fn cut_often(path: &Path, fault: Option<&str>, cuts: usize, seed: u64) -> usize {
    let disk = Disk::of(path, if path.exists() { read_all(path) } else { Files::new() });
    let log = path.with_extension("log");
    let place = path.to_string_lossy().into_owned();
    let variables = [(WRITER, &*place), (WRITER_BATCHES, &BATCHES.to_string())];
    let events = record(&tracer::this_program("store::kill::writer"), &variables, fault, &log);
    std::fs::remove_file(log).expect("a log");
    let ours = |event: &Event| match event {
        Event::Begin(_, Call::Write { descriptor: 1, .. }) | Event::End(..) => true,
        Event::Begin(
            _,
            Call::Open { path: name, .. }
            | Call::Write { path: name, .. }
            | Call::Truncate { path: name, .. }
            | Call::Sync { path: name }
            | Call::Unlink { path: name }
            | Call::Rename { from: name, .. },
        ) => name.starts_with(path),
    };
    let events: Vec<Event> = events.into_iter().filter(ours).collect();
    let behind = AtomicUsize::new(0);
    in_lanes(LANES, cuts, |number| {
        let mut random = fastrand::Rng::with_seed(seed + number as u64);
        let end = random.usize(0..=events.len());
        let mut disk = disk.clone();
        let mut begun = HashMap::new();
        for event in &events[..end] {
            match event {
                Event::Begin(call, what) => {
                    disk.begin(*call, what);
                    begun.insert(*call, what);
                }
                Event::End(call, returned) => {
                    if let Some(what) = begun.remove(call) {
                        disk.end(*call, what, *returned);
                    }
                }
            }
        }
        let directory = scratch();
        let copy = directory.path().join("history");
        std::fs::create_dir(&copy).expect("a directory");
        write_all(&copy, &disk.cut(path, &mut random));
        let what = format!("PORTPULSE_SEED={seed}, cut {number} after {end} of {} events", events.len());
        let saved = disk.saved.unwrap_or(0);
        let opened = open(&copy, options()).unwrap_or_else(|error| panic!("{what}: {error}"));
        // Before anything was called saved, what was begun may have to be begun again.
        assert!(saved == 0 || opened.notes.is_empty(), "{what}: {:?}", opened.notes);
        let there = block_on(Oracle::default().verify(&opened, saved, &what));
        behind.fetch_add(usize::from(there > saved), Ordering::Relaxed);
        block_on(opened.store.close()).expect("a clean end");
    });
    behind.into_inner()
}

/// Cuts the power of three writers, each of which goes on where the one before has died.
fn cut_three(fault: Option<&str>, cuts: usize) {
    let cuts = number("PORTPULSE_CUTS").map_or(cuts, |cuts| cuts as usize).div_ceil(3);
    let seed = number("PORTPULSE_SEED").unwrap_or_else(|| fastrand::u64(..u64::MAX / 2));
    let directory = scratch();
    let path = directory.path().join("history");
    let ahead: usize = (0..3).map(|part| cut_often(&path, fault, cuts, seed + part * 1_000_000)).sum();
    say(&format!("{} cuts, with {fault:?}; {ahead} of them kept more than was saved", 3 * cuts));
}

#[test]
fn what_was_called_saved_survives_a_cut_of_the_power() {
    if tracer::is_there("store::power::what_was_called_saved_survives_a_cut_of_the_power") {
        cut_three(None, 100);
    }
}

/// One sync fails, those after it succeed.
#[test]
fn so_it_does_when_a_sync_has_failed_before() {
    if tracer::is_there("store::power::so_it_does_when_a_sync_has_failed_before") {
        cut_three(Some("inject=fdatasync:error=EIO:when=30"), 60);
    }
}
