//! What happened, newest first: one line each, and the selected one in full below.

use super::heading::heading;
use super::pen::put_lines;
use crate::domain::Event;
use crate::tui::glyphs::Glyphs;
use crate::tui::model::Model;
use crate::tui::model::events::{EventKey, shown};
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

/// Draws the newest events into a pane without its frame.
pub fn draw_pane(model: &Model, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let lines: Vec<Runs> =
        shown(model).into_iter().take(height).map(|(_, event)| row(model, event, None, width)).collect();
    put_lines(buffer, area, &lines, model.settings.theme);
}

/// How many rows of the list are on the screen.
pub fn rows(model: &Model) -> usize {
    usize::from(model.frame().body.height).saturating_sub(1 + FULL_LINES).max(1)
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
    let list = &model.events.list;
    let selected = list.selected.or_else(|| events.first().map(|(key, _)| *key));
    let room = height.saturating_sub(1 + FULL_LINES);
    for (key, event) in events.iter().skip(list.offset).take(room) {
        lines.push(row(model, event, Some(if selected == Some(*key) { Chosen::Yes } else { Chosen::No }), width));
    }
    lines.resize(height.saturating_sub(FULL_LINES).max(1), Runs::default());
    lines.extend(full(model, &events, selected, width));
    lines
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Chosen {
    Yes,
    No,
}

/// One event; without a cursor column where nothing can be selected.
fn row(model: &Model, event: &Event, chosen: Option<Chosen>, width: usize) -> Runs {
    let (glyphs, zone) = (model.glyphs(), model.settings.zone);
    let tone = Tone::of(&event.what);
    let (cursor, role) = match chosen {
        Some(Chosen::Yes) => (glyphs.cursor, Role::Strong),
        Some(Chosen::No) | None => (" ", Role::Text),
    };
    let moment = if zone.same_day(event.at, model.now) { zone.clock(event.at) } else { zone.day_minute(event.at) };
    let names = if width < 100 { 13 } else { 20 };
    let name = text::clip(&foreign(subject(event)), names, glyphs.ellipsis);
    let mut line = Runs::default().with(cursor, Role::Strong).with(format!("{moment:MOMENT$} "), Role::Muted);
    line.add(sign(tone, glyphs), tone.role());
    line.add(format!(" {}  ", text::pad_right(&name, names)), role);
    let room = width.saturating_sub(line.width() + 1);
    line.with(text::clip(&foreign(&sentence(event, zone)), room, glyphs.ellipsis), Role::Text)
}

/// The selected event in as many words as it has.
fn full(model: &Model, events: &[(EventKey, &Event)], selected: Option<EventKey>, width: usize) -> Vec<Runs> {
    let zone = model.settings.zone;
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
const fn sign(tone: Tone, glyphs: &Glyphs) -> &'static str {
    match tone {
        Tone::Down => glyphs.down,
        Tone::Trouble => glyphs.failing,
        Tone::Slow => glyphs.slow,
        Tone::Up => glyphs.up,
        Tone::Paused => glyphs.paused,
        Tone::Neutral => glyphs.new,
    }
}
