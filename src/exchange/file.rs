//! Files that are written for the user: never over another, and for no other eyes.

use rustix::fs::{AtFlags, CWD, linkat};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What to do if a name is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Write nothing.
    Refuse,
    /// Take the next free one: `report-2.md`, `report-3.md` and so on.
    Next,
}

/// How many names are tried.
const NAMES_MAX: u32 = 99;

/// Writes a new file that its owner alone can read, and says where it is. What stands under a name already, a
/// link included, stays as it is; a file that could not be written whole is taken away again.
///
/// # Errors
/// The name is taken, or the system refuses to write.
pub fn write_new(path: &Path, text: &str, taken: Taken) -> io::Result<PathBuf> {
    let mut written = write_to(path, text).map(|()| path.to_owned());
    let mut number = 2;
    while taken == Taken::Next
        && number <= NAMES_MAX
        && written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists)
    {
        let next = numbered(path, number);
        written = write_to(&next, text).map(|()| next);
        number += 1;
    }
    written.map(|path| std::path::absolute(&path).unwrap_or(path))
}

/// A file in the making that its owner alone can read. Where the file system can do that, it has no name: then
/// nothing of it stays, whatever ends us.
enum Draft {
    Nameless(File),
    Named(NamedTempFile),
}

impl Draft {
    fn begin(directory: &Path) -> io::Result<Self> {
        if let Some(file) = nameless(directory) {
            return Ok(Self::Nameless(file));
        }
        let draft = tempfile::Builder::new().prefix(".portpulse-draft-").tempfile_in(directory).map(Self::Named);
        // What went wrong is told of the file that was wanted, not of one that nobody knows.
        draft.map_err(|error| {
            let text = error.to_string();
            io::Error::new(error.kind(), text.split(" at path ").next().unwrap_or(&text).to_owned())
        })
    }

    fn file(&self) -> &File {
        match self {
            Self::Nameless(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }

    /// Gives it its name, if that is free.
    fn name(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Nameless(file) => {
                let ours = format!("{DESCRIPTORS}/{}", file.as_raw_fd());
                Ok(linkat(CWD, ours, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
            }
            Self::Named(file) => file.persist_noclobber(path).map(drop).map_err(|error| error.error),
        }
    }
}

/// Where Linux shows the files that a process has open; one without a name is given one from there.
const DESCRIPTORS: &str = "/proc/self/fd";

#[cfg(target_os = "linux")]
fn nameless(directory: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    // File systems that have none say so in many ways; what else is the matter is said of one with a name.
    let file = open(directory, flags, Mode::RUSR | Mode::WUSR).ok().map(File::from);
    file.filter(|file| Path::new(&format!("{DESCRIPTORS}/{}", file.as_raw_fd())).exists())
}

#[cfg(not(target_os = "linux"))]
fn nameless(_: &Path) -> Option<File> {
    None
}

/// Writes a new file that its owner alone can read by way of `work`, and says where it is, what `work` gave,
/// and how many bytes there are. Under its name it is there only when it is whole.
///
/// # Errors
/// The name is taken, the system refuses to write, or `work` fails.
pub fn stream_new<T>(
    path: &Path,
    work: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>,
) -> io::Result<(PathBuf, T, u64)> {
    if path.symlink_metadata().is_ok() {
        return Err(is_taken());
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let draft = Draft::begin(directory)?;
    let mut out = BufWriter::new(draft.file().try_clone()?);
    let given = work(&mut out)?;
    out.flush()?;
    draft.file().sync_all()?;
    let bytes = draft.file().metadata()?.len();
    draft.name(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => is_taken(),
        _ => error,
    })?;
    // A directory that may be written but not read cannot be synced; the file is there all the same.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok((std::path::absolute(path)?, given, bytes))
}

fn is_taken() -> io::Error {
    let why = "there is such a file already, and it stays as it is: name another one";
    io::Error::new(io::ErrorKind::AlreadyExists, why)
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// A path that begins with `~/` as a shell reads it.
pub fn at_home(path: &Path, home: Option<OsString>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => Path::new(&home).join(rest),
        _ => path.to_owned(),
    }
}

fn write_to(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| if error.kind() == io::ErrorKind::AlreadyExists { is_taken() } else { error })?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // What went wrong is told; that half a file is left behind would be a second trouble.
        let _ = fs::remove_file(path);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A draft as it is where the file system knows none without a name.
    fn named(directory: &Path) -> Draft {
        Draft::Named(NamedTempFile::new_in(directory).expect("a draft"))
    }

    #[test]
    fn nothing_is_written_over_and_nobody_else_can_read_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("report.md");
        assert_eq!(write_new(&path, "first", Taken::Refuse).expect("a new file"), path);
        assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
        let link = directory.path().join("link.md");
        std::os::unix::fs::symlink(directory.path().join("elsewhere"), &link).expect("a link");
        for taken in [&path, &link] {
            let error = write_new(taken, "second", Taken::Refuse).expect_err("it is taken");
            assert!(error.to_string().contains("name another one"), "{error}");
        }
        assert_eq!(fs::read_to_string(&path).expect("a file"), "first");
        assert!(!directory.path().join("elsewhere").exists());
        let names = [2, 3].map(|_| write_new(&path, "more", Taken::Next).expect("a free name"));
        for taken in [&path, &link] {
            let error = stream_new(taken, |out| out.write_all(b"rows")).expect_err("it is taken");
            assert!(error.to_string().contains("name another one"), "{error}");
        }
        let error = Draft::begin(&directory.path().join("nowhere")).map(drop).expect_err("no such directory");
        assert!(error.to_string().starts_with("No such file") && !error.to_string().contains("draft"), "{error}");
        let rows = directory.path().join("rows.csv");
        stream_new(&rows, |out| out.write_all(b"a,b").and(Err::<(), _>(io::Error::other("gone"))))
            .expect_err("it fails");
        assert!(!rows.exists(), "no half a file");
        let (at, (), bytes) = stream_new(&rows, |out| out.write_all(b"a,b\n")).expect("a new file");
        assert_eq!(
            (at, bytes, fs::metadata(&rows).expect("a file").permissions().mode() & 0o777),
            (rows.clone(), 4, 0o600)
        );
        for draft in [Draft::begin(directory.path()).expect("a draft"), named(directory.path())] {
            let error = draft.name(&rows).expect_err("it was taken meanwhile");
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        }
        named(directory.path()).name(&directory.path().join("other")).expect("a free name");
        assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 6, "no draft is left");
        assert_eq!(names, ["report-2.md", "report-3.md"].map(|name| directory.path().join(name)));
    }
}
