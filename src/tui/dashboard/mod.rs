//! The dashboard as finished lines: what a row, a header and a panel say, in which role, before any cell is touched.

mod columns;
mod head;
mod panel;
pub mod past;
mod row;

pub use columns::Columns;
pub use head::{Words, counts};
pub use row::is_near;

use super::layout::Shape;
use super::model::Model;
use super::model::targets::Picture;
use super::widget::Runs;
use crate::domain::TargetId;

/// The finished lines of the dashboard. Only rows in sight are made.
pub fn picture(model: &Model) -> Picture {
    let areas = model.dashboard();
    let width = usize::from(areas.head.width);
    if model.shape() == Shape::Problems {
        return Picture::default();
    }
    let columns = Columns::fit(usize::from(areas.list.width));
    Picture {
        head: head::head(model, width),
        second: head::second(model, width),
        header: row::header(model, &columns),
        rows: in_sight(model).iter().map(|id| row::row(model, &columns, *id)).collect(),
        panel: areas.panel.map(|area| panel::lines(model, area)).unwrap_or_default(),
    }
}

/// The targets whose rows are in sight.
pub fn in_sight(model: &Model) -> &[TargetId] {
    let rows = usize::from(model.dashboard().list.height.saturating_sub(1));
    let shown = &model.targets.shown;
    let from = model.targets.list.offset.min(shown.len());
    let to = from.saturating_add(rows).min(shown.len());
    shown.get(from..to).unwrap_or_default()
}

/// A line with one part at its left and one at its right end. Where both do not fit, the right one goes.
pub fn spread(left: Runs, right: Runs, width: usize) -> Runs {
    let used = left.width() + right.width();
    if used >= width {
        return left;
    }
    let mut line = left.with(" ".repeat(width - used), super::theme::Role::Text);
    line.append(right);
    line
}
