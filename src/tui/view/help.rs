//! The list of keys over the view: in two columns where it fits, in one that scrolls where it does not.

use super::super::help::{Line, lines, sections};
use super::super::model::{Model, overlay::Help};
use super::super::text::{clip, pad_right};
use super::super::theme::Role;
use super::super::widget::Runs;
use super::{frame, input, pen};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How wide the keys of a line are.
const KEYS: usize = 13;

/// Draws the list of keys.
pub fn draw(model: &Model, help: &Help, area: Rect, buffer: &mut Buffer) {
    let inside = frame::over(model, area, area.width.min(100), area.height, "Keys", buffer);
    if inside.is_empty() {
        return;
    }
    let legend = legend(model);
    let rows = usize::from(inside.height).saturating_sub(legend.len() + 1);
    let body = Rect { height: rows as u16, ..inside };
    let columns = halves(model, help);
    let half = inside.width / 2;
    if help.search.is_none() && columns.iter().all(|lines| lines.len() <= rows) && half >= 36 {
        for (place, column) in columns.iter().enumerate() {
            let x = body.x + place as u16 * half;
            let part = Rect { x, width: half, ..body };
            pen::put_lines(buffer, part, &runs(model, column, half), model.settings.theme);
        }
    } else {
        let all = lines(model, help);
        let from = help.offset.min(all.len().saturating_sub(rows));
        let shown = all.get(from..).unwrap_or_default();
        pen::put_lines(buffer, body, &runs(model, shown, inside.width), model.settings.theme);
    }
    let last = Rect { y: body.bottom(), height: inside.height.saturating_sub(body.height), ..inside };
    pen::put_lines(buffer, last, &legend, model.settings.theme);
    if last.height > 0 {
        let search = help.search.as_ref().map_or_else(
            || Runs::default().with(" / searches   j k scroll   ? or Esc closes", Role::Muted),
            |search| input::typed(Runs::default().with(" / ", Role::Strong), search, 40, model.glyphs()),
        );
        pen::put_runs(buffer, last.x, last.bottom() - 1, last.width, &search, model.settings.theme);
    }
}

/// The groups in two columns of about the same length.
fn halves(model: &Model, help: &Help) -> [Vec<Line>; 2] {
    let mut columns = [Vec::new(), Vec::new()];
    let sections = sections(model, help);
    let total: usize = sections.iter().map(|(_, rows)| rows.len() + 1).sum();
    for (group, rows) in sections {
        let place = usize::from(columns[0].len() + rows.len().div_ceil(2) > total / 2 && !columns[0].is_empty());
        columns[place].push(Line::Heading(group.title()));
        columns[place].extend(rows.into_iter().map(|(keys, help)| Line::Keys(keys, help)));
    }
    columns
}

fn runs(model: &Model, lines: &[Line], width: u16) -> Vec<Runs> {
    let ellipsis = model.glyphs().ellipsis;
    let room = usize::from(width).saturating_sub(KEYS + 4);
    lines
        .iter()
        .map(|line| match line {
            Line::Heading(title) => Runs::default().with(format!(" {title}"), Role::Strong),
            Line::Keys(keys, help) => Runs::default()
                .with(format!("  {} ", pad_right(&clip(keys, KEYS, ellipsis), KEYS)), Role::Strong)
                .with(clip(help, room, ellipsis), Role::Text),
        })
        .collect()
}

/// What the signs mean, and what quitting does.
fn legend(model: &Model) -> Vec<Runs> {
    use super::super::standing::Standing;
    let glyphs = model.glyphs();
    let mut signs = Runs::default();
    for (standing, word) in [
        (Standing::Up, "up"),
        (Standing::Slow, "slow"),
        (Standing::Failing, "failing, not yet down"),
        (Standing::Down, "down"),
        (Standing::Paused, "paused"),
        (Standing::New, "first check"),
    ] {
        signs.add(" ", Role::Text);
        signs.add(standing.glyph(glyphs), standing.role());
        signs.add(format!(" {word} "), Role::Text);
    }
    let gap = match glyphs.gap {
        " " => "leave a gap, no outage".to_owned(),
        gap => format!("leave a gap ({gap}), no outage"),
    };
    let quit = format!(" checks run only while portpulse runs: quit, ^z {gap}");
    vec![signs, Runs::default().with(quit, Role::Muted), Runs::default()]
}
