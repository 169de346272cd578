//! The engine: the one task that owns the monitor, and the handle that everyone else holds.

pub mod query;

pub use query::{Answer, Query};

use crate::monitor::{Command, Notice, Reply, Snapshot};
use std::sync::Arc;
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
}

/// Something that a handle asked for.
#[derive(Debug)]
pub enum Request {
    /// Change something.
    Command(Command, oneshot::Sender<Reply>),
    /// Tell something about history.
    Query(Query, oneshot::Sender<Answer>),
    /// Save what is unsaved, then end.
    Stop(oneshot::Sender<()>),
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
    (handle, Inbox { requests, snapshots: snapshot_sender, notices })
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

    /// Ends the engine after everything unsaved is on disk.
    pub async fn stop(&self) -> Result<(), Stopped> {
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
