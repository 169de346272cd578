//! A target a line: `host:port name #tag`, as they are pasted, too.

use super::found::Found;
use super::{Entry, QUOTED_MAX};
use crate::domain::listing::parse_lines;
use crate::domain::text::clean;

/// Reads lines; what one of them does not say well is left out with a reason, and the others stand.
pub(super) fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (number, listed) in parse_lines(text) {
        match listed {
            Err(error) => {
                let line = lines.get(number - 1).copied().unwrap_or_default();
                entries.push(Entry::skipped(number, &clean(line.trim(), QUOTED_MAX), error));
            }
            Ok(listed) => {
                let tags = (!listed.tags.is_empty()).then_some(listed.tags);
                entries.extend(listed.addresses.into_iter().map(|address| {
                    let found = Found::at(number, address);
                    Entry::found(Found { name: listed.name.clone(), tags: tags.clone(), ..found })
                }));
            }
        }
    }
    entries
}
