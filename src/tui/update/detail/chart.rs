//! What keys do while the chart has them: a cursor that reads, a mark, and zooming in.

use super::super::super::action::Action;
use super::super::super::model::Model;
use super::super::super::model::detail::{Cursor, Grid};
use super::time;

/// The cursor jumps over one part in so many of the chart.
const JUMPS: usize = 8;

/// The cursor begins at the newest column.
pub fn enter(model: &mut Model) {
    let at = match model.detail.grid() {
        Some(grid) => grid.middle(grid.count - 1),
        None => model.detail.sight.look().span(model.now).to,
    };
    model.detail.cursor = Some(Cursor { at, mark: None });
}

/// Carries out an action of the chart; whether it is one.
pub fn act(model: &mut Model, action: Action) -> bool {
    let Some(grid) = model.detail.grid() else { return is_of_cursor(action) };
    let jump = (grid.count / JUMPS).max(1).cast_signed();
    match action {
        Action::CursorLeft => go(model, grid, -1),
        Action::CursorRight => go(model, grid, 1),
        Action::HalfPageUp => go(model, grid, -jump),
        Action::HalfPageDown => go(model, grid, jump),
        Action::PageUp => go(model, grid, -2 * jump),
        Action::PageDown => go(model, grid, 2 * jump),
        Action::First => go(model, grid, isize::MIN),
        Action::Last => go(model, grid, isize::MAX),
        Action::MarkTime => mark(model),
        Action::ZoomIn => zoom(model),
        _ => return false,
    }
    true
}

/// Whether an action moves or uses the cursor: without a chart it does nothing, rather than something else.
const fn is_of_cursor(action: Action) -> bool {
    matches!(
        action,
        Action::CursorLeft
            | Action::CursorRight
            | Action::HalfPageUp
            | Action::HalfPageDown
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Last
            | Action::MarkTime
            | Action::ZoomIn
    )
}

/// Moves the cursor by columns, as far as there are any.
fn go(model: &mut Model, grid: Grid, by: isize) {
    if let Some(cursor) = &mut model.detail.cursor {
        cursor.at = grid.middle(grid.place(cursor.at).saturating_add_signed(by).min(grid.count - 1));
    }
}

/// Puts the mark where the cursor is, or takes it off.
fn mark(model: &mut Model) {
    if let Some(cursor) = &mut model.detail.cursor {
        cursor.mark = if cursor.mark.is_none() { Some(cursor.at) } else { None };
    }
}

/// Shows what lies between the mark and the cursor, or around the cursor.
fn zoom(model: &mut Model) {
    let Some(span) = model.detail.chosen() else { return };
    if let Err(stuck) = model.detail.sight.zoom(span, model.now) {
        return time::refuse(model, stuck);
    }
    if let Some(cursor) = &mut model.detail.cursor {
        *cursor = Cursor { at: cursor.at.max(span.from).min(span.to), mark: None };
    }
}
