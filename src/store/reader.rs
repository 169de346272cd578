//! Questions about history: what is on disk and what is still in memory, as one.

use super::base::{Item, Shelf};
use super::chunk::SPAN_MAX;
use super::contain::contained;
use super::error::{ReadError, Trouble};
use super::key::{self, Series};
use super::ledger::{Ledger, speakers};
use super::replay::{Damage, rows};
use super::ring::Ring;
use super::unpack::{head, unpack};
use crate::domain::{
    CatalogEntry, Check, EndpointId, Event, Former, Gap, MaintenanceOf, Outage, OutageId, Record, Span, Target,
    TargetId, VantageId, Wall,
};
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How far back in the log a line may stand that was written later than the one before it.
const CLOCK_SLACK: Duration = Duration::from_hours(24);

/// History at one moment. It answers on the store's own thread.
pub struct Reader<'r> {
    pub(super) ledger: &'r Ledger,
    pub(super) waiting: &'r Ring,
    pub(super) damage: RefCell<Damage>,
    trouble: RefCell<Option<Trouble>>,
}

/// How much history there is of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Finished checks.
    pub checks: u64,
    /// Outages.
    pub outages: u64,
}

impl<'r> Reader<'r> {
    pub(super) fn new(ledger: &'r Ledger, waiting: &'r Ring) -> Self {
        Self { ledger, waiting, damage: RefCell::default(), trouble: RefCell::default() }
    }

    /// What was damaged on the way, and what made an answer impossible.
    pub(super) fn findings(self) -> (Damage, Option<Trouble>) {
        (self.damage.into_inner(), self.trouble.into_inner())
    }

    pub(super) const fn ledger(&self) -> &Ledger {
        self.ledger
    }

    /// The last proof of life, or the newest check if that is later; `None` if nothing was ever kept.
    pub fn last_sign_of_life(&self) -> Option<Wall> {
        let newest = Some(self.ledger.newest).filter(|newest| *newest != Wall::default());
        let waiting = self.waiting.checks().map(|check| check.at).max();
        newest.max(self.ledger.state.alive).max(waiting)
    }

    /// Checks that started before this moment may be coarse: latency and look-up within 0.4 % of what was
    /// measured, everything else exact.
    pub const fn coarse_until(&self) -> Option<Wall> {
        self.ledger.coarse.begun
    }

    /// The checks of an endpoint that started in the span, oldest first.
    pub fn checks(&self, endpoint: EndpointId, vantage: VantageId, span: Span) -> Result<Vec<Check>, ReadError> {
        let of = (endpoint, vantage);
        let mut checks = Vec::new();
        self.asked(|| self.sealed_checks(of, span, &mut checks))?;
        if let Some(progress) = self.ledger.series.get(&of).filter(|progress| !progress.packer.is_empty())
            && unpack(of, &progress.packer.bytes_sealed(), &mut checks).is_none()
        {
            self.damage.borrow_mut().add("open chunks of checks");
        }
        checks.extend(self.waiting_checks(of).cloned());
        checks.retain(|check| span.contains(check.at));
        // Only a wall clock that was set back makes this more than a look.
        checks.sort_by_key(|check| check.at);
        Ok(checks)
    }

    /// From the oldest check of an endpoint to just after the newest, `None` if there are none. A wall
    /// clock that was set back makes it wider than need be, never narrower.
    pub fn reach(&self, endpoint: EndpointId, vantage: VantageId) -> Result<Option<Span>, ReadError> {
        let of = (endpoint, vantage);
        let mut reach: Option<Span> = None;
        let mut include = |from: Wall, to: Wall| {
            let to = to + Duration::from_millis(1);
            let known = reach.unwrap_or(Span { from, to });
            reach = Some(Span { from: known.from.min(from), to: known.to.max(to) });
        };
        let keys = self.asked(|| {
            self.ledger
                .base
                .chunk
                .raw(&key::series(of))
                .map(|row| row.map(|(key, _)| key))
                .collect::<Result<Vec<_>, _>>()
        })?;
        for (_, first) in keys.iter().filter_map(|key| key::read_chunk(key)) {
            include(first, first + SPAN_MAX);
        }
        if let Some(progress) = self.ledger.series.get(&of).filter(|progress| !progress.packer.is_empty()) {
            include(progress.packer.first(), progress.packer.last());
        }
        self.waiting_checks(of).for_each(|check| include(check.at, check.at));
        Ok(reach)
    }

