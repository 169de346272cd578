//! The two clocks: monotonic time that decides, wall time that people read and history keeps.

use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};
use std::time::Duration;

/// Monotonic time in whole milliseconds since the program started.
///
/// It is read from `CLOCK_BOOTTIME`, which goes on while the machine is suspended, so that a
/// suspend looks like any other stall: the next moment comes late. Whole milliseconds, because a
/// wake-up time with a finer part is never reached by a clock that has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mono(pub u64);

/// Wall time in milliseconds since 1970-01-01 UTC. It may step in either direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Wall(pub i64);

/// One moment on both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Decides what is due and what has timed out.
    pub mono: Mono,
    /// Recorded and shown.
    pub wall: Wall,
}

/// A stretch of wall time, `from` included, `to` excluded. Empty when `to <= from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First moment inside.
    pub from: Wall,
    /// First moment after.
    pub to: Wall,
}

/// Whole milliseconds of a duration, rounded down, saturating.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Mono {
    /// Time passed since `earlier`, zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Mono {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }
}

impl Wall {
    /// Time passed since `earlier`, zero if `earlier` is later: a stepped clock never makes a
    /// duration negative (K07).
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Add<Duration> for Wall {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(millis(duration)).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Wall {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(millis(duration)).unwrap_or(i64::MAX)))
    }
}

impl Span {
    /// The span of the given length that ends at `to`.
    pub fn before(to: Wall, length: Duration) -> Self {
        Self { from: to - length, to }
    }

    /// Its length, zero when empty.
    pub fn length(self) -> Duration {
        self.to.since(self.from)
    }

    /// Whether the moment lies inside.
    pub fn contains(self, at: Wall) -> bool {
        self.from <= at && at < self.to
    }

    /// The part that both spans cover, or `None`.
    pub fn overlap(self, other: Self) -> Option<Self> {
        let both = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from < both.to).then_some(both)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_back_never_makes_a_duration_negative() {
        assert_eq!(Wall(5).since(Wall(9)), Duration::ZERO);
        assert_eq!(Wall(i64::MAX) + Duration::from_secs(1), Wall(i64::MAX));
        assert_eq!(Span { from: Wall(9), to: Wall(5) }.length(), Duration::ZERO);
    }

    #[test]
    fn spans_that_only_touch_do_not_overlap() {
        let early = Span { from: Wall(0), to: Wall(10) };
        assert_eq!(early.overlap(Span { from: Wall(10), to: Wall(20) }), None);
        assert_eq!(early.overlap(Span { from: Wall(4), to: Wall(20) }), Some(Span { from: Wall(4), to: Wall(10) }));
    }
}
