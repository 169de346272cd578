//! The form that adds or edits targets.

use super::super::model::Model;
use super::super::model::form::{Field, Form, PRESETS, Purpose, Saving, parse_duration};
use super::super::model::understood::{Rest, TARGETS_MAX};
use super::super::standing::Standing;
use super::super::text::{address, clip, latency, pad_left, pad_right, period, plural, wrap};
use super::super::theme::Role;
use super::super::widget::Runs;
use super::{frame, input, pen};
use crate::domain::{Outcome, service};
use crate::monitor::snapshot::Finished;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How wide the form is.
const WIDTH: u16 = 74;
/// How many lines a refusal may have.
const REFUSAL_LINES_MAX: usize = 4;
/// Where the fields start.
const LABEL: usize = 9;

/// Draws the form.
pub fn draw(model: &Model, form: &Form, area: Rect, buffer: &mut Buffer) {
    let glyphs = model.glyphs();
    let title = match &form.purpose {
        Purpose::Add => "Add target".to_owned(),
        Purpose::Edit(target) => format!("Edit {}", clip(&target.definition.name, 40, glyphs.ellipsis)),
    };
    let room = usize::from(WIDTH.min(area.width)).saturating_sub(4);
    let (fields, focus) = fields(model, form, room);
    let foot = foot(model, form, room);
    let inside = frame::over(model, area, WIDTH, (fields.len() + foot.len()) as u16 + 3, &title, buffer);
    let rows = usize::from(inside.height).saturating_sub(foot.len());
    let pad = usize::from(rows > fields.len());
    let hidden = (focus + 1).saturating_sub(rows);
    let mut lines = vec![Runs::default(); pad];
    lines.extend(fields.into_iter().skip(hidden).take(rows - pad));
    lines.extend(foot);
    let body = Rect { x: inside.x + inside.width.min(1), width: inside.width.saturating_sub(2), ..inside };
    pen::put_lines(buffer, body, &lines, model.settings.theme);
}

/// The fields with their hints, and on which line the one is that is typed into.
fn fields(model: &Model, form: &Form, room: usize) -> (Vec<Runs>, usize) {
    let mut lines = vec![field(model, form, Field::Target, room)];
    lines.extend(hint(model, form, room));
    let first = lines.len();
    lines.push(with_remark(field(model, form, Field::Name, room / 2), "blank = the target itself", room, form));
    lines.push(field(model, form, Field::Tags, room));
    lines.push(presets(model, form, room));
    lines.push(thresholds(model, form));
    lines.push(field(model, form, Field::SlowAt, room / 2));
    lines.push(field(model, form, Field::Note, room));
    lines.push(Runs::default());
    let focus = match form.focus {
        Field::Target => 0,
        Field::Name => first,
        Field::Tags => first + 1,
        Field::Every => first + 2,
        Field::Timeout | Field::DownAfter | Field::UpAfter => first + 3,
        Field::SlowAt => first + 4,
        Field::Note => first + 5,
    };
    (lines, focus)
}

/// What the form has to say, and its keys; always in sight.
fn foot(model: &Model, form: &Form, room: usize) -> Vec<Runs> {
    let enter = model.glyphs().enter;
    let keys = format!("{enter} save    Tab next field    ^t test    Esc cancel");
    let mut lines = outcome(model, form, room);
    lines.push(Runs::default().with(clip(&keys, room, ""), Role::Muted));
    lines
}

fn label(form: &Form, field: Field, width: usize) -> Runs {
    let role = if form.focus == field { Role::Strong } else { Role::Muted };
    Runs::default().with(pad_right(field.label(), width), role)
}

fn field(model: &Model, form: &Form, field: Field, room: usize) -> Runs {
    let before = label(form, field, LABEL);
    if let (Field::Target, Some(lines)) = (field, form.lines()) {
        let count = plural(lines.trim().lines().count() as u64, "pasted line");
        return before.with(format!("[{count}]"), Role::Input).with("   Backspace takes them out", Role::Muted);
    }
    value(model, form, field, before, room)
}

