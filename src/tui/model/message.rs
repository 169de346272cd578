//! The line that says what the last key did.

use crate::domain::Wall;

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something was done.
    Done,
    /// Something was not done.
    Refused,
}

/// A line that says what the last key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// In words, already cleaned.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// When it was first shown; it stays for [`super::MESSAGE_LASTS`].
    pub at: Wall,
}
