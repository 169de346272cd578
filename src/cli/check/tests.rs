//! Checks whose answers are made up, and what is told of them.

use super::*;
use crate::domain::{Clocked, Evaluation, Failure, Fault, Mono, NameFailure, Now, Place, Reason, Timing, Try};
use crate::probe::{Far, pair};
use std::net::IpAddr;

const MOMENT: Wall = Wall(1_700_000_000_123);

fn clock() -> Now {
    Now { mono: Mono(0), wall: MOMENT }
}

fn plan_of(targets: &str, rounds: u32) -> Plan {
    let endpoint =
        |text: &str| Endpoint { timeout: Duration::from_secs(10), ..Endpoint::new(text.parse().expect("an address")) };
    Plan {
        endpoints: targets.split(' ').map(endpoint).collect(),
        rounds,
        interval: Duration::from_secs(1),
        group: None,
    }
}

fn finding(outcome: Outcome, dns: Option<u64>, address: Option<&str>) -> Finding {
    let address: Option<IpAddr> = address.map(|text| text.parse().expect("an address"));
    Finding {
        waited: Duration::ZERO,
        dns: dns.map(Duration::from_micros),
        tries: address.map(|address| Try { address, outcome }).into_iter().collect(),
        outcome,
        address,
    }
}

fn open(micros: u64, clocked: Clocked, syn_lost: u8) -> Outcome {
    Outcome::Open(Timing { connect: Duration::from_micros(micros), clocked, syn_lost })
}

fn failed(reason: Reason, place: Place, micros: u64) -> Outcome {
    let name = (reason == Reason::DnsFailed).then_some(NameFailure::NoSuchName);
    let errno = (reason == Reason::Refused).then_some(111);
    Outcome::Failed(Failure { reason, place, errno, name, after: Duration::from_micros(micros), syn_lost: 0 })
}

/// Answers each order by the script, which is told the number of the attempt.
async fn answer(mut far: Far, script: impl Fn(u64) -> Finding) {
    while let Some(order) = far.orders.recv().await {
        let Order::Probe(job) = order else { panic!("{order:?}") };
        let _ = far.reports.send(Report::Done(job.attempt, script(job.attempt.0))).await;
    }
}

