//! Seeded months: what fifty targets, the network, the machine and its people do in 31 days.

use crate::group;
use crate::model::{End, Rules, Stretch};
use crate::world::{Network, Time, World, finding};
use portpulse::domain::endpoint::Host;
use portpulse::domain::{
    Activity, Address, Clocked, Definition, Endpoint, Failure, Fault, Finding, Job, NameFailure, Outcome, Path, Place,
    Port, Reason, Record, TargetId, Timing,
};
use portpulse::monitor::{Command, Settings};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU8;
use std::time::Duration;

pub const MINUTE: Time = 60_000;
pub const HOUR: Time = 60 * MINUTE;
pub const DAY: Time = 24 * HOUR;

/// What is the matter with a target, for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    Fine,
    Slow,
    Refusing,
    Silent,
    Resetting,
    Nameless,
}

/// What is the matter with us, for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No route: a look at ourselves shows it.
    NoRoute,
    /// Packets vanish on our side, and a look at ourselves shows it.
    Dropping,
    /// Packets vanish beyond our machine: only canaries show it.
    Upstream,
    /// No descriptors: checks are inconclusive.
    Descriptors,
}

/// Everything that is true out there, decided beforehand.
#[derive(Debug)]
pub struct Script {
    rng: fastrand::Rng,
    /// For each host: from when on it is how, sorted.
    pub natures: BTreeMap<Host, Vec<(Time, Nature)>>,
    /// From, to, which paths, what.
    pub troubles: Vec<(Time, Time, Option<Path>, Trouble)>,
}

impl Script {
    pub fn nature(&self, host: &Host, at: Time) -> Nature {
        let Some(line) = self.natures.get(host) else { return Nature::Fine };
        let place = line.partition_point(|&(from, _)| from <= at);
        line.get(place.wrapping_sub(1)).map_or(Nature::Fine, |&(_, nature)| nature)
    }

    pub fn trouble(&self, path: Path, at: Time) -> Option<Trouble> {
        let near = self.troubles.partition_point(|&(from, ..)| from <= at);
        let newest = self.troubles[near.saturating_sub(4)..near].iter().rev();
        newest.into_iter().find(|&&(_, to, p, _)| at < to && p.is_none_or(|p| p == path)).map(|&(.., trouble)| trouble)
    }
}

/// The address that a host has out there.
fn ip_of(host: &Host) -> IpAddr {
    match host {
        Host::V4(address) => IpAddr::V4(*address),
        Host::V6(address, _) => IpAddr::V6(*address),
        Host::Name(name) => {
            let number: u8 = name.bytes().filter(u8::is_ascii_digit).fold(0, |n, digit| n * 10 + (digit - b'0'));
            IpAddr::V4(Ipv4Addr::new(10, 2, 0, number))
        }
    }
}

fn failed(reason: Reason, after: Time) -> Outcome {
    let name = (reason == Reason::DnsFailed).then_some(NameFailure::NoSuchName);
    let place = match reason {
        Reason::DnsFailed => Place::Lookup,
        Reason::NetworkUnreachable => Place::AtCall,
        _ => Place::Later,
    };
    Outcome::Failed(Failure { reason, place, errno: None, name, after: Duration::from_millis(after), syn_lost: 0 })
}

