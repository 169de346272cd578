//! How late the prober's own thread runs: a check that ran while it stood still proves nothing.

use rustix::time::{ClockId, clock_gettime};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// How often the thread shows that it runs while it has work.
const BEAT: Duration = Duration::from_millis(50);
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

/// Measures the delays of the thread that looks at it: while there is work a beat is due every
/// 50 ms, and what it comes too late is the delay.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// When the next beat is due; none while there is nothing to do.
    due: Option<Moment>,
    /// When a delay was noticed, and how long it was; newest first.
    delays: VecDeque<(Moment, Duration)>,
    longest: Duration,
}

impl Pulse {
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
        self.due = is_working.then(|| self.due.unwrap_or(Moment(now.0 + BEAT)));
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

    #[test]
    fn a_delay_counts_for_what_ran_through_it_and_for_nothing_else() {
        let mut pulse = Pulse::default();
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
