//! The store's thread: saves once a second, answers between, and outlives a disk that does not.

use super::base::note_places;
use super::contain::{contained, within};
use super::directory::Directory;
use super::error::{ReadError, Trouble, Unsaved};
use super::heal::{DROP_MAX, Estate, Failing, REOPEN_BYTES};
use super::inbox::{Inbox, Job, Question};
use super::ledger::Ledger;
use super::prune::Pruning;
use super::reader::Reader;
use super::ring::Ring;
use super::sum::Summing;
use super::voice::Voice;
use super::{Options, Status};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How long pruning and trimming go on between two looks at what else there is to do. A step takes its time
/// beyond that, and nobody is to wait for more than 10 ms.
const SLICE: Duration = Duration::from_millis(4);
/// How often journal rows that are no longer needed are removed.
const TRIM_EVERY: Duration = Duration::from_mins(1);
/// With a larger file, noting where everything is would keep whoever quits waiting.
const NOTED_MAX: u64 = 1 << 30;
/// How many prunings may wait for their turn.
const PRUNINGS_MAX: usize = 4;

/// The owner of a store.
///
/// It is *recording* (there is a ledger and no failure), or *holding back* (the disk is nearly full:
/// the ledger answers questions and takes nothing), or *without a ledger* (sled has reported an error:
/// after one it is never to be asked again, because its errors stick and its reads may spin). Without
/// a ledger it tries to open the store again every few seconds. In all three, records gather in the ring.
pub(super) struct Worker {
    pub(super) directory: Option<Directory>,
    pub(super) path: PathBuf,
    pub(super) options: Options,
    pub(super) inbox: Arc<Inbox>,
    pub(super) ledger: Option<Ledger>,
    pub(super) waiting: Ring,
    pub(super) failing: Option<Failing>,
    pub(super) estate: Option<Estate>,
    prunings: VecDeque<Pruning>,
    pub(super) summing: Option<Summing>,
    pub(super) is_dirty: bool,
    next_flush: Instant,
    next_trim: Instant,
    pub(super) voice: Voice,
}

impl Worker {
    pub fn new(
        directory: Directory,
        options: Options,
        ledger: Ledger,
        inbox: Arc<Inbox>,
        sender: mpsc::Sender<Status>,
    ) -> Self {
        let path = directory.path().to_owned();
        Self { directory: Some(directory), ledger: Some(ledger), ..Self::idle(path, options, inbox, sender) }
    }

    /// One whose store cannot be opened yet.
    pub fn unopened(
        path: PathBuf,
        options: Options,
        failing: Failing,
        inbox: Arc<Inbox>,
        sender: mpsc::Sender<Status>,
    ) -> Self {
        Self { failing: Some(failing), ..Self::idle(path, options, inbox, sender) }
    }

    fn idle(path: PathBuf, options: Options, inbox: Arc<Inbox>, sender: mpsc::Sender<Status>) -> Self {
        let now = Instant::now();
        Self {
            path,
            directory: None,
            waiting: Ring::new(options.unsaved_max),
            next_flush: now + options.flush_every,
            next_trim: now + TRIM_EVERY,
            options,
            inbox,
            ledger: None,
            failing: None,
            estate: None,
            prunings: VecDeque::new(),
            summing: None,
            is_dirty: false,
            voice: Voice::new(sender),
        }
    }

    /// Where it is asked.
    pub fn inbox(&self) -> Arc<Inbox> {
        Arc::clone(&self.inbox)
    }

    /// Works until the store is closed.
    pub fn run(mut self) {
        self.tell_failing();
        loop {
            self.voice.speak();
            let is_tidying = self.has_upkeep();
            let deadline = if is_tidying { Instant::now() } else { self.next_flush };
            match self.inbox.next(deadline, &mut self.waiting) {
                Some(Job::Close(reply)) => return self.end(reply),
                Some(job) => self.serve(job),
                None => {}
            }
            if Instant::now() >= self.next_flush {
                self.flush();
                self.next_flush = Instant::now() + self.options.flush_every;
            } else if is_tidying {
                self.keep_up();
            }
        }
    }

