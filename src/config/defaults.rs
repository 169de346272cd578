//! What a target is given when it says nothing of its own.

use crate::domain::{Activity, Address, Addresses, Definition, Endpoint, Evaluation, Expect, Family, Handshake};
use std::num::NonZeroU8;
use std::ops::RangeInclusive;
use std::time::Duration;

/// How long an interval may be: below a second a check disturbs what it measures, beyond a day
/// nobody calls it monitoring.
pub const INTERVAL: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);
/// How long one attempt may take. It may be longer than the interval: a turn that comes while the
/// check before still runs is skipped and counted, never stacked.
pub const TIMEOUT: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_mins(10);
/// Which latency may count as slow.
pub const DEGRADED_ABOVE: RangeInclusive<Duration> = Duration::from_micros(1)..=Duration::from_mins(10);

/// What sections such as `[defaults]` say about targets, all together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// Time between checks, 1 s to 1 d.
    pub interval: Duration,
    /// How long one attempt may take, 10 ms to 10 min.
    pub timeout: Duration,
    /// Time between checks while failing or recovering; a target with a shorter interval uses that.
    pub retry_interval: Duration,
    /// Consecutive failures that make an outage.
    pub down_after: NonZeroU8,
    /// Consecutive successes that end it.
    pub up_after: NonZeroU8,
    /// How a check leaves.
    pub handshake: Handshake,
    /// Latency above which an open port counts as slow.
    pub degraded_above: Option<Duration>,
    /// Which addresses of a name are tried.
    pub family: Family,
    /// How many of them have to answer.
    pub addresses: Addresses,
    /// What a check is expected to find.
    pub expect: Expect,
    /// How the results of several endpoints become one verdict.
    pub evaluation: Evaluation,
}

impl Default for Defaults {
    /// The figures of the documents (S12, S14, S16, S17).
    fn default() -> Self {
        Self {
            interval: Duration::from_mins(1),
            timeout: Duration::from_secs(10),
            retry_interval: Duration::from_secs(10),
            down_after: NonZeroU8::MIN.saturating_add(2),
            up_after: NonZeroU8::MIN.saturating_add(1),
            handshake: Handshake::Silent,
            degraded_above: None,
            family: Family::Auto,
            addresses: Addresses::Any,
            expect: Expect::Open,
            evaluation: Evaluation::All,
        }
    }
}

impl Defaults {
    /// An endpoint that says nothing but its address. Which family is wanted is about names: a literal has its own.
    pub fn endpoint(&self, address: Address) -> Endpoint {
        let Self { addresses, expect, .. } = *self;
        let family = if self.family.admits(&address.host) { self.family } else { Family::Auto };
        Endpoint { family, addresses, expect, ..self.look(address) }
    }

    /// An endpoint that is only looked at: what is found is what is told, whatever is expected of targets.
    pub fn look(&self, address: Address) -> Endpoint {
        Endpoint { timeout: self.timeout, handshake: self.handshake, ..Endpoint::new(address) }
    }

    /// A target that says nothing but its address, and so is named after it.
    pub fn definition(&self, address: Address) -> Definition {
        Definition {
            name: address.to_string(),
            endpoints: vec![self.endpoint(address)],
            evaluation: self.evaluation_for(1),
            interval: self.interval,
            retry_interval: self.retry_interval_for(self.interval),
            down_after: self.down_after,
            up_after: self.up_after,
            degraded_above: self.degraded_above,
            note: String::new(),
            tags: Vec::new(),
            activity: Activity::Watching,
        }
    }

    /// How a target with so many endpoints is judged that does not say it: policies are for groups, a script is for
    /// all.
    pub fn evaluation_for(&self, endpoints: usize) -> Evaluation {
        match &self.evaluation {
            Evaluation::Script(_) => self.evaluation.clone(),
            policy if endpoints > 1 => policy.clone(),
            _ => Evaluation::All,
        }
    }

    /// The retry interval of a target with this interval: never the slower of the two.
    pub fn retry_interval_for(&self, interval: Duration) -> Duration {
        self.retry_interval.min(interval)
    }
}
