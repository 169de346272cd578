//! One target in full: its latency over time, its figures, its outages, and what to look at first.

mod about;
mod history;
pub mod outages;

pub use about::outcome;

use super::heading::heading;
use super::pen::put_lines;
use crate::engine::query;
use crate::monitor::TargetView;
use crate::tui::model::Model;
use crate::tui::standing::{self, Standing};
use crate::tui::theme::Role;
use crate::tui::widget::{Runs, foreign};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of a detail view that are no columns of its chart: margin, labels and axis at the left, air at the right.
pub const AROUND_CHART: u16 = 8;
/// How many lines the chart has, axis included, from how many lines of the area on: one, two or three
/// rows for each step of its scale.
const CHART_LINES: [(usize, usize); 3] = [(44, 21), (30, 15), (0, 9)];
/// Outages that are shown before advice and note take what is left.
const OUTAGES_FIRST: usize = 2;

/// What every section is made from.
struct Subject<'a> {
    model: &'a Model,
    view: &'a TargetView,
    /// The answer of the store, once there is one for this target.
    history: Option<&'a query::Detail>,
    /// Columns of the area.
    width: usize,
}

/// Draws the view into the body of the screen.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let view = model.detail.target.and_then(|id| model.target(id));
    let name = view.map_or_else(|| "no target".to_owned(), |view| foreign(&view.target.definition.name));
    let facts = view.map(|view| standing_line(model, view)).unwrap_or_default();
    let first = heading(model, &name, facts, usize::from(area.width));
    put_lines(buffer, area, [&first], model.settings.theme);
    draw_pane(model, Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area }, buffer);
}

/// Draws all but the heading into a pane without its frame.
pub fn draw_pane(model: &Model, area: Rect, buffer: &mut Buffer) {
    let lines = lines(model, usize::from(area.width), usize::from(area.height));
    put_lines(buffer, area, &lines, model.settings.theme);
}

/// How it stands, and for how long.
fn standing_line(model: &Model, view: &TargetView) -> Runs {
    let (sign, role) = standing::sign(view, model.glyphs());
    let word = standing::word(view, model.glyphs());
    let lasting = standing::lasting(view, model.now);
    let how = match Standing::of(view) {
        Standing::New => "first check runs".to_owned(),
        standing => format!("{word}{} for {lasting}", if standing == Standing::Failing { " failing" } else { "" }),
    };
    Runs::default().with(format!("{sign} {how}"), if role == Role::Up { Role::Text } else { role })
}

/// The detail in lines, at most `height` of them.
pub fn lines(model: &Model, width: usize, height: usize) -> Vec<Runs> {
    let Some(view) = model.detail.target.and_then(|id| model.snapshot.target(id)) else {
        let words = "  This target is not watched any more.";
        return vec![Runs::default(), Runs::default().with(words, Role::Text)];
    };
    let history = model.detail.history.as_deref().filter(|history| history.target == Some(view.target.id));
    let subject = Subject { model, view, history, width };
    let mut lines = subject.definition();
    lines.push(subject.chart_title());
    let chart = CHART_LINES.iter().find(|(from, _)| height >= *from).map_or(0, |(_, lines)| *lines);
    lines.extend(subject.chart(chart));
    lines.extend(subject.figures());
    lines.extend(subject.uptime());
    lines.extend(subject.addresses());

    let note = subject.note();
    let room = height.saturating_sub(lines.len());
    let first = room.min(1 + OUTAGES_FIRST.min(subject.outage_count()));
    let advice = whole_blocks(subject.advice(), room.saturating_sub(first + usize::from(!note.is_empty())));
    let for_note = note.len().min(room.saturating_sub(first + advice.len()));
    lines.extend(subject.outages(room.saturating_sub(advice.len() + for_note)));
    lines.extend(advice);
    lines.extend(note.into_iter().take(for_note));
    lines.truncate(height);
    lines
}

/// As many blocks from the front as fit whole: half of a step is no advice.
fn whole_blocks(blocks: Vec<Vec<Runs>>, room: usize) -> Vec<Runs> {
    let mut lines = Vec::new();
    for block in blocks {
        if lines.len() + block.len() > room {
            break;
        }
        lines.extend(block);
    }
    lines
}

impl Subject<'_> {
    fn ellipsis(&self) -> &'static str {
        self.model.glyphs().ellipsis
    }

    /// The line cut off at the area's edge with an ellipsis.
    fn fit(&self, text: &str) -> String {
        crate::tui::text::clip(text, self.width.saturating_sub(1), self.ellipsis())
    }
}