    fn sealed_checks(&self, of: Series, span: Span, checks: &mut Vec<Check>) -> Result<(), Trouble> {
        // A chunk may start before the span and reach into it.
        let from = key::chunk(of, span.from - SPAN_MAX, 0);
        let to = key::chunk(of, span.to, 0);
        for item in self.ledger.base.chunk.range(&from, &to) {
            match item? {
                Item::Good(_, body) if head(&body).is_some_and(|head| head.last < span.from) => {}
                Item::Good(_, body) if unpack(of, &body, checks).is_some() => {}
                _ => self.damage.borrow_mut().add("chunks of checks"),
            }
        }
        Ok(())
    }

    pub(super) fn waiting_checks(&self, (endpoint, vantage): Series) -> impl Iterator<Item = &Check> {
        self.waiting.checks().filter(move |check| (check.endpoint, check.vantage) == (endpoint, vantage))
    }

    /// What is known of a target, removed ones included.
    pub fn entry(&self, target: TargetId) -> Option<&CatalogEntry> {
        let waiting = self.waiting.targets().rfind(|entry| entry.target.id == target);
        waiting.or_else(|| self.ledger.catalog.get(&target))
    }

    /// What a target was before, the newest at the end.
    pub fn formers(&self, target: TargetId) -> Vec<&Former> {
        let newer = self.waiting.formers().filter(|former| former.target.id == target);
        let mut formers: Vec<&Former> = self.ledger.formers_of(target).chain(newer).collect();
        formers.sort_by_key(|former| former.until);
        formers.dedup_by_key(|former| former.until);
        formers
    }

    /// Every id under which something of a target is kept.
    pub fn endpoints(&self, target: &Target) -> Vec<EndpointId> {
        let formers = self.formers(target.id).into_iter().flat_map(|former| former.target.ids());
        let all: BTreeSet<EndpointId> = formers.chain(target.ids()).collect();
        all.into_iter().collect()
    }

    /// Which history has spoken for a target, and when, the oldest first.
    pub fn speakers(&self, target: &Target) -> Vec<(EndpointId, Span)> {
        speakers(self.formers(target.id).into_iter(), target)
    }

    /// Outages that touch the span, newest start first; open ones reach into the future.
    pub fn outages(&self, span: Span) -> Result<Vec<Outage>, ReadError> {
        Ok(self.select_outages(self.ledger.outages.values(), span, |_| true))
    }

    /// The outage of this id.
    pub fn outage(&self, id: OutageId) -> Option<&Outage> {
        let newest = self.waiting.outages().filter(|outage| outage.id == id).last();
        newest.or_else(|| self.ledger.outages.values().find(|outage| outage.id == id))
    }

    /// Outages of one target that touch the span, newest start first.
    pub fn outages_of(&self, target: TargetId, span: Span) -> Result<Vec<Outage>, ReadError> {
        Ok(self.select_outages(self.ledger.outages_of(target), span, |outage| outage.target == target))
    }

