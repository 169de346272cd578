//! One target in full: its latency over time, its figures, its outages, and what to look at first.

mod about;
mod addresses;
mod chart;
mod figures;
mod members;
pub mod outages;
mod uptime;

pub use about::outcome;

use super::heading::heading;
use super::pen::put_lines;
use crate::engine::query;
use crate::monitor::TargetView;
use crate::tui::action::Action;
use crate::tui::layout;
use crate::tui::model::detail::{Focus, outages as outages_of};
use crate::tui::model::{Model, View};
use crate::tui::settings::Switch;
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
/// With fewer lines than this the chart scrolls with the rest, and what has the keys fills the view.
const LOW: usize = 16;
/// How many lines a low chart has: one row for each decade.
const LOW_CHART_LINES: usize = 6;
/// Outages that are shown before the rest takes what is left.
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
    let Parts { head, rest } = parts(model, usize::from(area.width), usize::from(area.height));
    let shown = rest.iter().skip(model.detail.offset.min(rest.len()));
    put_lines(buffer, area, head.iter().chain(shown), model.settings.theme);
}

/// How it stands, and for how long.
fn standing_line(model: &Model, view: &TargetView) -> Runs {
    let (sign, role) = standing::sign(view, model.glyphs());
    let word = standing::word(view, model.glyphs());
    let lasting = standing::lasting(view, model.now);
    let how = match Standing::of(view) {
        Standing::New => "first check runs".to_owned(),
        Standing::Maintenance if standing::is_maintained_by_script(view) => format!("{word}, says its script"),
        Standing::Gap => format!("no data, last seen {lasting} before"),
        standing => format!("{word}{} for {lasting}", if standing == Standing::Failing { " failing" } else { "" }),
    };
    Runs::default().with(format!("{sign} {how}"), if role == Role::Up { Role::Text } else { role })
}

/// The lines of a detail.
struct Parts {
    /// Those that stay where they are.
    head: Vec<Runs>,
    /// Those that can be scrolled.
    rest: Vec<Runs>,
}

/// Where the detail stands, its heading left out, while it can be seen.
fn area(model: &Model) -> Rect {
    let body = model.frame().body;
    match (model.view, model.dashboard().panes) {
        (View::Targets, Some(panes)) => layout::inside(panes.detail),
        (View::Detail, _) => Rect { height: body.height.saturating_sub(1), ..body },
        _ => Rect::ZERO,
    }
}

fn parts_in_sight(model: &Model) -> (Parts, usize) {
    let area = area(model);
    let height = usize::from(area.height);
    (parts(model, usize::from(area.width), height), height)
}

/// How many lines do not fit.
pub fn overflow(model: &Model) -> usize {
    let (parts, height) = parts_in_sight(model);
    (parts.head.len() + parts.rest.len()).saturating_sub(height)
}

/// How many lines scroll past at once.
pub fn page(model: &Model) -> usize {
    let (parts, height) = parts_in_sight(model);
    height.saturating_sub(parts.head.len())
}

/// How many outages are in sight while they have the keys.
pub fn outage_rows(model: &Model) -> usize {
    let area = area(model);
    Subject::of(model, usize::from(area.width))
        .map_or(0, |subject| subject.outages_with_keys(subject.room(usize::from(area.height))))
}

/// The detail of so many lines.
fn parts(model: &Model, width: usize, height: usize) -> Parts {
    let Some(subject) = Subject::of(model, width) else {
        let words = "  This target is not watched any more.";
        return Parts { head: vec![Runs::default(), Runs::default().with(words, Role::Text)], rest: Vec::new() };
    };
    let room = subject.room(height);
    match model.detail.focus {
        Focus::Chart if subject.is_spread(height) => {
            let mut rest = subject.reading();
            rest.extend(subject.figures());
            let mut chart = subject.chart(height.saturating_sub(1 + rest.len()).max(LOW_CHART_LINES));
            if height < LOW {
                // The clock of the axis gives way to what stands under the cursor, which begins with its time.
                chart.pop();
            }
            Parts { head: std::iter::once(subject.chart_title()).chain(chart).collect(), rest }
        }
        Focus::Outages if subject.is_spread(height) => Parts { head: Vec::new(), rest: subject.outages(room) },
        Focus::Outages => {
            let mut rest = subject.outages(room);
            rest.extend(subject.rest(0));
            Parts { head: subject.head(height), rest }
        }
        Focus::Target | Focus::Chart => {
            let others = subject.rest(0).len();
            let known = outages_of(model).len();
            let first = 1 + known.min(OUTAGES_FIRST) + usize::from(known > OUTAGES_FIRST);
            let outages = room.saturating_sub(others).max(first);
            let (head, rest) = (subject.head(height), subject.rest(outages));
            if height < LOW {
                Parts { head: Vec::new(), rest: head.into_iter().chain(rest).collect() }
            } else {
                Parts { head, rest }
            }
        }
    }
}

impl<'m> Subject<'m> {
    /// The target that is shown, if it is still watched.
    fn of(model: &'m Model, width: usize) -> Option<Self> {
        let view = model.detail.target.and_then(|id| model.snapshot.target(id))?;
        Some(Self { model, view, history: model.detail.known(), width })
    }
}

impl Subject<'_> {
    /// Whether what has the keys has all of so many lines.
    fn is_spread(&self, height: usize) -> bool {
        let detail = &self.model.detail;
        detail.focus != Focus::Target && (detail.spread == Switch::On || height < LOW)
    }

    /// What stays above the lines that scroll.
    fn head(&self, height: usize) -> Vec<Runs> {
        let low = (height < LOW).then_some(LOW_CHART_LINES);
        let lines = CHART_LINES.iter().find(|(from, _)| height >= *from).map_or(0, |(_, lines)| *lines);
        let mut head = self.definition();
        head.extend(self.works());
        head.push(self.chart_title());
        head.extend(self.chart(low.unwrap_or(lines)));
        head.extend(self.reading());
        head
    }

    /// How many of so many lines are left below what stays.
    fn room(&self, height: usize) -> usize {
        if self.is_spread(height) { height } else { height.saturating_sub(self.head(height).len()) }
    }

    /// What can be scrolled, with the outages in so many lines of it.
    fn rest(&self, outages: usize) -> Vec<Runs> {
        let mut rest = self.figures();
        rest.extend(self.uptime());
        rest.extend(self.verdict());
        rest.extend(self.members());
        rest.extend(self.tried());
        if self.model.detail.focus != Focus::Outages {
            rest.extend(self.outages(outages));
        }
        rest.extend(self.advice());
        rest.extend(self.seen());
        rest.extend(self.note());
        rest
    }

    /// The key of an action.
    fn key(&self, action: Action) -> Option<String> {
        self.model.settings.keymap.label(action, self.model.glyphs())
    }

    fn ellipsis(&self) -> &'static str {
        self.model.glyphs().ellipsis
    }

    /// The line cut off at the area's edge with an ellipsis.
    fn fit(&self, text: &str) -> String {
        crate::tui::text::clip(text, self.width.saturating_sub(1), self.ellipsis())
    }
}
