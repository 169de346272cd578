//! Outages of all targets: the day of those that had one, and every one in a list.

use super::detail::outages::{lasted, sign, story};
use super::heading::heading;
use super::pen::put_lines;
use crate::domain::{Outage, Span, TargetId};
use crate::tui::model::Model;
use crate::tui::model::Window;
use crate::tui::model::outages::{Found, OutageOrder, shown};
use crate::tui::text;
use crate::tui::text::happening::cause;
use crate::tui::theme::Role;
use crate::tui::widget::strip::{is_maintenance, strip};
use crate::tui::widget::{Runs, foreign};
use crate::window::{Cell, outage_span, spans};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lines that are neither strips nor rows: heading, time axis, legend, column titles.
const LINES_AROUND: usize = 4;
/// Columns of an end.
const ENDED: usize = 12;
/// Without so many columns the end gives way to the reason: how long it lasted says as much.
const WITH_END: usize = 72;
/// The share of the screen that strips may take: one line in so many.
const STRIP_SHARE: usize = 5;

/// Draws the view into the body of the screen.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let lines = lines(model, usize::from(area.width), usize::from(area.height));
    put_lines(buffer, area, &lines, model.settings.theme);
}

/// How many rows of the list are on the screen.
pub fn rows(model: &Model) -> usize {
    let height = usize::from(model.frame().body.height);
    let strips = strips_of(model, &shown(model), height).len();
    height.saturating_sub(LINES_AROUND + strips).max(1)
}

fn lines(model: &Model, width: usize, height: usize) -> Vec<Runs> {
    let outages = shown(model);
    let mut lines = vec![heading(model, "outages", facts(model, &outages), width)];
    if let Some(words) = silence(model, &outages) {
        lines.push(Runs::default());
        lines.push(Runs::default().with(format!("   {words}"), Role::Text));
        return lines;
    }
    let names = names_width(width);
    let targets = strips_of(model, &outages, height);
    lines.push(axis(model, names, width));
    for (id, name) in &targets {
        let name = text::name(name, names - 1, model.glyphs().ellipsis);
        let mut line = Runs::default().with(format!(" {}", text::pad_right(&name, names)), Role::Text);
        let room = width.saturating_sub(names + 2);
        line.append(match model.target(*id) {
            Some(view) if model.outages.length == Window::Day => strip(&view.day.cells, room, model.glyphs()),
            _ => strip(&told(model, &outages, *id, room), room, model.glyphs()),
        });
        lines.push(line);
    }
    lines.push(legend(model, names, &targets));
    lines.push(titles(model, width));
    let height = height.saturating_sub(lines.len());
    let list = &model.outages.list;
    lines.extend(outages.iter().skip(list.offset).take(height).map(|outage| row(model, outage, width)));
    lines
}

/// How many, and how many of them go on.
fn facts(model: &Model, outages: &[&Outage]) -> Runs {
    let open = outages.iter().filter(|outage| outage.closing.is_none()).count();
    let mut words = format!("{} in {}", text::count(outages.len() as u64), model.outages.length.name());
    if open > 0 {
        words = format!("{words}{}{open} ongoing", model.glyphs().separator);
    }
    if !model.outages.filter.is_empty() {
        words = format!("/{}   {words}", model.outages.filter.text());
    }
    Runs::default().with(words, Role::Text)
}

/// What to say where there is nothing to list.
fn silence(model: &Model, outages: &[&Outage]) -> Option<String> {
    match &model.outages.answer {
        _ if !outages.is_empty() => None,
        Found::Waiting => Some("reading history".to_owned()),
        Found::Failed(why) => Some(format!("history cannot be read: {why}")),
        Found::Known if !model.outages.filter.is_empty() => {
            Some("no outage matches the filter: Esc clears it".to_owned())
        }
        Found::Known => Some(format!("No outage in the last {}.", model.outages.length.name())),
    }
}

/// The targets whose strips are drawn: those with outages, in the order of the list.
fn strips_of(model: &Model, outages: &[&Outage], height: usize) -> Vec<(TargetId, String)> {
    let mut targets: Vec<(TargetId, String)> = Vec::new();
    for outage in outages {
        if targets.len() >= height / STRIP_SHARE {
            break;
        }
        let is_new = targets.iter().all(|(id, _)| *id != outage.target);
        if is_new && model.target(outage.target).is_some() {
            targets.push((outage.target, foreign(&outage.name)));
        }
    }
    targets
}

/// The time that is looked back over in so many cells, as far as outages tell: where there was none nobody knows
/// from them whether anybody watched.
fn told(model: &Model, outages: &[&Outage], target: TargetId, cells: usize) -> Vec<Cell> {
    let span = Span::before(model.now, model.outages.length.length());
    let own = outages.iter().filter(|outage| outage.target == target).map(|outage| outage_span(outage));
    let mut down = Vec::new();
    own.for_each(|outage| spans::insert(&mut down, outage));
    let count = u32::try_from(cells.max(1)).unwrap_or(u32::MAX);
    let length = span.length() / count;
    let cell = |place: u32| {
        let from = span.from + length * place;
        let down = spans::total(&spans::clip(&down, Span { from, to: from + length }));
        Cell { up: length.saturating_sub(down), down, ..Cell::default() }
    };
    (0..count).map(cell).collect()
}

