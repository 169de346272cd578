//! How much of a window was up and how much was down: as a whole, and in cells.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A window of time in cells of equal length, with the uptime of the whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Strip {
    /// Oldest first.
    pub cells: Vec<Cell>,
    /// Over all cells.
    pub uptime: Uptime,
}

/// What happened in one cell of a strip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Observed and not in a confirmed outage.
    pub up: Duration,
    /// In a confirmed outage and observed.
    pub down: Duration,
    /// In maintenance: in neither, whatever was seen.
    #[serde(default)]
    pub maintenance: Duration,
}

/// Observed up time over observed time, weighted by time and not by rows.
///
/// Paused time, maintenance and gaps are in neither; `expected` leaves out the first two only, so that
/// `(up + down) / expected` is the coverage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// Observed and up.
    pub up: Duration,
    /// Observed and in a confirmed outage.
    pub down: Duration,
    /// The window without pauses, maintenance and the time before the target existed.
    pub expected: Duration,
    /// Failures that made no outage.
    pub blips: u32,
}

impl Uptime {
    /// Of both windows together, which do not overlap.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            up: self.up + other.up,
            down: self.down + other.down,
            expected: self.expected + other.expected,
            blips: self.blips.saturating_add(other.blips),
        }
    }

    /// The share of observed time that was up, from 0 to 1, or `None` without observation.
    pub fn share(&self) -> Option<f64> {
        let observed = self.up + self.down;
        (!observed.is_zero()).then(|| self.up.as_secs_f64() / observed.as_secs_f64())
    }

    /// The share of expected time that was observed, from 0 to 1, or `None` if none was expected.
    pub fn coverage(&self) -> Option<f64> {
        let observed = (self.up + self.down).as_secs_f64();
        (!self.expected.is_zero()).then(|| (observed / self.expected.as_secs_f64()).min(1.0))
    }
}
