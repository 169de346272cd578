//! Opening a store whatever state it is in: what is damaged is moved aside, read out as far as it
//! can be, and never deleted.

use super::Options;
use super::base::{Base, Shelf};
use super::contain::{contained, within};
use super::directory::{Directory, Found, settle};
use super::error::{OpenError, Trouble};
use super::frame;
use super::ledger::Ledger;
use super::life::Life;
use super::readable;
use super::replay::{self, Damage};
use super::scavenge::{count, salvage_past_sled, words};
use super::witness::{Testimony, Witness};
use crate::domain::record::Resumed;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How long sled may take to open: 0.5 s was measured for 45 million checks with cold files.
pub(super) const OPEN_MAX: Duration = Duration::from_mins(1);

/// A store that is ready, and what there is to say about it.
pub(super) struct Ready {
    pub ledger: Ledger,
    pub resumed: Resumed,
    pub notes: Vec<String>,
}

/// What can be done so that sled reads a damaged copy.
#[derive(Clone, Copy)]
enum Remedy {
    AsIs,
    WithoutSnapshot,
    WithoutConfiguration,
    WithoutBoth,
}

/// What to do when sled opens a store with less than was saved.
#[derive(Clone, Copy)]
enum IfLess {
    /// That is what there is.
    Keep,
    /// Look for more.
    Replace,
}

/// What is known of a store before it is opened, beside what the witness says.
#[derive(Default)]
pub(super) struct Foreknowledge {
    /// The journal row up to which everything was saved.
    pub row: u64,
    /// The damage that was met while it was in use. It may be in a place that opening does not touch.
    pub damage: Option<String>,
}

/// Begins a store in an empty directory.
pub(super) fn begin(directory: &Directory) -> Result<(), OpenError> {
    let unusable = |why: Trouble| OpenError::Unusable { path: directory.path().to_owned(), why: why.to_string() };
    let (witness, testimony) = Witness::open(directory).map_err(unusable)?;
    if testimony == Testimony::Missing {
        witness.begin().map_err(unusable)?;
    }
    directory.mark()
}

/// Opens what is in the directory, in whatever state it is.
pub(super) fn open(
    directory: &Directory,
    found: Found,
    options: &Options,
    foreknown: Foreknowledge,
) -> Result<Ready, Trouble> {
    let life = Life::of(directory);
    let (witness, testimony) = Witness::open(directory)?;
    let known = match testimony {
        Testimony::Known(known) => known,
        Testimony::Missing | Testimony::Garbled => super::witness::Known::default(),
    };
    let expected = foreknown.row.max(known.row);
    let evident = match foreknown.damage {
        Some(damage) => Some(damage),
        None => evident_damage(directory, found, expected)?,
    };
    let mut notes = Vec::new();
    let opened = match evident {
        Some(why) => Err(Trouble::Damaged(why)),
        None if readable::is_broken(&directory.sled())? => {
            load_carefully(directory, options, witness, expected, IfLess::Replace, &mut notes)?
        }
        None if is_shorter(directory, known.bytes) || lacks_snapshot(directory, expected)? => {
            load_carefully(directory, options, witness, expected, IfLess::Keep, &mut notes)?
        }
        None => load(directory, options, witness),
    };
    let expected = match (&opened, testimony) {
        (Ok(ready), Testimony::Known(known)) if ready.ledger.witness.identity != known.identity => {
            notes.push("the files of another history are in the place of the one that was kept here; they are taken as they are".to_owned());
            ready.ledger.state.row
        }
        _ => expected,
    };
    let is_replaced = matches!(opened, Err(Trouble::Damaged(_) | Trouble::Silent(_)));
    let mut ready = match opened {
        Ok(ready) => ready,
        Err(Trouble::Damaged(why)) => replace(directory, options, &why, &mut notes)?,
        Err(trouble @ Trouble::Silent(_)) => replace(directory, options, &trouble.to_string(), &mut notes)?,
        Err(trouble) => return Err(trouble),
    };
    let missing = expected.saturating_sub(ready.ledger.state.row);
    if missing > 0 {
        notes.push(format!(
            "the newest part of the history is missing: about {missing} seconds of checks that had been saved"
        ));
        // Row numbers that were given are not given again: what was lost must not look like a repetition.
        ready.ledger.state.row = expected;
        ready.ledger.put_state()?;
    } else if testimony == Testimony::Garbled || (found == Found::Store && testimony == Testimony::Missing) {
        notes.push(
            "the file WITNESS of the history is gone or unreadable: whether its newest seconds are missing cannot be told"
                .to_owned(),
        );
    }
    if missing > 0 || is_replaced {
        life.note_loss(&mut ready)?;
    }
    if notes.is_empty() {
        ready.ledger.note_synced()?;
    } else {
        directory.settle()?;
        ready.ledger.commit()?;
    }
    notes.append(&mut ready.notes);
    Ok(Ready { notes, ..ready })
}

