//! Whether an open target has become slow, or less than whole.

use crate::domain::Grade;

/// How many open rounds the judgement looks at.
pub(in crate::monitor) const ROUNDS: u8 = 5;
/// How many of them must be degraded to call the target so.
const DEGRADED_ENTER: u32 = 3;

/// Of the last five open rounds, three degraded ones make a target degraded; it stays so until five in a
/// row are good. So a single outlier says nothing, and the judgement does not flicker.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// One bit for each of the newest rounds, set for a degraded one, newest lowest.
    degraded_rounds: u8,
    judgement: Grade,
}

/// Whether as many rounds in a row as are looked at settle the judgement, whatever came before them.
pub(in crate::monitor) fn settles(rounds: impl Iterator<Item = Grade>) -> bool {
    let degraded = rounds.filter(|round| *round == Grade::Degraded).count() as u32;
    degraded == 0 || degraded >= DEGRADED_ENTER
}

/// How one round changed the judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    None,
    Degraded,
    NoLongerDegraded,
}

impl Pace {
    pub(super) fn is_degraded(self) -> bool {
        self.judgement == Grade::Degraded
    }

    pub(super) fn take(&mut self, round: Grade) -> Turn {
        let is_degraded = u8::from(round == Grade::Degraded);
        self.degraded_rounds = ((self.degraded_rounds << 1) | is_degraded) & ((1 << ROUNDS) - 1);
        match self.judgement {
            Grade::Up if self.degraded_rounds.count_ones() >= DEGRADED_ENTER => {
                self.judgement = Grade::Degraded;
                Turn::Degraded
            }
            Grade::Degraded if self.degraded_rounds == 0 => {
                self.judgement = Grade::Up;
                Turn::NoLongerDegraded
            }
            Grade::Up | Grade::Degraded => Turn::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `s` is a degraded round, `.` a good one; `S` and `F` are the rounds that changed the judgement.
    fn transcript(rounds: &str) -> String {
        let mut pace = Pace::default();
        let turns =
            rounds.chars().map(|round| match pace.take(if round == 's' { Grade::Degraded } else { Grade::Up }) {
                Turn::None => round,
                Turn::Degraded => 'S',
                Turn::NoLongerDegraded => 'F',
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
}
