//! The command line at the foot of the screen, and above it what the line can become.

use super::super::command::{CommandSpec, matching};
use super::super::model::{Model, overlay::CommandLine};
use super::super::text::{pad_right, width};
use super::super::theme::Role;
use super::super::widget::Runs;
use super::frame::{self, Focus};
use super::{input, pen};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The most commands shown at once.
const SHOWN_MAX: usize = 8;

/// Draws the command line.
pub fn draw(model: &Model, line: &CommandLine, body: Rect, footer: Rect, buffer: &mut Buffer) {
    let stem = line.completion.as_ref().map_or_else(|| line.input.value(), |known| known.stem.as_str());
    let found: Vec<&CommandSpec> = matching(stem.trim_start()).collect();
    let rows = found.len().min(SHOWN_MAX).min(usize::from(body.height).saturating_sub(2));
    if rows > 0 && body.width > 20 {
        let place = line.completion.as_ref().map_or(0, |known| known.place);
        let from = place.saturating_sub(rows - 1).min(found.len() - rows);
        let height = rows as u16 + 2;
        let area = Rect { x: body.x + 1, y: body.bottom() - height, width: body.width.saturating_sub(3), height };
        frame::clear(area, buffer);
        let more = if found.len() > rows { format!("{} of {}", rows, found.len()) } else { String::new() };
        frame::draw(model, area, "command", &more, Focus::Elsewhere, buffer);
        let lines: Vec<Runs> = found.iter().skip(from).take(rows).map(|spec| row(model, spec)).collect();
        pen::put_lines(buffer, super::super::layout::inside(area), &lines, model.settings.theme);
    }
    frame::clear(footer, buffer);
    let before = Runs::default().with(" :", Role::Strong);
    let keys = format!("Tab complete  {} history  Esc close ", model.glyphs().arrow_up);
    let room = usize::from(footer.width).saturating_sub(width(&keys) + 2);
    let typed = input::typed(before, &line.input, room.max(20), model.glyphs());
    pen::put_runs(buffer, footer.x, footer.y, footer.width, &typed, model.settings.theme);
    if room > 20 {
        pen::put_right(buffer, footer.x, footer.y, footer.width, &keys, model.style(Role::Muted));
    }
}

/// A command with what may stand behind it, what it does, and the key that does the same.
fn row(model: &Model, spec: &CommandSpec) -> Runs {
    let key = spec.action.and_then(|action| model.settings.keymap.label(action, model.glyphs()));
    let usage = format!(" :{} {}", spec.name, spec.arguments);
    Runs::default()
        .with(pad_right(&usage, 30), Role::Strong)
        .with(pad_right(spec.help, 42), Role::Text)
        .with(key.unwrap_or_default(), Role::Muted)
}
