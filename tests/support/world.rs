//! A world around the real monitor: a clock that can be bent, a network that follows a script, a
//! store and a configuration file in memory, and a log of what really happened.

use crate::kept::Kept;
use portpulse::domain::job::Phases;
use portpulse::domain::{
    Address, Attempt, Definition, Fault, Finding, Job, Mono, Now, Order, Outcome, Path, Record, Wall,
};
use portpulse::monitor::{
    Change, Command, Declared, Effect, Input, Monitor, Notice, Reply, RequestId, Settings, Snapshot,
};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Milliseconds since the world began; nothing bends this clock.
pub type Time = u64;

/// Where the wall clock of a new world stands: 2026-11-02 00:00 UTC.
pub const WALL_AT_START: i64 = 1_793_577_600_000;

/// What is out there.
pub trait Network {
    /// What a connection that starts now finds, and how long that takes.
    fn answer(&mut self, job: &Job, start: Time) -> (Finding, Time);
    /// What a look at ourselves that starts now finds.
    fn self_check(&mut self, path: Path, start: Time) -> Result<(), Fault>;
    /// The same, toward this address.
    fn self_check_toward(&mut self, toward: IpAddr, start: Time) -> Result<(), Fault> {
        self.self_check(Path::to(toward), start)
    }
}

/// A check that the monitor was told of, as the network really answered it.
#[derive(Clone, Debug)]
pub struct Fact {
    pub address: Address,
    pub start: Time,
    pub told: Time,
    pub wall: Wall,
    pub life: usize,
    pub finding: Finding,
}

/// A look at ourselves and what it found, canaries included.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub path: Path,
    pub start: Time,
    pub told: Time,
    pub healthy: bool,
}

/// A run of the program.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    pub from: Time,
    pub wall: Wall,
    pub until: Option<Time>,
}

/// What really happened, for a judge who does not ask the monitor.
#[derive(Debug, Default)]
pub struct Log {
    pub facts: Vec<Fact>,
    pub looks: Vec<Look>,
    pub lives: Vec<Life>,
    /// From the last sign of life to the first one after.
    pub stalls: Vec<(Time, Time)>,
    pub steps: Vec<(Time, i64)>,
    pub notices: Vec<(Time, Notice)>,
    pub replies: BTreeMap<u64, Reply>,
    pub wakes: u64,
}

enum Coming {
    Checked(Job, Finding),
    SelfChecked(Attempt, Result<(), Fault>),
    Input(Input),
}

/// A look that is under way.
struct Looking {
    path: Path,
    start: Time,
    myself: Attempt,
    found: Option<bool>,
    canaries: Vec<Attempt>,
    asked: usize,
    answered: bool,
}

pub struct World<N> {
    pub time: Time,
    pub network: N,
    pub kept: Kept,
    pub log: Log,
    pub file: Vec<Definition>,
    pub settings: Settings,
    /// What the configuration file answers to a change.
    pub file_is_writable: bool,
    monitor: Option<Monitor>,
    coming: BTreeMap<(Time, u64), Coming>,
    looking: Vec<Looking>,
    /// Checks that run and were not called off.
    under_way: BTreeMap<Attempt, Address>,
    wall_ahead: i64,
    /// When the monitor was last told of anything.
    heard: Time,
    sequence: u64,
    requests: u64,
}

impl<N: Network> World<N> {
    pub fn new(network: N, settings: Settings, file: Vec<Definition>) -> Self {
        Self {
            time: 0,
            network,
            kept: Kept::default(),
            log: Log::default(),
            file,
            settings,
            file_is_writable: true,
            monitor: None,
            coming: BTreeMap::new(),
            looking: Vec::new(),
            under_way: BTreeMap::new(),
            wall_ahead: 0,
            heard: 0,
            sequence: 0,
            requests: 0,
        }
    }

    pub fn wall(&self) -> Wall {
        Wall(WALL_AT_START + i64::try_from(self.time).expect("small") + self.wall_ahead)
    }

    pub fn now(&self) -> Now {
        let born = self.log.lives.last().map_or(0, |life| life.from);
        Now { mono: Mono(self.time - born), wall: self.wall() }
    }

    pub fn monitor(&self) -> &Monitor {
        self.monitor.as_ref().expect("a running monitor")
    }

    pub fn snapshot(&mut self) -> Snapshot {
        let now = self.now();
        self.monitor.as_mut().expect("a running monitor").snapshot(now)
    }

