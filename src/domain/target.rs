//! What the user watches: the definition as written, and the identity that history hangs on.

use super::{Endpoint, EndpointId, Evaluation, TargetId};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU8;
use std::time::Duration;

/// How many endpoints a target can have: what a round found of how many is kept in one byte each.
pub const ENDPOINTS_MAX: usize = 255;

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
    /// At least one, at most [`ENDPOINTS_MAX`], no two with the same address.
    pub endpoints: Vec<Endpoint>,
    /// How their results become one verdict.
    #[serde(default)]
    pub evaluation: Evaluation,
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
    /// Under which id the verdicts of its rounds are kept, if a verdict is more than what one check found.
    #[serde(default)]
    pub round_id: Option<EndpointId>,
    /// What the user wrote.
    pub definition: Definition,
}

impl Definition {
    /// The defaults of the documents (S12, S14, S16, S17) around one endpoint.
    pub fn new(name: String, endpoint: Endpoint) -> Self {
        Self {
            name,
            endpoints: vec![endpoint],
            evaluation: Evaluation::All,
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

    /// Whether the verdict of a round is nothing but what its only check found. Otherwise verdicts have a
    /// history of their own beside those of the endpoints.
    pub fn is_plain(&self) -> bool {
        let is_script = matches!(self.evaluation, Evaluation::Script(_));
        !is_script && matches!(&self.endpoints[..], [endpoint] if endpoint.is_plain())
    }

    /// How long a round may take: the longest of its timeouts.
    pub fn timeout(&self) -> Duration {
        self.endpoints.iter().map(|endpoint| endpoint.timeout).max().unwrap_or_default()
    }

    /// The time from one check to the next that must be reckoned with. A check that takes all of its
    /// timeout puts off the turns that come meanwhile: a target that is checked every 5 s and times
    /// out after 10 s is checked every 15 s, and was watched all the time.
    pub fn pace(&self) -> Duration {
        self.interval.max((self.interval + self.timeout()) * 3 / 4)
    }
}

impl Target {
    /// One whose verdict is what its only check finds.
    pub fn plain(id: TargetId, endpoint: EndpointId, definition: Definition) -> Self {
        Self { id, endpoint_ids: vec![endpoint], round_id: None, definition }
    }

    /// The id of the history that speaks for it: that of its verdicts, or of its only endpoint.
    pub fn series(&self) -> Option<EndpointId> {
        self.round_id.or_else(|| self.endpoint_ids.first().copied())
    }

    /// Whether they have an endpoint in common: then one is the other in another shape, and what is known of it goes on.
    pub fn shares_endpoints(&self, other: &Self) -> bool {
        self.endpoint_ids.iter().any(|id| other.endpoint_ids.contains(id))
    }

    /// Every id under which something of it is kept.
    pub fn ids(&self) -> impl Iterator<Item = EndpointId> {
        self.endpoint_ids.iter().copied().chain(self.round_id)
    }

    /// Its endpoints with their identities.
    pub fn endpoints(&self) -> impl Iterator<Item = (EndpointId, &Endpoint)> {
        self.endpoint_ids.iter().copied().zip(&self.definition.endpoints)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_timeout_slows_a_short_interval_down_and_no_other() {
        let pace = |interval, timeout| {
            let (interval, timeout) = (Duration::from_secs(interval), Duration::from_secs(timeout));
            let address = "db1:5432".parse().expect("an address");
            let endpoint = Endpoint { timeout, ..Endpoint::new(address) };
            Definition { interval, ..Definition::new("db1".to_owned(), endpoint) }.pace()
        };
        assert_eq!(pace(60, 10), Duration::from_mins(1));
        let starts_after = Duration::from_secs(15);
        assert!(pace(5, 10) * 3 / 2 > starts_after, "a check speaks for one and a half paces");
        assert!(pace(5, 10) < starts_after);
    }
}
