//! The prober's loop: takes orders, starts what may start, and hands back what was found.

use super::Limits;
use super::check::{Surroundings, check};
use super::limits::descriptor_limit;
use super::pace::{Next, Pace, Turn};
use super::pulse::{Moment, Pulse};
use super::resolve::Names;
use super::self_check::self_check;
use super::silent::Sockets;
use crate::domain::job::Health;
use crate::domain::{Attempt, Clocked, Fault, Finding, Job, Order, Outcome, Report};
use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

/// How often health is told while there is work.
const HEALTH_EVERY: Duration = Duration::from_secs(1);
/// Reports that may wait for room in the channel before no more orders are taken and nothing more
/// is started.
const OWED_MAX: usize = 1_024;
/// How many orders or ends are handled in a row before everything else gets its turn.
const BATCH: usize = 64;

/// Where everything that a prober does comes together. Every order to probe is answered by exactly
/// one [`Report::Done`]: by its end, by being called off, or by the queue being full.
pub(super) struct Desk {
    pace: Pace,
    pulse: Pulse,
    surroundings: Arc<Surroundings>,
    tasks: JoinSet<Ended>,
    running: HashMap<Id, Running>,
    /// What is to be told at the end of this turn, and what the channel had no room for.
    owed: VecDeque<Report>,
    in_flight_max: u32,
    /// When a check may start next, if one waits for that.
    next_start: Option<Instant>,
    next_health: Option<Instant>,
}

/// A check or a self-check under way.
enum Running {
    Check { job: Job, started: Moment, abort: AbortHandle },
    SelfCheck(Attempt),
}

/// How a task ended.
enum Ended {
    Check(Finding),
    SelfCheck(Result<(), Fault>),
}

impl Desk {
    pub fn new(limits: &Limits, reports: mpsc::Sender<Report>) -> Self {
        let in_flight_max = limits.in_flight_max(descriptor_limit());
        let names = Names::new(limits);
        Self {
            pace: Pace::new(limits, in_flight_max),
            pulse: Pulse::default(),
            surroundings: Arc::new(Surroundings {
                names,
                sockets: Sockets::default(),
                reports,
                extra: AtomicU32::new(0),
            }),
            tasks: JoinSet::new(),
            running: HashMap::new(),
            owed: VecDeque::new(),
            in_flight_max,
            next_start: None,
            next_health: None,
        }
    }

    /// Serves until nobody orders or nobody listens any more.
    pub async fn serve(mut self, mut orders: mpsc::Receiver<Order>) {
        let reports = self.surroundings.reports.clone();
        loop {
            let now = Moment::now();
            self.pulse.look(now, self.is_working());
            self.start_what_may_start();
            self.pay();
            let has_room = self.owed.len() < OWED_MAX;
            tokio::select! {
                permit = reports.reserve(), if !self.owed.is_empty() => {
                    let Ok(permit) = permit else { return };
                    if let Some(report) = self.owed.pop_front() {
                        permit.send(report);
                    }
                }
                order = orders.recv(), if has_room => {
                    let Some(order) = order else { return };
                    self.take(order);
                    for _ in 1..BATCH {
                        let Ok(order) = orders.try_recv() else { break };
                        self.take(order);
                    }
                }
                Some(ended) = self.tasks.join_next_with_id(), if has_room => {
                    self.end(ended);
                    for _ in 1..BATCH {
                        let Some(ended) = self.tasks.try_join_next_with_id() else { break };
                        self.end(ended);
                    }
                }
                () = until(self.next_start) => {}
                () = until(self.pulse.beat(now)) => {}
                () = until(self.next_health) => self.tell_health(),
                () = reports.closed() => return,
            }
        }
    }

    fn is_working(&self) -> bool {
        !self.running.is_empty() || self.pace.waiting() > 0
    }

