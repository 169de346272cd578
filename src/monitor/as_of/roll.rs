//! Who was watched at a moment, and who was paused, told by what happened to them later.

use crate::domain::{Activity, CatalogEntry, Event, Happening, Span, TargetId, Wall};
use crate::window::{open_ended, spans};
use std::collections::BTreeMap;

/// What the log says about one target.
#[derive(Debug, Default)]
struct Line {
    /// Whether it was there, by the first later event that tells: only what is there can be removed.
    present: Option<bool>,
    /// Whether it was paused, by the first later event that tells.
    paused: Option<bool>,
    /// Pauses that had begun.
    pauses: Vec<Span>,
    /// When it had come back the last time.
    back_at: Option<Wall>,
}

/// A target as it was then.
#[derive(Debug)]
pub(super) struct Present {
    pub entry: CatalogEntry,
    /// Its pauses; one that went on has no end.
    pub paused: Vec<Span>,
    /// When it had been added or brought back the last time, as far as the log tells.
    pub back_at: Option<Wall>,
}

/// The log of events, read for one moment.
#[derive(Debug)]
pub(super) struct Roll {
    at: Wall,
    lines: BTreeMap<TargetId, Line>,
}

impl Roll {
    /// Reads the log, oldest event first. The later events must be complete.
    pub(super) fn call(at: Wall, events: &[Event]) -> Self {
        let mut lines: BTreeMap<TargetId, Line> = BTreeMap::new();
        for (event, (id, _)) in events.iter().filter_map(|event| Some((event, event.target.as_ref()?))) {
            let line = lines.entry(*id).or_default();
            if event.at <= at && matches!(event.what, Happening::Added | Happening::Restored) {
                line.back_at = Some(event.at);
            }
            match event.what {
                Happening::Paused if event.at <= at => spans::insert(&mut line.pauses, open_ended(event.at)),
                Happening::Resumed | Happening::Removed if event.at <= at => {
                    spans::remove(&mut line.pauses, open_ended(event.at));
                }
                _ if event.at <= at || line.present.is_some() => {}
                Happening::Paused => line.paused = line.paused.or(Some(false)),
                Happening::Resumed => line.paused = line.paused.or(Some(true)),
                Happening::Removed => line.present = Some(true),
                Happening::Added | Happening::Restored => line.present = Some(false),
                _ => {}
            }
        }
        Self { at, lines }
    }

    /// The target as it was then; `None` if it was not there.
    pub(super) fn present(&self, today: &CatalogEntry) -> Option<Present> {
        let line = self.lines.get(&today.target.id);
        let told = line.and_then(|line| line.present);
        let is_there = told.unwrap_or_else(|| today.removed_at.is_none_or(|removed_at| removed_at > self.at));
        if !is_there || today.added_at > self.at {
            return None;
        }
        let mut pauses = line.map(|line| line.pauses.clone()).unwrap_or_default();
        let went_on = pauses.last().filter(|span| span.to == Wall(i64::MAX)).map(|span| span.from);
        let of_today = today.paused_at.filter(|paused_at| *paused_at <= self.at && told.is_none());
        let is_paused = match line.and_then(|line| line.paused) {
            Some(told) => told,
            None if told.is_none() => of_today.is_some(),
            None => went_on.is_some(),
        };
        let paused_at = is_paused.then(|| went_on.or(of_today).unwrap_or(today.added_at));
        match (paused_at, went_on) {
            (Some(from), _) => spans::insert(&mut pauses, open_ended(from)),
            (None, Some(from)) => spans::remove(&mut pauses, open_ended(from)),
            (None, None) => {}
        }
        let mut entry = CatalogEntry { paused_at, removed_at: None, ..today.clone() };
        entry.target.definition.activity = if is_paused { Activity::Paused } else { Activity::Watching };
        Some(Present { entry, paused: pauses, back_at: line.and_then(|line| line.back_at) })
    }
}
