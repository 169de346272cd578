//! History on disk: one thread owns it, everybody else holds a [`Store`].

mod backup;
mod base;
mod bits;
mod chunk;
mod coarsen;
mod codec;
mod compact;
mod contain;
mod day;
mod directory;
mod error;
mod evidence;
mod form;
mod frame;
#[cfg(test)]
mod fuzz;
mod gather;
mod glances;
mod heal;
mod hours;
mod inbox;
mod key;
mod ledger;
mod life;
mod lost;
mod mend;
mod outages;
mod outdated;
mod pages;
mod parting;
mod past;
mod prune;
mod readable;
mod reader;
mod recent;
mod replay;
mod ring;
#[cfg(test)]
mod round_trips;
mod scavenge;
mod segments;
mod sum;
mod summaries;
mod survey;
mod unopened;
mod unpack;
mod upkeep;
mod uptimes;
mod varint;
mod version_1;
mod voice;
mod witness;
mod worker;

pub use backup::{Copied, restore};
pub use compact::{Compacted, compact};
pub use contain::is_contained;
pub use directory::{is_owned, is_there};
pub use error::{BackupError, CompactError, OpenError, ReadError, RestoreError, Unsaved};
pub use prune::Bounds;
pub use reader::{Extent, Reader};
pub use survey::{Depth, Shelved, Survey};
pub use unopened::open_later;

use crate::domain::record::Resumed;
use crate::domain::{Record, Wall};
use directory::Directory;
use inbox::{Inbox, Job};
use mend::Foreknowledge;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use worker::Worker;

/// How many statuses may wait for whoever listens.
const STATUSES_MAX: usize = 32;

/// What a store may use and how careful it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How often what was saved is brought to the disk: as much is lost in a power cut.
    pub flush_every: Duration,
    /// How many records wait in memory while the disk takes none.
    pub unsaved_max: usize,
    /// sled's cache, in bytes.
    pub cache_bytes: u64,
    /// How often sled gives a piece of 512 KB of its file free that holds mostly what was replaced since.
    pub tidy_every: Duration,
    /// With less than this free on the disk, in bytes, nothing is written.
    pub free_space_min: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            flush_every: Duration::from_secs(1),
            unsaved_max: 100_000,
            cache_bytes: 16 << 20,
            tidy_every: Duration::from_millis(500),
            free_space_min: 64 << 20,
        }
    }
}

/// A store that was opened.
#[derive(Debug)]
pub struct Opened {
    /// The way to it.
    pub store: Store,
    /// What the run before left.
    pub resumed: Resumed,
    /// Whether it is recording, told on every change.
    pub statuses: mpsc::Receiver<Status>,
    /// What the user should know, in words: damage that was found, and where it was moved.
    pub notes: Vec<String>,
}

/// How the store fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everything that waited is on disk.
    Recording,
    /// Nothing is being written; it will go on by itself.
    Failing {
        /// The newest moment that is on disk.
        since: Wall,
        /// What the disk says.
        why: String,
        /// Records that wait in memory.
        waiting: u64,
        /// Records that were dropped since then, because too many waited.
        lost: u64,
    },
    /// A store that could not be opened at first is open: what the run before left. What was saved meanwhile
    /// waits for [`Store::claim`].
    Opened(Box<Resumed>),
    /// Something that the user should know.
    Note(String),
}

/// The way to a store. Cheap to clone; no call waits for the disk. When the last one is dropped,
/// the store is closed.
#[derive(Clone)]
pub struct Store {
    handle: Arc<Handle>,
}

