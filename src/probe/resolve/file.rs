//! A file that is read again whenever it has changed.

use std::fmt;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// What tells one version of a file from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl From<Metadata> for Stamp {
    fn from(metadata: Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// What a file says, kept until the file changes. A file that cannot be read says nothing.
pub(super) struct Watched<T> {
    path: PathBuf,
    read: Box<dyn Fn(&str) -> T + Send>,
    stamp: Option<Stamp>,
    value: T,
}

impl<T> Watched<T> {
    pub fn new(path: PathBuf, read: impl Fn(&str) -> T + Send + 'static) -> Self {
        let value = read("");
        let mut watched = Self { path, read: Box::new(read), stamp: None, value };
        watched.current();
        watched
    }

    /// What the file says now.
    pub fn current(&mut self) -> &T {
        let stamp = fs::metadata(&self.path).ok().map(Stamp::from);
        if stamp != self.stamp {
            match fs::read(&self.path) {
                Ok(bytes) => self.value = (self.read)(&String::from_utf8_lossy(&bytes)),
                // It may be out of reach only for want of a descriptor: try again next time.
                Err(_) if stamp.is_some() => return &self.value,
                Err(_) => self.value = (self.read)(""),
            }
            self.stamp = stamp;
        }
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Watched<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("path", &self.path).field("value", &self.value).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    #[test]
    fn a_change_a_replacement_and_a_removal_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut watched = Watched::new(path.clone(), str::to_owned);
        assert_eq!(watched.current(), "", "a file that is not there says nothing");
        fs::write(&path, "first").unwrap();
        assert_eq!(watched.current(), "first");
        fs::write(folder.path().join("new"), "other").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        assert_eq!(watched.current(), "other", "as long as before, yet another file");
        fs::remove_file(&path).unwrap();
        assert_eq!(watched.current(), "");
    }
}
