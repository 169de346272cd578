//! Hours of checks in few figures: what outlives the checks, and what the figures over a long span come from.

use super::{Column, Percentiles, Sketch, Source, Summary};
use crate::domain::{Check, Outcome, Reason, Span, Wall};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// An hour.
pub const HOUR: Duration = Duration::from_hours(1);
const HOUR_MILLIS: i64 = 3_600_000;

/// The checks of one endpoint that started within one hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    /// When it began, a whole hour of UTC.
    pub from: Wall,
    /// Checks that connected.
    pub open: u32,
    /// Failed ones by reason, in the order of [`Reason::ALL`].
    pub failures: crate::domain::Failures,
    /// The reason of the newest failure.
    pub reason: Option<Reason>,
    /// Checks of ours that say nothing.
    pub inconclusive: u32,
    /// Checks in which at least one SYN was lost.
    pub syn_lost: u32,
    /// Latency of those that connected, DNS included.
    pub latency: Sketch,
    /// Name look-ups.
    pub dns: Sketch,
    /// Addresses that answered and when each did last, sorted by address.
    pub addresses: Vec<(IpAddr, Wall)>,
}

/// The beginning of the hour that a moment lies in.
pub const fn hour_of(at: Wall) -> Wall {
    Wall(at.0.div_euclid(HOUR_MILLIS) * HOUR_MILLIS)
}

/// The first whole hour that begins at a moment or after it.
pub fn whole_hour_from(at: Wall) -> Wall {
    hour_of(Wall(at.0.saturating_sub(1))) + HOUR
}

impl Hour {
    /// From its beginning to its end.
    pub fn span(&self) -> Span {
        Span { from: self.from, to: self.from + HOUR }
    }

    fn of(from: Wall, checks: &[Check]) -> Self {
        let mut hour = Self { from, ..Self::default() };
        let mut addresses = BTreeMap::new();
        for check in checks {
            let syn_lost = match check.outcome {
                Outcome::Open(timing) => {
                    hour.open += 1;
                    addresses.extend(check.address.map(|address| (address, check.at)));
                    timing.syn_lost
                }
                Outcome::Failed(failure) => {
                    hour.failures[failure.reason.index()] += 1;
                    hour.reason = Some(failure.reason);
                    failure.syn_lost
                }
                Outcome::Inconclusive(_) => {
                    hour.inconclusive += 1;
                    0
                }
            };
            hour.syn_lost += u32::from(syn_lost > 0);
        }
        hour.latency = Sketch::of(checks.iter().filter_map(Check::latency));
        hour.dns = Sketch::of(checks.iter().filter_map(|check| check.dns));
        hour.addresses = addresses.into_iter().collect();
        hour
    }
}

/// The hours in which any of these checks started, oldest first. Checks are sorted by time.
pub fn hours_of(checks: &[Check]) -> Vec<Hour> {
    let of_an_hour = checks.chunk_by(|one, next| hour_of(one.at) == hour_of(next.at));
    of_an_hour.filter_map(|checks| Some(Hour::of(hour_of(checks.first()?.at), checks))).collect()
}

/// A span in columns of equal length, oldest first, from hours in any order.
///
/// An hour belongs to the column that its middle lies in. Where columns are shorter than an hour it
/// stands in every column whose middle lies in it.
pub fn columns_of_hours(hours: &[Hour], span: Span, count: u16) -> Vec<Column> {
    let length = span.length() / u32::from(count.max(1));
    let mut columns = Vec::with_capacity(usize::from(count));
    for place in 0..u32::from(count) {
        // Each border reckoned from the beginning, so that columns neither overlap nor leave anything out.
        let border = |place: u32| span.from + span.length() * place / u32::from(count);
        let column = Span { from: border(place), to: border(place + 1) };
        let middle = column.from + column.length() / 2;
        let is_inside = |hour: &&Hour| {
            if length < HOUR { hour.span().contains(middle) } else { column.contains(hour.from + HOUR / 2) }
        };
        columns.push(column_of(&hours.iter().filter(is_inside).collect::<Vec<_>>()));
    }
    columns
}

fn column_of(hours: &[&Hour]) -> Column {
    let latency = Sketch::merged(hours.iter().map(|hour| &hour.latency));
    let newest = hours.iter().filter(|hour| hour.reason.is_some()).max_by_key(|hour| hour.from);
    Column {
        open: hours.iter().map(|hour| hour.open).sum(),
        min: latency.min(),
        median: latency.rank(50).unwrap_or_default(),
        max: latency.max(),
        failed: hours.iter().flat_map(|hour| hour.failures).sum(),
        reason: newest.and_then(|hour| hour.reason),
        inconclusive: hours.iter().map(|hour| hour.inconclusive).sum(),
    }
}

