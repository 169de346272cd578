//! `portpulse import`: targets of other programs go into the configuration, all of them or none.

mod relative;
mod report;
mod scripts;

use super::args::Import;
use super::keymap::judge;
use super::{Exit, complain, config};
use crate::config::{ConfigError, ConfigErrors, Keeper, paths};
use crate::domain::Definition;
use crate::domain::text::clean;
use crate::exchange::import::plan::{Plan, plan};
use crate::exchange::import::{self, FILE_MAX, Foreign};
use crate::monitor::Change;
use scripts::Scripts;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Does it.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(import: &Import) -> io::Result<Exit> {
    let mut files = Vec::with_capacity(import.files.len());
    for path in &import.files {
        match fetch(path) {
            Ok(file) => files.push(file),
            Err(error) => {
                let path = clean(&path.display().to_string(), 256);
                return Ok(complain(&format!("{path}: cannot be read: {error}"), Exit::Data));
            }
        }
    }
    let mut read = match import::read(&files, import.from.0) {
        Ok(read) => read,
        Err(bad) => return Ok(complain(&format!("{bad}; nothing was changed"), Exit::Data)),
    };
    let path = match import.config.as_ref().map_or_else(paths::config_file, |path| Ok(path.clone())) {
        Ok(path) => path,
        Err(error) => return Ok(complain(&error.to_string(), Exit::Config)),
    };
    let (mut keeper, loaded) = match Keeper::open(&path, judge) {
        Ok(opened) => opened,
        Err(errors) => return config::report(&errors),
    };
    for (entries, file) in read.iter_mut().zip(&import.files) {
        if let Err(error) = relative::lead(entries, file, &path) {
            return Ok(complain(&format!("{error}; nothing was changed"), Exit::System));
        }
    }
    let mut scripts = Scripts::beside(&path);
    let entries = files.into_iter().map(|file| file.name).zip(read).collect();
    let there = &loaded.declared.targets;
    let planned =
        plan(there, &loaded.defaults, entries, import.on_conflict, &mut |stem, code| scripts.place(stem, code));
    let plan = match planned {
        Ok(plan) => plan,
        Err(error) => return Ok(complain(&format!("{error}; nothing was changed"), Exit::System)),
    };
    if let Err(errors) = try_out(&keeper, &plan) {
        return config::report(&errors);
    }
    if !import.dry_run && !plan.changes.is_empty() {
        if let Err(error) = scripts.write() {
            return Ok(complain(&format!("{error}; nothing was changed"), Exit::System));
        }
        if let Err(errors) = keeper.apply_all(&plan.changes) {
            scripts.take_back();
            return config::report(&errors);
        }
    }
    report::tell(import, &path, &plan, &scripts.names())
}

/// Whether the configuration would say what it is meant to say, every word of it.
fn try_out(keeper: &Keeper, plan: &Plan) -> Result<(), ConfigErrors> {
    let after = keeper.consider(&plan.changes)?;
    let there: HashMap<&str, &Definition> =
        after.declared.targets.iter().map(|target| (target.name.as_str(), target)).collect();
    let meant = plan.changes.iter().flat_map(|change| match change {
        Change::Add(definitions) | Change::Restore(definitions, _) => definitions.as_slice(),
        Change::Edit(_, definition) => std::slice::from_ref(&**definition),
        Change::Remove(_) | Change::SetActivity(..) => &[],
    });
    match meant.into_iter().find(|meant| there.get(meant.name.as_str()).is_none_or(|found| found != meant)) {
        None => Ok(()),
        Some(lost) => {
            let what = format!("cannot hold `{}` as it was read, so nothing was changed", lost.name);
            Err(ConfigError::file(keeper.path(), what, "write this target by hand").into())
        }
    }
}

/// Reads a file, no further than it may be long; a pipe is as good as a file.
fn fetch(path: &Path) -> io::Result<Foreign> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().take(FILE_MAX + 1).read_to_end(&mut bytes)?;
        return Ok(Foreign { name: "standard input".to_owned(), bytes });
    }
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory: name the files in it"));
    }
    file.take(FILE_MAX + 1).read_to_end(&mut bytes)?;
    Ok(Foreign { name: path.display().to_string(), bytes })
}
