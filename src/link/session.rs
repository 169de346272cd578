//! The owner's side of an attached front end: pictures, notices and answers out, wishes in.
//!
//! Each direction goes its own pace, and each front end has its own. One that does not read is not waited for: its
//! socket fills, and when it reads again the newest picture follows as a difference to the last one that it was
//! sent; what lies between is skipped. Meanwhile it holds one picture and a bounded number of answers.

use super::delta::Delta;
use super::frame::{FrameError, Frames, line_of};
use super::{News, Role, Wish};
use crate::domain::Now;
use crate::engine::Handle;
use crate::monitor::{Command, Refusal, Reply, Snapshot};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Semaphore, broadcast, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How many wishes of one front end may be worked on at once; more wait in its socket.
const WISHES_MAX: usize = 32;
/// Pictures follow each other no closer than this.
const PICTURE_EVERY: Duration = Duration::from_millis(100);

/// What front ends may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Everything that the owner's own screen may.
    #[default]
    Full,
    /// Look, and check what is not watched.
    ReadOnly,
}

/// What all attached front ends share.
#[derive(Debug)]
pub(super) struct Hall {
    pub(super) handle: Handle,
    pub(super) access: Access,
    /// How many are attached.
    pub(super) audience: watch::Sender<u32>,
    /// Becomes true when the owner ends and nobody is to go on.
    pub(super) dismissed: watch::Receiver<bool>,
    /// The newest difference as it goes over the wire: front ends that keep up are all sent the same.
    newest: Mutex<Option<Encoded>>,
}

#[derive(Debug)]
struct Encoded {
    before: Arc<Snapshot>,
    after: Arc<Snapshot>,
    line: Arc<[u8]>,
}

/// A front end, counted for as long as it is there.
struct Seated<'h>(&'h watch::Sender<u32>);

impl<'h> Seated<'h> {
    fn new(audience: &'h watch::Sender<u32>) -> Self {
        audience.send_modify(|count| *count += 1);
        Self(audience)
    }
}

impl Drop for Seated<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Hall {
    pub(super) fn new(
        handle: Handle,
        access: Access,
        audience: watch::Sender<u32>,
        dismissed: watch::Receiver<bool>,
    ) -> Self {
        Self { handle, access, audience, dismissed, newest: Mutex::new(None) }
    }

    /// Whether nobody is to go on when the owner ends.
    pub(super) fn is_dismissed(&self) -> bool {
        *self.dismissed.borrow()
    }

    /// Carries out what a client asks for, if clients may; `None` if there is nobody any more who could.
    pub(super) async fn command(&self, command: Command) -> Option<Reply> {
        commanded(&self.handle, self.access, command).await
    }

