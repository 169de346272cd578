//! The outages of one target: when, how long, how many checks, how soon it was known, and why.

use super::Subject;
use super::chart::titled;
use super::figures::reasons;
use crate::domain::{Closing, Maintenance, Outage};
use crate::tui::action::Action;
use crate::tui::glyphs::Glyphs;
use crate::tui::model::View;
use crate::tui::model::detail::{Focus, outages as known};
use crate::tui::text::happening::cause;
use crate::tui::text::{self, Zone};
use crate::tui::theme::Role;
use crate::tui::widget::Runs;

/// With fewer columns than this a reason is a word instead of a sentence.
const REASON_LEAST: usize = 22;
/// From so many columns on a row has the moments of detection and of the end.
const MOMENTS_LEAST: usize = 110;
/// Rows that the selected outage leaves to the list, at least.
const ROWS_LEAST: usize = 2;

impl Subject<'_> {
    /// The outages under their heading, newest first, in at most so many lines; while they have the keys, with
    /// the selected one in full below.
    pub(super) fn outages(&self, lines: usize) -> Vec<Runs> {
        let known = known(self.model);
        if lines == 0 || (known.is_empty() && self.history.is_none()) {
            return Vec::new();
        }
        let mut drawn = vec![Runs::default().with(self.fit(&self.outages_title(known.len())), Role::Muted)];
        if self.model.detail.focus != Focus::Outages {
            let room = lines - 1;
            let hidden = known.len().saturating_sub(room);
            let shown = if hidden > 0 { room.saturating_sub(1) } else { room };
            drawn.extend(known.iter().take(shown).map(|outage| self.row(outage)));
            if hidden > 0 {
                let action = if self.model.view == View::Detail { Action::NextPane } else { Action::Zoom };
                let key = self.key(action).map_or_else(String::new, |key| format!(": {key}"));
                let words = format!("   and {} more{key}", text::count((known.len() - shown) as u64));
                drawn.push(Runs::default().with(words, Role::Muted));
            }
            drawn.truncate(lines);
            return drawn;
        }
        let list = &self.model.detail.outages;
        let rows = self.outages_with_keys(lines);
        let from = list.offset.min(known.len().saturating_sub(rows));
        drawn.extend(known.iter().skip(from).take(rows).map(|outage| self.row(outage)));
        if let Some(selected) = known.iter().find(|outage| Some(outage.id) == list.selected) {
            drawn.extend(self.in_full(selected));
        }
        drawn
    }

    /// How many rows the list has in so many lines, while it has the keys.
    pub(super) fn outages_with_keys(&self, lines: usize) -> usize {
        let known = known(self.model);
        let selected = self.model.detail.outages.selected;
        let full = known.iter().find(|outage| Some(outage.id) == selected).map_or(0, |one| self.in_full(one).len());
        known.len().min(lines.saturating_sub(1 + full).max(ROWS_LEAST))
    }

    fn outages_title(&self, count: usize) -> String {
        let title = format!("OUTAGES {}", text::count(count as u64));
        match count {
            0 if self.model.travel.is_some() => " OUTAGES  none until then".to_owned(),
            0 => " OUTAGES  none in all the history that is kept".to_owned(),
            _ if self.width >= MOMENTS_LEAST => {
                format!(" {title:<10} START           FOUND           ENDED             LASTED  CHECKS  REASON")
            }
            _ => format!(" {title:<10} START            LASTED  CHECKS  FOUND IN  REASON"),
        }
    }

    fn row(&self, outage: &Outage) -> Runs {
        let glyphs = self.model.glyphs();
        let zone = self.model.settings.zone;
        let (sign, role) = match self.maintenance_of(outage) {
            Some(_) => (glyphs.maintenance, Role::Muted),
            None => sign(outage, glyphs),
        };
        let detail = &self.model.detail;
        let is_selected = detail.focus == Focus::Outages && detail.outages.selected == Some(outage.id);
        let mut line = Runs::default().with(if is_selected { glyphs.cursor } else { " " }, Role::Text).with(sign, role);
        let start = zone.day_clock(outage.started_at);
        let lasted = lasted(outage, self.model.now);
        let checks = text::count(outage.failure_count().into());
        let found_in = text::full(outage.detected_at.since(outage.started_at));
        let facts = if self.width >= MOMENTS_LEAST {
            let found = zone.day_clock(outage.detected_at);
            let ended = outage.ended_at().map_or_else(|| glyphs.dash.to_owned(), |at| zone.day_clock(at));
            let ended = text::pad_right(&ended, start.len());
            format!(" {:<8} {start} {found} {ended} {lasted:>8} {checks:>7}  ", ending(outage))
        } else {
            format!(" {:<8} {start} {lasted:>8} {checks:>7} {found_in:>9}  ", ending(outage))
        };
        line.add(facts, if is_selected { Role::Strong } else { Role::Text });
        let room = self.width.saturating_sub(line.width() + 1);
        let before = if self.maintenance_of(outage).is_some() { "in maintenance: " } else { "" };
        let words = story(outage, zone);
        let is_narrow = room < REASON_LEAST + before.len();
        let words = if is_narrow { outage.reason.word().to_owned() } else { words };
        line.add(text::clip(&(before.to_owned() + &words), room, self.ellipsis()), Role::Text);
        line
    }

    /// The maintenance in which an outage was found: then nobody was called.
    fn maintenance_of(&self, outage: &Outage) -> Option<&Maintenance> {
        self.history?.maintenance.iter().find(|one| one.is_on(outage.detected_at))
    }

    /// Everything that is known of one outage, in as many lines as that takes.
    fn in_full(&self, outage: &Outage) -> Vec<Runs> {
        let zone = self.model.settings.zone;
        let near = |at| zone.nearby(at, outage.started_at);
        let mut parts = vec![
            format!("started {}", zone.date_clock(outage.started_at)),
            format!(
                "found {} after {}",
                near(outage.detected_at),
                text::full(outage.detected_at.since(outage.started_at))
            ),
        ];
        parts.extend(match outage.closing {
            None => vec![format!("last failure {}", near(outage.last_failure_at)), "not over".to_owned()],
            Some(Closing::Recovered { ended_at, confirmed_at }) => {
                vec![format!("ended {}, confirmed {}", near(ended_at), near(confirmed_at))]
            }
            Some(Closing::EndNotSeen { earliest, ended_at, confirmed_at }) => vec![
                format!("ended unseen between {} and {}", near(earliest), near(ended_at)),
                format!("confirmed {}", near(confirmed_at)),
            ],
            Some(Closing::Paused(at)) => vec![format!("paused {}", near(at))],
            Some(Closing::Removed(at)) => vec![format!("removed {}", near(at))],
        });
        parts.push(format!("lasted {}", lasted(outage, self.model.now)));
        parts.extend(self.maintenance_of(outage).map(|one| format!("found in maintenance{}", titled(one))));
        let count = text::plural(outage.failure_count().into(), "failed check");
        parts.push(format!("{count}: {}", reasons(&outage.failures).join(", ")));
        if outage.inconclusive > 0 {
            parts.push(format!("{} inconclusive", text::count(outage.inconclusive.into())));
        }
        if !outage.unobserved.is_zero() {
            parts.push(format!("{} of it unwatched", text::full(outage.unobserved)));
        }
        parts.push(cause(outage.reason));
        self.flow(parts.into_iter().map(|part| (part, Role::Text)))
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
