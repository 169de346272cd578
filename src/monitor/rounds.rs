//! From a turn that has come to what its check means.

use super::health::{Change, Paths, Verdict};
use super::message::Notice;
use super::moment::Moment;
use super::snapshot::{Latest, Soft};
use super::watch::{Running, Standing};
use super::{Monitor, Purpose, agenda};
use crate::domain::job::Phases;
use crate::domain::{
    Attempt, Check, EndpointId, Fault, Finding, Happening, Job, Now, Order, OutageId, Outcome, Path, Record, TargetId,
    VantageId,
};
use std::sync::Arc;
use std::time::Duration;

/// An open outage is saved again when it has grown for this long, or by this many checks: a start
/// reads the newest 30 checks back, and must find nothing missing between the outage and them.
const OUTAGE_SAVED_EVERY: Duration = Duration::from_mins(5);
const OUTAGE_SAVED_AFTER: u32 = 20;
/// A fault of our own that was not met for this long has passed, and is told anew.
const FAULT_PASSED: Duration = Duration::from_mins(5);
/// A check that has run this much longer than it may has been lost by the prober.
const LOST_AFTER: Duration = Duration::from_mins(5);

/// A check that is not back this long after it must have ended had to wait for its turn: more is
/// wanted than can be done at a time, and that is told.
const WAITS_LONG: Duration = Duration::from_secs(10);

impl Monitor {
    /// Orders a check for every target whose turn has come.
    pub(super) fn take_turns(&mut self, now: Now) {
        while let Some(id) = self.agenda.take_due(now.mono) {
            self.turn(now, id);
        }
    }

    fn turn(&mut self, now: Now, id: TargetId) {
        let Some(watch) = self.watches.get_mut(id) else { return };
        let Some(endpoint) = watch.target.definition.endpoints.first().cloned() else { return };
        self.agenda.plan(id, watch.cadence.turn_following(now.mono));
        if let Some(running) = watch.running {
            let age = now.mono.since(running.ordered.mono);
            let patience = endpoint.timeout + LOST_AFTER;
            if age <= patience {
                self.skipped_turns += 1;
                self.version += 1;
                if age > endpoint.timeout + WAITS_LONG {
                    self.meet_fault(now, Fault::Overload);
                }
                return;
            }
            self.journal.order(Order::Cancel(running.attempt));
            self.attempts.remove(&running.attempt);
            self.round_ended(now, id, running.attempt, Finding::inconclusive(Duration::ZERO, Fault::Overload));
        }
        let attempt = self.next_attempt(Purpose::Round(id));
        if let Some(watch) = self.watches.get_mut(id) {
            watch.running = Some(Running { attempt, ordered: now, standing: Standing::Sound });
            watch.changed();
        }
        self.version += 1;
        self.journal.order(Order::Probe(Job { attempt, endpoint, ordered: now, phases: Phases::Quiet }));
    }

    /// A round has ended: the check is saved, judged, and followed by the next turn.
    pub(super) fn round_ended(&mut self, now: Now, id: TargetId, attempt: Attempt, mut finding: Finding) {
        let Some(watch) = self.watches.get_mut(id) else { return };
        let Some(running) = watch.running.take_if(|running| running.attempt == attempt) else { return };
        let Some(endpoint) = watch.endpoint_id() else { return };
        if running.standing == Standing::Stalled && finding.outcome.reason().is_some() {
            finding.outcome = Outcome::Inconclusive(Fault::Stalled);
        }
        let start = Moment::at(running.ordered).after(finding.waited);
        let check = check_of(endpoint, start, &finding);
        self.journal.save(Record::Check(check.clone()));
        if check.outcome.is_open() {
            self.reached(now, &check, start);
        }
        self.judge(now, id, start, &check, &finding);
        if let Outcome::Inconclusive(fault) = check.outcome {
            self.meet_fault(now, fault);
        }
        let Some(watch) = self.watches.get_mut(id) else { return };
        watch.recent.take(&check);
        watch.latest = Some(Arc::new(Latest { check, finding }));
        watch.changed();
        self.version += 1;
        if watch.health.soft() != Soft::Steady {
            let started = running.ordered.mono + watch.latest.as_ref().map_or(Duration::ZERO, |l| l.finding.waited);
            let next = watch.cadence.retry_following(started).max(agenda::slot_from(now.mono));
            self.agenda.hasten(id, next);
        }
    }

