//! The hours of one endpoint and day in one small value.
//!
//! Which hours there are, the addresses that answered, and then each hour: counts, and its sketches. Of a
//! sketch stand its extremes, which say where its first and its last bin are, and between them, bit by
//! bit, how many lie in each bin and how many empty bins follow.

use super::bits::{BitReader, BitWriter};
use super::day::{Day, HOURS};
use super::varint;
use crate::domain::{REASONS, Reason, Wall};
use crate::window::{HOUR, Hour, Sketch, bin_of};
use std::net::IpAddr;
use std::time::Duration;

/// A value is made smaller, by coarser sketches, until it has at most so many bytes: values above
/// 6 KB are bad for sled.
const BYTES_MAX: usize = 5 << 10;
/// Addresses of a day beyond these are left out.
const ADDRESSES_MAX: usize = 16;
/// How all of it is coded; another way gets another number.
const CODEC: u8 = 2;
/// The first way, which is read still: failures had six reasons.
const CODEC_SIX_REASONS: u8 = 1;
const HOUR_MILLIS: i64 = 3_600_000;

const FAILED: u8 = 1;
const INCONCLUSIVE: u8 = 2;
const SYN_LOST: u8 = 4;
const LOOKED_UP: u8 = 8;
const ANSWERED: u8 = 16;

/// The hours of a day in bytes. All of them must lie in that day, in order.
pub(super) fn pack(day: Day, hours: &[Hour]) -> Vec<u8> {
    let mut hours = hours.to_vec();
    loop {
        let coarseness = hours.iter().flat_map(|hour| [&hour.latency, &hour.dns]).map(Sketch::coarseness).max();
        let coarseness = coarseness.unwrap_or_default();
        for sketch in hours.iter_mut().flat_map(|hour| [&mut hour.latency, &mut hour.dns]) {
            coarsen(sketch, coarseness);
        }
        let bytes = bytes_of(day, &hours, coarseness);
        if bytes.len() <= BYTES_MAX {
            return bytes;
        }
        for sketch in hours.iter_mut().flat_map(|hour| [&mut hour.latency, &mut hour.dns]) {
            coarsen(sketch, coarseness + 1);
        }
        if hours.iter().all(|hour| hour.latency.coarseness().max(hour.dns.coarseness()) <= coarseness) {
            // As coarse as can be. Tests show that no such day is too large.
            return bytes;
        }
    }
}

fn coarsen(sketch: &mut Sketch, coarseness: u8) {
    while sketch.coarseness() < coarseness
        && let Some(coarser) = sketch.coarser()
    {
        *sketch = coarser;
    }
}

