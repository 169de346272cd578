//! What the store's thread has to say, on its way to whoever listens.

use super::Status;
use super::inbox::Silence;
use super::replay::Damage;
use crate::domain::record::Resumed;
use std::collections::VecDeque;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// How many notes may wait for one that listens.
const NOTES_MAX: usize = 64;

/// Statuses on their way to whoever listens: of what holds, only the newest; of notes, each.
pub(super) struct Voice {
    sender: mpsc::Sender<Status>,
    opened: Option<Status>,
    latest: Option<Status>,
    said: Status,
    notes: VecDeque<String>,
    damage: Option<String>,
}

impl Voice {
    pub fn new(sender: mpsc::Sender<Status>) -> Self {
        let said = Status::Recording;
        Self { sender, opened: None, latest: None, said, notes: VecDeque::new(), damage: None }
    }

    /// Says that the store is open, and what was in it.
    pub fn opened(&mut self, resumed: Resumed) {
        self.opened = Some(Status::Opened(Box::new(resumed)));
    }

    /// Says how things stand, if that is news.
    pub fn say(&mut self, status: Status) {
        if status != self.said {
            self.said = status.clone();
            self.latest = Some(status);
        }
    }

    pub fn note(&mut self, text: String) {
        if self.notes.len() < NOTES_MAX {
            self.notes.push_back(text);
        }
    }

    /// Damage that is met again is told once.
    pub fn damage(&mut self, damage: &Damage) {
        let words = damage.words();
        if words.is_some() && words != self.damage {
            self.damage.clone_from(&words);
            self.notes.extend(words);
        }
    }

    /// While this thread was busy, the inbox may have said that nothing is recorded.
    pub fn break_silence(&mut self, silence: Silence) {
        if silence == Silence::Told && self.latest.is_none() {
            self.latest = Some(self.said.clone());
        }
    }

    pub fn speak(&mut self) {
        while let Some(text) = self.notes.pop_front() {
            if let Err(TrySendError::Full(Status::Note(text))) = self.sender.try_send(Status::Note(text)) {
                self.notes.push_front(text);
                return;
            }
        }
        for status in [&mut self.opened, &mut self.latest] {
            if let Some(wanted) = status.take()
                && let Err(TrySendError::Full(wanted)) = self.sender.try_send(wanted)
            {
                *status = Some(wanted);
                return;
            }
        }
    }
}
