//! The state of the outages view.

use super::List;
use crate::domain::{Outage, OutageId};

/// The state of the outages view.
#[derive(Clone, Debug, Default)]
pub struct Outages {
    /// The newest answer, newest start first.
    pub found: Vec<Outage>,
    /// Which is selected.
    pub list: List<OutageId>,
}
