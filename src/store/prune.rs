//! What is too old goes or becomes coarse, a little at a time between other work.

use super::base::{Item, Shelf};
use super::coarsen::{Coarsening, Progress};
use super::day::Day;
use super::error::Trouble;
use super::evidence::{Left, reduce};
use super::key::{self, Series};
use super::ledger::Ledger;
use super::unpack::{Head, head};
use crate::domain::{Event, Gap, OutageId, Span, TargetId, Wall};
use std::ops::Bound;
use std::time::Instant;

/// How many ad-hoc checks are kept.
const AD_HOC_MAX: usize = 200;
/// How many rows are looked at between two looks at the clock.
const ROWS_AT_ONCE: usize = 64;

/// What has to go or to become coarse: everything before these moments. `None` leaves that kind alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// For checks, events, gaps and maintenance.
    pub checks: Option<Wall>,
    /// For the exact latency of checks that stay.
    pub exact: Option<Wall>,
    /// For outages, by their end.
    pub outages: Option<Wall>,
    /// For summaries of hours and days.
    pub summaries: Option<Wall>,
    /// For everything of targets that were removed before.
    pub removed: Option<Wall>,
}

/// A pruning under way. Doing a part of it twice does no harm, so a crash in between is harmless too.
#[derive(Debug)]
pub(super) struct Pruning {
    bounds: Bounds,
    stage: Stage,
}

/// Where it has come to: in the rows of a shelf, before this key.
#[derive(Debug)]
enum Stage {
    /// Checks that are still to be summed up bring the bound of checks down.
    Start,
    /// In the chunks, after the series if there is one, and then before the key.
    Chunks(Option<Series>, Vec<u8>),
    Coarsening(Coarsening),
    /// After this one.
    Outages(Option<(TargetId, OutageId)>),
    Hours(Vec<u8>),
    Uptimes,
    Events(Vec<u8>),
    Gaps(Vec<u8>),
    Maintenance,
    AdHoc,
    Catalog,
    Done,
}

/// What may be done with a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Keep,
    Remove,
}

