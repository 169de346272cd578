//! One outage with its evidence: every check around it, and what else failed within the same minutes.

use super::missed::missed;
use super::stretch::{checks, lost};
use crate::domain::{
    Check, Event, Gap, GapCause, Happening, Outage, OutageId, Remark, Span, VantageId, Wall, remark::remarks,
};
use crate::engine::incident::{AROUND, Elided, Entry, Incident, Struck, TOGETHER};
use crate::store::{ReadError, Reader};
use std::time::Duration;

/// How many checks are told at each end of a long outage.
const EDGE: usize = 60;
/// How many checks are told before an outage, and after it.
const MARGIN: usize = 600;
/// How many outages that began together are told.
const TOGETHER_MAX: usize = 200;

/// The outage of this id, or `None` if it is not known (any more).
pub(super) fn incident(reader: &Reader<'_>, id: OutageId, now: Wall) -> Result<Option<Incident>, ReadError> {
    let Some(outage) = reader.outage(id).cloned() else { return Ok(None) };
    let near = reader.outages(near(&outage))?;
    told(reader, outage, &near, now, Wall(i64::MAX)).map(Some)
}

/// The outage of this id with what was known of it at a moment, or `None` if it was not known yet.
pub(super) fn as_of(reader: &Reader<'_>, id: OutageId, at: Wall) -> Result<Option<Incident>, ReadError> {
    let Some(outage) = reader.outage(id).and_then(|outage| outage.as_of(at)) else { return Ok(None) };
    let near: Vec<Outage> = reader.outages(near(&outage))?.iter().filter_map(|outage| outage.as_of(at)).collect();
    told(reader, outage, &near, at, at).map(Some)
}

/// The time in which others began that began together with this one.
fn near(outage: &Outage) -> Span {
    Span { from: outage.started_at - TOGETHER, to: outage.started_at + TOGETHER + Duration::from_millis(1) }
}

/// An outage, and others of the same time, with everything that was known about it until a moment.
fn told(
    reader: &Reader<'_>,
    outage: Outage,
    all: &[Outage],
    now: Wall,
    known_until: Wall,
) -> Result<Incident, ReadError> {
    let end = outage.ended_at().unwrap_or(now).max(outage.started_at);
    // The end of a span lies outside of it.
    let after = Duration::from_millis(1);
    let span = Span { from: outage.started_at - AROUND, to: (end + AROUND).min(known_until) + after };
    let target = reader.entry(outage.target).map(|entry| &entry.target);
    let speakers = target.map(|target| reader.speakers(target)).unwrap_or_default();
    let mut checks = checks(reader, &speakers, span)?;
    checks.retain(|check| check.ended_at() <= known_until);
    let mut events = reader.events_since(span.from)?;
    events.retain(|event| event.at <= known_until);
    let mut gaps = reader.gaps(span)?;
    let lost = lost(reader, &speakers, &[], span)?.into_iter();
    gaps.extend(lost.map(|Span { from, to }| Gap {
        vantage: VantageId::HERE,
        from,
        to,
        cause: GapCause::Damaged,
        path: None,
    }));
    for gap in &mut gaps {
        gap.to = gap.to.min(known_until);
    }
    let timeline = Timeline { outage: &outage, span, end };
    let timeline = timeline.entries(checks, &events, gaps);
    let addresses = target.map(|target| target.definition.endpoints.iter().map(|at| at.address.clone()).collect());
    let mut others: Vec<&Outage> = all.iter().filter(|other| began_together(other, &outage)).collect();
    others.sort_by_key(|other| (other.started_at, other.id));
    let together: Result<Vec<Struck>, ReadError> =
        others.into_iter().take(TOGETHER_MAX).map(|other| struck(reader, other)).collect();
    let rounds: Vec<Wall> = timeline.iter().filter_map(Entry::check).map(|check| check.at).collect();
    let missed = target.map(|target| missed(reader, target, &rounds)).transpose()?.unwrap_or_default();
    Ok(Incident { addresses: addresses.unwrap_or_default(), span, timeline, together: together?, missed, outage })
}

fn began_together(other: &Outage, outage: &Outage) -> bool {
    let (one, two) = (other.started_at, outage.started_at);
    other.target != outage.target && one.since(two).max(two.since(one)) <= TOGETHER
}