    /// Starts the program with what the store has.
    pub fn start(&mut self) {
        self.heard = self.time;
        self.log.lives.push(Life { from: self.time, wall: self.wall(), until: None });
        let mut effects = Vec::new();
        let resumed = self.kept.resume(self.wall());
        let monitor = Monitor::new(self.now(), self.settings.clone(), self.file.clone(), resumed, &mut effects);
        self.monitor = Some(monitor);
        self.carry_out(effects);
    }

    /// Ends the program without a word.
    pub fn kill(&mut self) {
        self.monitor = None;
        self.coming.clear();
        self.looking.clear();
        self.under_way.clear();
        let time = self.time;
        self.log.lives.last_mut().expect("a life").until = Some(time);
    }

    /// Stops everything but time.
    pub fn stall(&mut self, duration: Time) {
        self.time += duration;
    }

    /// Lets the wall clock leap.
    pub fn step(&mut self, milliseconds: i64) {
        self.wall_ahead += milliseconds;
        self.log.steps.push((self.time, milliseconds));
    }

    /// Asks for something and returns the number of the question.
    pub fn ask(&mut self, command: Command) -> u64 {
        self.requests += 1;
        self.tell(Input::Asked(RequestId(self.requests), command));
        self.requests
    }

    /// Edits the configuration file by hand.
    pub fn declare(&mut self, file: Vec<Definition>) {
        self.file = file;
        let declared = Declared { settings: self.settings.clone(), targets: self.file.clone() };
        self.tell(Input::Declared(Ok(declared)));
    }

    pub fn tell(&mut self, input: Input) {
        let now = self.now();
        if self.time - self.heard > 5_000 && self.monitor.is_some() {
            self.log.stalls.push((self.heard, self.time));
        }
        self.heard = self.time;
        let mut effects = Vec::new();
        let Some(monitor) = &mut self.monitor else { return };
        monitor.handle(now, input, &mut effects);
        self.end_looks();
        self.carry_out(effects);
    }

    /// Lets time pass.
    pub fn run_until(&mut self, end: Time) {
        while let Some(monitor) = &self.monitor {
            let born = self.log.lives.last().map_or(0, |life| life.from);
            let wake = monitor.wake_at().map_or(Time::MAX, |wake| born + wake.0);
            let next = self.coming.first_key_value().map_or(Time::MAX, |(&(at, _), _)| at);
            if wake.min(next) > end {
                break;
            }
            self.time = self.time.max(wake.min(next));
            if next <= self.time {
                let (_, coming) = self.coming.pop_first().expect("something comes");
                self.arrive(coming);
            } else {
                self.log.wakes += 1;
                self.tell(Input::Wake);
            }
        }
        self.time = self.time.max(end);
    }

    fn arrive(&mut self, coming: Coming) {
        match coming {
            Coming::Input(input) => self.tell(input),
            Coming::SelfChecked(attempt, found) => {
                for looking in self.looking.iter_mut().filter(|looking| looking.myself == attempt) {
                    looking.found = Some(found.is_ok());
                }
                self.tell(Input::SelfChecked(attempt, found));
            }
            Coming::Checked(job, finding) => {
                self.under_way.remove(&job.attempt);
                let opened = finding.outcome.is_open();
                for looking in &mut self.looking {
                    let before = looking.canaries.len();
                    looking.canaries.retain(|attempt| *attempt != job.attempt);
                    looking.answered |= opened && looking.canaries.len() != before;
                }
                let born = self.log.lives.last().map_or(0, |life| life.from);
                let waited = Time::try_from(finding.waited.as_millis()).expect("small");
                self.log.facts.push(Fact {
                    address: job.endpoint.address.clone(),
                    start: born + job.ordered.mono.0 + waited,
                    told: self.time,
                    wall: job.ordered.wall + finding.waited,
                    life: self.log.lives.len() - 1,
                    finding: finding.clone(),
                });
                self.tell(Input::Probed(job.attempt, finding));
            }
        }
    }

