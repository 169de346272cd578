//! The trees of sled, with every value in its envelope and every sync a real one.

use super::{Options, error::Trouble, frame, readable};
use sled::{Db, Tree};
use std::fs::File;
use std::ops::Bound;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How long sled may hold its lock after it was closed.
const LOCK_MAX: Duration = Duration::from_secs(5);

/// With so many changes sled writes a page anew instead of noting one more (`PAGE_CONSOLIDATION_THRESHOLD`).
const CHANGES_A_PAGE: u32 = 10;

/// One tree.
pub(super) struct Shelf {
    name: &'static str,
    tree: Tree,
}

/// What a shelf holds at a key.
pub(super) enum Item {
    /// The key and the body of a good value.
    Good(sled::IVec, Vec<u8>),
    /// The key of a value that is damaged.
    Damaged(sled::IVec),
}

/// An open sled with all our trees.
pub(super) struct Base {
    /// What else a start needs to know: the state, which store this is, and how far days are summed up.
    pub meta: Shelf,
    /// Known targets by id.
    pub target: Shelf,
    /// Endpoints that targets had before, by target and id.
    pub former: Shelf,
    /// What was saved, in order, one row for about a second; rows go when nothing needs them.
    pub journal: Shelf,
    /// Sealed checks.
    pub chunk: Shelf,
    /// How far the checks of each series are sealed.
    pub sealed: Shelf,
    /// Chunks that were open at the last clean end.
    pub parting: Shelf,
    /// Outages by target and id.
    pub outage: Shelf,
    /// The open ones once more, so that a start finds them at once.
    pub open_outage: Shelf,
    /// Events in order of arrival.
    pub event: Shelf,
    /// Gaps by start, vantage, cause and path: one that grows stays one row.
    pub gap: Shelf,
    /// What was said of maintenance, in the order in which it was.
    pub maintenance: Shelf,
    /// Ad-hoc checks in order of arrival.
    pub ad_hoc: Shelf,
    /// Hours of each series and day.
    pub hours: Shelf,
    /// Uptimes by the hour, of several targets a value, by day and first target.
    pub uptime: Shelf,
    /// Days that are to be summed up again, and for which endpoint; nothing in the rows.
    pub outdated: Shelf,
    db: Db,
    /// A second handle to sled's file; see [`Base::sync`].
    file: File,
    path: PathBuf,
    /// Device and inode of that file.
    identity: (u64, u64),
}

impl Base {
    /// Opens or creates a sled in this directory.
    pub fn open(path: &Path, options: &Options) -> Result<Self, Trouble> {
        // The flusher also collects garbage: without it the file grows for ever.
        let tidy_millis = options.tidy_every.as_millis() as u64;
        let settings =
            sled::Config::new().path(path).cache_capacity(options.cache_bytes).flush_every_ms(Some(tidy_millis));
        if !path.join("db").exists() {
            // What sled begins has no snapshot until it is opened again, and without one nobody can tell
            // a file that was never used from one that was overwritten.
            drop(open_unlocked(path, &settings)?);
        }
        let db = open_unlocked(path, &settings)?;
        let shelf = |name: &'static str| -> Result<Shelf, Trouble> { Ok(Shelf { name, tree: db.open_tree(name)? }) };
        let file = File::open(path.join("db"))?;
        let about = file.metadata()?;
        Ok(Self {
            meta: shelf("meta")?,
            target: shelf("target")?,
            former: shelf("former")?,
            journal: shelf("journal")?,
            chunk: shelf("chunk")?,
            sealed: shelf("sealed")?,
            parting: shelf("parting")?,
            outage: shelf("outage")?,
            open_outage: shelf("open_outage")?,
            event: shelf("event")?,
            gap: shelf("gap")?,
            maintenance: shelf("maintenance")?,
            ad_hoc: shelf("ad_hoc")?,
            hours: shelf("hours")?,
            uptime: shelf("uptime")?,
            outdated: shelf("outdated")?,
            db,
            file,
            path: path.to_owned(),
            identity: (about.dev(), about.ino()),
        })
    }

    /// Every shelf.
    pub fn shelves(&self) -> [&Shelf; 16] {
        [
            &self.meta,
            &self.target,
            &self.former,
            &self.journal,
            &self.chunk,
            &self.sealed,
            &self.parting,
            &self.outage,
            &self.open_outage,
            &self.event,
            &self.gap,
            &self.maintenance,
            &self.ad_hoc,
            &self.hours,
            &self.uptime,
            &self.outdated,
        ]
    }

