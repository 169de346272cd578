//! What happened, newest first: one line each, and the selected one in full below.

use super::heading::heading;
use super::pen::put_lines;
use crate::domain::Event;
use crate::tui::glyphs::Glyphs;
use crate::tui::layout::inside;
use crate::tui::model::events::{EventKey, shown};
use crate::tui::model::{Model, View};
use crate::tui::text;
use crate::tui::text::happening::{Tone, sentence, subject};
use crate::tui::theme::Role;
use crate::tui::widget::{Runs, foreign};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lines at the end that show the selected event in full.
const FULL_LINES: usize = 3;
/// Columns of a moment: the clock of today, day and minute of another day.
const MOMENT: usize = 12;

/// Draws the view into the body of the screen.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let lines = lines(model, usize::from(area.width), usize::from(area.height));
    put_lines(buffer, area, &lines, model.settings.theme);
}

/// Draws the events into a pane without its frame.
pub fn draw_pane(model: &Model, area: Rect, buffer: &mut Buffer) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    put_lines(buffer, area, &list(model, &shown(model), height, width), model.settings.theme);
}

/// How many rows of the list are on the screen.
pub fn rows(model: &Model) -> usize {
    match (model.view, model.dashboard().panes) {
        (View::Targets, Some(panes)) => usize::from(inside(panes.events).height),
        _ => usize::from(model.frame().body.height).saturating_sub(1 + FULL_LINES).max(1),
    }
}

/// The rows in sight; the selected one has the cursor while keys go here.
fn list(model: &Model, events: &[(EventKey, &Event)], height: usize, width: usize) -> Vec<Runs> {
    let has_keys = model.place() == View::Events;
    let selected = selected(model, events).filter(|_| has_keys);
    let in_sight = events.iter().skip(model.events.list.offset).take(height);
    in_sight.map(|(key, event)| row(model, event, selected == Some(*key), width)).collect()
}

/// The selected event; the newest where none was selected.
fn selected(model: &Model, events: &[(EventKey, &Event)]) -> Option<EventKey> {
    model.events.list.selected.or_else(|| events.first().map(|(key, _)| *key))
}

fn lines(model: &Model, width: usize, height: usize) -> Vec<Runs> {
    let events = shown(model);
    let mut words = text::plural(events.len() as u64, "event");
    if !model.events.filter.is_empty() {
        words = format!("/{}   {words}", model.events.filter.text());
    }
    let mut lines = vec![heading(model, "events", Runs::default().with(words, Role::Text), width)];
    if events.is_empty() {
        let why = if model.events.filter.is_empty() {
            "Nothing has happened yet."
        } else {
            "No event matches the filter: Esc clears it."
        };
        lines.push(Runs::default());
        lines.push(Runs::default().with(format!("   {why}"), Role::Text));
        return lines;
    }
    lines.extend(list(model, &events, height.saturating_sub(1 + FULL_LINES), width));
    lines.resize(height.saturating_sub(FULL_LINES).max(1), Runs::default());
    lines.extend(full(model, &events, width));
    lines
}

/// One event.
fn row(model: &Model, event: &Event, is_chosen: bool, width: usize) -> Runs {
    let (glyphs, zone) = (model.glyphs(), model.settings.zone);
    let tone = Tone::of(&event.what);
    let (cursor, role) = if is_chosen { (glyphs.cursor, Role::Strong) } else { (" ", Role::Text) };
    let moment = if zone.same_day(event.at, model.now) { zone.clock(event.at) } else { zone.day_minute(event.at) };
    let names = if width < 100 { 13 } else { 20 };
    let name = text::name(&foreign(subject(event)), names, glyphs.ellipsis);
    let mut line = Runs::default().with(cursor, Role::Strong).with(format!("{moment:MOMENT$} "), Role::Muted);
    line.add(sign(tone, glyphs), tone.role());
    line.add(format!(" {}  ", text::pad_right(&name, names)), role);
    let room = width.saturating_sub(line.width() + 1);
    line.with(text::clip(&foreign(&sentence(event, zone)), room, glyphs.ellipsis), Role::Text)
}

/// The selected event in as many words as it has.
fn full(model: &Model, events: &[(EventKey, &Event)], width: usize) -> Vec<Runs> {
    let (zone, selected) = (model.settings.zone, selected(model, events));
    let Some((_, event)) = events.iter().find(|(key, _)| Some(*key) == selected) else { return Vec::new() };
    let words = format!(
        "{} {}  {}: {}",
        zone.date_clock(event.at),
        zone.name(event.at),
        foreign(subject(event)),
        foreign(&sentence(event, zone))
    );
    let mut lines = vec![Runs::default().with(model.glyphs().dashed.repeat(width), Role::Border)];
    lines.extend(
        text::wrap(&words, width.saturating_sub(2))
            .into_iter()
            .take(FULL_LINES - 1)
            .map(|line| Runs::default().with(format!(" {line}"), Role::Text)),
    );
    lines
}

/// The sign in front of an event.
pub(super) const fn sign(tone: Tone, glyphs: &Glyphs) -> &'static str {
    match tone {
        Tone::Down => glyphs.down,
        Tone::Trouble => glyphs.failing,
        Tone::Slow => glyphs.slow,
        Tone::Up => glyphs.up,
        Tone::Paused => glyphs.paused,
        Tone::Maintenance => glyphs.maintenance,
        Tone::Neutral => glyphs.new,
    }
}
