//! A moment on a clock that neither steps nor starts anew, with the wall time that people read.

use crate::domain::{Now, Wall};
use std::cmp::Ordering;
use std::time::Duration;

/// Decisions compare `steady`, records and screens take `wall`.
///
/// `steady` is monotonic time in milliseconds since the program started, and negative for moments
/// of the runs before, which are dated back by the wall clock as it stood at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    steady: i64,
    pub(super) wall: Wall,
}

impl Moment {
    pub(super) fn at(now: Now) -> Self {
        Self { steady: i64::try_from(now.mono.0).unwrap_or(i64::MAX), wall: now.wall }
    }

    /// A moment of an earlier run, known by its wall time only. It is never later than `now`.
    pub(super) fn remembered(wall: Wall, now: Now) -> Self {
        let age = i64::try_from(now.wall.since(wall).as_millis()).unwrap_or(i64::MAX);
        Self { steady: Self::at(now).steady.saturating_sub(age), wall }
    }

    /// Time passed since `earlier`, zero if `earlier` is later.
    pub(super) fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.steady.saturating_sub(earlier.steady)).unwrap_or(0))
    }

    /// This much earlier on both clocks.
    pub(super) fn before(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self { steady: self.steady.saturating_sub(millis), wall: self.wall - duration }
    }

    /// This much later on both clocks.
    pub(super) fn after(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self { steady: self.steady.saturating_add(millis), wall: self.wall + duration }
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        self.steady.cmp(&other.steady).then(self.wall.cmp(&other.wall))
    }
}
