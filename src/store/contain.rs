//! Keeps the panics of the storage engine to itself.

use super::error::Trouble;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread is caught and dealt with, so that a panic hook should neither
/// print it nor give the terminal back.
pub fn is_contained() -> bool {
    CONTAINED.with(Cell::get)
}

/// Runs something that may panic on damaged files, as sled 0.34 does, and reports that as damage.
pub(super) fn contained<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let outer = CONTAINED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(outer);
    result.unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Trouble::Damaged(what.unwrap_or("sled panicked").lines().next().unwrap_or_default().to_owned()))
    })
}

/// Does the same on a thread of its own, and gives up after a while: sled may also never return.
/// The thread is then left behind.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    let (sender, done) = mpsc::sync_channel(1);
    let spawned = thread::Builder::new().name("store-helper".to_owned()).spawn(move || {
        // Nobody listens any more if the limit has passed.
        let _ = sender.send(contained(work));
    });
    spawned.map_err(Trouble::from)?;
    done.recv_timeout(limit).unwrap_or(Err(Trouble::Silent(limit.as_secs())))
}
