//! Chunks against everything that checks can be, and against bytes that are none.

use super::chunk::{CODEC, CODEC_COARSE, Packer, Precision, SPAN_MAX};
use super::evidence::{Left, coarsen, reduce};
use super::key::Series;
use super::unpack::{Head, Turns, head, unpack};
use crate::domain::{
    Check, Clocked, EndpointId, Failure, Fault, NameFailure, Outcome, Place, Reason, Span, Timing, VantageId, Wall,
};
use proptest::prelude::*;
use std::net::IpAddr;
use std::time::Duration;

const OF: Series = (EndpointId(7), VantageId(1));
const FAULTS: [Fault; 10] = [
    Fault::Descriptors,
    Fault::LocalAddress,
    Fault::Memory,
    Fault::Denied,
    Fault::Route,
    Fault::ResolverTimedOut,
    Fault::ResolverFailed,
    Fault::Stalled,
    Fault::Overload,
    Fault::Cancelled,
];

fn durations() -> impl Strategy<Value = Duration> {
    let micros = prop_oneof![
        6 => 19_000..21_000_u64,
        2 => 0..2_000_u64,
        1 => any::<u64>(),
        1 => (any::<u64>(), 0..64_u32).prop_map(|(number, short)| number >> short),
        1 => proptest::sample::select(vec![0, 1, u64::MAX - 1, u64::MAX, 1 << 48, 1 << 63]),
    ];
    micros.prop_map(Duration::from_micros)
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    let clocked = prop_oneof![Just(Clocked::Kernel), Just(Clocked::Stopwatch)];
    let open = (durations(), clocked, any::<u8>())
        .prop_map(|(connect, clocked, syn_lost)| Outcome::Open(Timing { connect, clocked, syn_lost }));
    let reason = proptest::sample::select(Reason::ALL.to_vec());
    let place = proptest::sample::select(vec![Place::Lookup, Place::AtCall, Place::Later]);
    let name = proptest::option::of(prop_oneof![Just(NameFailure::NoSuchName), Just(NameFailure::NoAddress)]);
    let failed = (reason, place, any::<Option<i32>>(), name, durations(), any::<u8>()).prop_map(
        |(reason, place, errno, name, after, syn_lost)| {
            Outcome::Failed(Failure { reason, place, errno, name, after, syn_lost })
        },
    );
    let inconclusive = proptest::sample::select(FAULTS.to_vec()).prop_map(Outcome::Inconclusive);
    prop_oneof![6 => open, 2 => failed, 1 => inconclusive]
}

/// From one check to the next: as due, late, not at all, turns later, back, anywhere.
fn steps() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => 59_995..60_040_i64,
        2 => 9_990..10_040_i64,
        1 => Just(0),
        1 => (1..50_i64).prop_map(|turns| turns * 60_000),
        1 => -4_000_000..0_i64,
        1 => any::<i64>(),
        1 => (any::<i64>(), 0..64_u32).prop_map(|(number, short)| number >> short),
    ]
}

fn checks() -> impl Strategy<Value = Vec<Check>> {
    let address = prop_oneof![
        4 => Just(Some(IpAddr::from([10, 0, 0, 1]))),
        2 => (1..4_u8).prop_map(|last| Some(IpAddr::from([10, 0, 0, last]))),
        1 => any::<Option<IpAddr>>(),
    ];
    let one = (steps(), outcomes(), proptest::option::of(durations()), address, any::<u8>(), any::<u8>());
    let start = prop_oneof![4 => Just(1_700_000_000_000_i64), 1 => any::<i64>()];
    (start, proptest::collection::vec(one, 1..200)).prop_map(|(start, rows)| {
        let mut at = start;
        rows.into_iter()
            .map(|(step, outcome, dns, address, tried, answered)| {
                at = at.wrapping_add(step);
                Check { endpoint: OF.0, vantage: OF.1, at: Wall(at), outcome, dns, address, tried, answered }
            })
            .collect()
    })
}

fn pack(checks: &[Check]) -> Vec<u8> {
    let mut packer = Packer::default();
    for check in checks {
        packer.push(check);
    }
    packer.bytes_sealed()
}

/// Whatever these bytes are: no panic, nothing left of what is refused, and no more checks than the
/// bytes can hold.
fn survive(bytes: &[u8]) {
    let mut out = Vec::new();
    match unpack(OF, bytes, &mut out) {
        Some(_) => {
            assert_eq!(head(bytes).map(|head| head.count as usize), Some(out.len()));
            assert!(out.len() <= bytes.len() * 8);
        }
        None => assert!(out.is_empty()),
    }
    assert!(out.capacity() <= bytes.len() * 8, "{} for {} bytes", out.capacity(), bytes.len());
}

