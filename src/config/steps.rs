//! What the file said before each of our changes, so that a change that is taken back leaves no trace.

use super::parse::{Contents, parse};
use crate::domain::Definition;
use std::path::Path;

/// How many bytes are remembered.
const BYTES_MAX: usize = 8 << 20;

/// The texts of the file as we wrote them one after the other, the newest last; nobody else wrote in between.
#[derive(Debug, Default)]
pub(super) struct Steps(Vec<String>);

impl Steps {
    /// What is to be written where the file says `base` and a change makes `text` of it: if that says what the file
    /// said before the change before, it is that text again, its short forms, comments and order included.
    pub(super) fn walk(&self, path: &Path, base: &str, text: String) -> String {
        match self.0.as_slice() {
            [.., before, newest] if newest == base && say_the_same(path, before, &text) => before.clone(),
            _ => text,
        }
    }

    /// This text was written over `base`.
    pub(super) fn wrote(&mut self, base: String, text: &str) {
        if self.0.last() != Some(&base) {
            self.0 = vec![base];
        }
        let is_back = matches!(self.0.as_slice(), [.., before, _] if before == text);
        if is_back {
            self.0.pop();
        } else {
            self.0.push(text.to_owned());
        }
        while self.0.iter().map(String::len).sum::<usize>() > BYTES_MAX {
            self.0.remove(0);
        }
    }
}

/// Whether two texts mean the same, whatever the order of their targets.
fn say_the_same(path: &Path, one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (parse(path, one), parse(path, other)) else { return false };
    let around =
        |it: &Contents| (it.defaults.clone(), it.settings.clone(), it.ui.clone(), it.serve.clone(), it.tags.clone());
    around(&one) == around(&other) && one.keys == other.keys && targets(&one) == targets(&other)
}

fn targets(contents: &Contents) -> Vec<&Definition> {
    let mut targets: Vec<&Definition> = contents.targets.iter().map(|target| &target.definition).collect();
    targets.sort_by(|one, other| one.name.cmp(&other.name));
    targets
}
