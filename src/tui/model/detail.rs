//! The state of the detail view: which target, over which history, on which scale.

use super::Window;
use crate::domain::{TargetId, Wall};
use crate::engine::query;

/// How latency is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// A fixed logarithmic scale, the same everywhere.
    #[default]
    Logarithmic,
    /// Linear up to the highest column shown.
    Linear,
}

/// The state of the detail view.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// Whose; on a wide dashboard the selected target.
    pub target: Option<TargetId>,
    /// How latency is drawn.
    pub scale: Scale,
    /// The newest answer about history, which may still be that of another target.
    pub history: Option<Box<query::Detail>>,
    /// Why there is no answer.
    pub failure: Option<String>,
    /// What was asked last.
    pub asked: Option<Asked>,
}

/// A question about one target's history, as far as it decides whether to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whose history.
    pub target: TargetId,
    /// Over how much time.
    pub window: Window,
    /// In how many columns.
    pub columns: u16,
    /// The start of the newest check at that time.
    pub newest: Option<Wall>,
    /// When it was asked.
    pub at: Wall,
}