fn bytes_of(day: Day, hours: &[Hour], coarseness: u8) -> Vec<u8> {
    let mut addresses: Vec<IpAddr> =
        hours.iter().flat_map(|hour| &hour.addresses).map(|(address, _)| *address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.truncate(ADDRESSES_MAX);
    let place = |hour: &Hour| (hour.from.0 - day.start().0).div_euclid(HOUR_MILLIS);
    let present = hours.iter().fold(0_u64, |mask, hour| mask | 1 << place(hour));
    let mut out = vec![CODEC, coarseness];
    varint::put(&mut out, present);
    varint::put(&mut out, addresses.len() as u64);
    for address in &addresses {
        match address {
            IpAddr::V4(address) => {
                out.push(4);
                out.extend(address.octets());
            }
            IpAddr::V6(address) => {
                out.push(6);
                out.extend(address.octets());
            }
        }
    }
    let mut before = [0; 2];
    for hour in hours {
        put_hour(&mut out, hour, &addresses, &mut before);
    }
    out
}

fn put_hour(out: &mut Vec<u8>, hour: &Hour, addresses: &[IpAddr], before: &mut [u64; 2]) {
    let answered: Vec<(usize, Wall)> =
        hour.addresses.iter().filter_map(|(address, at)| Some((addresses.binary_search(address).ok()?, *at))).collect();
    let flag = |flag: u8, is_set: bool| if is_set { flag } else { 0 };
    let flags = flag(FAILED, hour.reason.is_some())
        | flag(INCONCLUSIVE, hour.inconclusive > 0)
        | flag(SYN_LOST, hour.syn_lost > 0)
        | flag(LOOKED_UP, !hour.dns.is_empty())
        | flag(ANSWERED, !answered.is_empty());
    out.push(flags);
    varint::put(out, hour.open.into());
    if let Some(reason) = hour.reason {
        hour.failures.iter().for_each(|count| varint::put(out, (*count).into()));
        out.push(reason.index() as u8);
    }
    for count in [hour.inconclusive, hour.syn_lost].into_iter().filter(|count| *count > 0) {
        varint::put(out, count.into());
    }
    let [latency, dns] = before;
    if hour.open > 0 {
        put_sketch(out, &hour.latency, latency);
    }
    if !hour.dns.is_empty() {
        varint::put(out, hour.dns.count().into());
        put_sketch(out, &hour.dns, dns);
    }
    if !answered.is_empty() {
        varint::put(out, answered.iter().fold(0, |mask, (place, _)| mask | 1 << place));
        for (_, at) in answered {
            varint::put(out, (at.0 - hour.from.0).cast_unsigned());
        }
    }
}

/// `before` is the fastest of the sketch before, which this one's is likely to be near to.
fn put_sketch(out: &mut Vec<u8>, sketch: &Sketch, before: &mut u64) {
    let (min, max) = (sketch.min().as_micros() as u64, sketch.max().as_micros() as u64);
    varint::put(out, varint::zigzag(min.wrapping_sub(*before).cast_signed()));
    varint::put(out, max - min);
    *before = min;
    let mut bits = BitWriter::default();
    let mut last = None;
    for &(bin, count) in sketch.bins() {
        if let Some(last) = last {
            bits.put(u32::from(bin - last - 1));
        }
        bits.put(count - 1);
        last = Some(bin);
    }
    out.extend(bits.into_bytes());
}

/// Reads a day back, oldest hour first; `None` if it is damaged.
pub(super) fn unpack(day: Day, bytes: &[u8]) -> Option<Vec<Hour>> {
    let (&[codec, coarseness], mut input) = bytes.split_first_chunk()?;
    let reasons = match codec {
        CODEC => REASONS,
        CODEC_SIX_REASONS => 6,
        _ => return None,
    };
    let present = varint::take(&mut input)?;
    let count = usize::try_from(varint::take(&mut input)?).ok().filter(|count| *count <= ADDRESSES_MAX)?;
    let mut addresses = Vec::with_capacity(count);
    for _ in 0..count {
        addresses.push(take_address(&mut input)?);
    }
    let mut before = [0; 2];
    let mut hours = Vec::with_capacity(HOURS);
    for place in (0..i64::try_from(HOURS).ok()?).filter(|place| present >> place & 1 == 1) {
        let from = Wall(day.start().0 + place * HOUR_MILLIS);
        let known = Known { addresses: &addresses, coarseness, reasons };
        hours.push(take_hour(&mut input, from, &known, &mut before)?);
    }
    (input.is_empty() && present >> HOURS == 0).then_some(hours)
}

fn take_address(input: &mut &[u8]) -> Option<IpAddr> {
    let (&family, rest) = input.split_first()?;
    if family == 4 {
        let (octets, rest) = rest.split_first_chunk::<4>()?;
        *input = rest;
        Some((*octets).into())
    } else {
        let (octets, rest) = rest.split_first_chunk::<16>()?;
        *input = rest;
        (family == 6).then_some((*octets).into())
    }
}

/// What is told once for all hours of a day.
struct Known<'d> {
    addresses: &'d [IpAddr],
    coarseness: u8,
    reasons: usize,
}