    /// Brings everything written so far to the disk. sled's own `flush` calls `sync_file_range`,
    /// which reaches neither the length of the file nor the cache of the drive (spacejam/sled#1452).
    pub fn sync(&self) -> Result<(), Trouble> {
        self.db.flush()?;
        self.file.sync_data()?;
        Ok(())
    }

    /// How long sled's file is.
    pub fn file_bytes(&self) -> Result<u64, Trouble> {
        Ok(self.file.metadata()?.len())
    }

    /// When sled's file was written to the last time.
    pub fn changed_at(&self) -> Result<SystemTime, Trouble> {
        Ok(self.file.metadata()?.modified()?)
    }

    /// Whether the file is still the one that stands under its name.
    pub fn is_in_place(&self) -> bool {
        std::fs::symlink_metadata(self.path.join("db")).is_ok_and(|about| (about.dev(), about.ino()) == self.identity)
    }
}

impl Shelf {
    pub const fn name(&self) -> &'static str {
        self.name
    }

    pub fn put(&self, key: &[u8], body: &[u8]) -> Result<(), Trouble> {
        #[cfg(test)]
        fuse::burn()?;
        self.tree.insert(key, frame::seal(self.name, key, body))?;
        Ok(())
    }

    /// Puts a value that is in its envelope already.
    pub fn put_sealed(&self, key: &[u8], value: &[u8]) -> Result<(), Trouble> {
        #[cfg(test)]
        fuse::burn()?;
        self.tree.insert(key, value)?;
        Ok(())
    }

    pub fn remove(&self, key: &[u8]) -> Result<(), Trouble> {
        #[cfg(test)]
        fuse::burn()?;
        self.tree.remove(key)?;
        Ok(())
    }

    pub fn get(&self, key: &[u8]) -> Result<Option<Item>, Trouble> {
        Ok(self.tree.get(key)?.map(|value| self.item(key.into(), &value)))
    }

    /// The keys between two, the second excluded.
    pub fn keys_between(&self, from: &[u8], to: &[u8]) -> Result<Vec<sled::IVec>, Trouble> {
        let to = to.max(from);
        Ok(self.tree.range(from..to).keys().collect::<sled::Result<_>>()?)
    }

    /// Has sled write the page anew in which the value of this key is, without any change of it: that
    /// happens with the tenth change, and taking away what is not there counts as one.
    pub fn rewrite_page_of(&self, key: &[u8]) -> Result<(), Trouble> {
        let behind = [key, &[0]].concat();
        for _ in 0..CHANGES_A_PAGE {
            #[cfg(test)]
            fuse::burn()?;
            // It is an error of the inner kind, and no matter, if there is something.
            let _ = self.tree.compare_and_swap::<_, &[u8], &[u8]>(&behind, None, None)?;
        }
        Ok(())
    }

    /// Removes every row.
    pub fn clear(&self) -> Result<(), Trouble> {
        Ok(self.tree.clear()?)
    }

    /// The newest rows, newest first.
    pub fn newest(&self) -> impl Iterator<Item = Result<Item, Trouble>> + '_ {
        until_trouble(self.tree.iter().rev()).map(|row| row.map(|(key, value)| self.item(key, &value)))
    }

    /// The rows before this key, newest first.
    pub fn newest_before<'s>(&'s self, key: &[u8]) -> impl Iterator<Item = Result<Item, Trouble>> + use<'s> {
        let rows = self.tree.range::<&[u8], _>((Bound::Unbounded, Bound::Excluded(key)));
        until_trouble(rows.rev()).map(|row| row.map(|(key, value)| self.item(key, &value)))
    }

    /// The last row between two keys, the second excluded.
    pub fn last_between(&self, from: &[u8], to: &[u8]) -> Result<Option<Item>, Trouble> {
        Ok(self.tree.range(from..to).next_back().transpose()?.map(|(key, value)| self.item(key, &value)))
    }

    /// All rows from this key on.
    pub fn from<'s>(&'s self, key: &[u8]) -> impl Iterator<Item = Result<Item, Trouble>> + use<'s> {
        self.between(Bound::Included(key), Bound::Unbounded)
    }

    /// All rows whose key starts with this.
    pub fn under<'s>(&'s self, prefix: &[u8]) -> impl Iterator<Item = Result<Item, Trouble>> + use<'s> {
        until_trouble(self.tree.scan_prefix(prefix)).map(|row| row.map(|(key, value)| self.item(key, &value)))
    }

    /// The last row whose key starts with this.
    pub fn last_under(&self, prefix: &[u8]) -> Result<Option<Item>, Trouble> {
        Ok(self.tree.scan_prefix(prefix).next_back().transpose()?.map(|(key, value)| self.item(key, &value)))
    }

    /// The rows between two keys, the second excluded.
    pub fn range<'s>(&'s self, from: &[u8], to: &[u8]) -> impl Iterator<Item = Result<Item, Trouble>> + use<'s> {
        let from = if from <= to { from } else { to };
        self.between(Bound::Included(from), Bound::Excluded(to))
    }

    /// The rows between two keys from the other end, the second excluded.
    pub fn range_newest<'s>(&'s self, from: &[u8], to: &[u8]) -> impl Iterator<Item = Result<Item, Trouble>> + use<'s> {
        let from = if from <= to { from } else { to };
        until_trouble(self.tree.range::<&[u8], _>(from..to).rev())
            .map(|row| row.map(|(key, value)| self.item(key, &value)))
    }

    /// The rows under a prefix as they stand, without a look at what is in them.
    pub fn raw(&self, prefix: &[u8]) -> impl Iterator<Item = Result<(sled::IVec, sled::IVec), Trouble>> + use<> {
        until_trouble(self.tree.scan_prefix(prefix))
    }

    /// All rows from a key on as they stand.
    pub fn raw_from(&self, key: &[u8]) -> impl Iterator<Item = Result<(sled::IVec, sled::IVec), Trouble>> + use<> {
        until_trouble(self.tree.range(key..))
    }

    /// The rows under a prefix as they stand, from the other end.
    pub fn raw_newest(&self, prefix: &[u8]) -> impl Iterator<Item = Result<(sled::IVec, sled::IVec), Trouble>> + use<> {
        until_trouble(self.tree.scan_prefix(prefix).rev())
    }

    fn between<'s>(
        &'s self,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
    ) -> impl Iterator<Item = Result<Item, Trouble>> + use<'s> {
        until_trouble(self.tree.range::<&[u8], _>((from, to))).map(|row| row.map(|(key, value)| self.item(key, &value)))
    }

    fn item(&self, key: sled::IVec, value: &[u8]) -> Item {
        match frame::unseal(self.name, &key, value) {
            Some(body) => Item::Good(key, body.into_owned()),
            None => Item::Damaged(key),
        }
    }
}

