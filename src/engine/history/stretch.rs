//! One stretch of one target's time as history has it: the only place that reads checks for the detail view.

use super::super::query::{Addresses, Unseen, Why};
use super::addresses::{addresses, addresses_of_hours};
use crate::domain::{
    Check, EndpointId, Event, Gap, GapCause, Happening, Outage, Path, Remark, Span, Target, TargetId, VantageId, Wall,
    maintenance, remark::remarks,
};
use crate::engine::incident::AROUND;
use crate::store::{ReadError, Reader};
use crate::window::{Apart, Column, Hour, Ledger, Source, Strip, Summary, Uptime, UptimeHour};
use crate::window::{HOUR, merged, open_ended, owned, spans, whole_hour_from};
use crate::window::{columns, columns_of_hours, hours_of, strip_of_hours, summary, summary_of_hours, uptime_of_hours};
use std::collections::BTreeSet;
use std::time::Duration;

/// How finely a stretch is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    /// Each check.
    Check,
    /// Whole hours where they are summed up; it takes far less time to read them.
    Hour,
    /// Each check, and nothing where none is kept: hours say nothing of what is shorter.
    CheckOnly,
}

/// What history knows of a stretch.
pub(super) struct Stretch {
    span: Span,
    now: Wall,
    gaps: Vec<Gap>,
    /// When it was seen, and what was seen is lost; see [`Stretch::with_losses`].
    lost: Vec<Span>,
    paused: Vec<Span>,
    remarks: Vec<Remark>,
    paths: BTreeSet<Path>,
    found: Found,
}

/// What was read of it: checks, the one before the stretch included, and what they say of its time. Before
/// them, hours that are summed up, if hours will do.
struct Found {
    summed: Option<Summed>,
    /// Where the checks begin.
    exact: Span,
    checks: Vec<Check>,
    /// Checks before this moment may be coarse.
    coarse_until: Option<Wall>,
    ledger: Ledger,
}

/// Hours that are summed up.
struct Summed {
    hours: Vec<Hour>,
    uptimes: Vec<UptimeHour>,
}

/// The figures of checks, which come in order; those before a moment may be coarse.
pub(super) fn graded_summary(checks: &[Check], span: Span, coarse_until: Option<Wall>) -> Summary {
    let mut summary = summary(checks, span);
    let first = checks.iter().find(|check| span.contains(check.at));
    if let (Some(first), Some(latency)) = (first, &mut summary.latency)
        && coarse_until.is_some_and(|until| first.at < until)
    {
        latency.source = Source::Coarse;
    }
    summary
}

/// A target and whose checks tell about it: those that speak for it, or those of one of its endpoints. Outages and
/// pauses are the target's in any case.
pub struct Told<'t> {
    pub target: &'t Target,
    pub tellers: Vec<(EndpointId, Span)>,
}

impl Stretch {
    /// Reads it. `outages` are all that the target has. Where no check is kept any more, the hours that
    /// outlive them have to do.
    pub fn read(
        reader: &Reader<'_>,
        told: &Told<'_>,
        outages: &[Outage],
        (span, grain): (Span, Grain),
        now: Wall,
    ) -> Result<Self, ReadError> {
        let Told { target, tellers } = told;
        let interval = target.definition.pace();
        let summed = reader.summed_until().map_or(span.from, |until| until.clamp(span.from, span.to));
        let from = match grain {
            Grain::Hour => summed,
            Grain::Check => pruned(reader, outages, span).min(summed),
            Grain::CheckOnly => span.from,
        };
        let exact = Span { from, to: span.to };
        // The check before the stretch speaks for the beginning of it.
        let reach = Span { from: exact.from - owned(interval), to: exact.to };
        let checks = checks(reader, tellers, reach)?;
        if grain == Grain::Check && checks.is_empty() && summed > span.from {
            return Self::read(reader, told, outages, (span, Grain::Hour), now);
        }
        let entry = reader.entry(target.id);
        // What is told of a stretch is told in it or later.
        let events = reader.events_since(span.from)?;
        let mut paused = pauses(&events, target.id);
        if let Some(paused_at) = entry.and_then(|entry| entry.paused_at) {
            spans::insert(&mut paused, open_ended(paused_at));
        }
        let maintenance = maintenance::of_target(reader.maintenance(), target.id);
        let apart = Apart::paused(&paused).with_maintenance(maintenance);
        let first = checks.first().map_or(now, |check| check.at);
        let since = entry.map_or(first, |entry| entry.added_at).min(first);
        let gaps = reader.gaps(Span { from: span.from - owned(interval), to: span.to })?;
        let end = now.min(span.to + Duration::from_millis(1));
        let mut ledger = Ledger::read(&checks, outages, &gaps, apart, interval, since, end);
        ledger.observed = spans::clip(&ledger.observed, open_ended(exact.from));
        let is_here = |remark: &Remark| span.contains(remark.about) && remark.concerns(target.id);
        let remarks = remarks(&events).into_iter().filter(is_here).collect();
        let paths = checks.iter().filter_map(Check::path).collect();
        let before = Span { from: span.from, to: exact.from };
        let summed = if before.from < before.to { Some(summed_up(reader, told, before)?) } else { None };
        let found = Found { summed, exact, checks, coarse_until: reader.coarse_until(), ledger };
        Ok(Self { span, now, gaps: merged(gaps), lost: Vec::new(), paused, remarks, paths, found })
    }

