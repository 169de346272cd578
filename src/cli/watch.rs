//! `portpulse`: watches what the configuration says, or the targets of the command line, on the full screen.

use super::args::{Arguments, Watch, addresses};
use super::backstage::Part;
use super::estate::Estate;
use super::full_screen::{self, Program};
use super::keymap::{judge, keymap};
use super::owner::{Owning, Past};
use super::scratch::Scratch;
use super::{Exit, complain};
use crate::config::{self, Defaults, Loaded, paths};
use crate::engine::clock;
use crate::link::Access;
use crate::monitor::{Declared, Recording};
use crate::store::OpenError;
use crate::tui::settings::{self, Switch, Watching};
use crate::tui::shell::Terminal;
use crate::tui::text::Zone;
use clap::CommandFactory;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Watches until the user quits. What stands in the way is said before the screen is taken over.
///
/// # Errors
/// The system refuses a thread, a temporary directory, or the terminal.
pub fn run(watch: &Watch) -> io::Result<Exit> {
    let said = addresses(&watch.targets)
        .map_err(|error| misplaced(&watch.targets).unwrap_or_else(|| error.to_string()))
        .and_then(|addresses| watch.group.definitions(addresses, &Defaults::default()));
    if let Err(told) = said {
        return Ok(complain(&told, Exit::Usage));
    }
    let terminal = match full_screen::terminal() {
        Ok(terminal) => terminal,
        Err(error) => return Ok(complain(&error.to_string(), Exit::NoTerminal)),
    };
    let path = match place(watch.config.as_deref(), paths::config_file) {
        Ok(path) => path,
        Err(error) => return Ok(complain(&error.to_string(), Exit::Config)),
    };
    if watch.targets.is_empty() { configured(watch, terminal, &path) } else { temporary(watch, terminal, &path) }
}

/// A command that stands behind options is taken for a target: what to write instead.
fn misplaced(targets: &[String]) -> Option<String> {
    let known = Arguments::command();
    let command = targets.iter().find(|target| known.find_subcommand(target).is_some())?;
    Some(format!("`{command}` is a command: it comes first, and its options behind it: portpulse {command} [OPTIONS]"))
}

pub(super) fn place(
    named: Option<&Path>,
    usual: fn() -> Result<PathBuf, paths::NoHome>,
) -> Result<PathBuf, paths::NoHome> {
    named.map_or_else(usual, |named| Ok(named.to_owned()))
}

/// Watches what the configuration file says, and keeps history; or attaches to the portpulse that does.
fn configured(watch: &Watch, terminal: Terminal, path: &Path) -> io::Result<Exit> {
    let loaded = match config::load(path).and_then(|loaded| judge(&loaded).map(|()| loaded)) {
        Ok(loaded) => loaded,
        Err(errors) => return Ok(wrong(&errors)),
    };
    let data = match place(watch.data.as_deref(), paths::data_directory) {
        Ok(data) => data,
        Err(error) => return Ok(complain(&error.to_string(), Exit::Config)),
    };
    let watching = Watching::Configured { configuration: path.to_owned(), data: data.clone() };
    let screen_settings = {
        let watch = watch.clone();
        move |loaded: &Loaded| screen_settings(&watch, terminal, loaded, watching.clone())
    };
    let screen = match screen_settings(&loaded) {
        Ok(screen) => screen,
        Err(errors) => return Ok(wrong(&errors)),
    };
    let estate = Estate {
        configuration: path.to_owned(),
        data,
        access: if watch.read_only { Access::ReadOnly } else { Access::Full },
        screen_settings: Arc::new(screen_settings),
        known: Arc::new(loaded),
    };
    match estate.part()? {
        Ok(part) => full_screen::show(Program { part, screen, terminal, log: watch.log.as_deref() }),
        Err(exit) => Ok(exit),
    }
}

/// Watches the targets of the command line; everything is forgotten at the end.
fn temporary(watch: &Watch, terminal: Terminal, path: &Path) -> io::Result<Exit> {
    let addresses = match addresses(&watch.targets) {
        Ok(addresses) => addresses,
        Err(error) => return Ok(complain(&error.to_string(), Exit::Usage)),
    };
    let loaded = match config::load(path) {
        Ok(loaded) => loaded,
        Err(errors) => return Ok(wrong(&errors)),
    };
    let screen = match screen_settings(watch, terminal, &loaded, Watching::Temporary) {
        Ok(screen) => screen,
        Err(errors) => return Ok(wrong(&errors)),
    };
    let targets = match watch.group.definitions(addresses, &loaded.defaults) {
        Ok(targets) => targets,
        Err(wrong) => return Ok(complain(&wrong, Exit::Usage)),
    };
    let scratch = Scratch::new();
    let now = clock::system().wall;
    let past = match scratch.as_ref().map(|scratch| scratch.open(now)) {
        Ok(opened) => Past::of(opened?, Recording::Temporary),
        Err(error) => Past::missing(format!("there is no place for a temporary history: {error}"), now),
    };
    let declared = Declared { settings: loaded.declared.settings, targets };
    let owning = Owning { declared, past, shared: None, access: Access::Full, kept: None };
    full_screen::show(Program { part: Part::Owner(Box::new(owning)), screen, terminal, log: watch.log.as_deref() })
}

/// Says everything that is wrong with the configuration.
pub(super) fn wrong(errors: &config::ConfigErrors) -> Exit {
    let reports: Vec<String> = errors.iter().map(config::ConfigError::report).collect();
    complain(&reports.join("\n"), Exit::Config)
}

/// Says why there is no history.
pub(super) fn refused(error: &OpenError) -> Exit {
    let exit = if matches!(error, OpenError::InUse { .. }) { Exit::InUse } else { Exit::System };
    complain(&error.to_string(), exit)
}

/// How the screen looks and behaves: the command line before the file, `NO_COLOR` before both.
fn screen_settings(
    watch: &Watch,
    terminal: Terminal,
    loaded: &Loaded,
    watching: Watching,
) -> Result<settings::Settings, config::ConfigErrors> {
    let switch = |on| if on { Switch::On } else { Switch::Off };
    let ui = &loaded.ui;
    Ok(settings::Settings {
        theme: full_screen::theme(watch.theme.unwrap_or(ui.theme)),
        charset: full_screen::charset(if watch.ascii { config::Ascii::Always } else { ui.ascii }, terminal),
        bell: switch(ui.bell),
        confirm_quit: switch(ui.confirm_quit && !watch.no_confirm_quit),
        mouse: switch(ui.mouse),
        synchronized: ui.sync,
        access: if watch.read_only { settings::Access::ReadOnly } else { settings::Access::Full },
        zone: match ui.zone {
            config::Zone::Local => Zone::Local,
            config::Zone::Utc => Zone::Utc,
        },
        keymap: keymap(loaded)?,
        watching,
        defaults: loaded.defaults.clone(),
        tags: loaded.tags.clone(),
        company: settings::Company::Owner { others: 0 },
    })
}
