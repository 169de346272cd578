//! The first line of every view but the dashboard: where one is, what matters here, and the time.

use super::input::typed;
use crate::tui::model::{Model, Overlay};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::Runs;

/// Columns of the crumb before it is cut.
const CRUMB_MAX: usize = 40;

/// `portpulse › crumb` and, against the right edge, the facts and the clock, which gives way to them.
pub fn heading(model: &Model, crumb: &str, facts: Runs, width: usize) -> Runs {
    let glyphs = model.glyphs();
    let crumb = text::clip(crumb, CRUMB_MAX.min(width / 2), glyphs.ellipsis);
    let mut line = Runs::default().with(format!(" portpulse {} ", glyphs.crumb), Role::Muted).with(crumb, Role::Strong);
    line.add("  ", Role::Text);
    if let Some(Overlay::Filter(input)) = &model.overlay {
        line = typed(line.with(" / ", Role::Strong), input, width * 2 / 3, glyphs).with("  ", Role::Text);
    }
    let room = width.saturating_sub(line.width() + 2);
    let zone = model.settings.zone;
    let past = format!(" PAST {} ", zone.nearby(model.now, model.clock));
    let clock = match &model.freeze {
        _ if model.travel.is_some() => Runs::default().with(past, Role::Banner),
        Some(freeze) => Runs::default().with(format!(" FROZEN {} ", zone.clock(freeze.since)), Role::Banner),
        None => Runs::default().with(format!("{} {} ", zone.clock(model.now), zone.name(model.now)), Role::Text),
    };
    let mut end = facts;
    if end.width() > 0 && end.width() + 3 + clock.width() <= room {
        end.add("   ", Role::Text);
        end.append(clock);
    } else if end.width() == 0 {
        end = clock;
    } else {
        end.add(" ", Role::Text);
    }
    line.with_end(end, width)
}