impl Pruning {
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, stage: Stage::Start }
    }

    pub fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    /// Goes on until the deadline, which is kept to within a few rows.
    pub fn go_on(&mut self, ledger: &mut Ledger, deadline: Instant) -> Result<(), Trouble> {
        while !self.is_done() && Instant::now() < deadline {
            self.step(ledger)?;
        }
        Ok(())
    }

    fn step(&mut self, ledger: &mut Ledger) -> Result<(), Trouble> {
        let before = self.bounds.checks;
        self.stage = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Start => {
                if let Some(checks) = &mut self.bounds.checks {
                    *checks = ledger.prunable_until(*checks);
                    ledger.note_pruned(*checks)?;
                }
                Stage::Chunks(None, Vec::new())
            }
            Stage::Chunks(after, from) => self.prune_chunks(ledger, after, &from)?,
            Stage::Coarsening(mut coarsening) => match coarsening.step(ledger)? {
                Progress::More => Stage::Coarsening(coarsening),
                Progress::Done => Stage::Outages(None),
            },
            Stage::Outages(after) => self.prune_outages(ledger, after)?,
            Stage::Hours(from) => self.prune_hours(ledger, &from)?.map_or(Stage::Uptimes, Stage::Hours),
            Stage::Uptimes => self.prune_uptimes(ledger)?,
            Stage::Events(from) => sweep(&ledger.base.event, &from, |body| {
                verdict(postcard::from_bytes::<Event>(body).ok().map(|event| event.at), before)
            })?
            .map_or(Stage::Gaps(Vec::new()), Stage::Events),
            Stage::Gaps(from) => sweep(&ledger.base.gap, &from, |body| {
                verdict(postcard::from_bytes::<Gap>(body).ok().map(|gap| gap.to), before)
            })?
            .map_or(Stage::Maintenance, Stage::Gaps),
            Stage::Maintenance => {
                ledger.prune_maintenance(before)?;
                Stage::AdHoc
            }
            Stage::AdHoc => {
                keep_newest(&ledger.base.ad_hoc, AD_HOC_MAX)?;
                Stage::Catalog
            }
            Stage::Catalog => {
                let ids: Vec<TargetId> =
                    ledger.catalog.keys().copied().filter(|id| self.is_purged(ledger, *id)).collect();
                for id in ids {
                    ledger.forget_target(id)?;
                }
                Stage::Done
            }
            Stage::Done => Stage::Done,
        };
        Ok(())
    }

    /// Whether a target was removed long enough ago. It may have been restored since the start.
    fn is_purged(&self, ledger: &Ledger, id: TargetId) -> bool {
        let removed_at = ledger.catalog.get(&id).and_then(|entry| entry.removed_at);
        verdict(removed_at, self.bounds.removed) == Verdict::Remove
    }

    /// Removes old chunks of one series, but for the checks around outages.
    fn prune_chunks(&self, ledger: &mut Ledger, after: Option<Series>, from: &[u8]) -> Result<Stage, Trouble> {
        let Some(of) = ledger.series_after(after) else { return self.begin_coarsening(ledger) };
        let owner = ledger.owners.get(&of.0).copied();
        let is_purged = owner.is_some_and(|id| self.is_purged(ledger, id));
        let evidence = owner.filter(|_| !is_purged).map(|id| ledger.evidence_of(id)).unwrap_or_default();
        let prefix = key::series(of);
        let start = if from.is_empty() { &prefix[..] } else { from };
        let mut next = Vec::new();
        for item in ledger.base.chunk.from(start).take(ROWS_AT_ONCE) {
            let item = item?;
            let (Item::Good(key, _) | Item::Damaged(key)) = &item;
            next = if key.starts_with(&prefix) { [key, &[0][..]].concat() } else { Vec::new() };
            if next.is_empty() {
                break;
            }
            let known = match &item {
                Item::Good(_, body) => head(body).map(|head| (head, &body[..])),
                Item::Damaged(key) => {
                    key::read_chunk(key).map(|(_, first)| (Head { count: 0, first, last: first, coarse: 0 }, &[][..]))
                }
            };
            let Some((head, body)) = known else { continue };
            if is_purged {
                ledger.base.chunk.remove(key)?;
            } else if verdict(Some(head.last), self.bounds.checks) == Verdict::Remove {
                keep_evidence(ledger, of, key, (head, body), &evidence)?;
            } else if verdict(Some(head.first), self.bounds.checks) == Verdict::Keep {
                next.clear();
                break;
            }
        }
        if !next.is_empty() && ledger.base.chunk.from(&next).next().is_some() {
            return Ok(Stage::Chunks(after, next));
        }
        if is_purged {
            ledger.forget_open(of)?;
        }
        if ledger.base.chunk.under(&prefix).next().is_none() {
            ledger.forget_series(of)?;
        }
        Ok(Stage::Chunks(Some(of), Vec::new()))
    }

    fn begin_coarsening(&self, ledger: &mut Ledger) -> Result<Stage, Trouble> {
        let Some(wanted) = self.bounds.exact else { return Ok(Stage::Outages(None)) };
        Ok(Stage::Coarsening(Coarsening::begin(ledger, wanted)?))
    }

    fn prune_outages(&self, ledger: &mut Ledger, after: Option<(TargetId, OutageId)>) -> Result<Stage, Trouble> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let next: Vec<_> = ledger.outages.range((from, Bound::Unbounded)).take(ROWS_AT_ONCE).collect();
        let is_over =
            |id: TargetId, end| self.is_purged(ledger, id) || verdict(end, self.bounds.outages) == Verdict::Remove;
        let doomed: Vec<_> = next
            .iter()
            .filter(|((target, _), outage)| is_over(*target, outage.ended_at()))
            .map(|(id, _)| **id)
            .collect();
        let last = next.last().map(|(id, _)| **id);
        doomed.into_iter().try_for_each(|id| ledger.forget_outage(id))?;
        Ok(last.map_or(Stage::Hours(Vec::new()), |last| Stage::Outages(Some(last))))
    }

    /// Removes old summaries of hours, and those of endpoints that are purged; gives the key to go on from.
    fn prune_hours(&self, ledger: &Ledger, from: &[u8]) -> Result<Option<Vec<u8>>, Trouble> {
        let mut next = None;
        for row in ledger.base.hours.raw_from(from).take(ROWS_AT_ONCE) {
            let (key, _) = row?;
            next = Some([&key, &[0][..]].concat());
            let Some((of, day)) = key::read_hours(&key) else { continue };
            let is_purged = ledger.owners.get(&of.0).is_some_and(|id| self.is_purged(ledger, *id));
            if !is_purged && verdict(Some(day.span().to), self.bounds.summaries) == Verdict::Keep {
                // The days of a series are in order: on with the next one.
                return Ok(Some(key::hours(of, Day(i32::MAX)).to_vec()).filter(|next| *next != from));
            }
            ledger.base.hours.remove(&key)?;
        }
        Ok(next)
    }

    /// Removes old uptimes. Those of a purged target stay among others until then; its id is never
    /// given again, and nothing in them tells its name.
    fn prune_uptimes(&self, ledger: &Ledger) -> Result<Stage, Trouble> {
        for row in ledger.base.uptime.raw_from(&[]).take(ROWS_AT_ONCE) {
            let (key, _) = row?;
            let end = key::read_day(&key).map(|day| day.span().to);
            if verdict(end, self.bounds.summaries) == Verdict::Keep {
                return Ok(Stage::Events(Vec::new()));
            }
            ledger.base.uptime.remove(&key)?;
        }
        let is_empty = ledger.base.uptime.raw_from(&[]).next().is_none();
        Ok(if is_empty { Stage::Events(Vec::new()) } else { Stage::Uptimes })
    }
}

