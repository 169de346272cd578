//! The list of keys over the view: in columns where it fits, in one that scrolls where it does not.

use super::super::help::{Line, columns, lines};
use super::super::model::{Model, overlay::Help};
use super::super::text::{clip, pad_right, width};
use super::super::theme::Role;
use super::super::widget::Runs;
use super::{frame, input, pen};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the list of keys.
pub fn draw(model: &Model, help: &Help, area: Rect, buffer: &mut Buffer) {
    let inside = frame::over(model, area, area.width.min(100), area.height.min(26), "Keys", buffer);
    if inside.is_empty() {
        return;
    }
    let legend = legend(model, help);
    let rows = usize::from(inside.height).saturating_sub(legend.len());
    let body = Rect { height: rows as u16, ..inside };
    let columns = columns(model, help);
    let widths = columns.each_ref().map(|lines| natural_width(lines));
    let spare = usize::from(inside.width).checked_sub(widths.iter().sum());
    match spare {
        Some(spare) if help.search.is_none() && columns.iter().all(|lines| lines.len() <= rows) => {
            let mut x = body.x;
            for (lines, width) in columns.iter().zip(widths) {
                let part = Rect { x, width: width as u16, ..body };
                pen::put_lines(buffer, part, &runs(model, lines, width), model.settings.theme);
                x += (width + spare / 3) as u16;
            }
        }
        _ => {
            let all = lines(model, help);
            let from = help.offset.min(all.len().saturating_sub(rows));
            let shown = all.get(from..).unwrap_or_default();
            pen::put_lines(buffer, body, &runs(model, shown, usize::from(inside.width)), model.settings.theme);
            if all.is_empty() {
                pen::put(buffer, body.x + 1, body.y, body.width - 1, "nothing like that", model.style(Role::Text));
            }
        }
    }
    let last = Rect { y: body.bottom(), height: inside.height.saturating_sub(body.height), ..inside };
    pen::put_lines(buffer, last, &legend, model.settings.theme);
}

/// How wide the keys of these lines are.
fn keys_width(lines: &[Line]) -> usize {
    let keys = |line: &Line| if let Line::Keys(keys, _) = line { width(keys) } else { 0 };
    lines.iter().map(keys).max().unwrap_or(0)
}

/// How wide these lines are when nothing is cut, with a blank on either side.
fn natural_width(lines: &[Line]) -> usize {
    let keys = keys_width(lines);
    let wide = |line: &Line| match line {
        Line::Heading(title) => width(title) + 2,
        Line::Keys(_, help) => keys + width(help) + 3,
        Line::Blank => 0,
    };
    lines.iter().map(wide).max().unwrap_or(0)
}

fn runs(model: &Model, lines: &[Line], columns: usize) -> Vec<Runs> {
    let ellipsis = model.glyphs().ellipsis;
    let width = keys_width(lines).min(columns / 2);
    lines
        .iter()
        .map(|line| match line {
            Line::Blank => Runs::default(),
            Line::Heading(title) => Runs::default().with(format!(" {title}"), Role::Strong),
            Line::Keys(keys, help) => Runs::default()
                .with(format!(" {} ", pad_right(&clip(keys, width, ellipsis), width)), Role::Strong)
                .with(clip(help, columns.saturating_sub(width + 2), ellipsis), Role::Text),
        })
        .collect()
}

/// What the signs mean, what quitting does, and what is searched for.
fn legend(model: &Model, help: &Help) -> Vec<Runs> {
    use super::super::standing::Standing;
    let glyphs = model.glyphs();
    let mut signs = Runs::default();
    for (standing, word) in [
        (Standing::Up, "up"),
        (Standing::Slow, "slow"),
        (Standing::Failing, "failing"),
        (Standing::Blind, "not seen"),
        (Standing::Down, "down"),
        (Standing::Maintenance, "MAINT"),
        (Standing::Paused, "paused"),
        (Standing::New, "first check"),
    ] {
        signs.add(" ", Role::Text);
        signs.add(standing.glyph(glyphs), standing.role());
        signs.add(format!(" {word} "), Role::Text);
    }
    let gap = if glyphs.gap == " " { String::new() } else { format!(" ({})", glyphs.gap) };
    let quit = format!(" checks run only while portpulse runs: quit, ^z leave a gap{gap}, no outage");
    let last = help.search.as_ref().map_or_else(
        || Runs::default().with(" / searches this help   j k scroll   ? or Esc closes", Role::Muted),
        |search| input::typed(Runs::default().with(" / ", Role::Strong), search, 40, model.glyphs()),
    );
    vec![signs, Runs::default().with(quit, Role::Muted), last]
}
