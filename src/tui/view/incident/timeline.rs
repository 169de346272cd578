//! The lines below the facts of an outage: each a moment, and what was seen, written or decided then.

use super::facts::missed;
use crate::domain::likeness::{Likeness, Onset, Shared, likenesses};
use crate::domain::{Check, Gap, GapCause, Outage, Outcome, Remark, Wall};
use crate::engine::incident::{Elided, Entry, Incident, Struck};
use crate::tui::model::Model;
use crate::tui::model::incident::{Row, Section, rows, selected};
use crate::tui::text::happening::{Tone, sentence, subject};
use crate::tui::text::{self, clip, full, latency, pad_left, pad_right, plural};
use crate::tui::theme::Role;
use crate::tui::view::detail::outages::lasted;
use crate::tui::view::events::sign as event_sign;
use crate::tui::widget::{Runs, foreign};

/// Columns of an outcome, of a figure, of an IPv4 address.
const OUTCOME: usize = 8;
const FIGURE: usize = 7;
const ADDRESS: usize = 15;

/// The rows in sight.
pub(super) fn lines(model: &Model, outage: &Outage, width: usize, height: usize) -> Vec<Runs> {
    let Some(known) = &model.incident.known else { return Vec::new() };
    let drawing = Drawing { model, outage, known, width };
    let list = &model.incident.list;
    let in_sight = rows(model).into_iter().skip(list.offset).take(height);
    let mut lines: Vec<Runs> = in_sight.map(|(key, row)| drawing.row(row, list.selected == Some(key))).collect();
    if let Some(Row::Note(remark) | Row::Entry(Entry::Remark(remark))) = selected(model) {
        drawing.in_full(remark, &mut lines, height);
    }
    lines
}

struct Drawing<'d> {
    model: &'d Model,
    outage: &'d Outage,
    known: &'d Incident,
    width: usize,
}

