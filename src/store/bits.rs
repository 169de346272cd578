//! Small numbers in single bits.

/// Bits written one behind the other.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// How many bits of the last byte are taken, 0 when it is full.
    taken: u32,
}

/// Bits read one behind the other.
#[derive(Debug)]
pub(super) struct BitReader<'b> {
    bytes: &'b [u8],
    place: usize,
}

impl BitWriter {
    fn put_bit(&mut self, bit: bool) {
        if self.taken == 0 {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << (7 - self.taken);
        }
        self.taken = (self.taken + 1) % 8;
    }

    /// Appends a number: as many zeros as it has bits beside its first one, then its bits
    /// (Exp-Golomb: 0 takes one bit, 1 and 2 take three, 3 to 6 take five).
    pub fn put(&mut self, number: u32) {
        let number = u64::from(number) + 1;
        let length = number.ilog2();
        for _ in 0..length {
            self.put_bit(false);
        }
        for place in (0..=length).rev() {
            self.put_bit(number >> place & 1 == 1);
        }
    }

    /// The bytes, the last one filled up with zeros.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl<'b> BitReader<'b> {
    pub const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    fn take_bit(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.place / 8)?;
        let bit = byte >> (7 - self.place % 8) & 1 == 1;
        self.place += 1;
        Some(bit)
    }

    /// Takes a number; `None` if the bits end too early or mean none.
    pub fn take(&mut self) -> Option<u32> {
        let mut length = 0;
        while !self.take_bit()? {
            length += 1;
        }
        let mut number = 1_u64;
        for _ in 0..(length <= 32).then_some(length)? {
            number = number << 1 | u64::from(self.take_bit()?);
        }
        u32::try_from(number - 1).ok()
    }

    /// The bytes behind the last bit that was taken.
    pub fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.place.div_ceil(8)..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_can_be_taken() {
        let numbers = [0, 1, 2, 3, 6, 7, 1_000, u32::MAX - 1, u32::MAX, 0, 0];
        let mut writer = BitWriter::default();
        for number in numbers {
            writer.put(number);
        }
        let bytes = [writer.into_bytes(), vec![77]].concat();
        let mut reader = BitReader::new(&bytes);
        assert!(numbers.iter().all(|&number| reader.take() == Some(number)));
        assert_eq!(reader.rest(), [77]);
    }

    #[test]
    fn bits_that_end_too_early_are_refused() {
        for bytes in [&[][..], &[0], &[0; 40], &[0b0000_1000]] {
            assert_eq!(BitReader::new(bytes).take(), None, "{bytes:?}");
        }
    }
}
