//! Instant checks: the field, what runs with each of its phases, and the results so far.

mod running;

use super::heading::heading;
use super::input::typed;
use super::pen::put_lines;
use crate::domain::{AdHoc, Failure, Fault, Host, Outcome, advice, listing, service};
use crate::tui::glyphs::Glyphs;
use crate::tui::layout::inside;
use crate::tui::model::checks::{Focus, finished, selected, timeout};
use crate::tui::model::{Model, View};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::view::detail::outcome;
use crate::tui::widget::{Runs, foreign};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Heading, blank, field, hint, blank.
const LINES_ABOVE: usize = 5;
/// What the selected result means: a blank, its sentence, its addresses, the first steps.
const LINES_BELOW: usize = 8;
/// Columns of a moment: the clock of today, day and minute of another day.
const MOMENT: usize = 12;
/// Columns of result, DNS and connect times.
const RESULT: usize = 12;
const TIME: usize = 8;
/// Columns of a target at most, so that its result stays near.
const TARGET_MAX: usize = 48;

/// Draws the view into the body of the screen.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let lines = lines(model, usize::from(area.width), usize::from(area.height));
    put_lines(buffer, area, &lines, model.settings.theme);
}

/// Draws field, running checks and newest results into a pane without its frame.
pub fn draw_pane(model: &Model, area: Rect, buffer: &mut Buffer) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let mut lines = vec![field(model, width), hint(model, width)];
    for check in model.snapshot.ad_hoc.running.iter().rev() {
        lines.push(running::brief(model, check, width));
    }
    lines.extend(history(model, height.saturating_sub(lines.len()), width, Shown::Brief));
    lines.truncate(height);
    put_lines(buffer, area, &lines, model.settings.theme);
}

/// How many rows of the history are on the screen.
pub fn rows(model: &Model) -> usize {
    if let (View::Targets, Some(panes)) = (model.view, model.dashboard().panes) {
        let above = 2 + model.snapshot.ad_hoc.running.len();
        return usize::from(inside(panes.checks).height).saturating_sub(above).max(1);
    }
    let height = usize::from(model.frame().body.height);
    let running = running::lines(model, usize::from(model.size.columns)).len();
    height.saturating_sub(LINES_ABOVE + running + 1 + below(height)).max(1)
}

/// Lines below the history.
const fn below(height: usize) -> usize {
    if height >= 20 { LINES_BELOW } else { height / 4 }
}

fn lines(model: &Model, width: usize, height: usize) -> Vec<Runs> {
    let facts = Runs::default().with("nothing here is kept as a target", Role::Muted);
    let mut lines = vec![heading(model, "instant check", facts, width), Runs::default()];
    lines.push(field(model, width));
    lines.push(hint(model, width));
    lines.push(Runs::default());
    lines.extend(running::lines(model, width));
    if model.snapshot.ad_hoc.finished.is_empty() {
        if model.snapshot.ad_hoc.running.is_empty() {
            let words = "   Type host:port and press Enter. Several ports work too: db1:5432,6432";
            lines.push(Runs::default().with(text::clip(words, width, model.glyphs().ellipsis), Role::Muted));
        }
        return lines;
    }
    lines.push(titles(width));
    let room = rows(model).min(height.saturating_sub(lines.len()));
    lines.extend(history(model, room, width, Shown::Full));
    let room = height.saturating_sub(lines.len());
    lines.extend(selected(model).map(|check| meaning(model, check, width)).unwrap_or_default().into_iter().take(room));
    lines
}

/// The results in sight, newest first; the selected one has the cursor while keys go to them.
fn history(model: &Model, height: usize, width: usize, shown: Shown) -> Vec<Runs> {
    let finished = finished(model);
    let chosen = model.checks.list.selected.or_else(|| finished.first().map(|(key, _)| *key));
    let chosen = chosen.filter(|_| has_keys(model, Focus::History));
    let in_sight = finished.iter().skip(model.checks.list.offset).take(height);
    in_sight.map(|(key, check)| row(model, check, chosen == Some(*key), width, shown)).collect()
}

/// Whether keys go there.
fn has_keys(model: &Model, focus: Focus) -> bool {
    model.place() == View::Checks && model.overlay.is_none() && model.checks.focus == focus
}

/// The line to type into.
fn field(model: &Model, width: usize) -> Runs {
    let glyphs = model.glyphs();
    let limit = format!("timeout {} (^t) ", text::period(timeout(model)));
    let mut line = Runs::default().with(format!(" Check host:port {} ", glyphs.crumb), Role::Muted);
    let room = width.saturating_sub(limit.len() + 3);
    line = if has_keys(model, Focus::Field) {
        typed(line, &model.checks.input, room, glyphs)
    } else {
        line.with(text::clip(model.checks.input.value(), room, glyphs.ellipsis), Role::Text)
    };
    line.with_end(Runs::default().with(limit, Role::Muted), width)
}