impl Network for Script {
    fn answer(&mut self, job: &Job, at: Time) -> (Finding, Time) {
        let host = &job.endpoint.address.host;
        let ip = ip_of(host);
        let is_name = matches!(host, Host::Name(_));
        let dns = is_name.then_some(Duration::from_millis(1));
        let timeout = u64::try_from(job.endpoint.timeout.as_millis()).expect("small");
        let waited = if self.rng.u8(..) == 0 { self.rng.u64(1..40) } else { 0 };
        let start = at + waited;
        let (outcome, took, reached) = match (self.trouble(Path::to(ip), start), self.nature(host, start)) {
            (Some(Trouble::Descriptors), _) => (Outcome::Inconclusive(Fault::Descriptors), 1, true),
            (Some(Trouble::NoRoute), _) => (failed(Reason::NetworkUnreachable, 0), 1, true),
            (Some(Trouble::Dropping | Trouble::Upstream), _) | (None, Nature::Silent) => {
                (failed(Reason::TimedOut, timeout), timeout, true)
            }
            (None, Nature::Nameless) if is_name => (failed(Reason::DnsFailed, 2), 2, false),
            (None, Nature::Refusing | Nature::Nameless) => (failed(Reason::Refused, 2), 2, true),
            (None, Nature::Resetting) => (failed(Reason::Reset, 3), 3, true),
            (None, nature @ (Nature::Fine | Nature::Slow)) => {
                let connect = if nature == Nature::Slow { 300 } else { self.rng.u64(1..20) };
                let connect = Duration::from_millis(connect);
                let timing = Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 };
                (Outcome::Open(timing), u64::try_from(connect.as_millis()).expect("small") + 1, true)
            }
        };
        let mut found = finding(reached.then_some(ip), dns.filter(|_| reached), outcome);
        found.waited = Duration::from_millis(waited);
        let looked_up = found.dns.map_or(0, |dns| u64::try_from(dns.as_millis()).expect("small"));
        (found, waited + looked_up + took)
    }

    fn self_check(&mut self, path: Path, start: Time) -> Result<(), Fault> {
        match self.trouble(path, start) {
            Some(Trouble::NoRoute | Trouble::Dropping) => Err(Fault::Route),
            Some(Trouble::Upstream | Trouble::Descriptors) | None => Ok(()),
        }
    }
}

/// Something that is done at a moment.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Stall(Time),
    Step(i64),
    Kill(Time),
    /// The store can be opened again, if it could not.
    Open,
    Pause(usize),
    Resume(usize),
    Remove(usize),
    Return(usize),
    Look,
}

pub struct Month {
    pub world: World<Script>,
    pub definitions: Vec<Definition>,
    pub stretches: Vec<Vec<Stretch>>,
    deeds: Vec<(Time, Deed)>,
    /// Whether the store cannot be opened after each of the kills.
    pub is_shut_by_kills: bool,
}

const DAYS: u64 = 31;

