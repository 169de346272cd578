//! What the store's thread does when the disk fails, and how it comes back.

use super::Status;
use super::contain::within;
use super::directory::{Directory, Found};
use super::error::Trouble;
use super::key::Series;
use super::ledger::Ledger;
use super::ledger::State;
use super::mend::{self, Foreknowledge, Ready};
use super::reader::Reader;
use super::replay::legacy;
use super::ring::Batch;
use super::ring::Ring;
use super::worker::Worker;
use crate::domain::{Check, Record, Span, Wall};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often a disk that failed is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(2);
/// How long a sled that failed may take to let go.
pub(super) const DROP_MAX: Duration = Duration::from_secs(5);
/// How much room a sled needs to be opened again after the disk was full.
pub(super) const REOPEN_BYTES: u64 = 2 << 20;

/// Why nothing is written.
pub(super) struct Failing {
    pub since: Wall,
    pub why: Trouble,
    pub lost: u64,
    pub retry_at: Instant,
}

/// What a store that was opened again has to do with the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// It is the same; its row numbers mean what they meant.
    Same,
    /// It stands under the same name, and was not ours all the time.
    Another,
    /// It was begun just now.
    New,
}

/// What a ledger that was given up leaves behind.
pub(super) struct Estate {
    /// The newest row that was synced.
    saved_row: u64,
    /// Whether a write or a sync has failed: what the system says is on the disk may not be.
    is_doubtful: bool,
    /// The damage that was met, if that was it.
    damage: Option<String>,
    /// What may or may not have reached the disk, each batch with the last row that holds it.
    pub unsure: Vec<(Option<u64>, Batch)>,
    /// What is known of targets and outages.
    records: Vec<Record>,
    /// The checks that no chunk holds; some of those that are unsure are among them.
    checks: Vec<Check>,
    state: State,
}

/// When that happened which a record tells of, as far as it says so.
const fn moment(record: &Record) -> Option<Wall> {
    match record {
        Record::Check(check) => Some(check.at),
        Record::Event(event) => Some(event.at),
        Record::Alive(at) => Some(*at),
        _ => None,
    }
}

impl Worker {
    /// Notes that nothing can be written, and why.
    pub(super) fn fail(&mut self, why: Trouble) {
        let retry_at = Instant::now() + RETRY_EVERY;
        if let Some(failing) = &mut self.failing {
            failing.why = why;
            failing.retry_at = retry_at;
            return;
        }
        let since = self.ledger.as_ref().map(|ledger| ledger.newest).unwrap_or_default();
        self.failing = Some(Failing { since, why, lost: 0, retry_at });
    }

    /// Lets go of a ledger that has failed. What it knew is kept for the next one.
    pub(super) fn give_up(&mut self, trouble: Trouble) {
        let damage = match &trouble {
            Trouble::Damaged(why) => Some(why.clone()),
            _ => None,
        };
        let is_doubtful = matches!(trouble, Trouble::Disk(_) | Trouble::Full);
        self.fail(trouble);
        self.summing = None;
        let Some(mut ledger) = self.ledger.take() else { return };
        let (records, checks) = legacy(&ledger);
        self.estate = Some(Estate {
            saved_row: ledger.saved_row,
            is_doubtful,
            damage,
            unsure: ledger.take_in_flight(),
            records,
            checks,
            state: ledger.state,
        });
        let released = within(DROP_MAX, move || {
            drop(ledger);
            Ok(())
        });
        if released.is_err() {
            self.voice.note("the store does not let go of its files: history is kept again after a restart".to_owned());
        }
        // What may not have reached the disk waits again, for the readers and for the count.
        self.tell_failing();
    }

    /// Tells how many records wait and how many were lost, when that has changed.
    pub(super) fn tell_failing(&mut self) {
        let (unclaimed, unclaimed_lost) = self.inbox.unclaimed();
        let lost = self.waiting.take_lost() + unclaimed_lost;
        let Some(failing) = &mut self.failing else {
            if lost > 0 {
                self.voice.note(format!("{lost} records were lost: the disk did not keep up"));
            }
            return;
        };
        failing.lost += lost;
        let unsure = || self.estate.iter().flat_map(|estate| &estate.unsure).map(|(_, batch)| batch);
        if failing.since == Wall::default() {
            // A store that never held anything misses the first that it was given.
            let first = unsure().flatten().chain(self.waiting.iter()).filter_map(moment).min();
            failing.since = first.unwrap_or_default();
        }
        let unsure = unsure().map(Vec::len).sum::<usize>();
        let status = Status::Failing {
            since: failing.since,
            why: failing.why.to_string(),
            waiting: (self.waiting.records() + unsure + unclaimed) as u64,
            lost: failing.lost,
        };
        self.voice.say(status);
    }

