//! Everything that a report tells about a span, read a target at a time so that recording goes on meanwhile.

use super::incident::struck;
use super::read;
use super::stretch::{checks, graded_summary, lost, pauses};
use crate::domain::{Event, Gap, GapCause, Outage, Span, TargetId, VantageId, Wall, maintenance, remark::remarks};
use crate::engine::incident::{AROUND, Affected, Findings, Struck, Works};
use crate::store::{ReadError, Reader, Store};
use crate::window::{Apart, Ledger, Summary, Uptime, open_ended, spans};
use std::sync::Arc;
use std::time::Duration;

/// How many outages a report lists.
const OUTAGES_MAX: usize = 1_000;
/// Of how many targets it tells the figures.
const TARGETS_MAX: usize = 200;
/// How far before its first check an uptime looks: what a check speaks for may reach into the span.
const LEAD: Duration = Duration::from_mins(10);
/// How old a sign of life may be of a run that has only just ended: it is given every ten seconds.
const ALIVE_MAX: Duration = Duration::from_secs(30);

/// Whether the time goes on being observed while a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watching {
    /// By whoever keeps this history.
    Somebody,
    /// Not since the last sign of life in it.
    Nobody,
}

/// What happened in the span.
pub(super) async fn findings(store: &Store, span: Span, now: Wall, watching: Watching) -> Result<Findings, ReadError> {
    // What happened at this very moment is inside.
    let span = Span { from: span.from, to: span.to.min(now + Duration::from_millis(1)).max(span.from) };
    let (mut findings, events) = read(store, move |reader| outline(reader, span, now)).await?;
    if watching == Watching::Nobody {
        let alive = read(store, |reader| Ok(reader.last_sign_of_life())).await?;
        findings.gaps.extend(alive.and_then(|alive| absence(alive, span, now)));
    }
    let mut targets: Vec<(TargetId, String)> = Vec::new();
    for Struck { outage, .. } in &findings.outages {
        if targets.len() < TARGETS_MAX && !targets.iter().any(|(id, _)| *id == outage.target) {
            targets.push((outage.target, outage.name.clone()));
        }
    }
    let (gaps, events) = (Arc::new(findings.gaps.clone()), Arc::new(events));
    for (target, name) in targets {
        let (gaps, events) = (Arc::clone(&gaps), Arc::clone(&events));
        let question = move |reader: &Reader<'_>| {
            let affected = Affecting { target, span, gaps: &gaps, events: &events, now };
            affected.read(reader, name)
        };
        findings.targets.push(read(store, question).await?);
    }
    Ok(findings)
}

/// The time since the last sign of life, which the next start writes down as a gap.
fn absence(alive: Wall, span: Span, now: Wall) -> Option<Gap> {
    let to = now + Duration::from_millis(1);
    let is_told = now.since(alive) > ALIVE_MAX && alive < span.to;
    is_told.then_some(Gap { vantage: VantageId::HERE, from: alive, to, cause: GapCause::NotRunning, path: None })
}

/// Everything but the figures of the targets, and the log of the time.
fn outline(reader: &Reader<'_>, span: Span, now: Wall) -> Result<(Findings, Vec<Event>), ReadError> {
    let mut outages = reader.outages(span)?;
    outages.reverse();
    let left_out = outages.len().saturating_sub(OUTAGES_MAX);
    outages.truncate(OUTAGES_MAX);
    let events = reader.events_since(span.from)?;
    let outages: Result<Vec<Struck>, ReadError> = outages.iter().map(|outage| struck(reader, outage)).collect();
    let mut written = remarks(&events);
    written.retain(|remark| span.contains(remark.about));
    let findings = Findings {
        span,
        asked_at: now,
        watched: u32::try_from(reader.watched(span)).unwrap_or(u32::MAX),
        outages: outages?,
        left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
        targets: Vec::new(),
        remarks: written,
        gaps: reader.gaps(span)?,
        unwatched: unwatched(reader, span)?,
        maintenance: works(reader, span),
    };
    Ok((findings, events))
}

