//! The driver: serves an inbox with a monitor, carries out what it wants, and waits for nothing but the next input.

use super::{Clock, Inbox, Keeper, Ports, Request};
use crate::domain::{Fault, Finding, Mono, Now, Order, Report};
use crate::monitor::{Command, Effect, Input, Monitor, Refusal, Reply, RequestId};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// How often a new picture is published at most.
const PUBLISH_EVERY: Duration = Duration::from_millis(100);
/// The longest sleep: timers of the runtime stand still during a suspend, our clock does not.
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// Drives a monitor until somebody asks it to stop, every handle is gone, or the prober has ended.
///
/// `wanted` is what the monitor wants before the first input. One input at a time goes in, and what
/// it wants is carried out at once, in order. Nothing here waits for the disk, the terminal, a name
/// or the configuration file: what cannot be handed over at once comes back as an input.
pub async fn run(mut monitor: Monitor, wanted: Vec<Effect>, mut inbox: Inbox, ports: Ports, clock: Clock) {
    let mut hands = Hands::new(ports);
    let mut effects = wanted;
    let mut published = Published { version: None, at: Mono::default() };
    let done = loop {
        let now = clock();
        for effect in effects.drain(..) {
            hands.carry_out(&inbox, effect);
        }
        published.renew(&monitor, &inbox, now);
        let input = tokio::select! {
            biased;
            request = inbox.requests.recv() => match request {
                Some(Request::Command(command, reply)) => hands.asked(command, reply),
                Some(Request::Query(query, answer)) => { let _ = (now, query, answer); continue }
                Some(Request::Stop(done)) => break Some(done),
                None => break None,
            },
            Some(input) = async { hands.refused.pop_front() } => input,
            () = sleep(published.until_next(&monitor, now)) => Input::Wake,
            report = hands.ports.prober.reports.recv() => match report {
                Some(report) => found(report),
                None => break None,
            },
            Some(input) = hear(&mut hands.ports.keeper) => input,
        };
        monitor.handle(clock(), input, &mut effects);
    };
    hands.end();
    if let Some(done) = done {
        let _ = done.send(());
    }
}

/// What has been published, and when.
struct Published {
    version: Option<u64>,
    at: Mono,
}

impl Published {
    /// Publishes a new picture if there is something new and the last one is old enough.
    fn renew(&mut self, monitor: &Monitor, inbox: &Inbox, now: Now) {
        let version = monitor.version();
        let due = self.version.is_none() || now.mono.since(self.at) >= PUBLISH_EVERY;
        if self.version != Some(version) && due {
            inbox.snapshots.send_replace(monitor.snapshot(now).into());
            *self = Self { version: Some(version), at: now.mono };
        }
    }

    /// How long to sleep if nothing happens.
    fn until_next(&self, monitor: &Monitor, now: Now) -> Duration {
        let publish = (self.version != Some(monitor.version())).then(|| self.at + PUBLISH_EVERY);
        let next = publish.into_iter().chain(monitor.wake_at()).min();
        next.map_or(SLEEP_MAX, |at| at.since(now.mono).min(SLEEP_MAX))
    }
}

/// Whatever the effects are carried out with.
struct Hands {
    ports: Ports,
    /// Who waits for which answer.
    waiting: HashMap<RequestId, oneshot::Sender<Reply>>,
    last_request: u64,
    /// What could not be handed over, as the monitor is to hear it.
    refused: VecDeque<Input>,
}

impl Hands {
    fn new(ports: Ports) -> Self {
        Self { ports, waiting: HashMap::new(), last_request: 0, refused: VecDeque::new() }
    }

    fn asked(&mut self, command: Command, reply: oneshot::Sender<Reply>) -> Input {
        self.last_request += 1;
        let id = RequestId(self.last_request);
        self.waiting.insert(id, reply);
        Input::Asked(id, command)
    }

    fn carry_out(&mut self, inbox: &Inbox, effect: Effect) {
        match effect {
            Effect::Order(order) => self.order(order),
            Effect::Write(id, change) => self.write(id, change),
            Effect::Reply(id, reply) => {
                // Whoever asked may have gone; then nobody misses the answer.
                self.waiting.remove(&id).map(|asker| asker.send(reply));
            }
            Effect::Announce(notice) => {
                // An error means that nobody listens.
                let _ = inbox.notices.send(notice);
            }
            Effect::Save(_) | Effect::Prune { .. } | Effect::Recall(..) => {}
        }
    }

    /// A prober that cannot take an order is a fault of ours, never one of the target.
    fn order(&mut self, order: Order) {
        let Err(mpsc::error::TrySendError::Full(order) | mpsc::error::TrySendError::Closed(order)) =
            self.ports.prober.orders.try_send(order)
        else {
            return;
        };
        match order {
            Order::Probe(job) => {
                let finding = Finding::inconclusive(Duration::ZERO, Fault::Overload);
                self.refused.push_back(Input::Probed(job.attempt, finding));
            }
            Order::SelfCheck { attempt, .. } => {
                self.refused.push_back(Input::SelfChecked(attempt, Err(Fault::Overload)));
            }
            // It ends by its own timeout.
            Order::Cancel(_) => {}
        }
    }

    fn write(&mut self, id: RequestId, change: crate::monitor::Change) {
        let result = match &self.ports.keeper {
            None => Ok(()),
            Some(keeper) => match keeper.changes.try_send((id, change)) {
                Ok(()) => return,
                Err(_) => Err("the configuration file is still being written: try again".to_owned()),
            },
        };
        self.refused.push_back(Input::Written(id, result));
    }

    /// Answers whoever still waits.
    fn end(mut self) {
        for (_, asker) in self.waiting.drain() {
            // Whoever asked may have gone.
            let _ = asker.send(Reply::Refused(Refusal::Stopping));
        }
    }
}

fn found(report: Report) -> Input {
    match report {
        Report::Phase(attempt, phase) => Input::Phase(attempt, phase),
        Report::Done(attempt, finding) => Input::Probed(attempt, finding),
        Report::SelfChecked(attempt, result) => Input::SelfChecked(attempt, result),
        Report::Health(health) => Input::ProberHealth(health),
    }
}

/// The next word from the keeper of the configuration file; never, without one or after its end.
async fn hear(keeper: &mut Option<Keeper>) -> Option<Input> {
    match keeper {
        Some(keeper) => keeper.words.recv().await,
        None => None,
    }
}
