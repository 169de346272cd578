//! Days of UTC, by which summaries are kept.

use crate::domain::{Span, Wall};
use serde::{Deserialize, Serialize};

const MILLIS: i64 = 86_400_000;
/// Hours of a day.
pub(super) const HOURS: usize = 24;

/// A day of UTC, counted from 1970-01-01. Moments that no `i32` of days reaches belong to the first
/// or to the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Day(pub i32);

impl Day {
    /// The day that a moment lies in.
    pub fn of(at: Wall) -> Self {
        let day = at.0.div_euclid(MILLIS);
        Self(i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX }))
    }

    /// So many days later, or earlier.
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Its first moment.
    pub const fn start(self) -> Wall {
        Wall(self.0 as i64 * MILLIS)
    }

    pub const fn span(self) -> Span {
        Span { from: self.start(), to: Wall((self.0 as i64 + 1) * MILLIS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_lies_in_its_day() {
        for at in [0, -1, 1, MILLIS - 1, MILLIS, -MILLIS, 1_750_000_000_000] {
            assert!(Day::of(Wall(at)).span().contains(Wall(at)), "{at}");
        }
        assert_eq!((Day::of(Wall(i64::MIN)), Day::of(Wall(i64::MAX))), (Day(i32::MIN), Day(i32::MAX)));
        assert_eq!(Day(i32::MAX).plus(1), Day(i32::MAX));
    }
}
