//! Where the socket of a history's owner is: a place that others find, and that nobody else can put things in.
//!
//! It is named after the device and the inode of the history's directory, so that two histories have two
//! sockets and one history has one, by whatever path it is reached. Whoever binds it holds the lock of that
//! history; so what stands under the name was left by an owner that is gone, and is replaced in one step. A
//! socket appears under its name only when it takes connections.

use rustix::io::ioctl_fionbio;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, connect, socket};
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// In such a directory people can remove and rename only what is theirs.
const STICKY: u32 = 0o1000;
/// How the names of sockets end.
const SUFFIX: &str = "sock";

/// The socket of an owner; it goes when this goes.
#[derive(Debug)]
pub struct Seat {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode of the socket.
    identity: (u64, u64),
}

/// How the socket of the history in this directory is called.
///
/// # Errors
/// There is no such directory.
pub fn socket_name(history: &Path) -> io::Result<String> {
    let about = fs::metadata(history)?;
    Ok(format!("{:x}-{:x}.{SUFFIX}", about.dev(), about.ino()))
}

impl Seat {
    /// Listens for this history in the first of these directories in which that can be done. The caller owns the
    /// history.
    ///
    /// # Errors
    /// In words, why none of them can be used.
    pub fn take(directories: &[PathBuf], history: &Path) -> Result<Self, String> {
        let name = socket_name(history).map_err(|error| format!("{}: {error}", history.display()))?;
        let mut why = Vec::new();
        for directory in directories {
            let taken = prepare(directory).and_then(|()| Self::bind(directory.join(&name)));
            match taken {
                Ok(seat) => {
                    sweep(directory, &name);
                    return Ok(seat);
                }
                Err(error) => why.push(format!("{}: {error}", directory.display())),
            }
        }
        Err(why.join("; "))
    }

