//! The owner's end: takes clients in and answers each on a task of its own, beside engine and screen.

use super::descriptor;
use super::frame::{FrameError, Frames, line_of};
use super::place::Seat;
use super::session::{Access, Hall};
use super::{ASK_BYTES_MAX, Ask, CLIENTS_MAX, Hello, PATIENCE, Told};
use crate::domain::TargetId;
use crate::domain::text::clean;
use crate::engine::query::Depth;
use crate::engine::{Answer, Handle, Query, Stopped};
use crate::monitor::Snapshot;
use rustix::net::{RecvFlags, recv};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// How many clients may have the store at work at once; the owner's own screen waits behind no more.
const AT_WORK_MAX: usize = 4;
/// How often it is seen whether others still find the socket.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often it is tried whether a history can be asked by now that could not be opened at the start.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// How long nobody is taken in after the system has refused one.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves until it is dropped. Clients that wait for an answer then see the end of the connection.
#[derive(Debug)]
pub struct Server {
    stop: Option<oneshot::Sender<()>>,
    audience: watch::Receiver<u32>,
    dismiss: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// Serves the handle of an owner on a thread of its own. When the socket vanishes, another is made in the first of
/// these directories that can be used; `history` is what it is named after. Without a seat, because the history
/// could not be opened yet, one is taken as soon as it is: before that nobody knows whose it will be.
///
/// # Errors
/// The system has no thread left.
pub fn spawn(
    seat: Option<Seat>,
    directories: Vec<PathBuf>,
    history: PathBuf,
    handle: Handle,
    access: Access,
) -> io::Result<Server> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (stop, stopped) = oneshot::channel();
    let (seats, audience) = watch::channel(0);
    let (dismiss, dismissed) = watch::channel(false);
    let desk = Desk { turns: Semaphore::new(AT_WORK_MAX), hall: Hall::new(handle, access, seats, dismissed) };
    let thread = std::thread::Builder::new().name("link".to_owned()).spawn(move || {
        let again = move || Seat::take(&directories, &history);
        let served = async {
            let mut stopped = stopped;
            let seat = if let Some(seat) = seat {
                seat
            } else {
                tokio::select! {
                    seat = first_seat(&again, &desk.hall.handle) => seat?,
                    // An error means the same.
                    _ = &mut stopped => return Ok(()),
                }
            };
            serve(seat, again, desk, stopped).await
        };
        if let Err(error) = runtime.block_on(served) {
            tracing::warn!("nobody can ask this portpulse any more: {error}");
        }
    })?;
    Ok(Server { stop: Some(stop), audience, dismiss, thread: Some(thread) })
}

impl Server {
    /// How many front ends are attached.
    pub fn audience(&self) -> watch::Receiver<u32> {
        self.audience.clone()
    }

    /// Tells all attached front ends that the checks end with this portpulse.
    pub fn dismiss(&self) {
        self.dismiss.send_replace(true);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the part that answers others has panicked");
        }
    }
}

/// A seat for a history that is not open yet, as soon as it answers and there is a place for it.
async fn first_seat(again: &impl Fn() -> Result<Seat, String>, handle: &Handle) -> io::Result<Seat> {
    let mut told = None;
    loop {
        // It asks for nothing that anybody could have.
        let answer = handle.query(Query::Catalog(Some(TargetId(u32::MAX)))).await.map_err(io::Error::other)?;
        if matches!(answer, Answer::Catalog(_)) {
            match again() {
                Ok(seat) => return Ok(seat),
                Err(why) if told.as_ref() != Some(&why) => {
                    tracing::warn!("there is no place for a socket: {why}");
                    told = Some(why);
                }
                Err(_) => {}
            }
        }
        sleep(TRY_EVERY).await;
    }
}

async fn serve(
    mut seat: Seat,
    again: impl Fn() -> Result<Seat, String>,
    desk: Desk,
    mut stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let mut listener = UnixListener::from_std(seat.listener()?)?;
    let mut clients = JoinSet::new();
    let desk = Arc::new(desk);
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if clients.len() < CLIENTS_MAX => {
                    clients.spawn(client(stream, Arc::clone(&desk)));
                }
                Ok((stream, _)) => turn_away(&stream),
                Err(error) => {
                    tracing::warn!("a client could not be taken in: {error}");
                    sleep(PAUSE).await;
                }
            },
            // An error means the same.
            _ = &mut stopped => break,
            // What a client came to is told where it happens.
            Some(_) = clients.join_next() => {}
            _ = look.tick() => if !seat.is_in_place() {
                match again() {
                    Ok(other) => {
                        listener = UnixListener::from_std(other.listener()?)?;
                        seat = other;
                    }
                    Err(why) => tracing::warn!("the socket is gone, and there is no place for another: {why}"),
                }
            },
        }
    }
    if desk.hall.is_dismissed() {
        let told = async { while clients.join_next().await.is_some() {} };
        // Whoever does not read cannot be told.
        let _ = timeout(FAREWELL, told).await;
    }
    Ok(())
}

