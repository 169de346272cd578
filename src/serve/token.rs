//! The token that a request has to bring: a file that only its owner can read, made on first use.

use rustix::fs::{Mode, OFlags};
use std::fmt::{self, Write as _};
use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How the file is called.
const FILE: &str = "http-token";
/// How many random bytes a token is made of.
const BYTES: usize = 32;
/// The fewest characters of a token that somebody has written himself, and the most.
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=512;

/// A secret; it is never shown.
#[derive(Clone)]
pub struct Token(String);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It cannot be read or written.
    #[error("{0}: {1}. The token of --http is kept there: make the directory writable")]
    Unusable(PathBuf, io::Error),
    /// Others can read it.
    #[error("{0} can be read by others: `chmod 600` it, or remove it, and a new one is made")]
    Readable(PathBuf),
    /// No token in it.
    #[error("{0} has no token: write at least 16 printable characters, or remove it, and a new one is made")]
    Empty(PathBuf),
}

impl Token {
    /// The token of the history in this directory, and the file that it is in.
    ///
    /// # Errors
    /// The file cannot be made or used, or others can read it.
    pub fn of(data: &Path) -> Result<(Self, PathBuf), TokenError> {
        let path = data.join(FILE);
        let unusable = |error: io::Error| TokenError::Unusable(path.clone(), error);
        let file = match open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(data, &path).map_err(unusable)?;
                open(&path)
            }
            opened => opened,
        };
        let mut file = file.map_err(unusable)?;
        let metadata = file.metadata().map_err(unusable)?;
        let is_ours = [rustix::process::geteuid().as_raw(), 0].contains(&metadata.uid());
        if !metadata.is_file() || !is_ours || metadata.mode() & 0o077 != 0 {
            return Err(TokenError::Readable(path));
        }
        let mut text = String::new();
        Read::by_ref(&mut file).take(*LENGTHS.end() as u64 + 2).read_to_string(&mut text).map_err(unusable)?;
        let text = text.trim_ascii();
        if !LENGTHS.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Empty(path));
        }
        Ok((Self(text.to_owned()), path))
    }

    /// Whether this is it. How long that takes tells nothing of how much of it is right.
    pub fn is(&self, said: &[u8]) -> bool {
        let differences = self.0.bytes().zip(said).fold(0, |all, (ours, theirs)| black_box(all | (ours ^ theirs)));
        self.0.len() == said.len() && black_box(differences) == 0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Never follows a link, and never waits for a pipe.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// Makes a file that is whole when it appears. If somebody else was quicker, theirs stays.
fn make(data: &Path, path: &Path) -> io::Result<()> {
    let mut random = [0; BYTES];
    File::open("/dev/urandom")?.read_exact(&mut random)?;
    let text = random.iter().fold(String::new(), |mut text, byte| {
        // A string takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    });
    let mut file = tempfile::Builder::new().prefix(".http-token-").tempfile_in(data)?;
    writeln!(file, "{text}")?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn it_is_made_once_and_only_its_owner_can_read_it() {
        let data = tempfile::tempdir().expect("a directory");
        let (first, path) = Token::of(data.path()).expect("a token");
        let (second, _) = Token::of(data.path()).expect("the same");
        assert_eq!(fs::metadata(&path).expect("a file").mode() & 0o7777, 0o600);
        let written = fs::read_to_string(&path).expect("a text");
        assert_eq!((first.0.as_str(), first.0.len()), (second.0.as_str(), 64));
        assert!(first.is(written.trim().as_bytes()));
        assert_eq!(format!("{first:?}"), "Token");
        let (other, _) = Token::of(tempfile::tempdir().expect("a directory").path()).expect("a token");
        assert!(!first.is(other.0.as_bytes()));
    }

    #[test]
    fn only_all_of_it_will_do() {
        let token = Token("0123456789abcdef".to_owned());
        assert!(token.is(b"0123456789abcdef"));
        for wrong in ["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeF", "x123456789abcdef"] {
            assert!(!token.is(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn a_file_that_others_can_read_or_that_says_nothing_is_refused() {
        let data = tempfile::tempdir().expect("a directory");
        let path = data.path().join(FILE);
        let refused = || Token::of(data.path()).expect_err("refused").to_string();
        fs::write(&path, "0123456789abcdef\n").expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("a mode");
        assert!(refused().contains("chmod 600"), "{}", refused());
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a mode");
        assert!(Token::of(data.path()).expect("a token").0.is(b"0123456789abcdef"));
        for text in ["short", "", "0123456789 abcdef", "0123456789abcdef\u{e9}"] {
            fs::write(&path, text).expect("a file");
            assert!(refused().contains("at least 16"), "{text}: {}", refused());
        }
        fs::rename(&path, data.path().join("elsewhere")).expect("moved");
        symlink(data.path().join("elsewhere"), &path).expect("a link");
        assert!(refused().contains("token of --http"), "{}", refused());
    }
}
