//! A thread that keeps the configuration file, so that nobody else waits for the disk.

use super::error::ConfigErrors;
use super::{Keeper, Loaded};
use crate::monitor::{Change, RequestId};
use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What the thread has to say.
#[derive(Debug)]
pub enum News {
    /// A change is on disk, or was refused.
    Written(RequestId, Result<(), ConfigErrors>),
    /// Somebody else has edited the file.
    Edited(Result<Box<Loaded>, ConfigErrors>),
}

/// Starts the thread. It carries out changes as they come and looks at the file whenever none has
/// come for `pause`. It ends when the other end of `changes` is dropped, or when `tell` breaks off.
///
/// # Errors
/// When no thread can be started.
pub fn spawn(
    mut keeper: Keeper,
    pause: Duration,
    changes: Receiver<(RequestId, Change)>,
    mut tell: impl FnMut(News) -> ControlFlow<()> + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("config".to_owned()).spawn(move || {
        loop {
            let news = match changes.recv_timeout(pause) {
                Ok((request, change)) => Some(News::Written(request, keeper.apply(&change))),
                Err(RecvTimeoutError::Timeout) => keeper.poll().map(|read| News::Edited(read.map(Box::new))),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if news.is_some_and(|news| tell(news).is_break()) {
                return;
            }
        }
    })
}
