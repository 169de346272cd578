//! A store written anew, so that its file takes little more than what is in it.
//!
//! sled gives room inside of its file free again, and seldom the file itself. So everything is copied, as
//! it stands, into a new sled beside the old one, counted and compared, and brought to the disk. Then
//!
//! 1. the old one is moved to `sled.compacted-from`;
//! 2. the new one is moved into its place;
//! 3. the old one is removed.
//!
//! A crash before the first step leaves the old one and half a new one; after the first the old one under
//! another name; after the second both. Whoever takes the directory next ([`tidied`]) puts the old
//! one back if there is no other, and removes what is left over: a whole store is there at any moment.

use super::base::{Base, Shelf};
use super::contain::{contained, within};
use super::directory::{Directory, Found, sync_directory};
use super::error::{CompactError, OpenError, Trouble};
use super::heal::DROP_MAX;
use super::mend::{self, Foreknowledge, remove, size_of_directory};
use super::{Options, is_there};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The new sled while it is being written.
const DRAFT: &str = "sled.compacting";
/// The old sled while the new one takes its place: a name that nobody gives to a copy made by hand, for it is removed.
const OLD: &str = "sled.compacted-from";
/// sled's own files need so much room beside what is put into them.
const OVERHEAD_BYTES: u64 = 4 << 20;

/// How often the new sled gives a piece of its file free again.
const TIDY_EVERY: Duration = Duration::from_millis(10);
/// When it has written nothing for so long, it has nothing more to give free.
const STILL: Duration = Duration::from_millis(500);
/// So long it is waited for, however large the store.
const TIDY_MAX: Duration = Duration::from_mins(1);

/// A file of so few pieces is small however they are filled.
const SMALL_BYTES: u64 = 2 << 20;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Values.
    pub values: u64,
    /// Bytes of sled's files before.
    pub before: u64,
    /// Bytes of sled's files after.
    pub after: u64,
    /// What the user should know of the store as it was found.
    pub notes: Vec<String>,
}

/// How much there is on a shelf, and what, in one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    values: u64,
    bytes: u64,
    checksum: u32,
}

impl Sum {
    fn add(&mut self, key: &[u8], value: &[u8]) {
        self.values += 1;
        self.bytes += (key.len() + value.len()) as u64;
        self.checksum = crc32c::crc32c_append(crc32c::crc32c_append(self.checksum, key), value);
    }

    fn of(shelf: &Shelf) -> Result<Self, Trouble> {
        let mut sum = Self::default();
        for row in shelf.raw(&[]) {
            let (key, value) = row?;
            sum.add(&key, &value);
        }
        Ok(sum)
    }
}

/// Writes a store anew, while nobody else has it open.
///
/// # Errors
/// There is none, somebody else has it open, or the disk has too little room or fails. The store is then as
/// it was.
pub fn compact(path: &Path, options: &Options) -> Result<Compacted, CompactError> {
    if !is_there(path) {
        return Err(CompactError::Nothing(path.to_owned()));
    }
    let (directory, found) = Directory::take(path)?;
    let failed = |trouble: Trouble| CompactError::Failed { path: path.to_owned(), why: trouble.to_string() };
    let compacted = rewritten(&directory, found, options, path).inspect_err(|_| {
        // What cannot be tidied now is when the directory is taken the next time.
        let _ = tidied(path);
    })?;
    // It is opened once, so that what is told was seen to work.
    let ready = mend::open(&directory, Found::Store, options, Foreknowledge::default()).map_err(failed)?;
    let mut notes = compacted.notes;
    notes.extend(ready.notes);
    close(ready.ledger, &directory.sled()).map_err(failed)?;
    Ok(Compacted { after: size_of_directory(&directory.sled()), notes, ..compacted })
}

