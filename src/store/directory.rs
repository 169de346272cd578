//! The directory of the history: whose it is, what is in it, and how much room there is.

use super::error::{OpenError, Trouble};
use crate::domain::Wall;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What `FORMAT` says.
const FORMAT: &str = "portpulse-store 1; sled 0.34";

/// A directory that is ours for as long as this lives.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    lock: File,
}

/// What was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing of ours.
    Nothing,
    /// A store of our format.
    Store,
    /// Something of ours without our mark.
    Unmarked,
}

/// Whether there is a history in a directory, whatever state it is in. Nothing is created or changed.
pub fn is_there(path: &Path) -> bool {
    ["FORMAT", "sled"].iter().any(|name| path.join(name).symlink_metadata().is_ok())
}

/// Whether somebody owns the history in a directory at this moment. Nothing is created or changed.
pub fn is_owned(path: &Path) -> bool {
    let lock = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC).open(path.join("LOCK"));
    // What cannot be opened is nobody's whose place could be asked for; the lock that is taken goes with the file.
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

impl Directory {
    /// Creates the directory if need be, takes its lock, and looks what is in it. The lock is our
    /// own, because sled's cannot be told from other errors.
    pub fn take(path: &Path) -> Result<(Self, Found), OpenError> {
        refuse_link(path)?;
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| unusable(path, &error))?;
        refuse_foreign(path)?;
        for name in ["LOCK", "FORMAT", "WITNESS", "sled"] {
            refuse_link(&path.join(name))?;
        }
        for name in ["LOCK", "FORMAT", "WITNESS"] {
            refuse_special(&path.join(name))?;
        }
        let lock = take_lock(path)?;
        let directory = Self { path: path.to_owned(), lock };
        super::compact::tidied(path)?;
        let found = directory.look()?;
        refuse_links_in(&directory.sled())?;
        Ok((directory, found))
    }

    /// Where sled's files are.
    pub fn sled(&self) -> PathBuf {
        self.path.join("sled")
    }

    /// A file or directory in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn look(&self) -> Result<Found, OpenError> {
        let path = self.path.join("FORMAT");
        let is_sled_there = match fs::read_dir(self.sled()) {
            Ok(mut entries) => entries.next().transpose().map_err(|error| unusable(&self.sled(), &error))?.is_some(),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => false,
            // What cannot be looked at need not be gone.
            Err(error) => return Err(unusable(&self.sled(), &error)),
        };
        let witness = self.path.join("WITNESS");
        let is_ours = is_sled_there || witness.try_exists().map_err(|error| unusable(&witness, &error))?;
        let mut bytes = Vec::new();
        match open(&path, OpenOptions::new().read(true)) {
            Ok(file) => file.take(200).read_to_end(&mut bytes).map_err(|error| unusable(&path, &error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(unusable(&path, &error)),
        };
        let text = String::from_utf8_lossy(&bytes);
        match text.trim() {
            FORMAT => Ok(Found::Store),
            "" if is_sled_there => Ok(Found::Unmarked),
            "" => Ok(Found::Nothing),
            // A mark that is damaged is none; what another version says is respected.
            mark if is_ours && !is_version(mark) => Ok(Found::Unmarked),
            other => Err(OpenError::Format { path, found: crate::domain::text::clean(other, 60), wanted: FORMAT }),
        }
    }

    /// Writes the mark that says what this is.
    pub fn mark(&self) -> Result<(), OpenError> {
        let path = self.path.join("FORMAT");
        let draft = self.path.join("FORMAT.new");
        let write = || -> io::Result<()> {
            let mut file = open(&draft, OpenOptions::new().write(true).create(true).truncate(true))?;
            writeln!(file, "{FORMAT}")?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            sync_directory(&self.path)
        };
        write().map_err(|error| unusable(&path, &error))
    }

    /// Settles what is in it; see [`settle`].
    pub fn settle(&self) -> Result<(), Trouble> {
        settle(&self.path)
    }

    /// The same for a directory of sled's under any name.
    pub fn settle_in(&self, sled: &Path) -> Result<(), Trouble> {
        settle_in(&self.path, sled)
    }

    /// Writes sled's file anew. After a sync that failed, what it was to bring to the disk may be there or
    /// not, and Linux counts it as written all the same: the next sync succeeds without it. What is read is
    /// what was written, and a new file is synced whole. Without room for it, the old one has to do.
    pub fn renew(&self) -> Result<(), Trouble> {
        let (path, draft) = (self.sled().join("db"), self.path.join("sled.renewed"));
        let mut old = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        if self.free()? < old.metadata()?.len() {
            return Ok(());
        }
        let mut new = open(&draft, OpenOptions::new().write(true).create(true).truncate(true))?;
        let mut buffer = vec![0; 1 << 16];
        let mut is_first = true;
        loop {
            // No copy inside the file system: that could share the very blocks that are in doubt.
            let count = old.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            new.write_all(buffer.get(..count).unwrap_or_default())?;
            if std::mem::take(&mut is_first) {
                // A disk that does not take this much spares itself the rest.
                new.sync_all()?;
            }
        }
        new.sync_all()?;
        fs::rename(&draft, &path)?;
        Ok(sync_directory(&self.sled())?)
    }

    /// Whether the directory that we hold is still the one under that name.
    pub fn is_in_place(&self) -> bool {
        is_same(&self.lock, &self.path.join("LOCK"))
    }

    /// Bytes that an ordinary user can still write there.
    pub fn free(&self) -> Result<u64, Trouble> {
        let about = rustix::fs::statvfs(&self.path).map_err(io::Error::from)?;
        Ok(about.f_bavail.saturating_mul(about.f_frsize))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // Closing would do, but for a process that another thread is just starting: until it runs its
        // own program it has our files open too, and with them the lock.
        let _ = self.lock.unlock();
    }
}

