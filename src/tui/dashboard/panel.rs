//! The selected target below the table: what it is, how it did, what its failure means.

use super::{past, spread};
use crate::domain::advice::explain_of;
use crate::monitor::TargetView;
use crate::tui::glyphs::Glyphs;
use crate::tui::group;
use crate::tui::model::Model;
use crate::tui::text::{clip, full, latency, maintenance, period, plural, uptime_in_words};
use crate::tui::theme::Role;
use crate::tui::widget::{Runs, foreign, strip::strip};
use crate::window::Uptime;
use ratatui::layout::Rect;
use std::net::IpAddr;

/// The lines of the panel, as many as fit.
pub fn lines(model: &Model, area: Rect) -> Vec<Runs> {
    let width = usize::from(area.width).saturating_sub(2);
    let glyphs = model.glyphs();
    let mut lines = vec![Runs::default().with(glyphs.dashed.repeat(width), Role::Border)];
    if let Some(view) = model.selected() {
        lines.push(identity(model, view, width));
        lines.extend(works(model, view));
        lines.push(figures(model, view));
        let (from, middle) = past::axis(model.window);
        let end = if model.travel.is_some() { "then" } else { "now" };
        lines.push(axis(from, middle, end, width));
        lines.push(strip(&past::strip(model, view).cells, width, glyphs));
        lines.extend(group::why(view).map(|why| verdict(&foreign(why), width, glyphs)));
        lines.extend(advice(model, view, width));
    }
    lines.truncate(usize::from(area.height));
    lines
}

fn identity(model: &Model, view: &TargetView, width: usize) -> Runs {
    let glyphs = model.glyphs();
    let definition = &view.target.definition;
    let mut runs = Runs::default().with(definition.name.clone(), Role::Strong);
    if let Some(endpoint) = definition.endpoints.first() {
        let made_of = group::made_of(view).map_or_else(|| endpoint.address.to_string(), |words| foreign(&words));
        runs.add(format!("  {made_of}"), Role::Text);
        let is_alone = definition.endpoints.len() == 1;
        let answered = view.latest.as_ref().and_then(|latest| latest.check.address);
        let is_telling = |address: &IpAddr| is_alone && endpoint.address.host.literal() != Some(*address);
        if let Some(address) = answered.filter(is_telling) {
            runs.add(format!(" {} {address}", glyphs.arrow), Role::Text);
        }
        runs.add(
            format!(
                "   every {}  timeout {}  DOWN after {} fails",
                period(definition.interval),
                period(definition.timeout()),
                definition.down_after
            ),
            Role::Text,
        );
    }
    if definition.note.is_empty() {
        return runs;
    }
    let room = width.saturating_sub(runs.width() + 14);
    let key = model.settings.keymap.label(crate::tui::action::Action::Note, glyphs).unwrap_or_default();
    let note = format!("note: {} {} {key}", clip(&definition.note, room, glyphs.ellipsis), glyphs.arrow);
    spread(runs, Runs::default().with(note, Role::Muted), width)
}

/// The maintenance that goes on.
fn works(model: &Model, view: &TargetView) -> Option<Runs> {
    let known = view.maintenance.as_ref()?;
    let words = maintenance::in_full(known, model.now, model.settings.zone);
    Some(Runs::default().with(format!("maintenance: {words}"), Role::Text))
}

/// Percentiles where history has them, and the uptimes.
fn figures(model: &Model, view: &TargetView) -> Runs {
    let mut runs = Runs::default();
    let history = model.detail.history.as_ref().filter(|history| history.target == Some(view.target.id));
    if let Some(history) = history {
        if let Some(times) = history.summary.latency {
            let times = [("p50", times.p50), ("p95", times.p95), ("p99", times.p99)];
            let words: Vec<String> = times.iter().map(|(name, time)| format!("{name} {}", latency(*time))).collect();
            runs.add(words.join("  "), Role::Text);
        }
        runs.add(
            format!("  ({}, {})     ", model.window.name(), plural(history.summary.checks.into(), "check")),
            Role::Muted,
        );
    }
    // What was never open yet cannot be called up, though no outage is confirmed either.
    let known = if view.was_never_open() { [Uptime::default(); 2] } else { [view.hour.uptime, view.day.uptime] };
    let [hour, day] = known.map(|uptime| uptime_in_words(&uptime));
    runs.add(format!("uptime 1h {hour}  24h {day}"), Role::Text);
    let down = view.day.uptime.down;
    if !down.is_zero() {
        runs.add(format!("     down in 24h: {}", full(down)), Role::Text);
    }
    runs
}

fn axis(left: &str, middle: &str, right: &str, width: usize) -> Runs {
    let half = width / 2;
    let mut text = format!("{left}{}", " ".repeat(half.saturating_sub(left.len() + middle.len() / 2)));
    text.push_str(middle);
    Runs::default().with(format!("{text}{:>1$}", right, width.saturating_sub(text.len())), Role::Muted)
}

/// Why the verdict of a round is what it is.
fn verdict(why: &str, width: usize, glyphs: &Glyphs) -> Runs {
    Runs::default().with(clip(&format!("verdict: {why}"), width, glyphs.ellipsis), Role::Text)
}

/// What the newest failure means and what to look at.
fn advice(model: &Model, view: &TargetView, width: usize) -> Vec<Runs> {
    let Some((endpoint, outcome)) = group::telling(view).filter(|(_, outcome)| !outcome.is_open()) else {
        return Vec::new();
    };
    let advice = explain_of(&view.target.definition, &endpoint.address, &outcome);
    let ellipsis = model.glyphs().ellipsis;
    let mut lines = vec![Runs::default().with(clip(&advice.meaning, width, ellipsis), Role::Text)];
    let steps = advice.steps.iter().enumerate();
    lines.extend(steps.map(|(place, step)| {
        Runs::default().with(clip(&format!("{} {step}", place + 1), width, ellipsis), Role::Muted)
    }));
    lines
}
