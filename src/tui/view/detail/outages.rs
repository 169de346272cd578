//! The outages of one target: when, how long, how many checks, how soon it was known, and why.

use super::Subject;
use crate::domain::{Closing, Outage};
use crate::tui::glyphs::Glyphs;
use crate::tui::text::happening::cause;
use crate::tui::text::{self, Zone};
use crate::tui::theme::Role;
use crate::tui::widget::Runs;

/// With fewer columns than this a reason is a word instead of a sentence.
const REASON_LEAST: usize = 22;

impl Subject<'_> {
    /// How many outages are known.
    pub(super) fn outage_count(&self) -> usize {
        self.known().len()
    }

    /// The outages under their heading, newest first, in at most so many lines.
    pub(super) fn outages(&self, lines: usize) -> Vec<Runs> {
        let known = self.known();
        if known.is_empty() && self.history.is_none() {
            return Vec::new();
        }
        let title = match known.len() {
            0 => " OUTAGES  none in all the history that is kept".to_owned(),
            count => format!(" {:<10} START            LASTED  CHECKS  FOUND IN  REASON", format!("OUTAGES {count}")),
        };
        let mut drawn = vec![Runs::default().with(self.fit(&title), Role::Muted)];
        drawn.extend(known.iter().map(|outage| self.row(outage)));
        drawn.truncate(lines);
        drawn
    }

    /// The open one as it stands now, which the store hears of only now and then, and those of the store.
    fn known(&self) -> Vec<&Outage> {
        let open = self.view.outage.as_deref();
        let kept = self.history.map(|history| history.outages.as_slice()).unwrap_or_default();
        let is_older = |outage: &&Outage| open.is_none() || outage.closing.is_some();
        open.into_iter().chain(kept.iter().filter(is_older)).collect()
    }

    fn row(&self, outage: &Outage) -> Runs {
        let glyphs = self.model.glyphs();
        let (sign, role) = sign(outage, glyphs);
        let mut line = Runs::default().with(" ", Role::Text).with(sign, role);
        let facts = format!(
            " {:<8} {} {:>8} {:>7} {:>9}  ",
            ending(outage),
            self.model.settings.zone.day_clock(outage.started_at),
            lasted(outage, self.model.now),
            text::count(outage.failure_count().into()),
            text::full(outage.detected_at.since(outage.started_at)),
        );
        line.add(facts, Role::Text);
        let room = self.width.saturating_sub(line.width() + 1);
        let words = story(outage, self.model.settings.zone);
        let words = if room < REASON_LEAST { outage.reason.word().to_owned() } else { words };
        line.add(text::clip(&words, room, self.ellipsis()), Role::Text);
        line
    }
}

/// The sign of an outage and its role.
pub fn sign(outage: &Outage, glyphs: &Glyphs) -> (&'static str, Role) {
    match outage.closing {
        None => (glyphs.down, Role::Failed),
        Some(Closing::Recovered { .. } | Closing::EndNotSeen { .. }) => (glyphs.up, Role::Up),
        Some(Closing::Paused(_)) => (glyphs.paused, Role::Muted),
        Some(Closing::Removed(_)) => (glyphs.dash, Role::Muted),
    }
}

/// How an outage stands, in a word.
pub const fn ending(outage: &Outage) -> &'static str {
    match outage.closing {
        None => "ongoing",
        Some(Closing::Recovered { .. } | Closing::EndNotSeen { .. }) => "over",
        Some(Closing::Paused(_)) => "paused",
        Some(Closing::Removed(_)) => "removed",
    }
}

/// How long it lasted; with a `+` while it goes on.
pub fn lasted(outage: &Outage, now: crate::domain::Wall) -> String {
    let open = if outage.closing.is_none() { "+" } else { "" };
    text::full(outage.lasted(now)) + open
}

/// The reason, and what is uncertain about the span.
pub fn story(outage: &Outage, zone: Zone) -> String {
    let mut words = cause(outage.reason);
    if let Some(Closing::EndNotSeen { earliest, ended_at, .. }) = outage.closing {
        words = format!("{words}; ended unseen after {}", zone.nearby(earliest, ended_at));
    }
    if !outage.unobserved.is_zero() {
        words = format!("{words}; {} of it unwatched", text::full(outage.unobserved));
    }
    words
}
