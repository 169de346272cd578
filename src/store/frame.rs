//! The envelope of every stored value: a version in front, a checksum behind.

/// The version of what is inside. A later one is read by nobody but its writer.
const VERSION: u8 = 1;
/// The envelope's own bytes.
const OVERHEAD: usize = 1 + size_of::<u32>();

/// Puts a body into its envelope. The checksum (CRC-32C) covers the name of the tree and the key
/// as well, so that a value that turns up in another place is not believed.
pub(super) fn seal(tree: &str, key: &[u8], body: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(body.len() + OVERHEAD);
    value.push(VERSION);
    value.extend_from_slice(body);
    let sum = checksum(tree, key, &value);
    value.extend_from_slice(&sum.to_le_bytes());
    value
}

/// Takes a body out of its envelope; `None` if it is damaged or of another version.
pub(super) fn unseal<'v>(tree: &str, key: &[u8], value: &'v [u8]) -> Option<&'v [u8]> {
    let (content, sum) = value.split_last_chunk::<4>()?;
    if u32::from_le_bytes(*sum) != checksum(tree, key, content) {
        return None;
    }
    match content.split_first() {
        Some((&VERSION, body)) => Some(body),
        _ => None,
    }
}

fn checksum(tree: &str, key: &[u8], content: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(tree.as_bytes()), key), content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let value = seal("outage", b"key", b"what happened");
        assert_eq!(unseal("outage", b"key", &value), Some(&b"what happened"[..]));
        for bit in 0..value.len() * 8 {
            let mut damaged = value.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unseal("outage", b"key", &damaged), None, "bit {bit}");
        }
        for length in 0..value.len() {
            assert_eq!(unseal("outage", b"key", &value[..length]), None, "cut to {length}");
        }
    }

    #[test]
    fn a_value_in_a_wrong_place_is_not_believed() {
        let value = seal("outage", b"key", b"what happened");
        assert_eq!(unseal("outage", b"kez", &value), None);
        assert_eq!(unseal("event", b"key", &value), None);
    }
}
