//! Checks of endpoints that nobody watches: they show every phase and leave no monitoring history.

use super::message::{Reply, RequestId};
use super::snapshot::{AdHocView, Running};
use super::{Monitor, Purpose};
use crate::domain::job::Phases;
use crate::domain::{AdHoc, Attempt, Endpoint, Fault, Finding, Job, Now, Order, Outcome, Phase, Record};
use std::sync::Arc;

/// How many finished instant checks are remembered.
const FINISHED_MAX: usize = 200;

/// The instant checks.
#[derive(Debug, Default)]
pub(super) struct Instants {
    view: Arc<AdHocView>,
}

impl Instants {
    pub(super) fn new(finished: Vec<AdHoc>) -> Self {
        Self { view: Arc::new(AdHocView { running: Vec::new(), finished }) }
    }

    pub(super) fn view(&self) -> Arc<AdHocView> {
        Arc::clone(&self.view)
    }

    fn change(&mut self) -> &mut AdHocView {
        Arc::make_mut(&mut self.view)
    }
}

impl Monitor {
    pub(super) fn start_instant(&mut self, now: Now, request: RequestId, endpoint: Endpoint) {
        let attempt = self.next_attempt(Purpose::Instant);
        self.instants.change().running.push(Running {
            attempt,
            address: endpoint.address.clone(),
            timeout: endpoint.timeout,
            asked_at: now.wall,
            phases: Vec::new(),
        });
        self.journal.reply(request, Reply::Started(attempt));
        self.journal.order(Order::Probe(Job { attempt, endpoint, ordered: now, phases: Phases::Told }));
        self.version += 1;
    }

    pub(super) fn cancel_instant(&mut self, request: RequestId, attempt: Attempt) {
        if matches!(self.attempts.get(&attempt), Some(Purpose::Instant)) {
            self.journal.order(Order::Cancel(attempt));
        }
        self.journal.reply(request, Reply::Done);
    }

    pub(super) fn clear_instants(&mut self, request: RequestId) {
        self.instants.change().finished.clear();
        self.journal.save(Record::AdHocCleared);
        self.journal.reply(request, Reply::Done);
        self.version += 1;
    }

    pub(super) fn phase(&mut self, attempt: Attempt, phase: Phase) {
        let running = &mut self.instants.change().running;
        if let Some(running) = running.iter_mut().find(|running| running.attempt == attempt) {
            running.phases.push(phase);
            self.version += 1;
        }
    }

    pub(super) fn instant_ended(&mut self, attempt: Attempt, finding: Finding) {
        let view = self.instants.change();
        let Some(place) = view.running.iter().position(|running| running.attempt == attempt) else { return };
        let running = view.running.remove(place);
        self.version += 1;
        if finding.outcome == Outcome::Inconclusive(Fault::Cancelled) {
            return;
        }
        let ad_hoc = AdHoc { at: running.asked_at + finding.waited, address: running.address, finding };
        if view.finished.len() >= FINISHED_MAX {
            view.finished.drain(..=view.finished.len() - FINISHED_MAX);
        }
        view.finished.push(ad_hoc.clone());
        self.journal.save(Record::AdHoc(ad_hoc));
    }
}
