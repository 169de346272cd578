//! One target while it is being watched: its machines, and the view of it.

use super::agenda::Cadence;
use super::health::Health;
use super::members::Members;
use super::moment::Moment;
use super::recent::Recent;
use super::round::Round;
use super::snapshot::{Latest, State, TargetView};
use crate::domain::{Activity, CatalogEntry, EndpointId, Gap, Maintenance, Mono, Outage, OutageId, Target, Wall};
use std::sync::{Arc, OnceLock};

/// One target while it is being watched.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) target: Arc<Target>,
    pub(super) added_at: Wall,
    pub(super) cadence: Cadence,
    pub(super) health: Health,
    pub(super) recent: Recent,
    pub(super) running: Option<Round>,
    pub(super) members: Members,
    pub(super) latest: Option<Arc<Latest>>,
    /// Since when the target is in its state.
    pub(super) since: Wall,
    /// The maintenance that it shows.
    pub(super) maintenance: Option<Arc<Maintenance>>,
    /// The next one that somebody declared and that is yet to begin.
    pub(super) planned: Option<Arc<Maintenance>>,
    /// The outage that began in maintenance, while nobody was called because of it.
    pub(super) quiet: Option<OutageId>,
    /// When the open outage was last saved.
    pub(super) outage_saved_at: Mono,
    outage: Option<Arc<Outage>>,
    view: OnceLock<Arc<TargetView>>,
}

impl Watch {
    pub(super) fn new(entry: &CatalogEntry, now: Wall) -> Self {
        let definition = &entry.target.definition;
        let mut recent = Recent::new(entry.added_at.min(now), definition.pace(), now);
        if let Some(paused_at) = entry.paused_at {
            recent.pause(crate::window::open_ended(paused_at));
        }
        let mut members = Members::default();
        members.follow(&entry.target);
        Self {
            cadence: Cadence::of(entry.target.id, definition),
            health: Health::new(definition),
            target: Arc::new(entry.target.clone()),
            added_at: entry.added_at,
            recent,
            running: None,
            members,
            latest: None,
            since: entry.paused_at.unwrap_or(entry.added_at),
            maintenance: None,
            planned: None,
            quiet: None,
            outage_saved_at: Mono(0),
            outage: None,
            view: OnceLock::new(),
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.target.definition.activity == Activity::Paused
    }

    /// The history that speaks for it.
    pub(super) fn series(&self) -> Option<EndpointId> {
        self.target.series()
    }

    pub(super) fn state(&self) -> State {
        if self.is_paused() { State::Paused } else { self.health.state() }
    }

    /// Takes back what was remembered of this target when it was removed.
    pub(super) fn bring_back(&mut self, mut recent: Recent, now: Wall) {
        recent.set_interval(self.target.definition.pace());
        recent.resume(now);
        if self.is_paused() {
            recent.pause(crate::window::open_ended(now));
        }
        self.recent = recent;
        self.changed();
    }

    /// Nothing could be seen since `from` through the path of this gap, which has no end yet.
    pub(super) fn lose_sight(&mut self, now: Wall, from: Moment, gap: Gap) {
        if self.recent.newest().is_some_and(|newest| gap.concerns(newest)) {
            self.health.blind_since(from);
        }
        self.recent.gap(gap, now);
        self.changed();
    }

    /// Takes over a changed definition of the same endpoint.
    pub(super) fn revise(&mut self, target: Target) {
        self.cadence = Cadence::of(target.id, &target.definition);
        self.health.revise(&target.definition);
        self.recent.set_interval(target.definition.pace());
        self.members.follow(&target);
        self.target = Arc::new(target);
        self.changed();
    }

    /// Something that a view shows has changed.
    pub(super) fn changed(&mut self) {
        self.view = OnceLock::new();
        self.outage = match (self.health.outage(), self.outage.take()) {
            (Some(open), Some(shown)) if *shown == *open => Some(shown),
            (open, _) => open.cloned().map(Arc::new),
        };
    }

    pub(super) fn view(&self) -> Arc<TargetView> {
        let build = || {
            let drawn = self.recent.drawn();
            Arc::new(TargetView {
                target: Arc::clone(&self.target),
                state: self.state(),
                since: self.since,
                soft: self.health.soft(),
                checking: self.running.is_some(),
                latest: self.latest.clone(),
                recent: Arc::clone(&drawn.marks),
                hour: Arc::clone(&drawn.hour),
                day: Arc::clone(&drawn.day),
                outage: self.outage.clone(),
                maintenance: self.maintenance.clone(),
                planned: self.planned.clone(),
                round: self.members.view(),
            })
        };
        Arc::clone(self.view.get_or_init(build))
    }
}
