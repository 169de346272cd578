//! The history of a target in pictures and figures: chart, percentiles, failures, uptime and the strip of a day.

use super::Subject;
use super::about::heading;
use crate::domain::{Reason, Span};
use crate::engine::query::{self, Summary};
use crate::tui::action::Action;
use crate::tui::model::Window;
use crate::tui::model::detail::Scale;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::Runs;
use crate::tui::widget::chart::{Chart, PEAK};
use crate::tui::widget::strip::strip;
use crate::window::Uptime;
use std::time::Duration;

/// From this many columns on there is room for one more percentile.
const WIDE: usize = 100;

impl Subject<'_> {
    /// What the chart shows and how to have it otherwise.
    pub(super) fn chart_title(&self) -> Runs {
        let key = |action| self.model.settings.keymap.label(action, self.model.glyphs());
        let (scale, other) = match self.model.detail.scale {
            Scale::Logarithmic => ("log scale", "linear"),
            Scale::Linear => ("linear, ms", "log"),
        };
        let mut windows = Runs::default();
        for window in Window::ALL {
            let (text, role) = if window == self.model.window {
                (format!("[{}]", window.name()), Role::Strong)
            } else {
                (format!(" {} ", window.name()), Role::Text)
            };
            windows.add(text, role);
        }
        if let Some(key) = key(Action::Window) {
            windows.add(format!("  {key} next"), Role::Muted);
        }
        windows.add("  ", Role::Text);
        let legends =
            [format!("dns + connect, {PEAK} slowest, {scale}"), format!("dns + connect, {scale}"), scale.to_owned()];
        let other = key(Action::Scale).map_or_else(String::new, |key| format!("  ({key} {other})"));
        let title = |legend: String| {
            Runs::default().with(" LATENCY  ", Role::Muted).with(legend, Role::Text).with(&other, Role::Muted)
        };
        let room = self.width.saturating_sub(windows.width());
        let line = legends.map(title).into_iter().find(|line| line.width() < room).unwrap_or_default();
        line.with_end(windows, self.width)
    }

    /// The chart in exactly so many lines.
    pub(super) fn chart(&self, lines: usize) -> Vec<Runs> {
        let columns = self.width.saturating_sub(usize::from(super::AROUND_CHART));
        let (shown, span) = match self.history {
            Some(query::Detail { columns: found, span: Some(span), .. }) => {
                (found.get(found.len().saturating_sub(columns)..).unwrap_or_default(), *span)
            }
            _ => (&[] as &[query::Column], Span::before(self.model.now, self.model.window.length())),
        };
        let chart = Chart {
            columns: shown,
            width: columns,
            span,
            reach: self.reach(span.length(), shown.len()),
            scale: self.model.detail.scale,
            zone: self.model.settings.zone,
        };
        let mut drawn = vec![];
        for line in chart.draw(lines, self.model.glyphs()) {
            let mut indented = Runs::default().with(" ", Role::Text);
            indented.append(line);
            drawn.push(indented);
        }
        drawn
    }

    /// How many columns one check stands for, with half an interval for checks that come late.
    fn reach(&self, length: Duration, columns: usize) -> usize {
        let column = length.as_secs_f64() / columns.max(1) as f64;
        let interval = self.view.target.definition.interval.as_secs_f64();
        if column > 0.0 { ((interval * 1.5 / column).ceil() as usize).max(1) } else { 1 }
    }

    /// Percentiles with their window and count, then the failures by reason.
    pub(super) fn figures(&self) -> Vec<Runs> {
        let window = self.model.window.name();
        let Some(summary) = self.history.map(|history| &history.summary) else {
            let words = match &self.model.detail.failure {
                Some(why) => format!(" history cannot be read: {why}"),
                None => " reading history".to_owned(),
            };
            return vec![Runs::default().with(self.fit(&words), Role::Muted)];
        };
        if summary.checks == 0 {
            return vec![Runs::default().with(format!(" no check has finished in the last {window}"), Role::Muted)];
        }
        let mut line = Runs::default().with(format!(" {window} "), Role::Muted);
        match summary.latency {
            Some(figures) => {
                let all = [
                    ("p50", figures.p50),
                    ("p90", figures.p90),
                    ("p95", figures.p95),
                    ("p99", figures.p99),
                    ("max", figures.max),
                ];
                let is_wide = self.width >= WIDE;
                for (name, value) in all.into_iter().filter(|(name, _)| is_wide || *name != "p90") {
                    line.add(format!(" {name}"), Role::Muted);
                    line.add(format!(" {} ", text::latency(value)), Role::Text);
                }
            }
            None => line.add(" no check connected ", Role::Text),
        }
        let checks = Runs::default().with(format!("{}  ", text::plural(summary.checks.into(), "check")), Role::Text);
        if let Some(dns) = summary.dns_median
            && line.width() + checks.width() + 12 < self.width
        {
            line.add(" dns", Role::Muted);
            line.add(format!(" {} ", text::latency(dns)), Role::Text);
        }
        let mut lines = vec![line.with_end(checks, self.width)];
        let parts = failures(summary);
        if !parts.is_empty() {
            let mut line = Runs::default();
            for part in parts {
                if line.width() == 0 || line.width() + 3 + text::width(&part) < self.width {
                    line.add(format!("{}{part}", if line.width() == 0 { " " } else { "   " }), Role::Text);
                }
            }
            lines.push(line);
        }
        lines
    }

    /// Uptime of four windows with how much of them was seen, and the last day as a strip.
    pub(super) fn uptime(&self) -> Vec<Runs> {
        let [hour, day, week, month] = match self.history {
            Some(history) => history.uptimes.map(Some),
            None => [Some(self.view.hour.uptime), Some(self.view.day.uptime), None, None],
        };
        let windows = [("1h", hour), ("24h", day), ("7d", week), ("31d", month)];
        let mut line = uptimes(&windows, Seen::Told);
        if line.width() >= self.width {
            line = uptimes(&windows, Seen::Marked);
        }
        let legend = Runs::default().with("height = share of time down  ", Role::Muted);
        let cells = self.history.map_or(&self.view.day.cells, |history| &history.day.cells);
        let mut day = Runs::default().with(" 24h ", Role::Muted);
        day.append(strip(cells, self.width.saturating_sub(7), self.model.glyphs()));
        vec![line.with_end(legend, self.width), day]
    }
}

