//! The driver: serves an inbox with a monitor, carries out what it wants, and waits for nothing but the next input.

use super::judges::Judges;
use super::{Clock, History, Inbox, Keeper, Ports, Query, Request, history};
use crate::domain::{Check, EndpointId, Fault, Finding, Mono, Now, Order, Report, Span, VantageId, Wall};
use crate::engine::Answer;
use crate::monitor::{Change, Command, Effect, Input, Monitor, Recording, Refusal, Reply, RequestId};
use crate::store::{Bounds, Copied, ReadError, Status, Store, Unsaved};
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

/// How often a new picture is published at most, while targets are few.
const PUBLISH_EVERY: Duration = Duration::from_millis(100);
/// A picture costs something for each target, and so does letting go of it: with 10,000 targets there
/// are two a second, and those that somebody waits for.
const PUBLISH_EVERY_FOR_EACH: Duration = Duration::from_micros(50);
/// The longest sleep: timers of the runtime stand still during a suspend, our clock does not.
const SLEEP_MAX: Duration = Duration::from_secs(1);
/// How long the end waits for a disk that does not answer.
const CLOSE_MAX: Duration = Duration::from_secs(5);
/// What is said of history where there is none.
const NOTHING_KEPT: &str = "no history is kept in this run";

/// Drives a monitor until somebody asks it to stop, every handle is gone, or the prober has ended.
///
/// `wanted` is what the monitor wants before the first input. One input at a time goes in, and what
/// it wants is carried out at once, in order. Nothing here waits for the disk, the terminal, a name
/// or the configuration file: what cannot be handed over at once comes back as an input. Only after
/// the end is the disk waited for, for five seconds at most.
pub async fn run(mut monitor: Monitor, wanted: Vec<Effect>, mut inbox: Inbox, ports: Ports, clock: Clock) {
    let mut hands = Hands::new(ports);
    let mut effects = wanted;
    if let Some(tally) = &inbox.tally {
        tally.begin(clock().wall);
    }
    let mut published = Published { version: None, next: Mono::default(), hurried: Mono::default() };
    let done = loop {
        let now = clock();
        // First: whoever is told that something is done finds it so.
        published.renew(&mut monitor, &inbox, now);
        for effect in effects.drain(..) {
            hands.carry_out(&inbox, effect);
        }
        let input = tokio::select! {
            biased;
            request = inbox.requests.recv() => match request {
                Some(Request::Command(command, reply)) => hands.asked(command, reply),
                Some(Request::Query(query, answer)) => { hands.answer(&inbox, now, query, answer); continue }
                Some(Request::BackUp(into, done)) => { hands.back_up(into, done); continue }
                Some(Request::Stop(done)) => break Some(done),
                None => break None,
            },
            Some(input) = async { hands.own.pop_front() } => input,
            () = sleep(published.until_next(&monitor, now)) => Input::Wake,
            report = hands.ports.prober.reports.recv() => match report {
                Some(report) => found(report),
                None => break None,
            },
            Some(input) = hear_keeper(&mut hands.ports.keeper) => input,
            Some(input) = hear_store(&mut hands.ports.history) => input,
            Some(input) = hands.judges.hear() => input,
            input = hear_recall(&mut hands.recall) => { hands.recall = None; hands.recall_next(); input },
        };
        if matches!(input, Input::Asked(..) | Input::Written(..) | Input::Phase(..)) {
            published.hurry();
        }
        if is_change(&input) {
            published.next = Mono::default();
        }
        monitor.handle(clock(), input, &mut effects);
    };
    monitor.handle(clock(), Input::Stopping, &mut effects);
    for effect in effects.drain(..) {
        hands.carry_out(&inbox, effect);
    }
    let saved = hands.end().await;
    if let Some(done) = done {
        // Whoever asked may have gone.
        let _ = done.send(saved);
    }
}

/// Whether somebody is told next that something was changed.
const fn is_change(input: &Input) -> bool {
    match input {
        Input::Written(..) => true,
        Input::Asked(_, command) => command.is_change(),
        _ => false,
    }
}

