//! Judges the section `[keys]`: the configuration knows where a binding stands, the screen what it may be.

use crate::config::{Binding, ConfigErrors, Loaded};
use crate::tui::keymap::{KeyError, Keymap};
use std::collections::BTreeMap;

/// The keys of the screen with those of the file in place of the built-in ones.
///
/// # Errors
/// With the place of the binding that cannot be used.
pub fn keymap(loaded: &Loaded) -> Result<Keymap, ConfigErrors> {
    let bindings = &loaded.keys.bindings;
    let error = match with(bindings.iter()) {
        Ok(keymap) => return Ok(keymap),
        Err(error) => error,
    };
    let is_guilty = |binding: &&Binding| match &error {
        KeyError::Conflict(_, one, other) => binding.action == *one || binding.action == *other,
        KeyError::NoAction(name, _) => binding.action == *name,
        KeyError::BadKey(key, _) => binding.keys.contains(key),
    };
    let message = error.to_string();
    let (what, hint) = message.split_once(": ").or_else(|| message.split_once("; ")).unwrap_or((&message, ""));
    let guilty = bindings.iter().find(is_guilty).or_else(|| bindings.first());
    match guilty {
        Some(binding) => Err(binding.error(&loaded.path, what, hint).into()),
        None => Ok(Keymap::default()),
    }
}

fn with<'b>(bindings: impl Iterator<Item = &'b Binding>) -> Result<Keymap, KeyError> {
    let overrides: BTreeMap<_, _> = bindings.map(|binding| (binding.action.clone(), binding.keys.clone())).collect();
    Keymap::with_overrides(&overrides)
}
