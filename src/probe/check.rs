//! One check from its start to its finding: look up the name, try every address, tell on the way.

use super::classify;
use super::connect::connect;
use super::leave::leave;
use super::resolve::{Names, Unresolved};
use super::silent::Sockets;
use super::verdict::verdict;
use crate::domain::job::Phases;
use crate::domain::{Fault, Finding, Job, Outcome, Phase, Reason, Report, Try};
use futures_util::future::join_all;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// What every check of a prober needs.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub names: Names,
    pub sockets: Sockets,
    pub reports: mpsc::Sender<Report>,
    /// Connections beyond one for each running check: further addresses of a name, and those that
    /// are being left.
    pub extra: AtomicU32,
}

/// Counts extra connections for as long as they last.
struct Extra(Arc<Surroundings>, u32);

impl Extra {
    fn count(surroundings: &Arc<Surroundings>, connections: usize) -> Self {
        let connections = u32::try_from(connections).unwrap_or(u32::MAX);
        surroundings.extra.fetch_add(connections, Ordering::Relaxed);
        Self(Arc::clone(surroundings), connections)
    }
}

impl Drop for Extra {
    fn drop(&mut self) {
        self.0.extra.fetch_sub(self.1, Ordering::Relaxed);
    }
}

/// Makes the check. The timeout runs from here: what was waited before does not count.
pub(super) async fn check(job: Job, ordered: Instant, surroundings: Arc<Surroundings>) -> Finding {
    let started = Instant::now();
    let waited = started - ordered;
    let deadline = started + job.endpoint.timeout;
    let is_name = job.endpoint.address.host.literal().is_none();
    if is_name {
        tell(&surroundings, &job, Phase::Resolving).await;
    }
    let resolved = match surroundings.names.resolve(&job.endpoint, deadline).await {
        Ok(resolved) => resolved,
        Err(unresolved) => return unfound(waited, &unresolved),
    };
    if is_name {
        let addresses = resolved.addresses.iter().map(SocketAddr::ip).collect();
        tell(&surroundings, &job, Phase::Resolved { addresses, took: resolved.took.unwrap_or_default() }).await;
    }
    let tries = try_all(&job, resolved.addresses, deadline, &surroundings).await;
    let (outcome, address) = verdict(&tries);
    let outcome = blamed(outcome, resolved.took.unwrap_or_default(), job.endpoint.timeout);
    Finding { waited, dns: resolved.took, tries, outcome, address }
}

/// Tries every address side by side.
async fn try_all(
    job: &Job,
    addresses: Vec<SocketAddr>,
    deadline: Instant,
    surroundings: &Arc<Surroundings>,
) -> Vec<Try> {
    let _counted = Extra::count(surroundings, addresses.len().saturating_sub(1));
    join_all(addresses.into_iter().map(|to| try_one(job, to, deadline, surroundings))).await
}

async fn try_one(job: &Job, to: SocketAddr, deadline: Instant, surroundings: &Arc<Surroundings>) -> Try {
    let attempted = connect(to, job.endpoint.handshake, deadline, &surroundings.sockets).await;
    let one = Try { address: to.ip(), outcome: attempted.outcome };
    if let Some(open) = attempted.open {
        let counted = Extra::count(surroundings, 1);
        // Nobody waits for this: it ends by itself within its bounds, or with the prober.
        tokio::spawn(async move {
            leave(open).await;
            drop(counted);
        });
    }
    tell(surroundings, job, Phase::Tried(one)).await;
    one
}

/// A target that had less than half of the time, because the look-up took the rest, has not failed.
fn blamed(outcome: Outcome, look_up: Duration, timeout: Duration) -> Outcome {
    if outcome.reason() == Some(Reason::TimedOut) && look_up > timeout / 2 {
        return Outcome::Inconclusive(Fault::ResolverTimedOut);
    }
    outcome
}

fn unfound(waited: Duration, unresolved: &Unresolved) -> Finding {
    let (outcome, dns) = match *unresolved {
        Unresolved::Failed(name, took) => (classify::no_name(name, took.unwrap_or_default()), took),
        Unresolved::Inconclusive(fault, took) => (Outcome::Inconclusive(fault), took),
    };
    Finding { waited, dns, tries: Vec::new(), outcome, address: None }
}

/// Tells a phase to whoever asked for phases. Nobody there to hear it is no reason to stop.
async fn tell(surroundings: &Surroundings, job: &Job, phase: Phase) {
    if job.phases == Phases::Told {
        // Boxed, as every check would pay for its size otherwise.
        let _ = Box::pin(surroundings.reports.send(Report::Phase(job.attempt, phase))).await;
    }
}
