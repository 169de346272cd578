//! Frames with a title, and boxes that lie over a view.

use super::super::model::Model;
use super::super::text::{clip, width};
use super::super::theme::Role;
use super::pen::{put, put_right};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Whether the keys go into a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// They do.
    Here,
    /// They go elsewhere.
    Elsewhere,
}

/// Draws a frame with a title at its left and one at its right.
pub fn draw(model: &Model, area: Rect, title: &str, right: &str, focus: Focus, buffer: &mut Buffer) {
    if area.width < 2 || area.height < 2 {
        return;
    }
    let glyphs = model.glyphs();
    let border = model.style(Role::Border);
    let (last, bottom) = (area.right() - 1, area.bottom() - 1);
    let edge = glyphs.horizontal.repeat(usize::from(area.width) - 2);
    for (y, start, end) in
        [(area.y, glyphs.top_left, glyphs.top_right), (bottom, glyphs.bottom_left, glyphs.bottom_right)]
    {
        put(buffer, area.x, y, area.width, &format!("{start}{edge}{end}"), border);
    }
    for y in area.top() + 1..bottom {
        put(buffer, area.x, y, 1, glyphs.vertical, border);
        put(buffer, last, y, 1, glyphs.vertical, border);
    }
    let room = usize::from(area.width).saturating_sub(5);
    let title = clip(title, room.saturating_sub(1), glyphs.ellipsis);
    let style = model.style(if focus == Focus::Here { Role::Strong } else { Role::Text });
    if !title.is_empty() {
        put(buffer, area.x + 2, area.y, area.width - 3, &format!(" {title} "), style);
    }
    if !right.is_empty() && width(&title) + width(right) + 4 < room {
        put_right(buffer, area.x, area.y, area.width - 2, &format!(" {right} "), model.style(Role::Muted));
    }
}

/// Draws an empty box of that size in the middle of an area, and gives back its inside.
pub fn over(model: &Model, area: Rect, columns: u16, rows: u16, title: &str, buffer: &mut Buffer) -> Rect {
    let (columns, rows) = (columns.min(area.width), rows.min(area.height));
    let place = Rect {
        x: area.x + (area.width - columns) / 2,
        y: area.y + (area.height - rows) / 2,
        width: columns,
        height: rows,
    };
    clear(place, buffer);
    draw(model, place, title, "", Focus::Here, buffer);
    super::super::layout::inside(place)
}

/// Makes an area blank.
pub fn clear(area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.reset();
            }
        }
    }
}
