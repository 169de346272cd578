//! The line in which a maintenance is begun, and above it whose it is and what can be written.

use super::super::layout;
use super::super::model::Model;
use super::super::model::overlay::{MaintenancePrompt, named};
use super::super::text::{clip, width};
use super::super::theme::Role;
use super::super::widget::{Runs, foreign};
use super::frame::{self, Focus};
use super::{input, pen};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lines of the box, its frame included.
const LINES: u16 = 4;

/// Draws the line.
pub fn draw(model: &Model, prompt: &MaintenancePrompt, body: Rect, footer: Rect, buffer: &mut Buffer) {
    let glyphs = model.glyphs();
    if body.height >= LINES && body.width > 20 {
        let area = Rect { x: body.x + 1, y: body.bottom() - LINES, width: body.width.saturating_sub(3), height: LINES };
        frame::clear(area, buffer);
        let title = format!("maintenance of {}", foreign(&named(&prompt.targets)));
        frame::draw(model, area, &title, "", Focus::Elsewhere, buffer);
        let room = usize::from(area.width).saturating_sub(3);
        let meaning = "checks go on, nobody is called, and the time is left out of uptime";
        let usage = "30m   until 04:00   02:00 to 03:30   and a title behind it if you like";
        let (second, role) = prompt.refusal.as_deref().map_or((usage, Role::Muted), |why| (why, Role::Error));
        let line = |words: &str, role| Runs::default().with(format!(" {}", clip(words, room, glyphs.ellipsis)), role);
        let lines = [line(meaning, Role::Text), line(second, role)];
        pen::put_lines(buffer, layout::inside(area), &lines, model.settings.theme);
    }
    frame::clear(footer, buffer);
    let keys = format!("{} start  Esc close ", glyphs.enter);
    let room = usize::from(footer.width).saturating_sub(width(&keys) + 2).max(20);
    let before = Runs::default().with(" maintenance for: ", Role::Strong);
    let typed = input::typed(before, &prompt.input, room, glyphs);
    pen::put_runs(buffer, footer.x, footer.y, footer.width, &typed, model.settings.theme);
    if typed.width() + width(&keys) + 1 < usize::from(footer.width) {
        pen::put_right(buffer, footer.x, footer.y, footer.width, &keys, model.style(Role::Muted));
    }
}
