//! What the user watches: the definition as written, and the identity that history hangs on.

use super::{Endpoint, EndpointId, TargetId};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU8;
use std::time::Duration;

/// Whether a target is being checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Activity {
    /// Checked at its cadence.
    #[default]
    Watching,
    /// Stopped by hand.
    Paused,
}

/// A target as its user wrote it, defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Unique among targets; cleaned of anything that could disturb a terminal.
    pub name: String,
    /// At least one, at most 256. Until groups exist, exactly one.
    pub endpoints: Vec<Endpoint>,
    /// Time between checks.
    pub interval: Duration,
    /// Time between checks while failing or recovering, never longer than `interval`.
    pub retry_interval: Duration,
    /// Consecutive failures that make an outage (S16).
    pub down_after: NonZeroU8,
    /// Consecutive successes that end it (S17).
    pub up_after: NonZeroU8,
    /// Latency above which an open port counts as slow.
    pub degraded_above: Option<Duration>,
    /// Free text shown beside the target.
    pub note: String,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// Whether it is checked.
    pub activity: Activity,
}

/// A definition with its identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Who it is, over renames and restarts.
    pub id: TargetId,
    /// One for each endpoint of the definition, in order.
    pub endpoint_ids: Vec<EndpointId>,
    /// What the user wrote.
    pub definition: Definition,
}

impl Definition {
    /// The defaults of the documents (S12, S14, S16, S17) around one endpoint.
    pub fn new(name: String, endpoint: Endpoint) -> Self {
        Self {
            name,
            endpoints: vec![endpoint],
            interval: Duration::from_mins(1),
            retry_interval: Duration::from_secs(10),
            down_after: NonZeroU8::new(3).unwrap_or(NonZeroU8::MIN),
            up_after: NonZeroU8::new(2).unwrap_or(NonZeroU8::MIN),
            degraded_above: None,
            note: String::new(),
            tags: Vec::new(),
            activity: Activity::Watching,
        }
    }
}

impl Target {
    /// Its endpoints with their identities.
    pub fn endpoints(&self) -> impl Iterator<Item = (EndpointId, &Endpoint)> {
        self.endpoint_ids.iter().copied().zip(&self.definition.endpoints)
    }
}
