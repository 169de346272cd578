//! Many durations in little room: how many lie in each of many narrow bins.

use std::time::Duration;

/// The upper border of a bin over its lower one. The value that stands for a bin is off by less than
/// one percent: (1.02 - 1) / (1.02 + 1).
const RATIO: f64 = 1.02;
/// Bins can be made this much coarser: after that there are but four for any duration at all.
const COARSENESS_MAX: u8 = 9;

/// A set of durations, each known to within one percent, the fastest and the slowest exactly.
///
/// Bins are narrow in proportion to what lies in them (as in `DDSketch`, Masson et al., VLDB 2019),
/// and the same for every sketch, so that sketches can be merged without loss. A sketch that is too
/// large can be made coarser: two bins become one, and the error doubles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    coarseness: u8,
    /// Bins that hold anything, in ascending order, each with how many.
    bins: Vec<(u16, u32)>,
    /// In microseconds, like everything that history keeps.
    min: u64,
    max: u64,
}

impl Sketch {
    /// The sketch of these.
    pub fn of(durations: impl IntoIterator<Item = Duration>) -> Self {
        let mut all: Vec<u64> = durations.into_iter().map(micros).collect();
        all.sort_unstable();
        let (Some(&min), Some(&max)) = (all.first(), all.last()) else { return Self::default() };
        let mut bins: Vec<(u16, u32)> = Vec::new();
        for value in all {
            let bin = bin_of(value);
            match bins.last_mut() {
                Some((last, count)) if *last == bin => *count += 1,
                _ => bins.push((bin, 1)),
            }
        }
        Self { coarseness: 0, bins, min, max }
    }

    /// The sketch that has these parts, if there can be such a one: its first and last bins must be
    /// those of its extremes.
    pub fn from_parts(coarseness: u8, bins: Vec<(u16, u32)>, min: Duration, max: Duration) -> Option<Self> {
        let (min, max) = (micros(min), micros(max));
        let is_sorted = bins.is_sorted_by(|a, b| a.0 < b.0) && bins.iter().all(|(_, count)| *count > 0);
        let ends = bins.first().zip(bins.last()).map(|(first, last)| (first.0, last.0));
        let wanted = (bin_of(min) >> coarseness.min(COARSENESS_MAX), bin_of(max) >> coarseness.min(COARSENESS_MAX));
        let is_whole = is_sorted && coarseness <= COARSENESS_MAX && ends == Some(wanted);
        is_whole.then_some(Self { coarseness, bins, min, max })
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.bins.iter().map(|(_, count)| count).sum()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.bins.is_empty()
    }

    /// The fastest; zero if there is none.
    pub const fn min(&self) -> Duration {
        Duration::from_micros(self.min)
    }

    /// The slowest; zero if there is none.
    pub const fn max(&self) -> Duration {
        Duration::from_micros(self.max)
    }

    /// How often two bins were made one.
    pub const fn coarseness(&self) -> u8 {
        self.coarseness
    }

    /// Bins that hold anything, in ascending order, each with how many.
    pub fn bins(&self) -> &[(u16, u32)] {
        &self.bins
    }

    /// The nearest rank: a value within one percent (twice that for each step of coarseness) of the
    /// smallest one that at least so many percent of all do not exceed.
    pub fn rank(&self, percent: u32) -> Option<Duration> {
        let wanted = (u64::from(self.count()) * u64::from(percent)).div_ceil(100).max(1);
        let mut passed = 0;
        let (bin, _) = self.bins.iter().find(|(_, count)| {
            passed += u64::from(*count);
            passed >= wanted
        })?;
        let width = RATIO.powi(1 << self.coarseness);
        let middle = width.powi(i32::from(*bin)) * 2.0 * width / (width + 1.0);
        Some(Duration::from_micros((middle as u64).clamp(self.min, self.max)))
    }

    /// The same in half as many bins; `None` if it cannot be any coarser.
    #[must_use]
    pub fn coarser(&self) -> Option<Self> {
        (self.coarseness < COARSENESS_MAX).then(|| self.as_coarse_as(self.coarseness + 1))
    }

    fn as_coarse_as(&self, coarseness: u8) -> Self {
        let mut bins: Vec<(u16, u32)> = Vec::with_capacity(self.bins.len());
        for &(bin, count) in &self.bins {
            let bin = bin >> (coarseness - self.coarseness);
            match bins.last_mut() {
                Some((last, sum)) if *last == bin => *sum += count,
                _ => bins.push((bin, count)),
            }
        }
        Self { coarseness, bins, ..*self }
    }

