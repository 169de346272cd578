//! One target in one line.

use super::columns::{Columns, LATENCY};
use super::past;
use crate::domain::{Outcome, TargetId};
use crate::monitor::{Mark, State, TargetView};
use crate::tui::group;
use crate::tui::model::Model;
use crate::tui::model::targets::Column;
use crate::tui::standing::{self, Standing};
use crate::tui::text::{self, clip, latency, pad_left, pad_right, uptime};
use crate::tui::theme::Role;
use crate::tui::widget::{Runs, spark::spark, strip::strip};
use std::time::Duration;

/// Targets that are checked more often than this advance their sparkline in steps of it.
const STEP: Duration = Duration::from_secs(5);

/// The header of the table, with the column that orders it marked.
pub fn header(model: &Model, columns: &Columns) -> Runs {
    let window = model.window.name().to_uppercase();
    let title = |text: &str, column: Column| {
        let order = model.targets.order;
        let sign = order.direction.sign(model.glyphs());
        if order.column == column { format!("{text}{sign}") } else { text.to_owned() }
    };
    let last =
        if columns.spark >= 20 { format!("LAST {} CHECKS", columns.spark) } else { format!("LAST {}", columns.spark) };
    let mut cells = vec![
        format!(" {}", pad_right(&title("STATE", Column::State), super::columns::LEAD - 2)),
        pad_right(&title("NAME", Column::Name), columns.name),
        pad_right(&title("TARGET", Column::Target), columns.target),
        pad_left(&title("LATENCY", Column::Latency), LATENCY),
        pad_right(&last, columns.spark),
    ];
    cells.extend(columns.uptime.map(|width| {
        let name = title(&format!("UP{window}"), Column::Uptime);
        pad_left(&clip(&name, width, ""), width)
    }));
    cells.extend(columns.lasting.map(|width| pad_left(&title("FOR", Column::Since), width)));
    cells.extend(columns.strip.map(|width| {
        let end = if model.travel.is_some() { "then" } else { "now" };
        let name = format!("OUTAGES {} {} {end}", model.window.name(), model.glyphs().arrow);
        pad_right(&clip(&name, width, ""), width)
    }));
    let text = cells.join(" ");
    Runs::default().with(text, Role::Muted)
}

/// The row of a target.
pub fn row(model: &Model, columns: &Columns, id: TargetId) -> Runs {
    let glyphs = model.glyphs();
    let Some(view) = model.target(id) else { return Runs::default() };
    let is_selected = model.targets.list.selected == Some(id);
    let is_marked = model.targets.marks.contains(&id);
    let is_muted = standing::is_paused(view);
    let plain = if is_muted { Role::Muted } else { Role::Text };
    let cursor = match (is_selected, is_marked) {
        (true, _) => glyphs.cursor,
        (false, true) => glyphs.marked,
        (false, false) => " ",
    };
    let mut line = Runs::default().with(cursor, if is_selected { Role::Strong } else { Role::Text });
    state(&mut line, view, model);
    let name = &view.target.definition.name;
    let name = if is_marked && is_selected { format!("{}{name}", glyphs.marked) } else { name.clone() };
    let name = pad_right(&text::name(&name, columns.name, glyphs.ellipsis), columns.name);
    line.add(name, if is_selected { Role::Strong } else { plain });
    let host = group::place(view, columns.target, glyphs.ellipsis, model.now, model.settings.zone);
    let host = clip(&host, columns.target, glyphs.ellipsis);
    line.add(format!(" {} ", pad_right(&host, columns.target)), plain);
    let (newest, role) = newest(model, view);
    line.add(pad_left(&clip(&newest, LATENCY, ""), LATENCY), role);
    line.add(" ", Role::Text);
    let marks = if model.travel.is_some() { &view.recent } else { steady(view) };
    line.append(spark(marks, columns.spark, glyphs));
    let window = past::strip(model, view);
    if let Some(width) = columns.uptime {
        // What was never open yet cannot be called up, though no outage is confirmed either.
        let share = if view.was_never_open() { "-".to_owned() } else { uptime(&window.uptime) };
        line.add(format!(" {}", pad_left(&share, width)), plain);
    }
    if let Some(width) = columns.lasting {
        let lasting = standing::lasting(view, model.now);
        line.add(format!(" {}", pad_left(&lasting, width)), plain);
    }
    if let Some(width) = columns.strip {
        line.add(" ", Role::Text);
        line.append(strip(&window.cells, width, glyphs));
    }
    line
}

/// Sign and word; the loudest looks join them into one block.
fn state(line: &mut Runs, view: &TargetView, model: &Model) {
    let glyphs = model.glyphs();
    let (sign, role) = standing::sign(view, glyphs);
    let word = standing::word(view, glyphs);
    let word_role = if role == Role::Failing { Role::Failing } else { Standing::of(view).word_role() };
    line.add(sign, role);
    line.add(" ", if role == Role::Down { Role::Down } else { Role::Text });
    line.add(word.clone(), word_role);
    line.add(" ".repeat(6_usize.saturating_sub(crate::tui::text::width(&word))), Role::Text);
}

/// What the newest check found: its latency, or in a word why there is none.
fn newest(model: &Model, view: &TargetView) -> (String, Role) {
    let plain = if standing::is_paused(view) { Role::Muted } else { Role::Text };
    if Standing::of(view) == Standing::Gap {
        return ("no data".to_owned(), Role::Muted);
    }
    let Some(latest) = view.latest.as_ref().filter(|_| view.state != State::Paused) else {
        return (if view.checking { "checking" } else { "-" }.to_owned(), plain);
    };
    match latest.check.outcome {
        Outcome::Open(_) => {
            let shown = model.targets.latencies.get(&view.target.id).copied().or_else(|| latest.check.latency());
            (shown.map(latency).unwrap_or_default(), plain)
        }
        Outcome::Failed(failure) => (failure.reason.word().to_owned(), plain),
        Outcome::Inconclusive(fault) => (fault.word().to_owned(), Role::Muted),
    }
}

/// The marks to show. Those of a target that is checked very often and is well advance by several
/// at once, because each advance is sent to the terminal; trouble is shown at once.
fn steady(view: &TargetView) -> &[Mark] {
    let interval = view.target.definition.interval.as_millis().max(1);
    let step = STEP.as_millis().div_ceil(interval);
    if step < 2 || Standing::of(view) != Standing::Up {
        return &view.recent;
    }
    let turn = view.latest.as_ref().map_or(0, |latest| latest.check.at.0.unsigned_abs() / interval as u64);
    let kept = view.recent.len().saturating_sub((turn % step as u64) as usize);
    // What follows trouble is shown at once as well: its mark must not stand for the newest check.
    let is_quiet = view.recent.iter().skip(kept.saturating_sub(1)).all(|mark| matches!(mark, Mark::Open(_)));
    view.recent.get(..kept).filter(|_| is_quiet && kept > 0).unwrap_or(&view.recent)
}

/// Whether a row may go on showing `shown` when the newest latency is `newest`: it differs by less
/// than a twentieth or less than a tenth of a millisecond.
pub fn is_near(shown: Duration, newest: Duration) -> bool {
    let apart = shown.abs_diff(newest);
    apart < (shown / 20).max(Duration::from_micros(100))
}
