//! The engine: the one task that owns the monitor, and the handle that everyone else holds.

pub mod clock;
pub mod driver;
mod history;
pub mod incident;
mod judges;
mod overview;
pub mod query;
pub mod tally;

pub use crate::store::{Copied, Unsaved};
pub use clock::Clock;
pub use driver::run;
pub use history::consult;
pub use query::{Answer, Query};
pub use tally::Tally;

use crate::monitor::{Change, Command, Effect, Input, Monitor, Notice, Recording, Reply, RequestId, Snapshot};
use crate::probe::Prober;
use crate::store::{Status, Store};
use std::fs::File;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// How many requests may wait for the engine.
const REQUESTS_MAX: usize = 256;
/// How many notices a slow listener may fall behind before it is told that it missed some.
const NOTICES_MAX: usize = 256;

/// What a front end holds: commands and questions in, snapshots and notices out. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    requests: mpsc::Sender<Request>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    notices: broadcast::Sender<Notice>,
}

/// The other end of every [`Handle`]: served by an engine, or by a wire to one.
#[derive(Debug)]
pub struct Inbox {
    /// What was asked.
    pub requests: mpsc::Receiver<Request>,
    /// Where pictures are published.
    pub snapshots: watch::Sender<Arc<Snapshot>>,
    /// Where notices are told.
    pub notices: broadcast::Sender<Notice>,
    /// Where checks are counted, if somebody wants that: only an engine does it, no wire.
    pub tally: Option<Arc<Tally>>,
}

/// Something that a handle asked for.
#[derive(Debug)]
pub enum Request {
    /// Change something.
    Command(Command, oneshot::Sender<Reply>),
    /// Tell something about history.
    Query(Query, oneshot::Sender<Answer>),
    /// Copy the whole history into this empty file; tells in words why that was not possible.
    BackUp(File, oneshot::Sender<Result<Copied, String>>),
    /// Save what is unsaved, then end; tells whether everything is on disk.
    Stop(oneshot::Sender<Result<(), Unsaved>>),
}

/// Whatever an engine works with.
#[derive(Debug)]
pub struct Ports {
    /// Makes the checks.
    pub prober: Prober,
    /// Keeps history; without one, none is kept and none can be asked for.
    pub history: Option<History>,
    /// Writes the configuration file; without one, changes last until the end of the run.
    pub keeper: Option<Keeper>,
}

/// The near end of a store.
#[derive(Debug)]
pub struct History {
    /// Keeps and answers.
    pub store: Store,
    /// How it fares.
    pub statuses: mpsc::Receiver<Status>,
    /// What the user should know of its opening.
    pub notes: Vec<String>,
    /// What is said while it works: recording, or recording for this run only.
    pub well: Recording,
}

/// The near end of whoever keeps the configuration file.
#[derive(Debug)]
pub struct Keeper {
    /// What to write; each is answered with [`Input::Written`].
    pub changes: SyncSender<(RequestId, Change)>,
    /// [`Input::Written`], and [`Input::Declared`] after an edit by hand.
    pub words: mpsc::Receiver<Input>,
}

/// The engine has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the monitor has stopped")]
pub struct Stopped;

/// A handle and the inbox that it reaches.
pub fn channel(first: Snapshot) -> (Handle, Inbox) {
    let (request_sender, requests) = mpsc::channel(REQUESTS_MAX);
    let (snapshot_sender, snapshots) = watch::channel(Arc::new(first));
    let (notices, _) = broadcast::channel(NOTICES_MAX);
    let handle = Handle { requests: request_sender, snapshots, notices: notices.clone() };
    (handle, Inbox { requests, snapshots: snapshot_sender, notices, tally: None })
}

/// Starts an engine on a thread of its own; `wanted` is what the monitor wants before anything happens.
///
/// # Errors
/// The system has no thread left.
pub fn spawn(
    mut monitor: Monitor,
    wanted: Vec<Effect>,
    ports: Ports,
    clock: Clock,
) -> std::io::Result<(Handle, JoinHandle<()>)> {
    let (handle, inbox) = channel(monitor.snapshot(clock()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let thread = std::thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || runtime.block_on(run(monitor, wanted, inbox, ports, clock)))?;
    Ok((handle, thread))
}

impl Handle {
    /// Asks for a change and waits for the answer.
    pub async fn ask(&self, command: Command) -> Result<Reply, Stopped> {
        let (sender, answer) = oneshot::channel();
        self.requests.send(Request::Command(command, sender)).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }

    /// Asks about history and waits for the answer.
    pub async fn query(&self, query: Query) -> Result<Answer, Stopped> {
        let (sender, answer) = oneshot::channel();
        self.requests.send(Request::Query(query, sender)).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }

    /// Has the whole history copied into an empty file and waits for the end of it. The file is for the caller
    /// to open, to bring to the disk, and to name when it is whole.
    pub async fn back_up(&self, into: File) -> Result<Result<Copied, String>, Stopped> {
        let (sender, done) = oneshot::channel();
        self.requests.send(Request::BackUp(into, sender)).await.map_err(|_| Stopped)?;
        done.await.map_err(|_| Stopped)
    }

    /// Ends the engine after everything unsaved is on disk, and tells if that was not possible.
    pub async fn stop(&self) -> Result<Result<(), Unsaved>, Stopped> {
        let (sender, done) = oneshot::channel();
        self.requests.send(Request::Stop(sender)).await.map_err(|_| Stopped)?;
        done.await.map_err(|_| Stopped)
    }

    /// The newest picture, and a way to wait for a newer one.
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// Notices from now on.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }
}
