//! How much of its time a target was up: over four windows with how much of them was seen, and as a strip.

use super::Subject;
use super::about::heading;
use crate::tui::model::Window;
use crate::tui::model::detail::Look;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::Runs;
use crate::tui::widget::strip::{is_maintenance, strip};
use crate::window::Uptime;

/// How coverage is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// In words.
    Told,
    /// By a mark on the figure.
    Marked,
}

impl Subject<'_> {
    /// Uptime of four windows, of the time that is shown where that is another, and that time as a strip.
    pub(super) fn uptime(&self) -> Vec<Runs> {
        let mut windows: Vec<(String, Option<Uptime>)> = Vec::new();
        let known = self.model.detail.known_uptimes().map(|uptimes| (uptimes.until, uptimes.windows));
        let look = self.model.detail.sight.look();
        let figures = match (look, known) {
            (Look::Latest(_), known) => {
                let (week, month) = known.map(|(_, [_, _, week, month])| (week, month)).unzip();
                [Some(self.view.hour.uptime), Some(self.view.day.uptime), week, month]
            }
            (Look::Past(span), Some((until, figures))) if until == span.to => figures.map(Some),
            (Look::Past(_), _) => [None; 4],
        };
        if let Look::Past(_) = look {
            windows.push(("span".to_owned(), self.history.map(|history| history.strip.uptime)));
        }
        let named = |before: &str| {
            let names = Window::ALL.map(|length| match length {
                Window::Hour => format!("{before}{}", length.name()),
                _ => length.name().to_owned(),
            });
            windows.iter().cloned().chain(names.into_iter().zip(figures)).collect::<Vec<_>>()
        };
        let before = if self.is_past() { "then " } else { "" };
        let lines = [(before, Seen::Told), (before, Seen::Marked), ("", Seen::Marked)];
        let mut lines = lines.into_iter().map(|(before, seen)| uptimes(&named(before), seen));
        let mut line =
            lines.find(|line| line.width() < self.width).unwrap_or_else(|| uptimes(&named(""), Seen::Marked));
        let each = self.history.and_then(|history| {
            let cells = u32::try_from(history.strip.cells.len()).ok().filter(|cells| *cells > 0)?;
            Some(format!("each cell {}, ", text::full(history.span?.length() / cells)))
        });
        let works = self.history.is_some_and(|history| history.strip.cells.iter().any(is_maintenance));
        let works = if works { format!("{} maintenance, ", self.model.glyphs().maintenance) } else { String::new() };
        let legend = |before: &str| Runs::default().with(format!("{before}height = share of time down  "), Role::Muted);
        let width = line.width();
        for before in [works.clone() + &each.unwrap_or_default(), works, String::new()] {
            if line.width() == width {
                line = line.with_end(legend(&before), self.width);
            }
        }
        vec![line, self.strip()]
    }

    /// The time that is shown, a cell under each column of the chart.
    fn strip(&self) -> Runs {
        let name = if self.is_past() { "span".to_owned() } else { self.span_name() };
        let mut line = Runs::default().with(format!(" {name:<5}"), Role::Muted);
        let cells = match (self.history, self.model.detail.sight.look()) {
            (Some(history), _) => history.strip.cells.as_slice(),
            (None, Look::Latest(Window::Hour)) => &self.view.hour.cells,
            (None, Look::Latest(Window::Day)) => &self.view.day.cells,
            (None, _) => return line,
        };
        line.append(strip(cells, self.plot_width(), self.model.glyphs()));
        line
    }
}

fn uptimes(windows: &[(String, Option<Uptime>)], seen: Seen) -> Runs {
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
