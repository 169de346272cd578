//! Putting text into cells: nothing is written outside of the buffer, and nothing that was not cleaned.

use super::super::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Writes from the left edge of a column range and says where it stopped.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, columns: u16, words: &str, style: Style) -> u16 {
    let area = buffer.area;
    if !(area.top()..area.bottom()).contains(&y) || !(area.left()..area.right()).contains(&x) {
        return x;
    }
    debug_assert!(!words.chars().any(crate::domain::text::is_hostile), "not cleaned before it was drawn: {words:?}");
    let columns = columns.min(area.right() - x);
    buffer.set_stringn(x, y, words, usize::from(columns), style).0
}

/// Writes against the right edge of a column range and says where it starts.
pub fn put_right(buffer: &mut Buffer, x: u16, y: u16, columns: u16, words: &str, style: Style) -> u16 {
    let start = x.saturating_add(columns.saturating_sub(text::width(words) as u16));
    put(buffer, start, y, columns, words, style);
    start
}

/// The row of an area, or nothing below it.
pub fn row(area: Rect, below_top: u16) -> Option<Rect> {
    (below_top < area.height).then(|| Rect { y: area.y + below_top, height: 1, ..area })
}
