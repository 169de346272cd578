//! The user's own rule in JavaScript (S46 to S48), asked in child processes that can be killed.
//!
//! Some of the engine's built-in functions never look up from their work, so that only the end of their
//! process ends them. Hence:
//!
//! - Evaluations run in children of this program, at most [`CHILDREN_MAX`], kept alive and fed by lines.
//! - A child has no environment, no files and nothing but its pipes; a script in it has 8 MiB, 256 KiB of
//!   stack, 50 ms of processor time, and an engine that is new each time, so that nothing is left behind.
//! - An answer that has not come after [`ANSWER_WITHIN`] never comes: the child is killed. (One that a busy
//!   machine has not given the time that a script has is waited for a little longer.)
//! - A file has one evaluation at a time, so that one that hangs holds one child, and after a kill it rests
//!   for [`REST`] unless it is changed: others wait for nothing.

mod child;
mod confine;
mod error;
mod lane;
mod message;
mod sandbox;
mod worker;

pub use confine::confine;
pub use error::{Problem, ScriptError};
pub use lane::FILE_BYTES_MAX;
pub use worker::serve;

use crate::evaluate::{Ping, Verdict};
use child::Child;
use lane::Lane;
use message::{Answer, Request};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// The hidden command of this program that serves evaluations on its standard input and output.
pub const COMMAND: &str = "script-engine";
/// How many children there are at most.
pub const CHILDREN_MAX: usize = 4;
/// How long an answer may take before the child is killed.
pub const ANSWER_WITHIN: Duration = Duration::from_millis(250);
/// How long a file is left alone after a child had to be killed for it.
pub const REST: Duration = Duration::from_secs(10);
/// How many evaluations may be under way or waiting.
const WAITING_MAX: usize = 10_000;
/// How many files are remembered.
const FILES_MAX: usize = 1_024;

/// Evaluates rounds with the user's scripts. Clones share their children, which end with the last of them.
#[derive(Clone, Debug)]
pub struct Scripts {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// `None` for the program that is running.
    program: Option<PathBuf>,
    folder: PathBuf,
    waiting: Semaphore,
    seats: Semaphore,
    /// Children that have nothing to do; the one that worked last is on top.
    idle: Mutex<Vec<Child>>,
    lanes: Mutex<HashMap<PathBuf, Arc<tokio::sync::Mutex<Lane>>>>,
}

impl Scripts {
    /// With children of this very program. Files with a relative path are looked for in `folder`, which is that
    /// of the configuration file.
    pub fn new(folder: &Path) -> Self {
        Self::start(None, folder)
    }

    /// With children of another build of this program.
    pub fn with_program(program: &Path, folder: &Path) -> Self {
        Self::start(Some(program.to_owned()), folder)
    }

    fn start(program: Option<PathBuf>, folder: &Path) -> Self {
        let inner = Inner {
            program,
            folder: folder.to_owned(),
            waiting: Semaphore::new(WAITING_MAX),
            seats: Semaphore::new(CHILDREN_MAX),
            idle: Mutex::default(),
            lanes: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Asks the function in `file` about a round. Must be called within a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// With the place in the file and what is wrong there, if it gives no verdict. That says nothing about the
    /// target.
    pub async fn evaluate(&self, file: &Path, pings: &[Ping]) -> Result<Verdict, ScriptError> {
        let inner = &self.inner;
        let wrong = |problem| ScriptError { file: file.to_owned(), line: None, problem };
        let _place = inner.waiting.try_acquire().map_err(|_| wrong(Problem::Busy))?;
        let lane = inner.lane(file);
        let mut lane = lane.lock().await;
        let path = inner.folder.join(file);
        let source = lane.source(&path).await.map_err(wrong)?;
        if let Some(problem) = lane.resting_at(Instant::now()) {
            return Err(wrong(problem));
        }
        let request = Request::line(&source, pings).map_err(|error| wrong(Problem::NoEngine(error.to_string())))?;
        let seat = inner.seats.acquire().await.map_err(|_| wrong(Problem::Busy))?;
        let answer = inner.ask(&request).await;
        drop(seat);
        match answer {
            Ok(Answer::Verdict { standing, latency }) => {
                let why = format!("script: {} says {}", file.display(), standing.word());
                Ok(Verdict { standing, latency, why })
            }
            Ok(Answer::Fault { line, message }) => {
                Err(ScriptError { file: file.to_owned(), line, problem: Problem::Fault(message) })
            }
            Err(problem) => {
                lane.rest(&problem, Instant::now());
                Err(wrong(problem))
            }
        }
    }
}

impl Inner {
    fn lane(&self, file: &Path) -> Arc<tokio::sync::Mutex<Lane>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() >= FILES_MAX && !lanes.contains_key(file) {
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        Arc::clone(lanes.entry(file.to_owned()).or_default())
    }

    /// What to start. Where another program has taken the place of this one on the disk, the link of the system
    /// still leads to this one.
    fn program(&self) -> PathBuf {
        let own = || std::env::current_exe().ok().filter(|path| path.exists());
        self.program.clone().or_else(own).unwrap_or_else(|| PathBuf::from("/proc/self/exe"))
    }

    fn idle_child(&self) -> Option<Child> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Asks a child. One that has died since its last answer is not the fault of this script, which then has
    /// another.
    async fn ask(&self, request: &[u8]) -> Result<Answer, Problem> {
        loop {
            let (mut child, is_new) = match self.idle_child() {
                Some(child) => (child, false),
                None => (Child::start(&self.program()).await.map_err(Problem::NoEngine)?, true),
            };
            match child.ask(request).await {
                Ok(answer) => {
                    self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(child);
                    return Ok(answer);
                }
                Err(Problem::Crashed) if !is_new => child.kill().await,
                Err(problem) => {
                    child.kill().await;
                    return Err(problem);
                }
            }
        }
    }
}
