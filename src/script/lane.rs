//! One script file: its text, read again when the file changes, and its rest after it had to be stopped.

use super::{Problem, REST};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, timeout};

/// The longest script.
pub const FILE_BYTES_MAX: u64 = 64 * 1024;
/// How long reading the file may take: a disk far away may never answer.
const READ_WITHIN: Duration = Duration::from_secs(1);

/// One file.
#[derive(Debug, Default)]
pub(super) struct Lane {
    read: Option<(Version, Arc<str>)>,
    rest: Option<(Instant, Problem)>,
}

/// What tells a changed file from the one that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    length: u64,
    changed: Option<SystemTime>,
}

/// What a look at the file brought.
enum Look {
    Same,
    New(Version, Arc<str>),
}

impl Lane {
    /// The text of the file as it is now. A changed file ends the rest.
    pub(super) async fn source(&mut self, path: &Path) -> Result<Arc<str>, Problem> {
        let known = self.read.as_ref().map(|(version, _)| *version);
        let path = path.to_owned();
        let look = tokio::task::spawn_blocking(move || look(&path, known));
        let slow = || Problem::Unreadable(format!("the disk does not answer within {} s", READ_WITHIN.as_secs()));
        let look = timeout(READ_WITHIN, look).await.map_err(|_| slow())?;
        match look.map_err(|error| Problem::Unreadable(error.to_string())).flatten() {
            Ok(Look::Same) => {}
            Ok(Look::New(version, source)) => *self = Self { read: Some((version, source)), rest: None },
            Err(problem) => {
                *self = Self::default();
                return Err(problem);
            }
        }
        self.read.as_ref().map(|(_, source)| Arc::clone(source)).ok_or(Problem::NotText)
    }

    /// Why it rests, if it does.
    pub(super) fn resting_at(&self, now: Instant) -> Option<Problem> {
        self.rest.as_ref().filter(|(until, _)| now < *until).map(|(_, problem)| problem.clone())
    }

    /// Leaves it alone for a while if it has cost a child.
    pub(super) fn rest(&mut self, problem: &Problem, now: Instant) {
        if matches!(problem, Problem::Hung | Problem::Crashed) {
            self.rest = Some((now + REST, problem.clone()));
        }
    }
}

fn look(path: &Path, known: Option<Version>) -> Result<Look, Problem> {
    let unreadable = |error: io::Error| Problem::Unreadable(error.to_string());
    let about = fs::metadata(path).map_err(unreadable)?;
    // A pipe would be waited for.
    if !about.is_file() {
        return Err(Problem::Unreadable("it is no file".to_owned()));
    }
    let version = Version { length: about.len(), changed: about.modified().ok() };
    if Some(version) == known {
        return Ok(Look::Same);
    }
    if version.length > FILE_BYTES_MAX {
        return Err(Problem::TooLong(version.length));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let read = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)? as u64;
    if read > FILE_BYTES_MAX {
        return Err(Problem::TooLong(read));
    }
    let text = String::from_utf8(bytes).map_err(|_| Problem::NotText)?;
    Ok(Look::New(version, text.into()))
}
