//! A line that is being typed into, with its cursor always in sight.

use super::super::glyphs::Glyphs;
use super::super::theme::Role;
use super::super::widget::Runs;
use tui_input::Input;
use unicode_segmentation::UnicodeSegmentation;

/// The line with its cursor behind `before`, in at most so many columns.
pub fn typed(before: Runs, input: &Input, columns: usize, glyphs: &Glyphs) -> Runs {
    let room = columns.saturating_sub(before.width() + 1).max(1);
    let value = input.value();
    let byte = value.char_indices().nth(input.cursor()).map_or(value.len(), |(place, _)| place);
    let (left, right) = value.split_at(byte);
    let left = tail(left, room);
    let room = room.saturating_sub(super::super::text::width(left));
    let right = super::super::text::clip(right, room, "");
    before.with(left, Role::Input).with(glyphs.caret, Role::Strong).with(right, Role::Input)
}

/// The end of a text in at most so many columns.
fn tail(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (place, grapheme) in text.grapheme_indices(true).rev() {
        used += super::super::text::width(grapheme);
        if used > columns {
            return text.get(place + grapheme.len()..).unwrap_or_default();
        }
    }
    text
}
