//! A wall clock that leaps anywhere under a running monitor: nothing is dropped, nothing lasts less than no time, and what is due stays due.

use crate::table::one_target;
use portpulse::domain::{Closing, GapCause, Happening, Wall};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: i64 = 86_400_000;

/// Where a wall clock may come to stand: a day back or ahead, 1970, 2038, 2106, 9999, and where nobody has a name for.
fn places(now: Wall) -> Vec<Wall> {
    let day = [-1, 1, 40, -4_000].map(|days| Wall(now.0 + days * DAY));
    let years = [0, 2_147_483_648_000, 4_294_967_296_000, 253_402_300_799_000, -DAY, i64::MAX / 4, i64::MIN / 4];
    day.into_iter().chain(years.map(Wall)).collect()
}

#[test]
fn wherever_a_clock_leaps_during_an_outage_nothing_is_dropped_and_no_time_is_negative() {
    for place in places(one_target("").wall()) {
        let mut world = one_target(".xxxxxxx......xxx......");
        world.run_until(2 * MINUTE + 5_000);
        assert_eq!(world.kept.outages.len(), 1, "{place:?}");
        let facts = world.log.facts.len();
        let leap = place.0.saturating_sub(world.wall().0);
        let back = world.wall().0.saturating_sub(place.0);
        world.step(leap);
        world.run_until(world.time + HOUR);
        let passed = world.log.facts.len() - facts;
        assert!((55..90).contains(&passed), "{place:?}: {passed} checks in an hour");
        world.step(back);
        world.run_until(world.time + HOUR);
        let latest = place + std::time::Duration::from_hours(2);
        assert!(world.snapshot().targets[0].since <= world.wall().max(latest), "{place:?}");
        for outage in world.kept.outages.values() {
            let closing = outage.closing.expect("an end");
            assert!(outage.detected_at >= outage.started_at && closing.ended_at() >= outage.started_at, "{outage:?}");
            assert!(outage.last_failure_at >= outage.started_at, "{outage:?}");
            let is_seen = matches!(closing, Closing::Recovered { .. });
            assert!(is_seen, "{place:?}: monotonic time tells that somebody looked: {outage:?}");
        }
        let steps = world.kept.events.iter().filter(|event| matches!(event.what, Happening::ClockStepped { .. }));
        assert_eq!(steps.count(), 2, "{place:?}");
        let dropped: Vec<Wall> = world.kept.prunes.iter().filter_map(|(checks, _)| *checks).collect();
        assert!(dropped.iter().all(|before| *before < world.kept.catalog.values().next().expect("one").added_at));
        let leapt_ahead = leap.max(back) > DAY / 24;
        let after = world.kept.prunes.len();
        world.run_until(world.time + 20 * HOUR);
        assert_eq!(world.kept.prunes.len() == after, leapt_ahead, "{place:?}: no leap is believed for a day");
    }
}

/// Nobody knows how far ahead the clock was, and so not when the program ended; that nothing is known of the time
/// before now is true in any case.
#[test]
fn a_crash_under_a_clock_that_was_ahead_leaves_a_gap_behind_what_does_not_lie_in_the_future() {
    for ahead in [2, 30] {
        let mut world = one_target("");
        world.run_until(10 * MINUTE);
        let newest = world.log.facts.last().expect("a check").wall;
        world.step(HOUR.cast_signed());
        world.run_until(world.time + ahead * MINUTE);
        world.kill();
        world.step(-HOUR.cast_signed());
        world.run_until(world.time + 20 * MINUTE);
        let now = world.wall();
        world.start();
        let gaps: Vec<_> = world.kept.gaps.iter().map(|gap| (gap.cause, gap.to)).collect();
        assert_eq!(gaps, [(GapCause::NotRunning, now)], "{ahead}");
        let gap = world.kept.gaps[0];
        assert!(gap.from > newest && gap.from.since(newest) <= std::time::Duration::from_mins(1), "{gap:?} {newest:?}");
        let told = world.kept.events.iter().rev().find_map(|event| match event.what {
            Happening::Started { away, .. } => away,
            _ => None,
        });
        assert_eq!(told, Some(now.since(gap.from)), "{ahead}");
    }
}
