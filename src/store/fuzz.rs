//! What reads the disk is given bytes that nobody wrote: it refuses them, and neither panics nor takes more
//! than is there.

use super::form::{Json, Piece, Version, encode, record, take_record};
use super::ledger::{Sealed, State};
use super::witness::Identity;
use super::{frame, key, varint, witness};
use crate::domain::maintenance::{self, Origin};
use crate::domain::{
    AdHoc, CatalogEntry, Check, Closing, Definition, Endpoint, EndpointId, Event, Family, Fault, Former, Gap, GapCause,
    Happening, Maintenance, MaintenanceOf, Outage, OutageId, Outcome, Reason, Record, Span, Target, TargetId,
    VantageId, Wall, job::Finding,
};
use serde::de::DeserializeOwned;
use std::time::Duration;

const TURNS: usize = 30_000;

/// A record of each kind as it is stored, and the other rows.
fn samples() -> Vec<Vec<u8>> {
    let outcome = Outcome::Inconclusive(Fault::Overload);
    let (vantage, address) = (VantageId(3), Some([0_u16, 1, 2, 3, 4, 5, 6, 7].into()));
    let at = Wall(1_750_000_000_000);
    let dns = Some(Duration::from_micros(77));
    let check = Check { endpoint: EndpointId(9), vantage, at, outcome, dns, address, tried: 3, answered: 2 };
    let gap = Gap { vantage, from: at, to: at, cause: GapCause::Stalled, path: None };
    let event = Event { at, target: Some((TargetId(1), "db1".to_owned())), what: Happening::Note("n".repeat(50)) };
    let outage = Outage {
        id: OutageId(7),
        target: TargetId(1),
        name: "db1".to_owned(),
        started_at: at,
        detected_at: at,
        last_failure_at: at,
        closing: Some(Closing::Paused(at)),
        reason: Reason::Refused,
        failures: [1, 2, 3, 4, 5, 6, 7, 8],
        inconclusive: 7,
        unobserved: Duration::from_millis(1_234),
    };
    let address = "db1.example:5432".parse().expect("an address");
    let (family, timeout) = (Family::Auto, Duration::from_secs(1));
    let endpoint = Endpoint { family, timeout, ..Endpoint::new(address) };
    let definition = Definition::new("db1".to_owned(), endpoint);
    let target =
        Target { id: TargetId(1), endpoint_ids: vec![EndpointId(9)], round_id: Some(EndpointId(10)), definition };
    let former = Former { target: target.clone(), until: at };
    let entry = CatalogEntry { target, added_at: at, removed_at: Some(at), paused_at: None };
    let finding = Finding::inconclusive(Duration::ZERO, Fault::Cancelled);
    let ad_hoc = AdHoc { at, address: "db1.example:5432".parse().expect("an address"), finding };
    let span = Span { from: at, to: at + Duration::from_hours(2) };
    let maintenance = Maintenance { span, title: "patches".to_owned(), origin: Origin::Scheduled };
    let said = MaintenanceOf { targets: vec![TargetId(1), TargetId(300)], maintenance };
    let records = [
        Record::Check(check),
        Record::Gap(gap),
        Record::Event(event),
        Record::Outage(outage),
        Record::Target(entry),
        Record::AdHoc(ad_hoc),
        Record::Former(former),
        Record::Maintenance(said),
        Record::Alive(at),
    ];
    let mut samples: Vec<Vec<u8>> = records.iter().map(|one| record(one).expect("bytes")).collect();
    // Without the number of its kind, a record is the row of its own shelf.
    samples.extend(samples.clone().into_iter().map(|bytes| bytes.get(1..).unwrap_or_default().to_vec()));
    samples.push(samples.concat());
    let state = State { row: 300, next_target: 1, next_endpoint: 2, last_outage: 3, alive: Some(at) };
    samples.push(encode(&state).expect("bytes"));
    samples.push(encode(&Sealed::default()).expect("bytes"));
    samples.push(b"store 000000000000feed row 00000000000000081234 bytes 00000000000000000099 00000000\n".to_vec());
    samples
}