/// Says that there are too many. A new connection has room for so little; nobody waits for it.
fn turn_away(stream: &UnixStream) {
    tracing::warn!("a client was turned away: {CLIENTS_MAX} are connected already");
    let why = format!("{CLIENTS_MAX} clients are connected already: try again in a moment");
    for line in [line_of(&Hello::ours()), line_of(&Told::Refused(why))].into_iter().flatten() {
        // It may have gone.
        let _ = stream.try_write(&line);
    }
}

/// Where clients are served.
struct Desk {
    turns: Semaphore,
    hall: Hall,
}

impl Desk {
    /// How things stand. The engine has published it already, and does nothing more for it.
    fn picture(&self, depth: Depth) -> Arc<Snapshot> {
        let newest = Arc::clone(&self.hall.handle.snapshots().borrow());
        match depth {
            Depth::Days => newest,
            Depth::States => Arc::new(newest.without_days()),
        }
    }

    /// Works for a client when it is its turn; `None` if it has gone meanwhile, or the engine has.
    async fn serve<T>(&self, stream: &UnixStream, work: impl Future<Output = Result<T, Stopped>>) -> Option<T> {
        let in_turn = async {
            // An error means that nobody is served any more.
            let _turn = self.turns.acquire().await.map_err(|_| Stopped)?;
            work.await
        };
        tokio::select! {
            done = in_turn => done.ok(),
            () = gone(stream) => None,
        }
    }
}

/// Why a client is dropped.
#[derive(Debug, thiserror::Error)]
enum Dropped {
    #[error("user {0} is neither root nor the one that runs portpulse")]
    Foreign(u32),
    #[error("it did not say in time what it speaks")]
    Silent,
    #[error("{0}")]
    Version(String),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("it asked for a copy and sent no file to write it to: {0}")]
    NoFile(io::Error),
}

async fn client(stream: UnixStream, desk: Arc<Desk>) {
    let process = stream.peer_cred().ok().and_then(|peer| peer.pid()).unwrap_or_default();
    match converse(stream, &desk).await {
        // It went away, which is how it ends.
        Ok(()) | Err(Dropped::Frame(FrameError::Stream(_))) => {}
        Err(why) => {
            // It may quote what the client has sent.
            let why = clean(&why.to_string(), 300);
            tracing::warn!("a client (process {process}) was dropped: {why}");
        }
    }
}

async fn converse(stream: UnixStream, desk: &Desk) -> Result<(), Dropped> {
    let peer = stream.peer_cred().map_err(FrameError::Stream)?.uid();
    if peer != 0 && peer != rustix::process::geteuid().as_raw() {
        return Err(Dropped::Foreign(peer));
    }
    let mut frames = Frames::new(stream, ASK_BYTES_MAX, Some(PATIENCE));
    frames.write(&Hello::ours()).await?;
    let hello = timeout(PATIENCE, frames.read::<Hello>()).await.map_err(|_| Dropped::Silent)??;
    let Some(hello) = hello else { return Ok(()) };
    if let Some(why) = hello.mismatch() {
        frames.write(&Told::Refused(why.clone())).await?;
        return Err(Dropped::Version(why));
    }
    loop {
        let Some(ask) = frames.read::<Ask>().await? else { return Ok(()) };
        let told = match ask {
            Ask::Query(query) => desk.serve(&frames.stream, desk.hall.handle.query(query)).await.map(Told::Answer),
            Ask::Picture(depth) => Some(Told::Picture(desk.picture(depth))),
            Ask::Command(command) => desk.hall.command(command).await.map(Told::Reply),
            Ask::BackUp => copied(&mut frames, desk).await?,
            Ask::Attach(role) => {
                let (frames, out) = frames.split(UnixStream::into_split);
                return Ok(desk.hall.attend(frames, out, role).await?);
            }
        };
        let Some(told) = told else { return Ok(()) };
        frames.write(&told).await?;
    }
}

/// Copies the history into the file that the client sends; `None` if either side has gone meanwhile.
async fn copied(frames: &mut Frames<UnixStream>, desk: &Desk) -> Result<Option<Told>, Dropped> {
    if frames.has_more() {
        return Err(Dropped::NoFile(io::Error::other("it said more before it was asked to")));
    }
    frames.write(&Told::Ready).await?;
    let slow = |_| Dropped::NoFile(io::ErrorKind::TimedOut.into());
    let file = timeout(PATIENCE, descriptor::receive(&frames.stream)).await.map_err(slow)?;
    let file = file.map_err(Dropped::NoFile)?;
    let done = desk.serve(&frames.stream, desk.hall.handle.back_up(file)).await;
    Ok(done.map(|done| match done {
        Ok(copied) => Told::Copied(copied),
        Err(why) => Told::Answer(Answer::Failed(why)),
    }))
}

/// Comes back when the client has gone. One that says more before it was answered is there still.
async fn gone(stream: &UnixStream) {
    let look = || Ok(recv(stream, &mut [0; 1], RecvFlags::PEEK)?);
    if stream.async_io(Interest::READABLE, look).await.is_ok_and(|(count, _)| count > 0) {
        std::future::pending::<()>().await;
    }
}
