//! Where a check was made from.

use serde::{Deserialize, Serialize};

/// A place that checks are made from; 0 is this host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VantageId(pub u16);

impl VantageId {
    /// This host.
    pub const HERE: Self = Self(0);
}
