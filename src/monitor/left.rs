//! What the run before left behind, sorted by target.

use super::maintenance::Works;
use crate::domain::{
    CatalogEntry, Check, Closing, EndpointId, Event, Happening, MaintenanceOf, Now, Outage, Span, Target, TargetId,
    Wall,
};
use crate::window;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What the run before left behind for one target.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) checks: Vec<Check>,
    /// Those of each of its endpoints, where it has more than one.
    pub(super) members: Vec<Vec<Check>>,
    pub(super) open: Option<Outage>,
    pub(super) closed: Vec<Outage>,
    pub(super) paused: Vec<Span>,
    /// Maintenance of the last day, of now and to come.
    pub(super) maintenance: Works,
    /// When it was brought back after a removal: then its judgement began anew.
    pub(super) back_at: Option<Wall>,
}

impl Left {
    /// Sorts what was left behind by target.
    pub(super) fn sort(
        open: Vec<Outage>,
        closed: Vec<Outage>,
        recent: Vec<(EndpointId, Vec<Check>)>,
        catalog: &[CatalogEntry],
        events: &[Event],
    ) -> BTreeMap<TargetId, Self> {
        let mut left: BTreeMap<TargetId, Self> =
            catalog.iter().map(|entry| (entry.target.id, Self::default())).collect();
        let owners: BTreeMap<EndpointId, &Target> =
            catalog.iter().flat_map(|entry| entry.target.ids().map(|endpoint| (endpoint, &entry.target))).collect();
        for (endpoint, checks) in recent {
            let Some(target) = owners.get(&endpoint) else { continue };
            let Some(left) = left.get_mut(&target.id) else { continue };
            if target.series() == Some(endpoint) {
                left.checks = checks;
            } else {
                left.members.push(checks);
            }
        }
        for outage in open {
            let owner = left.entry(outage.target).or_default();
            owner.open = Some(outage);
        }
        for outage in closed {
            if let Some(left) = left.get_mut(&outage.target) {
                left.closed.push(outage);
            }
        }
        for (event, id) in events.iter().filter_map(|event| event.target.as_ref().map(|(id, _)| (event, *id))) {
            if let Some(left) = left.get_mut(&id) {
                left.pause(event);
            }
        }
        left
    }

    pub(super) fn sort_maintenance(left: &mut BTreeMap<TargetId, Self>, said: Vec<MaintenanceOf>) {
        for MaintenanceOf { targets, maintenance } in said {
            let maintenance = Arc::new(maintenance);
            for target in targets {
                let left = left.entry(target).or_default();
                left.maintenance.put(Arc::clone(&maintenance));
            }
        }
    }

    /// Takes notice of a pause that began or ended, or of a return.
    pub(super) fn pause(&mut self, event: &Event) {
        match event.what {
            Happening::Paused => window::spans::insert(&mut self.paused, window::open_ended(event.at)),
            Happening::Resumed => {
                window::spans::remove(&mut self.paused, window::open_ended(event.at));
            }
            Happening::Added | Happening::Restored => self.back_at = Some(event.at),
            _ => {}
        }
    }

    /// Closes the open outage for a reason that says nothing about the target.
    pub(super) fn close(&mut self, now: Now, closing: fn(Wall) -> Closing) -> Option<Outage> {
        let mut outage = self.open.take()?;
        outage.closing = Some(closing(now.wall.max(outage.started_at)));
        self.closed.push(outage.clone());
        Some(outage)
    }

    /// Checks before this moment have been judged, or belong to a time before a pause or a removal.
    pub(super) fn judged_until(&self) -> Wall {
        let closings = self.closed.iter().filter_map(|outage| outage.closing).map(|closing| match closing {
            Closing::Recovered { confirmed_at, .. } | Closing::EndNotSeen { confirmed_at, .. } => confirmed_at,
            Closing::Paused(at) | Closing::Removed(at) => at,
        });
        let pauses = self.paused.iter().map(|span| if span.to == Wall(i64::MAX) { span.from } else { span.to });
        let open = self.open.iter().map(|outage| outage.last_failure_at + Duration::from_millis(1));
        closings.chain(pauses).chain(open).chain(self.back_at).max().unwrap_or(Wall(i64::MIN))
    }
}
