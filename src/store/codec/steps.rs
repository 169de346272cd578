//! Durations in steps that grow with them: what old checks are told in.

/// Each doubling of a duration takes two to this power of steps.
const STEPS_BITS: u32 = 7;
/// So many steps, and below the second doubling as many microseconds.
const STEPS: u64 = 1 << STEPS_BITS;
/// The last step: that of the longest duration.
const LAST: u64 = (u64::BITS - 1 - STEPS_BITS) as u64 * STEPS + 2 * STEPS - 1;

/// The step that a duration in microseconds lies on. Those below 256 µs have one each.
pub(in crate::store) const fn step_of(micros: u64) -> u64 {
    let shift = (micros | 1).ilog2().saturating_sub(STEPS_BITS);
    shift as u64 * STEPS + (micros >> shift)
}

/// The microseconds in the middle of a step: off by at most one part in 256. The step of that is the same.
pub(in crate::store) const fn middle_of(step: u64) -> u64 {
    let step = if step < LAST { step } else { LAST };
    let shift = (step / STEPS).saturating_sub(1);
    let from = (step - shift * STEPS) << shift;
    from + (1 << shift) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_durations_keep_their_microseconds_and_steps_have_no_holes() {
        for micros in 0..2 * STEPS {
            assert_eq!((step_of(micros), middle_of(micros)), (micros, micros));
        }
        for step in 0..=LAST {
            assert_eq!(step_of(middle_of(step)), step);
        }
        assert_eq!(step_of(u64::MAX), LAST);
        assert_eq!(middle_of(u64::MAX), middle_of(LAST));
    }

    proptest! {
        #[test]
        fn the_middle_is_off_by_no_more_than_is_promised(number in any::<u64>(), short in 0..64_u32) {
            let micros = number >> short;
            prop_assert!(middle_of(step_of(micros)).abs_diff(micros) <= micros / 256, "{}", micros);
            prop_assert!(step_of(micros) <= step_of(micros.saturating_add(1)));
        }
    }
}