/// Removes a chunk but for the checks around outages: those stay under its key, in one write.
fn keep_evidence(
    ledger: &Ledger,
    of: Series,
    key: &[u8],
    (head, chunk): (Head, &[u8]),
    evidence: &[Span],
) -> Result<(), Trouble> {
    match reduce(of, head, chunk, evidence) {
        Left::All => Ok(()),
        Left::Nothing => ledger.base.chunk.remove(key),
        Left::Some(fewer) => ledger.base.chunk.put(key, &fewer),
    }
}

/// What never happened is not old.
fn verdict(at: Option<Wall>, before: Option<Wall>) -> Verdict {
    match (at, before) {
        (Some(at), Some(before)) if at < before => Verdict::Remove,
        _ => Verdict::Keep,
    }
}

/// Looks at some rows of a shelf and removes those that have to go; gives the key to go on from.
fn sweep(shelf: &Shelf, from: &[u8], mut judge: impl FnMut(&[u8]) -> Verdict) -> Result<Option<Vec<u8>>, Trouble> {
    let mut next = None;
    let mut count = 0;
    for item in shelf.from(from).take(ROWS_AT_ONCE) {
        count += 1;
        let item = item?;
        let (Item::Good(key, _) | Item::Damaged(key)) = &item;
        next = Some([key, &[0][..]].concat());
        if let Item::Good(_, body) = &item
            && judge(body) == Verdict::Remove
        {
            shelf.remove(key)?;
        }
    }
    Ok(next.filter(|_| count == ROWS_AT_ONCE))
}

fn keep_newest(shelf: &Shelf, count: usize) -> Result<(), Trouble> {
    let mut doomed = Vec::new();
    for item in shelf.newest().skip(count) {
        let (Item::Good(key, _) | Item::Damaged(key)) = item?;
        doomed.push(key);
    }
    doomed.iter().try_for_each(|key| shelf.remove(key))
}
