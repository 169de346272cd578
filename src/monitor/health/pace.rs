//! Whether an open port has become slow.

use std::time::Duration;

/// How many open rounds the judgement looks at.
pub(in crate::monitor) const ROUNDS: u8 = 5;
/// How many of them must be slow to call the port slow.
const SLOW_ENTER: u32 = 3;

/// Of the last five open rounds, three over the limit make a port slow; it stays slow until five
/// in a row are under it. So a single outlier says nothing, and the judgement does not flicker.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// One bit for each of the newest rounds, set for a slow one, newest lowest.
    slow_rounds: u8,
    judgement: Judgement,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Judgement {
    #[default]
    Normal,
    Slow,
}

/// Whether as many rounds in a row as are looked at settle the judgement, whatever came before them.
pub(in crate::monitor) fn settles(latencies: impl Iterator<Item = Duration>, limit: Duration) -> bool {
    let slow = latencies.filter(|latency| *latency > limit).count() as u32;
    slow == 0 || slow >= SLOW_ENTER
}

/// How one round changed the judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    None,
    Slow,
    NoLongerSlow,
}

impl Pace {
    pub(super) fn is_slow(self) -> bool {
        self.judgement == Judgement::Slow
    }

    pub(super) fn take(&mut self, latency: Duration, limit: Option<Duration>) -> Turn {
        let Some(limit) = limit else { return Turn::None };
        self.slow_rounds = ((self.slow_rounds << 1) | u8::from(latency > limit)) & ((1 << ROUNDS) - 1);
        match self.judgement {
            Judgement::Normal if self.slow_rounds.count_ones() >= SLOW_ENTER => {
                self.judgement = Judgement::Slow;
                Turn::Slow
            }
            Judgement::Slow if self.slow_rounds == 0 => {
                self.judgement = Judgement::Normal;
                Turn::NoLongerSlow
            }
            Judgement::Normal | Judgement::Slow => Turn::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `s` is a slow round, `.` a fast one; `S` and `F` are the rounds that changed the judgement.
    fn transcript(rounds: &str) -> String {
        let mut pace = Pace::default();
        let limit = Some(Duration::from_millis(100));
        let turns = rounds.chars().map(|round| {
            let latency = Duration::from_millis(if round == 's' { 101 } else { 100 });
            match pace.take(latency, limit) {
                Turn::None => round,
                Turn::Slow => 'S',
                Turn::NoLongerSlow => 'F',
            }
        });
        turns.collect()
    }

    #[test]
    fn three_of_five_enter_and_five_of_five_leave() {
        assert_eq!(transcript("..ss...s....."), "..ss...s.....");
        assert_eq!(transcript("s.s.s"), "s.s.S");
        assert_eq!(transcript("sss....."), "ssS....F");
        assert_eq!(transcript("sss....s....."), "ssS....s....F");
    }

    #[test]
    fn without_a_limit_nothing_is_slow() {
        assert_eq!(Pace::default().take(Duration::from_hours(1), None), Turn::None);
    }
}
