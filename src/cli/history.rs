//! The history that is there, opened by a command that asks it something and ends.

use super::watch::refused;
use super::{Exit, complain};
use crate::config::paths;
use crate::domain::{MomentError, Span, Wall, Zone, parse_moment};
use crate::store::{self, ReadError, Reader, Store};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// An open history.
pub(super) struct History {
    /// Where it is.
    pub path: PathBuf,
    /// The way to it.
    pub store: Store,
}

/// Opens the history in that directory, or in the usual one; none is begun. What was damaged is told
/// on standard error.
///
/// # Errors
/// With the exit code, when the reason was told.
pub(super) fn open(data: Option<&Path>) -> Result<History, Exit> {
    let path = place(data)?;
    if !store::is_there(&path) {
        let why = format!("there is no history in {}: name its directory with --data DIR", path.display());
        return Err(complain(&why, Exit::NoHistory));
    }
    let opened = store::open(&path, store::Options::default()).map_err(|error| refused(&error))?;
    for note in &opened.notes {
        let _ = writeln!(io::stderr(), "portpulse: {note}");
    }
    Ok(History { path, store: opened.store })
}

/// The directory that is named, or the usual one.
pub(super) fn place(data: Option<&Path>) -> Result<PathBuf, Exit> {
    data.map_or_else(paths::data_directory, |path| Ok(path.to_owned()))
        .map_err(|error| complain(&error.to_string(), Exit::Config))
}

/// Reads a span as people write one. Without a beginning it is everything up to its end.
pub(super) fn span(from: Option<&str>, to: &str, now: Wall) -> Result<Span, MomentError> {
    let from = from.map_or(Ok(Wall(i64::MIN)), |from| parse_moment(from, now, Zone::Local))?;
    let to = parse_moment(to, now, Zone::Local)?;
    Ok(Span { from, to })
}

impl History {
    /// Asks something and waits for the answer.
    pub fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader<'_>) -> Result<T, ReadError> + Send + 'static,
    ) -> io::Result<T> {
        let answer = self.store.read(question).blocking_recv();
        answer.unwrap_or(Err(ReadError::Closed)).map_err(io::Error::other)
    }
}