fn take_hour(input: &mut &[u8], from: Wall, known: &Known<'_>, before: &mut [u64; 2]) -> Option<Hour> {
    let &Known { addresses, coarseness, reasons } = known;
    let (&flags, rest) = input.split_first()?;
    *input = rest;
    let mut hour = Hour { from, open: take_count(input)?, ..Hour::default() };
    if flags & FAILED != 0 {
        for count in hour.failures.iter_mut().take(reasons) {
            *count = take_count(input)?;
        }
        let (&reason, rest) = input.split_first()?;
        *input = rest;
        hour.reason = Some(*Reason::ALL.get(usize::from(reason))?);
    }
    if flags & INCONCLUSIVE != 0 {
        hour.inconclusive = take_count(input)?;
    }
    if flags & SYN_LOST != 0 {
        hour.syn_lost = take_count(input)?;
    }
    let [latency, dns] = before;
    if hour.open > 0 {
        hour.latency = take_sketch(input, hour.open, coarseness, latency)?;
    }
    if flags & LOOKED_UP != 0 {
        let count = take_count(input)?;
        hour.dns = take_sketch(input, count, coarseness, dns)?;
    }
    if flags & ANSWERED != 0 {
        let mask = varint::take(input)?;
        for (place, address) in addresses.iter().enumerate() {
            if mask >> place & 1 == 1 {
                let at = from + Duration::from_millis(varint::take(input)?);
                hour.addresses.push((*address, (at < from + HOUR).then_some(at)?));
            }
        }
    }
    Some(hour)
}

fn take_count(input: &mut &[u8]) -> Option<u32> {
    u32::try_from(varint::take(input)?).ok()
}

