//! The state of the events view.

use super::{List, Model};
use crate::domain::{Event, Wall};
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
