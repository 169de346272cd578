//! How large the numbers of a column are, learned from those before.

use super::bits::PARAMETER_MAX;
use serde::{Deserialize, Serialize};

/// Averages are kept in sixteenths.
pub(super) const FRACTION: u32 = 4;
/// The newest of many numbers counts for one part in two to this power.
const INERTIA_MAX: u32 = 5;
/// A number counts for at most so many times the average: a spike is no new state of things.
const WEIGHT_MAX: u64 = 3;
/// Numbers above this are all the same to an average.
const MAGNITUDE_MAX: u64 = 1 << 48;

/// A running average of half of the numbers, which for folded differences is that of their size.
///
/// The first numbers move it more than those that follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct Scale {
    average: u64,
    seen: u32,
}

/// How much the newest number counts after so many: one part in two to this power.
pub(super) const fn inertia(seen: u32, most: u32) -> u32 {
    let bits = u32::BITS - seen.leading_zeros();
    if bits < most { bits } else { most }
}

impl Scale {
    /// How many low bits of the next number are worth telling as they are. For the bell curve, Rice
    /// codes with this lie 0.08 to 0.19 bits above the entropy.
    pub const fn parameter(&self) -> u32 {
        let bits = u64::BITS - (self.average >> FRACTION).leading_zeros();
        if bits < PARAMETER_MAX { bits } else { PARAMETER_MAX }
    }

    /// The average size, in sixteenths.
    pub(super) const fn average(&self) -> u64 {
        self.average
    }

    /// Begins with a guess.
    pub(super) fn guess(&mut self, size: u64) {
        self.average = size.min(MAGNITUDE_MAX) << FRACTION;
    }

    pub fn learn(&mut self, number: u64) {
        let most = self.average.saturating_mul(WEIGHT_MAX).max(WEIGHT_MAX << FRACTION);
        let size = (number.min(MAGNITUDE_MAX) << (FRACTION - 1)).min(most);
        let inertia = inertia(self.seen, INERTIA_MAX);
        // Numbers below 2^53: no difference of two is too large.
        let change = (size.cast_signed() - self.average.cast_signed()) >> inertia;
        self.average = self.average.saturating_add_signed(change);
        self.seen = (self.seen + 1).min(1 << INERTIA_MAX);
    }
}