    /// The same, knowing what of it is lost to damage; that takes a look at every chunk of checks.
    pub fn with_losses(mut self, reader: &Reader<'_>, told: &Told<'_>) -> Result<Self, ReadError> {
        let lost = lost(reader, &told.tellers, &self.gaps, self.span)?;
        self.lost = spans::difference(&lost, &self.found.ledger.observed);
        Ok(self)
    }

    /// Its checks in so many columns.
    pub fn columns(&self, count: u16) -> Vec<Column> {
        let mut all = columns(self.found.newer(), self.span, count);
        if let Some(summed) = &self.found.summed {
            for (column, before) in all.iter_mut().zip(columns_of_hours(&summed.hours, self.span, count)) {
                *column = joined(before, *column);
            }
        }
        all
    }

    /// The figures of its checks.
    pub fn summary(&self) -> Summary {
        self.summary_of(self.span)
    }

    /// The figures of the checks in a part of it.
    pub fn summary_of(&self, part: Span) -> Summary {
        let newer = self.found.newer();
        let summed = self.found.summed.as_ref().filter(|_| self.source_of(part) == Source::Sketch);
        let Some(summed) = summed else {
            return graded_summary(newer, part, self.found.coarse_until);
        };
        let (first, end) = [part.from, part.to].map(|at| newer.partition_point(|check| check.at < at)).into();
        let newer = hours_of(newer.get(first..end).unwrap_or_default());
        let whole = summed.hours.iter().filter(|hour| part.contains(hour.from + HOUR / 2)).cloned();
        let hours: Vec<Hour> = whole.chain(newer).collect();
        // An hour of checks may begin before the part or end after it, and yet its checks are inside.
        summary_of_hours(&hours, Span { from: part.from - HOUR, to: part.to + HOUR })
    }

    /// Whether each check of a part of it was read.
    pub fn source_of(&self, part: Span) -> Source {
        if part.from < self.found.exact.from { Source::Sketch } else { Source::Exact }
    }

    /// The addresses that its checks are about.
    pub fn addresses(&self) -> Addresses {
        match &self.found.summed {
            None => addresses(self.found.newer()),
            Some(summed) => {
                let hours: Vec<Hour> = summed.hours.iter().cloned().chain(hours_of(self.found.newer())).collect();
                addresses_of_hours(&hours)
            }
        }
    }

    /// When it saw the target first; where hours are summed up, the beginning of that hour.
    pub fn oldest(&self) -> Option<Wall> {
        let summed = self.found.summed.iter().flat_map(|summed| &summed.hours).map(|hour| hour.from).min();
        let newer = self.found.newer().first().map(|check| check.at);
        summed.map(|from| from.max(self.span.from)).or(newer)
    }

    /// Its time in so many cells.
    pub fn strip(&self, cells: u16) -> Strip {
        let mut strip = self.found.ledger.strip(self.span, usize::from(cells), self.now);
        if let Some(summed) = &self.found.summed {
            let before = strip_of_hours(&summed.uptimes, self.span, usize::from(cells));
            for (cell, before) in strip.cells.iter_mut().zip(before.cells) {
                (cell.up, cell.down) = (cell.up + before.up, cell.down + before.down);
            }
            strip.uptime = self.uptime(self.span.length());
        }
        strip
    }

    /// Of the last part of it, as long as that.
    pub fn uptime(&self, length: Duration) -> Uptime {
        self.uptime_of(Span::before(self.span.to.min(self.now), length))
    }

    /// Of a part of it.
    pub fn uptime_of(&self, window: Span) -> Uptime {
        match &self.found.summed {
            None => self.found.ledger.uptime(window),
            Some(summed) => {
                let newer = window.overlap(self.found.exact).map(|part| self.found.ledger.uptime(part));
                uptime_of_hours(&summed.uptimes, window).and(newer.unwrap_or_default())
            }
        }
    }

    /// How much of a part of it is lost to damage.
    pub fn lost_of(&self, part: Span) -> Duration {
        spans::total(&spans::clip(&self.lost, part))
    }

