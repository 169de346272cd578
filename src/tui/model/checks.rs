//! The state of the instant checks.

use super::List;
use crate::domain::Wall;
use tui_input::Input;

/// Where the keys go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// Into the field.
    #[default]
    Field,
    /// To the history below it.
    History,
}

/// The state of the instant checks.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// What is being typed.
    pub input: Input,
    /// Where the keys go.
    pub focus: Focus,
    /// Which earlier check is selected, known by its start.
    pub list: List<Wall>,
}
