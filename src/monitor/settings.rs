//! What the monitor is told about its work as a whole; everything about one target stands in its definition.

use super::message::{Change, Named};
use crate::domain::{Endpoint, Schedule};
use std::time::Duration;

/// Settings of the whole monitor.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Checks older than this are pruned every 60 minutes (S15).
    pub keep_checks: Duration,
    /// Latency of checks older than this is kept in steps (0.4 %); `None` keeps all of it exact.
    pub keep_exact: Option<Duration>,
    /// Outages that ended longer ago than this are pruned every 12 hours (S18).
    pub keep_outages: Duration,
    /// Summaries of hours and days older than this are pruned with the checks.
    pub keep_summaries: Duration,
    /// Ports that should always answer: they tell an outage from our own blindness.
    pub canaries: Vec<Endpoint>,
    /// When somebody works on which targets.
    pub maintenance: Vec<Schedule>,
    /// How many connections may be in flight; `None` lets the prober work it out.
    pub parallelism: Option<u32>,
}

impl Settings {
    /// What they are after a change of the targets: maintenance is for these by their names.
    pub fn follow(&mut self, change: &Change) {
        match change {
            Change::Edit(old, definition) => self.rename_target(old, &definition.name),
            Change::Remove(gone) => self.forget_targets(gone),
            Change::Restore(_, named) => self.name_targets(named),
            Change::Add(_) | Change::SetActivity(..) => {}
        }
    }

    pub(super) fn rename_target(&mut self, old: &str, new: &str) {
        self.maintenance.iter_mut().for_each(|schedule| schedule.rename_target(old, new));
    }

    pub(super) fn name_targets(&mut self, named: &[Named]) {
        for Named { place, target } in named {
            self.maintenance.get_mut(*place).into_iter().for_each(|schedule| schedule.name_target(target));
        }
    }

    pub(super) fn forget_targets(&mut self, gone: &[String]) {
        self.maintenance.iter_mut().for_each(|schedule| schedule.forget_targets(gone));
    }
}

impl Default for Settings {
    fn default() -> Self {
        let month = Duration::from_hours(744);
        let keep_summaries = Duration::from_hours(400 * 24);
        Self {
            keep_checks: month,
            keep_exact: None,
            keep_outages: month,
            keep_summaries,
            canaries: Vec::new(),
            maintenance: Vec::new(),
            parallelism: None,
        }
    }
}