    fn serve(&mut self, job: Job) {
        match job {
            Job::Read(question) => self.answer(question),
            Job::Prune(bounds) => {
                if self.prunings.len() < PRUNINGS_MAX {
                    self.prunings.push_back(Pruning::new(bounds));
                }
            }
            Job::Import(records, checks, reply) => {
                let count = checks.len() as u64;
                let is_possible = self.failing.is_none() && self.look_around().is_ok();
                let outcome = if is_possible && self.attempt(|ledger| ledger.import(checks)).is_some() {
                    self.waiting.push(records);
                    self.is_dirty = true;
                    self.finish()
                } else {
                    Err(self.unsaved(count + records.len() as u64))
                };
                // Whoever asked may have gone; so below.
                let _ = reply.send(outcome);
            }
            Job::Flush(reply) => {
                self.next_trim = Instant::now();
                // What waits may bring more to do.
                let mut outcome = self.finish();
                while self.has_upkeep() {
                    while self.has_upkeep() {
                        self.keep_up();
                    }
                    outcome = self.finish();
                }
                let _ = reply.send(outcome);
            }
            Job::Close(_) => {}
        }
    }

    fn answer(&mut self, question: Question) {
        let Some(ledger) = &self.ledger else {
            let why = self.failing.as_ref().map(|failing| failing.why.to_string()).unwrap_or_default();
            return question(Err(ReadError::Unavailable(why)));
        };
        let reader = Reader::new(ledger, &self.waiting);
        self.inbox.mark_busy(Some(Instant::now()));
        // The reader contains what sled does. A panic beside that is a mistake of whoever asks, no
        // damage to the store, and must not end this thread.
        let asked = catch_unwind(AssertUnwindSafe(|| question(Ok(&reader))));
        let silence = self.inbox.mark_busy(None);
        let (damage, trouble) = reader.findings();
        self.voice.damage(&damage);
        self.voice.break_silence(silence);
        if asked.is_err() {
            self.voice.note("a question about the history failed inside portpulse".to_owned());
        }
        if let Some(trouble) = trouble {
            self.give_up(trouble);
        }
    }

    /// Asks something of the ledger. After an error there is none any more.
    pub(super) fn attempt<T>(&mut self, work: impl FnOnce(&mut Ledger) -> Result<T, Trouble>) -> Option<T> {
        let ledger = self.ledger.as_mut()?;
        match contained(|| work(ledger)) {
            Ok(done) => Some(done),
            Err(trouble) => {
                self.give_up(trouble);
                None
            }
        }
    }

    /// Whether there is anything to sum up or to prune.
    fn has_upkeep(&self) -> bool {
        let is_due = || self.ledger.as_ref().is_some_and(|ledger| ledger.due_day().is_some());
        self.failing.is_none() && (!self.prunings.is_empty() || self.summing.is_some() || is_due())
    }

    /// Sums up a bit of a day that is over, or, when all are summed up, prunes a bit.
    fn keep_up(&mut self) {
        let deadline = Instant::now() + SLICE;
        let due = self.ledger.as_ref().and_then(Ledger::due_day);
        let summing = match (self.summing.take(), due) {
            (None, None) => return self.prune(deadline),
            (Some(summing), _) => Some(summing),
            (None, Some(day)) => self.attempt(|ledger| Summing::begin(ledger, day)),
        };
        // After an error there is no ledger, and the next one begins anew.
        self.summing = summing.and_then(|mut summing| {
            self.attempt(|ledger| summing.go_on(ledger, deadline))?;
            (!summing.is_done()).then_some(summing)
        });
        self.is_dirty = true;
    }

    fn prune(&mut self, deadline: Instant) {
        let Some(mut pruning) = self.prunings.pop_front() else { return };
        if self.attempt(|ledger| pruning.go_on(ledger, deadline)).is_none() || !pruning.is_done() {
            self.prunings.push_front(pruning);
        }
        self.is_dirty = true;
    }

