//! What a prober is asked and what it answers: the two ends of one check.

use super::{Address, Check, Endpoint, Fault, Now, Outcome};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// The number of one attempt; an answer that carries an old number is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Attempt(pub u64);

/// One connection to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Comes back with every report.
    pub attempt: Attempt,
    /// Where to and how.
    pub endpoint: Endpoint,
    /// When it was ordered; the check starts at this moment plus [`Finding::waited`].
    pub ordered: Now,
    /// Whether phases are reported as they happen (the instant check), or only the end.
    pub phases: Phases,
}

/// How much a prober tells on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phases {
    /// Only the finding.
    #[default]
    Quiet,
    /// Each phase as it happens.
    Told,
}

/// What a prober can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Make a check.
    Probe(Job),
    /// Stop one; it reports [`Fault::Cancelled`] unless it has just finished.
    Cancel(Attempt),
    /// See whether this machine itself can see: a connection to an own listener on loopback, and
    /// whether a route exists to the address (no packet is sent to it).
    SelfCheck {
        /// Comes back with the report.
        attempt: Attempt,
        /// The family to look through, and where to.
        toward: IpAddr,
    },
}

/// One address of a name and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// Which.
    pub address: IpAddr,
    /// What came of it.
    pub outcome: Outcome,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Time from the order to the start of the attempt, spent waiting for a turn.
    pub waited: Duration,
    /// How long the look-up took; `None` for a literal or an answer from the hosts file.
    pub dns: Option<Duration>,
    /// Each address tried, sorted by family and number so that rows stay put; at most 8.
    pub tries: Vec<Try>,
    /// The whole: open when one address is, with the fastest of them; otherwise the failure that
    /// says most; inconclusive when no address gave a conclusive answer.
    pub outcome: Outcome,
    /// The address that the outcome is about.
    pub address: Option<IpAddr>,
}

/// A step of a check whose phases are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The name is being looked up.
    Resolving,
    /// The look-up gave these addresses.
    Resolved { addresses: Vec<IpAddr>, took: Duration },
    /// One address has answered or failed.
    Tried(Try),
}

/// What a prober answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// A phase of a check that told to tell them.
    Phase(Attempt, Phase),
    /// The end of a check.
    Done(Attempt, Finding),
    /// The end of a self-check: sight is fine, or what is the matter with us.
    SelfChecked(Attempt, Result<(), Fault>),
    /// The prober's own health, about once a second while it works.
    Health(Health),
}

/// How the prober itself fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Connections being attempted.
    pub in_flight: u32,
    /// Checks that wait for their turn.
    pub waiting: u32,
    /// How many connections may be in flight at once.
    pub in_flight_max: u32,
    /// The longest delay of the prober's own thread in the last second.
    pub lag: Duration,
}

impl Finding {
    /// What a check that history kept says about it: of its addresses, the one that it is about.
    pub fn remembered(check: &Check) -> Self {
        let tries = check.address.map(|address| Try { address, outcome: check.outcome }).into_iter().collect();
        Self { waited: Duration::ZERO, dns: check.dns, tries, outcome: check.outcome, address: check.address }
    }

    /// A check that ended before anything was tried.
    pub fn inconclusive(waited: Duration, fault: Fault) -> Self {
        Self { waited, dns: None, tries: Vec::new(), outcome: Outcome::Inconclusive(fault), address: None }
    }
}

impl Job {
    /// Where to.
    pub fn address(&self) -> &Address {
        &self.endpoint.address
    }
}
