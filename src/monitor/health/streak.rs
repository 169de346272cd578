//! The parts of streaks: strikes on the way into an outage, and the recovery on the way out.

use super::verdict::Paths;
use crate::domain::{Outage, Reason, Wall};
use crate::monitor::moment::Moment;
use std::time::Duration;

/// What nobody saw between two conclusive checks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unseen {
    /// Time that no conclusive check spoke for.
    pub(super) time: Duration,
    /// Checks that said nothing.
    pub(super) checks: u32,
}

/// One failure of a streak.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strike {
    pub(super) at: Moment,
    pub(super) reason: Reason,
    pub(super) paths: Paths,
    /// Between the conclusive check before and this one.
    pub(super) before: Unseen,
}

/// A run of successes inside an outage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recovery {
    pub(super) first: Moment,
    pub(super) count: u8,
    /// The last failure before, if nobody looked between it and the first success.
    pub(super) not_seen_since: Option<Wall>,
    /// Since the first success: outside the outage if this run ends it.
    pub(super) unseen: Unseen,
}

impl Recovery {
    pub(super) fn begin(first: Moment, not_seen_since: Option<Wall>) -> Self {
        Self { first, count: 1, not_seen_since, unseen: Unseen::default() }
    }

    /// One success more.
    pub(super) fn go_on(self, before: Unseen) -> Self {
        Self { count: self.count.saturating_add(1), unseen: self.unseen.and(before), ..self }
    }
}

impl Unseen {
    fn and(self, more: Self) -> Self {
        Self { time: self.time + more.time, checks: self.checks.saturating_add(more.checks) }
    }

    /// Counts it inside an outage.
    pub(super) fn add_to(self, outage: &mut Outage) {
        outage.unobserved += self.time;
        outage.inconclusive = outage.inconclusive.saturating_add(self.checks);
    }
}