    fn in_flight(&self) -> u32 {
        let checks = u32::try_from(self.running.len()).unwrap_or(u32::MAX);
        checks.saturating_add(self.surroundings.extra.load(Ordering::Relaxed))
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Probe(job) => {
                if let Err(job) = self.pace.arrive(job, Instant::now()) {
                    self.done(job.attempt, Finding::inconclusive(Duration::ZERO, Fault::Overload));
                }
            }
            Order::Cancel(attempt) => self.cancel(attempt),
            Order::SelfCheck { attempt, toward } => {
                let abort = self.tasks.spawn(async move { Ended::SelfCheck(self_check(toward).await) });
                self.running.insert(abort.id(), Running::SelfCheck(attempt));
            }
        }
        self.next_health.get_or_insert_with(|| Instant::now() + HEALTH_EVERY);
    }

    fn start_what_may_start(&mut self) {
        self.next_start = None;
        while self.owed.len() < OWED_MAX {
            match self.pace.next(Instant::now(), self.in_flight()) {
                Next::Start(turn) => self.start(*turn),
                Next::Wait(moment) => {
                    self.next_start = Some(moment);
                    return;
                }
                Next::Idle => return,
            }
        }
    }

    fn start(&mut self, turn: Turn) {
        let (job, surroundings) = (turn.job.clone(), Arc::clone(&self.surroundings));
        let abort = self.tasks.spawn(async move { Ended::Check(check(job, turn.ordered, surroundings).await) });
        let started = Moment::now();
        self.pulse.keep_pace(started, turn.job.endpoint.timeout);
        let running = Running::Check { job: turn.job, started, abort: abort.clone() };
        self.running.insert(abort.id(), running);
    }

    fn cancel(&mut self, attempt: Attempt) {
        if let Some(turn) = self.pace.cancel(attempt) {
            self.done(attempt, Finding::inconclusive(turn.ordered.elapsed(), Fault::Cancelled));
            return;
        }
        let is_it = |running: &Running| matches!(running, Running::Check { job, .. } if job.attempt == attempt);
        let id = self.running.iter().find(|(_, running)| is_it(running)).map(|(id, _)| *id);
        if let Some(Running::Check { job, abort, .. }) = id.and_then(|id| self.running.remove(&id)) {
            abort.abort();
            self.pace.ended(&job);
            self.done(attempt, Finding::inconclusive(Duration::ZERO, Fault::Cancelled));
        }
    }

    /// A task has ended. One that is not known any more was called off and has been answered.
    fn end(&mut self, ended: Result<(Id, Ended), JoinError>) {
        let (id, ended) = match ended {
            Ok((id, ended)) => (id, Some(ended)),
            Err(error) => (error.id(), None),
        };
        match (self.running.remove(&id), ended) {
            (Some(Running::Check { job, started, .. }), ended) => {
                self.pulse.look(Moment::now(), true);
                let finding = match ended {
                    Some(Ended::Check(finding)) => self.trusted(finding, started, job.endpoint.timeout),
                    _ => Finding::inconclusive(Duration::ZERO, Fault::Stalled),
                };
                self.pace.ended(&job);
                self.done(job.attempt, finding);
            }
            (Some(Running::SelfCheck(attempt)), ended) => {
                let result = match ended {
                    Some(Ended::SelfCheck(result)) => result,
                    _ => Err(Fault::Stalled),
                };
                self.report(Report::SelfChecked(attempt, result));
            }
            (None, _) => {}
        }
    }

    /// What ran while this thread stood still for more than half of its timeout proves nothing,
    /// except for a connection that the kernel itself has timed.
    fn trusted(&self, mut finding: Finding, started: Moment, timeout: Duration) -> Finding {
        if self.pulse.delay_since(started) > timeout / 2 {
            for outcome in finding.tries.iter_mut().map(|one| &mut one.outcome).chain([&mut finding.outcome]) {
                if !matches!(outcome, Outcome::Open(timing) if timing.clocked == Clocked::Kernel) {
                    *outcome = Outcome::Inconclusive(Fault::Stalled);
                }
            }
        }
        finding
    }

    fn done(&mut self, attempt: Attempt, finding: Finding) {
        self.report(Report::Done(attempt, finding));
    }

    fn report(&mut self, report: Report) {
        self.owed.push_back(report);
    }

    /// Tells what is owed in one go, as far as there is room: whoever listens is woken once a turn.
    fn pay(&mut self) {
        // A closed channel ends the loop at its next turn.
        while let Some(report) = self.owed.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(report)) = self.surroundings.reports.try_send(report) {
                return self.owed.push_front(report);
            }
        }
    }

    /// Tells how we fare, and once more when the work is done, so that the last word is "nothing".
    fn tell_health(&mut self) {
        let health = Health {
            in_flight: self.in_flight(),
            waiting: u32::try_from(self.pace.waiting()).unwrap_or(u32::MAX),
            in_flight_max: self.in_flight_max,
            lag: self.pulse.take_longest(),
        };
        self.next_health = (self.is_working() || health.in_flight > 0).then(|| Instant::now() + HEALTH_EVERY);
        // The next second brings another.
        let _ = self.surroundings.reports.try_send(Report::Health(health));
    }
}

/// Waits for a moment, or for ever when there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn reports_keep_their_order_however_little_room_there_is() {
        let (sender, mut reports) = mpsc::channel(2);
        let mut desk = Desk::new(&Limits::default(), sender);
        let mut told = Vec::new();
        for number in 1..=5 {
            desk.done(Attempt(number), Finding::inconclusive(Duration::ZERO, Fault::Cancelled));
        }
        assert!(reports.try_recv().is_err(), "nothing before the end of the turn");
        for last in [2, 4, 6] {
            desk.pay();
            while let Ok(Report::Done(attempt, _)) = reports.try_recv() {
                told.push(attempt.0);
            }
            assert_eq!(told, (1..=last).collect::<Vec<u64>>());
            if last == 2 {
                desk.done(Attempt(6), Finding::inconclusive(Duration::ZERO, Fault::Cancelled));
            }
        }
        assert!(desk.owed.is_empty());
    }
}
