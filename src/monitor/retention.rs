//! When history may be dropped, by a wall clock that has to earn its trust.

use super::catalog::KEPT_AFTER_REMOVAL;
use super::settings::Settings;
use crate::domain::{Event, Happening, Mono, Now, Wall};
use std::time::Duration;

/// Checks are pruned this often (S15).
const CHECKS_EVERY: Duration = Duration::from_hours(1);
/// Outages are pruned this often (S18).
const OUTAGES_EVERY: Duration = Duration::from_hours(12);
/// The first time after a start, so that short runs prune as well.
const FIRST_AFTER: Duration = Duration::from_mins(1);
/// A wall clock that leaps forward further than this is not believed at once (K02).
const LEAP: Duration = Duration::from_hours(1);
/// Over a restart nobody can tell a leap from time away; only a longer one is suspicious.
const LEAP_OVER_RESTART: Duration = Duration::from_hours(7 * 24);
/// How long a clock that leapt has to run steadily before anything is dropped by it.
const PROBATION: Duration = Duration::from_hours(24);

/// What may be dropped (or become coarse) now: everything before these moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) checks: Option<Wall>,
    pub(super) exact: Option<Wall>,
    pub(super) outages: Option<Wall>,
    pub(super) summaries: Option<Wall>,
    pub(super) removed: Option<Wall>,
}

/// The schedule of pruning. A clock that leapt forward prunes nothing for 24 hours of monotonic
/// time: if it was wrong, somebody will have put it right by then, and nothing is lost. A clock
/// that was put back prunes less than it could, which heals by itself.
#[derive(Debug)]
pub(super) struct Retention {
    checks_at: Mono,
    outages_at: Mono,
    frozen_until: Mono,
    /// When the clock was believed last: it may gain a little on monotonic time since then, no more than a leap.
    believed: Now,
}

impl Retention {
    /// `alive` is the last sign of life of the run before; `events` tell of leaps in earlier runs,
    /// whose probation is not over because somebody started anew.
    pub(super) fn new(now: Now, alive: Option<Wall>, events: &[Event]) -> Self {
        let first = now.mono + FIRST_AFTER;
        let mut retention = Self { checks_at: first, outages_at: first, frozen_until: Mono(0), believed: now };
        if alive.is_some_and(|alive| now.wall.since(alive) > LEAP_OVER_RESTART) {
            retention.frozen_until = now.mono + PROBATION;
        }
        let newest_leap = events.iter().rev().find(|event| is_leap(&event.what)).map(|event| event.at);
        if let Some(leapt_at) = newest_leap.filter(|at| *at <= now.wall) {
            let left = PROBATION.saturating_sub(now.wall.since(leapt_at));
            retention.frozen_until = retention.frozen_until.max(now.mono + left);
        }
        retention
    }

    /// The wall clock leapt forward this far.
    pub(super) fn leapt(&mut self, now: Mono, forward: Duration) {
        if forward > LEAP {
            self.frozen_until = now + PROBATION;
        }
    }

    /// What another judged of the same clock, who knew more of the past, holds as well.
    pub(super) fn doubt(&mut self, other: &Self) {
        self.frozen_until = self.frozen_until.max(other.frozen_until);
    }

    /// What is to be dropped now, if anything.
    pub(super) fn take_due(&mut self, now: Now, settings: &Settings) -> Option<Due> {
        let reckoned = self.believed.wall + now.mono.since(self.believed.mono);
        if now.wall.since(reckoned) > LEAP {
            self.frozen_until = now.mono + PROBATION;
            self.believed = now;
        }
        if now.wall < reckoned {
            self.believed = now;
        }
        let is_frozen = now.mono < self.frozen_until;
        let checks = take_turn(&mut self.checks_at, now.mono, CHECKS_EVERY) && !is_frozen;
        let outages = take_turn(&mut self.outages_at, now.mono, OUTAGES_EVERY) && !is_frozen;
        (checks || outages).then(|| Due {
            checks: checks.then(|| now.wall - settings.keep_checks),
            exact: settings.keep_exact.filter(|_| checks).map(|exact| now.wall - exact),
            outages: outages.then(|| now.wall - settings.keep_outages),
            summaries: checks.then(|| now.wall - settings.keep_summaries),
            removed: checks.then(|| now.wall - KEPT_AFTER_REMOVAL),
        })
    }

