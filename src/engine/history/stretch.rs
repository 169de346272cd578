//! One stretch of one target's time as history has it: the only place that reads checks for the detail view.

use super::super::query::{Unseen, Why};
use crate::domain::{
    Check, EndpointId, Event, Gap, Happening, Outage, Path, Remark, Span, TargetId, VantageId, Wall, remark::remarks,
};
use crate::monitor::TargetView;
use crate::store::{ReadError, Reader};
use crate::window::{Column, Ledger, Strip, Summary, Uptime};
use crate::window::{columns, merged, open_ended, owned, spans, summary};
use std::collections::BTreeSet;
use std::time::Duration;

/// How many events are searched for pauses and remarks.
const EVENTS_MAX: usize = 20_000;

/// What history knows of a stretch.
pub(super) struct Stretch {
    span: Span,
    now: Wall,
    checks: Vec<Check>,
    gaps: Vec<Gap>,
    remarks: Vec<Remark>,
    ledger: Ledger,
}

impl Stretch {
    /// Reads it. `outages` are all that the target has.
    pub fn read(
        reader: &Reader<'_>,
        view: &TargetView,
        outages: &[Outage],
        span: Span,
        now: Wall,
    ) -> Result<Self, ReadError> {
        let target = &view.target;
        let interval = target.definition.pace();
        // The check before the stretch speaks for the beginning of it.
        let reach = Span { from: span.from - owned(interval), to: span.to };
        let checks = checks(reader, &target.endpoint_ids, reach)?;
        let entry = reader.entry(target.id);
        let events = reader.events(EVENTS_MAX)?;
        let mut paused = pauses(&events, target.id);
        if let Some(paused_at) = entry.and_then(|entry| entry.paused_at) {
            spans::insert(&mut paused, open_ended(paused_at));
        }
        let first = checks.first().map_or(now, |check| check.at);
        let since = entry.map_or(first, |entry| entry.added_at).min(first);
        let gaps = reader.gaps(reach)?;
        let end = now.min(span.to + Duration::from_millis(1));
        let ledger = Ledger::read(&checks, outages, &gaps, &paused, interval, since, end);
        let is_here = |remark: &Remark| span.contains(remark.about) && remark.concerns(target.id);
        let remarks = remarks(&events).into_iter().filter(is_here).collect();
        Ok(Self { span, now, checks, gaps: merged(gaps), remarks, ledger })
    }

    /// The checks inside of it, oldest first.
    pub fn checks(&self) -> &[Check] {
        let first = self.checks.partition_point(|check| check.at < self.span.from);
        self.checks.get(first..).unwrap_or_default()
    }

    /// Its checks in so many columns.
    pub fn columns(&self, count: u16) -> Vec<Column> {
        columns(self.checks(), self.span, count)
    }

    /// The figures of its checks.
    pub fn summary(&self) -> Summary {
        summary(self.checks(), self.span)
    }

    /// Its time in so many cells.
    pub fn strip(&self, cells: u16) -> Strip {
        self.ledger.strip(self.span, usize::from(cells), self.now)
    }

    /// Of the last part of it, as long as that.
    pub fn uptime(&self, length: Duration) -> Uptime {
        self.ledger.uptime(Span::before(self.span.to.min(self.now), length))
    }

    /// What somebody wrote about moments of it, oldest first.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// The parts of it in which nobody saw the target, oldest first. A path that was out matters only if
    /// checks of the target go that way.
    pub fn unseen(&self) -> Vec<Unseen> {
        let paths: BTreeSet<Path> = self.checks.iter().filter_map(Check::path).collect();
        let goes = |path: Path| paths.is_empty() || paths.contains(&path);
        let concerns = |gap: &&Gap| gap.vantage == VantageId::HERE && gap.path.is_none_or(goes);
        let gaps = self.gaps.iter().filter(concerns).map(|gap| (gap.span(), Why::Gap(gap.cause)));
        let paused = self.ledger.paused.iter().map(|span| (*span, Why::Paused));
        let past = Span { from: self.span.from, to: self.span.to.min(self.now) };
        let inside = |(span, why): (Span, Why)| Some(Unseen { span: span.overlap(past)?, why });
        let mut unseen: Vec<Unseen> = gaps.chain(paused).filter_map(inside).collect();
        unseen.sort_by_key(|unseen| (unseen.span.from, unseen.span.to));
        unseen
    }
}

/// The checks of all endpoints, oldest first.
pub(super) fn checks(reader: &Reader<'_>, endpoints: &[EndpointId], span: Span) -> Result<Vec<Check>, ReadError> {
    let mut checks = Vec::new();
    for &endpoint in endpoints {
        checks.extend(reader.checks(endpoint, VantageId::HERE, span)?);
    }
    if endpoints.len() > 1 {
        checks.sort_by_key(|check| check.at);
    }
    Ok(checks)
}

/// When the target was paused, as far as the log goes back.
pub(super) fn pauses(events: &[Event], target: TargetId) -> Vec<Span> {
    let mut paused = Vec::new();
    for event in events.iter().filter(|event| event.target.as_ref().is_some_and(|(id, _)| *id == target)) {
        match event.what {
            Happening::Paused => spans::insert(&mut paused, open_ended(event.at)),
            Happening::Resumed => spans::remove(&mut paused, open_ended(event.at)),
            _ => {}
        }
    }
    paused
}
