//! A store that cannot be opened yet: what is saved waits, and it is opened as soon as that is possible.
//!
//! Ids are given by what a history holds, and so what is saved before it is open bears ids that mean nothing
//! in it. All of it waits, bounded as for a disk that fails, until whoever saved it takes it back and saves it
//! under the right ones.

use super::error::{OpenError, Trouble};
use super::heal::Failing;
use super::inbox::Inbox;
use super::worker::Worker;
use super::{Opened, Options, STATUSES_MAX, employ};
use crate::domain::Wall;
use crate::domain::record::Resumed;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// A store that could not be opened for this reason, and will be. Until then it says that nothing is kept
/// since that moment, and answers no question.
///
/// # Errors
/// The system refuses a thread.
pub fn open_later(directory: &Path, options: Options, error: &OpenError, since: Wall) -> io::Result<Opened> {
    let (sender, statuses) = mpsc::channel(STATUSES_MAX);
    let inbox = Arc::new(Inbox::unopened(options.unsaved_max, sender.clone()));
    let failing = Failing { since, why: Trouble::Unopened(error.to_string()), lost: 0, retry_at: Instant::now() };
    let store = employ(Worker::unopened(directory.to_owned(), options, failing, inbox, sender))?;
    Ok(Opened { store, resumed: Resumed::unopened(), statuses, notes: Vec::new() })
}
