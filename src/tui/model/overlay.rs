//! What lies over a view and takes the keys: help, questions, forms, the command line, the filter.

use super::form::Form;
use crate::domain::{Remark, Span, Target, TargetId};
use crate::engine::query::Extent;
use crate::tui::text::plural;
use tui_input::Input;

/// What lies over a view and takes the keys.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// Every key.
    Help(Help),
    /// A question; every key but the named ones keeps things as they are.
    Confirm(Confirm),
    /// A target is being added or edited.
    Form(Box<Form>),
    /// A command is being typed.
    Command(CommandLine),
    /// How long a maintenance takes is being typed.
    Maintenance(MaintenancePrompt),
    /// The filter of the dashboard is being typed.
    Filter(Input),
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
    /// Add what was pasted outside of any field.
    AddPasted {
        /// The pasted lines.
        text: String,
        /// How many targets they stand for.
        targets: usize,
        /// How many lines were not understood.
        errors: usize,
    },
    /// Throw away what was typed into a form.
    Discard(Box<Form>),
    /// Forget the history of instant checks.
    ClearHistory,
    /// Take a note back.
    WithdrawRemark(Remark),
    /// Declare a maintenance that has begun before now.
    Maintain(Maintain),
}

/// A maintenance that somebody wants.
#[derive(Clone, Debug)]
pub struct Maintain {
    /// On which.
    pub targets: Vec<Target>,
    /// From when until when.
    pub span: Span,
    /// What is being done; may be empty.
    pub title: String,
}

/// The line in which a maintenance is begun.
#[derive(Clone, Debug)]
pub struct MaintenancePrompt {
    /// On which.
    pub targets: Vec<Target>,
    /// What was typed.
    pub input: Input,
    /// Why that cannot be, since Enter was pressed.
    pub refusal: Option<String>,
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

/// The command line.
#[derive(Clone, Debug, Default)]
pub struct CommandLine {
    /// What was typed.
    pub input: Input,
    /// Which earlier command stands in the line, counted back from the newest.
    pub recalled: Option<usize>,
    /// What Tab has put in, and where it goes on.
    pub completion: Option<Completion>,
}

/// A completion in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What had been typed before Tab.
    pub stem: String,
    /// Which of the candidates stands in the line.
    pub place: usize,
}

/// Targets in few words: the only one by its name, more by their number.
pub fn named(targets: &[Target]) -> String {
    match targets {
        [only] => only.definition.name.clone(),
        many => plural(many.len() as u64, "target"),
    }
}
