//! Why a verdict is what it is, in words for the detail view.

use super::rules::{Seen, at_share, majority, sorted};
use super::{Member, Ping, Standing, Status, millis};
use crate::domain::Evaluation;
use std::fmt::Write as _;

/// How the members went.
struct Count {
    of: usize,
    open: usize,
    timeouts: usize,
    errors: usize,
    unknown: usize,
}

/// One line: the name of the policy, what was seen, and what that is held against.
pub(super) fn words(evaluation: &Evaluation, limit: Option<f64>, standing: Standing, members: &[Member]) -> String {
    let count = Count::of(members);
    let name = evaluation.word();
    let mut text = match (count.open, count.of) {
        (0, 1) => format!("{name}: its only endpoint is not open"),
        (0, of) => format!("{name}: none of {of} open"),
        (open, of) => format!("{name}: {open} of {of} open"),
    };
    detail(&mut text, evaluation, standing, members, &count);
    if standing == Standing::Degraded
        && let Some((limit, slowest)) = limit.zip(slowest(members)).filter(|(limit, ping)| ping.latency > *limit)
    {
        say(&mut text, format_args!("; {} took {:.1} ms, above {limit} ms", place(slowest), slowest.latency));
    }
    if count.unknown > 0 {
        say(&mut text, format_args!("; {} unknown, the same either way", count.unknown));
    }
    text
}

fn detail(text: &mut String, evaluation: &Evaluation, standing: Standing, members: &[Member], count: &Count) {
    match evaluation {
        Evaluation::All if standing == Standing::Down => {
            if let Some(failed) = pings(members).find(|ping| !ping.is_open()) {
                say(text, format_args!(", {} {}", place(failed), verb(failed.status)));
            }
        }
        Evaluation::All | Evaluation::Script(_) => {}
        Evaluation::Any => say(text, format_args!(", one is enough")),
        Evaluation::Quorum { needed: Some(needed) } => say(text, format_args!(", {needed} needed")),
        Evaluation::Quorum { needed: None } => say(text, format_args!(", majority is {}", majority(count.of))),
        Evaluation::Failover => failover(text, members),
        Evaluation::Weighted { degraded_from } => {
            let weight = |member: &Member| u64::from(member.weight.get());
            let total: u64 = members.iter().map(weight).sum();
            let is_open = |member: &&Member| member.ping.as_ref().is_some_and(Ping::is_open);
            let open: u64 = members.iter().filter(is_open).map(weight).sum();
            say(text, format_args!(", {open} of {total} of the weight, degraded from {degraded_from}%"));
        }
        Evaluation::Timeouts => {
            say(text, format_args!(", {} timed out, {} failed otherwise", count.timeouts, count.errors));
            if count.open == 0 && standing == Standing::Degraded {
                text.push_str(": time-outs alone are never down");
            }
        }
        Evaluation::Percentile { degraded_above, down_above } => {
            let seen: Vec<Seen> = members.iter().filter_map(Seen::of).collect();
            let sorted = sorted(seen.iter());
            if count.open == count.of {
                let (p95, p99) = (at_share(&sorted, 0.95), at_share(&sorted, 0.99));
                let (degraded_above, down_above) = (millis(*degraded_above), millis(*down_above));
                say(text, format_args!(", p95 {p95:.1} ms of {degraded_above}, p99 {p99:.1} ms of {down_above}"));
            }
        }
    }
}

fn failover(text: &mut String, members: &[Member]) {
    let Some(first) = members.first().and_then(|member| member.ping.as_ref()) else { return };
    say(text, format_args!(", the first, {}, {}", place(first), verb(first.status)));
    if let Some(next) = pings(members).find(|ping| ping.is_open()).filter(|_| !first.is_open()) {
        say(text, format_args!(", {} is open", place(next)));
    }
}

fn pings(members: &[Member]) -> impl Iterator<Item = &Ping> {
    members.iter().filter_map(|member| member.ping.as_ref())
}

fn slowest(members: &[Member]) -> Option<&Ping> {
    pings(members).filter(|ping| ping.is_open()).max_by(|one, other| one.latency.total_cmp(&other.latency))
}

const fn verb(status: Status) -> &'static str {
    match status {
        Status::Open => "is open",
        Status::Timeout => "timed out",
        Status::Error => "failed",
    }
}

fn place(ping: &Ping) -> String {
    let Ping { host, port, .. } = ping;
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Writing into a text cannot fail.
fn say(text: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}

impl Count {
    fn of(members: &[Member]) -> Self {
        let number = |wanted| pings(members).filter(|ping| ping.status == wanted).count();
        let (open, timeouts, errors) = (number(Status::Open), number(Status::Timeout), number(Status::Error));
        Self { of: members.len(), open, timeouts, errors, unknown: members.len() - open - timeouts - errors }
    }
}