/// Columns of a name.
const fn names_width(width: usize) -> usize {
    match width {
        0..100 => 13,
        100..160 => 22,
        _ => 32,
    }
}

fn axis(model: &Model, names: usize, width: usize) -> Runs {
    let room = width.saturating_sub(names + 2);
    let length = model.outages.length;
    let (from, middle) = (format!("{} ago", length.name()), text::short(length.length() / 2));
    let end = if model.travel.is_some() { "then" } else { "now" };
    let gap = room.saturating_sub(from.len() + middle.len() + end.len());
    let (left, right) = (gap / 2, gap - gap / 2);
    let words = format!(" {:names$}{from}{:left$}{middle}{:right$}{end}", "", "", "");
    Runs::default().with(words, Role::Muted)
}

fn legend(model: &Model, names: usize, targets: &[(TargetId, String)]) -> Runs {
    let glyphs = model.glyphs();
    let [up, some, _, half, _, most, _, all] = glyphs.strip;
    let unseen = if glyphs.strip_gap == " " { "blank" } else { glyphs.strip_gap };
    let (quiet, unseen) = match model.outages.length {
        Window::Day => ("up", format!("  {unseen} nobody watched")),
        _ => ("no outage", String::new()),
    };
    let days = targets.iter().filter_map(|(id, _)| model.target(*id)).flat_map(|view| &view.day.cells);
    let is_known = model.outages.length == Window::Day;
    let works = if is_known && days.into_iter().any(is_maintenance) {
        format!("  {} maintenance", glyphs.maintenance)
    } else {
        String::new()
    };
    let words = format!(" {:names$}{up} {quiet}  {some}{half}{most} partly down  {all} all down{works}{unseen}", "");
    Runs::default().with(words, Role::Muted)
}

fn titles(model: &Model, width: usize) -> Runs {
    let glyphs = model.glyphs();
    let arrow = match model.outages.direction {
        crate::tui::model::targets::Direction::Forward => glyphs.sorted_down,
        crate::tui::model::targets::Direction::Reverse => glyphs.sorted_up,
    };
    let mark = |order| if model.outages.order == order { arrow } else { " " };
    let names = names_width(width);
    let ended = if width < WITH_END { String::new() } else { format!("{:ENDED$} ", "ENDED") };
    let words = format!(
        "   {} {} {ended}{}  REASON{}",
        text::pad_right(&format!("TARGET{}", mark(OutageOrder::Target)), names),
        text::pad_right(&format!("STARTED{}", mark(OutageOrder::Start)), 15),
        text::pad_left(&format!("LASTED{}", mark(OutageOrder::Length)), 8),
        mark(OutageOrder::Reason),
    );
    Runs::default().with(words, Role::Muted)
}

/// The clock of an end on the day of the start, day and minute of another one.
fn ended_at(zone: text::Zone, ended: crate::domain::Wall, started: crate::domain::Wall) -> String {
    if zone.same_day(ended, started) { zone.clock(ended) } else { zone.day_minute(ended) }
}

/// Whether an outage was found in a maintenance that goes on: nobody is called because of it as yet.
fn is_quiet(model: &Model, outage: &Outage) -> bool {
    let maintenance = model.target(outage.target).and_then(|view| view.maintenance.as_ref());
    outage.closing.is_none() && maintenance.is_some_and(|one| one.is_on(outage.detected_at))
}

fn row(model: &Model, outage: &Outage, width: usize) -> Runs {
    let (glyphs, zone, names) = (model.glyphs(), model.settings.zone, names_width(width));
    let is_selected = model.outages.list.selected == Some(outage.id);
    let (sign, role) = if is_quiet(model, outage) { (glyphs.maintenance, Role::Muted) } else { sign(outage, glyphs) };
    let name = text::name(&foreign(&outage.name), names, glyphs.ellipsis);
    let ended =
        outage.ended_at().map_or_else(|| glyphs.dash.to_owned(), |ended| ended_at(zone, ended, outage.started_at));
    let mut line = Runs::default().with(if is_selected { glyphs.cursor } else { " " }, Role::Strong).with(sign, role);
    let name_role = if is_selected { Role::Strong } else { Role::Text };
    line.add(format!(" {}", text::pad_right(&name, names)), name_role);
    let started = zone.day_clock(outage.started_at);
    let ended = if width < WITH_END { String::new() } else { text::pad_right(&ended, ENDED) + " " };
    line.add(format!(" {started:15} {ended}{:>8}  ", lasted(outage, model.now)), Role::Text);
    let room = width.saturating_sub(line.width() + 1);
    let is_narrow = text::width(&cause(outage.reason)) > room;
    let why = if is_narrow { outage.reason.word().to_owned() } else { story(outage, zone) };
    line.with(text::clip(&why, room, glyphs.ellipsis), Role::Text)
}
