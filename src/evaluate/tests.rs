//! Each policy on rounds that tell it from the others, and verdicts about rounds that were not wholly seen.

use super::*;
use crate::domain::{Address, Clocked, Endpoint, Failure, Family, Fault, Outcome, Place, Reason, Timing};
use std::num::NonZeroU16;
use std::path::PathBuf;

fn ping(place: usize, status: Status, latency: f64) -> Ping {
    Ping { status, latency, host: format!("db{}", place + 1), port: 5432, kind: Kind::V4 }
}

/// `o` open after 10 ms, `s` open after 400 ms, `t` timed out after a second, `e` failed at once, `?` unknown.
fn round(letters: &str) -> Vec<Member> {
    let member = |(place, letter)| {
        let ping = match letter {
            'o' => Some(ping(place, Status::Open, 10.0)),
            's' => Some(ping(place, Status::Open, 400.0)),
            't' => Some(ping(place, Status::Timeout, 1_000.0)),
            'e' => Some(ping(place, Status::Error, 1.0)),
            _ => None,
        };
        Member { ping, weight: NonZeroU32::MIN }
    };
    letters.chars().enumerate().map(member).collect()
}

fn told(evaluation: &Evaluation, letters: &str) -> String {
    let verdict = judge(evaluation, None, &round(letters));
    verdict.map_or("nothing".to_owned(), |it| format!("{} {} {}", it.standing.word(), it.latency, it.why))
}

fn policies() -> Vec<Evaluation> {
    vec![
        Evaluation::All,
        Evaluation::Any,
        Evaluation::Quorum { needed: None },
        Evaluation::Quorum { needed: NonZeroU16::new(1) },
        Evaluation::Failover,
        Evaluation::WEIGHTED,
        Evaluation::Weighted { degraded_from: 0 },
        Evaluation::Timeouts,
        Evaluation::PERCENTILE,
    ]
}

#[test]
fn a_verdict_says_why_it_is_so() {
    let quorum = Evaluation::Quorum { needed: None };
    let one = Evaluation::Quorum { needed: NonZeroU16::new(1) };
    for (evaluation, letters, expected) in [
        (&Evaluation::All, "oo", "UP 10 all: 2 of 2 open"),
        (&Evaluation::All, "t", "DOWN 1000 all: its only endpoint is not open, db1:5432 timed out"),
        (&Evaluation::All, "oe", "DOWN 5.5 all: 1 of 2 open, db2:5432 failed"),
        (&Evaluation::Any, "et", "DOWN 0 any: none of 2 open, one is enough"),
        (&quorum, "oot", "DEGRADED 10 quorum: 2 of 3 open, majority is 2"),
        (&one, "ott", "DEGRADED 10 quorum: 1 of 3 open, 1 needed"),
        (
            &Evaluation::Failover,
            "tos",
            "DEGRADED 10 failover: 2 of 3 open, the first, db1:5432, timed out, db2:5432 is open",
        ),
        (&Evaluation::Failover, "so", "UP 400 failover: 2 of 2 open, the first, db1:5432, is open"),
        (&Evaluation::WEIGHTED, "oe", "DEGRADED 10 weighted: 1 of 2 open, 1 of 2 of the weight, degraded from 50%"),
        (
            &Evaluation::Timeouts,
            "tt",
            "DEGRADED 0 timeouts: none of 2 open, 2 timed out, 0 failed otherwise: time-outs alone are never down",
        ),
        (&Evaluation::Timeouts, "te", "DOWN 0 timeouts: none of 2 open, 1 timed out, 1 failed otherwise"),
        (&Evaluation::PERCENTILE, "so", "DOWN 205 percentile: 2 of 2 open, p95 400.0 ms of 150, p99 400.0 ms of 300"),
        (&Evaluation::PERCENTILE, "oe", "DEGRADED 10 percentile: 1 of 2 open"),
    ] {
        assert_eq!(told(evaluation, letters), expected);
    }
}

#[test]
fn a_slow_member_degrades_an_up_target_by_any_policy_and_no_other() {
    let limit = Some(Duration::from_millis(100));
    for evaluation in policies().into_iter().filter(|it| *it != Evaluation::PERCENTILE) {
        let slow = judge(&evaluation, limit, &round("os")).expect("a verdict");
        assert_eq!(slow.standing, Standing::Degraded, "{evaluation:?}");
        assert!(slow.why.ends_with("; db2:5432 took 400.0 ms, above 100 ms"), "{}", slow.why);
        assert_eq!(judge(&evaluation, limit, &round("oo")).expect("a verdict").standing, Standing::Up);
        assert_eq!(judge(&evaluation, limit, &round("ee")).map(|it| it.standing), {
            let at_all = matches!(evaluation, Evaluation::Weighted { degraded_from: 0 });
            Some(if at_all { Standing::Degraded } else { Standing::Down })
        });
    }
    let at_the_limit = judge(&Evaluation::All, Some(Duration::from_millis(10)), &round("oo")).expect("a verdict");
    assert_eq!(at_the_limit.standing, Standing::Up, "only above the limit is slow");
}

#[test]
fn nothing_seen_is_no_verdict_and_a_script_is_asked_elsewhere() {
    for evaluation in policies() {
        assert_eq!(told(&evaluation, ""), "nothing");
        assert_eq!(told(&evaluation, "?"), "nothing");
    }
    assert_eq!(told(&Evaluation::Script(PathBuf::from("a.js")), "o"), "nothing");
}

