//! The uptimes of many targets on one day in few small values.
//!
//! A value holds targets in ascending order, each with the hours of its day as runs of equal ones: most
//! days are one run of hours that were up from beginning to end, and cost three bytes.

use super::day::HOURS;
use super::varint;
use crate::domain::TargetId;
use crate::window::{HOUR, Uptime};
use std::collections::BTreeMap;
use std::time::Duration;

/// A value is closed before it has more bytes than this; one target adds at most about 700.
const BYTES_MAX: usize = 5 << 10;
/// How the hours are coded; another way gets another number.
const CODEC: u8 = 1;

/// The uptimes of the hours of a day.
pub(super) type Day = [Uptime; HOURS];

const FULL: Uptime = Uptime { up: HOUR, down: Duration::ZERO, expected: HOUR, blips: 0 };

/// The day of one target in bytes.
pub(super) fn runs(day: &Day) -> Vec<u8> {
    let mut out = Vec::new();
    for run in day.chunk_by(|one, next| one == next) {
        let Some(hour) = run.first() else { continue };
        let is_full = *hour == FULL;
        varint::put(&mut out, (run.len() as u64) << 1 | u64::from(is_full));
        if !is_full {
            let [up, down, expected] = [hour.up, hour.down, hour.expected].map(|time| time.as_millis() as u64);
            varint::put(&mut out, up);
            varint::put(&mut out, down);
            varint::put(&mut out, varint::zigzag(expected.wrapping_sub(up + down).cast_signed()));
            varint::put(&mut out, hour.blips.into());
        }
    }
    out
}

/// Packs the days of targets, each as [`runs`] made it, into values; each with its first target.
pub(super) fn pack(days: &BTreeMap<TargetId, Vec<u8>>) -> Vec<(TargetId, Vec<u8>)> {
    let mut values: Vec<(TargetId, Vec<u8>)> = Vec::new();
    let mut before = 0;
    for (&target, runs) in days {
        let is_full = values.last().is_none_or(|(_, value)| value.len() + runs.len() > BYTES_MAX);
        if is_full {
            values.push((target, vec![CODEC]));
            before = 0;
        }
        if let Some((_, value)) = values.last_mut() {
            varint::put(value, u64::from(target.0 - before));
            value.extend_from_slice(runs);
            before = target.0;
        }
    }
    values
}

/// Reads a value back, a run at a time: whose, from which hour on, how many, and what each of them was.
/// `None` if it is damaged.
pub(super) fn read(value: &[u8], mut run: impl FnMut(TargetId, usize, usize, Uptime)) -> Option<()> {
    let (&CODEC, mut input) = value.split_first()? else { return None };
    let mut target = 0_u32;
    while !input.is_empty() {
        target = target.checked_add(u32::try_from(varint::take(&mut input)?).ok()?)?;
        let mut from = 0;
        while from < HOURS {
            let head = varint::take(&mut input)?;
            let length = usize::try_from(head >> 1).ok().filter(|length| (1..=HOURS - from).contains(length))?;
            let uptime = if head & 1 == 1 { FULL } else { take_uptime(&mut input)? };
            run(TargetId(target), from, length, uptime);
            from += length;
        }
    }
    Some(())
}

fn take_uptime(input: &mut &[u8]) -> Option<Uptime> {
    let (up, down) = (varint::take(input)?, varint::take(input)?);
    let rest = varint::unzigzag(varint::take(input)?);
    let expected = up.checked_add(down)?.checked_add_signed(rest)?;
    let [up, down, expected] = [up, down, expected].map(Duration::from_millis);
    Some(Uptime { up, down, expected, blips: u32::try_from(varint::take(input)?).ok()? })
}

/// The days in a value, each as [`runs`] made it; `None` if it is damaged.
pub(super) fn unpack(value: &[u8]) -> Option<BTreeMap<TargetId, Day>> {
    let mut days: BTreeMap<TargetId, Day> = BTreeMap::new();
    read(value, |target, from, length, uptime| {
        let day = days.entry(target).or_default();
        day.iter_mut().skip(from).take(length).for_each(|hour| *hour = uptime);
    })?;
    Some(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn days() -> impl Strategy<Value = BTreeMap<TargetId, Day>> {
        let millis = || (0..=3_600_000_u64).prop_map(Duration::from_millis);
        let odd = (millis(), millis(), millis(), any::<u32>()).prop_map(|(up, down, expected, blips)| Uptime {
            up,
            down,
            expected,
            blips,
        });
        let hour = prop_oneof![9 => Just(FULL), 1 => Just(Uptime::default()), 1 => odd];
        let day = proptest::collection::vec(hour, HOURS).prop_map(|hours| Day::try_from(hours).expect("a day"));
        proptest::collection::btree_map(any::<u32>().prop_map(TargetId), day, 0..200)
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out_in_small_values(days in days()) {
            let values = pack(&days.iter().map(|(id, day)| (*id, runs(day))).collect());
            let mut read = BTreeMap::new();
            for (first, value) in values {
                prop_assert!(value.len() <= BYTES_MAX + 6, "{} bytes", value.len());
                let days = unpack(&value).expect("a value");
                prop_assert_eq!(days.keys().next(), Some(&first));
                read.extend(days);
            }
            prop_assert_eq!(read, days);
        }

        #[test]
        fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&[vec![CODEC], bytes].concat());
        }
    }

    /// Stored bytes stay readable: if this fails, give the codec another number and keep the old one for reading.
    #[test]
    fn a_value_keeps_its_bytes() {
        let mut day = [FULL; HOURS];
        day[7] = Uptime { up: HOUR / 2, down: HOUR / 4, expected: HOUR, blips: 3 };
        let days = [(TargetId(3), runs(&[FULL; HOURS])), (TargetId(300), runs(&day))].into();
        let hex: Vec<String> = pack(&days)[0].1.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex.concat(), "010331a9020f02c0ee6da0f736c0ee6d0321");
    }

    #[test]
    fn a_day_that_was_up_costs_three_bytes_and_the_worst_one_does_not_burst_a_value() {
        let quiet = (1000..2000).map(|id| (TargetId(id), runs(&[FULL; HOURS]))).collect();
        let bytes: usize = pack(&quiet).iter().map(|(_, value)| value.len()).sum();
        assert!(bytes < 3 * 1000, "{bytes} bytes");
        let mut worst = [Uptime::default(); HOURS];
        for (place, hour) in worst.iter_mut().enumerate() {
            let part = HOUR / 2 + Duration::from_millis(place as u64);
            *hour = Uptime { up: part, down: part, expected: Duration::ZERO, blips: u32::MAX };
        }
        assert!(runs(&worst).len() < 700);
    }
}
