//! A check while it runs: the look-up, then each address.

use crate::domain::{Phase, Try};
use crate::monitor::snapshot::Running;
use crate::tui::model::Model;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::view::detail::outcome;
use crate::tui::widget::Runs;
use crate::tui::widget::progress::progress;
use std::net::IpAddr;
use std::time::Duration;

/// Running checks that are shown with their phases; more are counted.
const SHOWN_MAX: usize = 2;

/// What is known so far.
struct Known<'a> {
    /// The look-up, where the host is a name.
    resolved: Option<(&'a [IpAddr], Duration)>,
    /// Whether a look-up was begun.
    resolves: bool,
    /// Addresses that have an outcome.
    tries: Vec<&'a Try>,
}

impl<'a> Known<'a> {
    fn of(check: &'a Running) -> Self {
        let mut known = Self { resolved: None, resolves: false, tries: Vec::new() };
        for phase in &check.phases {
            match phase {
                Phase::Resolving => known.resolves = true,
                Phase::Resolved { addresses, took } => known.resolved = Some((addresses, *took)),
                Phase::Tried(tried) => known.tries.push(tried),
            }
        }
        known
    }

    /// Whether the name is still being looked up.
    const fn is_resolving(&self) -> bool {
        self.resolves && self.resolved.is_none()
    }
}

/// The running checks with their phases, and a blank below them; nothing while none runs.
pub(super) fn lines(model: &Model, width: usize) -> Vec<Runs> {
    let running = &model.snapshot.ad_hoc.running;
    let mut lines = Vec::new();
    for check in running.iter().rev().take(SHOWN_MAX) {
        lines.extend(phases(model, check, width));
    }
    if running.len() > SHOWN_MAX {
        let words = format!(" and {} more running", running.len() - SHOWN_MAX);
        lines.push(Runs::default().with(words, Role::Muted));
    }
    if !lines.is_empty() {
        lines.push(Runs::default());
    }
    lines
}

/// One line for a pane.
pub(super) fn brief(model: &Model, check: &Running, width: usize) -> Runs {
    let known = Known::of(check);
    let doing = if known.is_resolving() { "looking up" } else { "connecting" };
    let passed = model.now.since(check.asked_at).min(check.timeout);
    let room = width.saturating_sub(40);
    let address = text::address(&check.address.to_string(), room, model.glyphs().ellipsis);
    let line = Runs::default().with(format!("  {address}  "), Role::Strong);
    line.with(format!("{doing} {}", progress(passed, check.timeout)), Role::Text)
}

fn phases(model: &Model, check: &Running, width: usize) -> Vec<Runs> {
    let glyphs = model.glyphs();
    let known = Known::of(check);
    let passed = model.now.since(check.asked_at).min(check.timeout);
    let clock = format!("{} / {}  ", text::latency(passed), text::latency(check.timeout));
    let address = text::address(&check.address.to_string(), width.saturating_sub(32), glyphs.ellipsis);
    let title = Runs::default().with(" RUNNING   ", Role::Muted).with(address, Role::Strong);
    let mut lines = vec![title.with_end(Runs::default().with(clock, Role::Text), width)];
    let dns = match known.resolved {
        Some((addresses, took)) => {
            let noun = if addresses.len() == 1 { "address" } else { "addresses" };
            let words = format!(" {:9} {} {noun}", text::latency(took), addresses.len());
            Runs::default().with(glyphs.check, Role::Up).with(words, Role::Text)
        }
        None if known.resolves => Runs::default().with(format!("{} looking up", glyphs.new), Role::Text),
        None => Runs::default().with("- not needed: the address is literal", Role::Muted),
    };
    let mut line = Runs::default().with("   dns      ", Role::Muted);
    line.append(dns);
    lines.push(line);
    let doing = if known.is_resolving() { "waits" } else { "tries" };
    let bar = format!("{} {doing:9} {}", glyphs.new, progress(passed, check.timeout));
    lines.push(Runs::default().with("   connect  ", Role::Muted).with(bar, Role::Text));
    let none: &[IpAddr] = &[];
    for address in known.resolved.map_or(none, |(addresses, _)| addresses) {
        let tried = known.tries.iter().find(|tried| tried.address == *address);
        lines.push(attempt(model, &address.to_string(), tried.copied()));
    }
    if known.resolved.is_none() {
        lines.extend(known.tries.iter().map(|tried| attempt(model, &tried.address.to_string(), Some(tried))));
    }
    lines
}

/// One address: what came of it, or that it is being tried.
fn attempt(model: &Model, address: &str, tried: Option<&Try>) -> Runs {
    let glyphs = model.glyphs();
    let (sign, role, words) = match tried {
        Some(tried) => outcome(&tried.outcome, glyphs),
        None => (glyphs.new, Role::Muted, "trying".to_owned()),
    };
    let line = Runs::default().with("            ", Role::Text).with(sign, role);
    line.with(format!(" {address}  {words}"), Role::Text)
}
