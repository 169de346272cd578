//! The only way to the terminal: a thread that writes one frame at a time, so that a terminal which nobody reads holds up nothing else.
//!
//! A frame is built only when the one before has been written. So a terminal that is behind skips
//! pictures and then gets the newest one; and since every frame that was built is also written, the
//! difference to the last one built is always the right thing to send.

use super::guard;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, write};
use std::io;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::Notify;

/// Held while bytes go to the terminal, so that sequences do not mix.
static PEN: Mutex<()> = Mutex::new(());

/// The near end of the writing thread.
#[derive(Debug)]
pub struct Output {
    frames: SyncSender<Vec<u8>>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_writing: AtomicBool,
    has_failed: AtomicBool,
    written: Notify,
}

impl Output {
    /// Starts the writing thread. It ends with the value or with the process, and is never waited for.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn start() -> io::Result<Self> {
        let (frames, queue) = sync_channel::<Vec<u8>>(1);
        let state = Arc::new(State::default());
        let mine = Arc::clone(&state);
        thread::Builder::new().name("terminal".to_owned()).spawn(move || {
            for frame in queue {
                if write_frame(&frame).is_err() {
                    mine.has_failed.store(true, Ordering::SeqCst);
                }
                mine.is_writing.store(false, Ordering::SeqCst);
                mine.written.notify_one();
            }
        })?;
        Ok(Self { frames, state })
    }

    /// Whether the frame before has been written, so that another may be built.
    pub fn is_ready(&self) -> bool {
        !self.state.is_writing.load(Ordering::SeqCst)
    }

    /// Hands over a frame; only when [`Output::is_ready`].
    pub fn send(&self, frame: Vec<u8>) {
        if frame.is_empty() {
            return;
        }
        self.state.is_writing.store(true, Ordering::SeqCst);
        if self.frames.try_send(frame).is_err() {
            self.state.has_failed.store(true, Ordering::SeqCst);
        }
    }

    /// Waits until a frame has been written.
    pub async fn written(&self) {
        self.state.written.notified().await;
    }

    /// Whether the terminal refused a frame: it is gone.
    pub fn has_failed(&self) -> bool {
        self.state.has_failed.load(Ordering::SeqCst)
    }
}

/// Writes to the terminal from a thread of its own and waits for at most `patience`.
/// `false` when it was not done by then: nobody reads the terminal.
///
/// # Errors
/// The terminal refused.
pub fn write_within(bytes: Vec<u8>, patience: Duration) -> io::Result<bool> {
    write_to_within(rustix::stdio::stdout(), bytes, patience)
}

/// As [`write_within`], to another descriptor.
pub fn write_to_within(to: BorrowedFd<'static>, bytes: Vec<u8>, patience: Duration) -> io::Result<bool> {
    let (sender, done) = sync_channel(1);
    thread::Builder::new().name("terminal".to_owned()).spawn(move || {
        let _pen = PEN.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waited may have lost patience.
        let _ = sender.send(write_all(to, &bytes));
    })?;
    match done.recv_timeout(patience) {
        Ok(result) => result.map(|()| true),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(false),
    }
}

/// Writes a frame, unless the terminal has been given back meanwhile.
fn write_frame(frame: &[u8]) -> io::Result<()> {
    let _pen = PEN.lock().unwrap_or_else(PoisonError::into_inner);
    if guard::is_entered() { write_all(rustix::stdio::stdout(), frame) } else { Ok(()) }
}

fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match write(to, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Another program that shares the terminal has made it non-blocking.
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::new(&to, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
