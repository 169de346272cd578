//! What fits a screen too small for the table: the problems, one a line, worst first.

use super::super::dashboard::{Words, counts};
use super::super::model::{Model, View};
use super::super::standing::{self, Standing};
use super::super::text::{self, pad_left, pad_right};
use super::super::theme::Role;
use super::super::widget::Runs;
use super::pen::{put, put_runs};
use crate::domain::Outcome;
use crate::monitor::{Soft, TargetView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Fewer columns or rows than this leave room for the counts alone.
const LEAST: (u16, u16) = (20, 3);

/// Draws the problem list.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = model.settings.theme;
    let counts = counts(&model.targets.tally, model.glyphs(), Words::None);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        put_runs(buffer, area.x, area.y, area.width, &counts, theme);
        return;
    }
    let mut head = Runs::default().with(" portpulse ", Role::Strong);
    head.append(counts);
    put_runs(buffer, area.x, area.y, area.width, &head, theme);
    let banner = super::super::banner::banners(model).into_iter().next();
    let frozen = model.freeze.as_ref().map(|freeze| format!("FROZEN {}", model.settings.zone.clock(freeze.since)));
    let second = model.message.as_ref().map(|message| message.text.clone()).or(banner).or(frozen);
    if let Some(text) = second {
        put(buffer, area.x + 1, area.y + 1, area.width - 1, &text, model.style(Role::Banner));
    }
    let rows = usize::from(area.height).saturating_sub(4).max(1);
    for (y, view) in (area.y + 2..).zip(listed(model).into_iter().take(rows)) {
        put_runs(buffer, area.x, y, area.width, &line(model, view, usize::from(area.width)), theme);
    }
    footer(model, area, buffer);
}

/// What the last two lines say: a question if one is open, else why this is all.
fn footer(model: &Model, area: Rect, buffer: &mut Buffer) {
    if area.height < 5 {
        return;
    }
    let question = model.overlay.as_ref().map(|overlay| match overlay {
        super::super::model::Overlay::Confirm(super::super::model::overlay::Confirm::Quit) => {
            "quit? checks stop  y quits"
        }
        _ => "too small for this: Esc goes back",
    });
    let doing = if model.snapshot.targets.is_empty() { "no targets yet" } else { "still checking" };
    let key = if model.view == View::Targets { "q quit" } else { "q back" };
    let small = format!(" {}x{} - table needs 60x10", area.width, area.height);
    let last = question.map_or_else(|| format!(" {doing}{}{key}", model.glyphs().separator), |text| format!(" {text}"));
    put(buffer, area.x, area.bottom() - 2, area.width, &small, model.style(Role::Muted));
    put(buffer, area.x, area.bottom() - 1, area.width, &last, model.style(Role::Muted));
}

/// The problems, worst first, the newest of each kind first.
fn listed(model: &Model) -> Vec<&TargetView> {
    let mut views: Vec<&TargetView> =
        model.snapshot.targets.iter().map(AsRef::as_ref).filter(|view| Standing::of(view).is_problem()).collect();
    views.sort_by_key(|view| (Standing::of(view), std::cmp::Reverse(view.since)));
    views
}

fn line(model: &Model, view: &TargetView, width: usize) -> Runs {
    let glyphs = model.glyphs();
    let (sign, role) = standing::sign(view, glyphs);
    let outcome = view.latest.as_ref().map(|latest| latest.check.outcome);
    let what = match (view.soft, outcome) {
        (Soft::Failing { .. } | Soft::Recovering { .. }, _) => standing::word(view, glyphs),
        (_, Some(Outcome::Failed(failure))) => failure.reason.word().to_owned(),
        (_, Some(Outcome::Open(_))) => "slow".to_owned(),
        _ => standing::word(view, glyphs),
    };
    let lasting = standing::lasting(view, model.now);
    let name = width.saturating_sub(22).min(14);
    Runs::default()
        .with(" ", Role::Text)
        .with(sign, role)
        .with(
            format!(" {} ", pad_right(&text::name(&view.target.definition.name, name, glyphs.ellipsis), name)),
            Role::Text,
        )
        .with(format!("{} {}", pad_right(&what, 9), pad_left(&lasting, 6)), Role::Text)
}
