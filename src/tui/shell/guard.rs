//! Takes the terminal over and gives it back: the same pair for every way in and every way out.
//!
//! Quit, error, panic, signal and suspend all end in [`leave`]; one flag says whether there is
//! anything to give back, so that it happens once whoever comes first. Nothing here asks the
//! terminal anything.

use super::output;
use super::terminal::Terminal;
use rustix::termios::{QueueSelector, tcflush};
use std::io;
use std::panic::{set_hook, take_hook};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Whether the terminal is ours.
static ENTERED: AtomicBool = AtomicBool::new(false);
/// Whether the terminal was told to report the mouse; its last reports may still be on their way.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// See [`panics`].
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// How many of them are kept.
const PANICS_MAX: usize = 5;
/// How long a terminal that nobody reads may hold up the end.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long one may take to be read at the start: a machine in trouble is slow, and that is when
/// somebody looks.
const PATIENCE_AT_THE_START: Duration = Duration::from_secs(5);

/// Takes the terminal over: raw mode, alternate screen, bracketed paste, no cursor, the title put aside.
///
/// # Errors
/// The terminal is gone, or nobody reads it.
pub fn enter(terminal: Terminal) -> io::Result<()> {
    crossterm::terminal::enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    let unread = || io::Error::new(io::ErrorKind::TimedOut, "nobody reads what is written to it");
    let written = output::write_within(terminal.enter_sequence(), PATIENCE_AT_THE_START);
    let entered = written.and_then(|is_done| if is_done { Ok(()) } else { Err(unread()) });
    if entered.is_err() {
        leave(terminal);
    }
    entered
}

/// Gives the terminal back. Does nothing if it is not ours (any more).
pub fn leave(terminal: Terminal) {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    // Nothing can be done about a terminal that is gone or stuck; the modes are put back regardless.
    let _ = output::write_within(terminal.leave_sequence(), PATIENCE);
    if MOUSE.swap(false, Ordering::SeqCst) {
        let _ = tcflush(rustix::stdio::stdin(), QueueSelector::IFlush);
    }
    let _ = crossterm::terminal::disable_raw_mode();
}

/// Says something on standard error after the screen is gone. A terminal that nobody reads does not
/// hold up the end for this either.
pub fn say(text: &str) {
    let line = format!("portpulse: {}\n", text.trim_end());
    // Nobody is left to be told.
    let _ = output::write_to_within(rustix::stdio::stderr(), line.into_bytes(), PATIENCE);
}

/// Lets go of a terminal that has vanished: there is nothing to write to.
pub fn abandon() {
    ENTERED.store(false, Ordering::SeqCst);
}

/// Whether the terminal is ours.
pub fn is_entered() -> bool {
    ENTERED.load(Ordering::SeqCst)
}

/// Remembers that the terminal reports the mouse.
pub fn mouse_captured() {
    MOUSE.store(true, Ordering::SeqCst);
}

/// What panics elsewhere said while the screen was ours; there is somebody to read it only now.
pub fn panics() -> Vec<String> {
    std::mem::take(&mut PANICS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// From now on a panic of the calling thread gives the terminal back before it is printed, and a
/// panic of any other thread is written to the log, and kept for [`panics`], while the screen is ours.
/// A panic that `is_contained` says somebody is waiting for, such as one of the storage engine on a
/// damaged file, is that one's affair alone.
pub fn install_panic_hook(terminal: Terminal, is_contained: fn() -> bool) {
    let screen_thread = thread::current().id();
    let print = take_hook();
    set_hook(Box::new(move |panic| {
        if is_contained() {
            return;
        }
        if thread::current().id() == screen_thread {
            leave(terminal);
        } else if is_entered() {
            tracing::error!(thread = thread::current().name().unwrap_or("unnamed"), "{panic}");
            let mut panics = PANICS.lock().unwrap_or_else(PoisonError::into_inner);
            if panics.len() < PANICS_MAX {
                panics.push(panic.to_string());
            }
            return;
        }
        print(panic);
    }));
}