    /// Serves somebody who is attached until they go away.
    pub(super) async fn attend<R, W>(&self, frames: Frames<R>, out: W, role: Role) -> Result<(), FrameError>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let _seated = (role == Role::FrontEnd).then(|| Seated::new(&self.audience));
        let (sender, answers) = mpsc::channel(WISHES_MAX);
        tokio::select! {
            done = self.hear(frames, sender) => done,
            done = self.tell(out, answers) => done,
        }
    }

    async fn hear<R: AsyncRead + Unpin>(
        &self,
        mut frames: Frames<R>,
        out: mpsc::Sender<News>,
    ) -> Result<(), FrameError> {
        let room = Arc::new(Semaphore::new(WISHES_MAX));
        let mut work = JoinSet::new();
        let mut running: HashMap<u64, AbortHandle> = HashMap::new();
        while let Some(wish) = frames.read::<Wish>().await? {
            while work.try_join_next().is_some() {}
            running.retain(|_, task| !task.is_finished());
            if let Wish::Cancel(number) = wish {
                if let Some(task) = running.remove(&number) {
                    task.abort();
                }
                continue;
            }
            // It is closed by nobody.
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { return Ok(()) };
            let (handle, access, out) = (self.handle.clone(), self.access, out.clone());
            let number = match &wish {
                Wish::Command(number, _) | Wish::Query(number, _) | Wish::Cancel(number) => *number,
            };
            let task = work.spawn(async move {
                let _place = place;
                if let Some(news) = answered(&handle, access, wish).await {
                    // It may have gone.
                    let _ = out.send(news).await;
                }
            });
            running.insert(number, task);
        }
        Ok(())
    }

    async fn tell<W: AsyncWrite + Unpin>(
        &self,
        mut out: W,
        mut answers: mpsc::Receiver<News>,
    ) -> Result<(), FrameError> {
        let mut snapshots = self.handle.snapshots();
        let mut notices = self.handle.notices();
        let (mut audience, mut dismissed) = (self.audience.subscribe(), self.dismissed.clone());
        audience.mark_changed();
        let mut sent = Arc::new(Snapshot::empty(Now::default()));
        let mut pulse = interval(super::PULSE);
        let mut pace = interval(PICTURE_EVERY);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let line: Arc<[u8]> = tokio::select! {
                Some(news) = answers.recv() => line_of(&news)?.into(),
                notice = notices.recv() => match notice {
                    Ok(notice) => line_of(&News::Notice(notice))?.into(),
                    // The picture shows what they would have told.
                    Err(broadcast::error::RecvError::Lagged(_)) => continue,
                    Err(broadcast::error::RecvError::Closed) => return Ok(()),
                },
                // Said again and again, it says that somebody is there.
                _ = pulse.tick() => {
                    let others = audience.borrow_and_update().saturating_sub(1);
                    line_of(&News::Others(others))?.into()
                }
                Ok(()) = audience.changed() => {
                    let others = audience.borrow_and_update().saturating_sub(1);
                    line_of(&News::Others(others))?.into()
                }
                Ok(()) = async { dismissed.wait_for(|is_over| *is_over).await.map(|_| ()) } => return farewell(out).await,
                newer = newer(&mut snapshots, &sent, &mut pace) => {
                    let Some(newer) = newer else {
                        return if self.is_dismissed() { farewell(out).await } else { Ok(()) };
                    };
                    let line = self.difference(&sent, &newer)?;
                    sent = newer;
                    line
                }
            };
            out.write_all(&line).await?;
        }
    }

    /// The line that makes the newer picture of the older one.
    fn difference(&self, before: &Arc<Snapshot>, after: &Arc<Snapshot>) -> Result<Arc<[u8]>, FrameError> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*newest
            && Arc::ptr_eq(&known.before, before)
            && Arc::ptr_eq(&known.after, after)
        {
            return Ok(Arc::clone(&known.line));
        }
        let line: Arc<[u8]> = line_of(&News::Picture(Box::new(Delta::between(before, after))))?.into();
        *newest = Some(Encoded { before: Arc::clone(before), after: Arc::clone(after), line: Arc::clone(&line) });
        Ok(line)
    }
}

/// Says that nobody is to go on.
async fn farewell<W: AsyncWrite + Unpin>(mut out: W) -> Result<(), FrameError> {
    Ok(out.write_all(&line_of(&News::Dismissed)?).await?)
}

/// A picture that was not sent yet, once the time for it has come; `None` when there will be none any more.
async fn newer(
    snapshots: &mut watch::Receiver<Arc<Snapshot>>,
    sent: &Arc<Snapshot>,
    pace: &mut Interval,
) -> Option<Arc<Snapshot>> {
    while Arc::ptr_eq(&snapshots.borrow(), sent) {
        snapshots.changed().await.ok()?;
    }
    pace.tick().await;
    Some(Arc::clone(&snapshots.borrow()))
}

async fn commanded(handle: &Handle, access: Access, command: Command) -> Option<Reply> {
    match access {
        Access::ReadOnly if command.is_change() => Some(Reply::Refused(Refusal::ReadOnly)),
        Access::Full | Access::ReadOnly => handle.ask(command).await.ok(),
    }
}

/// The answer to a wish; none if there is nobody any more who could give one.
async fn answered(handle: &Handle, access: Access, wish: Wish) -> Option<News> {
    match wish {
        Wish::Command(number, command) => Some(News::Reply(number, commanded(handle, access, command).await?)),
        Wish::Query(number, query) => Some(News::Answer(number, Box::new(handle.query(query).await.ok()?))),
        Wish::Cancel(_) => None,
    }
}
