//! Every function that Kener's document prints, word for word, against the policy of the same name: the same
//! standing and, to the last digit, the same latency.

use super::stage::{Stage, ping};
use portpulse::domain::Evaluation;
use portpulse::evaluate::{Member, Ping, Status, judge};
use std::collections::HashSet;
use std::num::NonZeroU32;
use std::time::Duration;

/// The weights that the document's function holds; others count 1.
const WEIGHTS: [u32; 3] = [10, 5, 3];

/// Latencies at the limits of the documents (100, 150 and 300 ms), beside them, and far from them.
const LATENCIES: [f64; 10] = [0.0, 45.23, 99.999_999, 100.0, 100.000_001, 150.0, 150.000_1, 300.0, 300.1, 1_234.567];

fn functions() -> Vec<(&'static str, &'static str, Evaluation, Option<Duration>)> {
    let quorum = Evaluation::Quorum { needed: None };
    let threshold = Some(Duration::from_millis(100));
    vec![
        ("default.js", include_str!("kener/default.js"), Evaluation::All, None),
        ("quorum.js", include_str!("kener/quorum.js"), quorum, None),
        ("threshold.js", include_str!("kener/threshold.js"), Evaluation::All, threshold),
        ("failover.js", include_str!("kener/failover.js"), Evaluation::Failover, None),
        ("weighted.js", include_str!("kener/weighted.js"), Evaluation::WEIGHTED, None),
        ("timeouts.js", include_str!("kener/timeouts.js"), Evaluation::Timeouts, None),
        ("percentile.js", include_str!("kener/percentile.js"), Evaluation::PERCENTILE, None),
    ]
}

/// `o`, `t` and `e` for open, timed out and failed; the latencies are taken in turn, from `first` on.
fn round(letters: &str, first: usize) -> Vec<Ping> {
    let one = |(place, letter)| {
        let latency = LATENCIES[(first + place * 7) % LATENCIES.len()];
        match letter {
            'o' => ping(place, Status::Open, latency),
            't' => ping(place, Status::Timeout, 1_000.0 + latency),
            _ => ping(place, Status::Error, latency / 3.0),
        }
    };
    letters.chars().enumerate().map(one).collect()
}

fn every_round_of(members: u32) -> impl Iterator<Item = String> {
    let digit = |number: usize, place: u32| ['o', 't', 'e'][number / 3_usize.pow(place) % 3];
    (0..3_usize.pow(members)).map(move |number| (0..members).map(|place| digit(number, place)).collect())
}

fn rounds() -> Vec<Vec<Ping>> {
    let mut rounds = Vec::new();
    // One host at every latency, open and not.
    for first in 0..LATENCIES.len() {
        rounds.extend(["o", "t", "e"].map(|letters| round(letters, first)));
    }
    // Everything that can happen to two, three and four, ties of quorums and weights among it.
    for (place, letters) in (2..=4).flat_map(every_round_of).enumerate() {
        rounds.push(round(&letters, place));
    }
    // All open at one latency: every limit is met exactly, by one, two and twenty.
    for latency in LATENCIES {
        for members in [1, 2, 20] {
            rounds.push((0..members).map(|place| ping(place, Status::Open, latency)).collect());
        }
    }
    // Large ones: all open, one of each failure, all dark, just a majority, just none, both kinds of failure.
    for members in [20, 21, 100, 101, 200] {
        let (half, rest) = ("o".repeat(members / 2), "t".repeat(members - members / 2));
        let others = "o".repeat(members - 1);
        for letters in [
            "o".repeat(members),
            format!("{others}t"),
            format!("e{others}"),
            "t".repeat(members),
            "e".repeat(members),
            format!("o{half}{}", &rest[1..]),
            format!("{half}{rest}"),
            format!("{}e", "t".repeat(members - 1)),
        ] {
            rounds.push(round(&letters, members));
        }
    }
    rounds
}

#[tokio::test]
async fn each_function_and_the_policy_of_its_name_agree_on_every_round() {
    let stage = Stage::new();
    let rounds = rounds();
    assert!(rounds.len() >= 200, "{}", rounds.len());
    for (name, source, evaluation, degraded_above) in functions() {
        stage.write(name, source);
        let mut standings = HashSet::new();
        for pings in &rounds {
            let script = stage.ask(name, pings).await.unwrap_or_else(|error| panic!("{error} on {pings:?}"));
            let weight = |place: usize| NonZeroU32::new(WEIGHTS.get(place).copied().unwrap_or(1)).expect("a weight");
            let member = |(place, ping): (usize, &Ping)| Member { ping: Some(ping.clone()), weight: weight(place) };
            let members: Vec<Member> = pings.iter().enumerate().map(member).collect();
            let policy = judge(&evaluation, degraded_above, &members).expect("everything is known");
            let same = (policy.standing, policy.latency.to_bits()) == (script.standing, script.latency.to_bits());
            assert!(same, "{name}: {policy:?} but {script:?} on {pings:?}");
            standings.insert(policy.standing);
        }
        let expected = if name == "default.js" { 2 } else { 3 };
        assert_eq!(standings.len(), expected, "{name}: the rounds bring out everything it can say");
    }
}

#[tokio::test]
async fn the_signature_as_it_is_printed_is_no_function_that_runs_and_says_where() {
    let stage = Stage::new();
    stage.write("signature.js", include_str!("kener/signature.js"));
    assert_eq!(stage.told("signature.js").await, "signature.js:5: ReferenceError: number is not defined");
}