/// Bytes that were good once, or never.
fn mutated(random: &mut fastrand::Rng, samples: &[Vec<u8>]) -> Vec<u8> {
    if random.u8(0..5) == 0 {
        let length = random.usize(0..300);
        return std::iter::repeat_with(|| random.u8(..)).take(length).collect();
    }
    let mut bytes = samples[random.usize(0..samples.len())].clone();
    for _ in 0..random.usize(0..6) {
        let at = random.usize(0..=bytes.len());
        match (random.u8(0..5), bytes.get_mut(at)) {
            (0, Some(byte)) => *byte ^= 1 << random.u8(0..8),
            (1, Some(byte)) => *byte = [0, 1, 0x7f, 0x80, 0xff][random.usize(0..5)],
            (2, _) => bytes.truncate(at),
            (3, _) => drop(bytes.splice(at..at, std::iter::repeat_n(0xff, random.usize(1..12)))),
            _ => {
                let other = &samples[random.usize(0..samples.len())];
                bytes.truncate(at);
                bytes.extend_from_slice(&other[random.usize(0..=other.len())..]);
            }
        }
    }
    bytes
}

/// Whatever is read must have stood there: written again, it is no longer than a small multiple of it.
fn read<T: DeserializeOwned + serde::Serialize>(bytes: &[u8]) {
    if let Ok(value) = postcard::from_bytes::<T>(bytes) {
        let again = encode(&value).expect("bytes");
        assert!(again.len() <= 2 * bytes.len() + 16, "{} bytes of {}", again.len(), bytes.len());
    }
}

fn read_all(bytes: &[u8]) {
    let value = frame::seal("event", b"key", bytes);
    assert_eq!(frame::unseal("event", b"key", &value).as_deref(), Some(bytes));
    let _ = frame::unseal("event", b"key", bytes);
    for shelf in ["target", "outage", "event"] {
        let _ = super::version_1::renewed(shelf, bytes);
    }
    for version in [Version::First, Version::Second] {
        let mut rest = Piece::read(bytes).map_or(bytes, |piece| piece.bytes);
        let mut count = 0;
        while let Some((_, tail)) = take_record(version, rest) {
            count += 1;
            rest = tail;
        }
        assert!(count <= bytes.len());
    }
    let _ = postcard::from_bytes::<Json<CatalogEntry>>(bytes);
    read::<Gap>(bytes);
    read::<Outage>(bytes);
    let _ = postcard::from_bytes::<Json<Former>>(bytes);
    read::<Event>(bytes);
    read::<AdHoc>(bytes);
    read::<MaintenanceOf>(bytes);
    read::<State>(bytes);
    read::<Sealed>(bytes);
    let _ = (key::read_journal(bytes), key::read_series(bytes), key::read_chunk(bytes));
    let _ = varint::take(&mut &*bytes);
    let _ = (Identity::from_bytes(bytes), witness::read(bytes));
}

#[test]
fn no_bytes_make_a_decoder_panic_or_say_more_than_is_there() {
    let seed = std::env::var("PORTPULSE_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    let samples = samples();
    let mut random = fastrand::Rng::with_seed(seed);
    for turn in 0..TURNS {
        let bytes = mutated(&mut random, &samples);
        let outcome = std::panic::catch_unwind(|| read_all(&bytes));
        assert!(outcome.is_ok(), "PORTPULSE_SEED={seed}, turn {turn}: {bytes:02x?}");
    }
}

/// sled keeps what is longer than about 6 KB at a high price.
#[test]
fn maintenance_of_a_thousand_targets_is_no_long_value() {
    let targets = (0..1_000).map(|back| TargetId(u32::MAX - back)).collect();
    let span = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };
    let title = "\u{1f527}".repeat(maintenance::TITLE_MAX);
    let said = MaintenanceOf { targets, maintenance: Maintenance { span, title, origin: Origin::Declared } };
    let bytes = encode(&said).expect("bytes");
    assert!(bytes.len() < 6 << 10, "{} bytes", bytes.len());
    assert_eq!(postcard::from_bytes(&bytes), Ok(said));
}
