//! Note and advice of a target in full.

use super::super::model::Model;
use super::super::text::wrap;
use super::super::theme::Role;
use super::super::widget::Runs;
use super::{frame, pen};
use crate::domain::TargetId;
use crate::domain::advice::explain_of;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the box.
pub fn draw(model: &Model, id: TargetId, area: Rect, buffer: &mut Buffer) {
    let Some(view) = model.target(id) else { return };
    let definition = &view.target.definition;
    let columns = area.width.min(90);
    let room = usize::from(columns).saturating_sub(4);
    let mut lines = Vec::new();
    if definition.note.is_empty() {
        lines.push(Runs::default().with("no note", Role::Muted));
    }
    lines.extend(wrap(&definition.note, room).into_iter().map(|line| Runs::default().with(line, Role::Text)));
    if let (Some(endpoint), Some(latest)) = (definition.endpoints.first(), &view.latest) {
        let advice = explain_of(definition, &endpoint.address, &latest.check.outcome);
        lines.push(Runs::default());
        lines.extend(wrap(&advice.meaning, room).into_iter().map(|line| Runs::default().with(line, Role::Strong)));
        for (place, step) in advice.steps.iter().enumerate() {
            let text = format!("{} {step}", place + 1);
            lines.extend(wrap(&text, room).into_iter().map(|line| Runs::default().with(line, Role::Text)));
        }
    }
    let rows = lines.len() as u16 + 4;
    let inside = frame::over(model, area, columns, rows, &definition.name, buffer);
    let body = Rect {
        x: inside.x + inside.width.min(1),
        y: inside.y + inside.height.min(1),
        width: inside.width.saturating_sub(2),
        height: inside.height.saturating_sub(1),
    };
    pen::put_lines(buffer, body.intersection(inside), &lines, model.settings.theme);
}