/// What stands in a field, with the cursor if it is the one being typed into.
fn value(model: &Model, form: &Form, field: Field, before: Runs, room: usize) -> Runs {
    if form.focus == field {
        return input::typed(before, form.input(field), room, model.glyphs());
    }
    let room = room.saturating_sub(before.width());
    before.with(clip(form.text(field), room, model.glyphs().ellipsis), Role::Text)
}

fn with_remark(line: Runs, remark: &str, room: usize, form: &Form) -> Runs {
    if matches!(form.purpose, Purpose::Edit(_)) || line.width() + remark.len() + 2 > room {
        return line;
    }
    let gap = " ".repeat(room - line.width() - remark.len());
    line.with(gap, Role::Text).with(remark, Role::Muted)
}

/// What was understood of the field for the target, or what is wrong with it.
fn hint(model: &Model, form: &Form, room: usize) -> Vec<Runs> {
    let glyphs = model.glyphs();
    let indent = || Runs::default().with(" ".repeat(LABEL), Role::Text);
    let room = room.saturating_sub(LABEL);
    let understood = form.understood();
    let mut lines = Vec::new();
    match (understood.listed.first().and_then(|listed| listed.addresses.first()), understood.count()) {
        (Some(only), 1) => {
            let service = service::name(only.port).map(|name| format!(" ({name})")).unwrap_or_default();
            let host = clip(&only.host.to_string(), room.saturating_sub(30), glyphs.ellipsis);
            let text = format!("{} host {host}  port {}{service}", glyphs.check, only.port);
            lines.push(indent().with(clip(&text, room, glyphs.ellipsis), Role::Text));
        }
        (Some(first), many) => {
            let text = format!("{} {}: {first}", glyphs.check, plural(many as u64, "target"));
            let more = if many > 1 { format!(" {}", glyphs.ellipsis) } else { String::new() };
            lines.push(indent().with(clip(&(text + &more), room, glyphs.ellipsis), Role::Text));
        }
        (None, _) if understood.errors.is_empty() => {
            let text = "host:port  [v6]:port  db1:5432,9100-9103  or pasted lines";
            lines.push(indent().with(clip(text, room, glyphs.ellipsis), Role::Muted));
        }
        (None, _) => {}
    }
    for (number, error) in understood.errors.iter().take(3) {
        let place = if form.lines().is_some() { format!("line {number}: ") } else { String::new() };
        let text = crate::domain::text::clean(&format!("{place}{error}"), 200);
        lines.push(indent().with(clip(&text, room, glyphs.ellipsis), Role::Error));
    }
    if understood.errors.len() > 3 {
        let more = plural(understood.errors.len() as u64 - 3, "more line");
        lines.push(indent().with(format!("and {more} not understood"), Role::Error));
    }
    if understood.rest == Rest::TooMany {
        lines.push(indent().with(format!("more than {TARGETS_MAX} at once: add them in parts"), Role::Error));
    }
    if is_new_history(form) {
        lines.push(indent().with("another address begins anew; its past is kept", Role::Strong));
    }
    lines
}

/// Whether saving an edit would start a new history.
fn is_new_history(form: &Form) -> bool {
    matches!(form.purpose, Purpose::Edit(_)) && form.text(Field::Target).trim() != form.before(Field::Target)
}

/// The time between checks: what is chosen stands in other brackets.
fn presets(model: &Model, form: &Form, room: usize) -> Runs {
    let glyphs = model.glyphs();
    let now = parse_duration(form.text(Field::Every));
    let mut line = label(form, Field::Every, LABEL);
    for preset in PRESETS {
        let text = pad_left(&period(preset), 3);
        if now == Some(preset) {
            line.add(format!("{}{text}{}", glyphs.chosen.0, glyphs.chosen.1), Role::Strong);
        } else {
            line.add(format!("[{text}]"), Role::Text);
        }
    }
    line.add("  ", Role::Text);
    if form.focus == Field::Every {
        line = input::typed(line, form.input(Field::Every), room.saturating_sub(24), glyphs);
        line.add(format!("   {}/{} or type 45s", glyphs.arrow_left, glyphs.arrow_right), Role::Muted);
    } else if !now.is_some_and(|now| PRESETS.contains(&now)) {
        line.add(form.text(Field::Every).to_owned(), Role::Text);
    }
    line
}

