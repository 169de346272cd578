//! Writes history into files, beside everything else, and tells how far that is.

use super::Shell;
use crate::engine::Answer;
use crate::exchange::export::Export;
use crate::exchange::file;
use crate::tui::Msg;
use crate::tui::message::{Exporting, Written};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How often it is told how far a file is, and how long before it is told at all.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// So many words on the way wait for the screen; more would say the same.
const TOLD_MAX: usize = 4;

/// The exports that are being written.
pub(super) struct Exports {
    /// How far each is, now and then.
    pub told: mpsc::Receiver<Exporting>,
    tell: mpsc::Sender<Exporting>,
    is_stopped: Arc<AtomicBool>,
}

impl Default for Exports {
    fn default() -> Self {
        let (tell, told) = mpsc::channel(TOLD_MAX);
        Self { told, tell, is_stopped: Arc::default() }
    }
}

impl Exports {
    /// Ends those that are being written; what begins from now on goes its way.
    pub fn stop(&mut self) {
        std::mem::take(&mut self.is_stopped).store(true, Ordering::Relaxed);
    }
}

impl Shell {
    /// Writes rows of history beside everything else.
    pub(super) fn export(&mut self, path: PathBuf, export: Export) {
        let (handle, now) = (self.handle.clone(), (self.clock)().wall);
        let (tell, is_stopped) = (self.exports.tell.clone(), Arc::clone(&self.exports.is_stopped));
        let runtime = tokio::runtime::Handle::current();
        // On a thread of its own: the file may be slow, and the answers come one after the other.
        self.asked.spawn_blocking(move || {
            let (named, targets) = (path.clone(), export.targets.len());
            let mut next = Instant::now() + TELL_EVERY;
            let told = |done, rows| {
                if Instant::now() >= next {
                    next = Instant::now() + TELL_EVERY;
                    // Whoever draws the screen may have fallen behind.
                    let _ = tell.try_send(Exporting { path: named.clone(), targets, done, rows });
                }
            };
            let path = file::at_home(&path, std::env::var_os("HOME"));
            let ask = |query| match runtime.block_on(handle.query(query)) {
                _ if is_stopped.load(Ordering::Relaxed) => Err(io::Error::other("stopped before its end")),
                Ok(Answer::Failed(why)) => Err(io::Error::other(why)),
                Ok(answer) => Ok(answer),
                Err(stopped) => Err(io::Error::other(stopped)),
            };
            let written = file::stream_new(&path, |out| export.write(now, ask, out, told));
            let written = written.map(|(path, rows, bytes)| Written { path, rows: Some(rows), bytes });
            Msg::Exported(written.map_err(|error| format!("{}: {error}", path.display())))
        });
    }

    /// Has the whole history copied into a new file, beside everything else.
    pub(super) fn back_up(&mut self, path: &Path) {
        let handle = self.handle.clone();
        let runtime = tokio::runtime::Handle::current();
        let path = file::at_home(path, std::env::var_os("HOME"));
        self.asked.spawn_blocking(move || {
            let written = file::stream_new(&path, |out| {
                let copied = runtime.block_on(handle.back_up(out.get_ref().try_clone()?));
                copied.map_err(io::Error::other)?.map_err(io::Error::other)
            });
            let written = written.map(|(path, _, bytes)| Written { path, rows: None, bytes });
            Msg::Exported(written.map_err(|error| format!("{}: {error}", path.display())))
        });
    }
}
