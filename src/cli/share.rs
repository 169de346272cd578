//! Lets other portpulses on this machine ask the one that owns a history.

use crate::config::paths;
use crate::engine::{Handle, History};
use crate::link::{self, Access, Seat, Server};
use std::path::PathBuf;

/// A place for the socket of a history that is ours, before anybody is there who could answer.
pub(super) struct Share {
    history: PathBuf,
    directories: Vec<PathBuf>,
    seat: Seat,
}

impl Share {
    /// Takes a place for the history in this directory. Without one, watching goes on, and the user is told.
    pub fn prepare(path: PathBuf, history: &mut History) -> Option<Self> {
        let directories = paths::runtime_directories();
        match Seat::take(&directories, &path) {
            Ok(seat) => Some(Self { history: path, directories, seat }),
            Err(why) => {
                history.notes.push(format!("no other portpulse can ask this one about its history: {why}"));
                None
            }
        }
    }

    /// Answers whoever asks, until what this gives is dropped.
    pub fn begin(self, handle: Handle, access: Access) -> Option<Server> {
        let Self { history, directories, seat } = self;
        let server = link::spawn(seat, directories, history, handle, access);
        server.inspect_err(|error| tracing::warn!("nobody can ask this portpulse: {error}")).ok()
    }
}