    /// All of them in one, as coarse as the coarsest.
    pub fn merged<'s>(sketches: impl Iterator<Item = &'s Self> + Clone) -> Self {
        let mut sketches = sketches.filter(|sketch| !sketch.is_empty()).peekable();
        let Some(first) = sketches.peek().copied() else { return Self::default() };
        let coarseness = sketches.clone().map(|sketch| sketch.coarseness).max().unwrap_or_default();
        let mut counts: Vec<u32> = Vec::new();
        let (mut min, mut max) = (first.min, first.max);
        for sketch in sketches {
            (min, max) = (min.min(sketch.min), max.max(sketch.max));
            let shift = coarseness - sketch.coarseness;
            let length = sketch.bins.last().map_or(0, |(bin, _)| usize::from(bin >> shift) + 1);
            counts.resize(counts.len().max(length), 0);
            for (bin, count) in &sketch.bins {
                if let Some(sum) = counts.get_mut(usize::from(bin >> shift)) {
                    *sum = sum.saturating_add(*count);
                }
            }
        }
        let bins = (0..).zip(counts).filter(|(_, count)| *count > 0).collect();
        Self { coarseness, bins, min, max }
    }
}

/// The finest bin of a value.
pub fn bin_of(micros: u64) -> u16 {
    ((micros.max(1) as f64).ln() / RATIO.ln()) as u16
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn durations() -> impl Strategy<Value = Vec<u64>> {
        let one = prop_oneof![0..3_u64, 200..900_u64, 15_000..25_000_u64, any::<u64>().prop_map(|n| n >> 20)];
        proptest::collection::vec(one, 1..200)
    }

    fn sketch(micros: &[u64]) -> Sketch {
        Sketch::of(micros.iter().map(|&micros| Duration::from_micros(micros)))
    }

    fn exact(micros: &[u64], percent: usize) -> u64 {
        let mut sorted = micros.to_vec();
        sorted.sort_unstable();
        sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1]
    }

    proptest! {
        #[test]
        fn a_rank_is_within_one_percent_and_twice_that_when_coarser(micros in durations(), percent in 0..=100_u32) {
            let mut sketch = sketch(&micros);
            let wanted = exact(&micros, percent as usize) as f64;
            for error in [0.01, 0.02, 0.04, 0.08] {
                let got = sketch.rank(percent).expect("not empty").as_micros() as f64;
                prop_assert!((got - wanted).abs() <= wanted * error + 1.0, "{got} for {wanted}");
                sketch = sketch.coarser().expect("not yet the coarsest");
            }
            prop_assert_eq!(sketch.min().as_micros(), exact(&micros, 0).into());
            prop_assert_eq!(sketch.max().as_micros(), exact(&micros, 100).into());
        }

        #[test]
        fn merged_sketches_are_the_sketch_of_all(one in durations(), other in durations()) {
            let parts = [sketch(&one), Sketch::default(), sketch(&other)];
            let all = sketch(&[one, other].concat());
            prop_assert_eq!(Sketch::merged(parts.iter()), all.clone());
            let coarse = parts[2].coarser().expect("finest");
            prop_assert_eq!(Sketch::merged([&parts[0], &coarse].into_iter()), all.coarser().expect("finest"));
        }
    }

    #[test]
    fn a_sketch_of_nothing_says_nothing() {
        assert_eq!(Sketch::default().rank(50), None);
        assert_eq!(Sketch::merged([&Sketch::default()].into_iter()), Sketch::default());
    }

    #[test]
    fn the_coarsest_sketch_of_the_widest_values_has_a_handful_of_bins() {
        let mut coarse = sketch(&(0..64).map(|shift| 1_u64 << shift).collect::<Vec<_>>());
        while let Some(coarser) = coarse.coarser() {
            coarse = coarser;
        }
        assert!(coarse.bins().len() <= 5, "{:?}", coarse.bins());
        assert_eq!(coarse.count(), 64);
    }

    #[test]
    fn parts_that_do_not_fit_make_no_sketch() {
        let good = sketch(&[100, 200, 300]);
        let parts = |bins: &[(u16, u32)]| Sketch::from_parts(0, bins.to_vec(), good.min(), good.max());
        assert_eq!(parts(good.bins()), Some(good.clone()));
        assert_eq!(parts(&good.bins()[1..]), None);
        assert_eq!(parts(&[]), None);
    }
}
