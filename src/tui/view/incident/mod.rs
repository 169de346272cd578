//! One outage: its facts, what failed within the same minutes, what people wrote, and every check around it.

mod facts;
mod timeline;

use super::heading::heading;
use super::pen::put_lines;
use crate::tui::model::Model;
use crate::tui::model::incident::{Told, outage};
use crate::tui::theme::Role;
use crate::tui::widget::{Runs, foreign};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lines above the rows: the heading and the facts.
const LINES_ABOVE: usize = 1 + facts::LINES;

/// Draws the view into the body of the screen.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let lines = lines(model, usize::from(area.width), usize::from(area.height));
    put_lines(buffer, area, &lines, model.settings.theme);
}

/// How many rows are on the screen.
pub fn rows(model: &Model) -> usize {
    usize::from(model.frame().body.height).saturating_sub(LINES_ABOVE).max(1)
}

fn lines(model: &Model, width: usize, height: usize) -> Vec<Runs> {
    let Some(outage) = outage(model) else {
        let mut lines = vec![heading(model, "outage", Runs::default(), width), Runs::default()];
        lines.push(Runs::default().with(format!("   {}", silence(model)), Role::Text));
        return lines;
    };
    let crumb = format!("outage of {}", foreign(&outage.name));
    let standing = super::detail::outages::ending(outage);
    let mut lines = vec![heading(model, &crumb, Runs::default().with(standing, Role::Text), width)];
    lines.extend(facts::facts(model, outage, width));
    if model.incident.known.is_none() {
        lines.push(Runs::default().with(format!(" {}", silence(model)), Role::Muted));
        return lines;
    }
    lines.extend(timeline::lines(model, outage, width, height.saturating_sub(LINES_ABOVE)));
    lines
}

/// What to say where there is no evidence.
fn silence(model: &Model) -> String {
    match &model.incident.told {
        _ if model.incident.id.is_none() => "No outage is selected.".to_owned(),
        Told::Waiting | Told::Known => "reading history".to_owned(),
        Told::Forgotten if model.travel.is_some() => "At this moment it was not found yet.".to_owned(),
        Told::Forgotten => "History does not have this outage (any more).".to_owned(),
        Told::Failed(why) => format!("history cannot be read: {why}"),
    }
}