/// Damage that shows before sled is let near the files. It would silently make do with less.
fn evident_damage(directory: &Directory, found: Found, row: u64) -> Result<Option<String>, Trouble> {
    if found == Found::Unmarked {
        return Ok(Some("the file FORMAT is missing or damaged".to_owned()));
    }
    let sled = directory.sled();
    let why = match fs::metadata(sled.join("db")) {
        _ if row == 0 => None,
        Ok(about) if about.len() == 0 => Some("its file is empty"),
        // sled would start with an empty store, and with other settings, if this were missing.
        Ok(_) => (!sled.join("conf").try_exists()?).then_some("its file conf is gone"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some("its file is gone"),
        // What cannot be looked at need not be gone.
        Err(error) => return Err(error.into()),
    };
    Ok(why.map(str::to_owned))
}

/// Loads the files as they are, and brings to the disk what that changes. Waiting for the disk and
/// reading go on side by side.
fn load(directory: &Directory, options: &Options, witness: Witness) -> Result<Ready, Trouble> {
    let (path, sled, options) = (directory.path().to_owned(), directory.sled(), options.clone());
    remove_unfinished(&sled)?;
    within(OPEN_MAX, move || {
        let mut damage = Damage::default();
        let base = Base::open(&sled, &options)?;
        let settling = thread::Builder::new().spawn(move || settle(&path))?;
        let (ledger, newest) = replay::load(base, witness, &mut damage)?;
        let (resumed, synced) = thread::scope(|scope| {
            let syncing = thread::Builder::new().spawn_scoped(scope, || contained(|| ledger.base.sync()));
            (replay::resumed(&ledger, newest, &mut damage), syncing.map(thread::ScopedJoinHandle::join))
        });
        let resumed = resumed?;
        let unheard = |_| Err(Trouble::Disk("a thread that synced the files has panicked".to_owned()));
        synced?.unwrap_or_else(unheard)?;
        settling.join().unwrap_or_else(unheard)?;
        Ok(Ready { ledger, resumed, notes: damage.words().into_iter().collect() })
    })
}

/// Whether sled's file is shorter than it was. sled may have done that itself, when segments at its
/// end came free; or somebody has cut it.
fn is_shorter(directory: &Directory, bytes: u64) -> bool {
    fs::metadata(directory.sled().join("db")).is_ok_and(|about| about.len() < bytes)
}

/// Whether the snapshot is missing that sled writes whenever it opens a store. Then it believes what
/// the file itself says, and takes what it cannot read for room that was never used.
fn lacks_snapshot(directory: &Directory, row: u64) -> Result<bool, Trouble> {
    Ok(row > 0 && snapshots(&directory.sled())?.is_empty())
}

/// Loads files that may have been cut or overwritten. sled would make do with what is left and write over the rest,
/// so a copy is made first, and kept if the newest rows turn out to be missing.
fn load_carefully(
    directory: &Directory,
    options: &Options,
    witness: Witness,
    expected: u64,
    if_less: IfLess,
    notes: &mut Vec<String>,
) -> Result<Result<Ready, Trouble>, Trouble> {
    let copy = directory.join("sled.found");
    remove(&copy)?;
    if directory.free()? < size_of_directory(&directory.sled()) + options.free_space_min {
        return Ok(load(directory, options, witness));
    }
    copy_directory(&directory.sled(), &copy)?;
    let loaded = match (load(directory, options, witness), if_less) {
        (Ok(ready), IfLess::Replace) if ready.ledger.state.row < expected => {
            Err(Trouble::Damaged("its log is damaged in the middle".to_owned()))
        }
        (loaded, _) => loaded,
    };
    match &loaded {
        Ok(ready) if ready.ledger.state.row >= expected => remove(&copy)?,
        Ok(_) => {
            let aside = free_name(directory);
            fs::rename(&copy, &aside)?;
            notes.push(format!(
                "the file of the history had been cut or overwritten; as it was found it was moved to {}",
                aside.display()
            ));
        }
        Err(_) => {
            // The attempt may have changed the files; what is moved aside is what was found.
            remove(&directory.sled())?;
            fs::rename(&copy, directory.sled())?;
        }
    }
    Ok(loaded)
}

/// sled takes the half-written snapshot of a process that was killed for a whole one, and then
/// refuses to open for ever (spacejam/sled#1527).
fn remove_unfinished(sled: &Path) -> Result<(), Trouble> {
    for name in snapshots(sled)? {
        if name.extension().is_some_and(|extension| extension == "generating") {
            fs::remove_file(name)?;
        }
    }
    Ok(())
}

/// sled's snapshots; none where there is no directory.
pub(super) fn snapshots(sled: &Path) -> io::Result<Vec<PathBuf>> {
    match readable::snapshots(sled) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        names => Ok(names?.into_iter().map(|name| sled.join(name)).collect()),
    }
}

/// A name that no damaged store has yet.
fn free_name(directory: &Directory) -> PathBuf {
    let mut names = (1_u32..=u32::MAX).map(|number| directory.join(&format!("sled.damaged-{number}")));
    names.find(|path| !path.exists()).unwrap_or_else(|| directory.join("sled.damaged"))
}

