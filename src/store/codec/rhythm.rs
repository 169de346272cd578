//! Moments that come at a fixed rate, each a little late.

use super::super::varint::{unzigzag, zigzag};
use super::scale::Scale;
use serde::{Deserialize, Serialize};

/// Intervals are taken for multiples of this, in milliseconds: turns are.
const SLOT: i64 = 50;
/// More milliseconds than this before or behind the expected moment, and the rhythm has changed.
const LATE_MAX: i64 = 500;
/// After so many moments in a row that were late, the due moment itself is moved by a millisecond.
const LATE_ROW_MAX: u32 = 16;
/// Of eight small numbers, so many tell of late moments and one of an early one.
const LATE_SHARE: u64 = 7;
/// Told before a step that is too large to be told as a difference, as no difference is.
const FAR: u64 = 1 << 60;
/// Differences up to this have numbers below [`FAR`].
const NEAR: i64 = 1 << 50;

/// When the next check is due.
///
/// Checks start when they are due or a little later, so that the difference is told one-sided: the
/// due moment is the lower edge of what was seen. A step that breaks the rhythm sets a new one,
/// unless it is several turns of the old and the first of its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct Rhythm {
    /// The moment before.
    at: i64,
    /// When the one before was due.
    due: i64,
    interval: i64,
    late_row: u32,
    before: Before,
    scale: Scale,
}

/// What the step before was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Before {
    #[default]
    OneTurn,
    /// Turns were left out.
    SeveralTurns,
}

impl Rhythm {
    /// Before the first moment, which is known from elsewhere.
    pub fn from(first: i64) -> Self {
        Self { at: first, due: first, ..Self::default() }
    }

    pub const fn parameter(&self) -> u32 {
        self.scale.parameter()
    }

    /// What is to be told of a moment, and the step that must follow if that is [`FAR`].
    pub fn told(&mut self, at: i64) -> (u64, Option<u64>) {
        let late = at.wrapping_sub(self.due.wrapping_add(self.interval));
        if (-NEAR..NEAR).contains(&late) {
            let number = fold(late);
            self.learn(at, late, number);
            return (number, None);
        }
        let step = at.wrapping_sub(self.at);
        self.restart(at);
        (FAR, Some(zigzag(step)))
    }

    /// The moment of which that was told; `far` is asked for the step.
    pub fn heard(&mut self, number: u64, far: impl FnOnce() -> u64) -> i64 {
        if number >= FAR {
            let at = self.at.wrapping_add(unzigzag(far()));
            self.restart(at);
            return at;
        }
        let late = unfold(number);
        let at = self.due.wrapping_add(self.interval).wrapping_add(late);
        self.learn(at, late, number);
        at
    }

    fn restart(&mut self, at: i64) {
        *self = Self { scale: self.scale, ..Self::from(at) };
    }

    fn learn(&mut self, at: i64, late: i64, number: u64) {
        if late.abs() > LATE_MAX {
            self.change(at, late);
        } else {
            self.due = self.due.wrapping_add(self.interval).wrapping_add(late.min(0));
            self.late_row = if late > 0 { self.late_row + 1 } else { 0 };
            if self.late_row == LATE_ROW_MAX {
                self.late_row = 0;
                self.due = self.due.wrapping_add(1);
            }
            self.before = Before::OneTurn;
            self.scale.learn(number);
        }
        self.at = at;
    }

    #[cold]
    fn change(&mut self, at: i64, late: i64) {
        let turns = if self.interval > LATE_MAX { late.wrapping_add(LATE_MAX).div_euclid(self.interval) } else { 0 };
        let skipped = turns.wrapping_mul(self.interval);
        let is_regular = turns > 0 && late.wrapping_sub(skipped).abs() <= LATE_MAX;
        if is_regular && self.before == Before::OneTurn {
            self.due = self.due.wrapping_add(self.interval).wrapping_add(skipped);
            self.before = Before::SeveralTurns;
        } else {
            let step = at.wrapping_sub(self.at);
            self.interval = step.wrapping_add(SLOT / 2).div_euclid(SLOT).wrapping_mul(SLOT);
            self.due = at;
            self.before = Before::OneTurn;
        }
        self.late_row = 0;
    }
}

/// Small numbers for what is a little late, larger ones for what is early.
const fn fold(late: i64) -> u64 {
    if late >= 0 {
        let late = late.cast_unsigned();
        late / LATE_SHARE * (LATE_SHARE + 1) + late % LATE_SHARE
    } else {
        (!late).cast_unsigned() * (LATE_SHARE + 1) + LATE_SHARE
    }
}

const fn unfold(number: u64) -> i64 {
    let (rounds, place) = (number / (LATE_SHARE + 1), number % (LATE_SHARE + 1));
    if place < LATE_SHARE { (rounds * LATE_SHARE + place).cast_signed() } else { !rounds.cast_signed() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of moments, in order.
    fn told(moments: &[i64]) -> Vec<u64> {
        let mut rhythm = Rhythm::from(moments[0]);
        moments.iter().map(|at| rhythm.told(*at).0).collect()
    }

    #[test]
    fn a_steady_rate_tells_only_how_late_each_was() {
        let late = [3, 4, 3, 9, 5, 3];
        let moments: Vec<i64> = late.iter().zip(0..).map(|(late, turn)| 1_000 + turn * 60_000 + late).collect();
        let told = told(&moments);
        assert_eq!((told[0], &told[2..]), (0, &[fold(-1), 6, 2, 0][..]));
    }

    #[test]
    fn an_early_moment_moves_what_is_due() {
        let told = told(&[0, 60_000, 120_000, 179_998, 239_998, 299_999]);
        assert_eq!(told[2..], [0, fold(-2), 0, 1]);
    }

    #[test]
    fn turns_that_were_left_out_break_no_rhythm() {
        let told = told(&[0, 60_000, 120_000, 420_001, 480_000, 540_002]);
        assert_eq!(told[2..], [0, fold(240_001), 0, 2]);
    }

    #[test]
    fn another_rate_is_known_after_two_steps_at_most() {
        let told = told(&[0, 60_000, 120_000, 130_000, 140_001, 150_000, 210_000, 270_000, 330_001]);
        assert_eq!(told[2..], [0, fold(-50_000), 1, 0, fold(50_000), fold(50_000), 1]);
    }

    #[test]
    fn the_farthest_steps_come_back() {
        let moments = [5, i64::MAX, i64::MIN, 0, NEAR - 1, -NEAR, i64::MIN, i64::MAX];
        let (mut teller, mut listener) = (Rhythm::from(5), Rhythm::from(5));
        for at in moments {
            let (number, step) = teller.told(at);
            assert_eq!(listener.heard(number, || step.expect("a step")), at);
        }
    }

    #[test]
    fn folding_loses_nothing() {
        for late in (-1_000..1_000).chain([-NEAR, NEAR - 1]) {
            assert_eq!(unfold(fold(late)), late);
            assert!(fold(late) < FAR);
        }
    }
}
