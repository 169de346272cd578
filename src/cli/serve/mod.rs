//! `portpulse serve`: makes the checks without a screen, for those who attach.

mod http;
mod ready;

use super::args::Serve;
use super::backstage::{self, Ended, Part};
use super::estate::Estate;
use super::keymap::{judge, keymap};
use super::watch::{place, wrong};
use super::{Exit, complain};
use crate::config::{self, Loaded, paths};
use crate::link::Access;
use crate::serve::Server;
use crate::tui::Settings;
use crate::tui::settings::Company;
use http::{Guarded, Listening};
use std::io;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Serves until a signal asks for the end.
///
/// # Errors
/// The system refuses a thread or a signal handler.
pub fn run(serve: &Serve) -> io::Result<Exit> {
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).try_init().map_err(io::Error::other)?;
    let found = place(serve.config.as_deref(), paths::config_file)
        .and_then(|path| Ok((path, place(serve.data.as_deref(), paths::data_directory)?)));
    let (configuration, data) = match found {
        Ok(found) => found,
        Err(error) => return Ok(complain(&error.to_string(), Exit::Config)),
    };
    let known = match config::load(&configuration).and_then(|loaded| judge(&loaded).map(|()| loaded)) {
        Ok(loaded) => Arc::new(loaded),
        Err(errors) => return Ok(wrong(&errors)),
    };
    // Before the checks begin: whoever wants it and cannot have it is told at once.
    let front = front_of(&known);
    let listening = match Listening::begin(serve, known.serve.clone()) {
        Ok(listening) => listening,
        Err(exit) => return Ok(exit),
    };
    let access = if serve.read_only { Access::ReadOnly } else { Access::Full };
    // There is no screen, but what the file says of one has to be right.
    let screen_settings = Arc::new(|loaded: &Loaded| Ok(Settings { keymap: keymap(loaded)?, ..front_of(loaded) }));
    match (Estate { configuration, data: data.clone(), access, screen_settings, known }).part()? {
        Ok(part) => match listening.map(|listening| listening.guarded(data)).transpose() {
            Ok(http) => serve_as(part, front, http),
            Err(exit) => Ok(exit),
        },
        Err(exit) => Ok(exit),
    }
}

/// What new targets are given.
fn front_of(loaded: &Loaded) -> Settings {
    Settings { defaults: loaded.defaults.clone(), tags: loaded.tags.clone(), ..Settings::default() }
}

fn serve_as(part: Part, front: Settings, http: Option<Guarded>) -> io::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Before anything is begun: a signal that comes early is heard.
    let signals = runtime.block_on(async { Signals::listen() })?;
    let (front, company) = watch::channel(front);
    let tally = http.as_ref().map(Guarded::tally);
    let stage = backstage::spawn(part, front, tally)?;
    let handle = stage.handle();
    let http = http.map(|http| http.answer(handle.clone(), company.clone())).transpose()?;
    let mut snapshots = handle.snapshots();
    let targets = snapshots.borrow().targets.len();
    tracing::info!("watching {targets} targets; `portpulse` attaches");
    ready::tell("READY=1");
    let asked = runtime.block_on(async {
        tokio::select! {
            () = signals.asked_to_end() => true,
            () = tell_company(company) => false,
            // The engine has ended, or nobody is to go on with the checks.
            () = async { while snapshots.changed().await.is_ok() {} } => false,
        }
    });
    ready::tell("STOPPING=1");
    http.into_iter().for_each(Server::end);
    let saved = runtime.block_on(handle.stop());
    drop(handle);
    let ended = stage.join();
    match saved {
        Ok(Err(unsaved)) => Ok(complain(&unsaved.to_string(), Exit::System)),
        _ if asked || ended == Ended::Dismissed => Ok(Exit::Fine),
        _ => Ok(complain("the monitor has ended by itself", Exit::Software)),
    }
}

/// Writes into the log who makes the checks, whenever that changes.
async fn tell_company(mut company: watch::Receiver<Settings>) {
    let mut known = None;
    loop {
        let now = company.borrow_and_update().company.clone();
        let owner = match &now {
            Company::Owner { .. } => None,
            Company::Attached { process, .. } | Company::Silent { process, .. } | Company::Gone { process, .. } => {
                Some(*process)
            }
        };
        match now {
            Company::Owner { .. } if known.is_some_and(|known| known != owner) => {
                tracing::info!("this portpulse makes the checks now");
            }
            Company::Attached { process, .. } if known != Some(owner) => {
                tracing::info!("process {process} makes the checks; standing by");
            }
            Company::Silent { process, .. } => tracing::warn!("nothing is heard of process {process}"),
            Company::Gone { process, why, .. } => tracing::warn!("process {process} is gone: {why}"),
            Company::Owner { .. } | Company::Attached { .. } => {}
        }
        known = Some(owner);
        if company.changed().await.is_err() {
            // It ends, and whoever ends it says so.
            return std::future::pending().await;
        }
    }
}

/// The signals that concern a service.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// The configuration is looked at all the time; without a terminal nothing else is meant by it.
    _hang_up: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            _hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn asked_to_end(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
