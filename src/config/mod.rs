//! `portpulse.toml`: what it says, why it is wrong, and how the keyboard edits it.

pub mod defaults;
pub mod duration;
pub mod edit;
pub mod error;
pub mod keeper;
pub mod keys;
pub mod paths;
pub mod policy;
pub mod serve;
pub mod ui;
pub mod watch;

mod endpoints;
mod evaluation;
mod fields;
mod file;
mod layer;
mod maintenance;
mod parse;
mod reader;
mod show;
mod steps;
mod tags;
mod targets;
mod value;

pub use defaults::Defaults;
pub use error::{ConfigError, ConfigErrors, Location};
pub use keeper::{Judge, Keeper};
pub use keys::{Binding, Keys};
pub use serve::Serve;
pub use show::show;
pub use tags::Tags;
pub use ui::{Ascii, SynchronizedOutput, Theme, Ui, Zone};

use crate::monitor::Declared;
use std::path::{Path, PathBuf};

/// The file that says what is built in, with every setting explained.
pub const DEFAULT_FILE: &str = include_str!("../../assets/config.toml");
/// How large a file may be, in bytes.
pub const FILE_MAX: u64 = 16 << 20;
/// How many targets a file may have (DESIGN 9).
pub const TARGETS_MAX: usize = 100_000;
/// How many endpoints all targets of a file may have together: short forms say much in little room.
pub const ENDPOINTS_TOTAL_MAX: usize = 500_000;
/// How long a name may be, in characters: the longest address is 261.
pub const NAME_MAX: usize = 264;
/// How long a note may be, in characters.
pub const NOTE_MAX: usize = 1_000;
/// How long a tag may be, in characters.
pub const TAG_MAX: usize = 32;
/// How many tags a target may have.
pub const TAGS_MAX: usize = 16;

/// Everything that a configuration file says, defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// What the monitor is told.
    pub declared: Declared,
    /// What a new target is given.
    pub defaults: Defaults,
    /// What targets are given by their tags.
    pub tags: Tags,
    /// How the screen looks and behaves.
    pub ui: Ui,
    /// What programs may do over HTTP.
    pub serve: Serve,
    /// Keys bound anew, not judged yet.
    pub keys: Keys,
    /// Where it was read from.
    pub path: PathBuf,
    /// Whether there was such a file; without one everything is as built in.
    pub presence: Presence,
}

/// Looks whether the scripts are there that a file names. A monitor starts without them: it tells of each target
/// that it has no verdict.
///
/// # Errors
/// With the place of each that is missing, or when the file cannot be read any more.
pub fn check_scripts(loaded: &Loaded) -> Result<(), ConfigErrors> {
    file::read(&loaded.path)?.map_or(Ok(()), |(text, _)| parse::missing_scripts(&loaded.path, &text))
}

/// Whether there is a configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// There is.
    Present,
    /// There is none yet; the first change creates it.
    Missing,
}

/// Reads a configuration file. A missing one says nothing and is no error.
///
/// # Errors
/// With everything that is wrong with it, at most 20 mistakes.
pub fn load(path: &Path) -> Result<Loaded, ConfigErrors> {
    match file::read(path)? {
        Some((text, _)) => load_text(path, &text),
        None => Ok(Loaded { presence: Presence::Missing, ..load_text(path, "")? }),
    }
}

/// Reads the text of a configuration file; `path` is where it is said to come from.
///
/// # Errors
/// With everything that is wrong with it, at most 20 mistakes.
pub fn load_text(path: &Path, text: &str) -> Result<Loaded, ConfigErrors> {
    let contents = parse::parse(path, text)?;
    Ok(Loaded {
        declared: Declared {
            settings: contents.settings,
            targets: contents.targets.into_iter().map(|read| read.definition).collect(),
        },
        defaults: contents.defaults,
        tags: contents.tags,
        ui: contents.ui,
        serve: contents.serve,
        keys: contents.keys,
        path: path.to_owned(),
        presence: Presence::Present,
    })
}