#[test]
fn what_is_unknown_is_left_out_of_latency_and_told() {
    let quorum = Evaluation::Quorum { needed: None };
    assert_eq!(told(&quorum, "oote?"), "nothing", "two of five are no majority, three are");
    assert_eq!(told(&quorum, "otte?"), "DOWN 10 quorum: 1 of 5 open, majority is 3; 1 unknown, the same either way");
    assert_eq!(
        told(&Evaluation::All, "ot?"),
        "DOWN 505 all: 1 of 3 open, db2:5432 timed out; 1 unknown, the same either way"
    );
}

/// Every way that the unknown members of a round can have gone.
fn ways(letters: &str) -> Vec<String> {
    let Some(place) = letters.find('?') else { return vec![letters.to_owned()] };
    let with = |way: char| format!("{}{way}{}", &letters[..place], &letters[place + 1..]);
    ['o', 't', 'e'].into_iter().flat_map(|way| ways(&with(way))).collect()
}

fn rounds_of(members: u32) -> impl Iterator<Item = String> {
    let digit = |number: usize, place: u32| ['o', 's', 't', 'e', '?'][number / 5_usize.pow(place) % 5];
    (0..5_usize.pow(members)).map(move |number| (0..members).map(|place| digit(number, place)).collect())
}

#[test]
fn a_verdict_counts_if_and_only_if_no_way_of_the_unknown_members_changes_it() {
    let mut decided = 0;
    for letters in (1..=4).flat_map(rounds_of).filter(|letters| letters.chars().any(|letter| letter != '?')) {
        for evaluation in policies() {
            for limit in [None, Some(Duration::from_millis(100))] {
                let standing = |letters: &str| judge(&evaluation, limit, &round(letters)).map(|it| it.standing);
                let mut possible: Vec<_> = ways(&letters).iter().map(|way| standing(way)).collect();
                possible.dedup();
                let expected = if let [only] = possible[..] { only } else { None };
                assert_eq!(standing(&letters), expected, "{evaluation:?} {limit:?} {letters}");
                decided += usize::from(expected.is_some() && letters.contains('?'));
            }
        }
    }
    assert!(decided > 1_000, "only {decided} rounds with unknown members were decided");
}

#[test]
fn percentiles_take_no_latency_of_zero_for_one() {
    let mut members = round(&"o".repeat(100));
    for member in &mut members {
        member.ping.as_mut().expect("a ping").latency = 0.0;
    }
    members[99].ping.as_mut().expect("a ping").latency = 200.0;
    let verdict = judge(&Evaluation::PERCENTILE, None, &members).expect("a verdict");
    assert_eq!((verdict.standing, verdict.latency), (Standing::Degraded, 2.0), "the document's `0 || last`");
}

#[test]
fn a_policy_of_the_configuration_has_a_row_in_the_table() {
    let words =
        policies().iter().chain([&Evaluation::Script(PathBuf::new())]).map(Evaluation::word).collect::<Vec<_>>();
    for word in &words {
        assert_eq!(POLICIES.iter().filter(|policy| policy.name == *word).count(), 1, "{word}");
    }
    assert!(POLICIES.iter().all(|policy| words.contains(&policy.name)));
}

#[test]
fn a_ping_is_told_as_kener_tells_it() {
    let endpoint = |address: &str| Endpoint::new(address.parse::<Address>().expect("an address"));
    let ms = Duration::from_millis;
    let failed =
        |reason, place| Outcome::Failed(Failure { reason, place, errno: None, name: None, after: ms(30), syn_lost: 0 });
    let open = Outcome::Open(Timing { connect: Duration::from_micros(45_230), clocked: Clocked::Kernel, syn_lost: 0 });
    let json = |ping: Option<Ping>| serde_json::to_string(&ping.expect("a ping")).expect("JSON");
    assert_eq!(
        json(Ping::of(&endpoint("db.example.com:5432"), &open, None, None)),
        r#"{"status":"open","latency":45.23,"host":"db.example.com","port":5432,"type":"tcp"}"#
    );
    assert_eq!(
        json(Ping::of(&endpoint("[2001:db8::1]:443"), &failed(Reason::TimedOut, Place::Later), None, None)),
        r#"{"status":"timeout","latency":30.0,"host":"2001:db8::1","port":443,"type":"IP6"}"#
    );
    let name = Endpoint { family: Family::Ipv6, ..endpoint("db1:22") };
    let seen =
        |outcome: &Outcome| Ping::of(&name, outcome, Some(ms(5)), None).map(|it| (it.status, it.latency, it.kind));
    assert_eq!(seen(&failed(Reason::Refused, Place::Later)), Some((Status::Error, 35.0, Kind::V6)));
    assert_eq!(seen(&failed(Reason::DnsFailed, Place::Lookup)), Some((Status::Error, 30.0, Kind::V6)));
    assert_eq!(seen(&failed(Reason::NetworkUnreachable, Place::AtCall)), None, "our own routing table says so");
    assert_eq!(seen(&Outcome::Inconclusive(Fault::Descriptors)), None);
    let over_v6 = Ping::of(&endpoint("db1:22"), &open, None, Some("::1".parse().expect("an address")));
    assert_eq!(over_v6.map(|it| it.kind), Some(Kind::V6));
}