proptest! {
    #[test]
    fn what_goes_in_comes_out(checks in checks()) {
        let mut out = Vec::new();
        let bytes = pack(&checks);
        prop_assert_eq!(unpack(OF, &bytes, &mut out), Some(Turns::default()));
        prop_assert_eq!(&out, &checks);
        let head = head(&bytes).expect("a head");
        prop_assert_eq!((head.count as usize, head.first), (checks.len(), checks[0].at));
        prop_assert_eq!(Some(head.last), checks.last().map(|check| check.at));
    }

    /// Each damage by itself, and then on top of those before.
    #[test]
    fn damaged_chunks_are_survived(
        checks in checks(),
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0..4_u8), 12),
    ) {
        let whole = pack(&checks);
        let mut ruin = whole.clone();
        for (place, value, kind) in damage {
            let mut bytes = whole.clone();
            spoil(&mut bytes, place.index(whole.len()), value, kind);
            survive(&bytes);
            let place = place.index(ruin.len());
            spoil(&mut ruin, place, value, kind);
            survive(&ruin);
        }
    }
}

fn micros_apart(one: Duration, other: Duration) -> u128 {
    one.as_micros().abs_diff(other.as_micros())
}

/// Whether a duration that was made coarse is as near to what it was as is promised.
fn is_near(coarse: Duration, exact: Duration) -> bool {
    micros_apart(coarse, exact) <= exact.as_micros() / 256
}

/// The check with the durations of another, if those are near enough.
fn sharpened(coarse: &Check, exact: &Check) -> Check {
    let mut check = coarse.clone();
    if let (Outcome::Open(timing), Outcome::Open(measured)) = (&mut check.outcome, exact.outcome)
        && is_near(timing.connect, measured.connect)
    {
        timing.connect = measured.connect;
    }
    if coarse.dns.zip(exact.dns).is_some_and(|(coarse, exact)| is_near(coarse, exact)) {
        check.dns = exact.dns;
    }
    check
}