/// The figures of all hours whose middle lies in a span.
pub fn summary_of_hours(hours: &[Hour], span: Span) -> Summary {
    let inside = || hours.iter().filter(|hour| span.contains(hour.from + HOUR / 2));
    let mut summary = Summary::default();
    for hour in inside() {
        summary.checks += hour.open + hour.failures.iter().sum::<u32>() + hour.inconclusive;
        summary.failures.iter_mut().zip(hour.failures).for_each(|(sum, count)| *sum += count);
        summary.inconclusive += hour.inconclusive;
        summary.syn_lost += hour.syn_lost;
    }
    summary.latency = percentiles(&Sketch::merged(inside().map(|hour| &hour.latency)));
    summary.dns_median = Sketch::merged(inside().map(|hour| &hour.dns)).rank(50);
    summary
}

fn percentiles(sketch: &Sketch) -> Option<Percentiles> {
    Some(Percentiles {
        p50: sketch.rank(50)?,
        p90: sketch.rank(90)?,
        p95: sketch.rank(95)?,
        p99: sketch.rank(99)?,
        max: sketch.max(),
        source: Source::Sketch,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Clocked, EndpointId, Failure, Fault, Place, Timing, VantageId};
    use crate::window::{columns, summary};

    fn check(at: i64, outcome: Outcome) -> Check {
        let (endpoint, vantage, address) = (EndpointId(1), VantageId::HERE, Some([10, 0, 0, (at % 3) as u8].into()));
        let dns = Some(Duration::from_micros(at.unsigned_abs() % 500 + 100));
        Check { endpoint, vantage, at: Wall(at), outcome, dns, address, tried: 1, answered: 0 }
    }

    /// Two days, a check every five minutes: mostly open, some refused, reset or ours.
    fn checks() -> Vec<Check> {
        let checks = (0..2 * 24 * 12_i64).map(|place| {
            let (at, reason) = (place * 300_000 + 17, if place % 2 == 0 { Reason::Reset } else { Reason::Refused });
            let after = Duration::ZERO;
            let failure = Failure { reason, place: Place::Later, errno: None, name: None, after, syn_lost: 1 };
            let connect = Duration::from_micros(place.unsigned_abs() * 7_919 % 30_000);
            match place % 50 {
                0..3 => check(at, Outcome::Failed(failure)),
                3 => check(at, Outcome::Inconclusive(Fault::Memory)),
                _ => check(at, Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 })),
            }
        });
        checks.collect()
    }

    fn is_near(one: Duration, other: Duration) -> bool {
        one.abs_diff(other) <= other / 100 + Duration::from_micros(1)
    }

    #[test]
    fn whole_hours_give_the_columns_that_their_checks_give() {
        let (checks, span) = (checks(), Span { from: Wall(0), to: Wall(2 * 24 * HOUR_MILLIS) });
        let hours = hours_of(&checks);
        assert_eq!(hours.len(), 48);
        for count in [1, 2, 12, 48] {
            for (got, wanted) in columns_of_hours(&hours, span, count).into_iter().zip(columns(&checks, span, count)) {
                assert!(is_near(got.median, wanted.median), "{got:?} {wanted:?}");
                assert_eq!(Column { median: wanted.median, ..got }, wanted, "{count} columns");
            }
        }
    }

    #[test]
    fn an_hour_fills_every_column_that_is_shorter() {
        let span = Span { from: Wall(0), to: Wall(2 * HOUR_MILLIS) };
        let open: Vec<u32> = columns_of_hours(&hours_of(&checks()), span, 6).iter().map(|column| column.open).collect();
        assert_eq!(open, [8, 8, 8, 12, 12, 12]);
        assert_eq!(columns_of_hours(&[], span, 2), [Column::default(); 2]);
    }

    #[test]
    fn whole_hours_give_the_figures_that_their_checks_give() {
        let (checks, span) = (checks(), Span { from: Wall(5 * HOUR_MILLIS), to: Wall(30 * HOUR_MILLIS) });
        let (got, wanted) = (summary_of_hours(&hours_of(&checks), span), summary(&checks, span));
        let (latency, exact) = (got.latency.expect("connections"), wanted.latency.expect("connections"));
        assert_eq!((latency.source, exact.source), (Source::Sketch, Source::Exact));
        let all = |of: &Percentiles| [of.p50, of.p90, of.p95, of.p99];
        assert!(all(&latency).iter().zip(all(&exact)).all(|(got, wanted)| is_near(*got, wanted)), "{latency:?}");
        assert_eq!(latency.max, exact.max);
        assert!(is_near(got.dns_median.expect("look-ups"), wanted.dns_median.expect("look-ups")));
        assert_eq!(Summary { latency: wanted.latency, dns_median: wanted.dns_median, ..got }, wanted);
    }

    #[test]
    fn an_hour_knows_which_addresses_answered_and_when_last() {
        let hour = &hours_of(&checks())[0];
        let last = |host: u8| {
            checks()[..12]
                .iter()
                .rev()
                .find(|check| check.outcome.is_open() && check.address == Some([10, 0, 0, host].into()))
                .map(|check| check.at)
        };
        let wanted: Vec<(IpAddr, Wall)> =
            (0..3).filter_map(|host| Some(([10, 0, 0, host].into(), last(host)?))).collect();
        assert_eq!(hour.addresses, wanted);
    }
}
