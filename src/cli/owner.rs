//! What makes the checks: prober, history, keeper of the configuration and monitor, put together around an inbox.

use super::share::{Share, Shared};
use crate::config::{self, ConfigErrors, Keeper, Loaded, watch::News};
use crate::domain::Wall;
use crate::domain::record::Resumed;
use crate::engine::{self, Handle, History, Ports, clock};
use crate::link::{Access, Server};
use crate::monitor::{Change, Declared, Effect, Input, Monitor, Recording, RequestId};
use crate::probe::{self, Limits};
use crate::store::Opened;
use crate::tui::Settings;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How often the configuration file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many words of the keeper may wait, in either direction.
const WORDS_MAX: usize = 64;

/// Everything that is needed to make the checks.
pub(super) struct Owning {
    pub declared: Declared,
    pub past: Past,
    /// The history that others may attach to and ask about while this runs.
    pub shared: Option<Shared>,
    /// What those others may do.
    pub access: Access,
    /// The configuration file; without one changes last until the end of the run.
    pub kept: Option<Kept>,
}

/// What was before, and where what comes is kept.
pub(super) struct Past {
    history: Option<History>,
    resumed: Resumed,
    /// What is said all the time while there is no history.
    missing: Option<Recording>,
}

impl Past {
    /// A store that was opened; `well` is what is said of it while it works.
    pub fn of(opened: Opened, well: Recording) -> Self {
        let Opened { store, resumed, statuses, notes } = opened;
        Self { history: Some(History { store, statuses, notes, well }), resumed, missing: None }
    }

    /// No history at all in this run, and why.
    pub fn missing(why: String, since: Wall) -> Self {
        let missing = Recording::Failing { since, why, waiting: 0, lost: 0 };
        Self { history: None, resumed: Resumed::default(), missing: Some(missing) }
    }
}

/// A configuration file that changes are written to, and that is watched for edits by hand.
pub(super) struct Kept {
    pub keeper: Keeper,
    pub screen_settings: Arc<ScreenSettings>,
}

/// How the screen looks and behaves with what the file says.
pub(super) type ScreenSettings = dyn Fn(&Loaded) -> Result<Settings, ConfigErrors> + Send + Sync;

/// What an engine is run with, and what runs beside it.
pub(super) struct Running {
    pub monitor: Monitor,
    pub wanted: Vec<Effect>,
    pub ports: Ports,
    pub server: Option<Server>,
}

impl Owning {
    /// Something that the user should know of how it began.
    pub fn note(&mut self, text: String) {
        if let Some(history) = &mut self.past.history {
            history.notes.push(text);
        }
    }

    /// Begins everything around the engine, which others reach through the handle.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn begin(self, handle: &Handle, front: &watch::Sender<Settings>) -> io::Result<Running> {
        if let Err(error) = probe::raise_descriptor_limit() {
            tracing::warn!("the descriptor limit stays as it is: {error}");
        }
        let Self { declared: Declared { settings, targets }, past, shared, access, kept } = self;
        let Past { mut history, resumed, missing } = past;
        let share = shared.zip(history.as_mut()).and_then(|(shared, history)| Share::prepare(shared, history));
        let prober = probe::spawn(Limits { parallelism: settings.parallelism, ..Limits::default() })?;
        let keeper = kept.map(|kept| keep(kept, front.clone())).transpose()?;
        let mut wanted = Vec::new();
        let mut monitor = Monitor::new(clock::system(), settings, targets, resumed, &mut wanted);
        if let Some(missing) = missing {
            monitor.handle(clock::system(), Input::Recording(missing), &mut wanted);
        }
        let server = share.and_then(|share| share.begin(handle.clone(), access));
        Ok(Running { monitor, wanted, ports: Ports { prober, history, keeper }, server })
    }
}

/// Starts the thread that keeps the configuration file. An edit by hand goes to the engine and to the
/// screen, or, if either could not use its part, to neither.
fn keep(kept: Kept, front: watch::Sender<Settings>) -> io::Result<engine::Keeper> {
    let Kept { keeper, screen_settings } = kept;
    let (changes, wanted) = sync_channel::<(RequestId, Change)>(WORDS_MAX);
    let (sender, words) = mpsc::channel(WORDS_MAX);
    config::watch::spawn(keeper, LOOK_EVERY, wanted, move |news| {
        let word = match news {
            News::Written(request, result) => Input::Written(request, result.map_err(|errors| errors.to_string())),
            News::Edited(read) => {
                let usable = read.and_then(|loaded| screen_settings(&loaded).map(|settings| (loaded, settings)));
                let declared = usable.map(|(loaded, settings)| {
                    front.send_modify(|before| *before = Settings { company: before.company.clone(), ..settings });
                    loaded.declared
                });
                Input::Declared(declared.map_err(|errors| errors.to_string()))
            }
        };
        // An error means that the engine has ended.
        if sender.blocking_send(word).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(engine::Keeper { changes, words })
}
