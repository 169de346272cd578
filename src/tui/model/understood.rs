//! What was understood of a text that names targets, read no further than one addition may go.

use crate::domain::listing::{Listed, ListingError, parse_line};

/// How many targets one addition may hold.
pub const TARGETS_MAX: usize = 10_000;

/// What was understood of the field for the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// The lines that stand for targets, with their numbers.
    pub listed: Vec<(usize, Listed)>,
    /// The lines that do not, with their numbers.
    pub errors: Vec<(usize, ListingError)>,
    /// Whether there is more than one addition may hold; what lies beyond was not read.
    pub rest: Rest,
}

/// Whether all of a text was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rest {
    /// All of it.
    #[default]
    Read,
    /// It stands for more than [`TARGETS_MAX`] targets.
    TooMany,
}

impl Understood {
    /// Reads lines until there are more targets than one addition may hold.
    pub fn of(text: &str) -> Self {
        let mut understood = Self::default();
        let mut count = 0;
        for (number, line) in text.lines().enumerate().map(|(place, line)| (place + 1, line.trim())) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match parse_line(line) {
                Ok(listed) => {
                    count += listed.addresses.len();
                    if count > TARGETS_MAX {
                        understood.rest = Rest::TooMany;
                        break;
                    }
                    understood.listed.push((number, listed));
                }
                Err(error) => understood.errors.push((number, error)),
            }
        }
        understood
    }

    /// How many targets that is.
    pub fn count(&self) -> usize {
        self.listed.iter().map(|(_, listed)| listed.addresses.len()).sum()
    }
}