    /// Brings everything that waits to the disk, if the disk lets us.
    fn flush(&mut self) {
        if self.ledger.is_none() && self.failing.as_ref().is_none_or(|failing| Instant::now() >= failing.retry_at) {
            self.open_again();
        }
        match self.look_around() {
            Ok(()) => self.write(),
            Err(trouble @ Trouble::Low { .. }) => self.fail(trouble),
            Err(trouble) => self.give_up(trouble),
        }
        self.tell_failing();
    }

    /// Whether the directory is ours still, and has room.
    fn look_around(&self) -> Result<(), Trouble> {
        let (Some(directory), Some(ledger)) = (&self.directory, &self.ledger) else { return Ok(()) };
        if !directory.is_in_place() || !ledger.base.is_in_place() {
            return Err(Trouble::Gone);
        }
        let least = self.options.free_space_min;
        // Once it was too little, it takes an eighth more to be enough.
        let enough = if self.failing.is_some() { least + least / 8 } else { least };
        match directory.free()? {
            // The housekeeping of sled writes too, and must not meet the end of the disk.
            free if free < least.min(REOPEN_BYTES) => Err(Trouble::Full),
            free if free < enough => Err(Trouble::Low { least }),
            _ => Ok(()),
        }
    }

    fn write(&mut self) {
        if self.ledger.is_none() || (self.waiting.is_empty() && !self.is_dirty && self.failing.is_none()) {
            return;
        }
        let batches = self.waiting.take();
        let now = Instant::now();
        let is_trim_due = now >= self.next_trim;
        self.inbox.mark_busy(Some(now));
        let done = self.attempt(|ledger| {
            ledger.write(batches)?;
            if is_trim_due {
                ledger.seal_idle()?;
            }
            ledger.commit()?;
            if is_trim_due { ledger.trim(Instant::now() + SLICE) } else { Ok(false) }
        });
        let silence = self.inbox.mark_busy(None);
        let Some(is_trimmed) = done else { return };
        self.is_dirty = is_trim_due;
        if is_trimmed {
            self.next_trim = Instant::now() + TRIM_EVERY;
        }
        let lost = self.failing.take().map_or(0, |failing| failing.lost);
        if lost > 0 {
            self.voice.note(format!("{lost} records were lost while the disk took none"));
        }
        self.voice.break_silence(silence);
        self.voice.say(Status::Recording);
    }

    /// Writes, and says what could not be written.
    fn finish(&mut self) -> Result<(), Unsaved> {
        self.flush();
        let (unclaimed, _) = self.inbox.unclaimed();
        let is_done = self.failing.is_none() && self.waiting.is_empty() && unclaimed == 0;
        if is_done { Ok(()) } else { Err(self.unsaved(unclaimed as u64)) }
    }

    fn unsaved(&self, more: u64) -> Unsaved {
        let why = self.failing.as_ref().map(|failing| failing.why.to_string());
        let why = why.unwrap_or_else(|| "the history could not be opened before the end".to_owned());
        Unsaved { records: self.waiting.records() as u64 + more, why }
    }

    fn end(mut self, reply: oneshot::Sender<Result<(), Unsaved>>) {
        if let Some(failing) = &mut self.failing {
            failing.retry_at = Instant::now();
        }
        let outcome = self.finish();
        self.voice.speak();
        if outcome.is_ok() {
            // Without it the next start takes longer, no more.
            let _ = self.attempt(Ledger::leave);
        }
        if let Some(ledger) = self.ledger.take() {
            // Everything is saved; a sled that does not let go ends with the process.
            let sled = self.path.join("sled");
            let _ = within(DROP_MAX, move || {
                let bytes = ledger.base.file_bytes()?;
                drop(ledger);
                if bytes <= NOTED_MAX { note_places(&sled) } else { Ok(()) }
            });
        }
        if let Some(directory) = self.directory.take() {
            // What sled has just written is for nobody else either. The next start does this again.
            let _ = directory.settle();
        }
        for job in self.inbox.close() {
            if let Job::Read(question) = job {
                question(Err(ReadError::Closed));
            }
        }
        let _ = reply.send(outcome);
    }
}
