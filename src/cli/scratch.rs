//! A history for one run: in a directory of its own for temporary files, gone at the end; what a run left behind that was killed is removed by the next.

use crate::domain::Wall;
use crate::store::{self, OpenError, Opened, Options};
use rustix::process::geteuid;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use tempfile::TempDir;

/// How the names of these directories begin.
const PREFIX: &str = "portpulse-run-";
/// The file in such a directory that says that nobody misses it.
const MARK: &str = "TEMPORARY";
/// How often a directory is made that somebody else takes for left behind before it can be locked.
const TRIES: usize = 8;

/// A directory that is gone when this is dropped. It is locked for as long: one of ours that is not was left behind.
#[derive(Debug)]
pub(super) struct Scratch {
    directory: TempDir,
    _lock: File,
}

impl Scratch {
    /// A new directory. Those that were left behind are removed.
    ///
    /// # Errors
    /// There is no usable place for temporary files.
    pub fn new() -> io::Result<Self> {
        let place = std::env::temp_dir();
        let said = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", place.display()));
        remove_left_behind(&place);
        for _ in 0..TRIES {
            let directory = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&place).map_err(said)?;
            if let Some(lock) = locked(directory.path()) {
                // A disk that is full has no room for it; then the directory stays if this run is killed.
                let _ = fs::write(directory.path().join(MARK), "the history of one run of portpulse\n");
                return Ok(Self { directory, _lock: lock });
            }
        }
        Err(said(io::Error::other("what is made there is removed at once")))
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Opens the history, now or when the disk lets us.
    ///
    /// # Errors
    /// The system refuses a thread, or the directory is not ours any more.
    pub fn open(&self, now: Wall) -> io::Result<Opened> {
        match store::open(self.path(), Options::default()) {
            Ok(opened) => Ok(opened),
            Err(error @ OpenError::Unusable { .. }) => store::open_later(self.path(), Options::default(), &error, now),
            Err(error) => Err(io::Error::other(error.to_string())),
        }
    }
}

/// The directory, locked, if it is ours, the one under that name, and nobody has locked it.
fn locked(path: &Path) -> Option<File> {
    let flags = libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CLOEXEC;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    file.try_lock().ok()?;
    let (ours, there) = (file.metadata().ok()?, fs::symlink_metadata(path).ok()?);
    let is_same = (ours.dev(), ours.ino()) == (there.dev(), there.ino());
    (is_same && ours.uid() == geteuid().as_raw()).then_some(file)
}

/// Removes what runs have left behind that were killed. What cannot be removed stays, and does no harm.
fn remove_left_behind(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let path = entry.path();
        let is_marked = fs::symlink_metadata(path.join(MARK)).is_ok_and(|about| about.is_file());
        if let Some(_lock) = locked(&path).filter(|_| is_marked) {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(place: &Path, name: &str, marked: bool) -> std::path::PathBuf {
        let path = place.join(name);
        fs::create_dir(&path).expect("a directory");
        fs::write(path.join("something"), "of somebody").expect("a file");
        if marked {
            fs::write(path.join(MARK), "").expect("a file");
        }
        path
    }

    #[test]
    fn only_what_is_marked_named_so_and_locked_by_nobody_is_removed() {
        let place = tempfile::tempdir().expect("a directory");
        let dead = made(place.path(), "portpulse-run-dead", true);
        let alive = made(place.path(), "portpulse-run-alive", true);
        let lock = locked(&alive).expect("a lock");
        let unmarked = made(place.path(), "portpulse-run-unmarked", false);
        let other = made(place.path(), "portpulse-history", true);
        let elsewhere = tempfile::tempdir().expect("a directory");
        let target = made(elsewhere.path(), "portpulse-run-elsewhere", true);
        let link = place.path().join("portpulse-run-link");
        std::os::unix::fs::symlink(&target, &link).expect("a link");
        remove_left_behind(place.path());
        assert!(!dead.exists());
        assert!([&alive, &unmarked, &other, &target, &link].iter().all(|path| path.exists()));
        drop(lock);
        remove_left_behind(place.path());
        assert!(!alive.exists());
    }
}
