//! Nothing is watched yet: which key comes next.

use super::super::action::Action;
use super::super::dashboard::spread;
use super::super::model::Model;
use super::super::settings::Watching;
use super::super::theme::Role;
use super::super::widget::Runs;
use super::pen::{put_lines, put_runs};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::path::Path;

/// Draws the empty screen.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = model.settings.theme;
    put_runs(buffer, area.x, area.y, area.width, &model.targets.picture.head, theme);
    put_runs(buffer, area.x, area.y.saturating_add(1), area.width, &second(model, usize::from(area.width)), theme);
    let lines = lines(model);
    let top = area.height.saturating_sub(lines.len() as u16 + 4) / 2 + 2;
    let body = Rect { y: area.y + top.min(area.height), height: area.height.saturating_sub(top), ..area };
    put_lines(buffer, body, &lines, theme);
}

/// The empty screen has nothing to say above, but what was just done.
fn second(model: &Model, width: usize) -> Runs {
    let text = match model.settings.watching {
        Watching::Temporary => " temporary: nothing is kept beyond this run",
        Watching::Configured { .. } => "",
    };
    spread(Runs::default().with(text, Role::Muted), Runs::default(), width)
}

fn lines(model: &Model) -> Vec<Runs> {
    let glyphs = model.glyphs();
    let key = |action| model.settings.keymap.label(action, glyphs).unwrap_or_else(|| "-".to_owned());
    let plain = |text: &str| Runs::default().with(text, Role::Text);
    let step = |key: String, what: &str, more: &str| {
        Runs::default()
            .with("     ", Role::Text)
            .with(format!("{key:<4}"), Role::Strong)
            .with(format!("{what:<30}"), Role::Text)
            .with(more, Role::Muted)
    };
    let mut lines = vec![
        plain("                       Nothing is being watched yet."),
        plain(""),
        step(key(Action::Add), "add the first target", "db1.internal:5432   [2001:db8::1]:22"),
        step(key(Action::Instant), "check a port right now", "nothing is saved"),
        step(key(Action::Help), "every key", ""),
        plain(""),
        plain("     Checks run while portpulse is open. To keep watching after you log out,"),
        plain("     run `portpulse serve` as a service: this then attaches to it"),
        plain(""),
    ];
    if let Watching::Configured { configuration, data } = &model.settings.watching {
        let path = |path: &Path| crate::domain::text::clean(&path.display().to_string(), 200);
        lines.push(Runs::default().with(format!("     targets: {}", path(configuration)), Role::Muted));
        lines.push(Runs::default().with(format!("     history: {}", path(data)), Role::Muted));
    }
    lines
}
