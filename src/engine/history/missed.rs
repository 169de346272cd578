//! Which endpoints of a group failed in which of its rounds.

use crate::domain::{Span, Target, VantageId, Wall};
use crate::engine::incident::Missed;
use crate::monitor::as_expected;
use crate::store::{ReadError, Reader};
use std::collections::BTreeMap;
use std::time::Duration;

/// Rounds that are closer to each other than this are read in one go.
const CLOSE: Duration = Duration::from_hours(1);

/// Of the rounds that began at these moments, oldest first, those in which an endpoint failed. Nothing for a target
/// with one endpoint: its verdict tells all there is.
pub(super) fn missed(reader: &Reader<'_>, target: &Target, rounds: &[Wall]) -> Result<Vec<Missed>, ReadError> {
    let definition = &target.definition;
    if definition.endpoints.len() < 2 || target.round_id.is_none() {
        return Ok(Vec::new());
    }
    // The checks of a round begin before the next one can.
    let reach = definition.interval.min(definition.retry_interval);
    let mut missed: BTreeMap<Wall, Missed> = BTreeMap::new();
    for together in rounds.chunk_by(|one, next| next.since(*one) <= CLOSE) {
        let (Some(&from), Some(&last)) = (together.first(), together.last()) else { continue };
        for (id, endpoint) in target.endpoints() {
            for check in reader.checks(id, VantageId::HERE, Span { from, to: last + reach })? {
                let round = together.partition_point(|at| *at <= check.at).checked_sub(1).map(|place| together[place]);
                let Some(at) = round.filter(|at| check.at.since(*at) < reach) else { continue };
                if let Some(reason) = as_expected(endpoint.expect, check.outcome).reason() {
                    let round = missed.entry(at).or_insert(Missed { at, failed: Vec::new() });
                    round.failed.push((endpoint.address.clone(), reason));
                }
            }
        }
    }
    Ok(missed.into_values().collect())
}
