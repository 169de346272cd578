//! What the engine knows of the present that the store does not know yet.

use super::super::query::{Answer, Query};
use crate::domain::{Outage, OutageId};
use crate::monitor::{Snapshot, TargetView};
use std::collections::HashMap;
use std::sync::Arc;

/// As much of it as an answer needs.
pub struct Present {
    /// The target that a detail is asked of, if it is watched.
    pub view: Option<Arc<TargetView>>,
    /// The open outages, with every failed check. The store has them as they were when they were saved, which is
    /// only done now and then.
    open: HashMap<OutageId, Arc<Outage>>,
}

impl Present {
    /// What the answer to a question needs of a snapshot.
    pub fn of(snapshot: &Snapshot, query: &Query) -> Self {
        let (mut view, mut open) = (None, HashMap::new());
        match query {
            Query::Detail { target, .. } | Query::Uptimes { target, .. } => view = snapshot.target(*target).cloned(),
            Query::Outages(_) | Query::OutagesOf(..) | Query::Outage(_) | Query::Report(_) => {
                let outages = snapshot.targets.iter().filter_map(|view| view.outage.clone());
                open = outages.map(|outage| (outage.id, outage)).collect();
            }
            _ => {}
        }
        Self { view, open }
    }

    /// Brings the open outages of an answer up to date.
    pub fn renew(&self, answer: &mut Answer) {
        match answer {
            Answer::Outages(outages) => outages.iter_mut().for_each(|outage| self.grow(outage)),
            Answer::Outage(Some(incident)) => {
                self.grow(&mut incident.outage);
                incident.together.iter_mut().for_each(|struck| self.grow(&mut struck.outage));
            }
            Answer::Report(findings) => findings.outages.iter_mut().for_each(|struck| self.grow(&mut struck.outage)),
            _ => {}
        }
    }

    /// An outage that has ended by now is better known to the store.
    fn grow(&self, outage: &mut Outage) {
        let Some(now) = self.open.get(&outage.id).filter(|_| outage.closing.is_none()) else { return };
        if now.last_failure_at >= outage.last_failure_at {
            outage.clone_from(now);
        }
    }
}
