//! Rows of the first version, in which a target had plain endpoints and a check six reasons to fail.

use super::form::{Json, encode};
use crate::domain::{
    Activity, Address, CatalogEntry, Closing, Definition, Endpoint, EndpointId, Evaluation, Failures, Family,
    Handshake, Outage, OutageId, Reason, Record, Target, TargetId, Wall,
};
use serde::Deserialize;
use std::num::NonZeroU8;
use std::time::Duration;

const OUTAGE: u8 = 1;
const TARGET: u8 = 4;

#[derive(Deserialize)]
struct OldOutage {
    id: OutageId,
    target: TargetId,
    name: String,
    started_at: Wall,
    detected_at: Wall,
    last_failure_at: Wall,
    closing: Option<Closing>,
    reason: Reason,
    failures: [u32; 6],
    inconclusive: u32,
    unobserved: Duration,
}

#[derive(Deserialize)]
struct OldEndpoint {
    address: Address,
    family: Family,
    timeout: Duration,
    handshake: Handshake,
}

#[derive(Deserialize)]
struct OldDefinition {
    name: String,
    endpoints: Vec<OldEndpoint>,
    interval: Duration,
    retry_interval: Duration,
    down_after: NonZeroU8,
    up_after: NonZeroU8,
    degraded_above: Option<Duration>,
    note: String,
    tags: Vec<String>,
    activity: Activity,
}

#[derive(Deserialize)]
struct OldTarget {
    id: TargetId,
    endpoint_ids: Vec<EndpointId>,
    definition: OldDefinition,
}

#[derive(Deserialize)]
struct OldEntry {
    target: OldTarget,
    added_at: Wall,
    removed_at: Option<Wall>,
    paused_at: Option<Wall>,
}

impl From<OldOutage> for Outage {
    fn from(old: OldOutage) -> Self {
        let mut failures = Failures::default();
        failures.iter_mut().zip(old.failures).for_each(|(count, old)| *count = old);
        Self {
            id: old.id,
            target: old.target,
            name: old.name,
            started_at: old.started_at,
            detected_at: old.detected_at,
            last_failure_at: old.last_failure_at,
            closing: old.closing,
            reason: old.reason,
            failures,
            inconclusive: old.inconclusive,
            unobserved: old.unobserved,
        }
    }
}

impl From<OldEndpoint> for Endpoint {
    fn from(OldEndpoint { address, family, timeout, handshake }: OldEndpoint) -> Self {
        Self { family, timeout, handshake, ..Self::new(address) }
    }
}

impl From<OldEntry> for CatalogEntry {
    fn from(OldEntry { target, added_at, removed_at, paused_at }: OldEntry) -> Self {
        let OldTarget { id, endpoint_ids, definition: old } = target;
        let definition = Definition {
            name: old.name,
            endpoints: old.endpoints.into_iter().map(Endpoint::from).collect(),
            evaluation: Evaluation::All,
            interval: old.interval,
            retry_interval: old.retry_interval,
            down_after: old.down_after,
            up_after: old.up_after,
            degraded_above: old.degraded_above,
            note: old.note,
            tags: old.tags,
            activity: old.activity,
        };
        Self { target: Target { id, endpoint_ids, round_id: None, definition }, added_at, removed_at, paused_at }
    }
}

/// The body of a row of a shelf, as it is written now; `None` if it is damaged.
pub(super) fn renewed(shelf: &str, body: &[u8]) -> Option<Vec<u8>> {
    match shelf {
        "target" => encode(&Json(CatalogEntry::from(postcard::from_bytes::<OldEntry>(body).ok()?))).ok(),
        "outage" | "open_outage" => encode(&Outage::from(postcard::from_bytes::<OldOutage>(body).ok()?)).ok(),
        _ => Some(body.to_owned()),
    }
}

/// Takes a record from the front of these bytes.
pub(super) fn take_record(bytes: &[u8]) -> Option<(Record, &[u8])> {
    match bytes.split_first()? {
        (&OUTAGE, rest) => {
            let (outage, rest) = postcard::take_from_bytes::<OldOutage>(rest).ok()?;
            Some((Record::Outage(outage.into()), rest))
        }
        (&TARGET, rest) => {
            let (entry, rest) = postcard::take_from_bytes::<OldEntry>(rest).ok()?;
            Some((Record::Target(entry.into()), rest))
        }
        _ => postcard::take_from_bytes(bytes).ok(),
    }
}
