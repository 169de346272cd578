//! `portpulse check`: checks ports now, tells each attempt in a line, keeps nothing.
//!
//! All targets are checked side by side, round by round: a round starts one interval after the one
//! before, or when that has ended, whichever is later, so that no attempt is ever stacked on another.

mod json;
mod tally;
mod text;

use super::{Exit, args, complain};
use crate::domain::job::Phases;
use crate::domain::{Address, Attempt, Endpoint, Family, Finding, Host, Job, Order, Outcome, Report, Wall};
use crate::engine::clock::{self, Clock};
use crate::probe::{self, Limits, Prober};
use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;
use tally::Tally;
use text::Style;
use tokio::time::{Instant, sleep_until};

/// How many attempts one command may make; the latency of each is remembered for the percentiles.
const ATTEMPTS_MAX: u64 = 1_000_000;
/// How many targets one command may have: no more than a prober's queue holds.
const TARGETS_MAX: usize = 10_000;
/// How many ports of one host are tried at the same time. More than the monitor allows itself,
/// because somebody waits for the answer.
const PER_HOST: u32 = 16;

/// What is to be done.
#[derive(Clone, Debug)]
struct Plan {
    endpoints: Vec<Endpoint>,
    rounds: u32,
    interval: Duration,
}

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// For people.
    Text(Style),
    /// For programs: one object a line.
    Json,
}

/// One attempt that has ended.
struct Told<'a> {
    /// Counted from 1.
    round: u32,
    /// When it started.
    at: Wall,
    address: &'a Address,
    finding: &'a Finding,
}

/// Does it.
///
/// # Errors
/// When standard output cannot be written to, or the prober cannot be started.
pub fn run(check: &args::Check) -> io::Result<Exit> {
    let plan = match plan(check) {
        Ok(plan) => plan,
        Err(why) => return Ok(complain(&why, Exit::Usage)),
    };
    let out = io::stdout();
    let format = if check.json { Format::Json } else { Format::Text(Style::of(out.is_terminal())) };
    // With the limit as it was, fewer are in flight; that is all.
    let _ = probe::raise_descriptor_limit();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    runtime.block_on(async {
        let prober = probe::spawn(Limits { per_host: PER_HOST, ..Limits::default() })?;
        carry_out(&plan, prober, clock::system, format, &mut out.lock(), interrupted).await
    })
}

fn plan(check: &args::Check) -> Result<Plan, String> {
    let addresses = args::addresses(&check.targets).map_err(|error| error.to_string())?;
    if addresses.len() > TARGETS_MAX {
        return Err(format!("{} targets are too many: at most {TARGETS_MAX}", addresses.len()));
    }
    let attempts = u64::from(check.count) * addresses.len() as u64;
    if attempts > ATTEMPTS_MAX {
        return Err(format!("{attempts} attempts are too many: at most {ATTEMPTS_MAX}"));
    }
    let (family, timeout, handshake) = (check.family(), check.timeout, check.handshake);
    let is_other = |address: &&Address| {
        matches!((&address.host, family), (Host::V4(_), Family::Ipv6) | (Host::V6(..), Family::Ipv4))
    };
    if let Some(other) = addresses.iter().find(is_other) {
        return Err(format!("{other} is of the other family: -4 and -6 choose among the addresses of a name"));
    }
    let endpoint = |address| Endpoint { family, timeout, handshake, ..Endpoint::new(address) };
    Ok(Plan { endpoints: addresses.into_iter().map(endpoint).collect(), rounds: check.count, interval: check.interval })
}

/// Checks until all rounds are done or somebody interrupts; then sums up and says how it went.
async fn carry_out(
    plan: &Plan,
    mut prober: Prober,
    clock: Clock,
    format: Format,
    out: &mut impl Write,
    interrupted: impl Future<Output = ()>,
) -> io::Result<Exit> {
    let mut tallies = vec![Tally::default(); plan.endpoints.len()];
    {
        let checks = check_all(plan, &mut prober, clock, format, out, &mut tallies);
        tokio::select! {
            ended = checks => ended?,
            () = interrupted => {}
        }
    }
    for (endpoint, tally) in plan.endpoints.iter().zip(&tallies).filter(|_| plan.rounds > 1) {
        match format {
            Format::Json => json::summary(out, &endpoint.address, tally)?,
            Format::Text(style) => text::summary(out, style, &endpoint.address, tally)?,
        }
    }
    out.flush()?;
    Ok(verdict(&tallies))
}

