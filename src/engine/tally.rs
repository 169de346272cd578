//! Every check since the start, counted where it passes by, for those who want sums and not pictures.
//!
//! A picture shows the newest check of a target; between two pictures there may be several. So checks are counted
//! where the driver hands them to history: each passes there once, whether or not the disk takes it. Counts hang on
//! the identity of the endpoint. Where a history is opened late, what waited for it passes again under the ids that
//! it gives, and is counted there, under those.

use crate::domain::{Check, EndpointId, Fault, Outage, OutageId, Outcome, REASONS, Record, TargetId, Wall};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The upper bounds of the buckets, in microseconds; beyond the last is one more.
pub const BOUNDS: [u64; 13] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
];

/// Where checks are counted.
#[derive(Debug, Default)]
pub struct Tally {
    counts: Mutex<Counts>,
}

/// What was counted since the start.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Since when; outages that were confirmed before, by somebody else, are not counted.
    pub begun: Wall,
    /// By endpoint; also the verdicts of rounds, under their own ids.
    pub endpoints: HashMap<EndpointId, Passed>,
    /// Confirmed outages by target.
    pub outages: HashMap<TargetId, Confirmed>,
    /// Checks that said nothing, by the fault of ours.
    pub faults: BTreeMap<Fault, u64>,
}

/// The checks of one endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Those that connected.
    pub open: u64,
    /// Those that failed, in the order of [`crate::domain::Reason::ALL`].
    pub failed: [u64; REASONS],
    /// Those that said nothing.
    pub inconclusive: u64,
    /// How long connecting took.
    pub connect: Histogram,
    /// How long looking up the name took.
    pub dns: Histogram,
}

/// The outages of one target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// How many.
    pub count: u64,
    /// The newest of them: its record comes again whenever it grows.
    newest: Option<OutageId>,
}

/// How often which duration was met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// How many lie at or below each of [`BOUNDS`] and above the one before; last, those above all.
    pub buckets: [u64; BOUNDS.len() + 1],
    /// All of them together, in microseconds.
    pub sum: u64,
}

impl Tally {
    /// From now on this process makes the checks.
    pub fn begin(&self, now: Wall) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).begun = now;
    }

    /// Counts what is handed to history.
    pub fn count(&self, records: &[Record]) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records {
            match record {
                Record::Check(check) => counts.check(check),
                Record::Outage(outage) => counts.outage(outage),
                Record::Target(entry) if entry.removed_at.is_some() => {
                    counts.outages.remove(&entry.target.id);
                    for id in entry.target.ids() {
                        counts.endpoints.remove(&id);
                    }
                }
                _ => {}
            }
        }
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Counts {
    fn check(&mut self, check: &Check) {
        let passed = self.endpoints.entry(check.endpoint).or_default();
        match check.outcome {
            Outcome::Open(timing) => {
                passed.open += 1;
                passed.connect.add(timing.connect);
            }
            Outcome::Failed(failure) => passed.failed[failure.reason.index()] += 1,
            Outcome::Inconclusive(fault) => {
                passed.inconclusive += 1;
                *self.faults.entry(fault).or_default() += 1;
            }
        }
        if let Some(dns) = check.dns {
            passed.dns.add(dns);
        }
    }

    fn outage(&mut self, outage: &Outage) {
        let known = self.outages.entry(outage.target).or_default();
        if outage.detected_at >= self.begun && known.newest.is_none_or(|newest| newest < outage.id) {
            known.count += 1;
            known.newest = Some(outage.id);
        }
    }
}

impl Histogram {
    fn add(&mut self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let place = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[place] += 1;
        self.sum = self.sum.saturating_add(micros);
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Clocked, Failure, Place, Reason, Timing, VantageId};

    fn check(endpoint: u32, outcome: Outcome, dns: Option<u64>) -> Record {
        Record::Check(Check {
            endpoint: EndpointId(endpoint),
            vantage: VantageId(0),
            at: Wall(1_000),
            outcome,
            dns: dns.map(Duration::from_micros),
            address: None,
            tried: 1,
            answered: 1,
        })
    }

    fn open(micros: u64) -> Outcome {
        let connect = Duration::from_micros(micros);
        Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 })
    }

    fn failed(reason: Reason) -> Outcome {
        let after = Duration::ZERO;
        Outcome::Failed(Failure { reason, place: Place::Later, errno: None, name: None, after, syn_lost: 0 })
    }

    fn outage(id: u64, detected_at: i64) -> Record {
        Record::Outage(Outage {
            id: OutageId(id),
            target: TargetId(1),
            name: "db1".to_owned(),
            started_at: Wall(0),
            detected_at: Wall(detected_at),
            last_failure_at: Wall(detected_at),
            closing: None,
            reason: Reason::Refused,
            failures: [0; REASONS],
            inconclusive: 0,
            unobserved: Duration::ZERO,
        })
    }

    #[test]
    fn every_check_is_counted_once_by_what_came_of_it() {
        let tally = Tally::default();
        tally.count(&[
            check(1, open(1_000), None),
            check(1, open(1_001), Some(200)),
            check(1, open(20_000_000), None),
            check(1, failed(Reason::Reset), None),
            check(1, Outcome::Inconclusive(Fault::Overload), None),
            check(2, failed(Reason::DnsFailed), Some(3_000)),
        ]);
        let counts = tally.counts();
        let first = &counts.endpoints[&EndpointId(1)];
        assert_eq!((first.open, first.failed[Reason::Reset.index()], first.inconclusive), (3, 1, 1));
        assert_eq!((first.connect.buckets[0], first.connect.buckets[1], first.connect.buckets[13]), (1, 1, 1));
        assert_eq!((first.connect.count(), first.connect.sum, first.dns.count()), (3, 20_002_001, 1));
        assert_eq!(counts.endpoints[&EndpointId(2)].dns.buckets[2], 1);
        assert_eq!(counts.faults, BTreeMap::from([(Fault::Overload, 1)]));
    }

    #[test]
    fn an_outage_that_grows_is_one_and_one_from_before_is_none() {
        let tally = Tally::default();
        tally.begin(Wall(500));
        tally.count(&[outage(3, 499), outage(4, 500), outage(4, 500), outage(5, 900), outage(5, 900)]);
        assert_eq!(tally.counts().outages[&TargetId(1)].count, 2);
    }
}
