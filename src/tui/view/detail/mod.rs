//! One target in full: its latency over time, its figures, its outages, and what to look at first.

mod about;
mod history;
mod outages;

use crate::engine::query;
use crate::monitor::TargetView;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::widget::Runs;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of a detail view that are no columns of its chart: margin, labels and axis at the left, air at the right.
pub const AROUND_CHART: u16 = 8;
/// From this many lines on the chart is drawn in double height.
const TALL_LINES: usize = 30;
/// The lines of both charts, axis included.
const CHART_LINES: (usize, usize) = (9, 15);
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

/// Draws the target of the detail view, or the sentence that says why there is none.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    for (line, y) in lines(model, usize::from(area.width), usize::from(area.height)).iter().zip(area.top()..) {
        line.paint(buffer, area.x, y, area.width, model.settings.theme);
    }
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
    let (low, tall) = CHART_LINES;
    lines.extend(subject.chart(if height >= TALL_LINES { tall } else { low }));
    lines.extend(subject.figures());
    lines.extend(subject.uptime());
    lines.extend(subject.addresses());

    let advice = subject.advice();
    let note = subject.note();
    let room = height.saturating_sub(lines.len());
    let first = room.min(1 + OUTAGES_FIRST.min(subject.outage_count()));
    let for_advice = advice.len().min(room.saturating_sub(first + usize::from(!note.is_empty())));
    let for_note = note.len().min(room.saturating_sub(first + for_advice));
    lines.extend(subject.outages(room.saturating_sub(for_advice + for_note)));
    lines.extend(advice.into_iter().take(for_advice));
    lines.extend(note.into_iter().take(for_note));
    lines.truncate(height);
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
