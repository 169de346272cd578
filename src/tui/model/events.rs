//! The state of the events view.

use super::{List, Model};
use crate::domain::{Event, Happening, Wall};
use crate::tui::filter::Filter;
use crate::tui::text::happening::{sentence, subject};

/// Which event: its moment, and its place among those of the same moment.
pub type EventKey = (Wall, u16);

/// The state of the events view.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// Which events are shown.
    pub filter: Filter,
    /// Which is selected.
    pub list: List<EventKey>,
    /// The newest thing that portpulse had to say about itself in this run.
    pub note: Option<Note>,
}

/// Something that portpulse had to say about itself, such as that history was lost. It stays in sight
/// until the events were looked at, because a restart amid an outage brings many events after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: Wall,
    /// In words.
    pub text: String,
    /// Whether the events were looked at since.
    pub seen: Seen,
}

/// Whether something was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Not,
    Yes,
}

impl Events {
    /// Finds the newest note since the last start.
    pub fn take_note(&mut self, events: &[Event]) {
        let this_run = events.iter().rev().take_while(|event| !matches!(event.what, Happening::Started { .. }));
        let notes = this_run.filter_map(|event| match &event.what {
            Happening::Note(text) => Some((event.at, text)),
            _ => None,
        });
        let Some((at, text)) = notes.max_by_key(|(at, _)| *at) else { return };
        if self.note.as_ref().is_none_or(|known| known.at != at || known.text != *text) {
            self.note = Some(Note { at, text: text.clone(), seen: Seen::Not });
        }
    }

    /// The note, unless it has been seen.
    pub fn unseen(&self) -> Option<&Note> {
        self.note.as_ref().filter(|note| note.seen == Seen::Not)
    }
}

/// The events to show, newest first.
pub fn shown(model: &Model) -> Vec<(EventKey, &Event)> {
    let mut keyed: Vec<(EventKey, &Event)> = Vec::with_capacity(model.snapshot.events.len());
    for event in model.snapshot.events.iter() {
        let place = match keyed.last() {
            Some(((at, place), _)) if *at == event.at => place.saturating_add(1),
            _ => 0,
        };
        keyed.push(((event.at, place), event));
    }
    let filter = &model.events.filter;
    let words = |event: &Event| format!("{} {}", subject(event), sentence(event, model.settings.zone));
    keyed.retain(|(_, event)| filter.is_empty() || filter.admits_words(&words(event)));
    keyed.reverse();
    keyed
}
