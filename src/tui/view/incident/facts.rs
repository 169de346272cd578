//! The facts of an outage: whose, from when to when, how soon it was known, and what the checks said.

use crate::domain::{Closing, Outage, Reason, Wall};
use crate::engine::incident::Incident;
use crate::tui::model::Model;
use crate::tui::text::{self, clip, full, pad_right, plural};
use crate::tui::theme::Role;
use crate::tui::view::detail::outages::{lasted, sign, story};
use crate::tui::widget::{Runs, foreign};

/// How many lines they take.
pub(super) const LINES: usize = 4;
/// Columns of the left half: the moments.
const LEFT: usize = 49;
/// Columns of a label and of a moment.
const LABEL: usize = 10;
const MOMENT: usize = 17;
/// With fewer columns than this, only remarks that are as short as a delay stand behind the moments.
const NARROW: usize = 76;
const DELAY: usize = 10;

pub(super) fn facts(model: &Model, outage: &Outage, width: usize) -> [Runs; LINES] {
    let zone = model.settings.zone;
    let first = name(model, outage, width);
    let moment = |label: &str, at: &str, remark: &str| moment(label, at, remark, width);
    let started = moment("STARTED", &zone.day_clock(outage.started_at), "first failing check");
    let delay = format!("{} later", full(outage.detected_at.since(outage.started_at)));
    let detected = moment("DETECTED", &zone.day_clock(outage.detected_at), &delay);
    [
        first,
        beside(model, started, "LASTED", &lasted(outage, model.now), width),
        beside(model, detected, "FAILED", &failures(outage), width),
        beside(model, end(model, outage, width), "UNSEEN", &unseen(outage), width),
    ]
}

/// Its sign, its target with the address, and the reason in a sentence.
fn name(model: &Model, outage: &Outage, width: usize) -> Runs {
    let glyphs = model.glyphs();
    let (sign, role) = sign(outage, glyphs);
    let mut line = Runs::default().with(" ", Role::Text).with(sign, role);
    line.add(format!(" {}", text::name(&foreign(&outage.name), width / 3, glyphs.ellipsis)), Role::Strong);
    let known = model.incident.known.as_ref().filter(|known| known.outage.id == outage.id);
    let missed = known.and_then(|known| missed(known, outage.started_at));
    if let Some(missed) = missed {
        let room = width.saturating_sub(line.width() + 3);
        return line.with("  ", Role::Text).with(clip(&missed, room, glyphs.ellipsis), Role::Text);
    }
    let mut addresses = known.map(|known| known.addresses.iter()).into_iter().flatten();
    if let Some(first) = addresses.next() {
        let more = addresses.count();
        let address = text::address(&foreign(&first.to_string()), width / 3, glyphs.ellipsis);
        line.add(format!("  {address}"), Role::Text);
        if more > 0 {
            line.add(format!(" and {more} more"), Role::Muted);
        }
    }
    let room = width.saturating_sub(line.width() + 3);
    line.with("  ", Role::Text).with(clip(&story(outage, model.settings.zone), room, glyphs.ellipsis), Role::Text)
}

/// Which endpoints of a group failed in the round of a moment: `2 of 3 endpoints: redis-2:6379 timeout, redis-3:6379
/// refused`; nothing for a target with one endpoint.
pub(super) fn missed(known: &Incident, at: Wall) -> Option<String> {
    let failed = known.missed_at(at);
    let words: Vec<String> =
        failed.iter().map(|(address, reason)| format!("{} {}", foreign(&address.to_string()), reason.word())).collect();
    let (count, all) = (failed.len(), known.addresses.len());
    (count > 0).then(|| format!("{count} of {all} endpoints: {}", words.join(", ")))
}

fn moment(label: &str, at: &str, remark: &str, width: usize) -> Runs {
    let is_left_out = width < NARROW && text::width(remark) >= DELAY;
    let remark = if is_left_out { "" } else { remark };
    Runs::default()
        .with(format!(" {}", pad_right(label, LABEL)), Role::Muted)
        .with(pad_right(at, MOMENT), Role::Text)
        .with(remark, Role::Muted)
}

/// A fact to the right of a moment.
fn beside(model: &Model, left: Runs, label: &str, fact: &str, width: usize) -> Runs {
    let mut line = left;
    line.pad(if width < NARROW { LABEL + 1 + MOMENT + DELAY } else { LEFT.max(width / 2) });
    line.add(format!(" {}", pad_right(label, 8)), Role::Muted);
    let room = width.saturating_sub(line.width() + 1);
    line.with(clip(fact, room, model.glyphs().ellipsis), Role::Text)
}

/// When it ended, and how sure that is.
fn end(model: &Model, outage: &Outage, width: usize) -> Runs {
    let zone = model.settings.zone;
    let moment = |label: &str, at: &str, remark: &str| moment(label, at, remark, width);
    let near = |at| zone.nearby(at, outage.started_at);
    match outage.closing {
        None => moment("ENDED", "goes on", &format!("last failure {}", near(outage.last_failure_at))),
        Some(Closing::Recovered { ended_at, confirmed_at }) => {
            moment("ENDED", &zone.day_clock(ended_at), &format!("sure at {}", near(confirmed_at)))
        }
        Some(Closing::EndNotSeen { earliest, ended_at, .. }) => {
            moment("ENDED", &zone.day_clock(ended_at), &format!("unseen, after {}", near(earliest)))
        }
        Some(Closing::Paused(at)) => moment("CLOSED", &zone.day_clock(at), "paused by hand"),
        Some(Closing::Removed(at)) => moment("CLOSED", &zone.day_clock(at), "target removed"),
    }
}

/// How many checks failed, and of which reasons.
fn failures(outage: &Outage) -> String {
    let reasons = Reason::ALL.iter().zip(outage.failures).filter(|(_, count)| *count > 0);
    let words: Vec<String> =
        reasons.map(|(reason, count)| format!("{} {}", text::count(count.into()), reason.word())).collect();
    match words.as_slice() {
        [only] => only.clone(),
        _ => format!("{}: {}", plural(outage.failure_count().into(), "check"), words.join(", ")),
    }
}

/// What nobody saw, and the checks that say nothing.
fn unseen(outage: &Outage) -> String {
    let gap = if outage.unobserved.is_zero() { "nothing".to_owned() } else { full(outage.unobserved) };
    match outage.inconclusive {
        0 => gap,
        count => format!("{gap}; {} inconclusive", plural(count.into(), "check")),
    }
}
