//! The chart of a target: what it shows, its title, and what stands under the cursor.

use super::Subject;
use super::figures::COARSE;
use crate::domain::{GapCause, Maintenance, Span};
use crate::engine::query::{self, Column, Source, Why};
use crate::tui::action::Action;
use crate::tui::model::Window;
use crate::tui::model::detail::{Cursor, Grid, Look, Scale};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::chart::{Chart, PEAK, Pointer};
use crate::tui::widget::{Runs, foreign};
use std::time::Duration;

/// Lines that what stands under the cursor may take.
const READING_LINES_MAX: usize = 2;

impl Subject<'_> {
    /// What the chart shows and how to have it otherwise.
    pub(super) fn chart_title(&self) -> Runs {
        let (scale, other) = match self.model.detail.scale {
            Scale::Logarithmic => ("log scale", "linear"),
            Scale::Linear => ("linear, ms", "log"),
        };
        let end = match self.model.detail.sight.look() {
            Look::Latest(length) => self.lengths(length),
            Look::Past(span) => self.past(span),
        };
        let legends =
            [format!("dns + connect, {PEAK} slowest, {scale}"), format!("dns + connect, {scale}"), scale.to_owned()];
        let other = self.key(Action::Scale).map_or_else(String::new, |key| format!("  ({key} {other})"));
        let shown = self.model.detail.endpoint;
        let of = self.view.target.endpoints().find(|(id, _)| Some(*id) == shown);
        let of = of.map(|(_, endpoint)| format!("of {}  ", endpoint.address)).unwrap_or_default();
        let title = |(legend, other): (&str, &str)| {
            Runs::default()
                .with(" LATENCY  ", Role::Muted)
                .with(of.clone(), Role::Strong)
                .with(legend, Role::Text)
                .with(other, Role::Muted)
        };
        let room = self.width.saturating_sub(end.width());
        let with_key = legends.iter().map(|legend| (legend.as_str(), other.as_str()));
        let mut titles = with_key.chain([(scale, ""), ("", "")]).map(title);
        titles.find(|line| line.width() < room).unwrap_or_default().with_end(end, self.width)
    }

    /// The lengths, with the one that is shown.
    fn lengths(&self, shown: Window) -> Runs {
        let mut lengths = Runs::default();
        for length in Window::ALL {
            let (text, role) = if length == shown {
                (format!("[{}]", length.name()), Role::Strong)
            } else {
                (format!(" {} ", length.name()), Role::Text)
            };
            lengths.add(text, role);
        }
        if let Some(key) = self.key(Action::Window) {
            lengths.add(format!("  {key} next"), Role::Muted);
        }
        lengths.with("  ", Role::Text)
    }

    /// Which part of the past is shown, unmistakably, and the way back.
    fn past(&self, span: Span) -> Runs {
        let detail = &self.model.detail;
        // What is on the screen; the answer to the newest step may still be on its way.
        let span = self.history.and_then(|history| history.span).unwrap_or(span);
        let words = format!(" {} ", self.model.settings.zone.span(span, self.model.now));
        let mut line = Runs::default().with(words, Role::Banner);
        line.add(format!("  {} long", super::figures::long(span)), Role::Text);
        let out = match (detail.sight.depth(), &self.model.travel) {
            (1.., _) => "out",
            (0, Some(_)) => "then",
            (0, None) => "now",
        };
        if let Some(key) = self.key(Action::Back) {
            line.add(format!("  {key} {out}"), Role::Muted);
        }
        line.with("  ", Role::Text)
    }

    /// How many columns the plot has.
    pub(super) fn plot_width(&self) -> usize {
        self.width.saturating_sub(usize::from(super::AROUND_CHART))
    }

    /// The chart in at most so many lines.
    pub(super) fn chart(&self, lines: usize) -> Vec<Runs> {
        let width = self.plot_width();
        let empty = query::Detail::default();
        let query::Detail { columns: found, span, unseen, remarks, maintenance, .. } = self.history.unwrap_or(&empty);
        let shown = found.get(found.len().saturating_sub(width)..).unwrap_or_default();
        let span = span.unwrap_or_else(|| self.model.detail.sight.look().span(self.model.now));
        let chart = Chart {
            columns: shown,
            width,
            span,
            reach: self.reach(span.length(), shown.len()),
            unseen,
            remarks,
            maintenance,
            scale: self.model.detail.scale,
            pointer: self.pointer(),
            zone: self.model.settings.zone,
        };
        let indent = |line: Runs| {
            let mut indented = Runs::default().with(" ", Role::Text);
            indented.append(line);
            indented
        };
        chart.draw(lines, self.model.glyphs()).into_iter().map(indent).collect()
    }

    /// How many columns one check stands for, with half an interval for checks that come late.
    fn reach(&self, length: Duration, columns: usize) -> usize {
        let column = length.as_secs_f64() / columns.max(1) as f64;
        let interval = self.view.target.definition.interval.as_secs_f64();
        if column > 0.0 { ((interval * 1.5 / column).ceil() as usize).max(1) } else { 1 }
    }

    fn pointer(&self) -> Option<Pointer> {
        let detail = &self.model.detail;
        let (grid, cursor, chosen) = (detail.grid()?, detail.cursor?, detail.chosen()?);
        // The end of a span is the first moment after it.
        let last = crate::domain::Wall(chosen.to.0 - 1);
        Some(Pointer {
            cursor: grid.place(cursor.at),
            mark: cursor.mark.map(|mark| grid.place(mark)),
            chosen: (grid.place(chosen.from), grid.place(last)),
        })
    }

    /// What stands under the cursor, in words; nothing while the chart does not have the keys.
    pub(super) fn reading(&self) -> Vec<Runs> {
        let detail = &self.model.detail;
        let (Some(cursor), Some(history), Some(grid)) = (detail.cursor, self.history, detail.grid()) else {
            return Vec::new();
        };
        let place = grid.place(cursor.at);
        let Some(column) = history.columns.get(place) else { return Vec::new() };
        let span = grid.column(place);
        let zone = self.model.settings.zone;
        let mut parts = vec![zone.span(span, self.model.now)];
        parts.extend(checks_words(column));
        if column.open > 0 && history.summary.latency.is_some_and(|latency| latency.source == Source::Coarse) {
            parts.push(COARSE.to_owned());
        }
        for unseen in history.unseen.iter().filter(|unseen| unseen.span.overlap(span).is_some()) {
            parts.push(format!("{} {}", why_words(unseen.why), zone.span(unseen.span, span.from)));
        }
        for one in history.maintenance.iter().filter(|one| one.span.overlap(span).is_some()) {
            parts.push(format!("in maintenance{} {}", titled(one), zone.span(one.span, span.from)));
        }
        let written = history.remarks.iter().filter(|remark| grid.place(remark.about) == place);
        parts.extend(written.map(|remark| format!("{} {}", self.model.glyphs().remark, foreign(&remark.text))));
        if parts.len() == 1 {
            let is_before = detail.oldest.is_some_and(|oldest| oldest >= span.to);
            parts.push(if is_before { "not watched yet" } else { "no check began here" }.to_owned());
        }
        if let Some(outage) = crate::tui::model::detail::outages(self.model).into_iter().find(|outage| {
            let ended = outage.ended_at().unwrap_or(self.model.now);
            outage.started_at < span.to && ended > span.from
        }) {
            let since = zone.nearby(outage.started_at, span.from);
            parts.push(format!("in the outage since {since}"));
        }
        parts.extend(marked_words(cursor, grid));
        let mut lines = self.flow(parts.into_iter().map(|part| (part, Role::Text)));
        lines.truncate(READING_LINES_MAX);
        lines
    }

    /// Parts one after the other, in as many lines as they need.
    pub(super) fn flow(&self, parts: impl IntoIterator<Item = (String, Role)>) -> Vec<Runs> {
        let mut lines: Vec<Runs> = Vec::new();
        for (part, role) in parts {
            match lines.last_mut() {
                Some(line) if line.width() + 3 + text::width(&part) < self.width => {
                    line.add("   ", Role::Text);
                    line.add(part, role);
                }
                _ => lines.push(Runs::default().with(" ", Role::Text).with(self.fit(&part), role)),
            }
        }
        lines
    }
}

