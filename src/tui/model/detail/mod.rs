//! The state of the detail view: which target, which part of its time, and what the keys point at.

mod grid;
mod sight;

use super::Window;
pub use grid::Grid;
pub use sight::{Look, Sight, Stuck};

use super::{List, Model};
use crate::domain::{EndpointId, Outage, OutageId, Span, TargetId, Wall};
use crate::engine::query;
use crate::tui::settings::Switch;

/// How latency is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// A fixed logarithmic scale, the same everywhere.
    #[default]
    Logarithmic,
    /// Linear up to the highest column shown.
    Linear,
}

/// What the keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The target: up and down lead to other targets.
    #[default]
    Target,
    /// The cursor in the chart.
    Chart,
    /// The list of outages.
    Outages,
}

/// Where in the chart one reads. Both are moments and not columns: a chart that moves on moves under them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The middle of the column that is read.
    pub at: Wall,
    /// The other end of what zooming in would show.
    pub mark: Option<Wall>,
}

/// The state of the detail view.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// Whose; on a wide dashboard the selected target.
    pub target: Option<TargetId>,
    /// How latency is drawn.
    pub scale: Scale,
    /// Whose checks are shown of a target with several endpoints; `None` for those that speak for it.
    pub endpoint: Option<EndpointId>,
    /// Which part of time is looked at.
    pub sight: Sight,
    /// How much time it begins with.
    pub preferred: Window,
    /// What the keys go to.
    pub focus: Focus,
    /// Whether what has the keys fills the view.
    pub spread: Switch,
    /// Where in the chart one reads, while the chart has the keys.
    pub cursor: Option<Cursor>,
    /// Which outage is selected, while the outages have the keys.
    pub outages: List<OutageId>,
    /// How many lines under the chart are scrolled away.
    pub offset: usize,
    /// The newest answer about history, which may still be that of another target.
    pub history: Option<Box<query::Detail>>,
    /// Why there is no answer.
    pub failure: Option<String>,
    /// The newest answer about uptimes, which may still be that of another target.
    pub uptimes: Option<Box<query::Uptimes>>,
    /// The oldest check of the target that any answer has told of.
    pub oldest: Option<Wall>,
    /// What was asked last.
    pub asked: Option<Asked>,
    /// Which uptimes were asked for last.
    pub asked_uptimes: Option<AskedUptimes>,
}

/// A question about one target's history, as far as it decides whether to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whose history.
    pub target: TargetId,
    /// Of which of its endpoints.
    pub endpoint: Option<EndpointId>,
    /// Which part of it.
    pub look: Look,
    /// In how many columns.
    pub columns: u16,
    /// The start of the newest check at that time.
    pub newest: Option<Wall>,
    /// When it was asked.
    pub at: Wall,
}

/// A question about one target's uptimes, as far as it decides whether to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedUptimes {
    /// Whose.
    pub target: TargetId,
    /// Where the windows end; `None` for now.
    pub until: Option<Wall>,
    /// When it was asked.
    pub at: Wall,
}

impl Detail {
    /// The answer about the target that is shown, once there is one.
    pub fn known(&self) -> Option<&query::Detail> {
        let is_shown = |history: &&query::Detail| {
            history.target.is_some() && (history.target, history.endpoint) == (self.target, self.endpoint)
        };
        self.history.as_deref().filter(is_shown)
    }

    /// The uptimes of the target that is shown, once there is an answer.
    pub fn known_uptimes(&self) -> Option<&query::Uptimes> {
        self.uptimes.as_deref().filter(|uptimes| uptimes.target.is_some() && uptimes.target == self.target)
    }

    /// The columns of the chart that is shown.
    pub fn grid(&self) -> Option<Grid> {
        let known = self.known()?;
        Grid::new(known.span?, known.columns.len())
    }

    /// What zooming in would show: from the mark to the cursor, or what lies around the cursor.
    pub fn chosen(&self) -> Option<Span> {
        let (grid, cursor) = (self.grid()?, self.cursor?);
        Some(match cursor.mark {
            Some(mark) => grid.between(mark, cursor.at),
            None => grid.around(cursor.at),
        })
    }
}

/// The outages of the target that is shown, newest first: the open one as it stands now, of which the store
/// hears only now and then, and those of the store.
pub fn outages(model: &Model) -> Vec<&Outage> {
    let open = model.detail.target.and_then(|id| model.target(id)).and_then(|view| view.outage.as_deref());
    let kept = model.detail.known().map_or(&[] as &[_], |history| history.outages.as_slice());
    let is_older =
        |outage: &&Outage| open.is_none_or(|open| open.id != outage.id) && (open.is_none() || outage.closing.is_some());
    open.into_iter().chain(kept.iter().filter(is_older)).collect()
}
