//! Durations around a slowly moving middle, and what the next one is expected to be.

use super::super::varint::{unzigzag, zigzag};
use super::scale::{FRACTION, Scale, inertia};

/// The newest of many durations moves the middle by one part in two to this power of its distance.
const INERTIA_MAX: u32 = 4;
/// No duration counts as further away than so many times the usual distance.
const DISTANCE_MAX: u64 = 4;
/// Of the first duration, how much the next is expected to differ: one part in two to this power.
const FIRST_GUESS: u32 = 4;
/// Durations above this are all the same to the middle: nine years of microseconds.
const MIDDLE_MAX: u64 = 1 << 48;

/// The middle of the durations so far, in microseconds, robust against spikes; and their usual
/// distance from it.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::store) struct Trend {
    /// In sixteenths.
    middle: i64,
    scale: Scale,
    seen: u32,
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
            self.middle = (micros.min(MIDDLE_MAX) << FRACTION).cast_signed();
            self.scale.guess(micros >> FIRST_GUESS);
        } else {
            let most = (self.scale.average() * DISTANCE_MAX).max(DISTANCE_MAX << FRACTION).cast_signed();
            let distance = difference.saturating_mul(1 << FRACTION).clamp(-most, most);
            // Only hostile numbers lead so far away that it wraps.
            self.middle = self.middle.wrapping_add(distance >> inertia(self.seen, INERTIA_MAX));
            self.scale.learn(number);
        }
        self.seen = (self.seen + 1).min(1 << INERTIA_MAX);
    }
}
