//! Durations around a slowly moving middle, and what the next one is expected to be.

use super::super::varint::{unzigzag, zigzag};
use super::scale::{FRACTION, Scale, inertia};
use serde::{Deserialize, Serialize};

/// The newest of many durations moves the middle by one part in two to this power of its distance.
const INERTIA_MAX: u32 = 4;
/// No duration counts as further away than so many times the usual distance.
const DISTANCE_MAX: u64 = 3;
/// So many in a row that far on the same side are no spikes: the middle itself has moved.
const FAR_ROW_MAX: i32 = 4;
/// Of the first duration, how much the next is expected to differ: one part in two to this power.
const FIRST_GUESS: u32 = 4;
/// Durations above this are all the same to the middle: nine years of microseconds.
const MIDDLE_MAX: u64 = 1 << 48;

/// The middle of the durations so far, in microseconds, robust against spikes; and their usual
/// distance from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct Trend {
    /// In sixteenths.
    middle: i64,
    scale: Scale,
    seen: u32,
    /// How many in a row were far above the middle, or, below zero, far below it.
    far_row: i32,
}

impl Trend {
    /// The parameter for the next difference.
    pub const fn parameter(&self) -> u32 {
        self.scale.parameter()
    }

    const fn expected(&self) -> u64 {
        (self.middle >> FRACTION).cast_unsigned()
    }

    /// What is to be told of a duration.
    pub fn told(&mut self, micros: u64) -> u64 {
        let difference = micros.wrapping_sub(self.expected()).cast_signed();
        let number = zigzag(difference);
        self.learn(micros, difference, number);
        number
    }

    /// The duration of which that was told.
    pub fn heard(&mut self, number: u64) -> u64 {
        let difference = unzigzag(number);
        let micros = self.expected().wrapping_add_signed(difference);
        self.learn(micros, difference, number);
        micros
    }

    fn learn(&mut self, micros: u64, difference: i64, number: u64) {
        if self.seen == 0 {
            self.settle(micros);
            self.scale.guess(micros >> FIRST_GUESS);
        } else {
            let most = (self.scale.average() * DISTANCE_MAX).max(DISTANCE_MAX << FRACTION).cast_signed();
            let distance = difference.saturating_mul(1 << FRACTION).clamp(-most, most);
            // Only hostile numbers lead so far away that it wraps.
            self.middle = self.middle.wrapping_add(distance >> inertia(self.seen, INERTIA_MAX));
            self.scale.learn(number);
            let side = i32::from(distance == most) - i32::from(distance == -most);
            self.far_row = if side * self.far_row > 0 { self.far_row + side } else { side };
            if self.far_row.abs() == FAR_ROW_MAX {
                self.settle(micros);
            }
        }
        self.seen = (self.seen + 1).min(1 << INERTIA_MAX);
    }

    fn settle(&mut self, micros: u64) {
        self.middle = (micros.min(MIDDLE_MAX) << FRACTION).cast_signed();
        self.far_row = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Around 20 ms, up to 1 ms to either side.
    fn usual(turn: u64) -> u64 {
        19_000 + turn * 7_919 % 2_000
    }

    fn after_usual(turns: u64) -> Trend {
        let mut trend = Trend::default();
        for turn in 0..turns {
            trend.told(usual(turn));
        }
        trend
    }

    #[test]
    fn the_middle_and_the_usual_distance_are_found() {
        let trend = after_usual(100);
        assert!(trend.expected().abs_diff(20_000) < 300, "{trend:?}");
        assert!((9..=10).contains(&trend.parameter()), "{trend:?}");
    }

    #[test]
    fn one_spike_changes_next_to_nothing() {
        let mut trend = after_usual(100);
        let before = trend;
        trend.told(10_000_000);
        assert!(trend.expected().abs_diff(before.expected()) < 200, "{trend:?}");
        assert_eq!(trend.parameter(), before.parameter());
    }

    #[test]
    fn a_new_way_through_the_network_is_soon_known() {
        let mut trend = after_usual(100);
        for turn in 0..10 {
            trend.told(usual(turn) + 30_000);
        }
        assert!(trend.expected().abs_diff(50_000) < 1_000, "{trend:?}");
    }

    #[test]
    fn the_farthest_durations_come_back() {
        let (mut teller, mut listener) = (Trend::default(), Trend::default());
        for micros in [u64::MAX, 0, 1, u64::MAX, 1 << 63, (1 << 63) - 1, 7].into_iter().cycle().take(10_000) {
            assert_eq!(listener.heard(teller.told(micros)), micros);
        }
    }
}
