//! Who knows what is watched, and changes it: the portpulse that makes the checks, or, if none runs, the configuration
//! file.
//!
//! The file is judged by a monitor that never checks anything: so a change is refused, or carried out, by the same
//! rules and with the same words as on a screen.

use crate::cli::args::Place;
use crate::cli::keymap::judge;
use crate::cli::{Exit, complain, config, history};
use crate::config::{self as configuration, ConfigErrors, Keeper, Loaded, paths};
use crate::domain::record::Resumed;
use crate::engine::clock;
use crate::engine::query::Depth;
use crate::link::{Client, LinkError};
use crate::monitor::{Command, Declared, Effect, Input, Monitor, Refusal, Reply, RequestId, Snapshot, TargetView};
use crate::store;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How long an owner may take to begin to listen, or to end, before it is taken for one that does not answer.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How often it is tried meanwhile.
const TRY_EVERY: Duration = Duration::from_millis(50);

/// What is watched, to be looked at and changed.
pub(super) struct Registry {
    /// Where the history of it is, or would be.
    pub data: PathBuf,
    /// Which file says it.
    pub configuration: PathBuf,
    pub picture: Arc<Snapshot>,
    way: Way,
}

enum Way {
    Owner(Box<Client>, Runtime),
    File(Box<Keeper>, Box<Monitor>),
}

impl Registry {
    /// Asks whoever makes the checks, or opens the file.
    ///
    /// # Errors
    /// With the exit code, when the reason was told.
    pub fn open(place: &Place) -> Result<Self, Exit> {
        let data = history::place(place.data.as_deref())?;
        let configuration = named(place)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| complain(&error.to_string(), Exit::System))?;
        if let Some(mut client) = owner(&data, &runtime)? {
            let picture = runtime.block_on(client.picture(Depth::States));
            let picture = picture.map_err(|error| complain(&error.to_string(), Exit::System))?;
            return Ok(Self { data, configuration, picture, way: Way::Owner(Box::new(client), runtime) });
        }
        let (keeper, loaded) = Keeper::open(&configuration, judge).map_err(|errors| wrong(&errors))?;
        let (now, Declared { settings, targets }) = (clock::system(), loaded.declared);
        let mut monitor = Monitor::new(now, settings, targets, Resumed::default(), &mut Vec::new());
        let picture = Arc::new(monitor.snapshot(now));
        Ok(Self { data, configuration, picture, way: Way::File(Box::new(keeper), Box::new(monitor)) })
    }

    /// The process that makes the checks, if one does.
    pub fn owner(&self) -> Option<u32> {
        match &self.way {
            Way::Owner(client, _) => Some(client.owner().process),
            Way::File(..) => None,
        }
    }

    /// Everything that is watched.
    pub fn views(&self) -> Vec<Arc<TargetView>> {
        self.picture.targets.iter().cloned().collect()
    }

    /// Has something changed. When this returns, it is on the disk.
    ///
    /// # Errors
    /// With the exit code, when the reason was told: it was refused, or whoever was asked has ended.
    pub fn ask(&mut self, command: Command) -> Result<Reply, Exit> {
        let reply = match &mut self.way {
            Way::Owner(client, runtime) => {
                runtime.block_on(client.command(command)).map_err(|error| complain(&error.to_string(), Exit::System))?
            }
            Way::File(keeper, monitor) => on_file(keeper, monitor, command)?,
        };
        match reply {
            Reply::Refused(refusal) => Err(complain(&refusal.to_string(), exit_of(&refusal))),
            reply => Ok(reply),
        }
    }
}

/// The configuration as it is, for what new targets are given.
///
/// # Errors
/// With the exit code, when the reason was told.
pub(super) fn load(configuration: &Path) -> Result<Loaded, Exit> {
    configuration::load(configuration).map_err(|errors| wrong(&errors))
}

fn named(place: &Place) -> Result<PathBuf, Exit> {
    let named = place.config.as_ref().map_or_else(paths::config_file, |path| Ok(path.clone()));
    named.map_err(|error| complain(&error.to_string(), Exit::Config))
}

fn wrong(errors: &ConfigErrors) -> Exit {
    // What cannot be told on standard error can be told nowhere.
    config::report(errors).unwrap_or(Exit::Config)
}

/// Whoever owns the history, if anybody does. Between two looks, one may begin or end.
fn owner(data: &Path, runtime: &Runtime) -> Result<Option<Client>, Exit> {
    let deadline = Instant::now() + WAIT_MAX;
    loop {
        match runtime.block_on(Client::connect(&paths::runtime_directories(), data)) {
            Ok(client) => return Ok(Some(client)),
            Err(LinkError::Nobody(_) | LinkError::Ended) if !store::is_owned(data) => return Ok(None),
            Err(LinkError::Nobody(_) | LinkError::Ended) if Instant::now() < deadline => std::thread::sleep(TRY_EVERY),
            Err(why) => {
                let told = format!("another portpulse owns the history in {}, and {why}", data.display());
                return Err(complain(&told, Exit::InUse));
            }
        }
    }
}

/// Has the monitor decide, and the file written.
fn on_file(keeper: &mut Keeper, monitor: &mut Monitor, command: Command) -> Result<Reply, Exit> {
    let request = RequestId(1);
    let mut effects = Vec::new();
    monitor.handle(clock::system(), Input::Asked(request, command), &mut effects);
    let changes = effects.iter().filter_map(|effect| match effect {
        Effect::Write(_, change) => Some(change.clone()),
        _ => None,
    });
    for change in changes.collect::<Vec<_>>() {
        keeper.apply(&change).map_err(|errors| wrong(&errors))?;
        monitor.handle(clock::system(), Input::Written(request, Ok(())), &mut effects);
    }
    let reply = effects.into_iter().find_map(|effect| match effect {
        Effect::Reply(_, reply) => Some(reply),
        _ => None,
    });
    Ok(reply.unwrap_or(Reply::Refused(Refusal::Nobody)))
}

/// How a command ends that was refused.
const fn exit_of(refusal: &Refusal) -> Exit {
    match refusal {
        Refusal::NotWritten(_) => Exit::Config,
        Refusal::Stopping | Refusal::Nobody => Exit::System,
        _ => Exit::Failed,
    }
}