    /// Judges the looks that have ended, by what the network answered.
    fn end_looks(&mut self) {
        let (time, log) = (self.time, &mut self.log);
        if log.stalls.last().is_some_and(|&(_, to)| to == time) {
            self.looking.clear();
        }
        self.looking.retain(|looking| {
            let target_answered = || {
                let recent = log.facts.iter().rev().take_while(|fact| fact.told + 60_000 > looking.start);
                recent.filter(|fact| fact.start >= looking.start).any(|fact| opened_by(fact, looking.path))
            };
            let healthy = match (looking.found, looking.asked, looking.answered) {
                (_, _, true) | (Some(true), 0, _) => Some(true),
                (Some(false), _, _) => Some(false),
                (Some(true), _, _) if !looking.canaries.is_empty() => None,
                // A target that answered contradicts the canaries: the look says nothing.
                (Some(true), _, _) if target_answered() => return false,
                (Some(true), _, _) if time - looking.start >= 10_000 => Some(false),
                _ => None,
            };
            if let Some(healthy) = healthy {
                log.looks.push(Look { path: looking.path, start: looking.start, told: time, healthy });
            }
            healthy.is_none()
        });
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Order(order) => self.order(order),
                Effect::Save(records) => self.save(records),
                Effect::Write(request, change) => {
                    let result = if self.file_is_writable { Ok(()) } else { Err("read-only file system".to_owned()) };
                    if self.file_is_writable {
                        self.write(change);
                    }
                    self.soon(5, Coming::Input(Input::Written(request, result)));
                }
                Effect::Evaluate(..) => panic!("nobody here has a script"),
                Effect::Reply(RequestId(request), reply) => drop(self.log.replies.insert(request, reply)),
                Effect::Announce(notice) => self.log.notices.push((self.time, notice)),
                Effect::Prune { checks_before, outages_before, .. } => {
                    // Small steps are believed at once, leaps are not.
                    let small = self.log.steps.iter().map(|&(_, step)| step).filter(|step| step.abs() <= 3_600_000);
                    let wall = i64::try_from(self.time).expect("small") + WALL_AT_START + small.sum::<i64>();
                    let month = Wall(wall + 1_000) - Duration::from_hours(31 * 24);
                    let young = |before: Option<Wall>| before.is_some_and(|before| before > month);
                    assert!(!young(checks_before) && !young(outages_before), "pruned too much at {}", self.time);
                    self.kept.prune(checks_before, outages_before);
                }
                Effect::Recall(endpoint, since) => {
                    let checks = self.kept.checks_since(endpoint, since);
                    self.soon(200, Coming::Input(Input::Recalled(endpoint, checks)));
                }
            }
        }
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Probe(job) => {
                if self.settings.canaries.contains(&job.endpoint)
                    && let Some(looking) = self.looking.last_mut().filter(|looking| looking.start == self.time)
                {
                    looking.canaries.push(job.attempt);
                    looking.asked += 1;
                } else if job.phases == Phases::Quiet {
                    let address = &job.endpoint.address;
                    assert!(self.under_way.values().all(|other| other != address), "stacked checks of {address}");
                    self.under_way.insert(job.attempt, address.clone());
                }
                let (finding, took) = self.network.answer(&job, self.time);
                self.soon(took, Coming::Checked(job, finding));
            }
            Order::SelfCheck { attempt, toward } => {
                let path = Path::to(toward);
                let found = self.network.self_check_toward(toward, self.time);
                let looking = Looking {
                    path,
                    start: self.time,
                    myself: attempt,
                    found: None,
                    canaries: Vec::new(),
                    asked: 0,
                    answered: false,
                };
                self.looking.push(looking);
                self.soon(2, Coming::SelfChecked(attempt, found));
            }
            Order::Cancel(attempt) => drop(self.under_way.remove(&attempt)),
        }
    }

    fn soon(&mut self, took: Time, coming: Coming) {
        self.sequence += 1;
        self.coming.insert((self.time + took, self.sequence), coming);
    }

    fn save(&mut self, records: Vec<Record>) {
        self.kept.save(records);
    }

    fn write(&mut self, change: Change) {
        self.settings.follow(&change);
        match change {
            Change::Add(definitions) | Change::Restore(definitions, _) => self.file.extend(definitions),
            Change::Edit(name, definition) => {
                for known in self.file.iter_mut().filter(|known| known.name == name) {
                    known.clone_from(&definition);
                }
            }
            Change::Remove(names) => self.file.retain(|known| !names.contains(&known.name)),
            Change::SetActivity(names, activity) => {
                for known in self.file.iter_mut().filter(|known| names.contains(&known.name)) {
                    known.activity = activity;
                }
            }
        }
    }
}

/// Whether a fact proves that this path works.
pub fn opened_by(fact: &Fact, path: Path) -> bool {
    fact.finding.outcome.is_open()
        && match fact.finding.address {
            Some(address) => Path::to(address) == path || (path == Path::Names && fact.finding.dns.is_some()),
            None => false,
        }
}

/// A finding with one attempt.
pub fn finding(address: Option<IpAddr>, dns: Option<Duration>, outcome: Outcome) -> Finding {
    let tries = address.map(|address| portpulse::domain::Try { address, outcome }).into_iter().collect();
    Finding { waited: Duration::ZERO, dns, tries, outcome, address }
}
