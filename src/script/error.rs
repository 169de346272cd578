//! Why a script gave no verdict: the file, the line, and what is wrong there.

use super::{ANSWER_WITHIN, FILE_BYTES_MAX};
use std::fmt;
use std::path::PathBuf;

/// A script that gave no verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ScriptError {
    /// As the user wrote it.
    pub file: PathBuf,
    /// Counted from 1, where one is to blame.
    pub line: Option<u32>,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file cannot be read; why, in words.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// The file is too long.
    #[error("{0} bytes are too many for a script: at most {FILE_BYTES_MAX}")]
    TooLong(u64),
    /// The file is no text in UTF-8.
    #[error("is no text in UTF-8")]
    NotText,
    /// The script failed or returned something that is no verdict.
    #[error("{0}")]
    Fault(String),
    /// The script did not end and its engine was killed.
    #[error("no answer within {} ms: stopped; it rests until it is changed or 10 s have passed", ANSWER_WITHIN.as_millis())]
    Hung,
    /// The engine died of the script.
    #[error("the script engine died of it")]
    Crashed,
    /// No engine could be started or spoken to.
    #[error("no script engine could be started: {0}")]
    NoEngine(String),
    /// Too many evaluations are waiting.
    #[error("too many evaluations are waiting")]
    Busy,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file.display(), self.problem),
            None => write!(f, "{}: {}", self.file.display(), self.problem),
        }
    }
}