fn rewritten(directory: &Directory, found: Found, options: &Options, path: &Path) -> Result<Compacted, CompactError> {
    let failed = |trouble: Trouble| CompactError::Failed { path: path.to_owned(), why: trouble.to_string() };
    let ready = mend::open(directory, found, options, Foreknowledge::default()).map_err(failed)?;
    let ledger = ready.ledger;
    let before = size_of_directory(&directory.sled());
    let measured = || ledger.base.shelves().into_iter().map(Sum::of).collect::<Result<Vec<Sum>, Trouble>>();
    let sums = contained(measured).map_err(failed)?;
    let content: u64 = sums.iter().map(|sum| sum.bytes).sum();
    // Pages of sled may be half empty; more than the old files the new ones do not take.
    let needed = (2 * content + OVERHEAD_BYTES).min(before).saturating_add(options.free_space_min);
    let free = directory.free().map_err(failed)?;
    if free < needed {
        return Err(CompactError::NoRoom { path: path.to_owned(), needed, free });
    }
    let draft = directory.join(DRAFT);
    let written = contained(|| {
        remove(&draft)?;
        DirBuilder::new().mode(0o700).create(&draft)?;
        let new = Base::open(&draft, &Options { tidy_every: TIDY_EVERY, ..options.clone() })?;
        for (from, to) in ledger.base.shelves().into_iter().zip(new.shelves()) {
            lay_out(from, to)?;
        }
        let_tidy(&new)?;
        for ((from, to), sum) in ledger.base.shelves().into_iter().zip(new.shelves()).zip(&sums) {
            copy(from, to, *sum)?;
        }
        new.sync()?;
        let bytes = new.file_bytes()?;
        close(new, &draft)?;
        Ok(bytes)
    });
    let bytes = written.map_err(failed)?;
    // A note that tells of a longer file would make the new one look cut.
    let noted = ledger.witness.note(ledger.state.row, bytes.min(before));
    noted.map_err(failed)?;
    close(ledger, &directory.sled()).map_err(failed)?;
    swap(directory).map_err(failed)?;
    let values = sums.iter().map(|sum| sum.values).sum();
    Ok(Compacted { values, before, after: bytes, notes: ready.notes })
}

/// Puts the keys in their places, with nothing behind them.
///
/// A page of sled is written once more whenever it is split and with every tenth change, and what was written
/// before stays in the file until half of its surroundings is waste. With all keys in place no page is split
/// any more, each holds eight, and so each value is written once.
fn lay_out(from: &Shelf, to: &Shelf) -> Result<(), Trouble> {
    from.raw(&[]).try_for_each(|row| to.put_sealed(&row?.0, &[]))
}

/// Waits until sled has gathered the pages of keys, of which splitting has left a few in each piece of its file.
/// It would gather them later, when they have values, and so write everything once more.
fn let_tidy(new: &Base) -> Result<(), Trouble> {
    new.sync()?;
    if new.file_bytes()? <= SMALL_BYTES {
        return Ok(());
    }
    let (mut before, deadline) = (None, Instant::now() + TIDY_MAX);
    while before != Some(new.changed_at()?) && Instant::now() < deadline {
        before = Some(new.changed_at()?);
        thread::sleep(STILL);
    }
    new.sync()
}

/// Copies every value as it stands, and reads the copy.
fn copy(from: &Shelf, to: &Shelf, expected: Sum) -> Result<(), Trouble> {
    for row in from.raw(&[]) {
        let (key, value) = row?;
        to.put_sealed(&key, &value)?;
    }
    if Sum::of(to)? == expected {
        return Ok(());
    }
    Err(Trouble::Damaged(format!("the copy of `{}` is not the same as what was copied", from.name())))
}

/// Puts the new sled into the place of the old one.
fn swap(directory: &Directory) -> Result<(), Trouble> {
    let (sled, draft, old) = (directory.sled(), directory.join(DRAFT), directory.join(OLD));
    let step = |work: &dyn Fn() -> io::Result<()>| -> Result<(), Trouble> {
        #[cfg(test)]
        super::base::fuse::burn()?;
        work()?;
        Ok(sync_directory(directory.path())?)
    };
    directory.settle_in(&draft)?;
    step(&|| fs::rename(&sled, &old))?;
    step(&|| fs::rename(&draft, &sled))?;
    step(&|| remove(&old))
}

