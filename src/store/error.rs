//! What can go wrong with history, in words that say what to do.

use crate::domain::Wall;
use std::io;
use std::path::PathBuf;

/// Why a store could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open (exit code 75).
    #[error("{} is in use by another portpulse{}: end that one, or choose another directory with --data DIR", .path.display(), .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    InUse {
        /// The directory.
        path: PathBuf,
        /// Which process, as far as it has said so.
        pid: Option<u32>,
        /// When that process opened it.
        since: Option<Wall>,
    },
    /// The directory cannot be created, read or written.
    #[error("history cannot be kept in {}: {why}; correct that, or choose another directory with --data DIR", .path.display())]
    Unusable {
        /// The directory or the file in it.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Others could put things in the way of history there, or have.
    #[error("history is not kept in {}: {why}; correct that, or choose another directory with --data DIR", .path.display())]
    Unsafe {
        /// The directory or the file in it.
        path: PathBuf,
        /// What is the matter with it.
        why: String,
    },
    /// A link stands where a file or directory of ours should be.
    #[error("{} is a symbolic link, and history follows none: name the real directory with --data DIR", .path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// Another version wrote it, or something else did; nothing was touched.
    #[error("{} says `{found}`, but this portpulse reads `{wanted}`: use the portpulse that wrote it, or choose another directory with --data DIR; nothing was changed", .path.display())]
    Format {
        /// The file that says so.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What would be understood.
        wanted: &'static str,
    },
}

impl OpenError {
    /// Whether the disk or the system is the matter, which may pass: then one can do without history for a
    /// while. Everything else is for people to decide.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unusable { .. })
    }
}

/// Why a question about history has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The disk is the matter; writing goes on by itself when it is well again.
    #[error("history cannot be read now: {0}")]
    Unavailable(String),
    /// Too many questions wait; ask again.
    #[error("too many questions wait for the disk: ask again in a moment")]
    Busy,
    /// The store has been closed.
    #[error("history is closed")]
    Closed,
}

/// What keeps records from being on disk at the end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{records} records could not be written: {why}")]
pub struct Unsaved {
    /// How many.
    pub records: u64,
    /// What the disk says.
    pub why: String,
}

/// Why no copy of the store was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackupError {
    /// The file cannot be written; what the system says.
    #[error("the copy cannot be written: {0}")]
    File(String),
    /// The store cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// The newest records are not on disk and would be missing.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
}

/// Why a store was not written anew. It is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompactError {
    /// There is no store.
    #[error("there is no history in {}: name its directory with --data DIR", .0.display())]
    Nothing(PathBuf),
    /// The directory cannot be used.
    #[error(transparent)]
    Directory(#[from] OpenError),
    /// Old and new do not fit on the disk beside each other.
    #[error("{} needs {needed} bytes free to be written anew, and there are {free}: make room; nothing was changed", .path.display())]
    NoRoom {
        /// The directory.
        path: PathBuf,
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The disk or the store refused.
    #[error("the history in {} cannot be written anew: {why}; nothing is lost", .path.display())]
    Failed {
        /// The directory.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// Why no store was made of a copy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// The copy cannot be read, or is none.
    #[error("{} cannot be read back: {why}; nothing was changed", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// There is a history already.
    #[error("{} holds a history: name an empty directory with --data DIR, or move that one aside first", .0.display())]
    Occupied(PathBuf),
    /// The directory cannot be used.
    #[error(transparent)]
    Directory(#[from] OpenError),
}

/// What the disk, or sled on it, says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the disk is full")]
    Full,
    #[error("less than {} MiB are free on the disk", (least >> 20).max(1))]
    Low { least: u64 },
    #[error("the directory of the history was removed or replaced")]
    Gone,
    #[error("the disk reports: {0}")]
    Disk(String),
    /// In the words of [`OpenError`].
    #[error("{0}")]
    Unopened(String),
    #[error("the history is damaged: {0}")]
    Damaged(String),
    #[error("the disk has not answered for {0} s")]
    Silent(u64),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            // sled reports a file that is shorter than it should be in this way.
            io::ErrorKind::UnexpectedEof => Self::Damaged("a file is too short".to_owned()),
            _ => Self::Disk(error.to_string()),
        }
    }
}

impl From<sled::Error> for Trouble {
    fn from(error: sled::Error) -> Self {
        match error {
            sled::Error::Io(error) => error.into(),
            sled::Error::Corruption { at: Some(at), .. } => Self::Damaged(format!("unreadable at {at:?}")),
            sled::Error::Corruption { at: None, .. } => Self::Damaged("unreadable".to_owned()),
            other => Self::Damaged(other.to_string()),
        }
    }
}
