//! Checks of endpoints that nobody watches: they show every phase and leave no monitoring history.

use super::message::{Reply, RequestId};
use super::snapshot::{AdHocView, Finished, Running};
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
        let finished = finished.into_iter().map(|check| Finished { attempt: None, check }).collect();
        Self { view: Arc::new(AdHocView { running: Vec::new(), finished }) }
    }

    pub(super) fn view(&self) -> Arc<AdHocView> {
        Arc::clone(&self.view)
    }

    /// Puts those that were made before in front.
    pub(super) fn recall(&mut self, before: Vec<AdHoc>) {
        let finished = &mut self.change().finished;
        finished.splice(0..0, before.into_iter().map(|check| Finished { attempt: None, check }));
        finished.drain(..finished.len().saturating_sub(FINISHED_MAX));
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
        let finding = running.so_far(finding);
        let ad_hoc = AdHoc { at: running.asked_at + finding.waited, address: running.address, finding };
        if view.finished.len() >= FINISHED_MAX {
            view.finished.drain(..=view.finished.len() - FINISHED_MAX);
        }
        view.finished.push(Finished { attempt: Some(attempt), check: ad_hoc.clone() });
        self.journal.save(Record::AdHoc(ad_hoc));
    }
}

impl Running {
    /// What was found; of a check that was called off, what it had found until then.
    fn so_far(&self, mut finding: Finding) -> Finding {
        if finding.outcome != Outcome::Inconclusive(Fault::Cancelled) {
            return finding;
        }
        for phase in &self.phases {
            match phase {
                Phase::Resolving => {}
                Phase::Resolved { took, .. } => finding.dns = Some(*took),
                Phase::Tried(tried) => finding.tries.push(*tried),
            }
        }
        finding
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::{Command, Effect, Input};
    use super::super::settings::Settings;
    use super::*;
    use crate::domain::record::Resumed;
    use crate::domain::{Clocked, Mono, Timing, Try, Wall};
    use std::time::Duration;

    #[test]
    fn a_check_that_is_called_off_stays_in_the_history_with_what_it_had_found() {
        let (now, mut effects) = (Now { mono: Mono(1), wall: Wall(1) }, Vec::new());
        let mut monitor = Monitor::new(now, Settings::default(), Vec::new(), Resumed::default(), &mut effects);
        let endpoint =
            Endpoint { timeout: Duration::from_secs(3), ..Endpoint::new("db1:5432".parse().expect("an address")) };
        monitor.handle(now, Input::Asked(RequestId(1), Command::Instant(endpoint)), &mut effects);
        let attempt = monitor.snapshot(now).ad_hoc.running.first().expect("it runs").attempt;
        let timing = Timing { connect: Duration::from_millis(2), clocked: Clocked::Kernel, syn_lost: 0 };
        let tried = Try { address: "10.0.0.1".parse().expect("an address"), outcome: Outcome::Open(timing) };
        let took = Duration::from_millis(12);
        monitor.handle(now, Input::Phase(attempt, Phase::Resolved { addresses: Vec::new(), took }), &mut effects);
        monitor.handle(now, Input::Phase(attempt, Phase::Tried(tried)), &mut effects);
        monitor.handle(now, Input::Asked(RequestId(2), Command::CancelInstant(attempt)), &mut effects);
        assert!(effects.contains(&Effect::Order(Order::Cancel(attempt))), "{effects:?}");
        let called_off = Finding::inconclusive(Duration::ZERO, Fault::Cancelled);
        monitor.handle(now, Input::Probed(attempt, called_off), &mut effects);
        let ad_hoc = monitor.snapshot(now).ad_hoc.clone();
        assert!(ad_hoc.running.is_empty());
        let [finished] = ad_hoc.finished.as_slice() else { panic!("{ad_hoc:?}") };
        assert_eq!(finished.attempt, Some(attempt));
        assert_eq!(finished.check.finding.outcome, Outcome::Inconclusive(Fault::Cancelled));
        assert_eq!((finished.check.finding.dns, finished.check.finding.tries.clone()), (Some(took), vec![tried]));
        let kept = Record::AdHoc(finished.check.clone());
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Save(records) if records.contains(&kept))));
    }
}