/// Opens a sled and closes it again, so that the next start need not read what was written since the last
/// one: sled notes where everything is only when it is opened.
pub(super) fn note_places(path: &Path) -> Result<(), Trouble> {
    let settings = sled::Config::new().path(path).cache_capacity(1 << 20).flush_every_ms(None);
    drop(open_unlocked(path, &settings)?);
    Ok(())
}

/// Opens sled, unless its file cannot be read. Its threads may hold its own lock for a moment after it was closed (spacejam/sled#1234);
/// who else could hold it is kept out by a lock of ours.
fn open_unlocked(path: &Path, settings: &sled::Config) -> Result<Db, Trouble> {
    if readable::ensure(path)? == readable::Tail::Gone {
        return Err(Trouble::Damaged("the place where its log goes on is gone".to_owned()));
    }
    let deadline = Instant::now() + LOCK_MAX;
    loop {
        match settings.open() {
            Err(sled::Error::Io(error)) if error.to_string().contains("lock") && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return Ok(result?),
        }
    }
}

/// sled's iterators give the same error again and again: the first one is the end.
fn until_trouble<T>(rows: impl Iterator<Item = sled::Result<T>>) -> impl Iterator<Item = Result<T, Trouble>> {
    let mut rows = rows.fuse();
    let mut stopped = false;
    std::iter::from_fn(move || {
        if stopped {
            return None;
        }
        let row = rows.next()?;
        stopped = row.is_err();
        Some(row.map_err(Trouble::from))
    })
}

/// Lets a test end a process, in effect, before any chosen write.
#[cfg(test)]
pub(super) mod fuse {
    use super::Trouble;
    use std::cell::Cell;

    thread_local! {
        static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
    }

    /// So many more writes succeed on this thread; `None` for all.
    pub fn set(writes: Option<u32>) {
        LEFT.set(writes);
    }

    pub fn burn() -> Result<(), Trouble> {
        let left = LEFT.get();
        LEFT.set(left.map(|left| left.saturating_sub(1)));
        if left == Some(0) { Err(Trouble::Disk("the fuse has burnt".to_owned())) } else { Ok(()) }
    }
}
