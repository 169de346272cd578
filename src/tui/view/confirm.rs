//! Questions: what would happen in full, and which key does it; every other key keeps things as they are.

use super::super::model::overlay::{Confirm, Delete, Maintain, named};
use super::super::model::{Model, form::Purpose};
use super::super::settings::{Company, Watching};
use super::super::text::{clip, count, full, plural, wrap};
use super::super::theme::Role;
use super::super::widget::{Runs, foreign};
use super::{frame, input, pen};
use crate::domain::Remark;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How many lines of a note are shown.
const NOTE_LINES: usize = 4;
/// How wide a question is.
const WIDTH: u16 = 62;

/// Draws a question.
pub fn draw(model: &Model, question: &Confirm, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(WIDTH.min(area.width)).saturating_sub(4);
    let (title, lines) = match question {
        Confirm::Quit => ("Quit?", quit(model)),
        Confirm::Delete(delete) => ("Delete?", delete_lines(model, delete, room)),
        Confirm::AddPasted { targets, errors, .. } => ("Add?", add_pasted(*targets, *errors)),
        Confirm::Discard(form) => ("Discard?", discard(&form.purpose)),
        Confirm::ClearHistory => ("Clear?", clear()),
        Confirm::Maintain(maintain) => ("Maintenance?", maintain_lines(model, maintain, room)),
        Confirm::WithdrawRemark(remark) => ("Take back?", withdraw(model, remark, room)),
    };
    let inside = frame::over(model, area, WIDTH, lines.len() as u16 + 4, title, buffer);
    let body = Rect {
        x: inside.x + inside.width.min(1),
        y: inside.y + inside.height.min(1),
        width: inside.width.saturating_sub(2),
        height: inside.height.saturating_sub(1),
    };
    pen::put_lines(buffer, body, &lines, model.settings.theme);
}

fn text(words: impl Into<String>) -> Runs {
    Runs::default().with(words, Role::Text)
}

/// Keys with what they do; the one that keeps things as they are stands out.
fn keys(yes: &str, keep: &str, more: &str) -> Runs {
    Runs::default().with(format!("{yes}      "), Role::Text).with(keep, Role::Strong).with(more, Role::Text)
}

fn quit(model: &Model) -> Vec<Runs> {
    if let Company::Owner { others: others @ 1.. } = model.settings.company {
        let who = match others {
            1 => "Another portpulse is attached: it".to_owned(),
            many => format!("{} others are attached: one of them", count(many.into())),
        };
        return vec![
            text(format!("{who} goes on")),
            text("with the checks when this one ends."),
            Runs::default(),
            keys("y quit", "any other key stays", "      s stop for all"),
        ];
    }
    let kept = match model.settings.watching {
        Watching::Configured { .. } => "Targets and history stay; the time away becomes a gap.",
        Watching::Temporary => "These targets and their history are for this run only.",
    };
    vec![
        text("Checks stop when portpulse ends."),
        text(clip(kept, 58, "")),
        Runs::default(),
        keys("y quit", "any other key stays", ""),
    ]
}

fn delete_lines(model: &Model, delete: &Delete, room: usize) -> Vec<Runs> {
    let ellipsis = model.glyphs().ellipsis;
    let what = match delete.targets.as_slice() {
        [only] => {
            format!("Delete \"{}\" and its history?", clip(&only.definition.name, room.saturating_sub(26), ellipsis))
        }
        many => format!("Delete {} and their history?", plural(many.len() as u64, "target")),
    };
    let lost = match delete.extent {
        None => "counting what goes with it".to_owned(),
        Some(extent) => {
            format!("{} and {} go with it.", plural(extent.outages, "outage"), plural(extent.checks, "check result"))
        }
    };
    let mut lines = vec![text(what), Runs::default(), text(lost)];
    lines.push(text("Undo brings everything back for 24 hours, in this session."));
    lines.push(Runs::default());
    if delete.targets.len() == 1 {
        lines.push(keys("y delete", "N keep (default)", "      p pause instead"));
    } else {
        let before = text(format!("type {} and {}: ", count(delete.targets.len() as u64), model.glyphs().enter));
        lines.push(input::typed(before, &delete.typed, room, model.glyphs()));
        lines.push(
            Runs::default().with("any other key keeps them", Role::Strong).with("      p pause instead", Role::Text),
        );
    }
    lines
}

fn add_pasted(targets: usize, errors: usize) -> Vec<Runs> {
    let mut lines = vec![text(format!("Add {} from the paste?", plural(targets as u64, "target")))];
    if errors > 0 {
        lines.push(text(format!("{} not understood: the form will open and say why.", plural(errors as u64, "line"))));
    }
    lines.push(Runs::default());
    lines.push(keys("y add", "any other key drops it", ""));
    lines
}

fn discard(purpose: &Purpose) -> Vec<Runs> {
    let what = match purpose {
        Purpose::Add => "Nothing of this form has been saved.",
        Purpose::Edit(_) => "The changes in this form have not been saved.",
    };
    vec![text(what), Runs::default(), keys("y discard", "any other key goes on editing", "")]
}

fn withdraw(model: &Model, remark: &Remark, room: usize) -> Vec<Runs> {
    let whose = remark.target.as_ref().map_or("all targets", |(_, name)| name);
    let at = model.settings.zone.day_clock(remark.about);
    let about = format!("The note of {at} on {}:", foreign(whose));
    let mut lines = vec![text(clip(&about, room, model.glyphs().ellipsis))];
    lines.extend(wrap(&foreign(&remark.text), room).into_iter().take(NOTE_LINES).map(text));
    lines.push(Runs::default());
    lines.push(keys("y take back", "any other key keeps it", ""));
    lines
}

fn maintain_lines(model: &Model, maintain: &Maintain, room: usize) -> Vec<Runs> {
    let (zone, span, ellipsis) = (model.settings.zone, maintain.span, model.glyphs().ellipsis);
    // The year as well: a day without one may be a long time ago.
    let when = format!("{} to {}", zone.date_clock(span.from), zone.nearby(span.to, span.from));
    let title = foreign(&maintain.title);
    let title = if title.is_empty() { title } else { format!(": {title}") };
    let whose = format!("Maintenance of {}{title}?", foreign(&named(&maintain.targets)));
    let meaning =
        format!("These {} will count neither as up nor as down; the checks stay as they are.", full(span.length()));
    let mut lines = vec![text(clip(&whose, room, ellipsis)), text(when), Runs::default()];
    lines.extend(wrap(&meaning, room).into_iter().map(text));
    lines.push(Runs::default());
    lines.push(keys("y declare", "any other key leaves it", ""));
    lines
}

fn clear() -> Vec<Runs> {
    vec![text("Forget the history of instant checks?"), Runs::default(), keys("y forget", "any other key keeps it", "")]
}
