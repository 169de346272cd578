//! What came of all attempts at one target.

use crate::domain::{Finding, Outcome, Reason};
use std::time::Duration;

/// Percentiles that a summary tells.
pub(super) const PERCENTILES: [(&str, usize); 4] = [("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99)];

/// Counts and latencies.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// In the order of [`Reason::ALL`].
    pub(super) failures: [u64; crate::domain::REASONS],
    pub(super) inconclusive: u64,
    /// SYNs that were sent again.
    pub(super) syn_lost: u64,
    /// DNS and connect together, of those that connected.
    latencies: Vec<Duration>,
}

impl Tally {
    pub(super) fn add(&mut self, finding: &Finding) {
        match &finding.outcome {
            Outcome::Open(timing) => {
                self.syn_lost += u64::from(timing.syn_lost);
                self.latencies.push(timing.connect + finding.dns.unwrap_or_default());
            }
            Outcome::Failed(failure) => {
                self.syn_lost += u64::from(failure.syn_lost);
                if let Some(count) = self.failures.get_mut(failure.reason.index()) {
                    *count += 1;
                }
            }
            Outcome::Inconclusive(_) => self.inconclusive += 1,
        }
    }

    pub(super) const fn open(&self) -> u64 {
        self.latencies.len() as u64
    }

    pub(super) fn failed(&self) -> u64 {
        self.failures.iter().sum()
    }

    pub(super) fn checks(&self) -> u64 {
        self.open() + self.failed() + self.inconclusive
    }

    /// The share of conclusive attempts that failed, in percent; `None` if there were none.
    pub(super) fn lost(&self) -> Option<f64> {
        let conclusive = self.open() + self.failed();
        (conclusive > 0).then(|| self.failed() as f64 * 100.0 / conclusive as f64)
    }

    /// Failures by reason, without those that did not occur.
    pub(super) fn reasons(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL.into_iter().zip(self.failures).filter(|(_, count)| *count > 0)
    }

    /// The fastest, the percentiles and the slowest, each the latency of a real attempt (nearest
    /// rank); empty if none connected.
    pub(super) fn latencies(&self) -> Vec<(&'static str, Duration)> {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let rank = |percent: usize| (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        let named = std::iter::once(("min", 0))
            .chain(PERCENTILES.map(|(name, percent)| (name, rank(percent))))
            .chain(std::iter::once(("max", sorted.len().saturating_sub(1))));
        named.filter_map(|(name, place)| sorted.get(place).map(|latency| (name, *latency))).collect()
    }
}
