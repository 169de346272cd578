//! History as it goes out: checks, outages and figures of one target, a bounded part at a time.

use super::super::query::{CHECKS_MAX, FIGURES_MAX, Figures};
use super::detail::all_outages;
use super::stretch::{Grain, Stretch, Told, checks};
use crate::domain::{Address, Check, EndpointId, Maintenance, Span, Target, TargetId, VantageId, Wall, maintenance};
use crate::store::{ReadError, Reader};
use crate::window::{HOUR, hour_of};
use std::time::Duration;

/// How many checks are read for figures; more are told by their hours, as far as these are summed up.
const CHECKS_READ_MAX: u128 = 100_000;

/// See [`crate::engine::Query::Reach`].
pub(super) fn reach(reader: &Reader<'_>, target: TargetId, now: Wall) -> Result<Option<Span>, ReadError> {
    let Some(entry) = reader.entry(target) else { return Ok(None) };
    let mut oldest: Option<Wall> = None;
    for endpoint in reader.endpoints(&entry.target) {
        let check = reader.oldest_check(endpoint, VantageId::HERE)?;
        let hour = reader.oldest_hour(endpoint, VantageId::HERE)?;
        // Hours count only where their checks are gone: these tell more exactly where they begin.
        let hour = hour.filter(|hour| check.is_none_or(|check| hour_of(check) > *hour));
        oldest = oldest.into_iter().chain(check).chain(hour).min();
    }
    let end = entry.removed_at.unwrap_or(now) + Duration::from_millis(1);
    Ok(oldest.map(|from| Span { from, to: end }).filter(|span| span.from < span.to))
}

/// See [`crate::engine::Query::Endpoints`].
pub(super) fn endpoints_of(reader: &Reader<'_>, target: TargetId) -> Vec<(EndpointId, Option<Address>)> {
    let Some(entry) = reader.entry(target) else { return Vec::new() };
    let formers = reader.formers(target).into_iter().map(|former| &former.target);
    let mut all: Vec<(EndpointId, Option<Address>)> = Vec::new();
    for shape in formers.chain([&entry.target]) {
        all.extend(shape.endpoints().map(|(id, endpoint)| (id, Some(endpoint.address.clone()))));
        all.extend(shape.round_id.map(|id| (id, None)));
    }
    all.sort_by_key(|(id, _)| *id);
    all.dedup_by_key(|(id, _)| *id);
    all
}

/// See [`crate::engine::Query::MaintenanceOf`].
pub(super) fn maintenance_of(reader: &Reader<'_>, target: TargetId) -> Vec<Maintenance> {
    maintenance::of_target(reader.maintenance(), target).into_iter().cloned().collect()
}

/// See [`crate::engine::Query::Checks`].
pub(super) fn checks_of(reader: &Reader<'_>, target: TargetId, span: Span, now: Wall) -> Result<Vec<Check>, ReadError> {
    let mut found = Vec::new();
    let Some(entry) = reader.entry(target) else { return Ok(found) };
    let ever = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };
    let all: Vec<_> = reader.endpoints(&entry.target).into_iter().map(|endpoint| (endpoint, ever)).collect();
    let Some(span) = reach(reader, target, now)?.and_then(|reach| reach.overlap(span)) else { return Ok(found) };
    // As much at once as is about enough, so that a span of any length costs no more than what is told of it.
    let enough = entry.target.definition.interval.max(Duration::from_secs(1)) * CHECKS_MAX as u32;
    let mut from = span.from;
    while from < span.to && found.len() < CHECKS_MAX {
        let part = Span { from, to: span.to.min(from + enough) };
        found.extend(checks(reader, &all, part)?);
        from = part.to;
    }
    cut(&mut found, CHECKS_MAX);
    Ok(found)
}

/// Keeps so many checks, and those of the same moment as the last of them.
fn cut(checks: &mut Vec<Check>, count: usize) {
    if let Some(last) = count.checked_sub(1).and_then(|last| checks.get(last)).map(|check| check.at) {
        checks.truncate(checks.partition_point(|check| check.at <= last));
    }
}

/// See [`crate::engine::Query::Figures`].
pub(super) fn figures(
    reader: &Reader<'_>,
    target: TargetId,
    span: Span,
    step: Duration,
    now: Wall,
) -> Result<Vec<Figures>, ReadError> {
    let Some(entry) = reader.entry(target) else { return Ok(Vec::new()) };
    let step = step.max(Duration::from_millis(1));
    let grain = grain(reader, &entry.target, span, step);
    let told = Told { target: &entry.target, tellers: reader.speakers(&entry.target) };
    let stretch = Stretch::read(reader, &told, &all_outages(reader, target)?, (span, grain), now)?;
    let stretch = stretch.with_losses(reader, &told)?;
    let (mut all, mut from) = (Vec::new(), span.from);
    while from < span.to && all.len() < FIGURES_MAX as usize {
        let part = Span { from, to: span.to.min(from + step) };
        let (summary, uptime) = (stretch.summary_of(part), stretch.uptime_of(part));
        let lost = stretch.lost_of(part);
        all.push(Figures { span: part, summary, uptime, lost, source: stretch.source_of(part) });
        from = part.to;
    }
    Ok(all)
}

/// Hours tell of a step of whole hours, and of a span as a whole, where checks are gone or too many.
fn grain(reader: &Reader<'_>, target: &Target, span: Span, step: Duration) -> Grain {
    let is_whole_hours = step.as_millis().is_multiple_of(HOUR.as_millis());
    let is_one_row = step >= span.length() && step >= HOUR;
    if !is_whole_hours && !is_one_row {
        return Grain::CheckOnly;
    }
    let are_gone = reader.pruned_until().is_some_and(|until| until > span.from);
    let are_too_many = span.length().as_millis() / target.definition.interval.as_millis().max(1) > CHECKS_READ_MAX;
    if are_gone || are_too_many { Grain::Hour } else { Grain::Check }
}