/// How coverage is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// In words.
    Told,
    /// By a mark on the figure.
    Marked,
}

fn uptimes(windows: &[(&str, Option<Uptime>)], seen: Seen) -> Runs {
    let mut line = heading("UPTIME");
    for (name, uptime) in windows {
        line.add(format!("{name} "), Role::Muted);
        let figure = uptime.as_ref().map_or_else(|| "...".to_owned(), text::uptime_in_words);
        let is_known = uptime.as_ref().is_some_and(|uptime| uptime.share().is_some());
        match uptime.as_ref().and_then(text::coverage) {
            Some(coverage) if seen == Seen::Told && is_known => {
                line.add(figure.trim_start_matches('~'), Role::Text);
                line.add(format!(" ({coverage}% seen)"), Role::Muted);
            }
            _ => line.add(figure, Role::Text),
        }
        line.add("  ", Role::Text);
    }
    line
}

/// How many checks failed in which way, what was lost on the way, and what was our own fault; most telling first.
fn failures(summary: &Summary) -> Vec<String> {
    let mut parts = Vec::new();
    if summary.failed() > 0 {
        let reasons = reasons(&summary.failures);
        let share = text::share(summary.failed().into(), summary.checks.into());
        parts.push(format!("{} failed ({share}): {}", text::count(summary.failed().into()), reasons.join(", ")));
    }
    if summary.syn_lost > 0 {
        parts.push(format!("SYN lost in {}", text::count(summary.syn_lost.into())));
    }
    if summary.inconclusive > 0 {
        parts.push(format!("{} inconclusive", text::count(summary.inconclusive.into())));
    }
    parts
}

/// `14 refused, 2 timeout`, the most frequent first.
fn reasons(failures: &[u32; 6]) -> Vec<String> {
    let mut words: Vec<(&str, u32)> = Vec::new();
    for reason in Reason::ALL {
        let count = failures.get(reason.index()).copied().unwrap_or_default();
        match words.iter_mut().find(|(word, _)| *word == reason.word()) {
            _ if count == 0 => {}
            Some((_, sum)) => *sum += count,
            None => words.push((reason.word(), count)),
        }
    }
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    words.iter().map(|(word, count)| format!("{} {word}", text::count((*count).into()))).collect()
}
