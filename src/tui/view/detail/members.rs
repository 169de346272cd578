//! The endpoints of a group: what each of them found, and why the verdict is what it is.

use super::Subject;
use super::about::{HEADING, heading, outcome};
use crate::domain::{Expect, Outcome};
use crate::tui::group;
use crate::tui::text::{self, pad_right};
use crate::tui::theme::Role;
use crate::tui::widget::{Runs, foreign, spark::spark};

/// How many of its newest checks stand behind an endpoint.
const MARKS: usize = 20;
/// How wide an address is at most.
const ADDRESS_MAX: usize = 40;

impl Subject<'_> {
    /// Why the newest verdict is what it is.
    pub(super) fn verdict(&self) -> Vec<Runs> {
        let words = group::why(self.view).map(foreign).unwrap_or_default();
        let lines = text::wrap(&words, self.width.saturating_sub(HEADING + 1));
        let title = |place| if place == 0 { "VERDICT" } else { "" };
        lines.into_iter().enumerate().map(|(place, line)| heading(title(place)).with(line, Role::Text)).collect()
    }

    /// Each endpoint in a line: its sign, its address, what the newest check found, and those before.
    pub(super) fn members(&self) -> Vec<Runs> {
        let glyphs = self.model.glyphs();
        let names = group::members(self.view).map(|(endpoint, _)| endpoint.address.to_string());
        let wide = names.map(|name| text::width(&name)).max().unwrap_or(0);
        let wide = wide.min(ADDRESS_MAX).min(self.width.saturating_sub(HEADING + MARKS + 16));
        let mut lines = Vec::new();
        for (endpoint, member) in group::members(self.view) {
            let mut line = heading(if lines.is_empty() { "ENDPOINTS" } else { "" });
            let latest = member.and_then(|member| member.latest.as_deref());
            let (sign, role, words) = match latest.map(|latest| latest.check.outcome) {
                Some(found) => outcome(&found, glyphs),
                None => (glyphs.new, Role::Muted, "not checked yet".to_owned()),
            };
            let (sign, role) = match (endpoint.expect, latest.map(|latest| latest.check.outcome)) {
                // What is asked for is not an open port: the colours of open and failed would lie.
                (Expect::Refused | Expect::Closed, Some(Outcome::Open(_) | Outcome::Failed(_))) => (sign, Role::Text),
                _ => (sign, role),
            };
            let is_shown = member.is_some_and(|member| Some(member.endpoint) == self.model.detail.endpoint);
            line.add(if is_shown { glyphs.cursor } else { " " }, Role::Strong);
            line.add(format!("{sign} "), role);
            let address = text::address(&endpoint.address.to_string(), wide, glyphs.ellipsis);
            line.add(format!("{}  ", pad_right(&address, wide)), Role::Text);
            let marks = member.map_or(&[][..], |member| &member.recent);
            line.append(spark(marks, MARKS, glyphs));
            let room = self.width.saturating_sub(line.width() + 3);
            line.add(format!("  {}", text::clip(&words, room, glyphs.ellipsis)), role);
            lines.push(line);
        }
        lines
    }
}
