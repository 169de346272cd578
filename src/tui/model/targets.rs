//! The state of the dashboard: which targets are shown in which order, which are marked, and the finished rows.

use super::travel::Moment;
use super::{List, Window};
use crate::domain::{TargetId, Wall};
use crate::engine::query::Overview;
use crate::monitor::TargetView;
use crate::tui::filter::Filter;
use crate::tui::glyphs::Glyphs;
use crate::tui::group::is_lessened;
use crate::tui::standing::Standing;
use crate::tui::widget::Runs;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

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
    /// Where each target stands in the snapshot.
    pub places: HashMap<TargetId, usize>,
    /// How many stand how, the filter aside.
    pub tally: Tally,
    /// Those with an open outage, the newest first.
    pub down: Vec<TargetId>,
    /// The time between checks, where all targets have the same.
    pub every: Option<Duration>,
    /// What is let through.
    pub filter: Filter,
    /// How many problems the filter hides.
    pub hidden: Tally,
    /// The targets that the filter lets through, in order.
    pub shown: Vec<TargetId>,
    /// Which is selected, and what is in sight.
    pub list: List<TargetId>,
    /// To be selected as soon as it is shown: what was just added.
    pub wanted: Option<TargetId>,
    /// Marked for the next action.
    pub marks: BTreeSet<TargetId>,
    /// In which order.
    pub order: Order,
    /// When the order was last made anew, or the selection last moved; an order by a number that
    /// never stands still is left alone for a while after.
    pub ordered_at: Wall,
    /// The latency that each row in sight shows; a new one takes its place only when it differs enough
    /// to matter, because every change is sent to the terminal.
    pub latencies: HashMap<TargetId, Duration>,
    /// The newest answer about a window that reaches further back than the live strips.
    pub overview: Option<Box<Overview>>,
    /// What was asked for last.
    pub overview_asked: Option<OverviewAsked>,
    /// The finished lines of the dashboard.
    pub picture: Picture,
}

/// A question about all targets over a window, as far as it decides whether to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverviewAsked {
    /// Over how much time.
    pub window: Window,
    /// Until which moment of the past, or until now.
    pub moment: Moment,
    /// Until when that was.
    pub until: Wall,
    /// When it was asked.
    pub at: Wall,
}

/// The finished lines of the dashboard; what is not in them is not drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Counts and the clock.
    pub head: Runs,
    /// The newest problems, the filter, or a message.
    pub second: Runs,
    /// The header of the table.
    pub header: Runs,
    /// The rows in sight.
    pub rows: Vec<Runs>,
    /// The selected target.
    pub panel: Vec<Runs>,
}

/// How many targets stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    standings: [usize; Standing::ALL.len()],
    /// Those of the slow ones that are not slow, but less than all that is asked for.
    lessened: usize,
}

impl Targets {
    /// What history says about a window, once it has said so.
    pub fn overview_of(&self, window: Window) -> Option<&Overview> {
        self.overview.as_deref().filter(|overview| overview.length == window.length())
    }
}

impl Tally {
    /// So many stand so.
    pub const fn of(&self, standing: Standing) -> usize {
        self.standings[standing as usize]
    }

    /// So many are open and less than all that is asked for, and not merely slow.
    pub const fn lessened(&self) -> usize {
        self.lessened
    }

    /// Counts one in.
    pub fn add(&mut self, view: &TargetView) {
        self.standings[Standing::of(view) as usize] += 1;
        self.lessened += usize::from(is_counted_lessened(view));
    }

    /// Counts one out.
    pub fn remove(&mut self, view: &TargetView) {
        let count = &mut self.standings[Standing::of(view) as usize];
        *count = count.saturating_sub(1);
        self.lessened = self.lessened.saturating_sub(usize::from(is_counted_lessened(view)));
    }

    /// All of them.
    pub fn total(&self) -> usize {
        self.standings.iter().sum()
    }
}

fn is_counted_lessened(view: &TargetView) -> bool {
    Standing::of(view) == Standing::Slow && is_lessened(view)
}

impl Order {
    /// The column and the way round, as in `latency▾`.
    pub fn label(self, glyphs: &Glyphs) -> String {
        format!("{}{}", self.column.name(), self.direction.sign(glyphs))
    }
}

impl Direction {
    /// The sign beside the column.
    pub const fn sign(self, glyphs: &Glyphs) -> &'static str {
        match self {
            Self::Forward => glyphs.sorted_down,
            Self::Reverse => glyphs.sorted_up,
        }
    }

    /// The other way round.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Forward => Self::Reverse,
            Self::Reverse => Self::Forward,
        }
    }
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
    #[must_use]
    pub fn next(self) -> Self {
        let place = Self::ALL.iter().position(|column| *column == self).unwrap_or(0);
        Self::ALL.get(place + 1).copied().unwrap_or_default()
    }
}
