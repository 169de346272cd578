//! The outages view.

use super::super::model::Model;
use super::super::theme::Role;
use super::pen::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the view.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    put(buffer, area.x, area.y, area.width, " portpulse outages", model.style(Role::Strong));
}
