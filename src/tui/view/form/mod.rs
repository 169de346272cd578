//! The form that adds or edits targets.

mod hint;

use super::super::model::Model;
use super::super::model::form::{Field, Form, PRESETS, Purpose, Saving, Test, parse_duration};
use super::super::standing::Standing;
use super::super::text::{address, clip, latency, pad_left, pad_right, period, plural, wrap};
use super::super::theme::Role;
use super::super::widget::Runs;
use super::{frame, input, pen};
use crate::domain::{AdHoc, Evaluation, Outcome};
use crate::monitor::snapshot::Finished;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How wide the form is.
const WIDTH: u16 = 74;
/// How many lines a refusal may have.
const REFUSAL_LINES_MAX: usize = 4;
/// Where the fields start.
const LABEL: usize = 9;
/// Where the meaning of a policy starts.
const GROUP_WORDS: usize = 29;
/// What it means to be no group.
const EACH: &str = "each address is a target of its own";

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
    lines.extend(hint::lines(model, form, room, LABEL));
    let first = lines.len();
    let remark = if matches!(form.group(), Ok(Some(_))) { "a group needs one" } else { "blank = the target itself" };
    lines.push(with_remark(field(model, form, Field::Name, room / 2), remark, room, form));
    lines.push(group(model, form, room));
    lines.push(field(model, form, Field::Tags, room));
    lines.push(presets(model, form, room));
    lines.push(thresholds(model, form));
    lines.push(field(model, form, Field::SlowAt, room / 2));
    lines.push(field(model, form, Field::Note, room));
    lines.push(Runs::default());
    let focus = match form.focus {
        Field::Target => 0,
        Field::Name => first,
        Field::Group => first + 1,
        Field::Tags => first + 2,
        Field::Every => first + 3,
        Field::Timeout | Field::DownAfter | Field::UpAfter => first + 4,
        Field::SlowAt => first + 5,
        Field::Note => first + 6,
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

/// Whether all addresses are one target, and in words what that means.
fn group(model: &Model, form: &Form, room: usize) -> Runs {
    let glyphs = model.glyphs();
    let mut line = value(model, form, Field::Group, label(form, Field::Group, LABEL), GROUP_WORDS);
    line.add(" ".repeat(GROUP_WORDS.saturating_sub(line.width()) + 1), Role::Text);
    if form.focus == Field::Group {
        line.add(format!("{}/{}  ", glyphs.arrow_left, glyphs.arrow_right), Role::Muted);
    }
    let alone = if matches!(form.purpose, Purpose::Add) { EACH } else { "a single address" };
    let words = form.group().map_or("", |evaluation| evaluation.as_ref().map_or(alone, meaning));
    let rest = room.saturating_sub(line.width());
    line.with(clip(words, rest, glyphs.ellipsis), Role::Muted)
}

/// What a policy means, in a few words. That of time-outs is dangerous, and says so.
const fn meaning(evaluation: &Evaluation) -> &'static str {
    match evaluation {
        Evaluation::All => "one target, up when all are open",
        Evaluation::Any => "one target, up when one is open",
        Evaluation::Quorum { .. } => "degraded with a quorum, else down",
        Evaluation::Failover => "degraded when the first is not open",
        Evaluation::Weighted { .. } => "degraded with a share of the weight",
        Evaluation::Timeouts => "all timed out is degraded, not down",
        Evaluation::Percentile { .. } => "slow is degraded, very slow is down",
        Evaluation::Script(_) => "judged by a function of yours",
    }
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
    match form.tests.as_slice() {
        [] => {}
        [one] => return tested(model, one, room),
        all => return tested_all(model, all, room),
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

/// What a test has found, once it has.
fn found<'m>(model: &'m Model, test: &Test) -> Option<&'m AdHoc> {
    let is_mine = |finished: &&Finished| test.attempt.is_some() && finished.attempt == test.attempt;
    model.snapshot.ad_hoc.finished.iter().rev().find(is_mine).map(|finished| &finished.check)
}

/// How many of several addresses are open, and what is the matter with the others.
fn tested_all(model: &Model, tests: &[Test], room: usize) -> Runs {
    let glyphs = model.glyphs();
    let found: Vec<(&Test, Option<Outcome>)> =
        tests.iter().map(|test| (test, found(model, test).map(|check| check.finding.outcome))).collect();
    let open = found.iter().filter(|(_, outcome)| outcome.is_some_and(|outcome| outcome.is_open())).count();
    let running = found.iter().filter(|(_, outcome)| outcome.is_none()).count();
    let others = found.iter().filter_map(|(test, outcome)| {
        let word = match (*outcome)? {
            Outcome::Open(_) => return None,
            Outcome::Failed(failure) => failure.reason.word(),
            Outcome::Inconclusive(fault) => fault.word(),
        };
        Some(format!("{} {word}", address(&test.address.to_string(), 30, glyphs.ellipsis)))
    });
    let others: Vec<String> = others.collect();
    let mut words = format!(" test: {open} of {} open", tests.len());
    if running > 0 {
        words = format!("{words}, {running} being checked");
    }
    if !others.is_empty() {
        words = format!("{words}: {}", others.join(", "));
    }
    let (sign, role) = match (others.is_empty(), running) {
        (false, _) => (glyphs.down, Role::Failed),
        (true, 0) => (glyphs.up, Standing::Up.role()),
        (true, _) => (glyphs.new, Role::Text),
    };
    Runs::default().with(sign, role).with(clip(&words, room.saturating_sub(2), glyphs.ellipsis), Role::Text)
}

/// A test of one address, as far as it has come.
fn tested(model: &Model, test: &Test, room: usize) -> Runs {
    let glyphs = model.glyphs();
    let host = address(&test.address.to_string(), 30, glyphs.ellipsis);
    let Some(found) = found(model, test) else {
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