/// What the field is understood as, or what to write instead.
fn hint(model: &Model, width: usize) -> Runs {
    let value = model.checks.input.value();
    let indent = Runs::default().with("   ", Role::Text);
    if value.trim().is_empty() {
        return Runs::default();
    }
    let ellipsis = model.glyphs().ellipsis;
    let room = width.saturating_sub(6);
    match listing::parse_line(value) {
        Err(error) => indent.with(text::clip(&foreign(&error.to_string()), room, ellipsis), Role::Error),
        Ok(listed) => {
            let words = match listed.addresses.as_slice() {
                [only] => {
                    let known = service::name(only.port).map(|name| format!(" ({name})")).unwrap_or_default();
                    format!("host {}  port {}{known}", only.host, only.port)
                }
                several => format!("{} checks at once", several.len()),
            };
            let words = text::clip(&words, room, ellipsis);
            indent.with(model.glyphs().check, Role::Up).with(format!(" {words}"), Role::Text)
        }
    }
}

/// How much of a result is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// All of its columns.
    Full,
    /// Without the name look-up, as in a pane.
    Brief,
}

/// Columns that are left for the target.
const fn target_width(width: usize, shown: Shown) -> usize {
    let times = match shown {
        Shown::Full => 2 * (TIME + 1),
        Shown::Brief => TIME + 1,
    };
    let room = width.saturating_sub(2 + MOMENT + 1 + 1 + RESULT + times + 1);
    if room < TARGET_MAX { room } else { TARGET_MAX }
}

fn titles(width: usize) -> Runs {
    let target = target_width(width, Shown::Full);
    let words = format!(
        "  {:MOMENT$} {:target$} {:RESULT$} {:>TIME$} {:>TIME$}",
        "HISTORY", "TARGET", "RESULT", "DNS", "CONNECT"
    );
    Runs::default().with(words, Role::Muted)
}

fn row(model: &Model, check: &AdHoc, is_chosen: bool, width: usize, shown: Shown) -> Runs {
    let (glyphs, zone) = (model.glyphs(), model.settings.zone);
    let moment = if zone.same_day(check.at, model.now) { zone.clock(check.at) } else { zone.day_minute(check.at) };
    let room = target_width(width, shown);
    let address = text::pad_right(&text::address(&check.address.to_string(), room, glyphs.ellipsis), room);
    let (cursor, role) = if is_chosen { (glyphs.cursor, Role::Strong) } else { (" ", Role::Text) };
    let mut line = Runs::default().with(cursor, Role::Strong).with(format!(" {moment:MOMENT$} "), Role::Muted);
    line.add(format!("{address} "), role);
    let (sign, role, word) = result(check, glyphs);
    line.add(sign, role);
    line.add(text::pad_right(&format!(" {word}"), RESULT - 1), Role::Text);
    let (dns, connect) = times(check, glyphs);
    if shown == Shown::Full {
        line.add(format!(" {}", text::pad_left(&dns, TIME)), Role::Text);
    }
    line.with(format!(" {}", text::pad_left(&connect, TIME)), Role::Text)
}

/// Sign, its role, and one word.
fn result(check: &AdHoc, glyphs: &Glyphs) -> (&'static str, Role, String) {
    let tries = &check.finding.tries;
    let open = tries.iter().filter(|tried| tried.outcome.is_open()).count();
    let (sign, role, _) = outcome(&check.finding.outcome, glyphs);
    let word = match check.finding.outcome {
        Outcome::Open(_) if open < tries.len() => format!("open {open} of {}", tries.len()),
        Outcome::Open(_) => "open".to_owned(),
        Outcome::Failed(Failure { reason, .. }) => reason.word().to_owned(),
        Outcome::Inconclusive(Fault::Cancelled) => "called off".to_owned(),
        Outcome::Inconclusive(_) => "our fault".to_owned(),
    };
    (sign, role, word)
}

/// How long the look-up and the connection took.
fn times(check: &AdHoc, glyphs: &Glyphs) -> (String, String) {
    let none = || glyphs.dash.to_owned();
    let dns = check.finding.dns.map_or_else(none, text::latency);
    let connect = match check.finding.outcome {
        Outcome::Open(timing) => text::latency(timing.connect),
        Outcome::Failed(failure) if check.finding.address.is_some() => text::latency(failure.after),
        Outcome::Failed(_) | Outcome::Inconclusive(_) => none(),
    };
    (dns, connect)
}

/// What the result means, each address of a name with what came of it, and what to look at first.
fn meaning(model: &Model, check: &AdHoc, width: usize) -> Vec<Runs> {
    let advice = advice::explain(&check.address, &check.finding.outcome);
    let said = |words: &str| {
        let indented = |line: String| Runs::default().with(format!(" {line}"), Role::Text);
        text::wrap(&foreign(words), width.saturating_sub(3)).into_iter().map(indented).collect::<Vec<_>>()
    };
    let words = match check.finding.outcome {
        Outcome::Open(_) => format!("{} is {}", check.address, advice.meaning),
        Outcome::Failed(_) | Outcome::Inconclusive(_) => advice.meaning,
    };
    let mut lines = vec![Runs::default()];
    lines.extend(said(&words));
    if matches!(check.address.host, Host::Name(_)) {
        for tried in &check.finding.tries {
            let (sign, role, words) = outcome(&tried.outcome, model.glyphs());
            let line = Runs::default().with("   ", Role::Text).with(sign, role);
            lines.push(line.with(format!(" {}  {words}", tried.address), Role::Text));
        }
    }
    for (number, step) in (1..).zip(&advice.steps) {
        lines.extend(said(&format!("{number} {step}")));
    }
    lines
}
