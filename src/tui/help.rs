//! The list of keys, made from the live keymap.

use super::action::{self, Group};
use super::keymap::Key;
use super::model::Model;
use super::model::overlay::Help;

/// A line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A heading.
    Heading(&'static str),
    /// Keys and what they do.
    Keys(String, &'static str),
    /// Between groups.
    Blank,
}

/// Which groups stand under each other where there is room for three columns.
const COLUMNS: [&[Group]; 3] =
    [&[Group::Move, Group::Find, Group::Time], &[Group::Targets, Group::Instant], &[Group::View]];

/// Every action of these groups that has a key and matches the search.
fn lines_of(model: &Model, help: &Help, groups: &[Group]) -> Vec<Line> {
    let searched = help.search.as_ref().map(|input| input.value().trim().to_lowercase()).unwrap_or_default();
    let glyphs = model.glyphs();
    let mut lines = Vec::new();
    for group in groups {
        let mut found = Vec::new();
        for specs in action::lines() {
            let Some(first) = specs.first().filter(|spec| spec.group == *group) else { continue };
            let keys: Vec<&Key> = specs.iter().flat_map(|spec| model.settings.keymap.keys(spec.action)).collect();
            let labels: Vec<String> = keys.iter().map(|key| key.label(glyphs)).collect();
            let is_named = specs.iter().any(|spec| spec.name.contains(&searched));
            let is_key = labels.iter().any(|label| label.to_lowercase() == searched);
            let is_found = searched.is_empty() || first.help.to_lowercase().contains(&searched) || is_named || is_key;
            if is_found && !labels.is_empty() {
                found.push(Line::Keys(labels.join(" "), first.help));
            }
        }
        if found.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(Line::Blank);
        }
        lines.push(Line::Heading(group.title()));
        lines.extend(found);
    }
    lines
}

/// The help in three columns.
pub fn columns(model: &Model, help: &Help) -> [Vec<Line>; 3] {
    COLUMNS.map(|groups| lines_of(model, help, groups))
}

/// The help as one column of lines, for searching and for small screens.
pub fn lines(model: &Model, help: &Help) -> Vec<Line> {
    lines_of(model, help, &Group::ALL)
}
