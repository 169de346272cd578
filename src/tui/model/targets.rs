//! The state of the dashboard: which targets are shown in which order, which are marked, and the finished rows.

use super::List;
use crate::domain::{TargetId, Wall};
use std::collections::BTreeSet;

/// By which column the targets are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// Worst first, then by name.
    #[default]
    State,
    /// By name.
    Name,
    /// By host and port.
    Target,
    /// Fastest first.
    Latency,
    /// Lowest first.
    Uptime,
    /// Newest change first.
    Since,
}

/// Which way round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// As the column says.
    #[default]
    Forward,
    /// The other way round.
    Reverse,
}

/// The order of the targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// By which column.
    pub column: Column,
    /// Which way round.
    pub direction: Direction,
}

/// The state of the dashboard.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// The targets that the filter lets through, in order.
    pub shown: Vec<TargetId>,
    /// Which is selected, and what is in sight.
    pub list: List<TargetId>,
    /// Marked for the next action.
    pub marks: BTreeSet<TargetId>,
    /// In which order.
    pub order: Order,
    /// When the order was last made anew, or the selection last moved; an order by a number that
    /// never stands still is left alone for a while after.
    pub ordered_at: Wall,
}

impl Column {
    /// Every column in the order in which the key steps through them.
    pub const ALL: [Self; 6] = [Self::State, Self::Name, Self::Target, Self::Latency, Self::Uptime, Self::Since];

    /// Its name for `:sort` and in the header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Name => "name",
            Self::Target => "target",
            Self::Latency => "latency",
            Self::Uptime => "uptime",
            Self::Since => "since",
        }
    }

    /// The one after it.
    pub fn next(self) -> Self {
        let place = Self::ALL.iter().position(|column| *column == self).unwrap_or(0);
        Self::ALL.get(place + 1).copied().unwrap_or_default()
    }
}
