//! The addresses of a name: each of the newest check and what came of it, and those of the time that is shown.

use super::Subject;
use super::about::{HEADING, heading, outcome};
use crate::domain::Span;
use crate::domain::job::Try;
use crate::engine::query::{AddressChange, SightingCount};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::Runs;

/// Lines that the addresses of the newest check may take.
const TRIED_LINES_MAX: usize = 4;
/// Addresses that are told one by one.
const SEEN_MAX: usize = 8;

impl Subject<'_> {
    /// Which addresses the name had in the time that is shown, and when one followed on another.
    pub(super) fn seen(&self) -> Vec<Runs> {
        let mut lines = Vec::new();
        let is_literal = self.view.target.definition.endpoints.iter().all(|one| one.address.host.literal().is_some());
        let Some(found) = self.history.map(|history| &history.addresses).filter(|_| !is_literal) else { return lines };
        let (zone, now) = (self.model.settings.zone, self.model.now);
        for (place, seen) in found.seen.iter().take(SEEN_MAX).enumerate() {
            let counts = seen.count.map_or_else(String::new, |SightingCount { checks, open }| {
                let all = format!("  {}", text::plural(checks.into(), "check"));
                if open < checks { format!("{all}, {} open", text::count(open.into())) } else { all }
            });
            let span = zone.span(Span { from: seen.first, to: seen.last }, now);
            let words = format!("{}  {span}{counts}", seen.address);
            let room = self.width.saturating_sub(HEADING + 1);
            let title = if place == 0 { "SEEN" } else { "" };
            lines.push(heading(title).with(text::clip(&words, room, self.ellipsis()), Role::Text));
        }
        if let Some(more) = found.seen.len().checked_sub(SEEN_MAX).filter(|more| *more > 0) {
            lines.push(heading("").with(format!("and {} more", text::count(more as u64)), Role::Text));
        }
        if found.changes > 0 {
            lines.push(self.changed(found.changes, &found.newest));
        }
        lines
    }

    /// How often the address changed, and the newest of these changes as far as they fit.
    fn changed(&self, count: u32, newest: &[AddressChange]) -> Runs {
        let (zone, arrow) = (self.model.settings.zone, self.model.glyphs().arrow);
        let times =
            if count == 1 { "once: ".to_owned() } else { format!("{} times, newest ", text::count(count.into())) };
        let mut line = heading("CHANGED").with(times, Role::Text);
        for (place, change) in newest.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let words =
                format!("{comma}{} {} {arrow} {}", zone.nearby(change.at, self.model.now), change.from, change.to);
            if line.width() + text::width(&words) >= self.width {
                break;
            }
            line.add(words, Role::Text);
        }
        line
    }

    /// The addresses of the newest check: which did and which did not.
    pub(super) fn tried(&self) -> Vec<Runs> {
        let alone = self.view.latest.as_ref().filter(|_| self.view.target.definition.endpoints.len() == 1);
        let tries = alone.map_or(&[] as &[Try], |latest| &latest.finding.tries);
        if tries.len() < 2 {
            return Vec::new();
        }
        let answered = tries.iter().filter(|tried| tried.outcome.is_open()).count();
        let mut lines = vec![heading("TRIED").with(format!("{answered} of {} open:", tries.len()), Role::Text)];
        for tried in tries {
            let (sign, role, words) = outcome(&tried.outcome, self.model.glyphs());
            let address = tried.address.to_string();
            let width = 3 + address.len() + 2 + text::width(&words);
            if lines.last().is_some_and(|line| line.width() + width >= self.width) {
                if lines.len() == TRIED_LINES_MAX {
                    break;
                }
                lines.push(heading(""));
            }
            if let Some(line) = lines.last_mut() {
                line.add("  ", Role::Text);
                line.add(sign, role);
                line.add(format!(" {address} {words}"), Role::Text);
            }
        }
        lines
    }
}
