//! Ends the process when its terminal has vanished, whatever else hangs.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::Notify;

/// How long an orderly end may take after the terminal has vanished.
const ORDERLY_END: Duration = Duration::from_millis(800);
/// As a shell reports death by SIGHUP.
const HUNG_UP: i32 = 129;

/// Waits on a thread of its own until the other end of standard input is closed, tells it, and
/// ends the process if it has not ended by itself in time.
///
/// The input library must not be relied on here: with the terminal gone its reader spins and
/// never returns (crossterm#793).
///
/// # Errors
/// The system has no thread left.
pub fn start(hung_up: Arc<Notify>) -> io::Result<()> {
    thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
        if wait_for_hang_up().is_ok() {
            hung_up.notify_one();
            thread::sleep(ORDERLY_END);
            end_process();
        }
    })?;
    Ok(())
}

/// Sleeps in the kernel until the terminal is gone; asking for no events still reports that.
fn wait_for_hang_up() -> Result<(), Errno> {
    let stdin = rustix::stdio::stdin();
    loop {
        let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
        match poll(&mut watched, None) {
            Ok(_) if watched[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) => {
                return Ok(());
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Ends without running anything more: exit handlers and destructors are what may be hanging.
/// What is on disk stays whole, as after a `kill -9`.
#[expect(unsafe_code, reason = "no safe call ends a process with an exit code and without exit handlers")]
fn end_process() -> ! {
    // SAFETY: _exit takes a plain number, touches no memory of ours and does not return.
    unsafe { libc::_exit(HUNG_UP) }
}