/// What has been published, and when.
struct Published {
    version: Option<u64>,
    /// The next picture may follow then,
    next: Mono,
    /// or then if somebody waits for it.
    hurried: Mono,
}

impl Published {
    /// Publishes a new picture if there is something new and the last one is old enough.
    fn renew(&mut self, monitor: &mut Monitor, inbox: &Inbox, now: Now) {
        let version = monitor.version();
        if self.version != Some(version) && now.mono >= self.next {
            let picture = monitor.snapshot(now);
            let count = u32::try_from(picture.targets.len()).unwrap_or(u32::MAX);
            let pause = PUBLISH_EVERY.max(PUBLISH_EVERY_FOR_EACH.saturating_mul(count));
            inbox.snapshots.send_replace(picture.into());
            *self = Self { version: Some(version), next: now.mono + pause, hurried: now.mono + PUBLISH_EVERY };
        }
    }

    /// Somebody waits for what comes next: the number of targets does not hold it up.
    fn hurry(&mut self) {
        self.next = self.next.min(self.hurried);
    }

    /// How long to sleep if nothing happens.
    fn until_next(&self, monitor: &Monitor, now: Now) -> Duration {
        let publish = (self.version != Some(monitor.version())).then_some(self.next);
        let next = publish.into_iter().chain(monitor.wake_at()).min();
        next.map_or(SLEEP_MAX, |at| at.since(now.mono).min(SLEEP_MAX))
    }
}

/// History of one endpoint that is being read back.
type Recall = (EndpointId, oneshot::Receiver<Result<Vec<Check>, ReadError>>);

/// Whatever the effects are carried out with.
struct Hands {
    ports: Ports,
    /// Who waits for which answer.
    waiting: HashMap<RequestId, oneshot::Sender<Reply>>,
    last_request: u64,
    /// What the monitor is to hear from the hands themselves, such as that something could not be
    /// handed over.
    own: VecDeque<Input>,
    /// What is still to be read back. One at a time, so that ten thousand targets at the start do
    /// not fill the store's queue.
    recalls: VecDeque<(EndpointId, Wall)>,
    recall: Option<Recall>,
    judges: Judges,
}

impl Hands {
    fn new(mut ports: Ports) -> Self {
        let mut own = VecDeque::new();
        if let Some(history) = &mut ports.history {
            own.push_back(Input::Recording(history.well.clone()));
            own.extend(history.notes.drain(..).map(Input::Noted));
        }
        Self {
            ports,
            waiting: HashMap::new(),
            last_request: 0,
            own,
            recalls: VecDeque::new(),
            recall: None,
            judges: Judges::default(),
        }
    }

    fn store(&self) -> Option<&Store> {
        self.ports.history.as_ref().map(|history| &history.store)
    }

    fn asked(&mut self, command: Command, reply: oneshot::Sender<Reply>) -> Input {
        self.last_request += 1;
        let id = RequestId(self.last_request);
        self.waiting.insert(id, reply);
        Input::Asked(id, command)
    }

    fn carry_out(&mut self, inbox: &Inbox, effect: Effect) {
        let store = self.store();
        match effect {
            Effect::Order(order) => self.order(order),
            Effect::Save(records) => {
                if let Some(tally) = &inbox.tally {
                    tally.count(&records);
                }
                if let Some(store) = store {
                    store.save(records);
                }
            }
            Effect::Prune { checks_before, exact_before, outages_before, summaries_before, removed_before } => {
                if let Some(store) = store {
                    store.prune(Bounds {
                        checks: checks_before,
                        exact: exact_before,
                        outages: outages_before,
                        summaries: summaries_before,
                        removed: removed_before,
                    });
                }
            }
            Effect::Recall(endpoint, since) => {
                self.recalls.push_back((endpoint, since));
                self.recall_next();
            }
            Effect::Evaluate(attempt, file, pings) => self.judges.ask(attempt, file, pings),
            Effect::Write(id, change) => self.write(id, change),
            Effect::Reply(id, reply) => {
                // Whoever asked may have gone; then nobody misses the answer.
                self.waiting.remove(&id).map(|asker| asker.send(reply));
            }
            Effect::Announce(notice) => {
                // An error means that nobody listens.
                let _ = inbox.notices.send(notice);
            }
        }
    }

