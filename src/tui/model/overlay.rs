//! What lies over a view and takes the keys: help, questions, forms, the command line, the filter.

use crate::domain::{Target, TargetId};
use crate::engine::query::Extent;
use tui_input::Input;

/// What lies over a view and takes the keys.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// Every key.
    Help(Help),
    /// A question; every key but the named ones keeps things as they are.
    Confirm(Confirm),
    /// The filter is being typed, in the second line.
    Filter,
    /// Note and advice of a target in full.
    Note(TargetId),
}

/// The list of keys.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// What is searched for; `None` until `/` is pressed.
    pub search: Option<Input>,
    /// The first line in sight.
    pub offset: usize,
}

/// A question.
#[derive(Clone, Debug)]
pub enum Confirm {
    /// Leave, which stops the checks.
    Quit,
    /// Stop watching these.
    Delete(Delete),
}

/// The question before a removal.
#[derive(Clone, Debug)]
pub struct Delete {
    /// Which.
    pub targets: Vec<Target>,
    /// How much history they have; `None` until the store has answered.
    pub extent: Option<Extent>,
    /// What was typed where the count is asked for.
    pub typed: Input,
}
