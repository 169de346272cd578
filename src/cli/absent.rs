//! A history that cannot be opened: the monitor runs without it, says so all the time, and looks again.

use super::full_screen::Past;
use crate::domain::Wall;
use crate::domain::record::Resumed;
use crate::engine::History;
use crate::monitor::Recording;
use crate::store::{self, OpenError, Options, Status};
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;

/// How often it is looked again.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many words may wait; each replaces the one before.
const WORDS_MAX: usize = 4;

/// Goes without the history in that directory.
///
/// What is seen meanwhile is not kept: the targets of this run have other numbers than those in a history
/// that is found later, and so cannot be put into it. That it can be used again is told.
///
/// # Errors
/// The system refuses a thread.
pub(super) fn go_without(data: PathBuf, error: &OpenError, since: Wall) -> io::Result<Past> {
    let (words, statuses) = mpsc::channel(WORDS_MAX);
    let failing = move |why: String| Status::Failing { since, why, waiting: 0, lost: 0 };
    let mut told = error.to_string();
    let well = Recording::Failing { since, why: told.clone(), waiting: 0, lost: 0 };
    thread::Builder::new().name("absent".to_owned()).spawn(move || {
        while !words.is_closed() {
            thread::sleep(LOOK_EVERY);
            let found = store::open(&data, Options::default()).map(drop);
            let why = match &found {
                Ok(()) => format!("history can be kept in {} again: quit and start portpulse anew", data.display()),
                Err(error) => error.to_string(),
            };
            // Nobody listens any more, or what was said before is not read yet: then it is said the next time.
            if why != told && words.try_send(failing(why.clone())).is_ok() {
                told = why;
                if found.is_ok() {
                    break;
                }
            }
        }
    })?;
    Ok(Past { history: History { store: None, statuses, notes: Vec::new(), well }, resumed: Resumed::default() })
}
