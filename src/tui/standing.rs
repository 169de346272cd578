//! How a target stands, in the order of severity that everything on the screen follows.

use super::glyphs::Glyphs;
use super::group::is_lessened;
use super::theme::Role;
use crate::domain::{Activity, Fault, Outcome, Wall};
use crate::monitor::{Soft, State, TargetView};
use std::time::Duration;

/// How a target stands, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// An outage is open, recovering or not.
    Down,
    /// Failing, but not yet an outage.
    Failing,
    /// Its newest checks say nothing, for reasons of ours: what it was last is not what it is.
    Blind,
    /// Open, over its limit.
    Slow,
    /// No conclusive answer yet.
    New,
    /// Nobody observed it at that moment: only a look back can know.
    Gap,
    /// Somebody works on it: whatever its checks find counts for nothing meanwhile.
    Maintenance,
    /// Open.
    Up,
    /// Stopped by hand.
    Paused,
}

impl Standing {
    /// Every standing, worst first.
    pub const ALL: [Self; 9] = [
        Self::Down,
        Self::Failing,
        Self::Blind,
        Self::Slow,
        Self::New,
        Self::Gap,
        Self::Maintenance,
        Self::Up,
        Self::Paused,
    ];

    /// Of a target.
    pub fn of(view: &TargetView) -> Self {
        match (view.state, view.soft) {
            (State::Paused, _) => Self::Paused,
            _ if view.is_unobserved() => Self::Gap,
            _ if view.maintenance.is_some() || is_maintained_by_script(view) => Self::Maintenance,
            (State::Down, _) => Self::Down,
            (_, Soft::Failing { .. }) => Self::Failing,
            _ if view.is_unseen() => Self::Blind,
            (State::Degraded, _) => Self::Slow,
            (State::Pending, _) => Self::New,
            (State::Up, _) => Self::Up,
        }
    }

    /// Its sign.
    pub const fn glyph(self, glyphs: &Glyphs) -> &'static str {
        match self {
            Self::Down => glyphs.down,
            Self::Failing => glyphs.failing,
            Self::Blind => glyphs.inconclusive,
            Self::Slow => glyphs.slow,
            Self::New => glyphs.new,
            Self::Gap => glyphs.unobserved,
            Self::Maintenance => glyphs.maintenance,
            Self::Up => glyphs.up,
            Self::Paused => glyphs.paused,
        }
    }

    /// What its sign looks like.
    pub const fn role(self) -> Role {
        match self {
            Self::Down => Role::Down,
            Self::Failing | Self::Blind => Role::Failing,
            Self::Slow => Role::Slow,
            Self::New => Role::Text,
            Self::Up => Role::Up,
            Self::Gap | Self::Maintenance | Self::Paused => Role::Muted,
        }
    }

    /// What its word looks like: text has no hue unless it is bold or reversed.
    pub const fn word_role(self) -> Role {
        match self {
            Self::Up | Self::Maintenance => Role::Text,
            other => other.role(),
        }
    }

    /// Its word, for the filter and for counts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Failing => "failing",
            Self::Blind => "blind",
            Self::Slow => "slow",
            Self::New => "new",
            Self::Gap => "gap",
            Self::Maintenance => "maintenance",
            Self::Up => "up",
            Self::Paused => "paused",
        }
    }

    /// The standing of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }

    /// Whether an operator should look at it.
    pub const fn is_problem(self) -> bool {
        matches!(self, Self::Down | Self::Failing | Self::Blind | Self::Slow)
    }
}

/// Whether its script says that somebody works on it, and nobody else does: since when, nobody knows.
pub fn is_maintained_by_script(view: &TargetView) -> bool {
    let newest = view.latest.as_ref().map(|latest| latest.check.outcome);
    view.maintenance.is_none() && newest == Some(Outcome::Inconclusive(Fault::Maintenance))
}

/// The sign of a target: one that recovers from an outage no longer shows the sign of down.
pub fn sign(view: &TargetView, glyphs: &Glyphs) -> (&'static str, Role) {
    match view.soft {
        Soft::Recovering { .. } if Standing::of(view) == Standing::Down => (glyphs.failing, Role::Failing),
        _ => (Standing::of(view).glyph(glyphs), Standing::of(view).role()),
    }
}

/// The word of a target, at most five columns: `DOWN`, `2/3`, `UP1/2`, `BLIND` (`ERROR` of its script), `SLOW`,
/// `DEGR`, `GAP`, `MAINT`, `UP`, `PAUSE`.
pub fn word(view: &TargetView, glyphs: &Glyphs) -> String {
    match (Standing::of(view), view.soft) {
        (Standing::Down, Soft::Recovering { count, of }) => match (count, of) {
            (0..10, 0..10) => format!("UP{count}/{of}"),
            _ => format!("UP{count}"),
        },
        (Standing::Failing, Soft::Failing { count, of, .. }) => match (count, of) {
            (0..100, 0..100) => format!("{count}/{of}"),
            _ => count.to_string(),
        },
        (Standing::Down, _) => "DOWN".to_owned(),
        (Standing::Blind, _) => match view.latest.as_ref().map(|latest| latest.check.outcome) {
            Some(Outcome::Inconclusive(Fault::Script)) => "ERROR".to_owned(),
            _ => "BLIND".to_owned(),
        },
        (Standing::Slow, _) if is_lessened(view) => "DEGR".to_owned(),
        (Standing::Slow, _) => "SLOW".to_owned(),
        (Standing::New, _) => glyphs.new_word.to_owned(),
        (Standing::Gap, _) => "GAP".to_owned(),
        (Standing::Maintenance, _) => "MAINT".to_owned(),
        (Standing::Up | Standing::Failing, _) => "UP".to_owned(),
        (Standing::Paused, _) => "PAUSE".to_owned(),
    }
}

/// Since when it stands so; for a target that is failing, since the first failure, because its state
/// began long before. Where nobody observed it, since the last check before. In maintenance, since that began.
pub fn since(view: &TargetView) -> Wall {
    match (Standing::of(view), view.soft, &view.maintenance) {
        (Standing::Failing, Soft::Failing { since, .. }, _) => since,
        (Standing::Maintenance, _, Some(maintenance)) => maintenance.span.from,
        _ if view.is_unobserved() => view.latest.as_ref().map_or(view.since, |latest| latest.check.at),
        _ => view.since,
    }
}

/// For how long it stands so, in at most six columns. It changes once a second only for problems
/// younger than an hour, because every change is sent to the terminal.
pub fn lasting(view: &TargetView, now: Wall) -> String {
    use super::text::{full, short};
    let standing = Standing::of(view);
    if standing == Standing::Maintenance && is_maintained_by_script(view) {
        return "-".to_owned();
    }
    let lasted = now.since(since(view));
    match lasted.as_secs() {
        0..3_600 if matches!(standing, Standing::Down | Standing::Failing) => full(lasted),
        0..60 if standing == Standing::New => "now".to_owned(),
        0..60 => "<1m".to_owned(),
        60..3_600 => format!("{}m", lasted.as_secs() / 60),
        _ => short(Duration::from_secs(lasted.as_secs() / 60 * 60)),
    }
}

/// Whether the target is checked.
pub fn is_paused(view: &TargetView) -> bool {
    view.state == State::Paused || view.target.definition.activity == Activity::Paused
}
