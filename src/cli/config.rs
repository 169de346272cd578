//! `portpulse config`: is the file right, where is it, what does it say.

use super::args::Config;
use super::keymap::judge;
use super::{Exit, complain};
use crate::config::{self, ConfigErrors, Loaded, Presence, paths};
use std::io::{self, Write};
use std::path::PathBuf;

/// Does it.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(what: &Config) -> io::Result<Exit> {
    match what {
        Config::Check { file, config } => on_file(file.as_ref().or(config.as_ref()), check),
        Config::Path => match paths::config_file() {
            Ok(path) => write_out(&format!("{}\n", path.display())),
            Err(error) => Ok(complain(&error.to_string(), Exit::Config)),
        },
        Config::Show { default: true, .. } => write_out(config::DEFAULT_FILE),
        Config::Show { file, config, .. } => {
            on_file(file.as_ref().or(config.as_ref()), |loaded| write_out(&config::show(loaded)))
        }
    }
}

/// Reads the file and goes on with it, or reports everything that is wrong with it. A file that
/// was named must be there.
pub(super) fn on_file(named: Option<&PathBuf>, go_on: impl FnOnce(&Loaded) -> io::Result<Exit>) -> io::Result<Exit> {
    let is_named = named.is_some();
    let path = match named.map_or_else(paths::config_file, |path| Ok(path.clone())) {
        Ok(path) => path,
        Err(error) => return Ok(complain(&error.to_string(), Exit::Config)),
    };
    let loaded = match config::load(&path).and_then(|loaded| judge(&loaded).map(|()| loaded)) {
        Ok(loaded) => loaded,
        Err(errors) => return report(&errors),
    };
    if is_named && loaded.presence == Presence::Missing {
        return Ok(complain(&format!("{}: there is no such file", path.display()), Exit::Config));
    }
    go_on(&loaded)
}

/// What the monitor tells of a target while it runs, a script that is not there, is told here as well.
fn check(loaded: &Loaded) -> io::Result<Exit> {
    match config::check_scripts(loaded) {
        Ok(()) => write_out(&praise(loaded)),
        Err(errors) => report(&errors),
    }
}

/// Tells every mistake on standard error, each with its line and a caret.
pub(crate) fn report(errors: &ConfigErrors) -> io::Result<Exit> {
    let reports: Vec<String> = errors.iter().map(config::ConfigError::report).collect();
    io::stderr().write_all(reports.join("\n").as_bytes())?;
    Ok(Exit::Config)
}

fn praise(loaded: &Loaded) -> String {
    let path = loaded.path.display();
    if loaded.presence == Presence::Missing {
        return format!("{path}: there is no such file yet; everything is as built in\n");
    }
    let count = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let targets = count(loaded.declared.targets.len(), "target");
    let canaries = count(loaded.declared.settings.canaries.len(), "canary").replace("canarys", "canaries");
    let keys = count(loaded.keys.bindings.len(), "key binding");
    let windows = match loaded.declared.settings.maintenance.len() {
        0 => String::new(),
        number => format!(", {} of maintenance", count(number, "time")),
    };
    format!("{path}: ok: {targets}, {canaries}, {keys}{windows}\n")
}

fn write_out(text: &str) -> io::Result<Exit> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(Exit::Fine)
}
