//! A confirmed span of down, with the evidence for its start, its end and its reason.

use super::{Failures, OutageId, Reason, TargetId, Wall};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How an outage came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Closing {
    /// Enough successes in a row; it ended at the first of them.
    Recovered {
        /// The first success of the confirming run.
        ended_at: Wall,
        /// The success that confirmed it.
        confirmed_at: Wall,
    },
    /// It recovered while nobody looked: it ended somewhere between the two.
    EndNotSeen {
        /// The last failure that was seen.
        earliest: Wall,
        /// The first success after the gap.
        ended_at: Wall,
        /// The success that confirmed it.
        confirmed_at: Wall,
    },
    /// The user stopped watching; nobody says that it recovered.
    Paused(Wall),
    /// The user removed the target; nobody says that it recovered.
    Removed(Wall),
}

/// A confirmed span of down. At most one is open for a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// The same over restarts.
    pub id: OutageId,
    /// Whose.
    pub target: TargetId,
    /// The name at the time, so that a removed target's outages stay readable.
    pub name: String,
    /// The start of the first failing check (S29b).
    pub started_at: Wall,
    /// When the last strike was confirmed.
    pub detected_at: Wall,
    /// The newest failing check.
    pub last_failure_at: Wall,
    /// `None` while open.
    pub closing: Option<Closing>,
    /// The reason of the failure that confirmed it.
    pub reason: Reason,
    /// Failing checks by reason, in the order of [`Reason::ALL`].
    #[serde(with = "counts")]
    pub failures: Failures,
    /// Checks inside that were our own fault.
    pub inconclusive: u32,
    /// Time inside that nobody observed.
    pub unobserved: Duration,
}

/// Counts by reason as a list, which may grow with the reasons.
mod counts {
    use super::Failures;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(counts: &Failures, serializer: S) -> Result<S::Ok, S::Error> {
        counts[..].serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Failures, D::Error> {
        let list = Vec::<u32>::deserialize(deserializer)?;
        let mut counts = Failures::default();
        if list.len() > counts.len() {
            return Err(D::Error::custom("more reasons than are known"));
        }
        counts.iter_mut().zip(list).for_each(|(count, known)| *count = known);
        Ok(counts)
    }
}

impl Closing {
    /// The moment that the outage is said to have ended at.
    pub const fn ended_at(self) -> Wall {
        match self {
            Self::Recovered { ended_at, .. } | Self::EndNotSeen { ended_at, .. } => ended_at,
            Self::Paused(at) | Self::Removed(at) => at,
        }
    }

    /// The moment from which on it was known to have ended.
    pub const fn known_at(self) -> Wall {
        match self {
            Self::Recovered { confirmed_at, .. } | Self::EndNotSeen { confirmed_at, .. } => confirmed_at,
            Self::Paused(at) | Self::Removed(at) => at,
        }
    }
}

impl Outage {
    /// When it ended, `None` while it goes on.
    pub fn ended_at(&self) -> Option<Wall> {
        self.closing.map(Closing::ended_at)
    }

    /// What was known of it at a moment: nothing before it was detected, and no end before that was
    /// confirmed. The counts stay those of today.
    pub fn as_of(&self, at: Wall) -> Option<Self> {
        let closing = self.closing.filter(|closing| closing.known_at() <= at);
        let last_failure_at = self.last_failure_at.min(at).max(self.started_at);
        (self.detected_at <= at).then(|| Self { last_failure_at, closing, ..self.clone() })
    }

    /// A moment at which it was open and known, as late as there is one: its target was watched then.
    pub fn seen_at(&self) -> Wall {
        let before_end = self.closing.map(|closing| closing.known_at() - Duration::from_millis(1));
        before_end.unwrap_or(self.detected_at).max(self.detected_at)
    }

    /// How long it lasted, or has lasted until `now`.
    pub fn lasted(&self, now: Wall) -> Duration {
        self.ended_at().unwrap_or(now).since(self.started_at)
    }

    /// Failing checks inside it.
    pub fn failure_count(&self) -> u32 {
        self.failures.iter().sum()
    }
}
