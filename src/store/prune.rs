//! What is too old goes, a little at a time between other work.

use super::base::{Item, Shelf};
use super::error::Trouble;
use super::key::{self, Series};
use super::ledger::Ledger;
use super::unpack::{Head, head};
use crate::domain::{Event, Gap, Outage, TargetId, Wall};
use std::time::Instant;

/// How many ad-hoc checks are kept.
const AD_HOC_MAX: usize = 200;
/// How many rows are looked at between two looks at the clock.
const ROWS_AT_ONCE: usize = 64;

/// What has to go: everything before these moments. `None` leaves that kind alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    /// For checks, events and gaps.
    pub checks: Option<Wall>,
    /// For outages, by their end.
    pub outages: Option<Wall>,
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
    /// In the chunks, after the series if there is one, and then before the key.
    Chunks(Option<Series>, Vec<u8>),
    Outages(Vec<u8>),
    Events(Vec<u8>),
    Gaps(Vec<u8>),
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
        Self { bounds, stage: Stage::Chunks(None, Vec::new()) }
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
            Stage::Chunks(after, from) => self.prune_chunks(ledger, after, &from)?,
            Stage::Outages(from) => {
                self.prune_outages(ledger, &from)?.map_or(Stage::Events(Vec::new()), Stage::Outages)
            }
            Stage::Events(from) => sweep(&ledger.base.event, &from, |body| {
                verdict(postcard::from_bytes::<Event>(body).ok().map(|event| event.at), before)
            })?
            .map_or(Stage::Gaps(Vec::new()), Stage::Events),
            Stage::Gaps(from) => sweep(&ledger.base.gap, &from, |body| {
                verdict(postcard::from_bytes::<Gap>(body).ok().map(|gap| gap.to), before)
            })?
            .map_or(Stage::AdHoc, Stage::Gaps),
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

    /// Removes old chunks of one series. The chunk with the first failing check of an open outage stays.
    fn prune_chunks(&self, ledger: &mut Ledger, after: Option<Series>, from: &[u8]) -> Result<Stage, Trouble> {
        let Some(of) = ledger.series_after(after) else { return Ok(Stage::Outages(Vec::new())) };
        let owner = ledger.owners.get(&of.0).copied();
        let is_purged = owner.is_some_and(|id| self.is_purged(ledger, id));
        let evidence: Vec<Wall> = match owner {
            Some(id) if !is_purged => ledger.open_outages_of(id).map(|outage| outage.started_at).collect(),
            _ => Vec::new(),
        };
        let prefix = key::series(of);
        let start = if from.is_empty() { &prefix[..] } else { from };
        let mut next = Vec::new();
        for item in ledger.base.chunk.from(start).take(ROWS_AT_ONCE) {
            let item = item?;
            let (Item::Good(key, _) | Item::Damaged(key)) = &item;
            next = if key.starts_with(&prefix) { [key, &[0][..]].concat() } else { Vec::new() };
            let head = match &item {
                _ if next.is_empty() => break,
                Item::Good(_, body) => head(body),
                Item::Damaged(key) => key::read_chunk(key).map(|(_, first)| Head { count: 0, first, last: first }),
            };
            let Some(head) = head else { continue };
            let is_evidence = evidence.iter().any(|at| head.first <= *at && *at <= head.last);
            if is_purged || (!is_evidence && verdict(Some(head.last), self.bounds.checks) == Verdict::Remove) {
                ledger.base.chunk.remove(key)?;
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

    fn prune_outages(&self, ledger: &mut Ledger, from: &[u8]) -> Result<Option<Vec<u8>>, Trouble> {
        let mut purged = Vec::new();
        let next = sweep(&ledger.base.outage, from, |body| {
            let Ok(outage) = postcard::from_bytes::<Outage>(body) else { return Verdict::Keep };
            if self.is_purged(ledger, outage.target) {
                purged.push((outage.target, outage.id));
                return Verdict::Remove;
            }
            verdict(outage.ended_at(), self.bounds.outages)
        })?;
        for id in purged {
            ledger.forget_open_outage(id)?;
        }
        Ok(next)
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
