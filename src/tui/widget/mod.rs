//! The small pictures of the screen: each turns data into runs of text in a role, and knows no colour.

pub mod chart;
pub mod progress;
pub mod spark;
pub mod strip;

use super::text;
use super::theme::Role;

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

    /// Appends other runs.
    pub fn append(&mut self, more: Self) {
        for run in more.0 {
            self.add(run.text, run.role);
        }
    }

    /// The same, for building in one expression.
    #[must_use]
    pub fn with(mut self, text: impl Into<String>, role: Role) -> Self {
        self.add(text, role);
        self
    }

    /// How many columns it takes.
    pub fn width(&self) -> usize {
        self.0.iter().map(|run| text::width(&run.text)).sum()
    }

    /// Without roles.
    pub fn plain(&self) -> String {
        self.0.iter().map(|run| run.text.as_str()).collect()
    }
}
