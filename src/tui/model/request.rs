//! What was asked of the engine and not yet answered, and what is to be done with the answer.

use super::undo::Change;
use crate::domain::{Address, OutageId, Target, TargetId};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What the answer is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// Targets are being added; told in these words.
    Add(String),
    /// Something is being changed that can be undone.
    Change(Change),
    /// These are being removed.
    Remove(Vec<Target>),
    /// A change is being taken back; told in these words.
    Undo(String),
    /// Checks were asked for; told in these words.
    CheckNow(String),
    /// The test of the open form, of this address.
    Test(Address),
    /// What a removal would lose, for the open question.
    Extent(Vec<TargetId>),
    /// History of one target for the detail view.
    Detail(TargetId),
    /// Uptimes of one target for the detail view.
    Uptimes(TargetId),
    /// The table of the past.
    Moment,
    /// How all targets did over a window of the dashboard.
    Overview,
    /// Outages for the outages view.
    Outages,
    /// The evidence of one outage.
    Outage(OutageId),
    /// What a report tells, for this file; `None` for one that is named after the span.
    Report(Option<PathBuf>),
    /// A note is being written, or taken back; told in these words.
    Note(String),
    /// An instant check of the checks view.
    Instant,
    /// Something whose answer matters only if it is a refusal.
    Other,
}

/// The numbers of what was asked.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    newest: u64,
    waiting: BTreeMap<u64, Pending>,
}

impl Requests {
    /// A new number under which the answer will come.
    pub fn number(&mut self, pending: Pending) -> u64 {
        self.newest += 1;
        self.waiting.insert(self.newest, pending);
        self.newest
    }

    /// What the answer with this number is for; each number is answered once.
    pub fn answered(&mut self, number: u64) -> Option<Pending> {
        self.waiting.remove(&number)
    }

    /// Whether an answer for such a thing is still to come.
    pub fn is_any_waiting(&self, such: impl Fn(&Pending) -> bool) -> bool {
        self.waiting.values().any(such)
    }

    /// Whether an answer of this kind is still to come.
    pub fn is_waiting(&self, pending: &Pending) -> bool {
        self.waiting.values().any(|waiting| waiting == pending)
    }
}
