//! Puts the parts together: prober, store, keeper of the configuration, engine, screen; and takes them apart at the end.

use super::Exit;
use super::share::{Share, Shared};
use crate::config::{self, Ascii, ConfigErrors, Keeper, Loaded, watch::News};
use crate::domain::Wall;
use crate::domain::record::Resumed;
use crate::engine::{self, Handle, History, Ports, clock};
use crate::monitor::{Change, Declared, Input, Monitor, Recording, RequestId};
use crate::probe::{self, Limits};
use crate::store::{self, Opened};
use crate::tui::Settings;
use crate::tui::glyphs::Charset;
use crate::tui::shell::{self, Ending, NoTerminal, Terminal, guard};
use crate::tui::theme::Theme;
use std::fs::OpenOptions;
use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

/// How often the configuration file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many words of the keeper may wait, in either direction.
const WORDS_MAX: usize = 64;

/// Everything that a full-screen program is made of.
pub(super) struct Program<'p> {
    pub declared: Declared,
    pub past: Past,
    /// What others may ask about while this runs.
    pub shared: Option<Shared>,
    /// The configuration file; without one changes last until the end of the run.
    pub kept: Option<Kept>,
    pub screen: Settings,
    pub terminal: Terminal,
    pub log: Option<&'p Path>,
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
    pub screen_settings: Box<ScreenSettings>,
}

/// How the screen looks and behaves with what the file says.
type ScreenSettings = dyn Fn(&Loaded) -> Result<Settings, ConfigErrors> + Send;

/// The terminal of this process, and from now on a panic gives it back; a panic of the storage engine
/// on a damaged file is dealt with where it happens.
///
/// # Errors
/// There is no terminal that a screen can be shown on.
pub(super) fn terminal() -> Result<Terminal, NoTerminal> {
    let terminal = Terminal::of_this_process()?;
    guard::install_panic_hook(terminal, store::is_contained);
    Ok(terminal)
}

/// Runs the program until its end.
///
/// # Errors
/// The system refuses a thread or the terminal.
pub(super) fn show(program: Program<'_>) -> io::Result<Exit> {
    if let Some(path) = program.log {
        log_to(path)?;
    }
    if let Err(error) = probe::raise_descriptor_limit() {
        tracing::warn!("the descriptor limit stays as it is: {error}");
    }
    let clock = clock::system;
    let Declared { settings, targets } = program.declared;
    let Past { mut history, resumed, missing } = program.past;
    let share = program.shared.zip(history.as_mut()).and_then(|(shared, history)| Share::prepare(shared, history));
    let prober = probe::spawn(Limits { parallelism: settings.parallelism, ..Limits::default() })?;
    let (tell_screen, screen) = watch::channel(program.screen);
    let keeper = program.kept.map(|kept| keep(kept, tell_screen)).transpose()?;
    let mut wanted = Vec::new();
    let mut monitor = Monitor::new(clock(), settings, targets, resumed, &mut wanted);
    if let Some(missing) = missing {
        monitor.handle(clock(), Input::Recording(missing), &mut wanted);
    }
    let (handle, engine) = engine::spawn(monitor, wanted, Ports { prober, history, keeper }, clock)?;
    let server = share.and_then(|share| share.begin(handle.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let screen = shell::run(screen, handle.clone(), program.terminal, clock);
    let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(screen)));
    // Whoever comes now finds nobody, and looks again when the history is free.
    drop(server);
    let saved = stop(&runtime, &handle);
    drop(handle);
    // The threads that are left read a terminal or wait for a resolver; the process ends without them.
    runtime.shutdown_background();
    if engine.join().is_err() {
        tracing::error!("the engine has panicked");
    }
    for panic in guard::panics() {
        guard::say(&format!("a part has failed: {panic}"));
    }
    if let Err(why) = saved {
        guard::say(&why);
    }
    Ok(match ended {
        Err(_) => Exit::Software,
        Ok(Err(error)) => {
            guard::say(&format!("the terminal cannot be used: {error}"));
            Exit::NoTerminal
        }
        Ok(Ok(Ending::EngineLost)) => {
            guard::say("the monitor has ended by itself");
            Exit::Software
        }
        Ok(Ok(ending)) => Exit::Ended(ending.exit_code()),
    })
}

/// Ends the engine; everything unsaved is brought to the disk.
fn stop(runtime: &Runtime, handle: &Handle) -> Result<(), String> {
    match runtime.block_on(handle.stop()) {
        Ok(saved) => saved.map_err(|unsaved| unsaved.to_string()),
        // It has ended before, and has saved then what it could.
        Err(engine::Stopped) => Ok(()),
    }
}

/// Starts the thread that keeps the configuration file. An edit by hand goes to the engine and to the
/// screen, or, if either could not use its part, to neither.
fn keep(kept: Kept, screen: watch::Sender<Settings>) -> io::Result<engine::Keeper> {
    let Kept { keeper, screen_settings } = kept;
    let (changes, wanted) = sync_channel::<(RequestId, Change)>(WORDS_MAX);
    let (sender, words) = mpsc::channel(WORDS_MAX);
    config::watch::spawn(keeper, LOOK_EVERY, wanted, move |news| {
        let word = match news {
            News::Written(request, result) => Input::Written(request, result.map_err(|errors| errors.to_string())),
            News::Edited(read) => {
                let usable = read.and_then(|loaded| screen_settings(&loaded).map(|settings| (loaded, settings)));
                let declared = usable.map(|(loaded, settings)| {
                    screen.send_replace(settings);
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

/// Writes what parts of the program have to say about themselves into a file; the screen is taken.
fn log_to(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    let file = file.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    tracing_subscriber::fmt().with_writer(file).with_ansi(false).try_init().map_err(io::Error::other)
}

/// The theme, unless `NO_COLOR` asks for none. The terminal library takes `NO_COLOR` for a wish to
/// lose bold and reverse as well, and so is told otherwise; the theme then has no colours.
pub(super) fn theme(theme: config::Theme) -> Theme {
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        crossterm::style::force_color_output(true);
        return Theme::Mono;
    }
    match theme {
        config::Theme::Ansi => Theme::Ansi,
        config::Theme::ColourBlind => Theme::ColourBlind,
        config::Theme::Mono => Theme::Mono,
        config::Theme::True => Theme::True,
    }
}

/// The characters of this terminal: ASCII on the Linux console and where the locale is not UTF-8.
pub(super) fn charset(ascii: Ascii, terminal: Terminal) -> Charset {
    let has_unicode = match ascii {
        Ascii::Always => false,
        Ascii::Never => true,
        Ascii::Auto => terminal != Terminal::Console && locale_is_utf8(),
    };
    if has_unicode { Charset::Unicode } else { Charset::Ascii }
}

/// The first of the three variables that is set decides (POSIX, 8.2).
fn locale_is_utf8() -> bool {
    let mut set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os);
    let locale = set.find(|value| !value.is_empty());
    let locale = locale.map(|value| value.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    locale.contains("utf-8") || locale.contains("utf8")
}
