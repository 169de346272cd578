//! What the store's thread is asked, and the queue that never makes anybody wait.

use super::Status;
use super::error::{ReadError, Trouble, Unsaved};
use super::prune::Bounds;
use super::reader::Reader;
use super::ring::{Batch, Ring};
use crate::domain::{Check, Record, Wall};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How many jobs may wait.
const JOBS_MAX: usize = 256;
/// After how long without an answer from the disk that is told.
const SILENCE_MAX: Duration = Duration::from_secs(3);

/// A question with its way back.
pub(super) type Question = Box<dyn FnOnce(Result<&Reader<'_>, ReadError>) + Send>;

/// Something to do beside saving.
pub(super) enum Job {
    Read(Question),
    Prune(Bounds),
    Import(Vec<Record>, Vec<Check>, oneshot::Sender<Result<(), Unsaved>>),
    Flush(oneshot::Sender<Result<(), Unsaved>>),
    Close(oneshot::Sender<Result<(), Unsaved>>),
}

/// The queue between everybody and the store's thread.
pub(super) struct Inbox {
    inner: Mutex<Inner>,
    changed: Condvar,
    statuses: mpsc::Sender<Status>,
}

struct Inner {
    jobs: VecDeque<Job>,
    records: Ring,
    newest: Wall,
    /// Since when the disk has been at work on one thing.
    busy_since: Option<Instant>,
    /// Whether that was told.
    silence: Silence,
    open: Openness,
    ids: Ids,
}

/// Whose ids the records bear.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ids {
    /// Those that the history gives.
    Own,
    /// Those of a run that had no history yet.
    Strange,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    Untold,
    Told,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Openness {
    Open,
    Closed,
}

impl Inner {
    /// How long the disk has not answered, if that is long.
    fn silence_of_the_disk(&self) -> Option<Duration> {
        self.busy_since.map(|since| since.elapsed()).filter(|silence| *silence >= SILENCE_MAX)
    }

    /// Takes out the questions that wait.
    fn take_questions(&mut self) -> Vec<Question> {
        let mut questions = Vec::new();
        for job in std::mem::take(&mut self.jobs) {
            match job {
                Job::Read(question) => questions.push(question),
                other => self.jobs.push_back(other),
            }
        }
        questions
    }
}

fn unanswered(silence: Duration) -> ReadError {
    ReadError::Unavailable(Trouble::Silent(silence.as_secs()).to_string())
}

/// Whoever asks waits for the disk as long as it may be silent, and no longer.
fn refuse(questions: Vec<Question>, silence: Duration) {
    for question in questions {
        question(Err(unanswered(silence)));
    }
}

impl Inbox {
    pub fn new(unsaved_max: usize, statuses: mpsc::Sender<Status>) -> Self {
        Self::with(Ids::Own, unsaved_max, statuses)
    }

    /// One of a store that is not open yet: what is saved stays in it until it is claimed.
    pub fn unopened(unsaved_max: usize, statuses: mpsc::Sender<Status>) -> Self {
        Self::with(Ids::Strange, unsaved_max, statuses)
    }

    fn with(ids: Ids, unsaved_max: usize, statuses: mpsc::Sender<Status>) -> Self {
        let inner = Inner {
            jobs: VecDeque::new(),
            records: Ring::new(unsaved_max),
            newest: Wall::default(),
            busy_since: None,
            silence: Silence::Untold,
            open: Openness::Open,
            ids,
        };
        Self { inner: Mutex::new(inner), changed: Condvar::new(), statuses }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics half-way; what a poisoned queue holds is still good.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes records in. The thread is not woken: it comes by itself at its next flush.
    pub fn push(&self, batch: Batch) {
        let mut inner = self.lock();
        for record in &batch {
            if let Record::Check(Check { at, .. }) | Record::Alive(at) = record {
                inner.newest = *at;
            }
        }
        inner.records.push(batch);
        let Some(silence) = inner.silence_of_the_disk() else { return };
        if inner.silence == Silence::Untold {
            let status = Status::Failing {
                since: inner.newest - silence,
                why: Trouble::Silent(silence.as_secs()).to_string(),
                waiting: inner.records.records() as u64,
                lost: 0,
            };
            if self.statuses.try_send(status).is_ok() {
                inner.silence = Silence::Told;
            }
        }
        let questions = inner.take_questions();
        drop(inner);
        refuse(questions, silence);
    }

    /// Takes out what was saved under ids that mean nothing here; what comes from now on bears the right ones.
    pub fn claim(&self) -> Vec<Batch> {
        let mut inner = self.lock();
        if std::mem::replace(&mut inner.ids, Ids::Own) == Ids::Own { Vec::new() } else { inner.records.take() }
    }

    /// How many records wait to be claimed, and how many of them were dropped since this was last asked.
    pub fn unclaimed(&self) -> (usize, u64) {
        let mut inner = self.lock();
        match inner.ids {
            Ids::Own => (0, 0),
            Ids::Strange => (inner.records.records(), inner.records.take_lost()),
        }
    }

    /// Takes a job in, or gives it back if there are too many or the store is closed.
    pub fn ask(&self, job: Job) -> Result<(), (Job, ReadError)> {
        let mut inner = self.lock();
        if inner.open == Openness::Closed {
            return Err((job, ReadError::Closed));
        }
        if matches!(job, Job::Prune(_)) && inner.ids == Ids::Strange {
            // Whoever wants that does not know yet what the history says about the clock.
            return Err((job, ReadError::Busy));
        }
        if matches!(job, Job::Read(_))
            && let Some(silence) = inner.silence_of_the_disk()
        {
            return Err((job, unanswered(silence)));
        }
        if inner.jobs.len() >= JOBS_MAX && !matches!(job, Job::Close(_)) {
            return Err((job, ReadError::Busy));
        }
        inner.jobs.push_back(job);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for a job until the deadline, and takes it together with every record that came before it.
    pub fn next(&self, deadline: Instant, waiting: &mut Ring) -> Option<Job> {
        let mut inner = self.lock();
        while inner.jobs.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            inner = self.changed.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        if inner.ids == Ids::Own {
            waiting.append(&mut inner.records);
        }
        inner.jobs.pop_front()
    }

    /// Notes that the disk is being asked something, or has answered; says whether its silence was told.
    pub fn mark_busy(&self, since: Option<Instant>) -> Silence {
        let mut inner = self.lock();
        inner.busy_since = since;
        std::mem::replace(&mut inner.silence, Silence::Untold)
    }

    /// Says that nobody serves any more, to those who wait and to those who listen: the thread has
    /// panicked.
    pub fn give_up(&self) {
        for job in self.close() {
            if let Job::Read(question) = job {
                question(Err(ReadError::Closed));
            }
        }
        let (since, waiting) = {
            let inner = self.lock();
            (inner.newest, inner.records.records() as u64)
        };
        let why = "the part of portpulse that keeps history has failed; start it again".to_owned();
        // An error means that nobody listens.
        let _ = self.statuses.blocking_send(Status::Failing { since, why, waiting, lost: 0 });
    }

    /// Takes no more jobs; gives those that waited.
    pub fn close(&self) -> VecDeque<Job> {
        let mut inner = self.lock();
        inner.open = Openness::Closed;
        std::mem::take(&mut inner.jobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_the_thread_has_panicked_nobody_waits_and_it_is_told() {
        let (sender, mut statuses) = mpsc::channel(4);
        let inbox = Inbox::new(100, sender);
        inbox.push(vec![Record::Alive(Wall(7))]);
        let (answer, mut answered) = oneshot::channel();
        let asked = inbox.ask(Job::Read(Box::new(move |reader| {
            let _ = answer.send(reader.map(|_| ()));
        })));
        assert!(asked.is_ok());
        inbox.give_up();
        assert_eq!(answered.try_recv(), Ok(Err(ReadError::Closed)));
        assert!(matches!(statuses.try_recv(), Ok(Status::Failing { since: Wall(7), waiting: 1, .. })));
        let (late, _) = oneshot::channel();
        assert!(matches!(inbox.ask(Job::Flush(late)), Err((_, ReadError::Closed))));
    }
}
