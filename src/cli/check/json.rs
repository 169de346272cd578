//! Attempts and summaries as JSON, one object a line. The names of the fields are promised.

use super::tally::Tally;
use super::{Told, times};
use crate::domain::{Address, Outcome, Wall, Zone};
use crate::evaluate::Verdict;
use crate::exchange::millis;
use crate::exchange::words::{self, failure_word, outcome, reason};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// One attempt.
#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    /// When it started, RFC 3339 with milliseconds.
    at: String,
    target: String,
    round: u32,
    /// `open`, `failed` or `inconclusive`.
    outcome: &'static str,
    /// Why, in one word.
    reason: Option<&'static str>,
    /// Why, for people.
    message: Option<&'static str>,
    errno: Option<i32>,
    /// Milliseconds, exact to the microsecond; `None` for a literal.
    dns_ms: Option<f64>,
    /// For a failure, the time until it showed.
    connect_ms: Option<f64>,
    total_ms: Option<f64>,
    /// `kernel` or `stopwatch`.
    clocked: Option<&'static str>,
    syn_lost: u8,
    /// The address that the outcome is about.
    address: Option<String>,
    tries: Vec<TryLine<'a>>,
}

/// One address of a name.
#[derive(Serialize)]
struct TryLine<'a> {
    address: String,
    outcome: &'a str,
    reason: Option<&'a str>,
}

/// All attempts at one target.
#[derive(Serialize)]
struct Summary {
    r#type: &'static str,
    target: String,
    checks: u64,
    open: u64,
    failed: u64,
    inconclusive: u64,
    /// The share of conclusive attempts that failed.
    lost_percent: Option<f64>,
    /// SYNs that were sent again.
    syn_lost: u64,
    /// Failures by reason.
    reasons: BTreeMap<&'static str, u64>,
    min_ms: Option<f64>,
    p50_ms: Option<f64>,
    p90_ms: Option<f64>,
    p95_ms: Option<f64>,
    p99_ms: Option<f64>,
    max_ms: Option<f64>,
}

/// A round of a group.
#[derive(Serialize)]
struct VerdictLine<'a> {
    r#type: &'static str,
    /// When the round began, RFC 3339 with milliseconds.
    at: String,
    group: &'a str,
    round: u32,
    /// `up`, `degraded`, `down` or `unknown`.
    verdict: String,
    latency_ms: Option<f64>,
    /// In words.
    why: Option<&'a str>,
}

/// Writes what a round of a group came to; the round by its number and its beginning.
pub(super) fn verdict(
    out: &mut impl Write,
    group: &str,
    (round, at): (u32, Wall),
    verdict: Option<&Verdict>,
) -> io::Result<()> {
    let line = VerdictLine {
        r#type: "verdict",
        at: Zone::Utc.rfc3339_millis(at),
        group,
        round,
        verdict: verdict.map_or_else(|| "unknown".to_owned(), |verdict| verdict.standing.word().to_lowercase()),
        latency_ms: verdict.map(|verdict| millis(verdict.took())),
        why: verdict.map(|verdict| verdict.why.as_str()),
    };
    write_line(out, &line)
}

/// Writes one attempt.
pub(super) fn line(out: &mut impl Write, told: &Told<'_>) -> io::Result<()> {
    let finding = told.finding;
    let (dns, connect, total) = times(finding);
    let (message, errno, clocked, syn_lost) = match &finding.outcome {
        Outcome::Open(timing) => (None, None, Some(timing.clocked), timing.syn_lost),
        Outcome::Failed(failure) => (Some(failure.reason.sentence()), failure.errno, None, failure.syn_lost),
        Outcome::Inconclusive(fault) => (Some(fault.sentence()), None, None, 0),
    };
    let line = Line {
        r#type: "check",
        at: Zone::Utc.rfc3339_millis(told.at),
        target: told.address.to_string(),
        round: told.round,
        outcome: outcome(&finding.outcome),
        reason: reason(&finding.outcome),
        message,
        errno,
        dns_ms: dns.map(millis),
        connect_ms: connect.map(millis),
        total_ms: total.map(millis),
        clocked: clocked.map(words::clocked),
        syn_lost,
        address: finding.address.map(|address| address.to_string()),
        tries: finding
            .tries
            .iter()
            .map(|it| TryLine {
                address: it.address.to_string(),
                outcome: outcome(&it.outcome),
                reason: reason(&it.outcome),
            })
            .collect(),
    };
    write_line(out, &line)
}

/// Writes what came of all attempts at one target.
pub(super) fn summary(out: &mut impl Write, address: &Address, tally: &Tally) -> io::Result<()> {
    let latencies = tally.latencies();
    let latency = |name| latencies.iter().find(|(other, _)| *other == name).map(|(_, latency)| millis(*latency));
    let summary = Summary {
        r#type: "summary",
        target: address.to_string(),
        checks: tally.checks(),
        open: tally.open(),
        failed: tally.failed(),
        inconclusive: tally.inconclusive,
        lost_percent: tally.lost().map(|lost| (lost * 1000.0).round() / 1000.0),
        syn_lost: tally.syn_lost,
        reasons: tally.reasons().map(|(reason, count)| (failure_word(reason), count)).collect(),
        min_ms: latency("min"),
        p50_ms: latency("p50"),
        p90_ms: latency("p90"),
        p95_ms: latency("p95"),
        p99_ms: latency("p99"),
        max_ms: latency("max"),
    };
    write_line(out, &summary)
}

fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    out.write_all(&text)
}
