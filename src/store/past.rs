//! Questions about a moment of the past: what came before it, newest first, without reading the rest.

use super::base::Item;
use super::error::{ReadError, Trouble};
use super::key::{self, Series};
use super::reader::Reader;
use super::replay::rows;
use super::unpack::{head, unpack};
use crate::domain::{CatalogEntry, Check, EndpointId, Event, Record, TargetId, VantageId, Wall};
use std::collections::BTreeMap;
use std::ops::Bound;

/// Smaller than every moment.
const EVER: Wall = Wall(i64::MIN);

impl Reader<'_> {
    /// Every known target, removed ones included, by id.
    pub fn entries(&self) -> Vec<CatalogEntry> {
        let known = self.ledger.catalog.iter().map(|(id, entry)| (*id, entry));
        let newer = self.waiting.targets().map(|entry| (entry.target.id, entry));
        let entries: BTreeMap<TargetId, &CatalogEntry> = known.chain(newer).collect();
        entries.into_values().cloned().collect()
    }

    /// Known targets with ids above this one, by id, at most so many.
    pub fn entries_after(&self, after: Option<TargetId>, count: usize) -> Vec<CatalogEntry> {
        let above = after.map_or(Bound::Unbounded, Bound::Excluded);
        let known = self.ledger.catalog.range((above, Bound::Unbounded)).take(count).map(|(id, entry)| (*id, entry));
        let newer = self.waiting.targets().map(|entry| (entry.target.id, entry)).filter(|(id, _)| Some(*id) > after);
        let entries: BTreeMap<TargetId, &CatalogEntry> = known.chain(newer).collect();
        entries.into_values().take(count).cloned().collect()
    }

    /// The newest checks of an endpoint that started at this moment or before, oldest first: at least
    /// `count` of them, if there are so many.
    pub fn newest_checks(
        &self,
        endpoint: EndpointId,
        vantage: VantageId,
        until: Wall,
        count: usize,
    ) -> Result<Vec<Check>, ReadError> {
        let of = (endpoint, vantage);
        let mut checks: Vec<Check> = self.waiting_checks(of).cloned().collect();
        let open = self.ledger.series.get(&of).map(|progress| &progress.packer);
        if let Some(packer) = open.filter(|packer| !packer.is_empty() && packer.first() <= until)
            && unpack(of, &packer.bytes_sealed(), &mut checks).is_none()
        {
            self.damage.borrow_mut().add("open chunks of checks");
        }
        checks.retain(|check| check.at <= until);
        if checks.len() < count {
            self.asked(|| self.sealed_before(of, until, count, &mut checks))?;
        }
        checks.sort_by_key(|check| check.at);
        Ok(checks)
    }

    fn sealed_before(&self, of: Series, until: Wall, count: usize, checks: &mut Vec<Check>) -> Result<(), Trouble> {
        let (from, to) = (key::chunk(of, EVER, 0), key::chunk(of, Wall(until.0.saturating_add(1)), 0));
        for item in self.ledger.base.chunk.range_newest(&from, &to) {
            match item? {
                Item::Good(_, body) if unpack(of, &body, checks).is_some() => {}
                _ => self.damage.borrow_mut().add("chunks of checks"),
            }
            checks.retain(|check| check.at <= until);
            if checks.len() >= count {
                break;
            }
        }
        Ok(())
    }

    /// When the oldest check of an endpoint that is kept started.
    pub fn oldest_check(&self, endpoint: EndpointId, vantage: VantageId) -> Result<Option<Wall>, ReadError> {
        let of = (endpoint, vantage);
        let sealed = self.asked(|| match self.ledger.base.chunk.under(&key::series(of)).next().transpose()? {
            Some(Item::Good(_, body)) => Ok(head(&body).map(|head| head.first)),
            Some(Item::Damaged(_)) | None => Ok(None),
        })?;
        let packer = self.ledger.series.get(&of).map(|progress| &progress.packer);
        let open = packer.filter(|packer| !packer.is_empty()).map(super::chunk::Packer::first);
        let waiting = self.waiting_checks(of).map(|check| check.at).min();
        Ok(sealed.into_iter().chain(open).chain(waiting).min())
    }

    /// `count` events until a moment, all since an earlier one, and every later one; oldest first.
    pub fn events_around(&self, at: Wall, count: usize, since: Wall) -> Result<Vec<Event>, ReadError> {
        let waiting = self.waiting.iter().filter_map(|record| match record {
            Record::Event(event) => Some(event.clone()),
            _ => None,
        });
        let waiting: Vec<Event> = waiting.collect();
        let mut before = waiting.iter().filter(|event| event.at <= at).count();
        let mut events = Vec::new();
        self.asked(|| {
            let mut damage = self.damage.borrow_mut();
            for row in rows::<Event>("events", self.ledger.base.event.newest(), &mut damage) {
                let event = row?.1;
                if before >= count && event.at < since {
                    break;
                }
                before += usize::from(event.at <= at);
                events.push(event);
            }
            Ok(())
        })?;
        events.reverse();
        events.extend(waiting);
        Ok(events)
    }
}
