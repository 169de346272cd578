//! Figures over a span of checks: the columns of a chart, counts and percentiles.

use crate::domain::{Check, Outcome, Reason, Span};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One column of a latency chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Checks that connected.
    pub open: u32,
    /// The fastest of them.
    pub min: Duration,
    /// The middle one.
    pub median: Duration,
    /// The slowest.
    pub max: Duration,
    /// Checks that failed.
    pub failed: u32,
    /// The reason of the newest failure.
    pub reason: Option<Reason>,
    /// Checks of ours that say nothing.
    pub inconclusive: u32,
}

/// Figures over a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// All checks.
    pub checks: u32,
    /// Failed ones by reason, in the order of [`Reason::ALL`].
    pub failures: crate::domain::Failures,
    /// Checks of ours that say nothing.
    pub inconclusive: u32,
    /// Latency of those that connected, DNS included; `None` if none did.
    pub latency: Option<Percentiles>,
    /// The middle of the name look-ups; `None` for literals.
    pub dns_median: Option<Duration>,
    /// Checks in which at least one SYN was lost.
    pub syn_lost: u32,
}

/// Where figures come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Source {
    /// From the checks themselves: each is the value of a real check.
    #[default]
    Exact,
    /// From checks of which some are so old that their latency is kept in steps: each is within 0.4 percent of
    /// the value of a real check.
    Coarse,
    /// From summaries: each is within one percent of the value of a real check, the slowest exact.
    Sketch,
}

/// Percentiles by nearest rank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Percentiles {
    /// 50th.
    pub p50: Duration,
    /// 90th.
    pub p90: Duration,
    /// 95th.
    pub p95: Duration,
    /// 99th.
    pub p99: Duration,
    /// The slowest.
    pub max: Duration,
    /// Whether they are values of real checks.
    pub source: Source,
}

impl Summary {
    /// Failed checks of any reason.
    pub fn failed(&self) -> u32 {
        self.failures.iter().sum()
    }
}

/// The checks of a span in columns of equal length, oldest first. Checks need not be sorted.
pub fn columns(checks: &[Check], span: Span, count: u16) -> Vec<Column> {
    let mut columns = vec![Column::default(); usize::from(count)];
    let mut latencies: Vec<Vec<Duration>> = vec![Vec::new(); usize::from(count)];
    let mut newest = vec![None; usize::from(count)];
    for check in checks {
        let Some(place) = place_of(check, span, count) else { continue };
        let column = &mut columns[place];
        match check.outcome {
            Outcome::Open(_) => {
                column.open += 1;
                latencies[place].push(check.latency().unwrap_or_default());
            }
            Outcome::Failed(failure) => {
                column.failed += 1;
                if newest[place].is_none_or(|at| at <= check.at) {
                    newest[place] = Some(check.at);
                    column.reason = Some(failure.reason);
                }
            }
            Outcome::Inconclusive(_) => column.inconclusive += 1,
        }
    }
    for (column, latencies) in columns.iter_mut().zip(&mut latencies) {
        latencies.sort_unstable();
        column.min = latencies.first().copied().unwrap_or_default();
        column.median = rank(latencies, 50).unwrap_or_default();
        column.max = latencies.last().copied().unwrap_or_default();
    }
    columns
}

/// Which column a check belongs to; `None` outside the span.
fn place_of(check: &Check, span: Span, count: u16) -> Option<usize> {
    if count == 0 || !span.contains(check.at) {
        return None;
    }
    let place = check.at.since(span.from).as_millis() * u128::from(count) / span.length().as_millis().max(1);
    usize::try_from(place).ok().map(|place| place.min(usize::from(count) - 1))
}

/// The figures of all checks in a span.
pub fn summary(checks: &[Check], span: Span) -> Summary {
    let mut summary = Summary::default();
    let mut latencies = Vec::new();
    let mut lookups = Vec::new();
    for check in checks.iter().filter(|check| span.contains(check.at)) {
        summary.checks += 1;
        let syn_lost = match check.outcome {
            Outcome::Open(timing) => timing.syn_lost,
            Outcome::Failed(failure) => {
                summary.failures[failure.reason.index()] += 1;
                failure.syn_lost
            }
            Outcome::Inconclusive(_) => {
                summary.inconclusive += 1;
                0
            }
        };
        summary.syn_lost += u32::from(syn_lost > 0);
        latencies.extend(check.latency());
        lookups.extend(check.dns);
    }
    latencies.sort_unstable();
    lookups.sort_unstable();
    summary.latency = percentiles(&latencies);
    summary.dns_median = rank(&lookups, 50);
    summary
}

fn percentiles(sorted: &[Duration]) -> Option<Percentiles> {
    Some(Percentiles {
        p50: rank(sorted, 50)?,
        p90: rank(sorted, 90)?,
        p95: rank(sorted, 95)?,
        p99: rank(sorted, 99)?,
        max: sorted.last().copied()?,
        source: Source::Exact,
    })
}

/// The nearest rank: the smallest value that at least so many percent of all do not exceed.
fn rank(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let place = (sorted.len() * percent).div_ceil(100);
    sorted.get(place.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Clocked, EndpointId, Failure, Fault, Place, Timing, VantageId, Wall};

    fn check(at: i64, outcome: Outcome) -> Check {
        let (endpoint, vantage) = (EndpointId(1), VantageId::HERE);
        Check { endpoint, vantage, at: Wall(at), outcome, dns: None, address: None, tried: 1, answered: 0 }
    }

    fn open(at: i64, millis: u64) -> Check {
        let connect = Duration::from_millis(millis);
        check(at, Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: u8::from(millis > 99) }))
    }

    fn failed(at: i64, reason: Reason) -> Check {
        let after = Duration::ZERO;
        check(at, Outcome::Failed(Failure { reason, place: Place::Later, errno: None, name: None, after, syn_lost: 0 }))
    }

    #[test]
    fn a_column_has_its_own_checks_only_and_the_newest_reason() {
        let span = Span { from: Wall(0), to: Wall(100) };
        let checks = [
            open(-1, 9),
            open(0, 5),
            open(49, 1),
            open(20, 3),
            failed(60, Reason::Reset),
            failed(55, Reason::Refused),
            check(99, Outcome::Inconclusive(Fault::Memory)),
            open(100, 9),
        ];
        let drawn = columns(&checks, span, 2);
        let millis = Duration::from_millis;
        assert_eq!((drawn[0].open, drawn[0].min, drawn[0].median, drawn[0].max), (3, millis(1), millis(3), millis(5)));
        assert_eq!((drawn[1].failed, drawn[1].reason, drawn[1].inconclusive), (2, Some(Reason::Reset), 1));
        assert_eq!(columns(&checks, span, 0), []);
        assert_eq!(columns(&checks, Span { from: Wall(5), to: Wall(5) }, 3), [Column::default(); 3]);
    }

    #[test]
    fn percentiles_are_values_of_real_checks() {
        let checks: Vec<Check> = (1..=100).map(|n| open(i64::try_from(n).expect("small"), n)).collect();
        let span = Span { from: Wall(0), to: Wall(1_000) };
        let figures = summary(&checks, span);
        let latency = figures.latency.expect("connections");
        let millis = [latency.p50, latency.p90, latency.p95, latency.p99, latency.max].map(|d| d.as_millis());
        assert_eq!(millis, [50, 90, 95, 99, 100]);
        assert_eq!((figures.checks, figures.failed(), figures.syn_lost), (100, 0, 1));
        assert_eq!(summary(&[failed(5, Reason::Reset)], span).latency, None);
    }
}
