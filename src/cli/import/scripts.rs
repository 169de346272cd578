//! Functions that come along with an import, each in a file beside the configuration; what is there stays.

use crate::exchange::file::{Taken, write_new};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// How long the name of a file may be that is made of a foreign word, in bytes.
const STEM_MAX: usize = 64;
/// How many names are tried.
const NAMES_MAX: usize = 999;

/// The files of one import.
pub(super) struct Scripts {
    directory: PathBuf,
    /// Those that every function belongs to, with it.
    files: Vec<Script>,
    /// Those that were written.
    written: Vec<PathBuf>,
}

struct Script {
    path: PathBuf,
    code: String,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It was there before, with the same function in it.
    There,
    /// It is to be written.
    Wanted,
}

impl Scripts {
    /// Files beside a configuration file.
    pub(super) fn beside(configuration: &Path) -> Self {
        let directory = configuration.parent().filter(|parent| !parent.as_os_str().is_empty());
        Self { directory: directory.unwrap_or(Path::new(".")).to_owned(), files: Vec::new(), written: Vec::new() }
    }

    /// Where a function is to be kept. A name that another file has is passed over, a link as well.
    pub(super) fn place(&mut self, stem: &str, code: &str) -> io::Result<PathBuf> {
        let stem = file_stem(stem);
        for number in 1..=NAMES_MAX {
            let name = if number == 1 { format!("{stem}.js") } else { format!("{stem}-{number}.js") };
            let path = self.directory.join(name);
            if let Some(planned) = self.files.iter().find(|script| script.path == path) {
                if planned.code == code {
                    return Ok(path);
                }
                continue;
            }
            let state = match path.symlink_metadata() {
                Ok(metadata) if metadata.is_file() && holds(&path, code)? => State::There,
                Ok(_) => continue,
                Err(error) if error.kind() == io::ErrorKind::NotFound => State::Wanted,
                Err(error) if error.kind() == io::ErrorKind::NotADirectory => State::Wanted,
                Err(error) => return Err(error),
            };
            self.files.push(Script { path: path.clone(), code: code.to_owned(), state });
            return Ok(path);
        }
        Err(io::Error::other(format!("there are {NAMES_MAX} scripts named {stem} already")))
    }

    /// Writes them, readable by their owner only, all or none.
    pub(super) fn write(&mut self) -> io::Result<()> {
        let wanted = self.files.iter().filter(|script| script.state == State::Wanted);
        for (number, Script { path, code, .. }) in wanted.enumerate() {
            let made = if number == 0 {
                DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)
            } else {
                Ok(())
            };
            match made.and_then(|()| write_new(path, code, Taken::Refuse)) {
                Ok(_) => self.written.push(path.clone()),
                Err(error) => {
                    let what = format!("{}: cannot be written: {error}", path.display());
                    self.take_back();
                    return Err(io::Error::new(error.kind(), what));
                }
            }
        }
        Ok(())
    }

    /// Takes away what was written: the configuration does not name it after all.
    pub(super) fn take_back(&mut self) {
        for path in self.written.drain(..) {
            // What went wrong before is told; a script that nobody names does no harm.
            let _ = fs::remove_file(path);
        }
    }

    /// The files that are new with this import.
    pub(super) fn names(&self) -> Vec<String> {
        let new = self.files.iter().filter(|script| script.state == State::Wanted);
        new.map(|script| script.path.display().to_string()).collect()
    }
}

/// Whether a file holds exactly this.
fn holds(path: &Path, code: &str) -> io::Result<bool> {
    let mut bytes = Vec::new();
    File::open(path)?.take(code.len() as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes == code.as_bytes())
}

/// A name that is safe in every directory: letters, digits, dots, dashes and underscores, no dot in front.
fn file_stem(word: &str) -> String {
    let safe = word.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' });
    let safe: String = safe.take(STEM_MAX).collect();
    let safe = safe.trim_matches(['.', '-']);
    if safe.is_empty() { "script".to_owned() } else { safe.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_foreign_word_never_leaves_the_directory() {
        for (word, stem) in [
            ("redis-cluster", "redis-cluster"),
            ("../../etc/passwd", "etc-passwd"),
            (".bashrc", "bashrc"),
            ("a b\0c\u{202e}", "a-b-c"),
            ("…", "script"),
            ("", "script"),
        ] {
            assert_eq!(file_stem(word), stem);
        }
        assert_eq!(file_stem(&"x".repeat(500)).len(), STEM_MAX);
    }

    #[test]
    fn another_file_stays_and_the_same_function_is_written_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        fs::write(at("db.js"), "other").expect("a file");
        std::os::unix::fs::symlink(at("nowhere"), at("db-2.js")).expect("a link");
        let mut scripts = Scripts::beside(&at("portpulse.toml"));
        assert_eq!(scripts.place("db", "x => x").expect("a place"), at("db-3.js"));
        assert_eq!(scripts.place("db", "x => x").expect("a place"), at("db-3.js"));
        assert_eq!(scripts.place("db", "y => y").expect("a place"), at("db-4.js"));
        assert_eq!(scripts.place("db", "other").expect("a place"), at("db.js"));
        scripts.write().expect("files");
        assert_eq!(fs::metadata(at("db-3.js")).expect("a file").permissions().mode() & 0o777, 0o600);
        assert_eq!(scripts.names().len(), 2);
        scripts.take_back();
        assert!(!at("db-3.js").exists() && at("db.js").exists() && !at("nowhere").exists());
    }
}
