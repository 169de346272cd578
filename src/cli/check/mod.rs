//! `portpulse check`: checks ports now, tells each attempt in a line, keeps nothing.
//!
//! All targets are checked side by side, round by round: a round starts one interval after the one
//! before, or when that has ended, whichever is later, so that no attempt is ever stacked on another.

mod group;
mod json;
mod tally;
#[cfg(test)]
mod tests;
mod text;

use super::{Exit, args, complain};
use crate::config::Defaults;
use crate::domain::job::Phases;
use crate::domain::{Address, Attempt, Definition, Endpoint, Finding, Job, Order, Outcome, Report, Wall};
use crate::engine::clock::{self, Clock};
use crate::probe::{self, Limits, Prober};
use group::{Group, Verdicts};
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
    /// If they are judged together.
    group: Option<Group>,
}

/// What came of it.
#[derive(Debug, Default)]
struct Came {
    /// Of each endpoint.
    tallies: Vec<Tally>,
    /// Of all of them together.
    verdicts: Verdicts,
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
    let is_other = |address: &&Address| !family.admits(&address.host);
    if let Some(other) = addresses.iter().find(is_other) {
        return Err(format!("{other} is of the other family: -4 and -6 choose among the addresses of a name"));
    }
    let endpoint = |address| Endpoint { family, timeout, handshake, ..Endpoint::new(address) };
    let groups = check.group.definitions(addresses.clone(), &Defaults::default())?.into_iter();
    let group = groups.map(|Definition { name, evaluation, .. }| Group { name, evaluation }).next();
    Ok(Plan {
        endpoints: addresses.into_iter().map(endpoint).collect(),
        rounds: check.count,
        interval: check.interval,
        group: group.filter(|_| check.group.name.is_some()),
    })
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
    let tallies = vec![Tally::default(); plan.endpoints.len()];
    let mut came = Came { tallies, ..Came::default() };
    {
        let checks = check_all(plan, &mut prober, clock, format, out, &mut came);
        tokio::select! {
            ended = checks => ended?,
            () = interrupted => {}
        }
    }
    for (endpoint, tally) in plan.endpoints.iter().zip(&came.tallies).filter(|_| plan.rounds > 1) {
        match format {
            Format::Json => json::summary(out, &endpoint.address, tally)?,
            Format::Text(style) => text::summary(out, style, &endpoint.address, tally)?,
        }
    }
    out.flush()?;
    Ok(if plan.group.is_some() { came.verdicts.exit() } else { verdict(&came.tallies) })
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
    came: &mut Came,
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
        let mut found: Vec<Option<Finding>> = vec![None; plan.endpoints.len()];
        let mut left = plan.endpoints.len();
        while left > 0 {
            let Report::Done(attempt, finding) = prober.reports.recv().await.ok_or_else(stopped)? else { continue };
            let place = usize::try_from(attempt.0.wrapping_sub(first)).unwrap_or(usize::MAX);
            let (Some(endpoint), Some(tally)) = (plan.endpoints.get(place), came.tallies.get_mut(place)) else {
                continue;
            };
            left -= 1;
            tally.add(&finding);
            let at = ordered.wall + finding.waited;
            let told = Told { round: round + 1, at, address: &endpoint.address, finding: &finding };
            match format {
                Format::Json => json::line(out, &told)?,
                Format::Text(style) => text::line(out, style, width, &mut explained, &told)?,
            }
            out.flush()?;
            if let Some(place) = found.get_mut(place) {
                *place = Some(finding);
            }
        }
        if let Some(group) = &plan.group {
            let verdict = group.judge(&plan.endpoints, &found);
            match format {
                Format::Json => json::verdict(out, &group.name, (round + 1, ordered.wall), verdict.as_ref())?,
                Format::Text(style) => text::verdict(out, style, &group.name, verdict.as_ref())?,
            }
            out.flush()?;
            came.verdicts.add(verdict.as_ref());
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
