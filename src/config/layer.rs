//! What one section says about how targets are checked; what it leaves out, the section below it says.

use super::defaults::{DEGRADED_ABOVE, Defaults, INTERVAL, TIMEOUT};
use super::reader::Reader;
use super::value::{self, ADDRESSES, EXPECTATIONS, FAMILIES, HANDSHAKES, NEVER, Wrong};
use super::{duration, evaluation};
use crate::domain::{Addresses, Endpoint, Evaluation, Expect, Family, Handshake};
use std::num::NonZeroU8;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Every setting that `[defaults]`, `[tag.NAME]` and `[[target]]` have in common, in the order in which they are
/// told.
pub(super) const SETTINGS: [&str; 16] = [
    "interval",
    "timeout",
    "retry_interval",
    "down_after",
    "up_after",
    "degraded_above",
    "handshake",
    "family",
    "addresses",
    "expect",
    "evaluate",
    "script",
    "quorum",
    "degraded_from",
    "p95_degraded_above",
    "p99_down_above",
];

/// Those of them that an endpoint can have of its own.
pub(super) const OF_ENDPOINT: [&str; 5] = ["timeout", "handshake", "family", "addresses", "expect"];

/// How an endpoint is checked, as far as a section says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) timeout: Option<Duration>,
    pub(super) handshake: Option<Handshake>,
    pub(super) family: Option<Family>,
    pub(super) addresses: Option<Addresses>,
    pub(super) expect: Option<Expect>,
}

/// Which latency counts as slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Never,
    Above(Duration),
}

impl Limit {
    pub(super) fn of(limit: Option<Duration>) -> Self {
        limit.map_or(Self::Never, Self::Above)
    }

    pub(super) const fn above(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::Above(limit) => Some(limit),
        }
    }
}

/// One section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) manner: Manner,
    pub(super) interval: Option<Duration>,
    pub(super) retry_interval: Option<Duration>,
    pub(super) down_after: Option<NonZeroU8>,
    pub(super) up_after: Option<NonZeroU8>,
    pub(super) degraded_above: Option<Limit>,
    pub(super) evaluation: Option<Evaluation>,
}

impl Manner {
    /// Reads one setting; says whether it was one of an endpoint.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>, key: &str, value: &Spanned<DeValue<'_>>) -> bool {
        let inner = value.get_ref();
        match key {
            "timeout" => reader.set(&mut self.timeout, value, value::duration(inner, &TIMEOUT).map(Some)),
            "handshake" => reader.set(&mut self.handshake, value, value::choice(inner, &HANDSHAKES).map(Some)),
            "family" => reader.set(&mut self.family, value, value::choice(inner, &FAMILIES).map(Some)),
            "addresses" => reader.set(&mut self.addresses, value, value::choice(inner, &ADDRESSES).map(Some)),
            "expect" => reader.set(&mut self.expect, value, value::choice(inner, &EXPECTATIONS).map(Some)),
            _ => return false,
        }
        true
    }

    /// Gives an endpoint what is said here.
    pub(super) fn apply(&self, endpoint: &mut Endpoint) {
        endpoint.timeout = self.timeout.unwrap_or(endpoint.timeout);
        endpoint.handshake = self.handshake.unwrap_or(endpoint.handshake);
        endpoint.family = self.family.unwrap_or(endpoint.family);
        endpoint.addresses = self.addresses.unwrap_or(endpoint.addresses);
        endpoint.expect = self.expect.unwrap_or(endpoint.expect);
    }
}

impl Layer {
    /// Reads one setting; says whether it was one. Those of the evaluation need each other:
    /// [`Self::read_evaluation`] reads them.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>, key: &str, value: &Spanned<DeValue<'_>>) -> bool {
        let inner = value.get_ref();
        match key {
            "interval" => reader.set(&mut self.interval, value, value::duration(inner, &INTERVAL).map(Some)),
            "retry_interval" => {
                reader.set(&mut self.retry_interval, value, value::duration(inner, &INTERVAL).map(Some));
            }
            "down_after" => reader.set(&mut self.down_after, value, value::threshold(inner).map(Some)),
            "up_after" => reader.set(&mut self.up_after, value, value::threshold(inner).map(Some)),
            "degraded_above" => {
                let limit = value::duration_or(NEVER, inner, &DEGRADED_ABOVE);
                reader.set(&mut self.degraded_above, value, limit.map(Limit::of).map(Some));
            }
            _ => return evaluation::KEYS.contains(&key) || self.manner.read(reader, key, value),
        }
        true
    }

    /// Reads how results become a verdict.
    pub(super) fn read_evaluation(&mut self, reader: &mut Reader<'_>, table: &DeTable<'_>) {
        self.evaluation = evaluation::read(reader, table);
    }

    /// Puts what is said here over what is said below.
    pub(super) fn apply(&self, below: &mut Defaults) {
        below.timeout = self.manner.timeout.unwrap_or(below.timeout);
        below.handshake = self.manner.handshake.unwrap_or(below.handshake);
        below.family = self.manner.family.unwrap_or(below.family);
        below.addresses = self.manner.addresses.unwrap_or(below.addresses);
        below.expect = self.manner.expect.unwrap_or(below.expect);
        below.interval = self.interval.unwrap_or(below.interval);
        below.retry_interval = self.retry_interval.unwrap_or(below.retry_interval);
        below.down_after = self.down_after.unwrap_or(below.down_after);
        below.up_after = self.up_after.unwrap_or(below.up_after);
        below.degraded_above = self.degraded_above.map_or(below.degraded_above, Limit::above);
        if let Some(evaluation) = &self.evaluation {
            below.evaluation = evaluation.clone();
        }
    }

    /// Refuses a retry interval that is slower than the interval, where this section gives it.
    pub(super) fn check_retry(&self, reader: &mut Reader<'_>, table: &DeTable<'_>, interval: Duration) {
        let Some(retry) = self.retry_interval.filter(|retry| *retry > interval) else { return };
        let Some((_, value)) = value::find(table, "retry_interval") else { return };
        let interval = duration::text(interval);
        let what = format!("a retry interval of {} is slower than the interval of {interval}", duration::text(retry));
        reader.refuse(value.span(), Wrong::new(what, format!("write \"{interval}\" or less")));
    }
}