    /// When something is to be dropped next.
    pub(super) fn next(&self) -> Mono {
        self.checks_at.min(self.outages_at)
    }
}

/// Whether the log tells of a wall clock that leapt forward, or may have.
fn is_leap(what: &Happening) -> bool {
    match what {
        Happening::ClockStepped { milliseconds } => i128::from(*milliseconds) > LEAP.as_millis().cast_signed(),
        Happening::Started { away, .. } => away.is_some_and(|away| away > LEAP_OVER_RESTART),
        _ => false,
    }
}

fn take_turn(at: &mut Mono, now: Mono, every: Duration) -> bool {
    if now < *at {
        return false;
    }
    *at = now + every;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    /// The hours of a run in which checks were dropped; the clock leaps by `leap` at hour `at`.
    fn pruned_hours(hours: u64, at: u64, leap: i64) -> Vec<u64> {
        let wall = |hour: u64| i64::try_from(hour * HOUR).expect("small") + if hour >= at { leap } else { 0 };
        let mut retention = Retention::new(Now { mono: Mono(0), wall: Wall(0) }, None, &[]);
        let mut pruned = Vec::new();
        for hour in 1..hours {
            let now = Now { mono: Mono(hour * HOUR), wall: Wall(wall(hour)) };
            if hour == at {
                retention.leapt(now.mono, Duration::from_millis(leap.max(0).unsigned_abs()));
            }
            if retention.take_due(now, &Settings::default()).is_some_and(|due| due.checks.is_some()) {
                pruned.push(hour);
            }
        }
        pruned
    }

    #[test]
    fn checks_are_pruned_every_hour_and_not_for_a_day_after_a_leap() {
        let all: Vec<u64> = (1..40).collect();
        assert_eq!(pruned_hours(40, 99, 0), all);
        assert_eq!(pruned_hours(40, 5, -40 * 24 * 3_600_000), all, "a clock put back");
        let frozen: Vec<u64> = (1..5).chain(29..40).collect();
        assert_eq!(pruned_hours(40, 5, 40 * 24 * 3_600_000), frozen);
    }

    #[test]
    fn a_clock_that_gains_by_small_leaps_is_not_believed_either() {
        let mut retention = Retention::new(Now::default(), None, &[]);
        let mut pruned = Vec::new();
        for hour in 1..40_u64 {
            // Half an hour too much every hour, for ten hours.
            let gained = hour.min(10) * HOUR / 2;
            let wall = Wall(i64::try_from(hour * HOUR + gained).expect("small"));
            let now = Now { mono: Mono(hour * HOUR), wall };
            if retention.take_due(now, &Settings::default()).is_some_and(|due| due.checks.is_some()) {
                pruned.push(hour);
            }
        }
        assert_eq!(pruned, [1, 2, 33, 34, 35, 36, 37, 38, 39]);
    }

    #[test]
    fn outages_are_pruned_every_twelve_hours() {
        let mut retention = Retention::new(Now::default(), None, &[]);
        let due = |hour: u64, retention: &mut Retention| {
            let now = Now { mono: Mono(hour * HOUR), wall: Wall(0) };
            retention.take_due(now, &Settings::default()).is_some_and(|due| due.outages.is_some())
        };
        let hours: Vec<u64> = (1..40).filter(|&hour| due(hour, &mut retention)).collect();
        assert_eq!(hours, [1, 13, 25, 37]);
    }

    #[test]
    fn a_long_time_away_is_not_believed_at_once() {
        let now = Now { mono: Mono(0), wall: Wall(40 * 24 * 3_600_000) };
        let later = Now { mono: Mono(2 * HOUR), ..now };
        for (away_days, prunes) in [(1, true), (8, false)] {
            let alive = now.wall - Duration::from_hours(24 * away_days);
            let mut retention = Retention::new(now, Some(alive), &[]);
            assert_eq!(retention.take_due(later, &Settings::default()).is_some(), prunes, "{away_days} days");
        }
    }
}
