//! A configuration file and a history: what whoever owns them makes the checks with, and others attach to.

use super::backstage::{Denied, Part, Successor, attach};
use super::keymap::judge;
use super::owner::{Kept, Owning, Past, ScreenSettings};
use super::share::Shared;
use super::watch::{refused, wrong};
use super::{Exit, complain};
use crate::config::{Keeper, Loaded};
use crate::engine::clock;
use crate::link::{Access, LinkError};
use crate::monitor::Recording;
use crate::store::{self, OpenError, Opened};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long an owner may take to begin to listen, or to end, before it is taken for one that does not answer.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How long a read-only one waits for others to take over.
const READ_ONLY_PATIENCE: Duration = Duration::from_secs(3);
/// How often it is tried meanwhile.
const TRY_EVERY: Duration = Duration::from_millis(50);

/// A configuration file and the history of what it says.
#[derive(Clone)]
pub(super) struct Estate {
    pub configuration: PathBuf,
    pub data: PathBuf,
    /// What others may do whenever this process is the owner.
    pub access: Access,
    pub screen_settings: Arc<ScreenSettings>,
    /// What the configuration said last when it was right.
    pub known: Arc<Loaded>,
}

impl Estate {
    /// Owns it, or attaches to whoever does. Otherwise the reason was told, and this is how to end.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn part(self) -> io::Result<Result<Part, Exit>> {
        let deadline = Instant::now() + WAIT_MAX;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        loop {
            let in_use = match self.open() {
                Ok(opened) => return Ok(self.own(opened, Shared::Now).map(|owning| Part::Owner(Box::new(owning)))),
                Err(error) if error.may_pass() => {
                    let since = clock::system().wall;
                    let later = store::open_later(&self.data, store::Options::default(), &error, since)?;
                    return Ok(self.own(later, Shared::Later).map(|owning| Part::Owner(Box::new(owning))));
                }
                Err(error @ OpenError::InUse { .. }) => error,
                Err(error) => return Ok(Err(refused(&error))),
            };
            match runtime.block_on(attach(&self.data)) {
                Ok(attached) => return Ok(Ok(Part::Attached(Box::new(attached), self.successor(), runtime))),
                Err(LinkError::Nobody(_) | LinkError::Ended) if Instant::now() < deadline => thread::sleep(TRY_EVERY),
                Err(why) => {
                    return Ok(Err(complain(&format!("{in_use}\nIt was asked to share it: {why}"), Exit::InUse)));
                }
            }
        }
    }

    fn open(&self) -> Result<Opened, OpenError> {
        store::open(&self.data, store::Options::default())
    }

    fn own(&self, opened: Opened, shared: fn(PathBuf) -> Shared) -> Result<Owning, Exit> {
        let (keeper, loaded) = Keeper::open(&self.configuration, judge).map_err(|errors| wrong(&errors))?;
        Ok(self.with(opened, shared, keeper, loaded))
    }

    fn with(&self, opened: Opened, shared: fn(PathBuf) -> Shared, keeper: Keeper, loaded: Loaded) -> Owning {
        Owning {
            declared: loaded.declared,
            past: Past::of(opened, Recording::Recording),
            shared: Some(shared(self.data.clone())),
            access: self.access,
            kept: Some(Kept { keeper, screen_settings: Arc::clone(&self.screen_settings) }),
        }
    }

    /// How to become the owner later.
    fn successor(self) -> Successor {
        let history = self.data.clone();
        // One that lets nobody change anything goes on only where nobody else does.
        let patience = if self.access == Access::ReadOnly { READ_ONLY_PATIENCE } else { Duration::ZERO };
        let succeed = move || {
            let (opened, shared) = match self.open() {
                Ok(opened) => (opened, Shared::Now as fn(PathBuf) -> Shared),
                Err(error) if error.may_pass() => {
                    let since = clock::system().wall;
                    let later = store::open_later(&self.data, store::Options::default(), &error, since);
                    (later.map_err(|error| Denied::Unable(error.to_string()))?, Shared::Later as fn(PathBuf) -> Shared)
                }
                Err(OpenError::InUse { .. }) => return Err(Denied::InUse),
                Err(other) => return Err(Denied::Unable(other.to_string())),
            };
            // A file that is being edited this very moment must not keep the checks from being made.
            let (keeper, loaded) = Keeper::open(&self.configuration, judge)
                .unwrap_or_else(|_| (Keeper::wait_for(&self.configuration, judge), Loaded::clone(&self.known)));
            Ok(self.with(opened, shared, keeper, loaded))
        };
        Successor { history, patience, succeed: Box::new(succeed) }
    }
}