    /// All outages are in memory: a look at each costs less than finding those of a span on disk.
    fn select_outages<'l>(
        &'l self,
        known: impl Iterator<Item = &'l Outage>,
        span: Span,
        wanted: impl Fn(&Outage) -> bool,
    ) -> Vec<Outage> {
        let newer: BTreeMap<OutageId, &Outage> =
            self.waiting.outages().filter(|outage| wanted(outage)).map(|outage| (outage.id, outage)).collect();
        let known = known.filter(|outage| !newer.contains_key(&outage.id));
        let touches =
            |outage: &&Outage| outage.started_at < span.to && outage.ended_at().is_none_or(|end| end >= span.from);
        let mut outages: Vec<&Outage> = known.chain(newer.values().copied()).filter(touches).collect();
        outages.sort_by_key(|outage| std::cmp::Reverse((outage.started_at, outage.id)));
        outages.into_iter().cloned().collect()
    }

    /// Spans that nobody observed and that touch this one, in the order in which they began.
    pub fn gaps(&self, span: Span) -> Result<Vec<Gap>, ReadError> {
        let known = self.lines::<Gap>("gaps", &self.ledger.base.gap, &[])?;
        let newer = self.waiting.iter().filter_map(|record| match record {
            Record::Gap(gap) => Some(*gap),
            _ => None,
        });
        let gaps: BTreeMap<_, Gap> = known.into_iter().chain(newer).map(|gap| (key::gap(&gap), gap)).collect();
        Ok(gaps.into_values().filter(|gap| gap.from < span.to && gap.to >= span.from).collect())
    }

    /// What was said of maintenance, in the order in which it was.
    pub fn maintenance(&self) -> impl Iterator<Item = &MaintenanceOf> {
        self.ledger.maintenance.values().chain(self.waiting.maintenance())
    }

    /// The newest lines of the log, oldest first.
    pub fn events(&self, limit: usize) -> Result<Vec<Event>, ReadError> {
        let mut events = self.asked(|| {
            let mut damage = self.damage.borrow_mut();
            let newest_first = rows::<Event>("events", self.ledger.base.event.newest(), &mut damage).take(limit);
            newest_first.map(|row| row.map(|(_, event)| event)).collect::<Result<Vec<Event>, Trouble>>()
        })?;
        events.reverse();
        events.extend(self.waiting.iter().filter_map(|record| match record {
            Record::Event(event) => Some(event.clone()),
            _ => None,
        }));
        events.drain(..events.len().saturating_sub(limit));
        Ok(events)
    }

    /// Lines of the log that were written at this moment or later, oldest first. A clock that was set back
    /// by more than a day may hide some.
    pub fn events_since(&self, from: Wall) -> Result<Vec<Event>, ReadError> {
        let mut events = self.asked(|| {
            let mut damage = self.damage.borrow_mut();
            let newest_first = rows::<Event>("events", self.ledger.base.event.newest(), &mut damage);
            let mut events = Vec::new();
            for row in newest_first {
                let (_, event) = row?;
                if event.at < from - CLOCK_SLACK {
                    break;
                }
                events.push(event);
            }
            Ok(events)
        })?;
        events.reverse();
        events.extend(self.waiting.iter().filter_map(|record| match record {
            Record::Event(event) => Some(event.clone()),
            _ => None,
        }));
        events.retain(|event| event.at >= from);
        Ok(events)
    }

    /// How many targets were watched at some time in the span.
    pub fn watched(&self, span: Span) -> usize {
        let known = self.ledger.catalog.values().filter(|entry| {
            self.entry(entry.target.id).is_some_and(|entry| {
                entry.added_at < span.to && entry.removed_at.is_none_or(|removed| removed >= span.from)
            })
        });
        known.count()
    }

    /// How much there is of these targets together: what a removal would lose.
    pub fn extent(&self, targets: &[TargetId]) -> Result<Extent, ReadError> {
        let mut extent = Extent::default();
        let ever = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };
        for &target in targets {
            extent.outages += self.outages_of(target, ever)?.len() as u64;
            let endpoints = self.entry(target).map(|entry| self.endpoints(&entry.target)).unwrap_or_default();
            for &endpoint in &endpoints {
                let all = (endpoint, VantageId(0))..=(endpoint, VantageId(u16::MAX));
                for (of, progress) in self.ledger.series.range(all) {
                    extent.checks += u64::from(progress.packer.count()) + self.asked(|| self.sealed_count(*of))?;
                }
            }
            let waiting = self.waiting.checks().filter(|check| endpoints.contains(&check.endpoint));
            extent.checks += waiting.count() as u64;
        }
        Ok(extent)
    }

    fn sealed_count(&self, of: Series) -> Result<u64, Trouble> {
        let mut count = 0;
        for item in self.ledger.base.chunk.under(&key::series(of)) {
            match item? {
                Item::Good(_, body) => count += head(&body).map_or(0, |head| u64::from(head.count)),
                Item::Damaged(_) => self.damage.borrow_mut().add("chunks of checks"),
            }
        }
        Ok(count)
    }

    fn lines<T: DeserializeOwned>(
        &self,
        name: &'static str,
        shelf: &Shelf,
        prefix: &[u8],
    ) -> Result<Vec<T>, ReadError> {
        self.asked(|| {
            let mut damage = self.damage.borrow_mut();
            rows(name, shelf.under(prefix), &mut damage).map(|row| row.map(|(_, line)| line)).collect()
        })
    }

    /// Asks sled. Remembers what made an answer impossible, so that the store can be mended.
    pub(super) fn asked<T>(&self, read: impl FnOnce() -> Result<T, Trouble>) -> Result<T, ReadError> {
        contained(read).map_err(|trouble| {
            let why = trouble.to_string();
            *self.trouble.borrow_mut() = Some(trouble);
            ReadError::Unavailable(why)
        })
    }
}