    /// Tries to open the store again.
    pub(super) fn open_again(&mut self) {
        let was_ours = self.directory.as_ref().is_some_and(Directory::is_in_place);
        match self.try_open() {
            Ok((ready, origin)) => self.succeed(ready, origin),
            Err(trouble) => {
                if !was_ours {
                    // What is in it is not known yet, and so the next time it is looked at anew.
                    self.directory = None;
                }
                self.fail(trouble);
            }
        }
    }

    fn try_open(&mut self) -> Result<(Ready, Origin), Trouble> {
        let is_held = self.directory.as_ref().is_some_and(Directory::is_in_place);
        let (found, origin) = if is_held {
            (Found::Store, Origin::Same)
        } else {
            // The lock of a directory that is gone locks nobody out.
            self.directory = None;
            let (directory, found) =
                Directory::take(&self.path).map_err(|error| Trouble::Unopened(error.to_string()))?;
            if found == Found::Nothing {
                mend::begin(&directory).map_err(|error| Trouble::Unopened(error.to_string()))?;
            }
            self.directory = Some(directory);
            (found, if found == Found::Nothing { Origin::New } else { Origin::Another })
        };
        let Some(directory) = &self.directory else { return Err(Trouble::Gone) };
        let (free, least) = (directory.free()?, self.options.free_space_min.max(REOPEN_BYTES));
        if free < least {
            return Err(Trouble::Low { least });
        }
        let foreknown = match &self.estate {
            Some(estate) if origin == Origin::Same => {
                if estate.is_doubtful {
                    directory.renew()?;
                }
                Foreknowledge { row: estate.saved_row, damage: estate.damage.clone() }
            }
            _ => Foreknowledge::default(),
        };
        Ok((mend::open(directory, found, &self.options, foreknown)?, origin))
    }

    /// Takes up a store that was opened again, and gives it what the one before left.
    fn succeed(&mut self, ready: Ready, origin: Origin) {
        let Ready { mut ledger, resumed, notes } = ready;
        for note in notes {
            self.voice.note(note);
        }
        let Some(estate) = self.estate.take() else {
            // There was none before.
            self.voice.opened(resumed);
            self.ledger = Some(ledger);
            return;
        };
        if origin == Origin::New {
            self.voice.note(format!(
                "{} was removed while running: the history in it is gone, a new one was begun there",
                self.path.display()
            ));
        }
        ledger.adopt(&estate.state);
        let is_known = |row: Option<u64>| origin == Origin::Same && row.is_some_and(|row| row <= ledger.state.row);
        let unsure = estate.unsure.into_iter().filter(|(row, _)| !is_known(*row)).map(|(_, batch)| batch);
        let mut checks = estate.checks;
        let mut records: Batch = estate.records.into_iter().filter(|record| !ledger.has(record)).collect();
        for record in unsure.flatten() {
            match record {
                Record::Check(check) => checks.push(check),
                other => records.push(other),
            }
        }
        self.waiting.push_front(vec![records]);
        let missing = missing_checks(&ledger, &self.waiting, checks);
        self.ledger = Some(ledger);
        self.is_dirty = true;
        let is_saved = self.attempt(|ledger| {
            ledger.import(missing.clone())?;
            ledger.commit()
        });
        // How much of it has reached the disk shows when the store is opened the next time.
        if is_saved.is_none()
            && let Some(estate) = &mut self.estate
        {
            estate.checks.extend(missing);
        }
    }
}

/// Those of the checks, each once, that neither stand in the store nor wait.
fn missing_checks(ledger: &Ledger, waiting: &Ring, checks: Vec<Check>) -> Vec<Check> {
    let reader = Reader::new(ledger, waiting);
    let mut by_series: BTreeMap<Series, Vec<Check>> = BTreeMap::new();
    for check in checks {
        by_series.entry((check.endpoint, check.vantage)).or_default().push(check);
    }
    let mut missing = Vec::new();
    for ((endpoint, vantage), mut checks) in by_series {
        checks.sort_by_key(|check| check.at);
        let span = Span {
            from: checks.first().map(|check| check.at).unwrap_or_default(),
            to: checks.last().map(|check| check.at).unwrap_or_default() + Duration::from_millis(1),
        };
        let there = reader.checks(endpoint, vantage, span).unwrap_or_default();
        let mut absent: Vec<Check> = Vec::new();
        for check in checks {
            if !stands_in(&there, &check) && !stands_in(&absent, &check) {
                absent.push(check);
            }
        }
        missing.append(&mut absent);
    }
    missing
}

/// Whether a check is among these, which are in the order of time.
fn stands_in(checks: &[Check], check: &Check) -> bool {
    let from = checks.partition_point(|known| known.at < check.at);
    checks.iter().skip(from).take_while(|known| known.at == check.at).any(|known| known == check)
}
