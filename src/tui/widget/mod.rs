//! The small pictures of the screen: each turns data into runs of text in a role, and knows no colour.

pub mod chart;
pub mod progress;
pub mod spark;
pub mod strip;

use super::text;
use super::theme::Role;
use crate::domain;

/// The longest foreign text that a line shows, in graphemes.
const FOREIGN_MAX: usize = 500;

/// Text in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What it says.
    pub text: String,
    /// What it is for.
    pub role: Role,
}

/// A line of runs, joined where neighbours share a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs(pub Vec<Run>);

impl Runs {
    /// Appends a text.
    pub fn add(&mut self, text: impl Into<String>, role: Role) {
        let text = text.into();
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(run) if run.role == role => run.text.push_str(&text),
            _ => self.0.push(Run { text, role }),
        }
    }

    /// Appends a text, for building a line in one expression.
    #[must_use]
    pub fn with(mut self, text: impl Into<String>, role: Role) -> Self {
        self.add(text, role);
        self
    }

    /// Appends other runs.
    pub fn append(&mut self, more: Self) {
        for run in more.0 {
            self.add(run.text, run.role);
        }
    }

    /// How many columns it takes.
    pub fn width(&self) -> usize {
        self.0.iter().map(|run| text::width(&run.text)).sum()
    }

    /// Blanks up to a column.
    pub fn pad(&mut self, columns: usize) {
        self.add(" ".repeat(columns.saturating_sub(self.width())), Role::Text);
    }

    /// The line with another one against the right edge of `columns`, if there is a blank between them.
    #[must_use]
    pub fn with_end(mut self, end: Self, columns: usize) -> Self {
        if self.width() + end.width() < columns {
            self.pad(columns - end.width());
            self.append(end);
        }
        self
    }

    /// Without roles.
    pub fn plain(&self) -> String {
        self.0.iter().map(|run| run.text.as_str()).collect()
    }
}

/// A name, a note, an answer or an error of somebody else, made harmless.
pub fn foreign(text: &str) -> String {
    domain::text::clean(text, FOREIGN_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_one_role_become_one_run_and_the_end_stands_at_the_right_edge() {
        let line = Runs::default().with("a", Role::Text).with("", Role::Muted).with("b", Role::Text);
        assert_eq!(line.0.len(), 1);
        let ended = line.with_end(Runs::default().with("end", Role::Muted), 8);
        assert_eq!(ended.plain(), "ab   end");
        assert_eq!(ended.with_end(Runs::default().with("more", Role::Muted), 12).plain(), "ab   end");
    }
}
