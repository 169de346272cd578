//! A prober that is asked one thing after the other, and findings as short pictures.

use portpulse::domain::job::{Health, Phases};
use portpulse::domain::{
    Attempt, Endpoint, Failure, Fault, Finding, Job, NameFailure, Now, Order, Outcome, Phase, Place, Report,
};
use portpulse::probe::{Limits, Prober};
use std::net::IpAddr;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

/// Longer than anything that is asked here may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The near end of a prober in a test.
pub struct Asker {
    prober: Prober,
    runtime: Runtime,
    attempts: u64,
    early: Vec<Report>,
}

impl Asker {
    pub fn new(limits: Limits) -> Self {
        Self::over(portpulse::probe::spawn(limits).expect("a prober"))
    }

    pub fn over(prober: Prober) -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        Self { prober, runtime, attempts: 0, early: Vec::new() }
    }

    pub fn order(&mut self, order: impl FnOnce(Attempt) -> Order) -> Attempt {
        self.attempts += 1;
        let attempt = Attempt(self.attempts);
        self.prober.orders.blocking_send(order(attempt)).expect("the prober listens");
        attempt
    }

    pub fn begin(&mut self, endpoint: Endpoint, phases: Phases) -> Attempt {
        self.order(|attempt| Order::Probe(Job { attempt, endpoint, ordered: Now::default(), phases }))
    }

    pub fn cancel(&mut self, attempt: Attempt) {
        self.prober.orders.blocking_send(Order::Cancel(attempt)).expect("the prober listens");
    }

    /// The next report that is not about the prober's health.
    fn next(&mut self) -> Report {
        let reports = &mut self.prober.reports;
        let speaks = async {
            loop {
                match reports.recv().await.expect("the prober speaks") {
                    Report::Health(_) => {}
                    report => return report,
                }
            }
        };
        self.runtime.block_on(async { timeout(PATIENCE, speaks).await }).expect("a report in time")
    }

    /// Waits for the next word about the prober's health.
    pub fn health(&mut self) -> Health {
        loop {
            let received = async { timeout(PATIENCE, self.prober.reports.recv()).await };
            match self.runtime.block_on(received).expect("a report in time").expect("the prober speaks") {
                Report::Health(health) => return health,
                report => self.early.push(report),
            }
        }
    }

    fn wait_for<T>(&mut self, wanted: impl Fn(&Report) -> Option<T>) -> T {
        if let Some(place) = self.early.iter().position(|report| wanted(report).is_some()) {
            return wanted(&self.early.remove(place)).expect("just found");
        }
        loop {
            let report = self.next();
            match wanted(&report) {
                Some(found) => return found,
                None => self.early.push(report),
            }
        }
    }

    pub fn done(&mut self, wanted: Attempt) -> Finding {
        self.wait_for(|report| match report {
            Report::Done(attempt, finding) if *attempt == wanted => Some(finding.clone()),
            _ => None,
        })
    }

    /// The next so many findings, whosever they are.
    pub fn all_done(&mut self, count: usize) -> Vec<Finding> {
        let mut findings = Vec::with_capacity(count);
        while findings.len() < count {
            if let Report::Done(_, finding) = self.next() {
                findings.push(finding);
            }
        }
        findings
    }

    /// The phases of an attempt that have arrived.
    pub fn phases(&mut self, wanted: Attempt) -> Vec<Phase> {
        let phases = self.early.iter().filter_map(|report| match report {
            Report::Phase(attempt, phase) if *attempt == wanted => Some(phase.clone()),
            _ => None,
        });
        phases.collect()
    }

    pub fn check(&mut self, endpoint: Endpoint) -> Finding {
        let attempt = self.begin(endpoint, Phases::Quiet);
        self.done(attempt)
    }

    pub fn self_check(&mut self, toward: IpAddr) -> Result<(), Fault> {
        let wanted = self.order(|attempt| Order::SelfCheck { attempt, toward });
        self.wait_for(|report| match report {
            Report::SelfChecked(attempt, result) if *attempt == wanted => Some(*result),
            _ => None,
        })
    }

    /// Whether nothing but health is told for a moment.
    pub fn is_silent(&mut self) -> bool {
        let more = async { while let Some(Report::Health(_)) = self.prober.reports.recv().await {} };
        self.runtime.block_on(async { timeout(Duration::from_millis(300), more).await }).is_err()
    }
}

/// `host:port` with a second of time.
pub fn endpoint(text: &str) -> Endpoint {
    Endpoint { timeout: Duration::from_secs(1), ..Endpoint::new(text.parse().expect("an address")) }
}

/// The same with more or less time.
pub fn within(millis: u64, text: &str) -> Endpoint {
    Endpoint { timeout: Duration::from_millis(millis), ..endpoint(text) }
}

/// An outcome as a picture.
pub fn picture(outcome: Outcome) -> String {
    match outcome {
        Outcome::Open(_) => "open".to_owned(),
        Outcome::Inconclusive(fault) => format!("inconclusive: {fault:?}"),
        Outcome::Failed(Failure { name: Some(NameFailure::NoSuchName), .. }) => "no such name".to_owned(),
        Outcome::Failed(Failure { name: Some(NameFailure::NoAddress), .. }) => "no address".to_owned(),
        Outcome::Failed(failure) => {
            let place = if failure.place == Place::AtCall { " at call" } else { "" };
            format!("{:?}{place}", failure.reason)
        }
    }
}

/// Every address of a finding and what came of it.
pub fn rows(finding: &Finding) -> Vec<String> {
    finding.tries.iter().map(|one| format!("{} {}", one.address, picture(one.outcome))).collect()
}
