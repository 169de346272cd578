//! From a turn that has come to what its checks mean.

use super::health::{Change, Paths, Verdict};
use super::message::{Effect, Notice};
use super::moment::Moment;
use super::round::{self, Ballot, Round, Ruling, Standing};
use super::snapshot::{Latest, Soft};
use super::{Monitor, NOTE_MAX, Purpose, agenda};
use crate::domain::job::Phases;
use crate::domain::text::clean;
use crate::domain::{
    Attempt, Check, Definition, Endpoint, EndpointId, Evaluation, Fault, Finding, Happening, Job, Now, Order, OutageId,
    Outcome, Path, Record, Target, TargetId, VantageId,
};
use crate::evaluate;
use std::net::IpAddr;
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
        let target = Arc::clone(&watch.target);
        self.agenda.plan(id, watch.cadence.turn_following(now.mono));
        if let Some(round) = &watch.running {
            let timeout = target.definition.timeout();
            let age = now.mono.since(round.ordered.mono);
            if age <= timeout + LOST_AFTER {
                self.skipped_turns += 1;
                self.version += 1;
                if age > timeout + WAITS_LONG {
                    self.meet_fault(now, Fault::Overload);
                }
                return;
            }
            self.give_up(now, id);
        }
        let endpoints = &target.definition.endpoints;
        let attempts: Vec<Attempt> = endpoints.iter().map(|_| self.next_attempt(Purpose::Round(id))).collect();
        if let Some(watch) = self.watches.get_mut(id) {
            watch.running = Some(Round::new(now, attempts.iter().copied()));
            watch.changed();
        }
        self.version += 1;
        for (attempt, endpoint) in attempts.into_iter().zip(endpoints.iter().cloned()) {
            self.journal.order(Order::Probe(Job { attempt, endpoint, ordered: now, phases: Phases::Quiet }));
        }
    }

    /// Ends a round that has been lost.
    fn give_up(&mut self, now: Now, id: TargetId) {
        let Some(round) = self.watches.get(id).and_then(|watch| watch.running.as_ref()) else { return };
        if let Some(asked) = round.asked {
            return self.evaluated(now, asked, Err("the script was never heard of again".to_owned()));
        }
        for attempt in round.out().collect::<Vec<_>>() {
            self.journal.order(Order::Cancel(attempt));
            self.attempts.remove(&attempt);
            self.check_ended(now, id, attempt, Finding::inconclusive(Duration::ZERO, Fault::Overload));
        }
    }

    /// A check of a round has ended. What it reached proves sight at once; with the last of them the round ends.
    pub(super) fn check_ended(&mut self, now: Now, id: TargetId, attempt: Attempt, mut finding: Finding) {
        let Some(watch) = self.watches.get_mut(id) else { return };
        let Some(round) = &mut watch.running else { return };
        if round.standing == Standing::Stalled && finding.outcome.reason().is_some() {
            finding.outcome = Outcome::Inconclusive(Fault::Stalled);
        }
        let start = Moment::at(round.ordered).after(finding.waited);
        let opened = finding.outcome.is_open().then_some((finding.address, finding.dns));
        if !round.take(attempt, finding) {
            return;
        }
        let is_complete = round.is_complete();
        if let Some((Some(address), dns)) = opened {
            self.reached(now, address, dns, start);
        }
        if is_complete {
            self.round_ended(now, id);
        }
    }

    /// All checks of a round are back: they are judged, here or by a script.
    fn round_ended(&mut self, now: Now, id: TargetId) {
        let Some(watch) = self.watches.get_mut(id) else { return };
        let target = Arc::clone(&watch.target);
        let Some(round) = &mut watch.running else { return };
        let Some(round_id) = target.round_id else {
            let start = Moment::at(round.ordered);
            let Some((endpoint, finding)) = target.series().zip(round.take_first()) else { return };
            let check = check_of(endpoint, start.after(finding.waited), &finding);
            self.journal.save(Record::Check(check.clone()));
            return self.ruled(now, id, Ruling { check, finding, why: String::new() });
        };
        let ballots = ballots(&target, round);
        let ruling = match &target.definition.evaluation {
            Evaluation::Script(file) => match round::pings(&ballots) {
                Ok(pings) => {
                    let attempt = self.next_attempt(Purpose::Script(id));
                    if let Some(round) = self.watches.get_mut(id).and_then(|watch| watch.running.as_mut()) {
                        round.asked = Some(attempt);
                    }
                    return self.journal.want(Effect::Evaluate(attempt, file.clone(), pings));
                }
                Err(fault) => {
                    let why = format!("not judged: {}", fault.sentence());
                    round::unclear(round_id, &ballots, fault, why)
                }
            },
            _ => round::decided(round_id, &target.definition, &ballots),
        };
        self.group_ruled(now, id, ballots, ruling);
    }

    /// A script has judged a round, or failed to.
    pub(super) fn evaluated(&mut self, now: Now, attempt: Attempt, answer: Result<evaluate::Verdict, String>) {
        let Some(Purpose::Script(id)) = self.attempts.remove(&attempt) else { return };
        let Some(watch) = self.watches.get_mut(id) else { return };
        let target = Arc::clone(&watch.target);
        let Some(round) = watch.running.as_ref().filter(|round| round.asked == Some(attempt)) else { return };
        let (Some(round_id), ballots) = (target.round_id, ballots(&target, round)) else { return };
        let ruling = match answer {
            Ok(verdict) => round::ruling_of(round_id, &ballots, verdict),
            Err(why) => {
                if watch.members.why != why {
                    self.journal.tell(now.wall, Some(&target), Happening::Note(clean(&why, NOTE_MAX)));
                }
                round::unclear(round_id, &ballots, Fault::Script, why)
            }
        };
        self.group_ruled(now, id, ballots, ruling);
    }

    /// Saves what each endpoint of a round brought, and its verdict.
    fn group_ruled(&mut self, now: Now, id: TargetId, ballots: Vec<Ballot<'_>>, ruling: Ruling) {
        let Some(watch) = self.watches.get_mut(id) else { return };
        for Ballot { check, finding, .. } in ballots {
            self.journal.save(Record::Check(check.clone()));
            watch.members.take(Latest { check, finding });
        }
        watch.members.why.clone_from(&ruling.why);
        self.journal.save(Record::Check(ruling.check.clone()));
        self.ruled(now, id, ruling);
    }

    /// A round has its verdict: it is weighed, and followed by the next turn.
    fn ruled(&mut self, now: Now, id: TargetId, ruling: Ruling) {
        let Some(round) = self.watches.get_mut(id).and_then(|watch| watch.running.take()) else { return };
        let Ruling { check, finding, .. } = ruling;
        let start = Moment::at(round.ordered).after(finding.waited);
        self.judge(now, id, start, &check, &finding);
        if let Outcome::Inconclusive(fault) = check.outcome {
            self.meet_fault(now, fault);
        }
        let Some(watch) = self.watches.get_mut(id) else { return };
        watch.recent.take(&check);
        let started = round.ordered.mono + finding.waited;
        watch.latest = Some(Arc::new(Latest { check, finding }));
        watch.changed();
        self.version += 1;
        if watch.health.soft() != Soft::Steady {
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
            Change::Degraded => Some(degraded(&target.definition, check)),
            Change::NoLongerDegraded if target.round_id.is_some() => Some(Happening::NoLongerDegraded),
            Change::NoLongerDegraded => Some(Happening::NoLongerSlow),
            Change::Ended(outage) => {
                watch.since = outage.ended_at().unwrap_or(check.at);
                watch.recent.outage(&outage, now.wall);
                self.journal.save(Record::Outage((*outage).clone()));
                if watch.quiet != Some(outage.id) {
                    self.journal.announce(Notice::Up((*outage).clone()));
                }
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
        watch.quiet = watch.maintenance.as_ref().map(|_| outage.id);
        let is_quiet = watch.quiet.is_some();
        let target = Arc::clone(&watch.target);
        self.journal.save(Record::Outage(outage.clone()));
        let what = Happening::Down { outage: outage.id, reason: outage.reason, since: outage.started_at };
        self.journal.tell(now.wall, Some(&target), what);
        if !is_quiet {
            self.journal.announce(Notice::Down(outage));
        }
        self.version += 1;
    }

    /// Tells of a fault of our own once, until it has passed.
    fn meet_fault(&mut self, now: Now, fault: Fault) {
        self.faults.retain(|_, met| now.mono.since(*met) < FAULT_PASSED);
        let is_known = self.faults.insert(fault, now.mono).is_some();
        // What a script does is told of its target.
        if !is_known && !matches!(fault, Fault::Cancelled | Fault::Stalled | Fault::Script | Fault::Maintenance) {
            self.journal.tell(now.wall, None, Happening::LocalFault(fault));
        }
    }

    /// A connection that opened proves sight through the ways it took.
    fn reached(&mut self, now: Now, address: IpAddr, dns: Option<Duration>, start: Moment) {
        if dns.is_some() {
            let insight = self.sights[Path::Names.index()].reached(address, start);
            self.learn(now, Path::Names, insight);
        }
        let path = Path::to(address);
        let insight = self.sights[path.index()].reached(address, start);
        self.learn(now, path, insight);
    }
}

/// What a target is that is open and not all that is asked for.
fn degraded(definition: &Definition, check: &Check) -> Happening {
    let latency = check.latency().unwrap_or_default();
    match definition.degraded_above {
        Some(limit) if latency > limit || check.answered >= check.tried => Happening::Slow { latency, limit },
        _ => Happening::Degraded { fine: check.answered, of: check.tried },
    }
}

/// What each endpoint has brought to a round whose checks are all back.
fn ballots<'t>(target: &'t Target, round: &Round) -> Vec<Ballot<'t>> {
    let ordered = Moment::at(round.ordered);
    let pairs = target.endpoints().zip(round.findings());
    let ballot = |((id, endpoint), finding): ((EndpointId, &'t Endpoint), &Finding)| {
        Ballot::new(endpoint, check_of(id, ordered.after(finding.waited), finding), finding.clone())
    };
    pairs.map(ballot).collect()
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
