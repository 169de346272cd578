//! Putting text into cells: nothing is written outside of the buffer, and nothing that was not cleaned.

use super::super::{text, theme::Theme, widget::Runs};
use crate::domain::text::{clean, is_hostile};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthChar;

/// Writes from the left edge of a column range and says where it stopped.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, columns: u16, words: &str, style: Style) -> u16 {
    let area = buffer.area;
    if !(area.top()..area.bottom()).contains(&y) || !(area.left()..area.right()).contains(&x) {
        return x;
    }
    let columns = usize::from(columns.min(area.right() - x));
    // Without the reset, what lies below would show through: a bold title on a dim frame would be both.
    let style = Style::reset().patch(style);
    if is_harmless(words) {
        buffer.set_stringn(x, y, words, columns, style).0
    } else {
        buffer.set_stringn(x, y, clean(words, columns), columns, style).0
    }
}

/// Whether a text can go into cells as it is; one with combining marks is cleaned to have few of them.
fn is_harmless(words: &str) -> bool {
    let is_printable = |byte: u8| matches!(byte, b' '..=b'~');
    words.bytes().all(is_printable) || !words.chars().any(|c| is_hostile(c) || c.width().unwrap_or(0) == 0)
}

/// Writes against the right edge of a column range and says where it starts.
pub fn put_right(buffer: &mut Buffer, x: u16, y: u16, columns: u16, words: &str, style: Style) -> u16 {
    let start = x.saturating_add(columns.saturating_sub(text::width(words) as u16));
    put(buffer, start, y, columns, words, style);
    start
}

/// Writes runs from the left edge of a column range and says where they stopped.
pub fn put_runs(buffer: &mut Buffer, x: u16, y: u16, columns: u16, runs: &Runs, theme: Theme) -> u16 {
    let end = x.saturating_add(columns);
    let mut at = x;
    for run in &runs.0 {
        at = put(buffer, at, y, end.saturating_sub(at), &run.text, theme.style(run.role));
    }
    at
}

/// Writes lines of runs downwards from the top of an area, as many as fit.
pub fn put_lines<'a>(buffer: &mut Buffer, area: Rect, lines: impl IntoIterator<Item = &'a Runs>, theme: Theme) {
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        put_runs(buffer, area.x, y, area.width, line, theme);
    }
}