    fn bind(path: PathBuf) -> io::Result<Self> {
        let draft = path.with_extension(std::process::id().to_string());
        // What stands there was left by a process that had our number before.
        let _ = fs::remove_file(&draft);
        let listener = UnixListener::bind(&draft)?;
        listener.set_nonblocking(true)?;
        let put = || {
            fs::set_permissions(&draft, Permissions::from_mode(0o600))?;
            let identity = identity(&fs::symlink_metadata(&draft)?);
            fs::rename(&draft, &path)?;
            Ok(identity)
        };
        match put() {
            Ok(identity) => Ok(Self { listener, path, identity }),
            Err(error) => {
                // What went wrong is told.
                let _ = fs::remove_file(&draft);
                Err(error)
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The socket itself, which never blocks.
    pub fn listener(&self) -> io::Result<UnixListener> {
        self.listener.try_clone()
    }

    /// Whether others still find it: the end of a login session may take its runtime directory away.
    pub fn is_in_place(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|about| identity(&about) == self.identity)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if self.is_in_place() {
            // What cannot be removed is replaced by the next owner.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(about: &Metadata) -> (u64, u64) {
    (about.dev(), about.ino())
}

/// Makes a directory for sockets, or finds that it is one.
fn prepare(directory: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => judge(directory),
    }
}

/// Refuses a directory that others could put something in, or that others could put another in the place of.
pub(super) fn judge(directory: &Path) -> io::Result<()> {
    let refused = |why: &str| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    let ours = rustix::process::geteuid().as_raw();
    let about = fs::symlink_metadata(directory)?;
    if !about.is_dir() {
        return refused("it is not a directory, and links are not followed");
    }
    if about.uid() != ours {
        return refused("it belongs to another user");
    }
    if about.mode() & 0o077 != 0 {
        return refused("it is open to other users");
    }
    let Some(parent) = directory.parent() else { return refused("it has no parent") };
    let above = fs::metadata(parent)?;
    if above.uid() != ours && above.uid() != 0 {
        return refused("the directory above it belongs to another user");
    }
    if above.mode() & 0o022 != 0 && above.mode() & STICKY == 0 {
        return refused("other users may replace it");
    }
    Ok(())
}

/// Removes the sockets of owners that are gone: nobody takes connections on them, and nobody will.
fn sweep(directory: &Path, name: &str) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_other = path.extension() == Some(OsStr::new(SUFFIX)) && entry.file_name() != *name;
        let is_socket = entry.file_type().is_ok_and(|kind| kind.is_socket());
        if is_other && is_socket && is_dead(&path) {
            // Another owner may have been quicker.
            let _ = fs::remove_file(&path);
        }
    }
}

/// Whether nobody listens on a socket.
fn is_dead(path: &Path) -> bool {
    let asked = || {
        let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
        // One that lives may be too busy to take us in at once.
        ioctl_fionbio(&socket, true)?;
        connect(&socket, &SocketAddrUnix::new(path)?)
    };
    asked() == Err(rustix::io::Errno::CONNREFUSED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixStream;
    use std::slice::from_ref;

    fn world() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let world = tempfile::tempdir().expect("a directory");
        let history = world.path().join("history");
        fs::create_dir(&history).expect("a directory");
        let run = world.path().join("run");
        (world, history, run)
    }

    #[test]
    fn an_owner_is_found_whatever_path_leads_to_its_history_and_leaves_nothing_behind() {
        let (world, history, run) = world();
        let other = world.path().join("other");
        fs::create_dir(&other).expect("a directory");
        symlink(&history, world.path().join("link")).expect("a link");
        let seats = [&history, &other].map(|history| Seat::take(from_ref(&run), history).expect("a seat"));
        assert_ne!(seats[0].path(), seats[1].path());
        let modes = [&run, seats[0].path()].map(|path| fs::metadata(path).expect("it is there").mode() & 0o777);
        assert_eq!(modes, [0o700, 0o600]);
        let name = socket_name(&world.path().join("link/../link")).expect("a name");
        UnixStream::connect(run.join(name)).expect("somebody listens");
        drop(seats);
        assert_eq!(fs::read_dir(&run).expect("a directory").count(), 0);
    }

    #[test]
    fn what_owners_that_are_gone_have_left_is_replaced_and_swept_and_those_that_live_stay() {
        let (world, history, run) = world();
        let other = world.path().join("other");
        fs::create_dir(&other).expect("a directory");
        let lives = Seat::take(from_ref(&run), &other).expect("a seat");
        drop(UnixListener::bind(run.join(socket_name(&history).expect("a name"))).expect("a socket"));
        drop(UnixListener::bind(run.join("dead.sock")).expect("a socket"));
        fs::write(run.join("file.sock"), "none of ours").expect("a file");
        let seat = Seat::take(from_ref(&run), &history).expect("a seat");
        UnixStream::connect(seat.path()).expect("somebody listens");
        UnixStream::connect(lives.path()).expect("somebody listens still");
        assert!(!run.join("dead.sock").exists());
        assert!(run.join("file.sock").exists());
    }

    #[test]
    fn a_place_that_is_not_safe_is_passed_over() {
        let (world, history, run) = world();
        let unsafe_places = ["open", "link", "file", "loose/run", "none/run"].map(|name| world.path().join(name));
        fs::create_dir_all(unsafe_places[3].parent().expect("a parent")).expect("a directory");
        fs::set_permissions(world.path().join("loose"), Permissions::from_mode(0o777)).expect("ours");
        fs::create_dir(&unsafe_places[0]).expect("a directory");
        fs::set_permissions(&unsafe_places[0], Permissions::from_mode(0o750)).expect("ours");
        fs::create_dir(&run).expect("a directory");
        fs::set_permissions(&run, Permissions::from_mode(0o700)).expect("ours");
        symlink(&run, &unsafe_places[1]).expect("a link");
        fs::write(&unsafe_places[2], "").expect("a file");
        let why = Seat::take(&unsafe_places, &history).expect_err("none is safe");
        for words in ["open to other users", "links are not followed", "may replace it", "No such file"] {
            assert!(why.contains(words), "{words}: {why}");
        }
        let last = [&unsafe_places[..], from_ref(&run)].concat();
        assert_eq!(Seat::take(&last, &history).expect("a seat").path().parent(), Some(run.as_path()));
    }

    #[test]
    fn a_socket_that_was_taken_away_is_missed_and_a_successor_is_left_alone() {
        let (_world, history, run) = world();
        let first = Seat::take(from_ref(&run), &history).expect("a seat");
        assert!(first.is_in_place());
        fs::remove_file(first.path()).expect("it is there");
        assert!(!first.is_in_place());
        let second = Seat::take(&[run], &history).expect("a seat");
        drop(first);
        assert!(second.is_in_place());
    }
}
