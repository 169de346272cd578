//! Streams of bits, highest first, and the Rice code over them.

use serde::{Deserialize, Serialize};

/// From this quotient on, a number is written with its length in front instead: a spike costs
/// about twice its bits, and never hundreds.
const QUOTIENT_MAX: u32 = 10;
/// The most low bits of a Rice code. With the longest quotient they fit a window of 56 bits.
pub(super) const PARAMETER_MAX: u32 = 40;
/// How many bits say how long a long number is.
const LENGTH_BITS: u32 = 6;

/// Bits on their way into bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::store) struct BitWriter {
    bytes: Vec<u8>,
    /// What is no whole byte yet, from the highest bit on.
    pending: u64,
    /// How many bits that are, fewer than 8.
    count: u32,
}

impl BitWriter {
    /// The bytes that the stream takes.
    pub fn len(&self) -> usize {
        self.bytes.len() + usize::from(self.count > 0)
    }

    /// Appends the stream, filled up with zeros to a whole byte.
    pub fn finish(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes);
        if self.count > 0 {
            out.push((self.pending >> 56) as u8);
        }
    }

    /// Appends the low bits of a number, at most 56; the bits above must be zero.
    fn put(&mut self, value: u64, bits: u32) {
        if bits == 0 {
            return;
        }
        self.pending |= value << (64 - self.count - bits);
        self.count += bits;
        while self.count >= 8 {
            self.bytes.push((self.pending >> 56) as u8);
            self.pending <<= 8;
            self.count -= 8;
        }
    }

    /// Appends a number that has about so many bits: what exceeds them in unary, a one, and the low
    /// bits as they are.
    pub fn put_rice(&mut self, number: u64, parameter: u32) {
        let quotient = number >> parameter;
        if quotient < u64::from(QUOTIENT_MAX) {
            let low = number & ((1 << parameter) - 1);
            self.put(1 << parameter | low, quotient as u32 + 1 + parameter);
            return;
        }
        // It is at least QUOTIENT_MAX: its highest bit is a one and need not be told.
        let below = number.ilog2();
        self.put(u64::from(below), QUOTIENT_MAX + LENGTH_BITS);
        let rest = number & !(1 << below);
        let upper = below.saturating_sub(32);
        self.put(rest >> 32 & ((1 << upper) - 1), upper);
        self.put(rest & ((1 << (below - upper)) - 1), below - upper);
    }

    /// Appends a number from 1 on: its length in unary, then its bits (Elias gamma).
    pub fn put_gamma(&mut self, number: u32) {
        let below = number.max(1).ilog2();
        self.put(0, below);
        self.put(u64::from(number.max(1)), below + 1);
    }
}

/// Bits out of bytes. Behind the end there are zeros for ever; whoever reads asks at the end whether
/// it came to lie where it must ([`BitReader::is_spent`]), and must itself have a limit.
#[derive(Clone, Debug)]
pub(in crate::store) struct BitReader<'b> {
    bytes: &'b [u8],
    /// In bits.
    place: usize,
}

impl<'b> BitReader<'b> {
    pub const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    /// Whether everything was read but the zeros that fill the last byte.
    pub fn is_spent(&self) -> bool {
        let left = (self.bytes.len() * 8).checked_sub(self.place);
        left.is_some_and(|left| left < 8 && (left == 0 || self.window() == 0))
    }

    /// The next 57 bits or more, from the highest on.
    fn window(&self) -> u64 {
        let start = self.place / 8;
        let whole = self.bytes.get(start..start + 8).and_then(|bytes| bytes.first_chunk::<8>());
        let bytes = whole.copied().unwrap_or_else(|| last_bytes(self.bytes, start));
        u64::from_be_bytes(bytes) << (self.place % 8)
    }

    fn take(&mut self, bits: u32) -> u64 {
        let value = (self.window() >> 1) >> (63 - bits);
        self.place += bits as usize;
        value
    }

    pub fn take_rice(&mut self, parameter: u32) -> u64 {
        let window = self.window();
        let quotient = window.leading_zeros();
        if quotient >= QUOTIENT_MAX {
            return self.take_long();
        }
        self.place += (quotient + 1 + parameter) as usize;
        let low = ((window << (quotient + 1)) >> 1) >> (63 - parameter);
        u64::from(quotient) << parameter | low
    }

    #[cold]
    fn take_long(&mut self) -> u64 {
        self.place += QUOTIENT_MAX as usize;
        let below = self.take(LENGTH_BITS) as u32;
        let upper = below.saturating_sub(32);
        let rest = self.take(upper) << 32 | self.take(below - upper);
        1 << below | rest
    }

    /// The number that [`BitWriter::put_gamma`] has put; `None` if it is none.
    pub fn take_gamma(&mut self) -> Option<u32> {
        let below = self.window().leading_zeros();
        if below >= u32::BITS {
            return None;
        }
        self.place += below as usize;
        Some(self.take(below + 1) as u32)
    }
}

#[cold]
fn last_bytes(bytes: &[u8], start: usize) -> [u8; 8] {
    let mut last = [0; 8];
    for (place, byte) in last.iter_mut().zip(bytes.iter().skip(start)) {
        *place = *byte;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_shortest_and_the_longest_numbers_come_back() {
        let numbers = [0, 1, 9, 10, 11, 255, 1 << 31, 1 << 32, (1 << 33) - 1, u64::MAX >> 1, u64::MAX];
        for parameter in 0..=PARAMETER_MAX {
            let mut writer = BitWriter::default();
            for number in numbers {
                writer.put_rice(number, parameter);
            }
            let mut bytes = Vec::new();
            writer.finish(&mut bytes);
            assert_eq!(bytes.len(), writer.len());
            let mut reader = BitReader::new(&bytes);
            assert_eq!(numbers.map(|_| reader.take_rice(parameter)), numbers, "{parameter} low bits");
            assert!(reader.is_spent());
        }
    }

    #[test]
    fn what_is_left_over_or_missing_shows() {
        let mut writer = BitWriter::default();
        writer.put_gamma(9);
        writer.put_gamma(1);
        let mut bytes = Vec::new();
        writer.finish(&mut bytes);
        assert_eq!(bytes, [0b0001_0011]);
        let mut reader = BitReader::new(&bytes);
        assert_eq!(reader.take_gamma(), Some(9));
        assert!(!reader.is_spent());
        assert_eq!(reader.take_gamma(), Some(1));
        assert!(reader.is_spent());
        assert_eq!(reader.take_gamma(), None);
        reader.take_rice(3);
        assert!(!reader.is_spent());
    }

    proptest! {
        #[test]
        fn any_numbers_in_any_mixture(
            numbers in proptest::collection::vec((any::<u64>(), 0..64_u32, 0..=PARAMETER_MAX, 1..u32::MAX), 0..200)
        ) {
            let mut writer = BitWriter::default();
            for (number, short, parameter, small) in &numbers {
                writer.put_rice(number >> short, *parameter);
                writer.put_gamma(*small);
            }
            let mut bytes = Vec::new();
            writer.finish(&mut bytes);
            let mut reader = BitReader::new(&bytes);
            for (number, short, parameter, small) in &numbers {
                prop_assert_eq!(reader.take_rice(*parameter), number >> short);
                prop_assert_eq!(reader.take_gamma(), Some(*small));
            }
            prop_assert!(reader.is_spent());
        }
    }
}