async fn told(plan: Plan, format: Format, script: impl Fn(u64) -> Finding) -> (String, Exit) {
    let (near, far) = pair();
    let mut out = Vec::new();
    let never = std::future::pending();
    let run = carry_out(&plan, near, clock, format, &mut out, never);
    let (exit, ()) = tokio::join!(run, answer(far, script));
    (String::from_utf8(out).expect("text"), exit.expect("it ends"))
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_a_line_of_columns() {
    let (text, exit) = told(plan_of("db1:5432 [::1]:22 nowhere:1 x:2", 1), Format::Text(Style::Plain), |n| match n {
        0 => finding(open(87, Clocked::Kernel, 0), Some(1_204), Some("10.0.0.5")),
        1 => finding(failed(Reason::Refused, Place::Later, 41), None, Some("::1")),
        2 => finding(failed(Reason::DnsFailed, Place::Lookup, 2_500), Some(2_500), None),
        _ => finding(Outcome::Inconclusive(Fault::Descriptors), None, None),
    })
    .await;
    let expected = [
        "db1:5432   open          -         dns    1.204ms  connect    0.087ms  total    1.291ms  10.0.0.5",
        "[::1]:22   failed        refused   dns          -  connect    0.041ms  total    0.041ms  ::1",
        "nowhere:1  failed        no name   dns    2.500ms  connect          -  total    2.500ms  -",
        "x:2        inconclusive  -         dns          -  connect          -  total          -  -  out of file descriptors here",
        "",
    ];
    assert_eq!(text, expected.join("\n"));
    assert_eq!(exit, Exit::Failed);
}

#[tokio::test(start_paused = true)]
async fn several_rounds_end_with_percentiles_of_real_attempts() {
    let (text, exit) = told(plan_of("a:1", 10), Format::Text(Style::Plain), |n| match n {
        3 => finding(failed(Reason::TimedOut, Place::Later, 10_000_000), None, Some("10.0.0.1")),
        4 => finding(Outcome::Inconclusive(Fault::Stalled), None, None),
        n => finding(open(1_000 * (n + 1), Clocked::Stopwatch, u8::from(n == 9)), None, Some("10.0.0.1")),
    })
    .await;
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[9].ends_with("10.0.0.1  syn lost 1  stopwatch"), "{text}");
    assert_eq!(lines[10], "a:1: 10 checks, 8 open, 1 failed (timeout 1), 1 inconclusive, 11.1% lost, syn lost 1");
    assert_eq!(
        lines[11],
        "a:1: total min 1.000ms  p50 6.000ms  p90 10.000ms  p95 10.000ms  p99 10.000ms  max 10.000ms"
    );
    assert_eq!((lines.len(), exit), (12, Exit::Failed));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_explained_once_to_people() {
    let style = Format::Text(Style::Colour);
    let (text, _) =
        told(plan_of("a:1", 2), style, |_| finding(failed(Reason::Refused, Place::Later, 41), None, None)).await;
    assert_eq!(text.matches("a answers, but nothing listens on port 1").count(), 1, "{text}");
    assert_eq!(text.matches("first: is the service running?").count(), 1, "{text}");
    assert_eq!(text.matches("\u{1b}[1;31mfailed      \u{1b}[0m").count(), 2, "{text}");
}

#[tokio::test(start_paused = true)]
async fn programs_get_one_object_a_line() {
    let (text, exit) = told(plan_of("a:1", 2), Format::Json, |n| match n {
        0 => finding(open(87, Clocked::Kernel, 0), Some(1_204), Some("10.0.0.5")),
        _ => finding(Outcome::Inconclusive(Fault::ResolverTimedOut), None, None),
    })
    .await;
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let expected = serde_json::json!([
        {
            "type": "check", "at": "2023-11-14T22:13:20.123Z", "target": "a:1", "round": 1,
            "outcome": "open", "reason": null, "message": null, "errno": null,
            "dns_ms": 1.204, "connect_ms": 0.087, "total_ms": 1.291, "clocked": "kernel", "syn_lost": 0,
            "address": "10.0.0.5", "tries": [{ "address": "10.0.0.5", "outcome": "open", "reason": null }],
        },
        {
            "type": "check", "at": "2023-11-14T22:13:20.123Z", "target": "a:1", "round": 2,
            "outcome": "inconclusive", "reason": "resolver_timed_out", "message": "the resolver does not answer",
            "errno": null, "dns_ms": null, "connect_ms": null, "total_ms": null, "clocked": null, "syn_lost": 0,
            "address": null, "tries": [],
        },
        {
            "type": "summary", "target": "a:1", "checks": 2, "open": 1, "failed": 0, "inconclusive": 1,
            "lost_percent": 0.0, "syn_lost": 0, "reasons": {},
            "min_ms": 1.291, "p50_ms": 1.291, "p90_ms": 1.291, "p95_ms": 1.291, "p99_ms": 1.291, "max_ms": 1.291,
        },
    ]);
    assert_eq!(serde_json::Value::from(lines), expected);
    assert_eq!(exit, Exit::Inconclusive);
}

#[tokio::test(start_paused = true)]
async fn a_group_is_told_by_its_verdict() {
    let group = |evaluation| Some(Group { name: "cache".to_owned(), evaluation });
    let script = |n: u64| match n % 3 {
        1 => finding(failed(Reason::Refused, Place::Later, 41), None, Some("10.0.0.2")),
        _ => finding(open(1_000, Clocked::Kernel, 0), None, Some("10.0.0.1")),
    };
    let plan = Plan { group: group(Evaluation::Quorum { needed: None }), ..plan_of("a:1 b:1 c:1", 1) };
    let (text, exit) = told(plan.clone(), Format::Text(Style::Plain), script).await;
    assert_eq!(text.lines().last(), Some("cache: DEGRADED  1.000ms  quorum: 2 of 3 open, majority is 2"));
    assert_eq!(exit, Exit::Fine, "it works");
    let (text, _) = told(plan.clone(), Format::Json, script).await;
    let line: serde_json::Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
    let expected = serde_json::json!({
        "type": "verdict", "at": "2023-11-14T22:13:20.123Z", "group": "cache", "round": 1,
        "verdict": "degraded", "latency_ms": 1.0, "why": "quorum: 2 of 3 open, majority is 2",
    });
    assert_eq!(line, expected);
    let (text, exit) =
        told(Plan { group: group(Evaluation::All), ..plan.clone() }, Format::Text(Style::Plain), script).await;
    assert!(text.lines().last().is_some_and(|line| line.starts_with("cache: DOWN")), "{text}");
    assert_eq!(exit, Exit::Failed);
    let nothing = |_| finding(Outcome::Inconclusive(Fault::Descriptors), None, None);
    let (text, exit) = told(plan, Format::Text(Style::Plain), nothing).await;
    assert_eq!(text.lines().last(), Some("cache: UNKNOWN  its checks say too little"));
    assert_eq!(exit, Exit::Inconclusive);
}

#[tokio::test(start_paused = true)]
async fn a_round_waits_for_its_turn_and_for_the_round_before() {
    let (near, far) = pair();
    let plan = plan_of("a:1", 3);
    let start = Instant::now();
    let slow_first = async {
        let Far { mut orders, reports } = far;
        let mut starts = Vec::new();
        while let Some(Order::Probe(job)) = orders.recv().await {
            starts.push(start.elapsed().as_millis());
            let takes = if job.attempt.0 == 0 { 2_500 } else { 100 };
            tokio::time::sleep(Duration::from_millis(takes)).await;
            let done = finding(open(1, Clocked::Kernel, 0), None, None);
            let _ = reports.send(Report::Done(job.attempt, done)).await;
        }
        starts
    };
    let mut out = Vec::new();
    let run = carry_out(&plan, near, clock, Format::Json, &mut out, std::future::pending());
    let (exit, starts) = tokio::join!(run, slow_first);
    assert_eq!((starts, exit.expect("it ends")), (vec![0, 2_500, 3_500], Exit::Fine));
}

#[tokio::test(start_paused = true)]
async fn an_interruption_sums_up_what_there_is() {
    let (near, far) = pair();
    let plan = plan_of("a:1", 1_000);
    let mut out = Vec::new();
    let interrupted = tokio::time::sleep(Duration::from_millis(2_500));
    let run = carry_out(&plan, near, clock, Format::Text(Style::Plain), &mut out, interrupted);
    let script = |_| finding(open(1_000, Clocked::Kernel, 0), None, None);
    let (exit, ()) = tokio::join!(run, answer(far, script));
    let text = String::from_utf8(out).expect("text");
    assert!(text.contains("a:1: 3 checks, 3 open, 0 failed, 0 inconclusive, 0.0% lost"), "{text}");
    assert_eq!(exit.expect("it ends"), Exit::Fine);
}

#[tokio::test(start_paused = true)]
async fn a_prober_that_dies_is_told() {
    let (near, far) = pair();
    drop(far);
    let mut out = Vec::new();
    let run = carry_out(&plan_of("a:1", 1), near, clock, Format::Json, &mut out, std::future::pending()).await;
    assert_eq!(run.expect_err("an error").to_string(), "the prober has stopped");
}
