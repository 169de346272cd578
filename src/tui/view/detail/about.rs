//! What a target is, what its newest result means, and what somebody noted about it.

use super::Subject;
use crate::domain::{Family, Handshake, Outcome, advice};
use crate::tui::group;
use crate::tui::text::{self, maintenance};
use crate::tui::theme::Role;
use crate::tui::widget::{Runs, foreign};

/// How wide the heading of a section is.
pub(super) const HEADING: usize = 10;
/// Lines that a note may take; the whole is a key away.
const NOTE_LINES_MAX: usize = 2;

impl Subject<'_> {
    /// Where it is, how it is checked and what it takes to be down; what does not fit is left out, least telling first.
    pub(super) fn definition(&self) -> Vec<Runs> {
        let definition = &self.view.target.definition;
        let glyphs = self.model.glyphs();
        let Some(endpoint) = definition.endpoints.first() else { return Vec::new() };
        let mut parts = vec![
            format!("every {}", text::period(definition.interval)),
            format!("timeout {}", text::period(definition.timeout())),
        ];
        let thresholds = format!("{} fails=DOWN {} ok=UP", definition.down_after, definition.up_after);
        parts.extend(definition.degraded_above.map(|limit| format!("slow above {}", text::period(limit))));
        match endpoint.family {
            Family::Auto => {}
            Family::Ipv4 => parts.push("IPv4 only".to_owned()),
            Family::Ipv6 => parts.push("IPv6 only".to_owned()),
            Family::Both => parts.push("IPv4 and IPv6".to_owned()),
        }
        if endpoint.handshake == Handshake::Full {
            parts.push("full handshake".to_owned());
        }
        let place = match group::made_of(self.view) {
            Some(words) => text::clip(&foreign(&words), self.width * 2 / 5, glyphs.ellipsis),
            None => text::address(&endpoint.address.to_string(), self.width * 2 / 5, glyphs.ellipsis),
        };
        let mut line = Runs::default().with(format!(" {place}"), Role::Strong);
        if let Some(answering) = self.answering() {
            line.add(format!(" {} {answering}", glyphs.arrow), Role::Text);
        }
        for part in parts {
            if line.width() + 2 + text::width(&part) < self.width {
                line.add(format!("  {part}"), Role::Text);
            }
        }
        let room = self.width.saturating_sub(line.width() + 2);
        if thresholds.len() > room {
            return vec![line];
        }
        vec![line.with_end(Runs::default().with(format!("{thresholds} "), Role::Muted), self.width)]
    }

    /// The maintenance that goes on, or the next one that is planned.
    pub(super) fn works(&self) -> Option<Runs> {
        let (now, zone) = (self.model.now, self.model.settings.zone);
        let words = match (&self.view.maintenance, self.history) {
            (Some(known), _) => maintenance::in_full(known, now, zone),
            (None, history) => {
                let next = history?.maintenance.iter().find(|one| one.span.from > now)?;
                format!("{} {}", maintenance::next(next, now, zone), foreign(&next.title))
            }
        };
        let line = Runs::default().with(" MAINTENANCE  ", Role::Muted);
        let room = self.width.saturating_sub(line.width() + 1);
        Some(line.with(text::clip(words.trim_end(), room, self.ellipsis()), Role::Text))
    }

    /// The address that the newest result is about, for a name.
    fn answering(&self) -> Option<String> {
        let latest = self.view.latest.as_ref().filter(|_| self.view.target.definition.endpoints.len() == 1)?;
        let address = latest.finding.address?;
        let written = self.view.target.definition.endpoints.first()?.address.host.to_string();
        let (shown, others) = (address.to_string(), latest.finding.tries.len());
        (written.trim_matches(['[', ']']) != shown).then(|| match others {
            0 | 1 => shown,
            _ => format!("{shown} (1 of {others} addresses)"),
        })
    }

    /// What the newest result usually means and what to look at first; nothing while all is well.
    pub(super) fn advice(&self) -> Vec<Runs> {
        let Some((endpoint, outcome)) = group::telling(self.view) else { return Vec::new() };
        let found = match outcome {
            Outcome::Open(timing) if timing.syn_lost == 0 => return Vec::new(),
            outcome => advice::explain_of(&self.view.target.definition, &endpoint.address, &outcome),
        };
        let mut lines = section("ADVICE", &foreign(&found.meaning), self.width);
        for (number, step) in (1..).zip(&found.steps) {
            lines.extend(section("", &format!("{number} {}", foreign(step)), self.width));
        }
        lines
    }

    /// The note and the tags.
    pub(super) fn note(&self) -> Vec<Runs> {
        let definition = &self.view.target.definition;
        let mut words = foreign(&definition.note);
        for tag in &definition.tags {
            words = format!("{words} #{}", foreign(tag));
        }
        let mut lines = section("NOTE", &words, self.width);
        lines.truncate(NOTE_LINES_MAX);
        lines
    }
}

/// The sign, its role and the words for what came of one address.
pub fn outcome(outcome: &Outcome, glyphs: &crate::tui::glyphs::Glyphs) -> (&'static str, Role, String) {
    match outcome {
        Outcome::Open(timing) if timing.syn_lost > 0 => (
            glyphs.slow,
            Role::Slow,
            format!("open {}, SYN lost {}{}", text::latency(timing.connect), glyphs.failed, timing.syn_lost),
        ),
        Outcome::Open(timing) => (glyphs.up, Role::Up, format!("open {}", text::latency(timing.connect))),
        Outcome::Failed(failure) => (glyphs.down, Role::Failed, failure.reason.word().to_owned()),
        Outcome::Inconclusive(fault) => (glyphs.inconclusive, Role::Muted, fault.sentence().to_owned()),
    }
}

/// A line that begins with the heading of a section, or with the room for one.
pub(super) fn heading(words: &str) -> Runs {
    Runs::default().with(format!(" {}", text::pad_right(words, HEADING - 1)), Role::Muted)
}

/// Words under a heading, in as many lines as they need; nothing for no words.
fn section(title: &str, words: &str, width: usize) -> Vec<Runs> {
    text::wrap(words, width.saturating_sub(HEADING + 1))
        .into_iter()
        .enumerate()
        .map(|(place, line)| heading(if place == 0 { title } else { "" }).with(line, Role::Text))
        .collect()
}
