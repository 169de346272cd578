//! The envelope of every stored value: a version in front, a checksum behind.

use super::version_1;
use std::borrow::Cow;

/// The version of what is inside. A later one is read by nobody but its writer; an earlier one is renewed
/// when it is read.
const VERSION: u8 = 2;
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

/// Takes a body out of its envelope, as it is written now; `None` if it is damaged or of a later version.
pub(super) fn unseal<'v>(tree: &str, key: &[u8], value: &'v [u8]) -> Option<Cow<'v, [u8]>> {
    let (content, sum) = value.split_last_chunk::<4>()?;
    if u32::from_le_bytes(*sum) != checksum(tree, key, content) {
        return None;
    }
    match content.split_first() {
        Some((&VERSION, body)) => Some(Cow::Borrowed(body)),
        Some((&1, body)) => version_1::renewed(tree, body).map(Cow::Owned),
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
        assert_eq!(unseal("outage", b"key", &value), Some(Cow::Borrowed(&b"what happened"[..])));
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

/// Stored bytes stay readable: version 1 of every record, to the byte.
///
/// If a test here fails, a type of `domain` has changed in a way that makes stored history unreadable
/// or, worse, readable as something else. Append variants and never insert them; for anything more,
/// give the frame a new version and keep the old type for reading.
#[cfg(test)]
mod format {
    use crate::domain::{
        AdHoc, CatalogEntry, Check, Clocked, Closing, Definition, Endpoint, EndpointId, Event, Failure, Family, Fault,
        Former, Gap, GapCause, Handshake, Happening, NameFailure, Outage, OutageId, Outcome, Path, Place, Reason,
        Record, Target, TargetId, Timing, VantageId, Wall, job::Finding,
    };
    use crate::store::chunk::Packer;
    use crate::store::form::{Version, encode, record, take_record};
    use crate::store::ledger::{Sealed, State};
    use serde::Serialize;
    use std::fmt::Write;
    use std::time::Duration;

    /// The JSON of a target.
    const TARGET: &str = concat!(
        r#"{"target":{"id":1,"endpoint_ids":[2],"round_id":null,"definition":{"name":"n","endpoints":["#,
        r#"{"address":{"host":{"Name":"a.b"},"port":80},"family":"ipv6","timeout":{"secs":1,"nanos":0},"#,
        r#""handshake":"full","addresses":"any","expect":"open","weight":1}],"evaluation":"all","#,
        r#""interval":{"secs":60,"nanos":0},"retry_interval":{"secs":10,"nanos":0},"down_after":3,"up_after":2,"#,
        r#""degraded_above":null,"note":"","tags":[],"activity":"Watching"}},"#,
        r#""added_at":1,"removed_at":2,"paused_at":null}"#,
    );

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn coded<T: Serialize>(value: &T) -> String {
        hex(&encode(value).expect("bytes"))
    }

    fn checks() -> [Check; 3] {
        let check = |at, outcome, dns| {
            let (endpoint, vantage, address) = (EndpointId(300), VantageId(1), Some([10, 0, 0, 1].into()));
            Check { endpoint, vantage, at: Wall(at), outcome, dns, address, tried: 2, answered: 1 }
        };
        let connect = Duration::from_micros(1_500);
        let (reason, place, errno) = (Reason::HostUnreachable, Place::Later, Some(113));
        let name = Some(NameFailure::NoAddress);
        let failure = Failure { reason, place, errno, name, after: Duration::from_micros(77), syn_lost: 3 };
        [
            check(1_000, Outcome::Open(Timing { connect, clocked: Clocked::Stopwatch, syn_lost: 1 }), Some(connect)),
            check(2_000, Outcome::Failed(failure), None),
            check(3_000, Outcome::Inconclusive(Fault::Cancelled), None),
        ]
    }

    fn outage() -> Outage {
        Outage {
            id: OutageId(1),
            target: TargetId(2),
            name: "n".to_owned(),
            started_at: Wall(3),
            detected_at: Wall(4),
            last_failure_at: Wall(5),
            closing: Some(Closing::Removed(Wall(6))),
            reason: Reason::HostUnreachable,
            failures: [1, 2, 3, 4, 5, 6, 0, 0],
            inconclusive: 7,
            unobserved: Duration::from_millis(8),
        }
    }

    fn entry() -> CatalogEntry {
        let address = "a.b:80".parse().expect("an address");
        let (family, handshake) = (Family::Ipv6, Handshake::Full);
        let endpoint = Endpoint { family, timeout: Duration::from_secs(1), handshake, ..Endpoint::new(address) };
        let definition = Definition::new("n".to_owned(), endpoint);
        let target = Target::plain(TargetId(1), EndpointId(2), definition);
        CatalogEntry { target, added_at: Wall(1), removed_at: Some(Wall(2)), paused_at: None }
    }

    #[test]
    fn the_last_variant_of_each_kind_keeps_its_number() {
        let [open, failed, inconclusive] = checks();
        let note =
            Event { at: Wall(1), target: Some((TargetId(2), "b".to_owned())), what: Happening::Note("c".to_owned()) };
        let gap = Gap {
            vantage: VantageId(1),
            from: Wall(2),
            to: Wall(3),
            cause: GapCause::Blind,
            path: Some(Path::Loopback),
        };
        let (outage, entry) = (outage(), entry());
        let address = "[::1]:80".parse().expect("an address");
        let ad_hoc = AdHoc { at: Wall(1), address, finding: Finding::inconclusive(Duration::ZERO, Fault::Cancelled) };
        let former = Former { target: entry.target.clone(), until: Wall(7) };
        let state = State { row: 300, next_target: 1, next_endpoint: 2, last_outage: 3, alive: Some(Wall(4)) };
        let got = [
            coded(&Record::Check(open)),
            coded(&Record::Check(failed)),
            coded(&Record::Check(inconclusive)),
            coded(&Record::Event(note)),
            coded(&Record::Gap(gap)),
            hex(&record(&Record::Outage(outage.clone())).expect("bytes")),
            coded(&Record::AdHoc(ad_hoc)),
            hex(&record(&Record::Target(entry.clone())).expect("bytes")),
            coded(&Record::AdHocCleared),
            coded(&state),
            coded(&Sealed::default()),
        ];
        let wanted = [
            "00ac0201d00f0000e0c65b01010100e0c65b01000a0000010201",
            "00ac0201a01f01050201e201010100c8d904030001000a0000010201",
            "00ac0201f02e02090001000a0000010201",
            "020201020162180163",
            "03010406020103",
            "010102016e06080a01030c05080102030405060000070080a4e803",
            "05020100000000000000000000000000000001005000000000020900",
            &format!("04df03{}", hex(TARGET.as_bytes())),
            "07",
            "ac020102030108",
            "00000000",
        ];
        assert_eq!(got.each_ref().map(String::as_str), wanted);
        let former = Record::Former(former);
        let bytes = record(&former).expect("bytes");
        assert_eq!(take_record(Version::Second, &bytes), Some((former, &[][..])));
        let first_version = [
            "010102016e06080a01030c05010203040506070080a4e803",
            "04010102016e010203612e6250020100013c000a0003020000000002010400",
        ];
        let read = first_version.map(|text| {
            let bytes: Vec<u8> = text
                .as_bytes()
                .chunks(2)
                .filter_map(|two| u8::from_str_radix(str::from_utf8(two).ok()?, 16).ok())
                .collect();
            take_record(Version::First, &bytes).map(|(record, rest)| (record, rest.len()))
        });
        assert_eq!(read, [Some((Record::Outage(outage), 0)), Some((Record::Target(entry), 0))]);
    }

    #[test]
    fn a_chunk_keeps_its_bytes() {
        let mut packer = Packer::default();
        for check in checks() {
            packer.push(&check);
        }
        let wanted = concat!(
            "0203d00fd00f030001010101000a000001020101050201e2010101030001000a000001020102090001000a0000010201",
            "01ea0480050ed007000b770000e680000b7700",
        );
        assert_eq!(hex(&packer.bytes_sealed()), wanted);
    }
}
