//! The day before a moment without its checks: whole hours by their sums, the rest by a glance at each check.
//!
//! Of an hour that is summed up it is enough to know that all of it was observed, or nothing, and that nothing
//! failed in it outside of outages: outages and pauses are known apart. Other hours, and those that look
//! different in hindsight (see [`settled_until`]), are read from their checks, of which only the moments and
//! what they saw are unpacked. The result is that of all the checks.

use crate::domain::record::{Past, Seen};
use crate::domain::{EndpointId, Gap, GapCause, Span, TargetId, VantageId, Wall};
use crate::store::{ReadError, Reader};
use crate::window::{Apart, HOUR, Ledger, hour_of, open_ended, owned, spans, whole_hour_from};
use std::collections::HashMap;
use std::time::Duration;

/// Parts to be read that are no further apart are read as one: they stand in the same chunk most often.
const NEAR: Duration = Duration::from_hours(4);

/// Hours of a target that need no checks.
#[derive(Clone, Debug, Default)]
pub(super) struct Hours {
    /// Observed from beginning to end.
    observed: Vec<Span>,
    /// Not observed at all.
    unobserved: Vec<Span>,
}

impl Hours {
    /// Those that are over by then.
    pub fn until(mut self, end: Wall) -> Self {
        let later = open_ended(hour_of(end));
        spans::remove(&mut self.observed, later);
        spans::remove(&mut self.unobserved, later);
        self
    }
}

/// Which endpoint's time is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whose {
    pub endpoint: EndpointId,
    /// How long a check speaks, see [`owned`].
    pub pace: Duration,
}

/// The hours of all targets in a span that need no checks.
pub(super) fn hours(reader: &Reader<'_>, span: Span) -> Result<HashMap<TargetId, Hours>, ReadError> {
    let mut all: HashMap<TargetId, Hours> = HashMap::new();
    reader.each_uptime(span, |target, from, count, uptime| {
        let hours = all.entry(target).or_default();
        let known = Span { from, to: from + HOUR * count };
        match (uptime.blips, uptime.up + uptime.down) {
            (0, HOUR) => spans::insert(&mut hours.observed, known),
            (0, Duration::ZERO) => spans::insert(&mut hours.unobserved, known),
            _ => {}
        }
    })?;
    Ok(all)
}

/// Until when sums of hours say of each target what was known at the moment as well: until the first outage that
/// was not known yet, or the first blindness whose end was not. For targets that are not here, all hours do.
pub(super) fn settled_until(past: &Past, at: Wall) -> (HashMap<TargetId, Wall>, Wall) {
    let went_on = past.gaps.iter().filter(|gap| gap.cause == GapCause::Blind && gap.to >= at - HOUR);
    let sight = went_on.map(|gap| gap.from).min().unwrap_or(at);
    let mut outages: HashMap<TargetId, Wall> = HashMap::new();
    for outage in past.outages.iter().filter(|outage| outage.as_of(at).is_none_or(|known| known.closing.is_none())) {
        let known = outages.entry(outage.target).or_insert(outage.started_at);
        *known = outage.started_at.min(*known);
    }
    (outages, sight)
}

/// What the checks of a span say about time. `gaps` are those that were known.
pub(super) fn seen(
    reader: &Reader<'_>,
    whose: Whose,
    span: Span,
    hours: &Hours,
    gaps: &[Gap],
) -> Result<Seen, ReadError> {
    if span.to <= span.from {
        return Ok(Seen::default());
    }
    let whole = Span { from: whole_hour_from(span.from), to: hour_of(span.to) };
    let observed = spans::clip(&hours.observed, whole);
    let known = spans::clip(&hours.unobserved, whole).into_iter().chain(observed.clone());
    let mut left = vec![span];
    known.for_each(|hours| spans::remove(&mut left, hours));
    let mut seen = Seen { observed, failures: Vec::new() };
    for part in near(&left) {
        let reach = Span { from: part.from - owned(whose.pace), to: part.to };
        let glances = reader.glances(whose.endpoint, VantageId::HERE, reach)?;
        let ledger = Ledger::read(glances, &[], gaps, Apart::default(), whose.pace, part.from, part.to);
        let inside = spans::clip(&ledger.observed, open_ended(part.from));
        for span in inside {
            spans::insert(&mut seen.observed, span);
        }
        seen.failures.extend(ledger.failures.into_iter().filter(|at| *at >= part.from));
    }
    Ok(seen)
}

/// Spans, joined where little is between them.
fn near(spans: &[Span]) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for &span in spans {
        match joined.last_mut() {
            Some(before) if span.from.since(before.to) <= NEAR => before.to = span.to,
            _ => joined.push(span),
        }
    }
    joined
}