/// Closes the store when nobody can reach it any more.
struct Handle {
    inbox: Arc<Inbox>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        let (sender, _) = oneshot::channel();
        // Closed already, if it cannot be asked.
        let _ = self.inbox.ask(Job::Close(sender));
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// Opens the store in this directory, or begins one there. Blocks for as long as the disk needs.
pub fn open(directory: &Path, options: Options) -> Result<Opened, OpenError> {
    let (directory, found) = Directory::take(directory)?;
    if found == directory::Found::Nothing {
        mend::begin(&directory)?;
    }
    let ready = mend::open(&directory, found, &options, Foreknowledge::default())
        .map_err(|trouble| OpenError::Unusable { path: directory.path().to_owned(), why: trouble.to_string() })?;
    let (sender, statuses) = mpsc::channel(STATUSES_MAX);
    let inbox = Arc::new(Inbox::new(options.unsaved_max, sender.clone()));
    let path = directory.path().to_owned();
    let worker = Worker::new(directory, options, ready.ledger, Arc::clone(&inbox), sender);
    let store = employ(worker).map_err(|error| OpenError::Unusable { path, why: error.to_string() })?;
    Ok(Opened { store, resumed: ready.resumed, statuses, notes: ready.notes })
}

/// Starts the thread of a store.
fn employ(worker: Worker) -> std::io::Result<Store> {
    let inbox = worker.inbox();
    std::thread::Builder::new().name("store".to_owned()).spawn(move || {
        let inbox = worker.inbox();
        if catch_unwind(AssertUnwindSafe(|| worker.run())).is_err() {
            inbox.give_up();
        }
    })?;
    Ok(Store { handle: Arc::new(Handle { inbox }) })
}

impl Store {
    /// Keeps these; they become true together. They are on disk after the next flush. If the disk
    /// does not keep up, the oldest checks that wait are dropped, counted and told.
    pub fn save(&self, batch: Vec<Record>) {
        self.handle.inbox.push(batch);
    }

    /// Takes back what was saved before the store could be opened, after [`Status::Opened`] has told that it is:
    /// it is to be saved again, under the ids that this history gives. What is saved from now on is kept.
    pub fn claim(&self) -> Vec<Vec<Record>> {
        self.handle.inbox.claim()
    }

    /// Drops what is too old, and makes coarse what need not be exact any more; never an open outage, nor checks around an outage that is kept, nor
    /// checks of days that are not summed up yet. Happens by and by, between other work.
    pub fn prune(&self, bounds: Bounds) {
        // A pruning that finds no room comes again in an hour.
        let _ = self.handle.inbox.ask(Job::Prune(bounds));
    }

    /// Asks about history; the question runs on the store's thread.
    pub fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader<'_>) -> Result<T, ReadError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, ReadError>> {
        let (sender, answer) = oneshot::channel();
        let job = Job::Read(Box::new(move |reader| {
            // Whoever asked may have gone.
            let _ = sender.send(reader.and_then(question));
        }));
        if let Err((Job::Read(question), error)) = self.handle.inbox.ask(job) {
            question(Err(error));
        }
        answer
    }

    /// Puts a history that was made elsewhere into the store, far faster than [`Store::save`] would.
    pub async fn import(&self, records: Vec<Record>) -> Result<(), Unsaved> {
        let mut checks = Vec::new();
        let mut others = Vec::new();
        for record in records {
            match record {
                Record::Check(check) => checks.push(check),
                other => others.push(other),
            }
        }
        self.wait_for(|sender| Job::Import(others, checks, sender)).await
    }

    /// Waits until everything saved so far is on disk, and what is no longer needed is gone.
    pub async fn flush(&self) -> Result<(), Unsaved> {
        self.wait_for(Job::Flush).await
    }

    /// Brings everything to the disk and ends: after that, the directory is free for the next.
    pub async fn close(self) -> Result<(), Unsaved> {
        self.wait_for(Job::Close).await
    }

    async fn wait_for(&self, job: impl FnOnce(oneshot::Sender<Result<(), Unsaved>>) -> Job) -> Result<(), Unsaved> {
        let unheard = |why: ReadError| Unsaved { records: 0, why: why.to_string() };
        let (sender, done) = oneshot::channel();
        self.handle.inbox.ask(job(sender)).map_err(|(_, error)| unheard(error))?;
        done.await.unwrap_or(Err(unheard(ReadError::Closed)))
    }
}