    /// What somebody wrote about moments of it, oldest first.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// The parts of it in which nobody saw the target, oldest first. A path that was out matters only if
    /// checks of the target go that way.
    pub fn unseen(&self) -> Vec<Unseen> {
        let goes = |path: Path| self.paths.is_empty() || self.paths.contains(&path);
        let concerns = |gap: &&Gap| gap.vantage == VantageId::HERE && gap.path.is_none_or(goes);
        let gaps = self.gaps.iter().filter(concerns).map(|gap| (gap.span(), Why::Gap(gap.cause)));
        let gaps = gaps.filter(|(_, why)| *why != Why::Gap(GapCause::Damaged));
        let lost = self.lost.iter().map(|span| (*span, Why::Gap(GapCause::Damaged)));
        let paused = self.paused.iter().map(|span| (*span, Why::Paused));
        let past = Span { from: self.span.from, to: self.span.to.min(self.now) };
        let inside = |(span, why): (Span, Why)| Some(Unseen { span: span.overlap(past)?, why });
        let mut unseen: Vec<Unseen> = gaps.chain(lost).chain(paused).filter_map(inside).collect();
        unseen.sort_by_key(|unseen| (unseen.span.from, unseen.span.to));
        unseen
    }
}

impl Found {
    /// The checks inside of the stretch.
    fn newer(&self) -> &[Check] {
        let first = self.checks.partition_point(|check| check.at < self.exact.from);
        self.checks.get(first..).unwrap_or_default()
    }
}

/// Until when the checks of a stretch are pruned but for those around outages, which alone would give a false
/// picture: whole hours tell of that part. A stretch of which each check is evidence is not concerned.
fn pruned(reader: &Reader<'_>, outages: &[Outage], span: Span) -> Wall {
    let is_evidence = |outage: &Outage| {
        let end = outage.ended_at().unwrap_or(span.to);
        outage.started_at - AROUND <= span.from && span.to <= end + AROUND
    };
    let until = reader.pruned_until().filter(|_| !outages.iter().any(is_evidence));
    until.map_or(span.from, |until| whole_hour_from(until).clamp(span.from, span.to))
}

/// Two parts of a column, the older one first; the middle is that of the part with more checks.
fn joined(before: Column, after: Column) -> Column {
    let median = if before.open > after.open { before.median } else { after.median };
    let min = if before.open > 0 && after.open > 0 { before.min.min(after.min) } else { before.min.max(after.min) };
    Column {
        open: before.open + after.open,
        min,
        median,
        max: before.max.max(after.max),
        failed: before.failed + after.failed,
        reason: after.reason.or(before.reason),
        inconclusive: before.inconclusive + after.inconclusive,
    }
}

/// The hours of a target that are summed up and begin in the span, or reach into it.
fn summed_up(reader: &Reader<'_>, told: &Told<'_>, span: Span) -> Result<Summed, ReadError> {
    let mut hours = Vec::new();
    for &(endpoint, while_speaking) in &told.tellers {
        let Some(span) = span.overlap(while_speaking) else { continue };
        hours.extend(reader.hours(endpoint, VantageId::HERE, span)?);
    }
    hours.retain(|hour| hour.from < span.to);
    hours.sort_by_key(|hour| hour.from);
    let mut uptimes = reader.uptimes(told.target.id, span)?;
    uptimes.retain(|hour| hour.from < span.to);
    Ok(Summed { hours, uptimes })
}

/// The checks of those who spoke, each while it did, oldest first.
pub(super) fn checks(
    reader: &Reader<'_>,
    speakers: &[(EndpointId, Span)],
    span: Span,
) -> Result<Vec<Check>, ReadError> {
    let mut checks = Vec::new();
    for &(endpoint, while_speaking) in speakers {
        let Some(span) = span.overlap(while_speaking) else { continue };
        checks.extend(reader.checks(endpoint, VantageId::HERE, span)?);
    }
    if speakers.len() > 1 {
        checks.sort_by_key(|check| check.at);
    }
    Ok(checks)
}

/// The parts of a span that are lost to damage: those of everything, and those of each who spoke while it did.
pub(super) fn lost(
    reader: &Reader<'_>,
    speakers: &[(EndpointId, Span)],
    gaps: &[Gap],
    span: Span,
) -> Result<Vec<Span>, ReadError> {
    let mut lost = Vec::new();
    for gap in gaps.iter().filter(|gap| gap.cause == GapCause::Damaged) {
        gap.span().overlap(span).into_iter().for_each(|span| spans::insert(&mut lost, span));
    }
    for &(endpoint, while_speaking) in speakers {
        let Some(span) = span.overlap(while_speaking) else { continue };
        reader.lost(endpoint, VantageId::HERE, span)?.into_iter().for_each(|span| spans::insert(&mut lost, span));
    }
    Ok(lost)
}

/// When the target was paused, as far as the log goes back: who is resumed first was paused before.
pub(super) fn pauses(events: &[Event], target: TargetId) -> Vec<Span> {
    let mut paused = Vec::new();
    let mut is_first = true;
    for event in events.iter().filter(|event| event.target.as_ref().is_some_and(|(id, _)| *id == target)) {
        match event.what {
            Happening::Paused => spans::insert(&mut paused, open_ended(event.at)),
            Happening::Resumed if is_first => spans::insert(&mut paused, Span { from: Wall(i64::MIN), to: event.at }),
            Happening::Resumed => spans::remove(&mut paused, open_ended(event.at)),
            _ => continue,
        }
        is_first = false;
    }
    paused
}
