//! Typing and pasting into a line.

use crate::domain::text::{clean, is_hostile};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

/// The longest line that can be typed or pasted, in bytes; names and notes are cut shorter when saved.
pub const LINE_MAX: usize = 4096;

/// Whether a key changed the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// The text is another.
    Changed,
    /// Only the cursor moved, or nothing.
    Unchanged,
}

/// Hands a key to the line. Characters that could disturb a terminal, and those beyond the longest
/// line, are not taken.
pub fn key(input: &mut Input, key: KeyEvent) -> Typed {
    if let KeyCode::Char(letter) = key.code {
        let adds = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
        if adds && (input.value().len() >= LINE_MAX || is_hostile(letter)) {
            return Typed::Unchanged;
        }
    }
    match input.handle_event(&Event::Key(key)) {
        Some(change) if change.value => Typed::Changed,
        _ => Typed::Unchanged,
    }
}

/// Puts a pasted text where the cursor is: cleaned, in one line, and no longer than a line may be.
pub fn paste(input: &mut Input, text: &str) {
    let room = LINE_MAX.saturating_sub(input.value().len());
    let mut text = clean(text.trim(), LINE_MAX);
    while text.len() > room {
        text.pop();
    }
    let byte = input.value().char_indices().nth(input.cursor()).map_or(input.value().len(), |(place, _)| place);
    let (before, after) = input.value().split_at(byte);
    let cursor = input.cursor() + text.chars().count();
    *input = Input::new(format!("{before}{text}{after}")).with_cursor(cursor);
}

/// Puts another text in place of the whole line.
pub fn replace(input: &mut Input, text: &str) {
    *input = Input::new(text.to_owned());
}
