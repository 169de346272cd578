//! Follows what happens at whoever makes the checks, from one to the next, until nobody wants to know any more.

use super::Exit;
use crate::config::paths;
use crate::domain::Wall;
use crate::engine::{Handle, channel, clock};
use crate::link::{Attached, Client, LinkError, Parting, Role};
use crate::monitor::Snapshot;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// How often it is tried to find the next one.
const TRY_EVERY: Duration = Duration::from_millis(500);
/// How often what has not changed is seen again: time goes on.
const AGAIN_EVERY: Duration = Duration::from_secs(1);
/// How long a hand-over may take before it is told that nobody watches.
const GRACE: Duration = Duration::from_secs(3);

/// What somebody makes of what is seen: whether to go on, or how to end.
pub(super) type Verdict = io::Result<ControlFlow<Exit>>;

/// What is seen.
pub(super) enum Seen<'s> {
    /// How things stand now, at the process that watches them, and how that one is asked.
    Picture(&'s Arc<Snapshot>, u32, &'s Handle),
    /// Nobody watches any more.
    Gone(Wall),
}

/// Tells `see` what is seen, until that has enough of it, a signal asks for the end (`None`) or nobody reads standard
/// output any more (likewise).
///
/// # Errors
/// What `see` fails with; somebody who watches is not understood, or the system refuses a signal handler.
pub(super) async fn follow(history: &Path, see: impl AsyncFnMut(Seen<'_>) -> Verdict) -> io::Result<Option<Exit>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let unread = unread()?;
    tokio::select! {
        ended = pursue(history, see) => ended.map(Some),
        _ = interrupt.recv() => Ok(None),
        _ = terminate.recv() => Ok(None),
        Ok(()) = unread => Ok(None),
    }
}

/// Attaches to whoever owns a history, as one who looks on.
///
/// # Errors
/// Nobody answers, or nobody who is understood.
pub(super) async fn look_on(history: &Path) -> Result<Attached, LinkError> {
    Client::connect(&paths::runtime_directories(), history).await?.attach(Role::Onlooker).await
}

async fn pursue(history: &Path, mut see: impl AsyncFnMut(Seen<'_>) -> Verdict) -> io::Result<Exit> {
    // Since when nobody is there, until that is told.
    let mut alone = Some((Instant::now(), clock::system().wall));
    loop {
        match look_on(history).await {
            Ok(attached) => {
                let process = attached.owner().process;
                let ended = with(attached, async |handle| watch(&handle, process, &mut see).await).await;
                // Whoever is gone may have a successor.
                if let Some(ControlFlow::Break(exit)) = ended.ok().transpose()? {
                    return Ok(exit);
                }
                alone = Some((Instant::now(), clock::system().wall));
            }
            Err(LinkError::Nobody(_) | LinkError::Ended) => {}
            Err(why) => return Err(io::Error::other(why)),
        }
        if let Some((_, at)) = alone.take_if(|(since, _)| since.elapsed() > GRACE)
            && let ControlFlow::Break(exit) = see(Seen::Gone(at)).await?
        {
            return Ok(exit);
        }
        sleep(TRY_EVERY).await;
    }
}

/// Tells every picture of one owner.
async fn watch(handle: &Handle, process: u32, see: &mut impl AsyncFnMut(Seen<'_>) -> Verdict) -> Verdict {
    let mut pictures = handle.snapshots();
    let mut again = interval(AGAIN_EVERY);
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // An error means that the owner is gone, which is seen elsewhere.
            Ok(()) = pictures.changed() => {}
            _ = again.tick() => {}
        }
        let newest = Arc::clone(&pictures.borrow_and_update());
        // Before the first one there is nothing to see.
        if newest.version > 0
            && let done @ ControlFlow::Break(_) = see(Seen::Picture(&newest, process, handle)).await?
        {
            return Ok(done);
        }
    }
}

/// Does `work` with the handle of an owner, for as long as that is there; otherwise in words why not.
///
/// # Errors
/// The owner is gone.
pub(super) async fn with<T>(attached: Attached, work: impl AsyncFnOnce(Handle) -> T) -> Result<T, String> {
    let (handle, mut inbox) = channel(Snapshot::empty(clock::system()));
    let serving = attached.serve(&mut inbox, |_| ());
    tokio::select! {
        parting = serving => Err(match parting {
            Parting::Lost(why) => why,
            Parting::Dismissed | Parting::Done(_) => "it has ended".to_owned(),
        }),
        done = work(handle.clone()) => Ok(done),
    }
}

/// Tells when nobody can read standard output any more: `| head` has seen enough, and without this nobody would
/// notice before there is something new to say.
fn unread() -> io::Result<oneshot::Receiver<()>> {
    let (sender, unread) = oneshot::channel();
    std::thread::Builder::new().name("reader".to_owned()).spawn(move || {
        let out = io::stdout();
        // Nothing is asked about: an error and a hang-up are told of all the same.
        let mut asked = [PollFd::new(&out, PollFlags::empty())];
        loop {
            match poll(&mut asked, None::<&Timespec>) {
                Err(rustix::io::Errno::INTR) => {}
                Ok(_) if asked[0].revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL) => break,
                Ok(_) | Err(_) => return,
            }
        }
        // It may have ended for another reason.
        let _ = sender.send(());
    })?;
    Ok(unread)
}
