//! How late the prober's own thread runs: a check that ran while it stood still proves nothing.

use rustix::time::{ClockId, clock_gettime};
use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::Duration;
use tokio::time::Instant;

/// How often the thread shows that it runs while it has work: ten times in the time that decides
/// whether a check is believed, within bounds.
const BEAT: RangeInclusive<Duration> = Duration::from_millis(50)..=Duration::from_millis(500);
const BEATS_A_TIMEOUT: u32 = 20;
/// Delays below this are ordinary scheduling.
const NOTABLE: Duration = Duration::from_millis(50);
/// How many delays are remembered; a check outlives far fewer.
const REMEMBERED_MAX: usize = 256;

/// A moment on a clock that goes on while the machine is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(Duration);

impl Moment {
    pub fn now() -> Self {
        #[cfg(target_os = "linux")]
        let clock = ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let clock = ClockId::Monotonic;
        let time = clock_gettime(clock);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        Self(Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0)))
    }

    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// Measures the delays of the thread that looks at it: while there is work a beat is due every now
/// and then, and what it comes too late is the delay. The shortest timeout since there was nothing to
/// do sets the pace.
#[derive(Debug)]
pub(super) struct Pulse {
    beat: Duration,
    /// When the next beat is due; none while there is nothing to do.
    due: Option<Moment>,
    /// When a delay was noticed, and how long it was; newest first.
    delays: VecDeque<(Moment, Duration)>,
    longest: Duration,
}

impl Default for Pulse {
    fn default() -> Self {
        Self { beat: *BEAT.end(), due: None, delays: VecDeque::new(), longest: Duration::ZERO }
    }
}

impl Pulse {
    /// Beats often enough for work that may take so long.
    pub fn keep_pace(&mut self, now: Moment, timeout: Duration) {
        self.beat = self.beat.min((timeout / BEATS_A_TIMEOUT).max(*BEAT.start()));
        let latest = Moment(now.0 + self.beat);
        self.due = Some(self.due.map_or(latest, |due| due.min(latest)));
    }

    /// Notes a delay if there was one. To be called at every turn of the loop.
    pub fn look(&mut self, now: Moment, is_working: bool) {
        if let Some(delay) = self.due.filter(|due| *due <= now).map(|due| now.since(due)) {
            self.longest = self.longest.max(delay);
            if delay >= NOTABLE {
                self.delays.truncate(REMEMBERED_MAX - 1);
                self.delays.push_front((now, delay));
            }
            self.due = None;
        }
        if is_working {
            self.due.get_or_insert(Moment(now.0 + self.beat));
        } else {
            (self.due, self.beat) = (None, *BEAT.end());
        }
    }

    /// When the next beat is due.
    pub fn beat(&self, now: Moment) -> Option<Instant> {
        self.due.map(|due| Instant::now() + due.since(now))
    }

    /// The longest delay of the thread since a moment.
    pub fn delay_since(&self, moment: Moment) -> Duration {
        let during = self.delays.iter().take_while(|(noticed, _)| *noticed > moment);
        during.map(|(_, delay)| *delay).max().unwrap_or_default()
    }

    /// The longest delay since the last time this was asked.
    pub fn take_longest(&mut self) -> Duration {
        std::mem::take(&mut self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Moment {
        Moment(Duration::from_millis(millis))
    }

    /// When the next beat is due, in milliseconds.
    fn due(pulse: &Pulse) -> Option<u128> {
        pulse.due.map(|due| due.0.as_millis())
    }

    #[test]
    fn the_shortest_timeout_sets_the_pace_until_there_is_nothing_to_do() {
        let mut pulse = Pulse::default();
        pulse.look(at(0), false);
        assert_eq!(due(&pulse), None);
        pulse.keep_pace(at(0), Duration::from_secs(4));
        assert_eq!(due(&pulse), Some(200));
        pulse.keep_pace(at(40), Duration::from_millis(10));
        assert_eq!(due(&pulse), Some(90), "as often as that is of use");
        pulse.keep_pace(at(50), Duration::from_mins(1));
        assert_eq!(due(&pulse), Some(90));
        pulse.look(at(90), true);
        assert_eq!(due(&pulse), Some(140));
        pulse.look(at(100), false);
        pulse.keep_pace(at(1_000), Duration::from_mins(1));
        assert_eq!(due(&pulse), Some(1_500));
    }

    #[test]
    fn a_delay_counts_for_what_ran_through_it_and_for_nothing_else() {
        let mut pulse = Pulse::default();
        pulse.keep_pace(at(0), Duration::from_secs(1));
        pulse.look(at(0), true);
        pulse.look(at(51), true);
        pulse.look(at(101), true);
        assert_eq!(pulse.delay_since(at(0)), Duration::ZERO, "one millisecond is nothing");
        pulse.look(at(4_151), true);
        assert_eq!(pulse.delay_since(at(100)), Duration::from_secs(4));
        assert_eq!(pulse.delay_since(at(4_151)), Duration::ZERO, "started after it");
        assert_eq!(pulse.take_longest(), Duration::from_secs(4));
        assert_eq!(pulse.take_longest(), Duration::ZERO);
    }

    #[test]
    fn idleness_is_no_delay() {
        let mut pulse = Pulse::default();
        pulse.look(at(0), true);
        pulse.look(at(10), false);
        pulse.look(at(60_000), true);
        assert_eq!(pulse.delay_since(at(0)), Duration::ZERO);
    }
}
