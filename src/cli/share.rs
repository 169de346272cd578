//! Lets other portpulses on this machine ask the one that owns a history.

use crate::config::paths;
use crate::engine::{Handle, History};
use crate::link::{self, Access, Seat, Server};
use std::path::PathBuf;

/// A history that others may ask about while this runs.
pub(super) enum Shared {
    /// The one in this directory, which is ours.
    Now(PathBuf),
    /// The one in this directory, when it can be opened.
    Later(PathBuf),
}

/// A place for the socket of a history that is ours, before anybody is there who could answer.
pub(super) struct Share {
    history: PathBuf,
    directories: Vec<PathBuf>,
    /// None for one that is not ours yet.
    seat: Option<Seat>,
}

impl Share {
    /// Takes a place for the history. Without one, watching goes on, and the user is told.
    pub fn prepare(shared: Shared, history: &mut History) -> Option<Self> {
        let directories = paths::runtime_directories();
        let path = match shared {
            Shared::Now(path) => path,
            Shared::Later(path) => return Some(Self { history: path, directories, seat: None }),
        };
        match Seat::take(&directories, &path) {
            Ok(seat) => Some(Self { history: path, directories, seat: Some(seat) }),
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