fn verdict(tallies: &[Tally]) -> Exit {
    if tallies.iter().any(|tally| tally.failed() > 0) {
        Exit::Failed
    } else if tallies.iter().any(|tally| tally.inconclusive > 0 || tally.checks() == 0) {
        Exit::Inconclusive
    } else {
        Exit::Fine
    }
}

async fn check_all(
    plan: &Plan,
    prober: &mut Prober,
    clock: Clock,
    format: Format,
    out: &mut impl Write,
    tallies: &mut [Tally],
) -> io::Result<()> {
    let stopped = || io::Error::other("the prober has stopped");
    let width = plan.endpoints.iter().map(|endpoint| endpoint.address.to_string().len()).max().unwrap_or(0);
    let mut explained = text::Explained::default();
    let mut due = Instant::now();
    for round in 0..plan.rounds {
        sleep_until(due).await;
        due = Instant::now() + plan.interval;
        let ordered = clock();
        let first = u64::from(round) * plan.endpoints.len() as u64;
        for (number, endpoint) in (first..).zip(&plan.endpoints) {
            let job = Job { attempt: Attempt(number), endpoint: endpoint.clone(), ordered, phases: Phases::Quiet };
            prober.orders.send(Order::Probe(job)).await.map_err(|_| stopped())?;
        }
        let mut left = plan.endpoints.len();
        while left > 0 {
            let Report::Done(attempt, finding) = prober.reports.recv().await.ok_or_else(stopped)? else { continue };
            let place = usize::try_from(attempt.0.wrapping_sub(first)).unwrap_or(usize::MAX);
            let (Some(endpoint), Some(tally)) = (plan.endpoints.get(place), tallies.get_mut(place)) else { continue };
            left -= 1;
            tally.add(&finding);
            let at = ordered.wall + finding.waited;
            let told = Told { round: round + 1, at, address: &endpoint.address, finding: &finding };
            match format {
                Format::Json => json::line(out, &told)?,
                Format::Text(style) => text::line(out, style, width, &mut explained, &told)?,
            }
            out.flush()?;
        }
    }
    Ok(())
}

/// How long the look-up, the connect and both together took, as far as they went.
fn times(finding: &Finding) -> (Option<Duration>, Option<Duration>, Option<Duration>) {
    use crate::domain::Place;
    let dns = finding.dns;
    let sum = |connect| Some(dns.unwrap_or_default() + connect);
    match &finding.outcome {
        Outcome::Open(timing) => (dns, Some(timing.connect), sum(timing.connect)),
        Outcome::Failed(failure) if failure.place == Place::Lookup => {
            let dns = dns.unwrap_or(failure.after);
            (Some(dns), None, Some(dns))
        }
        Outcome::Failed(failure) => (dns, Some(failure.after), sum(failure.after)),
        Outcome::Inconclusive(_) => (dns, None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Clocked, Failure, Fault, Mono, NameFailure, Now, Place, Reason, Timing, Try};
    use crate::probe::{Far, pair};
    use std::net::IpAddr;

    const MOMENT: Wall = Wall(1_700_000_000_123);

    fn clock() -> Now {
        Now { mono: Mono(0), wall: MOMENT }
    }

    fn plan_of(targets: &str, rounds: u32) -> Plan {
        let endpoint = |text: &str| Endpoint {
            timeout: Duration::from_secs(10),
            ..Endpoint::new(text.parse().expect("an address"))
        };
        Plan { endpoints: targets.split(' ').map(endpoint).collect(), rounds, interval: Duration::from_secs(1) }
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
        let (text, exit) =
            told(plan_of("db1:5432 [::1]:22 nowhere:1 x:2", 1), Format::Text(Style::Plain), |n| match n {
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
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
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
}
