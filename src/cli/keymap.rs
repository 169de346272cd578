//! Judges the section `[keys]`: the configuration knows where a binding stands, the screen what it may be.

use crate::config::{ConfigError, ConfigErrors, Loaded};
use crate::tui::keymap::Keymap;

/// What is wrong with a file that can be read: keys that the screen cannot have.
///
/// # Errors
/// As [`keymap`].
pub fn judge(loaded: &Loaded) -> Result<(), ConfigErrors> {
    keymap(loaded).map(drop)
}

/// The keys of the screen with those of the file in place of the built-in ones.
///
/// # Errors
/// With the place of the binding that cannot be used.
pub fn keymap(loaded: &Loaded) -> Result<Keymap, ConfigErrors> {
    let bindings = &loaded.keys.bindings;
    let pairs = bindings.iter().map(|binding| (binding.action.as_str(), binding.keys.as_slice()));
    Keymap::with_overrides(pairs).map_err(|(number, error)| {
        let message = error.to_string();
        let (what, hint) = message.split_once(": ").or_else(|| message.split_once("; ")).unwrap_or((&message, ""));
        match bindings.get(number) {
            Some(binding) => binding.error(&loaded.path, what, hint).into(),
            None => ConfigError::file(&loaded.path, what, hint).into(),
        }
    })
}
