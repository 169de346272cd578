//! The dashboard: its finished lines in their places, and the panes around them.

use super::super::layout::Panes;
use super::super::model::{Model, Pane};
use super::super::standing;
use super::super::theme::Role;
use super::frame::{self, Focus};
use super::pen::{put, put_lines, put_runs};
use super::{checks, detail, events};
use crate::tui::layout::inside;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the dashboard.
pub fn draw(model: &Model, buffer: &mut Buffer) {
    let areas = model.dashboard();
    let theme = model.settings.theme;
    let picture = &model.targets.picture;
    put_runs(buffer, areas.head.x, areas.head.y, areas.head.width, &picture.head, theme);
    put_runs(buffer, areas.second.x, areas.second.y, areas.second.width, &picture.second, theme);
    if let Some(panes) = areas.panes {
        draw_panes(model, &panes, buffer);
    }
    put_lines(buffer, areas.list, std::iter::once(&picture.header).chain(&picture.rows), theme);
    if picture.rows.is_empty() {
        no_match(model, areas.list, buffer);
    }
    if let Some(panel) = areas.panel {
        let area = Rect { x: panel.x + 1, width: panel.width.saturating_sub(2), ..panel };
        put_lines(buffer, area, &picture.panel, theme);
    }
}

/// The filter lets nothing through: which key shows everything again.
fn no_match(model: &Model, list: Rect, buffer: &mut Buffer) {
    let text = "Nothing matches the filter.   Esc shows all targets again";
    if list.height > 3 {
        put(buffer, list.x + 4, list.y + 3, list.width.saturating_sub(4), text, model.style(Role::Text));
    }
}

fn draw_panes(model: &Model, panes: &Panes, buffer: &mut Buffer) {
    let focus = |pane| if model.pane == pane { Focus::Here } else { Focus::Elsewhere };
    let title = format!("Targets {}", super::footer::position(model));
    let order = format!("sort: {}", model.targets.order.label(model.glyphs()));
    frame::draw(model, panes.list, &title, &order, focus(Pane::List), buffer);
    let title = model.selected().map_or_else(
        || "no target selected".to_owned(),
        |view| {
            let (sign, _) = standing::sign(view, model.glyphs());
            let word = standing::word(view, model.glyphs());
            let lasting = standing::lasting(view, model.now);
            format!("{}  {sign} {word} {lasting}", view.target.definition.name)
        },
    );
    frame::draw(model, panes.detail, &title, "z zoom", focus(Pane::Detail), buffer);
    frame::draw(model, panes.events, "Events", "4 all", focus(Pane::Events), buffer);
    frame::draw(model, panes.checks, "Instant check", "i type  3 all", focus(Pane::Checks), buffer);
    detail::draw_pane(model, inside(panes.detail), buffer);
    events::draw_pane(model, inside(panes.events), buffer);
    checks::draw_pane(model, inside(panes.checks), buffer);
}
