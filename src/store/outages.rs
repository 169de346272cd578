//! Outages: on disk one row each, and all of them in memory, because many questions begin with them.

use super::error::Trouble;
use super::form::encode;
use super::key;
use super::ledger::Ledger;
use crate::domain::{Outage, OutageId, Span, TargetId};
use crate::window::{outage_span, spans};

impl Ledger {
    /// Puts an outage into its place. What that changes of a day that is over is summed up again.
    pub(super) fn put_outage(&mut self, outage: &Outage) -> Result<(), Trouble> {
        let id = (outage.target, outage.id);
        let before: Vec<Span> = self.outages.get(&id).map(outage_span).into_iter().collect();
        let after = [outage_span(outage)];
        let endpoint = self.catalog.get(&outage.target).and_then(|entry| entry.target.series());
        if let Some(endpoint) = endpoint {
            for changed in [spans::difference(&before, &after), spans::difference(&after, &before)].concat() {
                self.outdate(endpoint, changed)?;
            }
        }
        let key = key::outage(outage.target, outage.id);
        let body = encode(outage)?;
        self.base.outage.put(&key, &body)?;
        if outage.closing.is_none() {
            self.base.open_outage.put(&key, &body)?;
            self.open_outages.insert(id, outage.clone());
        } else if self.open_outages.remove(&id).is_some() {
            self.base.open_outage.remove(&key)?;
        }
        self.outages.insert(id, outage.clone());
        self.state.last_outage = self.state.last_outage.max(outage.id.0);
        Ok(())
    }

    /// Removes an outage.
    pub(super) fn forget_outage(&mut self, id: (TargetId, OutageId)) -> Result<(), Trouble> {
        let key = key::outage(id.0, id.1);
        self.base.outage.remove(&key)?;
        if self.open_outages.remove(&id).is_some() {
            self.base.open_outage.remove(&key)?;
        }
        self.outages.remove(&id);
        Ok(())
    }

    /// The outages of a target, in the order in which they began.
    pub(super) fn outages_of(&self, target: TargetId) -> impl Iterator<Item = &Outage> {
        let all = (target, OutageId(0))..=(target, OutageId(u64::MAX));
        self.outages.range(all).map(|(_, outage)| outage)
    }
}
