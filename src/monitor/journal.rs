//! What one input brought about, collected so that it becomes true together.

use super::message::{Effect, Notice, Reply, RequestId};
use crate::domain::{Event, Happening, Order, Record, Target, Wall};
use std::sync::Arc;

/// How many events a snapshot carries.
const EVENTS_MAX: usize = 200;

/// Everything to be saved because of one input goes out as a single [`Effect::Save`], in front of
/// everything else: a front end is never told of an outage that is not on its way to the disk.
#[derive(Debug, Default)]
pub(super) struct Journal {
    events: Arc<Vec<Event>>,
    records: Vec<Record>,
    effects: Vec<Effect>,
}

impl Journal {
    pub(super) fn new(events: Vec<Event>) -> Self {
        Self { events: Arc::new(events), ..Self::default() }
    }

    /// The log of events is this one; its newest lines stay.
    pub(super) fn recall(&mut self, mut events: Vec<Event>) {
        events.drain(..events.len().saturating_sub(EVENTS_MAX));
        self.events = Arc::new(events);
    }

    pub(super) fn events(&self) -> Arc<Vec<Event>> {
        Arc::clone(&self.events)
    }

    pub(super) fn save(&mut self, record: Record) {
        self.records.push(record);
    }

    pub(super) fn order(&mut self, order: Order) {
        self.effects.push(Effect::Order(order));
    }

    pub(super) fn announce(&mut self, notice: Notice) {
        self.effects.push(Effect::Announce(notice));
    }

    pub(super) fn reply(&mut self, request: RequestId, reply: Reply) {
        self.effects.push(Effect::Reply(request, reply));
    }

    pub(super) fn want(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Writes a line into the log of events.
    pub(super) fn tell(&mut self, at: Wall, target: Option<&Target>, what: Happening) {
        let target = target.map(|target| (target.id, target.definition.name.clone()));
        let event = Event { at, target, what };
        self.records.push(Record::Event(event.clone()));
        let events = Arc::make_mut(&mut self.events);
        if events.len() >= EVENTS_MAX {
            events.drain(..=events.len() - EVENTS_MAX);
        }
        events.push(event);
    }

    /// Hands everything over.
    pub(super) fn drain(&mut self, effects: &mut Vec<Effect>) {
        if !self.records.is_empty() {
            effects.push(Effect::Save(std::mem::take(&mut self.records)));
        }
        effects.append(&mut self.effects);
    }
}
