//! Keys that the user has bound anew: the section `[keys]`, as written.

use super::error::{ConfigError, Location};
use std::path::Path;

/// The section `[keys]`. Which actions and keys there are is known to the screen only; it judges
/// them and says with [`Binding::error`] where one is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// In the order of the file.
    pub bindings: Vec<Binding>,
}

/// One line of the section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The name of an action.
    pub action: String,
    /// The names of its keys; none takes the action's key away.
    pub keys: Vec<String>,
    /// Where the action stands.
    pub location: Location,
}

impl Binding {
    /// Says that this binding is wrong.
    pub fn error(&self, path: &Path, what: impl Into<String>, hint: impl Into<String>) -> ConfigError {
        ConfigError::at(path, self.location.clone(), what, Some(hint.into()))
    }
}
