//! Reads the file whole and replaces it whole.

use super::FILE_MAX;
use super::error::{ConfigError, ConfigErrors, Location};
use rustix::fs::{Access, Gid, Mode, OFlags, Uid};
use std::fs::{self, DirBuilder, File, Metadata, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How long another writer is waited for.
const TURN_MAX: Duration = Duration::from_secs(5);
/// How often it is tried meanwhile.
const TRY_EVERY: Duration = Duration::from_millis(5);

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// How the file looks now; `None` when there is none.
pub(super) fn look(path: &Path) -> Result<Option<Stamp>, ConfigErrors> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(Stamp::of(&metadata))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// The text of a file and how it looked while it was read; `None` when there is none.
pub(super) fn read(path: &Path) -> Result<Option<(String, Stamp)>, ConfigErrors> {
    match open(path) {
        Ok(file) => read_open(path, &file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// Opens without waiting for a writer, should it be a pipe.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

fn unreadable(path: &Path, error: &io::Error) -> ConfigErrors {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied => "make it readable, or name another with --config FILE",
        _ => "look at the path, or name another with --config FILE",
    };
    ConfigError::file(path, format!("cannot be read: {error}"), hint).into()
}

fn read_open(path: &Path, file: &File) -> Result<(String, Stamp), ConfigErrors> {
    let unreadable = |error: io::Error| unreadable(path, &error);
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(ConfigError::file(path, "is no ordinary file", "name a TOML file").into());
    }
    let mut bytes = Vec::new();
    if metadata.len() <= FILE_MAX {
        bytes.reserve(metadata.len() as usize);
        file.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if metadata.len().max(bytes.len() as u64) > FILE_MAX {
        return Err(ConfigError::file(path, "is larger than 16 MiB", "name a smaller one").into());
    }
    if let Some(place) = bytes.iter().position(|&byte| byte == 0) {
        let line = bytes[..place].split(|&byte| byte == b'\n').count();
        let what = format!("is no text file: there is a NUL byte in line {line}");
        return Err(ConfigError::file(path, what, "save it as UTF-8 text").into());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let location = Location::of(&text, &(valid..valid + 1));
        ConfigError::at(path, location, "this is not UTF-8", Some("save the file as UTF-8".to_owned()))
    })?;
    Ok((text, Stamp::of(&metadata)))
}

/// The turn of one writer: other portpulses wait until it is dropped.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "the lock goes with it")] File);

/// Waits until no other portpulse writes the file. It is the directory that is locked, because the file is another
/// one after each change. `None` where that cannot be done, or somebody has their turn for longer than a change
/// takes: then there are only the stamps.
pub(super) fn turn(path: &Path) -> Option<Turn> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let directory = File::open(directory(&real)).ok()?;
    let mut waited = Duration::ZERO;
    while let Err(TryLockError::WouldBlock) = directory.try_lock() {
        if waited >= TURN_MAX {
            return None;
        }
        thread::sleep(TRY_EVERY);
        waited += TRY_EVERY;
    }
    Some(Turn(directory))
}

/// Replaces a file that looked like `stamp`, keeping its mode and its owner, through symbolic
/// links. Nobody ever sees half of it, and it is on disk when this returns.
///
/// `Ok(None)` says that somebody else has written to it meanwhile, and nothing was changed.
pub(super) fn replace(path: &Path, stamp: Stamp, text: &str) -> Result<Option<Stamp>, ConfigErrors> {
    let unwritable = |error: io::Error| unwritable(path, &error);
    let real = path.canonicalize().map_err(unwritable)?;
    rustix::fs::access(&real, Access::WRITE_OK).map_err(|error| unwritable(error.into()))?;
    let old = fs::metadata(&real).map_err(unwritable)?;
    let mut file = beside(&real).map_err(unwritable)?;
    file.write_all(text.as_bytes()).map_err(unwritable)?;
    let new = file.as_file().metadata().map_err(unwritable)?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        rustix::fs::fchown(file.as_file(), Some(Uid::from_raw(old.uid())), Some(Gid::from_raw(old.gid()))).map_err(
            |_| {
                let hint = "edit it as its owner, or copy it and name the copy with --config FILE";
                ConfigErrors::from(ConfigError::file(path, "belongs to somebody else, and would not any more", hint))
            },
        )?;
    }
    file.as_file().set_permissions(old.permissions()).map_err(unwritable)?;
    file.as_file().sync_all().map_err(unwritable)?;
    if look(&real)? != Some(stamp) {
        return Ok(None);
    }
    let file = file.persist(&real).map_err(|error| unwritable(error.error))?;
    sync_parent(&real).map_err(unwritable)?;
    file.metadata().map(|metadata| Some(Stamp::of(&metadata))).map_err(unwritable)
}

/// Creates a file, readable by its owner only, and the directories above it.
///
/// `Ok(None)` says that somebody else has created it meanwhile, and nothing was changed.
pub(super) fn create(path: &Path, text: &str) -> Result<Option<Stamp>, ConfigErrors> {
    let unwritable = |error: io::Error| unwritable(path, &error);
    if path.is_symlink() {
        let hint = "create the file that it names, or remove the link";
        return Err(ConfigError::file(path, "is a symbolic link that leads nowhere", hint).into());
    }
    if let Some(parent) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(unwritable)?;
    }
    let mut file = beside(path).map_err(unwritable)?;
    file.write_all(text.as_bytes()).map_err(unwritable)?;
    file.as_file().sync_all().map_err(unwritable)?;
    match file.persist_noclobber(path) {
        Ok(file) => {
            sync_parent(path).map_err(unwritable)?;
            file.metadata().map(|metadata| Some(Stamp::of(&metadata))).map_err(unwritable)
        }
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(unwritable(error.error)),
    }
}

/// A new file in the same directory, mode 0600, that goes away unless it takes its place.
fn beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".portpulse-").suffix(".toml").tempfile_in(directory(path))
}

fn directory(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => PathBuf::from("/"),
    }
}

/// A new name is on disk only when its directory is.
fn sync_parent(path: &Path) -> io::Result<()> {
    File::open(directory(path))?.sync_all()
}

fn unwritable(path: &Path, error: &io::Error) -> ConfigErrors {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "make the file and its directory writable, or name another with --config FILE"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room and try again",
        _ => "nothing was changed; try again, or edit it by hand",
    };
    ConfigError::file(path, format!("cannot be written: {error}"), hint).into()
}
