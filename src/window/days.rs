//! Uptime by the hour: what outlives the checks, and the uptimes and strips over a long window that come from it.

use super::hours::{HOUR, hour_of};
use super::{Cell, Ledger, Strip, Uptime};
use crate::domain::{Span, Wall};

/// The uptime of one hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UptimeHour {
    /// When it began, a whole hour of UTC.
    pub from: Wall,
    /// Of this hour alone.
    pub uptime: Uptime,
}

impl UptimeHour {
    /// Whether most of it lies in a window.
    fn is_in(&self, window: Span) -> bool {
        window.contains(self.from + HOUR / 2)
    }
}

impl Ledger {
    /// The uptime of each hour that the window touches, oldest first. Nothing outside of the window
    /// counts, so that an hour at its end may be a part of one.
    pub fn hours(&self, window: Span) -> Vec<UptimeHour> {
        let mut hours = Vec::new();
        let mut from = hour_of(window.from);
        while from < window.to {
            if let Some(part) = (Span { from, to: from + HOUR }).overlap(window) {
                hours.push(UptimeHour { from, uptime: self.uptime(part) });
            }
            from = from + HOUR;
        }
        hours
    }
}

/// The uptime of all hours that lie in a window with their middle.
pub fn uptime_of_hours(hours: &[UptimeHour], window: Span) -> Uptime {
    hours.iter().filter(|hour| hour.is_in(window)).fold(Uptime::default(), |sum, hour| sum.and(hour.uptime))
}

/// A window in cells of equal length, from hours. An hour that reaches into several cells is spread
/// evenly over them, as nobody knows any more what happened when.
pub fn strip_of_hours(hours: &[UptimeHour], window: Span, cells: usize) -> Strip {
    let mut strip = Strip { cells: vec![Cell::default(); cells], uptime: uptime_of_hours(hours, window) };
    let count = u32::try_from(cells).unwrap_or(u32::MAX);
    let border = |place: u32| window.from + window.length() * place / count.max(1);
    for (place, cell) in (0..count).zip(&mut strip.cells) {
        let column = Span { from: border(place), to: border(place + 1) };
        for hour in hours {
            let Some(part) = (Span { from: hour.from, to: hour.from + HOUR }).overlap(column) else { continue };
            let share = part.length().as_secs_f64() / HOUR.as_secs_f64();
            cell.up += hour.uptime.up.mul_f64(share);
            cell.down += hour.uptime.down.mul_f64(share);
        }
    }
    strip
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::{Apart, spans};
    use proptest::prelude::*;
    use std::time::Duration;

    const HOURS: i64 = 50;

    fn at(minute: i64) -> Wall {
        Wall(minute * 60_000)
    }

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        proptest::collection::vec((0..HOURS * 60, 1..500_i64), 0..20).prop_map(|all| {
            let mut set = Vec::new();
            for (from, length) in all {
                spans::insert(&mut set, Span { from: at(from), to: at(from + length) });
            }
            set
        })
    }

    fn ledgers() -> impl Strategy<Value = Ledger> {
        let failures = proptest::collection::btree_set(0..HOURS * 60, 0..40);
        (spans(), spans(), spans(), failures, 0..HOURS * 60).prop_map(|(observed, outages, paused, failures, since)| {
            let failures = failures.into_iter().map(at).collect();
            Ledger { observed, outages, apart: Apart::paused(&paused), failures, since: at(since) }
        })
    }

    proptest! {
        #[test]
        fn hours_say_of_whole_hours_what_the_ledger_says(ledger in ledgers(), from in 0..HOURS, length in 1..HOURS) {
            let window = Span { from: at(from * 60), to: at((from + length).min(HOURS) * 60) };
            let hours = ledger.hours(Span { from: at(0), to: at(HOURS * 60) });
            prop_assert_eq!(uptime_of_hours(&hours, window), ledger.uptime(window));
            let cells = usize::try_from((window.to.0 - window.from.0) / 3_600_000).expect("small");
            prop_assert_eq!(strip_of_hours(&hours, window, cells), ledger.strip(window, cells, window.to));
        }
    }

    #[test]
    fn an_hour_is_spread_over_the_cells_that_it_reaches_into() {
        let minutes = Duration::from_mins;
        let uptime = Uptime { up: minutes(30), down: minutes(20), expected: minutes(60), blips: 0 };
        let hours = [UptimeHour { from: at(60), uptime }];
        let strip = strip_of_hours(&hours, Span { from: at(30), to: at(150) }, 3);
        let cell = |up, down| Cell { up: minutes(up), down: minutes(down), ..Cell::default() };
        assert_eq!(strip.cells, [cell(5, 0), cell(20, 0), cell(5, 0)].map(|c| Cell { down: c.up * 2 / 3, ..c }));
        assert_eq!(strip.uptime, uptime);
    }

    #[test]
    fn a_part_of_an_hour_counts_as_far_as_it_goes() {
        let ledger = Ledger { observed: vec![Span { from: at(0), to: at(600) }], ..Ledger::new(at(0)) };
        let hours = ledger.hours(Span { from: at(60), to: at(130) });
        let expected: Vec<u64> = hours.iter().map(|hour| hour.uptime.expected.as_secs() / 60).collect();
        assert_eq!(expected, [60, 10]);
    }
}