/// What is being done, behind a colon, where that was said.
pub(super) fn titled(maintenance: &Maintenance) -> String {
    if maintenance.title.is_empty() { String::new() } else { format!(": {}", foreign(&maintenance.title)) }
}

/// How much time is marked.
fn marked_words(cursor: Cursor, grid: Grid) -> Option<String> {
    let span = grid.between(cursor.mark?, cursor.at);
    Some(format!("{} marked", text::full(span.length())))
}

/// How many checks there were in a column and what came of them.
fn checks_words(column: &Column) -> Vec<String> {
    let mut parts = Vec::new();
    let plural = |count: u32, noun: &str| text::plural(count.into(), noun);
    let checks = column.open + column.failed + column.inconclusive;
    if checks > 0 {
        parts.push(plural(checks, "check"));
    }
    if column.open == 1 && checks == 1 {
        parts.push(format!("open in {}", text::latency(column.median)));
    } else if column.open > 0 {
        let [min, median, max] = [column.min, column.median, column.max].map(text::latency);
        parts.push(format!("{} open: min {min} median {median} max {max}", text::count(column.open.into())));
    }
    if column.failed > 0 {
        let reason = column.reason.map_or("", |reason| reason.word());
        let last = if column.failed > 1 { ", the last one: " } else { ": " };
        parts.push(format!("{} failed{last}{reason}", text::count(column.failed.into())));
    }
    if column.inconclusive > 0 {
        parts.push(format!("{} inconclusive", text::count(column.inconclusive.into())));
    }
    parts
}

/// Why nobody saw the target.
const fn why_words(why: Why) -> &'static str {
    match why {
        Why::Paused => "paused",
        Why::Gap(GapCause::NotRunning) => "portpulse did not run",
        Why::Gap(GapCause::Stalled) => "this machine stood still",
        Why::Gap(GapCause::Blind) => "we could not see",
        Why::Gap(GapCause::Damaged) => "history was damaged",
    }
}
