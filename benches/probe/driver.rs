//! Asks a prober for many checks and gathers what it finds, and reads what its thread has cost.

use portpulse::domain::job::Phases;
use portpulse::domain::{Attempt, Endpoint, Finding, Job, Now, Order, Outcome, Report, Timing};
use portpulse::probe::{Limits, Prober};
use std::fs;
use std::net::IpAddr;
use std::thread;
use std::time::Duration;

/// A prober and the number of the next attempt.
pub struct Driver {
    pub prober: Prober,
    next: u64,
}

impl Driver {
    pub fn new(limits: Limits) -> Self {
        Self { prober: portpulse::probe::spawn(limits).expect("a prober"), next: 0 }
    }

    /// Orders one check.
    pub fn order(&mut self, endpoint: Endpoint) -> Attempt {
        self.next += 1;
        let attempt = Attempt(self.next);
        let job = Job { attempt, endpoint, ordered: Now::default(), phases: Phases::Quiet };
        self.prober.orders.blocking_send(Order::Probe(job)).expect("the prober listens");
        attempt
    }

    /// The next finding.
    pub fn found(&mut self) -> (Attempt, Finding) {
        loop {
            match self.prober.reports.blocking_recv().expect("the prober speaks") {
                Report::Done(attempt, finding) => return (attempt, finding),
                Report::Phase(..) | Report::SelfChecked(..) | Report::Health(_) => {}
            }
        }
    }

    /// Orders all and waits for all.
    pub fn all(&mut self, endpoints: impl IntoIterator<Item = Endpoint>) -> Vec<Finding> {
        let count = endpoints.into_iter().map(|endpoint| self.order(endpoint)).count();
        (0..count).map(|_| self.found().1).collect()
    }
}

/// A silent check of an address.
pub fn endpoint(address: IpAddr, port: u16, timeout: Duration) -> Endpoint {
    let address = format!("{address}:{port}").parse().expect("an address");
    Endpoint { timeout, ..Endpoint::new(address) }
}

/// The timing of an open finding.
pub fn timing(finding: &Finding) -> Option<Timing> {
    match finding.outcome {
        Outcome::Open(timing) => Some(timing),
        Outcome::Failed(_) | Outcome::Inconclusive(_) => None,
    }
}

/// CPU time of this process's newest thread named `probe`, in kernel and user space.
pub fn probe_thread_cpu() -> Duration {
    // A thread that was just started names itself in a moment.
    let tries = (0..1_000).map(|_| {
        thread::sleep(Duration::from_millis(1));
        newest_probe()
    });
    tries.flatten().next().expect("a probing thread")
}

fn newest_probe() -> Option<Duration> {
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let found = threads.filter_map(|entry| {
        let path = entry.ok()?.path();
        let number: u32 = path.file_name()?.to_str()?.parse().ok()?;
        let is_probe = fs::read_to_string(path.join("comm")).ok()?.trim() == "probe";
        let running = fs::read_to_string(path.join("schedstat")).ok()?;
        let nanos = running.split(' ').next()?.parse().ok()?;
        is_probe.then_some((number, Duration::from_nanos(nanos)))
    });
    found.max().map(|(_, cpu)| cpu)
}

/// The value below which so many percent of the sorted values lie.
pub fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((sorted.len() * percent / 100).min(last)).copied().unwrap_or(f64::NAN)
}