/// Moves the damaged store aside and goes on with a new one, into which everything is read that
/// can be.
fn replace(directory: &Directory, options: &Options, why: &str, notes: &mut Vec<String>) -> Result<Ready, Trouble> {
    let aside = free_name(directory);
    match fs::rename(directory.sled(), &aside) {
        Ok(()) => notes.push(format!("the history was damaged ({why}); it was moved to {}", aside.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            notes.push(format!("the history was damaged ({why}); a new one was begun"));
        }
        Err(error) => return Err(error.into()),
    }
    let fresh = directory.join("sled.new");
    let copy = directory.join("sled.copy");
    let mut best = 0;
    let needed = 3 * size_of_directory(&aside) + options.free_space_min;
    if directory.free()? < needed {
        notes.push("there is too little room on the disk to read out what is left of it".to_owned());
    } else {
        for remedy in [Remedy::AsIs, Remedy::WithoutSnapshot, Remedy::WithoutConfiguration, Remedy::WithoutBoth] {
            let (result, count) = salvage(&aside, &copy, &fresh, remedy);
            if count > best {
                remove(&directory.sled())?;
                fs::rename(&fresh, directory.sled())?;
                best = count;
            }
            if result.is_ok() && count > 0 {
                break;
            }
        }
        let (unreadable, count) = salvage_past_sled(&aside, &fresh)?;
        if count > best {
            remove(&directory.sled())?;
            fs::rename(&fresh, directory.sled())?;
            best = count;
        }
        remove(&copy)?;
        remove(&fresh)?;
        notes.push(words(best, unreadable));
    }
    directory.mark().map_err(|error| Trouble::Disk(error.to_string()))?;
    let (witness, _) = Witness::open(directory)?;
    load(directory, options, witness)
}

/// Reads what can be read of a copy of the damaged store into a new one; says how many values that was.
fn salvage(from: &Path, copy: &Path, fresh: &Path, remedy: Remedy) -> (Result<(), Trouble>, u64) {
    let prepared = || -> Result<(), Trouble> {
        remove(copy)?;
        remove(fresh)?;
        copy_directory(from, copy)?;
        remove_unfinished(copy)?;
        if matches!(remedy, Remedy::WithoutSnapshot | Remedy::WithoutBoth) {
            snapshots(copy)?.iter().try_for_each(fs::remove_file)?;
        }
        if matches!(remedy, Remedy::WithoutConfiguration | Remedy::WithoutBoth) {
            let _ = fs::remove_file(copy.join("conf"));
        }
        Ok(())
    };
    if let Err(trouble) = prepared() {
        return (Err(trouble), 0);
    }
    let (copy, fresh) = (copy.to_owned(), fresh.to_owned());
    let read = within(OPEN_MAX, move || {
        let old = Base::open(&copy, &Options::default())?;
        let new = Base::open(&fresh, &Options::default())?;
        let mut result = Ok(());
        for (old, new) in old.shelves().into_iter().zip(new.shelves()) {
            result = result.and(transfer(old, new, &[]));
        }
        // Chunks are by far the most: an unreadable page costs those of one series, not all behind it.
        if result.is_err() {
            let known: Vec<_> = new.sealed.raw(&[]).map_while(Result::ok).map(|(key, _)| key).collect();
            for of in known {
                let _ = transfer(&old.chunk, &new.chunk, &of);
            }
        }
        new.sync()?;
        Ok((result, count(&new)))
    });
    read.unwrap_or_else(|trouble| (Err(trouble), 0))
}

/// Copies the good values under a prefix, from both ends up to what cannot be read.
fn transfer(old: &Shelf, new: &Shelf, prefix: &[u8]) -> Result<(), Trouble> {
    let put = |row: Result<(sled::IVec, sled::IVec), Trouble>| {
        let (key, value) = row?;
        match frame::unseal(old.name(), &key, &value) {
            Some(_) => new.put_sealed(&key, &value),
            None => Ok(()),
        }
    };
    let result = contained(|| old.raw(prefix).try_for_each(put));
    if result.is_err() {
        let _ = contained(|| old.raw_newest(prefix).try_for_each(put));
    }
    result
}

/// Removes a directory with everything in it, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn copy_directory(from: &Path, to: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_directory(&entry.path(), &target)?;
        } else if entry.file_type()?.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Bytes of the files in a directory.
pub(super) fn size_of_directory(path: &Path) -> u64 {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|about| about.len()).sum()
}

/// An empty store of a test, begun in this directory or found there.
#[cfg(test)]
pub(super) fn opened(path: &Path) -> (Directory, Ledger) {
    let (directory, found) = Directory::take(path).expect("a directory");
    directory.mark().expect("a mark");
    let options = Options { free_space_min: 0, ..Options::default() };
    let ready = open(&directory, found, &options, Foreknowledge::default()).expect("a store");
    (directory, ready.ledger)
}