    /// A prober that cannot take an order is a fault of ours, never one of the target.
    fn order(&mut self, order: Order) {
        let Err(TrySendError::Full(order) | TrySendError::Closed(order)) = self.ports.prober.orders.try_send(order)
        else {
            return;
        };
        match order {
            Order::Probe(job) => {
                let finding = Finding::inconclusive(Duration::ZERO, Fault::Overload);
                self.own.push_back(Input::Probed(job.attempt, finding));
            }
            Order::SelfCheck { attempt, .. } => {
                self.own.push_back(Input::SelfChecked(attempt, Err(Fault::Overload)));
            }
            // It ends by its own timeout.
            Order::Cancel(_) => {}
        }
    }

    fn write(&mut self, id: RequestId, change: Change) {
        let result = match &self.ports.keeper {
            None => Ok(()),
            Some(keeper) => match keeper.changes.try_send((id, change)) {
                Ok(()) => return,
                Err(_) => Err("the configuration file is still being written: try again in a moment".to_owned()),
            },
        };
        self.own.push_back(Input::Written(id, result));
    }

    /// Begins to read back what is next.
    fn recall_next(&mut self) {
        let (None, Some(store)) = (&self.recall, self.store().cloned()) else { return };
        let Some((endpoint, since)) = self.recalls.pop_front() else { return };
        let span = Span { from: since, to: Wall(i64::MAX) };
        self.recall = Some((endpoint, store.read(move |reader| reader.checks(endpoint, VantageId::HERE, span))));
    }

    fn answer(&self, inbox: &Inbox, now: Now, query: Query, asker: oneshot::Sender<Answer>) {
        let Some(store) = self.store() else {
            // Whoever asked may have gone.
            let _ = asker.send(Answer::Failed(NOTHING_KEPT.to_owned()));
            return;
        };
        let present = history::Present::of(&inbox.snapshots.borrow(), &query);
        history::ask(store, query, present, now, asker);
    }

    fn back_up(&self, into: File, asker: oneshot::Sender<Result<Copied, String>>) {
        match self.store() {
            Some(store) => history::back_up(store, into, asker),
            // Whoever asked may have gone.
            None => drop(asker.send(Err(NOTHING_KEPT.to_owned()))),
        }
    }

    /// Answers whoever still waits, then waits for the disk.
    async fn end(mut self) -> Result<(), Unsaved> {
        for (_, asker) in self.waiting.drain() {
            // Whoever asked may have gone.
            let _ = asker.send(Reply::Refused(Refusal::Stopping));
        }
        let Some(History { store, .. }) = self.ports.history else { return Ok(()) };
        let silent = Unsaved { records: 0, why: "the disk does not answer".to_owned() };
        timeout(CLOSE_MAX, store.close()).await.unwrap_or(Err(silent))
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

/// The next word from the keeper of the configuration file; none without one or after its end.
async fn hear_keeper(keeper: &mut Option<Keeper>) -> Option<Input> {
    keeper.as_mut()?.words.recv().await
}

/// The next word from the store; none without one or after its end.
async fn hear_store(history: &mut Option<History>) -> Option<Input> {
    let history = history.as_mut()?;
    Some(match history.statuses.recv().await? {
        Status::Recording => Input::Recording(history.well.clone()),
        Status::Failing { since, why, waiting, lost } => {
            Input::Recording(Recording::Failing { since, why, waiting, lost })
        }
        Status::Opened(resumed) => Input::Opened(resumed, history.store.claim()),
        Status::Note(text) => Input::Noted(text),
    })
}

/// The history that is being read back. What cannot be read is as good as none: the day's strip
/// begins later.
async fn hear_recall(recall: &mut Option<Recall>) -> Input {
    let Some((endpoint, answer)) = recall else { return std::future::pending().await };
    let checks = answer.await.unwrap_or(Err(ReadError::Closed)).unwrap_or_default();
    Input::Recalled(*endpoint, checks)
}
