//! The screen as a function of the model.

pub mod detail;
pub mod pen;

use super::model::Model;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

/// The screen of a model.
#[derive(Clone, Copy, Debug)]
pub struct Screen<'a>(pub &'a Model);

impl Widget for Screen<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let title = self.0.view.name();
        pen::put(buffer, area.x, area.y, area.width, title, ratatui::style::Style::new());
    }
}