/// Makes sled's directory ours alone and brings the names of its files to the disk, which sled
/// never does: before that, a power cut can leave half a store.
pub(super) fn settle(path: &Path) -> Result<(), Trouble> {
    settle_in(path, &path.join("sled"))?;
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        // A parent that may be searched but not read cannot be synced, and is none of ours.
        let _ = sync_directory(parent);
    }
    Ok(())
}

fn settle_in(path: &Path, sled: &Path) -> Result<(), Trouble> {
    fs::set_permissions(sled, Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(sled)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_file() {
            fs::set_permissions(entry.path(), Permissions::from_mode(0o600))?;
            File::open(entry.path())?.sync_all()?;
        } else if kind.is_dir() {
            fs::set_permissions(entry.path(), Permissions::from_mode(0o700))?;
        }
    }
    sync_directory(sled)?;
    Ok(sync_directory(path)?)
}

/// Opens a file of ours: it follows no link, and is for nobody else.
pub(super) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC).open(path)
}

/// Brings the names in a directory to the disk.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn take_lock(directory: &Path) -> Result<File, OpenError> {
    let path = directory.join("LOCK");
    // Between opening and locking, the file may have been replaced together with its directory.
    for _ in 0..3 {
        let mut file = open(&path, OpenOptions::new().read(true).write(true).create(true).truncate(false))
            .map_err(|error| unusable(&path, &error))?;
        match file.try_lock() {
            Ok(()) if is_same(&file, &path) => {
                say_who(&mut file).map_err(|error| unusable(&path, &error))?;
                return Ok(file);
            }
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // What it says is a courtesy; that it is locked is the fact.
                let _ = file.take(200).read_to_string(&mut text);
                let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
                return Err(OpenError::InUse {
                    path: directory.to_owned(),
                    pid: value("pid ").and_then(|pid: i64| u32::try_from(pid).ok()),
                    since: value("since ").map(Wall),
                });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(&path, &error)),
        }
    }
    Err(OpenError::Unusable { path, why: "it is being replaced all the time".to_owned() })
}

/// Says who has the lock, for people who find it taken.
fn say_who(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "pid {}\nsince {}\n", std::process::id(), present().0)
}

/// The wall clock, read nowhere else in the store: everything in it has the time that it came with.
pub(super) fn present() -> Wall {
    Wall::default() + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn is_same(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

fn refuse_link(path: &Path) -> Result<(), OpenError> {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_symlink() => Err(OpenError::Link { path: path.to_owned() }),
        _ => Ok(()),
    }
}

/// Refuses a directory in which others could put things in our way. One that holds nothing but history is
/// closed to them; one that holds other things as well is not ours to close.
fn refuse_foreign(path: &Path) -> Result<(), OpenError> {
    let about = fs::metadata(path).map_err(|error| unusable(path, &error))?;
    let refused = |why: String| OpenError::Unsafe { path: path.to_owned(), why };
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(refused(format!("it belongs to another user (number {})", about.uid())));
    }
    let for_others = about.permissions().mode() & 0o077;
    if for_others == 0 {
        return Ok(());
    }
    let is_empty = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    if is_empty || path.join("FORMAT").exists() {
        return fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(|error| unusable(path, &error));
    }
    if for_others & 0o022 != 0 {
        return Err(refused("other users may write in it".to_owned()));
    }
    Ok(())
}

/// A pipe or a device in the place of a file of ours could keep us waiting for ever.
fn refuse_special(path: &Path) -> Result<(), OpenError> {
    match fs::symlink_metadata(path) {
        Ok(about) if !about.is_file() => {
            Err(OpenError::Unsafe { path: path.to_owned(), why: "it is not a file".to_owned() })
        }
        _ => Ok(()),
    }
}

/// sled itself would follow links in its directory.
fn refuse_links_in(sled: &Path) -> Result<(), OpenError> {
    for entry in fs::read_dir(sled).into_iter().flatten().flatten() {
        refuse_link(&entry.path())?;
    }
    Ok(())
}

/// Whether a mark looks like one that some portpulse writes.
fn is_version(mark: &str) -> bool {
    let parts = mark.strip_prefix("portpulse-store ").and_then(|rest| rest.split_once("; sled "));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    parts.is_some_and(|(own, sled)| is_number(own) && is_number(sled))
}

fn unusable(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Unusable { path: path.to_owned(), why: error.to_string() }
}
