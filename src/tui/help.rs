//! The list of keys, made from the live keymap.

use super::action::Group;
use super::model::Model;
use super::model::overlay::Help;

/// A line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A heading.
    Heading(&'static str),
    /// Keys and what they do.
    Keys(String, &'static str),
}

/// One group with its lines.
pub type Section = (Group, Vec<(String, &'static str)>);

/// Every action that has a key and matches the search, by group.
pub fn sections(model: &Model, help: &Help) -> Vec<Section> {
    let searched = help.search.as_ref().map(|input| input.value().to_lowercase()).unwrap_or_default();
    let glyphs = model.glyphs();
    let mut sections = Vec::new();
    for group in Group::ALL {
        let mut lines = Vec::new();
        for (spec, keys) in model.settings.keymap.rows().filter(|(spec, _)| spec.group == group) {
            let labels: Vec<String> = keys.iter().map(|key| key.label(glyphs)).collect();
            let label = labels.join(" ");
            let matches = searched.is_empty()
                || spec.help.to_lowercase().contains(&searched)
                || spec.name.contains(&searched)
                || labels.iter().any(|label| label.to_lowercase() == searched);
            if matches && !keys.is_empty() {
                lines.push((label, spec.help));
            }
        }
        if !lines.is_empty() {
            sections.push((group, lines));
        }
    }
    sections
}

/// The help as one column of lines, for searching and for small screens.
pub fn lines(model: &Model, help: &Help) -> Vec<Line> {
    let mut lines = Vec::new();
    for (group, rows) in sections(model, help) {
        lines.push(Line::Heading(group.title()));
        lines.extend(rows.into_iter().map(|(keys, help)| Line::Keys(keys, help)));
    }
    lines
}
