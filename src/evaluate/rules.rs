//! How each policy computes standing and latency, exactly as the documents do (S49, S56 to S61).
//!
//! Sums are taken in the order of the members and divided once, as the documents' functions do it, so that not
//! even the last digit differs.

use super::{Member, Standing, Status, millis};
use crate::domain::Evaluation;
use std::num::NonZeroU32;

/// What the rules look at in one member.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) status: Status,
    /// Milliseconds.
    pub(super) latency: f64,
    weight: u64,
}

impl Seen {
    /// `None` if nothing is known.
    pub(super) fn of(member: &Member) -> Option<Self> {
        let ping = member.ping.as_ref()?;
        Some(Self { status: ping.status, latency: ping.latency, weight: u64::from(member.weight.get()) })
    }

    /// A member that nobody saw, as if it had been so, and faster than any limit.
    pub(super) fn supposed(status: Status, weight: NonZeroU32) -> Self {
        Self { status, latency: f64::MIN_POSITIVE, weight: u64::from(weight.get()) }
    }

    fn is_open(&self) -> bool {
        self.status == Status::Open
    }
}

/// Standing and latency in milliseconds; `None` for a script. `seen` has at least one member, `limit` is the
/// latency in milliseconds above which an open member makes an up target degraded.
pub(super) fn apply(evaluation: &Evaluation, limit: Option<f64>, seen: &[Seen]) -> Option<(Standing, f64)> {
    let (standing, latency) = match evaluation {
        Evaluation::All => all(seen, limit),
        Evaluation::Any => any(seen),
        Evaluation::Quorum { needed } => quorum(seen, needed.map(|needed| usize::from(needed.get()))),
        Evaluation::Failover => failover(seen),
        Evaluation::Weighted { degraded_from } => weighted(seen, u64::from(*degraded_from)),
        Evaluation::Timeouts => timeouts(seen),
        Evaluation::Percentile { degraded_above, down_above } => {
            percentile(seen, millis(*degraded_above), millis(*down_above))
        }
        Evaluation::Script(_) => return None,
    };
    let is_slow = limit.is_some_and(|limit| seen.iter().any(|it| it.is_open() && it.latency > limit));
    let standing = if standing == Standing::Up && is_slow { Standing::Degraded } else { standing };
    Some((standing, latency))
}

/// S49; the failed ones' latencies are in the mean. With a limit it is S57, whose mean has only the open ones'
/// latencies, over all members.
fn all(seen: &[Seen], limit: Option<f64>) -> (Standing, f64) {
    let standing = if seen.iter().all(Seen::is_open) { Standing::Up } else { Standing::Down };
    let counted = seen.iter().filter(|it| limit.is_none() || it.is_open());
    (standing, counted.map(|it| it.latency).fold(0.0, |sum, latency| sum + latency) / seen.len() as f64)
}

fn any(seen: &[Seen]) -> (Standing, f64) {
    let standing = if seen.iter().any(Seen::is_open) { Standing::Up } else { Standing::Down };
    (standing, mean_of_open(seen))
}

/// S56.
fn quorum(seen: &[Seen], needed: Option<usize>) -> (Standing, f64) {
    let open = open(seen);
    let standing = if open == seen.len() {
        Standing::Up
    } else if open >= needed.unwrap_or_else(|| majority(seen.len())) {
        Standing::Degraded
    } else {
        Standing::Down
    };
    (standing, mean_of_open(seen))
}

/// S58.
fn failover(seen: &[Seen]) -> (Standing, f64) {
    match seen.iter().enumerate().find(|(_, it)| it.is_open()) {
        Some((0, primary)) => (Standing::Up, primary.latency),
        Some((_, secondary)) => (Standing::Degraded, secondary.latency),
        None => (Standing::Down, 0.0),
    }
}

/// S59.
fn weighted(seen: &[Seen], degraded_from: u64) -> (Standing, f64) {
    let total: u64 = seen.iter().map(|it| it.weight).sum();
    let healthy: u64 = seen.iter().filter(|it| it.is_open()).map(|it| it.weight).sum();
    let standing = if healthy == total {
        Standing::Up
    } else if healthy * 100 >= total * degraded_from {
        Standing::Degraded
    } else {
        Standing::Down
    };
    (standing, mean_of_open(seen))
}

/// S60, with its danger: where everything has timed out, it is degraded.
fn timeouts(seen: &[Seen]) -> (Standing, f64) {
    let open = open(seen);
    let is_free_of_errors = seen.iter().all(|it| it.status != Status::Error);
    let standing = if open == seen.len() {
        Standing::Up
    } else if open > 0 || is_free_of_errors {
        Standing::Degraded
    } else {
        Standing::Down
    };
    (standing, mean_of_open(seen))
}

/// S61.
fn percentile(seen: &[Seen], degraded_above: f64, down_above: f64) -> (Standing, f64) {
    let sorted = sorted(seen.iter());
    if sorted.is_empty() {
        return (Standing::Down, 0.0);
    }
    let mean = sorted.iter().fold(0.0, |sum, latency| sum + latency) / sorted.len() as f64;
    let standing = if sorted.len() < seen.len() {
        Standing::Degraded
    } else if at_share(&sorted, 0.99) > down_above {
        Standing::Down
    } else if at_share(&sorted, 0.95) > degraded_above {
        Standing::Degraded
    } else {
        Standing::Up
    };
    (standing, mean)
}

/// The latencies of the open ones, the fastest first.
pub(super) fn sorted<'a>(seen: impl Iterator<Item = &'a Seen>) -> Vec<f64> {
    let mut sorted: Vec<f64> = seen.filter(|it| it.is_open()).map(|it| it.latency).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The value that S61 takes for a percentile: the one at the share of the length, rounded down, and the last
/// where that is nothing; a latency of 0 is nothing to it.
pub(super) fn at_share(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share).floor() as usize;
    let last = sorted.last().copied().unwrap_or_default();
    sorted.get(place).copied().filter(|latency| *latency != 0.0).unwrap_or(last)
}

/// More than half.
pub(super) const fn majority(members: usize) -> usize {
    members / 2 + 1
}

fn open(seen: &[Seen]) -> usize {
    seen.iter().filter(|it| it.is_open()).count()
}

/// 0 if none is open.
fn mean_of_open(seen: &[Seen]) -> f64 {
    let open = open(seen);
    if open == 0 {
        return 0.0;
    }
    seen.iter().filter(|it| it.is_open()).fold(0.0, |sum, it| sum + it.latency) / open as f64
}