proptest! {
    #[test]
    fn coarse_checks_keep_all_but_a_little_of_their_latency(
        checks in checks(),
        evidence in proptest::collection::vec((any::<proptest::sample::Index>(), 0..9_usize), 0..4),
    ) {
        let mut checks = checks;
        checks.sort_by_key(|check| check.at);
        let mut spans = Vec::new();
        for (from, count) in evidence {
            let from = from.index(checks.len());
            let to = (from + count).min(checks.len() - 1);
            let span = Span { from: checks[from].at, to: Wall(checks[to].at.0.saturating_add(1)) };
            crate::window::spans::insert(&mut spans, span);
        }
        let bytes = pack(&checks);
        let is_evidence = |check: &Check| spans.iter().any(|span| span.contains(check.at));
        let old = checks.iter().filter(|check| !is_evidence(check)).count();
        let Some(coarse) = coarsen(OF, head(&bytes).expect("a head"), &bytes, &spans) else {
            prop_assert_eq!(old, 0);
            return Ok(());
        };
        let before = head(&bytes).expect("a head");
        let after = head(&coarse).expect("a head");
        prop_assert_eq!(after, Head { coarse: old as u32, ..before });
        let mut out = Vec::new();
        let turns = unpack(OF, &coarse, &mut out).expect("a chunk");
        prop_assert_eq!(out.len(), checks.len());
        for ((got, was), precision) in out.iter().zip(&checks).zip(turns.each()) {
            prop_assert_eq!(precision == Precision::Exact, is_evidence(was));
            if precision == Precision::Exact {
                prop_assert_eq!(got, was);
            }
            prop_assert_eq!(&sharpened(got, was), was);
        }
        prop_assert_eq!(coarsen(OF, after, &coarse, &spans), None, "once is enough");
        // What is coarse says so after the checks beside it went.
        if let Left::Some(fewer) = reduce(OF, after, &coarse, &[Span { from: checks[0].at, to: checks[checks.len() / 2].at }]) {
            let mut kept = Vec::new();
            let kept_turns = unpack(OF, &fewer, &mut kept).expect("a chunk");
            prop_assert_eq!(&kept[..], &out[..kept.len()]);
            prop_assert!(kept_turns.each().zip(turns.each()).take(kept.len()).all(|(kept, was)| kept == was));
        }
        for cut in 1..coarse.len().min(40) {
            survive(&coarse[..coarse.len() - cut]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn foreign_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        survive(&bytes);
        survive(&[&[CODEC][..], &bytes].concat());
        survive(&[&[CODEC_COARSE][..], &bytes].concat());
    }
}

fn spoil(bytes: &mut Vec<u8>, place: usize, value: u8, kind: u8) {
    match kind {
        0 => bytes[place] ^= 1 << (value % 8),
        1 => bytes[place] = value,
        2 => bytes.insert(place, value),
        _ => bytes.truncate(place.max(1)),
    }
}

fn minutely(count: i64) -> Vec<Check> {
    (0..count)
        .map(|minute| Check {
            endpoint: OF.0,
            vantage: OF.1,
            at: Wall(1_700_000_000_000 + minute * 60_000),
            outcome: Outcome::Open(Timing {
                connect: Duration::from_micros(20_000 + (minute.cast_unsigned() * 7_919) % 900),
                clocked: Clocked::Kernel,
                syn_lost: 0,
            }),
            dns: None,
            address: Some(IpAddr::from([10, 0, 0, 1])),
            tried: 1,
            answered: 1,
        })
        .collect()
}

#[test]
fn four_hours_by_the_minute_cost_a_byte_and_a_half_a_check() {
    // Ten bits of noise, and one to say that the check was in time.
    let size = pack(&minutely(240)).len();
    assert!(size < 240 * 12 / 8 + 40, "{size} bytes");
}

/// Bytes for a thousand checks with noise that looks like a bell around a middle: exact, and coarse.
fn bytes_for_a_thousand(middle: f64, share: f64, lateness: f64) -> (usize, usize) {
    let mut random = fastrand::Rng::with_seed(1);
    let mut bell = || (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
    let mut checks = minutely(1_000);
    let start = checks[0].at;
    for (second, check) in (0..).zip(&mut checks) {
        check.at = start + Duration::from_millis(second * 1_000 + (bell() * lateness).abs() as u64);
        let connect = Duration::from_micros((middle * (1.0 + share * bell())).max(20.0) as u64);
        check.outcome = Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 });
    }
    let exact = pack(&checks);
    let coarse = coarsen(OF, head(&exact).expect("a head"), &exact, &[]).expect("coarse");
    (exact.len(), coarse.len())
}

#[test]
fn coarse_checks_take_about_half_the_room() {
    // In a rack, in a city, in a country, across an ocean; with the share of noise that is usual there.
    let places = [(180.0, 0.15), (2_000.0, 0.08), (20_000.0, 0.03), (150_000.0, 0.01)];
    let sizes = places.map(|(middle, share)| bytes_for_a_thousand(middle, share, 1.0));
    println!("{sizes:?} bytes for a thousand checks, exact and coarse");
    let [rack, city, country, ocean] = sizes.map(|(exact, coarse)| coarse * 100 / exact);
    assert!(rack <= 101 && city < 80 && country < 60 && ocean < 50, "{rack} {city} {country} {ocean} percent");
}

#[test]
fn addresses_that_take_turns_cost_two_bits_a_check() {
    let constant = minutely(240);
    let mut turning = constant.clone();
    for (last, check) in (1..3_u8).cycle().zip(&mut turning) {
        check.address = Some(IpAddr::from([10, 0, 0, last]));
    }
    let more = pack(&turning).len() - pack(&constant).len();
    assert!(more < 240 * 2 / 8 + 16, "{more} bytes more");
}

#[test]
fn an_outage_costs_no_more_than_its_times() {
    let mut checks = minutely(240);
    let whole = pack(&checks).len();
    for check in &mut checks[100..160] {
        check.outcome = Outcome::Inconclusive(Fault::ResolverTimedOut);
        check.address = None;
    }
    assert!(pack(&checks).len() < whole);
}

#[test]
fn a_count_that_no_bytes_stand_behind_is_refused() {
    let mut bytes = pack(&minutely(1));
    assert_eq!(bytes[1], 1);
    bytes.splice(1..2, [0xff, 0xff, 0xff, 0xff, 0x0f]);
    let mut out = Vec::new();
    assert_eq!(head(&bytes).map(|head| head.count), Some(u32::MAX));
    assert_eq!(unpack(OF, &bytes, &mut out), None);
    assert_eq!(out.capacity(), 0);
}

#[test]
fn a_chunk_is_full_after_four_hours_and_takes_nothing_older_than_its_newest() {
    let mut packer = Packer::default();
    let checks = minutely(300);
    for check in checks.iter().take_while(|check| check.at.since(checks[0].at) < SPAN_MAX) {
        assert!(packer.has_room(check.at));
        packer.push(check);
    }
    assert_eq!(packer.count(), 240);
    assert!(!packer.has_room(checks[240].at));
    assert!(packer.has_room(checks[239].at));
    assert!(!packer.has_room(checks[238].at));
}

/// Packs what a turn makes of a check until the chunk is full.
fn filled(mut change: impl FnMut(u64, &mut Check)) -> usize {
    let mut packer = Packer::default();
    let mut check = minutely(1).remove(0);
    for turn in 0..100_000 {
        if !packer.has_room(check.at) {
            return packer.bytes_sealed().len();
        }
        change(turn, &mut check);
        packer.push(&check);
    }
    panic!("a chunk that is never full");
}

#[test]
fn the_most_hostile_chunk_stays_below_six_kilobytes() {
    let everything_anew = filled(|turn, check| {
        check.at = Wall(check.at.0 + i64::from(turn % 2 == 0) * 60_000);
        check.address = Some(IpAddr::from((u128::from(turn) << 64).to_be_bytes()));
        check.dns = Some(Duration::from_micros(turn.wrapping_mul(u64::MAX / 3)));
        check.outcome = Outcome::Failed(Failure {
            reason: Reason::HostUnreachable,
            place: Place::Later,
            errno: Some(i32::MIN + turn as i32),
            name: Some(NameFailure::NoSuchName),
            after: Duration::from_micros(turn.wrapping_mul(u64::MAX / 3)),
            syn_lost: 255,
        });
    });
    let taking_turns = filled(|turn, check| check.answered = (turn * turn % 251) as u8);
    for size in [everything_anew, taking_turns] {
        assert!((2 << 10..6 << 10).contains(&size), "{size} bytes");
    }
}
