//! A look back: the whole screen as it was at a moment, while the present goes on underneath.

use super::Window;
use super::targets::{Direction, Tally};
use crate::domain::{Wall, Zone};
use crate::engine::query::AsOf;
use crate::monitor::Snapshot;
use std::sync::Arc;
use std::time::Duration;

/// Which moment the screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The present, which moves on.
    Now,
    /// One that is over.
    At(Wall),
}

/// A look back.
#[derive(Clone, Debug)]
pub struct Travel {
    /// The moment and how things stood.
    pub shown: AsOf,
    /// The newest picture, shown when one comes back.
    pub newest: Arc<Snapshot>,
    /// How many targets stand how now.
    pub tally: Tally,
}

impl Travel {
    /// The present goes on. Returns whether more or fewer targets stand otherwise.
    pub fn follow(&mut self, newest: Arc<Snapshot>) -> bool {
        let mut tally = Tally::default();
        newest.targets.iter().for_each(|view| tally.add(view));
        self.newest = newest;
        std::mem::replace(&mut self.tally, tally) != tally
    }
}

impl Window {
    /// How far one step through time leads: a minute where an hour is shown, ten where it is a day, an hour
    /// where it is a week, six where it is a month.
    pub const fn step(self) -> Duration {
        match self {
            Self::Hour => Duration::from_mins(1),
            Self::Day => Duration::from_mins(10),
            Self::Week => Duration::from_hours(1),
            Self::Month => Duration::from_hours(6),
        }
    }

    /// The next moment that is a whole number of steps on the clock of the zone, strictly before or after.
    pub fn stepped(self, from: Wall, direction: Direction, zone: Zone) -> Wall {
        let step = i64::try_from(self.step().as_millis()).unwrap_or(i64::MAX);
        let ahead = zone.ahead(from);
        let shown = from.0.saturating_add(ahead);
        let whole = match direction {
            Direction::Forward => shown.div_euclid(step).saturating_add(1),
            Direction::Reverse => shown.saturating_sub(1).div_euclid(step),
        };
        Wall(whole.saturating_mul(step).saturating_sub(ahead))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;

    #[test]
    fn steps_lead_to_whole_minutes_and_tens_of_them_on_the_clock_that_is_shown() {
        let kathmandu = Zone::Fixed(FixedOffset::east_opt((5 * 60 + 45) * 60).expect("an offset"));
        // Friday, 20 November 2026, 13:32:07 UTC, 19:17:07 in Kathmandu.
        let noon = Wall(1_795_181_527_000);
        for (window, direction, zone, steps, expected) in [
            (Window::Hour, Direction::Reverse, Zone::Utc, 1, "13:32:00"),
            (Window::Hour, Direction::Reverse, Zone::Utc, 2, "13:31:00"),
            (Window::Day, Direction::Reverse, Zone::Utc, 1, "13:30:00"),
            (Window::Day, Direction::Reverse, Zone::Utc, 3, "13:10:00"),
            (Window::Day, Direction::Forward, Zone::Utc, 1, "13:40:00"),
            (Window::Day, Direction::Forward, Zone::Utc, 2, "13:50:00"),
            (Window::Day, Direction::Reverse, kathmandu, 1, "19:10:00"),
        ] {
            let at = (0..steps).fold(noon, |at, _| window.stepped(at, direction, zone));
            assert_eq!(zone.clock(at), expected, "{window:?} {direction:?} {steps}");
        }
        let end = Window::Day.stepped(Wall(i64::MIN), Direction::Reverse, Zone::Utc);
        assert!(end <= Wall(i64::MIN + 600_000), "no panic at the end of time");
    }
}