/// See [`Findings::maintenance`].
fn works(reader: &Reader<'_>, span: Span) -> Vec<Works> {
    let mut known: Vec<Works> = Vec::new();
    for entry in reader.entries() {
        let target = (entry.target.id, entry.target.definition.name.clone());
        let own = maintenance::of_target(reader.maintenance(), entry.target.id);
        for maintenance in own.into_iter().filter(|one| one.span.overlap(span).is_some()) {
            match known.iter_mut().find(|works| works.maintenance == *maintenance) {
                Some(works) => works.targets.push(target.clone()),
                None => known.push(Works { maintenance: maintenance.clone(), targets: vec![target.clone()] }),
            }
        }
    }
    known.sort_by_key(|works| (works.maintenance.span.from, works.maintenance.span.to));
    known
}

/// See [`Findings::unwatched`].
fn unwatched(reader: &Reader<'_>, span: Span) -> Result<Vec<Span>, ReadError> {
    let entries = reader.entries();
    let mut watched = Vec::new();
    for entry in &entries {
        let to = entry.removed_at.unwrap_or(Wall(i64::MAX));
        spans::insert(&mut watched, Span { from: entry.added_at, to });
    }
    if spans::difference(&[span], &watched).is_empty() {
        return Ok(Vec::new());
    }
    // A clock that was put back shows checks from before their target was added.
    for entry in &entries {
        for endpoint in reader.endpoints(&entry.target) {
            if let Some(from) = reader.oldest_check(endpoint, VantageId::HERE)? {
                spans::insert(&mut watched, Span { from, to: entry.added_at });
            }
        }
    }
    Ok(spans::difference(&[span], &watched))
}

/// See [`Affected::phases`].
fn phases<'o>(outages: impl Iterator<Item = &'o Outage>, span: Span) -> [Span; 3] {
    let (mut first, mut last) = (span.to, span.from);
    for outage in outages {
        first = first.min(outage.started_at);
        last = last.max(outage.ended_at().unwrap_or(span.to));
    }
    let last = last.clamp(first, span.to.max(first));
    [
        Span { from: span.from.min(first - AROUND), to: first },
        Span { from: first, to: last },
        Span { from: last, to: span.to.max(last) },
    ]
}

/// What is needed to tell how one target fared.
struct Affecting<'a> {
    target: TargetId,
    span: Span,
    gaps: &'a [Gap],
    events: &'a [Event],
    now: Wall,
}

impl Affecting<'_> {
    fn read(&self, reader: &Reader<'_>, name: String) -> Result<Affected, ReadError> {
        let Some(entry) = reader.entry(self.target) else {
            let nothing = Summary::default();
            let (uptime, lost) = (Uptime::default(), Vec::new());
            return Ok(Affected { target: self.target, name, phases: [nothing; 3], whole: nothing, uptime, lost });
        };
        let outages = reader.outages_of(self.target, self.span)?;
        let phases = phases(outages.iter(), self.span);
        let whole = Span { from: phases[0].from - LEAD, to: self.span.to };
        let speakers = reader.speakers(&entry.target);
        let checks = checks(reader, &speakers, whole)?;
        let lost = lost(reader, &speakers, &[], self.span)?;
        let mut paused = pauses(self.events, self.target);
        if let Some(paused_at) = entry.paused_at {
            spans::insert(&mut paused, open_ended(paused_at));
        }
        // Nobody looked after the removal, though the last check speaks for a bit more.
        entry.removed_at.into_iter().for_each(|removed_at| spans::insert(&mut paused, open_ended(removed_at)));
        let interval = entry.target.definition.pace();
        let since = entry.added_at.min(self.span.from);
        let works = maintenance::of_target(reader.maintenance(), self.target);
        let apart = Apart::paused(&paused).with_maintenance(works);
        let ledger = Ledger::read(&checks, &outages, self.gaps, apart, interval, since, self.now);
        Ok(Affected {
            target: self.target,
            name,
            phases: phases.map(|phase| graded_summary(&checks, phase, reader.coarse_until())),
            whole: graded_summary(&checks, self.span, reader.coarse_until()),
            uptime: ledger.uptime(self.span),
            lost: spans::difference(&lost, &ledger.observed),
        })
    }
}