/// Lets go of a sled, and waits until its threads have.
fn close<T: Send + 'static>(open: T, sled: &Path) -> Result<(), Trouble> {
    within(DROP_MAX, move || {
        drop(open);
        Ok(())
    })?;
    let file = File::open(sled.join("db"))?;
    let deadline = Instant::now() + DROP_MAX;
    while file.try_lock().is_err() {
        if Instant::now() >= deadline {
            return Err(Trouble::Silent(DROP_MAX.as_secs()));
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Ends what a compaction has begun that did not come to its end. Only for the owner of the directory.
pub(super) fn tidied(path: &Path) -> Result<(), OpenError> {
    let (sled, draft, old) = (path.join("sled"), path.join(DRAFT), path.join(OLD));
    let is_directory = |path: &Path| fs::symlink_metadata(path).is_ok_and(|about| about.is_dir());
    let tidy = || -> io::Result<()> {
        if is_directory(&old) && fs::symlink_metadata(&sled).is_err() {
            fs::rename(&old, &sled)?;
            sync_directory(path)?;
        }
        for left in [draft, old] {
            if is_directory(&left) {
                remove(&left)?;
            }
        }
        Ok(())
    };
    tidy().map_err(|error| OpenError::Unusable { path: path.to_owned(), why: error.to_string() })
}

/// A crash between any two steps: a whole store is there, and nothing else.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Event, Happening, Record, Wall};
    use crate::store::base::fuse;

    const EVENTS: i64 = 20;
    const VALUES: u32 = 30_000;
    const VALUE_BYTES: u32 = 200;

    fn options() -> Options {
        Options { free_space_min: 0, ..Options::default() }
    }

    /// The log, as a store has it that is opened after whatever happened to it.
    fn verify(path: &Path, what: &str) {
        let (directory, found) = Directory::take(path).expect("a directory");
        let ready = mend::open(&directory, found, &options(), Foreknowledge::default()).expect("a store");
        assert_eq!(ready.notes, Vec::<String>::new(), "{what}");
        assert_eq!(i64::try_from(ready.ledger.base.event.raw(&[]).count()), Ok(EVENTS), "{what}");
        let names = fs::read_dir(path).expect("a directory").map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        assert_eq!(names, ["FORMAT", "LOCK", "WITNESS", "sled"], "{what}");
    }

    fn filled(path: &Path) {
        let (directory, _) = Directory::take(path).expect("a directory");
        mend::begin(&directory).expect("a mark");
        let ready = mend::open(&directory, Found::Nothing, &options(), Foreknowledge::default());
        let mut ledger = ready.expect("a store").ledger;
        let event = |at| Record::Event(Event { at: Wall(at), target: None, what: Happening::Note(at.to_string()) });
        ledger.write(vec![(0..EVENTS).map(event).collect()]).expect("a disk");
        ledger.commit().expect("a disk");
        close(ledger, &directory.sled()).expect("nobody else");
    }

    /// What sled finds half empty when it opens a store it writes once more, and with that all that belongs to it.
    #[test]
    fn a_compacted_store_takes_little_more_than_what_is_in_it() {
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
        let path = directory.path();
        filled(path);
        let sled = path.join("sled");
        let mut random = fastrand::Rng::with_seed(1);
        let base = Base::open(&sled, &options()).expect("a sled");
        for number in 0..VALUES {
            let value: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(VALUE_BYTES as usize).collect();
            base.chunk.put(&number.to_be_bytes(), &value).expect("a disk");
        }
        close(base, &sled).expect("nobody else");
        let content = u64::from(VALUES * VALUE_BYTES);
        let compacted = || compact(path, &options()).expect("a disk that works").after;
        // On a machine that is busy, sled's thread may not get its turn for as long as it is waited for.
        let sizes: Vec<u64> = std::iter::repeat_with(compacted).take(5).collect();
        assert!(sizes.iter().any(|bytes| *bytes < content + content * 2 / 5), "{content} bytes in {sizes:?}");
    }

    #[test]
    fn whatever_the_step_before_which_it_ends_a_whole_store_is_there() {
        for steps in 0.. {
            let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
            let path = directory.path();
            filled(path);
            let (taken, found) = Directory::take(path).expect("a directory");
            fuse::set(Some(steps));
            let ended = rewritten(&taken, found, &options(), path);
            fuse::set(None);
            drop(taken);
            let what = format!("ended before step {steps}");
            verify(path, &what);
            if ended.is_ok() {
                assert!(steps > 20, "only {steps} steps were tried");
                return;
            }
            let compacted = compact(path, &options()).expect("a disk that works");
            assert_eq!(compacted.notes, Vec::<String>::new(), "{what}");
            verify(path, &what);
        }
    }
}