fn thresholds(model: &Model, form: &Form) -> Runs {
    let mut line = value(model, form, Field::Timeout, label(form, Field::Timeout, LABEL), 24);
    line.add(" ".repeat(17_usize.saturating_sub(line.width())), Role::Text);
    line.append(label(form, Field::DownAfter, 11));
    let room = line.width() + 8;
    line = value(model, form, Field::DownAfter, line, room);
    line.add(" fails", Role::Text);
    line.add(" ".repeat(41_usize.saturating_sub(line.width())), Role::Text);
    line.append(label(form, Field::UpAfter, 9));
    let room = line.width() + 8;
    line = value(model, form, Field::UpAfter, line, room);
    line.with(" successes", Role::Text)
}

/// The last thing that the form has to say: a refusal, in as many lines as it needs, or one line of news.
fn outcome(model: &Model, form: &Form, room: usize) -> Vec<Runs> {
    let Some(why) = &form.refusal else { return vec![news(model, form, room)] };
    let mut words = wrap(&format!("not saved: {why}"), room);
    if words.len() > REFUSAL_LINES_MAX {
        let rest = words.split_off(REFUSAL_LINES_MAX - 1).join(" ");
        words.push(clip(&rest, room, model.glyphs().ellipsis));
    }
    words.into_iter().map(|line| Runs::default().with(line, Role::Error)).collect()
}

/// The test, or what was changed.
fn news(model: &Model, form: &Form, room: usize) -> Runs {
    let glyphs = model.glyphs();
    if form.saving == Saving::Sent {
        return Runs::default().with("saving", Role::Muted);
    }
    if form.test.is_some() {
        return test(model, form, room);
    }
    let changed = |field: &Field| form.text(*field) != form.before(*field);
    if matches!(form.purpose, Purpose::Edit(_)) {
        let words: Vec<String> = Field::ALL
            .into_iter()
            .filter(changed)
            .map(|field| {
                let value =
                    |text: &str| if text.is_empty() { "nothing".to_owned() } else { clip(text, 20, glyphs.ellipsis) };
                format!("{} {} {} {}", field.label(), value(form.before(field)), glyphs.arrow, value(form.text(field)))
            })
            .collect();
        if !words.is_empty() {
            let text = format!("changed: {}", words.join(", "));
            return Runs::default().with(clip(&text, room, glyphs.ellipsis), Role::Text);
        }
    }
    Runs::default()
}

/// The newest test of the form, as far as it has come.
fn test(model: &Model, form: &Form, room: usize) -> Runs {
    let glyphs = model.glyphs();
    let Some(test) = &form.test else { return Runs::default() };
    let host = address(&test.address.to_string(), 30, glyphs.ellipsis);
    let is_mine = |finished: &&Finished| test.attempt.is_some() && finished.attempt == test.attempt;
    let Some(Finished { check: found, .. }) = model.snapshot.ad_hoc.finished.iter().rev().find(is_mine) else {
        return Runs::default().with(format!("{} test: checking {host}", glyphs.new), Role::Text);
    };
    let dns = found.finding.dns.map(|dns| format!(" (dns {})", latency(dns))).unwrap_or_default();
    let at = found.finding.address.map(|address| format!("  {} {address}", glyphs.arrow)).unwrap_or_default();
    let (sign, role, words) = match found.finding.outcome {
        Outcome::Open(timing) => (glyphs.up, Standing::Up.role(), format!("open in {}", latency(timing.connect))),
        Outcome::Failed(failure) => {
            (glyphs.down, Role::Failed, format!("{} after {}", failure.reason.sentence(), latency(failure.after)))
        }
        Outcome::Inconclusive(fault) => (glyphs.inconclusive, Role::Failing, fault.sentence().to_owned()),
    };
    let text = clip(&format!(" test: {words}{dns}{at}"), room.saturating_sub(2), glyphs.ellipsis);
    Runs::default().with(sign, role).with(text, Role::Text)
}