impl Month {
    pub fn new(seed: u64, targets: usize) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let definitions: Vec<Definition> = (0..targets).map(|place| definition(&mut rng, place)).collect();
        let has_canaries = rng.bool();
        let natures = definitions.iter().flat_map(|definition| group::lives(&mut rng, definition)).collect();
        let troubles = troubles(&mut rng, has_canaries);
        let script = Script { rng: rng.fork(), natures, troubles };
        let canaries = if has_canaries { canaries() } else { Vec::new() };
        let settings = Settings { canaries, ..Settings::default() };
        let deeds = deeds(&mut rng, targets);
        let world = World::new(script, settings, definitions.clone());
        let stretches = vec![vec![Stretch { from: 0, until: None }]; targets];
        Self { world, definitions, stretches, deeds, is_shut_by_kills: false }
    }

    /// One in which the history cannot be opened at first after each of the kills.
    pub fn shut_by_kills(seed: u64, targets: usize) -> Self {
        let mut month = Self::new(seed, targets);
        let mut rng = fastrand::Rng::with_seed(seed);
        let openings = month.deeds.iter().filter_map(|(at, deed)| match deed {
            Deed::Kill(away) => Some((at + away + rng.u64(5_000..14 * HOUR), Deed::Open)),
            _ => None,
        });
        let openings: Vec<_> = openings.collect();
        month.deeds.extend(openings);
        month.deeds.sort_by_key(|&(at, _)| at);
        Self { is_shut_by_kills: true, ..month }
    }

    /// Runs the whole month; `look` is called at many moments of it.
    pub fn run(&mut self, mut look: impl FnMut(&mut Self)) {
        self.world.start();
        for (at, deed) in std::mem::take(&mut self.deeds) {
            self.world.run_until(at);
            match deed {
                Deed::Stall(duration) => self.world.stall(duration),
                Deed::Step(milliseconds) => self.world.step(milliseconds),
                Deed::Kill(away) => {
                    self.world.kill();
                    if self.is_shut_by_kills {
                        self.world.kept.shut();
                    }
                    self.world.run_until(self.world.time + away);
                    self.world.start();
                }
                Deed::Open => {
                    if let Some(opened) = self.world.kept.open(self.world.wall()) {
                        self.world.tell(opened);
                    }
                }
                Deed::Pause(place) => self.interrupt(place, End::Paused),
                Deed::Remove(place) => self.interrupt(place, End::Removed),
                Deed::Resume(place) => self.go_on(place, End::Paused),
                Deed::Return(place) => self.go_on(place, End::Removed),
                Deed::Look => look(self),
            }
        }
        self.world.run_until(DAYS * DAY);
    }

    pub fn id(&self, place: usize) -> Option<TargetId> {
        let name = &self.definitions[place].name;
        let waiting = self.world.kept.waiting.iter().flatten().flatten().rev();
        let known = waiting.filter_map(|record| match record {
            Record::Target(entry) if entry.target.definition.name == *name => Some(entry.target.id),
            _ => None,
        });
        if let Some(id) = known.into_iter().next() {
            return Some(id);
        }
        let entries = self.world.kept.catalog.values();
        entries.filter(|entry| entry.target.definition.name == *name).map(|entry| entry.target.id).next()
    }

    fn interrupt(&mut self, place: usize, end: End) {
        let Some(id) = self.id(place) else { return };
        if self.stretches[place].last().is_some_and(|stretch| stretch.until.is_some()) {
            return;
        }
        let command = match end {
            End::Paused => Command::SetActivity(vec![id], Activity::Paused),
            _ => Command::Remove(vec![id]),
        };
        self.world.ask(command);
        self.world.run_until(self.world.time + 5);
        let until = Some((self.world.time, end, self.world.wall()));
        self.stretches[place].last_mut().expect("a stretch").until = until;
    }

    fn go_on(&mut self, place: usize, after: End) {
        let ended_so = |stretch: &Stretch| stretch.until.is_some_and(|(_, end, _)| end == after);
        if !self.stretches[place].last().is_some_and(ended_so) {
            return;
        }
        let Some(id) = self.id(place) else { return };
        let command = match after {
            End::Paused => Command::SetActivity(vec![id], Activity::Watching),
            _ => Command::Add(vec![self.definitions[place].clone()]),
        };
        self.world.ask(command);
        self.world.run_until(self.world.time + 5);
        self.stretches[place].push(Stretch { from: self.world.time, until: None });
    }

    pub fn rules(&self, place: usize) -> Rules {
        let definition = &self.definitions[place];
        Rules {
            interval: u64::try_from(definition.interval.as_millis()).expect("small"),
            down_after: definition.down_after.get().into(),
            up_after: definition.up_after.get().into(),
        }
    }
}

pub fn endpoint(host: Host, port: u16) -> Endpoint {
    Endpoint {
        timeout: Duration::from_secs(10),
        ..Endpoint::new(Address { host, port: Port::new(port).expect("a port") })
    }
}

fn definition(rng: &mut fastrand::Rng, place: usize) -> Definition {
    let number = u8::try_from(place).expect("few targets");
    let host = match place % 7 {
        // Two ports of one host now and then: each proves as much as the other.
        0..=4 => Host::V4(Ipv4Addr::new(10, 1, 0, number - number % 2)),
        5 => Host::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, number.into()), None),
        _ => Host::Name(format!("host{number}.example")),
    };
    let mut definition = Definition::new(format!("target {place}"), endpoint(host, 5432 + u16::from(number % 2)));
    if place % 5 == 3 {
        group::make(rng, number, &mut definition);
    }
    definition.interval = Duration::from_mins(*rng.choice(&[1, 2, 5, 5, 10, 10, 15]).expect("a choice"));
    let (down_after, up_after) = *rng.choice(&[(3, 2), (3, 2), (3, 2), (2, 1), (1, 1), (5, 3)]).expect("a choice");
    definition.down_after = NonZeroU8::new(down_after).expect("a count");
    definition.up_after = NonZeroU8::new(up_after).expect("a count");
    definition.degraded_above = rng.bool().then_some(Duration::from_millis(100));
    definition
}

fn canaries() -> Vec<Endpoint> {
    let v6 = Host::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 1), None);
    vec![
        endpoint(Host::V4(Ipv4Addr::new(192, 0, 2, 1)), 443),
        endpoint(Host::V4(Ipv4Addr::new(192, 0, 2, 2)), 443),
        endpoint(v6, 443),
    ]
}

