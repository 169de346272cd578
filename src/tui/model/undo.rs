//! What was changed in this session and how to take it back, newest last.

use crate::monitor::Command;

/// How many changes are remembered.
const CHANGES_MAX: usize = 100;

/// A change that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What was done, as in "deleted pg-primary".
    pub what: String,
    /// What takes it back, in order.
    pub inverse: Vec<Command>,
}

/// The changes of this session.
#[derive(Clone, Debug, Default)]
pub struct UndoStack {
    changes: Vec<Change>,
}

impl UndoStack {
    /// Remembers a change; the oldest is forgotten when there are too many.
    pub fn push(&mut self, change: Change) {
        if self.changes.len() == CHANGES_MAX {
            self.changes.remove(0);
        }
        self.changes.push(change);
    }

    /// The newest change, taken off.
    pub fn pop(&mut self) -> Option<Change> {
        self.changes.pop()
    }

    /// The newest change.
    pub fn newest(&self) -> Option<&Change> {
        self.changes.last()
    }
}
