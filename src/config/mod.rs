//! `portpulse.toml`: what it says, why it is wrong, and how the keyboard edits it.

pub mod defaults;
pub mod duration;
pub mod error;
pub mod keys;
pub mod paths;
pub mod ui;

mod fields;
mod parse;
mod reader;
mod show;
mod targets;
mod value;

pub use defaults::Defaults;
pub use error::{ConfigError, ConfigErrors, Location};
pub use keys::{Binding, Keys};
pub use show::show;
pub use ui::{Ascii, SynchronizedOutput, Theme, Ui, Zone};

use crate::monitor::Declared;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The file that says what is built in, with every setting explained.
pub const DEFAULT_FILE: &str = include_str!("../../assets/config.toml");
/// How large a file may be, in bytes.
pub const FILE_MAX: u64 = 16 << 20;
/// How many targets a file may have (DESIGN 9).
pub const TARGETS_MAX: usize = 100_000;
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
    /// How the screen looks and behaves.
    pub ui: Ui,
    /// Keys bound anew, not judged yet.
    pub keys: Keys,
    /// Where it was read from.
    pub path: PathBuf,
    /// Whether there was such a file; without one everything is as built in.
    pub presence: Presence,
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
    match read(path)? {
        Some(text) => load_text(path, &text),
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
        declared: Declared { settings: contents.settings, targets: contents.targets },
        defaults: contents.defaults,
        ui: contents.ui,
        keys: contents.keys,
        path: path.to_owned(),
        presence: Presence::Present,
    })
}

/// The text of a file, or `None` when there is none.
fn read(path: &Path) -> Result<Option<String>, ConfigErrors> {
    match open(path) {
        Ok(file) => read_open(path, &file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error).into()),
    }
}

/// Opens without waiting for a writer, should it be a pipe.
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

fn unreadable(path: &Path, error: &io::Error) -> ConfigError {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied => "make it readable, or name another with --config FILE",
        _ => "look at the path, or name another with --config FILE",
    };
    ConfigError::file(path, format!("cannot be read: {error}"), hint)
}

fn read_open(path: &Path, file: &File) -> Result<String, ConfigErrors> {
    let unreadable = |error: io::Error| unreadable(path, &error);
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(ConfigError::file(path, "is no ordinary file", "name a TOML file").into());
    }
    let too_large = || ConfigError::file(path, "is larger than 16 MiB", "split it, or name a smaller one");
    if metadata.len() > FILE_MAX {
        return Err(too_large().into());
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    file.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(too_large().into());
    }
    if let Some(place) = bytes.iter().position(|&byte| byte == 0) {
        let line = bytes[..place].split(|&byte| byte == b'\n').count();
        let what = format!("is no text file: there is a NUL byte in line {line}");
        return Err(ConfigError::file(path, what, "save it as UTF-8 text").into());
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let location = Location::of(&text, &(valid..valid + 1));
        ConfigError::at(path, location, "this is not UTF-8", Some("save the file as UTF-8".to_owned())).into()
    })
}
