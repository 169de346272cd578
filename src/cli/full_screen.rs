//! Puts a screen in front of whoever makes the checks, and takes both apart at the end.

use super::Exit;
use super::backstage::{self, Ended, Part};
use crate::config::{self, Ascii};
use crate::engine::{self, Handle, clock};
use crate::store;
use crate::tui::Settings;
use crate::tui::glyphs::Charset;
use crate::tui::shell::{self, Ending, NoTerminal, Terminal, guard};
use crate::tui::theme::Theme;
use std::fs::OpenOptions;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// Everything that a full-screen program is made of.
pub(super) struct Program<'p> {
    /// Who makes the checks.
    pub part: Part,
    pub screen: Settings,
    pub terminal: Terminal,
    pub log: Option<&'p Path>,
}

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
    let clock = clock::system;
    let (front, screen) = watch::channel(program.screen);
    let stage = backstage::spawn(program.part, front, None)?;
    let handle = stage.handle();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let screen = shell::run(screen, handle.clone(), program.terminal, clock);
    let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(screen)));
    if matches!(ended, Ok(Ok(Ending::QuitForAll))) {
        stage.dismiss();
    }
    let saved = stop(&runtime, &handle);
    drop(handle);
    // The threads that are left read a terminal or wait for a resolver; the process ends without them.
    runtime.shutdown_background();
    let done = stage.join();
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
        Ok(Ok(Ending::EngineLost)) if done == Ended::Dismissed => {
            guard::say("the portpulse that made the checks has ended them for all");
            Exit::Ended(0)
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