fn take_sketch(input: &mut &[u8], count: u32, coarseness: u8, before: &mut u64) -> Option<Sketch> {
    let min = before.wrapping_add(varint::unzigzag(varint::take(input)?).cast_unsigned());
    let max = min.checked_add(varint::take(input)?)?;
    *before = min;
    let mut bits = BitReader::new(input);
    let mut bin = bin_of(min).checked_shr(coarseness.into())?;
    let mut bins = Vec::new();
    let mut left = count;
    loop {
        let inside = bits.take()?.checked_add(1)?;
        left = left.checked_sub(inside)?;
        bins.push((bin, inside));
        if left == 0 {
            break;
        }
        bin = bin.checked_add(u16::try_from(bits.take()?).ok()?)?.checked_add(1)?;
    }
    *input = bits.rest();
    Sketch::from_parts(coarseness, bins, Duration::from_micros(min), Duration::from_micros(max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: Day = Day(20_000);

    fn sketches() -> impl Strategy<Value = Sketch> {
        let one = prop_oneof![8 => 15_000..25_000_u64, 1 => 0..9_u64, 1 => any::<u64>().prop_map(|n| n >> 12)];
        proptest::collection::vec(one, 0..90).prop_map(|all| Sketch::of(all.into_iter().map(Duration::from_micros)))
    }

    fn hours() -> impl Strategy<Value = Vec<Hour>> {
        let addresses = proptest::collection::btree_map(0..9_u8, 0..HOUR_MILLIS, 0..4);
        let failures = proptest::option::of((any::<[u32; REASONS]>(), 0..REASONS));
        let one = (0..24_i64, sketches(), sketches(), failures, any::<u32>(), 0..3_u32, addresses);
        proptest::collection::vec(one, 0..24).prop_map(|all| {
            let hour = |(place, latency, dns, failures, inconclusive, syn_lost, addresses)| {
                let from = Wall(DAY.start().0 + place * HOUR_MILLIS);
                let (failures, reason) = match failures {
                    Some((failures, reason)) => (failures, Some(Reason::ALL[reason])),
                    None => ([0; crate::domain::REASONS], None),
                };
                let addresses: std::collections::BTreeMap<u8, i64> = addresses;
                let addresses = addresses.into_iter().map(|(host, at)| ([10, 0, 0, host].into(), Wall(from.0 + at)));
                let latency: Sketch = latency;
                let (open, addresses) = (latency.count(), addresses.collect());
                Hour { from, open, failures, reason, inconclusive, syn_lost, latency, dns, addresses }
            };
            let mut hours: Vec<Hour> = all.into_iter().map(hour).collect();
            hours.sort_by_key(|hour| hour.from);
            hours.dedup_by_key(|hour| hour.from);
            hours
        })
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(hours in hours()) {
            prop_assert_eq!(unpack(DAY, &pack(DAY, &hours)), Some(hours));
        }

        #[test]
        fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), coarseness in 0..20_u8) {
            let _ = unpack(DAY, &[vec![CODEC, coarseness], bytes].concat());
        }

        #[test]
        fn a_cut_is_noticed(hours in hours(), cut in 1..20_usize) {
            let bytes = pack(DAY, &hours);
            prop_assert_eq!(unpack(DAY, &bytes[..bytes.len().saturating_sub(cut)]), None);
        }
    }

    /// 24 hours of so many checks each, whose latencies are drawn so.
    fn day(checks: u64, mut latency: impl FnMut(u64) -> u64, hosts: u8) -> Vec<Hour> {
        let hour = |place: i64| {
            let from = Wall(DAY.start().0 + place * HOUR_MILLIS);
            let latency = Sketch::of((0..checks).map(|n| Duration::from_micros(latency(n))));
            let address =
                |host| (IpAddr::from((u128::from(host) << 100).to_be_bytes()), Wall(from.0 + HOUR_MILLIS - 1));
            let addresses = (0..hosts).map(address).collect();
            let (failures, reason) = ([u32::MAX; REASONS], Some(Reason::Reset));
            let (dns, open) = (latency.clone(), latency.count());
            Hour { from, open, failures, reason, inconclusive: 9, syn_lost: 9, latency, dns, addresses }
        };
        (0..24).map(hour).collect()
    }

    #[test]
    fn a_day_by_the_minute_costs_a_few_hundred_bytes() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut hours = day(60, |_| (20_000.0 * (1.0 + 0.04 * (random.f64() + random.f64() - 1.0))) as u64, 1);
        for hour in &mut hours {
            (hour.failures, hour.reason, hour.inconclusive, hour.syn_lost) = ([0; crate::domain::REASONS], None, 0, 0);
            hour.dns = Sketch::default();
        }
        let size = pack(DAY, &hours).len();
        assert!(size < 500, "{size} bytes");
    }

    /// Stored bytes stay readable: if this fails, give the codec another number and keep the old one for reading.
    #[test]
    fn a_day_keeps_its_bytes() {
        let latency = Sketch::of([1_500, 1_510, 9_000, 20_000].map(Duration::from_micros));
        let from = Wall(DAY.start().0 + 5 * HOUR_MILLIS);
        let addresses = vec![([10, 0, 0, 1].into(), Wall(from.0 + 700))];
        let failures = [0, 2, 0, 0, 0, 1, 0, 0];
        let (dns, open, reason) = (Sketch::of([Duration::from_micros(300)]), 4, Some(Reason::HostUnreachable));
        let hour = Hour { from, open, failures, reason, inconclusive: 1, syn_lost: 2, latency, dns, addresses };
        let bytes = pack(DAY, std::slice::from_ref(&hour));
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex.concat(), "02002001040a0000011f040002000000010000050102b817c49001405a829801d804008001bc05");
        // Six reasons, as the first way had them.
        let mut first = bytes;
        first[0] = CODEC_SIX_REASONS;
        let end_of_failures = first.windows(3).position(|three| three == [0, 0, 5]).expect("the last two counts");
        first.drain(end_of_failures..end_of_failures + 2);
        assert_eq!(unpack(DAY, &first), Some(vec![hour]));
    }

    #[test]
    fn the_most_hostile_day_stays_below_six_kilobytes_and_can_be_read() {
        let hours = day(3_600, |n| (1 << (n % 64).min(62)) | (n * 7_919), 40);
        let bytes = pack(DAY, &hours);
        assert!(bytes.len() <= BYTES_MAX, "{} bytes", bytes.len());
        let read = unpack(DAY, &bytes).expect("a day");
        assert_eq!(read.len(), 24);
        let (read, hour) = (&read[7], &hours[7]);
        assert_eq!((read.open, read.failures, read.latency.max()), (hour.open, hour.failures, hour.latency.max()));
        assert_eq!(read.addresses, hour.addresses[..ADDRESSES_MAX]);
    }
}
