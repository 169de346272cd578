//! Judges the section `[keys]`: the configuration knows where a binding stands, the screen what it may be.

use crate::config::{ConfigErrors, Loaded};
use crate::tui::keymap::Keymap;

/// The keys of the screen with those of the file in place of the built-in ones.
///
/// # Errors
/// With the place of the binding that cannot be used.
pub fn keymap(loaded: &Loaded) -> Result<Keymap, ConfigErrors> {
    let bindings = &loaded.keys.bindings;
    let pairs = bindings.iter().map(|binding| (binding.action.as_str(), binding.keys.as_slice()));
    let (number, error) = match Keymap::with_overrides(pairs) {
        Ok(keymap) => return Ok(keymap),
        Err(wrong) => wrong,
    };
    let message = error.to_string();
    let (what, hint) = message.split_once(": ").or_else(|| message.split_once("; ")).unwrap_or((&message, ""));
    match bindings.get(number) {
        Some(binding) => Err(binding.error(&loaded.path, what, hint).into()),
        None => Ok(Keymap::default()),
    }
}