    /// Hands the check to the health machine and does what its answer asks for.
    fn judge(&mut self, now: Now, id: TargetId, start: Moment, check: &Check, finding: &Finding) {
        let Some(watch) = self.watches.get_mut(id) else { return };
        let mut verdict = Verdict::of(check, Some(finding));
        if let Verdict::Failed(_, paths) = verdict {
            let is_down = watch.health.is_down();
            let mut sights = paths.iter().map(|path| &self.sights[path.index()]);
            if sights.any(|sight| sight.was_blind_at(start) || (is_down && sight.is_blind())) {
                verdict = Verdict::Inconclusive;
            }
        }
        let before = watch.state();
        let change = watch.health.take(start, verdict);
        if watch.state() != before {
            watch.since = check.at;
        }
        let target = Arc::clone(&watch.target);
        let what = match change {
            Change::None => None,
            Change::FirstUp => Some(Happening::FirstUp),
            Change::Failing { count, of, reason } => Some(Happening::Failing { count, of, reason }),
            Change::Blip { failures } => Some(Happening::Blip { failures }),
            Change::Slow => Some(Happening::Slow {
                latency: check.latency().unwrap_or_default(),
                limit: target.definition.degraded_above.unwrap_or_default(),
            }),
            Change::NoLongerSlow => Some(Happening::NoLongerSlow),
            Change::Ended(outage) => {
                watch.since = outage.ended_at().unwrap_or(check.at);
                watch.recent.outage(&outage, now.wall);
                self.journal.save(Record::Outage((*outage).clone()));
                self.journal.announce(Notice::Up((*outage).clone()));
                Some(Happening::Up { outage: outage.id, lasted: outage.lasted(now.wall) })
            }
        };
        if let Some(what) = what {
            self.journal.tell(now.wall, Some(&target), what);
        }
        self.save_growth(now, id);
        if check.outcome.reason().is_some() {
            self.seek_evidence(now, id, start, Paths::of(check, Some(finding)), finding);
        } else if check.outcome.is_open() {
            self.suspects.remove(&id);
        }
    }

    /// Saves an open outage that has grown, now and then.
    fn save_growth(&mut self, now: Now, id: TargetId) {
        let Some(watch) = self.watches.get_mut(id) else { return };
        let Some(outage) = watch.health.outage() else { return };
        let quickest = watch.target.definition.retry_interval.min(watch.target.definition.interval);
        let every = OUTAGE_SAVED_EVERY.min(quickest.saturating_mul(OUTAGE_SAVED_AFTER));
        if now.mono.since(watch.outage_saved_at) >= every {
            self.journal.save(Record::Outage(outage.clone()));
            watch.outage_saved_at = now.mono;
        }
    }

    /// Opens the outage of a target whose last strike is proven.
    pub(super) fn confirm(&mut self, now: Now, id: TargetId) {
        let Some(watch) = self.watches.get_mut(id) else { return };
        let name = &watch.target.definition.name;
        let Some(outage) = watch.health.confirm(now.wall, OutageId(self.last_outage + 1), id, name).cloned() else {
            return;
        };
        self.last_outage += 1;
        self.suspects.remove(&id);
        watch.since = outage.started_at;
        watch.outage_saved_at = now.mono;
        watch.recent.outage(&outage, now.wall);
        watch.changed();
        let target = Arc::clone(&watch.target);
        self.journal.save(Record::Outage(outage.clone()));
        let what = Happening::Down { outage: outage.id, reason: outage.reason, since: outage.started_at };
        self.journal.tell(now.wall, Some(&target), what);
        self.journal.announce(Notice::Down(outage));
        self.version += 1;
    }

    /// Tells of a fault of our own once, until it has passed.
    fn meet_fault(&mut self, now: Now, fault: Fault) {
        self.faults.retain(|_, met| now.mono.since(*met) < FAULT_PASSED);
        let is_known = self.faults.insert(fault, now.mono).is_some();
        if !is_known && !matches!(fault, Fault::Cancelled | Fault::Stalled) {
            self.journal.tell(now.wall, None, Happening::LocalFault(fault));
        }
    }

    /// A connection that opened proves sight through the ways it took.
    fn reached(&mut self, now: Now, check: &Check, start: Moment) {
        let Some(address) = check.address else { return };
        if check.dns.is_some() {
            let insight = self.sights[Path::Names.index()].reached(address, start);
            self.learn(now, Path::Names, insight);
        }
        let path = Path::to(address);
        let insight = self.sights[path.index()].reached(address, start);
        self.learn(now, path, insight);
    }
}

fn check_of(endpoint: EndpointId, start: Moment, finding: &Finding) -> Check {
    let count = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    Check {
        endpoint,
        vantage: VantageId::HERE,
        at: start.wall,
        outcome: finding.outcome,
        dns: finding.dns,
        address: finding.address,
        tried: count(finding.tries.len()),
        answered: count(finding.tries.iter().filter(|tried| tried.outcome.is_open()).count()),
    }
}
