//! The state of the detail view: which target, over which history, on which scale.

use crate::domain::TargetId;
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
}