impl Drawing<'_> {
    fn row(&self, row: Row<'_>, is_selected: bool) -> Runs {
        let mut line = match row {
            Row::Heading(section) => return self.heading(section),
            Row::Together(struck) => self.struck(struck),
            Row::Note(remark) => {
                let line = self.at(remark.about).with(whose(remark), Role::Muted);
                self.words(line, &foreign(&remark.text), Role::Text)
            }
            Row::Entry(entry) => self.entry(entry),
        };
        let cursor = if is_selected { self.model.glyphs().cursor } else { " " };
        let mut whole = Runs::default().with(cursor, Role::Strong);
        if is_selected && let Some(moment) = line.0.first_mut() {
            moment.role = Role::Strong;
        }
        whole.append(line);
        whole
    }

    /// A selected note that its line has no room for stands in full below the others.
    fn in_full(&self, remark: &Remark, lines: &mut Vec<Runs>, height: usize) {
        let text = foreign(&remark.text);
        if self.at(remark.about).width() + whose(remark).len() + text::width(&text) + 4 < self.width {
            return;
        }
        let dashed = self.model.glyphs().dashed.repeat(self.width);
        let mut full = vec![Runs::default().with(dashed, Role::Border)];
        let wrapped = text::wrap(&text, self.width.saturating_sub(2));
        full.extend(wrapped.into_iter().map(|line| Runs::default().with(format!(" {line}"), Role::Text)));
        full.truncate(height);
        lines.resize(height - full.len(), Runs::default());
        lines.append(&mut full);
    }

    fn heading(&self, section: Section) -> Runs {
        let words = match section {
            Section::Together => format!(" FAILED WITHIN 5 MINUTES{}", self.alike()),
            Section::Notes => " NOTES".to_owned(),
            Section::Timeline => format!(
                " {}   {} {} {}  ADDRESS",
                pad_right("TIMELINE", self.moment_width()),
                pad_right("OUTCOME", OUTCOME),
                pad_left("LATENCY", FIGURE),
                pad_left("DNS", FIGURE),
            ),
        };
        Runs::default().with(clip(&words, self.width, self.model.glyphs().ellipsis), Role::Muted)
    }

    /// What most of the outages that began together share.
    fn alike(&self) -> String {
        let reached = self.known.timeline.iter().find_map(|entry| match entry {
            Entry::Check(check) if check.at >= self.outage.started_at => check.address,
            _ => None,
        });
        let own = Onset { address: self.known.addresses.first(), reached, reason: self.outage.reason };
        let onsets: Vec<Onset<'_>> =
            std::iter::once(own).chain(self.known.together.iter().map(Struck::onset)).collect();
        let words: Vec<String> = likenesses(&onsets).iter().map(shared).collect();
        if words.is_empty() { String::new() } else { format!("  same {}", words.join(", ")) }
    }

    /// Whether everything here happened on one day.
    fn is_one_day(&self) -> bool {
        self.model.settings.zone.same_day(self.known.span.from, self.known.span.to)
    }

    fn moment_width(&self) -> usize {
        if self.is_one_day() { "14:27:55".len() } else { "20 Nov 14:27:55".len() }
    }

    fn moment(&self, at: Wall) -> String {
        let zone = self.model.settings.zone;
        if self.is_one_day() { zone.clock(at) } else { zone.day_clock(at) }
    }

    /// The beginning of a line.
    fn at(&self, at: Wall) -> Runs {
        Runs::default().with(pad_right(&self.moment(at), self.moment_width()), Role::Muted).with(" ", Role::Text)
    }

    /// The line with words up to its end.
    fn words(&self, line: Runs, words: &str, role: Role) -> Runs {
        let room = self.width.saturating_sub(line.width() + 2);
        line.with(clip(words, room, self.model.glyphs().ellipsis), role)
    }

    fn struck(&self, Struck { outage, address, .. }: &Struck) -> Runs {
        let glyphs = self.model.glyphs();
        let names = if self.width < 100 { 14 } else { 24 };
        let (own, its) = (self.outage.started_at, outage.started_at);
        let apart = if its < own { format!("-{}", full(own.since(its))) } else { format!("+{}", full(its.since(own))) };
        let name = pad_right(&text::name(&foreign(&outage.name), names, glyphs.ellipsis), names);
        let (sign, role) = crate::tui::view::detail::outages::sign(outage, glyphs);
        let address = address.as_ref().map_or_else(|| glyphs.dash.to_owned(), |address| foreign(&address.to_string()));
        let columns = if self.width < 100 { 22 } else { 36 };
        let address = pad_right(&text::address(&address, columns, glyphs.ellipsis), columns);
        let line =
            self.at(its).with(sign, role).with(format!(" {name} {} {address} ", pad_left(&apart, 6)), Role::Text);
        self.words(line, &format!("{} {}", outage.reason.word(), lasted(outage, self.model.now)), Role::Text)
    }

    fn entry(&self, entry: &Entry) -> Runs {
        let glyphs = self.model.glyphs();
        let line = self.at(entry.at());
        match entry {
            Entry::Check(check) => self.check(line, check),
            Entry::Elided(elided) => {
                self.words(line.with(format!("{} ", glyphs.ellipsis), Role::Muted), &self.elided(elided), Role::Muted)
            }
            Entry::Event(event) => {
                let tone = Tone::of(&event.what);
                let told = foreign(&sentence(event, self.model.settings.zone));
                let whose = if event.target.is_some() { String::new() } else { format!("{} ", subject(event)) };
                let line = line.with(event_sign(tone, glyphs), tone.role()).with(format!(" {whose}"), Role::Text);
                self.words(line, &told, Role::Text)
            }
            Entry::Gap(gap) => {
                self.words(line.with(format!("{} ", glyphs.gap), Role::Muted), &unwatched(gap), Role::Text)
            }
            Entry::Remark(remark) => {
                let line = line.with(format!("{} ", glyphs.marked), Role::Strong).with(whose(remark), Role::Muted);
                self.words(line, &foreign(&remark.text), Role::Strong)
            }
        }
    }

    fn check(&self, line: Runs, check: &Check) -> Runs {
        let glyphs = self.model.glyphs();
        let (sign, role, word) = match check.outcome {
            Outcome::Open(_) => (glyphs.up, Role::Up, "open"),
            Outcome::Failed(failure) => (glyphs.failed, Role::Failed, failure.reason.word()),
            Outcome::Inconclusive(fault) => (glyphs.inconclusive, Role::Muted, fault.word()),
        };
        let figure = |taken: Option<_>| taken.map_or_else(|| "-".to_owned(), latency);
        let address = check.address.map_or_else(|| "-".to_owned(), |address| address.to_string());
        let line = line.with(sign, role).with(
            format!(
                " {} {} {}  {} ",
                pad_right(word, OUTCOME),
                pad_left(&figure(check.latency()), FIGURE),
                pad_left(&figure(check.dns), FIGURE),
                pad_right(&address, ADDRESS)
            ),
            Role::Text,
        );
        self.words(line, &self.besides(check), Role::Muted)
    }

    /// What else there is to say of a check.
    fn besides(&self, check: &Check) -> String {
        let mut words = Vec::new();
        if check.at == self.outage.started_at && check.outcome.reason().is_some() {
            words.push("1st failure".to_owned());
        }
        if self.outage.ended_at() == Some(check.at) && check.outcome.is_open() {
            words.push("1st success".to_owned());
        }
        let syn_lost = match check.outcome {
            Outcome::Open(timing) => timing.syn_lost,
            Outcome::Failed(failure) => {
                words.push(format!("after {}", latency(failure.after)));
                failure.syn_lost
            }
            Outcome::Inconclusive(fault) => {
                words.push(fault.sentence().to_owned());
                0
            }
        };
        if syn_lost > 0 {
            words.push(format!("{syn_lost} SYN lost"));
        }
        if self.known.addresses.len() > 1 {
            words.extend(missed(self.known, check.at));
        } else if check.tried > 1 {
            words.push(format!("{} of {} addresses", check.answered, check.tried));
        }
        words.join(", ")
    }

    fn elided(&self, elided: &Elided) -> String {
        let failed = match elided.failed {
            failed if failed == elided.checks => "all failed".to_owned(),
            0 => "none failed".to_owned(),
            failed => format!("{} failed", text::count(failed.into())),
        };
        let until = self.moment(elided.span.to);
        format!("{} left out, {failed}, until {until}", plural(elided.checks.into(), "check"))
    }
}

/// What stands in front of a note.
const fn whose(remark: &Remark) -> &'static str {
    if remark.target.is_some() { "note: " } else { "note, all targets: " }
}

/// What most of them share, and how many where that is not all.
fn shared(Likeness { shared, count, of }: &Likeness) -> String {
    let what = match shared {
        Shared::Host(host) => format!("host {}", foreign(host)),
        Shared::Network(network) => format!("network {network}"),
        Shared::Reason(reason) => format!("reason {}", reason.word()),
        Shared::Port(port) => format!("port {port}"),
    };
    if count == of { what } else { format!("{what} ({count} of {of})") }
}

/// Why nobody observed anything.
fn unwatched(gap: &Gap) -> String {
    let why = match gap.cause {
        GapCause::NotRunning => "portpulse was not running".to_owned(),
        GapCause::Stalled => "suspended, stopped or stalled".to_owned(),
        GapCause::Blind => gap.path.map_or_else(|| "blind".to_owned(), |path| format!("blind through {}", path.word())),
        GapCause::Damaged => return format!("history was damaged: {} of it are lost", full(gap.span().length())),
    };
    format!("nobody watched for {}: {why}", full(gap.span().length()))
}