/// Long good times, and bad ones of every length: blips, flapping, hours, days.
pub fn life_of_a_host(rng: &mut fastrand::Rng) -> Vec<(Time, Nature)> {
    let mut line = vec![(0, Nature::Fine)];
    let mut at = rng.u64(0..2 * DAY);
    while at < DAYS * DAY {
        let bad = [Nature::Refusing, Nature::Silent, Nature::Resetting, Nature::Nameless, Nature::Slow];
        let nature = *rng.choice(&bad).expect("a choice");
        let flaps = if rng.u8(0..5) == 0 { rng.u64(2..12) } else { 1 };
        for _ in 0..flaps {
            let lasts = match rng.u8(0..10) {
                0..=4 => rng.u64(5_000..10 * MINUTE),
                5..=8 => rng.u64(10 * MINUTE..6 * HOUR),
                _ => rng.u64(6 * HOUR..2 * DAY),
            };
            line.push((at, nature));
            line.push((at + lasts, Nature::Fine));
            at += lasts + rng.u64(2_000..15 * MINUTE);
        }
        at += rng.u64(HOUR..5 * DAY);
    }
    line
}

fn troubles(rng: &mut fastrand::Rng, has_canaries: bool) -> Vec<(Time, Time, Option<Path>, Trouble)> {
    let mut troubles = Vec::new();
    let mut at = rng.u64(HOUR..DAY);
    while at < DAYS * DAY {
        let trouble = match rng.u8(0..5) {
            0 => Trouble::Dropping,
            1 => Trouble::Descriptors,
            2 if has_canaries => Trouble::Upstream,
            _ => Trouble::NoRoute,
        };
        let lasts = match trouble {
            Trouble::Upstream => rng.u64(2 * MINUTE..12 * MINUTE),
            _ if rng.bool() => rng.u64(MINUTE..10 * MINUTE),
            _ => rng.u64(10 * MINUTE..5 * HOUR),
        };
        let path = *rng.choice(&[None, Some(Path::Ipv4), Some(Path::Ipv6)]).expect("a choice");
        troubles.push((at, at + lasts, path, trouble));
        at += lasts + rng.u64(HOUR..3 * DAY);
    }
    troubles
}

/// What people and machines do. Steps of the wall clock keep away from restarts: over a restart
/// nobody can tell a step from time away.
fn deeds(rng: &mut fastrand::Rng, targets: usize) -> Vec<(Time, Deed)> {
    let mut deeds: Vec<(Time, Deed)> = (1..DAYS * 8).map(|n| (n * 3 * HOUR + 1_234, Deed::Look)).collect();
    for day in 0..DAYS {
        let moment = |rng: &mut fastrand::Rng, from: Time, to: Time| day * DAY + rng.u64(from..to);
        if rng.u8(0..3) == 0 {
            let away = *rng.choice(&[3_000, 40_000, 10 * MINUTE, 5 * HOUR]).expect("a choice");
            deeds.push((moment(rng, 16 * HOUR, 18 * HOUR), Deed::Kill(away)));
        }
        if rng.u8(0..4) == 0 {
            let step = *rng.choice(&[-90_000, -5_000, 3_000, 120_000, 1_800_000, -1_800_000]).expect("a choice");
            deeds.push((moment(rng, 0, 2 * HOUR), Deed::Step(step)));
        }
        for _ in 0..rng.u8(0..3) {
            let duration = *rng.choice(&[3_000, 7_000, 45_000, 20 * MINUTE, 2 * HOUR]).expect("a choice");
            deeds.push((moment(rng, 3 * HOUR, 23 * HOUR), Deed::Stall(duration)));
        }
        for _ in 0..rng.u8(0..4) {
            let place = rng.usize(0..targets);
            let (from, lasts) = (moment(rng, 3 * HOUR, 23 * HOUR), rng.u64(MINUTE..10 * HOUR));
            let pause = (Deed::Pause(place), Deed::Resume(place));
            let (stop, go) = if rng.bool() { pause } else { (Deed::Remove(place), Deed::Return(place)) };
            deeds.push((from, stop));
            deeds.push((from + lasts, go));
        }
    }
    deeds.sort_by_key(|&(at, _)| at);
    deeds
}