/// An outage and where it struck.
pub(super) fn struck(reader: &Reader<'_>, outage: &Outage) -> Result<Struck, ReadError> {
    let target = reader.entry(outage.target).map(|entry| &entry.target);
    let mut reached = None;
    let first = Span { from: outage.started_at, to: outage.started_at + Duration::from_millis(1) };
    for (endpoint, _) in target.map(|target| reader.speakers(target)).unwrap_or_default() {
        let failed = reader.checks(endpoint, VantageId::HERE, first)?;
        reached = reached.or_else(|| failed.iter().find_map(|check| check.address));
    }
    let failed = target.map(|target| missed(reader, target, &[outage.started_at])).transpose()?.unwrap_or_default();
    let failed = failed.into_iter().flat_map(|round| round.failed).map(|(address, _)| address).next();
    let endpoints = target.map_or(&[][..], |target| &target.definition.endpoints);
    let address = failed.or_else(|| endpoints.first().map(|at| at.address.clone()));
    let others = u32::try_from(endpoints.len().saturating_sub(1)).unwrap_or(u32::MAX);
    Ok(Struck { outage: outage.clone(), address, reached, others })
}

/// What stands on the timeline of an outage.
///
/// Checks before and after it are all told, as far as they are not more than [`MARGIN`]; of those inside,
/// [`EDGE`] at each end. What stands between checks is told wherever it stands.
struct Timeline<'t> {
    outage: &'t Outage,
    span: Span,
    end: Wall,
}

impl Timeline<'_> {
    fn entries(&self, checks: Vec<Check>, events: &[Event], gaps: Vec<Gap>) -> Vec<Entry> {
        let is_left_out = self.left_out(&checks);
        let mut entries: Vec<Entry> = gaps.into_iter().map(Entry::Gap).collect();
        let happened = events.iter().filter(|event| self.span.contains(event.at) && self.belongs(event));
        entries.extend(happened.cloned().map(Entry::Event));
        let written = remarks(events);
        let is_here = |remark: &Remark| self.span.contains(remark.about) && remark.concerns(self.outage.target);
        entries.extend(written.into_iter().filter(is_here).map(Entry::Remark));
        // What a check has brought about stands behind it.
        let told = checks.into_iter().enumerate().map(|(place, check)| {
            if is_left_out(place) {
                let failed = u32::from(check.outcome.reason().is_some());
                Entry::Elided(Elided { span: Span { from: check.at, to: check.at }, checks: 1, failed })
            } else {
                Entry::Check(check)
            }
        });
        let mut all: Vec<Entry> = told.chain(entries).collect();
        all.sort_by_key(Entry::at);
        join(all)
    }

    /// Which of the checks are left out, by their place.
    fn left_out(&self, checks: &[Check]) -> impl Fn(usize) -> bool + use<> {
        let first = checks.partition_point(|check| check.at < self.outage.started_at);
        let after = checks.partition_point(|check| check.at < self.end);
        let is_long = after.saturating_sub(first) > 3 * EDGE;
        move |place| {
            place + MARGIN < first
                || place >= after + MARGIN
                || (is_long && (first + EDGE..after - EDGE).contains(&place))
        }
    }

    /// Whether a line of the log explains something here.
    fn belongs(&self, event: &Event) -> bool {
        match (&event.target, &event.what) {
            // Gaps and remarks are told as what they are.
            (_, Happening::Remarked { .. } | Happening::RemarkWithdrawn { .. } | Happening::Gap { .. }) => false,
            (Some((id, _)), _) => *id == self.outage.target,
            (None, what) => matters(what),
        }
    }
}

/// Whether something that portpulse has to say about itself has to do with what was seen.
const fn matters(what: &Happening) -> bool {
    matches!(
        what,
        Happening::Started { .. }
            | Happening::Stopped
            | Happening::Blind { .. }
            | Happening::SightRestored { .. }
            | Happening::ClockStepped { .. }
            | Happening::NotRecording { .. }
            | Happening::RecordingAgain { .. }
    )
}

/// Checks that are left out one after the other become one entry.
fn join(all: Vec<Entry>) -> Vec<Entry> {
    let mut joined: Vec<Entry> = Vec::with_capacity(all.len().min(4 * MARGIN));
    for entry in all {
        match (joined.last_mut(), &entry) {
            (Some(Entry::Elided(known)), Entry::Elided(more)) => {
                known.span.to = more.span.to;
                known.checks += more.checks;
                known.failed += more.failed;
            }
            _ => joined.push(entry),
        }
    }
    joined
}
