//! The history that is there, asked by a command: opened by itself, or through the portpulse that owns it.

use super::watch::refused;
use super::{Exit, complain};
use crate::config::paths;
use crate::domain::{CatalogEntry, MomentError, Span, Wall, Zone, parse_moment};
use crate::engine::query::Depth;
use crate::engine::{self, Answer, Copied, Query, clock};
use crate::link::{Client, LinkError};
use crate::monitor::Snapshot;
use crate::store::{self, OpenError, Store};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// How long an owner may take to begin to listen, or to end, before it is taken for one that does not answer.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How long the end waits for a disk that does not answer.
const CLOSE_MAX: Duration = Duration::from_secs(5);
/// How often it is tried meanwhile.
const TRY_EVERY: Duration = Duration::from_millis(50);

/// A history that answers.
pub(super) struct History {
    /// Where it is.
    pub path: PathBuf,
    /// The damage that was found when it was opened, and what was done about it.
    pub notes: Vec<String>,
    runtime: Runtime,
    way: Way,
    /// The last proof of life of whoever watched before.
    alive: Option<Wall>,
}

/// From whom it is known how things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// From the process that watches them.
    Owner(u32),
    /// Nobody watches them; it was so when somebody last did.
    Kept,
}

/// How it is asked.
enum Way {
    /// It is ours for as long as this runs.
    Own(Store),
    /// It is that of another portpulse.
    Owner(RefCell<Client>),
}

/// Opens the history in that directory, or in the usual one, as [`find`] does. What was damaged is told
/// on standard error.
///
/// # Errors
/// With the exit code, when the reason was told.
pub(super) fn open(data: Option<&Path>) -> Result<History, Exit> {
    let history = find(data)?;
    history.complain_of_damage();
    Ok(history)
}

/// Opens the history in that directory, or in the usual one; none is begun. If another portpulse owns it, that
/// one is asked. Opening mends what is damaged: only its notes know of it afterwards, and whoever asked tells them.
///
/// # Errors
/// With the exit code, when the reason was told.
pub(super) fn find(data: Option<&Path>) -> Result<History, Exit> {
    let path = place(data)?;
    if !store::is_there(&path) {
        let why = format!("there is no history in {}: name its directory with --data DIR", path.display());
        return Err(complain(&why, Exit::NoHistory));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| complain(&error.to_string(), Exit::System))?;
    let (way, alive, notes) = reach(&path, &runtime)?;
    Ok(History { path, notes, runtime, way, alive })
}

/// Takes the history for this command, or finds its owner. Between the two, an owner may begin or end.
fn reach(path: &Path, runtime: &Runtime) -> Result<(Way, Option<Wall>, Vec<String>), Exit> {
    let deadline = Instant::now() + WAIT_MAX;
    loop {
        let in_use = match store::open(path, store::Options::default()) {
            Ok(opened) => return Ok((Way::Own(opened.store), opened.resumed.alive, opened.notes)),
            Err(error @ OpenError::InUse { .. }) => error,
            Err(error) => return Err(refused(&error)),
        };
        match runtime.block_on(Client::connect(&paths::runtime_directories(), path)) {
            Ok(client) => return Ok((Way::Owner(RefCell::new(client)), None, Vec::new())),
            Err(LinkError::Nobody(_) | LinkError::Ended) if Instant::now() < deadline => thread::sleep(TRY_EVERY),
            Err(why) => return Err(complain(&format!("{in_use}\nIt was asked meanwhile: {why}"), Exit::InUse)),
        }
    }
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
    /// Tells on standard error what was damaged.
    pub fn complain_of_damage(&self) {
        for note in &self.notes {
            let _ = writeln!(io::stderr(), "portpulse: {note}");
        }
    }

    /// Asks something and waits for the answer.
    pub fn ask(&self, query: Query) -> io::Result<Answer> {
        let answer = match &self.way {
            Way::Own(store) => {
                let answer = engine::consult(store, query, clock::system().wall);
                self.runtime.block_on(answer).map_err(io::Error::other)?
            }
            Way::Owner(client) => self.runtime.block_on(client.borrow_mut().ask(query)).map_err(io::Error::other)?,
        };
        match answer {
            Answer::Failed(why) => Err(io::Error::other(why)),
            answer => Ok(answer),
        }
    }

    /// What is known of every target, removed ones included, by id.
    pub fn catalog(&self) -> io::Result<Vec<CatalogEntry>> {
        let mut all: Vec<CatalogEntry> = Vec::new();
        loop {
            match self.ask(Query::Catalog(all.last().map(|entry| entry.target.id)))? {
                Answer::Catalog(more) if more.is_empty() => return Ok(all),
                Answer::Catalog(more) => all.extend(more),
                _ => return Err(no_answer()),
            }
        }
    }

    /// How the targets stand, and from whom that is known; `None` if nothing ever was.
    pub fn picture(&self) -> io::Result<Option<(Arc<Snapshot>, Source)>> {
        match &self.way {
            Way::Own(_) => {
                let Some(at) = self.alive else { return Ok(None) };
                let Answer::AsOf(found) = self.ask(Query::AsOf(at, Depth::States))? else { return Err(no_answer()) };
                Ok(found.picture.map(|picture| (picture, Source::Kept)))
            }
            Way::Owner(client) => {
                let mut client = client.borrow_mut();
                let picture = self.runtime.block_on(client.picture(Depth::States)).map_err(io::Error::other)?;
                Ok(Some((picture, Source::Owner(client.owner().process))))
            }
        }
    }

    /// Copies everything into an empty file.
    pub fn back_up(&self, into: File) -> io::Result<Copied> {
        match &self.way {
            Way::Own(store) => self.runtime.block_on(store.back_up(into)).map_err(io::Error::other),
            Way::Owner(client) => self.runtime.block_on(client.borrow_mut().back_up(&into)).map_err(io::Error::other),
        }
    }
}

impl Drop for History {
    fn drop(&mut self) {
        if let Way::Own(store) = &self.way {
            // Nothing was saved that could be lost; closed in peace, it opens faster the next time.
            let _ = self.runtime.block_on(async { timeout(CLOSE_MAX, store.clone().close()).await });
        }
    }
}

/// The answer is to something else.
pub(super) fn no_answer() -> io::Error {
    io::Error::other("history gave no answer to what was asked")
}
