//! The detail view.

use super::super::model::Model;
use super::super::theme::Role;
use super::pen::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the view.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    put(buffer, area.x, area.y, area.width, " portpulse detail", model.style(Role::Strong));
}

/// Draws it as a pane of a wide dashboard, without its frame.
pub const fn draw_pane(_model: &Model, _area: Rect, _buffer: &mut Buffer) {}
