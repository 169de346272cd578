//! A second opinion: what the outages must have been, worked out afterwards from the log of what
//! the network answered, with nothing in common with the monitor but the design's words.

use crate::world::{Fact, Log, Look, Time, opened_by};
use portpulse::domain::{Address, Outcome, Path, Place, Wall};
use std::collections::{BTreeMap, BTreeSet};

/// How an outage came to its end, without the particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Open,
    Recovered,
    NotSeen,
    Paused,
    Removed,
}

/// An outage as it must have been recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    pub started_at: Wall,
    pub ended_at: Option<Wall>,
    pub end: End,
}

/// The rules of one target.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub interval: Time,
    pub down_after: usize,
    pub up_after: usize,
}

/// A stretch in which a target was watched without interruption.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    pub from: Time,
    /// When it ended, how, and the wall clock at that moment.
    pub until: Option<(Time, End, Wall)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Success,
    Failure,
}

#[derive(Clone, Copy, Debug)]
struct Seen<'a> {
    fact: &'a Fact,
    kind: Kind,
}

/// The start of what proved sight, the moment it was told, and which check of whom it was, if it was one.
type Proof<'a> = (Time, Time, Option<&'a Fact>);

/// Everything that the log says about sight and time.
pub struct Model<'a> {
    log: &'a Log,
    /// The rounds of groups, under the address that each of them has here.
    groups: BTreeSet<&'a Address>,
    by_address: BTreeMap<&'a Address, Vec<&'a Fact>>,
    proofs: BTreeMap<Path, Vec<Proof<'a>>>,
    blind: Vec<(Path, Time, Time)>,
}

impl<'a> Model<'a> {
    /// `rounds` are what the rounds of groups came to.
    pub fn new(log: &'a Log, rounds: &'a [Fact]) -> Self {
        let mut by_address: BTreeMap<&Address, Vec<&Fact>> = BTreeMap::new();
        for fact in log.facts.iter().chain(rounds) {
            by_address.entry(&fact.address).or_default().push(fact);
        }
        let mut proofs: BTreeMap<Path, Vec<Proof<'_>>> = BTreeMap::new();
        for path in [Path::Ipv4, Path::Ipv6, Path::Names] {
            let opened = log.facts.iter().filter(|fact| opened_by(fact, path));
            let opened = opened.map(|fact| (fact.start, fact.told, Some(fact)));
            let looks = log.looks.iter().filter(|look| look.healthy && concerns(look, path));
            let mut all: Vec<_> = opened.chain(looks.map(|look| (look.start, look.told, None))).collect();
            all.sort_by_key(|&(start, told, _)| (told, start));
            proofs.insert(path, all);
        }
        let groups = rounds.iter().map(|fact| &fact.address).collect();
        let mut model = Self { log, groups, by_address, proofs, blind: Vec::new() };
        model.blind = model.blindness();
        model
    }

    /// Around every failed look: from the newest proof that was known then to the next one.
    fn blindness(&self) -> Vec<(Path, Time, Time)> {
        let mut blind = Vec::new();
        for path in [Path::Ipv4, Path::Ipv6, Path::Names] {
            let proofs = &self.proofs[&path];
            let newest: Vec<Time> = proofs
                .iter()
                .scan(0, |newest, &(start, ..)| {
                    *newest = start.max(*newest);
                    Some(*newest)
                })
                .collect();
            for look in self.log.looks.iter().filter(|look| !look.healthy && concerns(look, path)) {
                let life = self.log.lives.iter().rev().find(|life| life.from <= look.told).expect("a life");
                let known = proofs.partition_point(|&(_, told, _)| told <= look.told);
                let from = known.checked_sub(1).map_or(life.from, |place| newest[place].max(life.from));
                let to = proofs[known..].iter().find(|proof| proof.0 >= from);
                blind.push((path, from, to.map_or(Time::MAX, |proof| proof.0)));
            }
        }
        blind.sort_unstable();
        blind.dedup();
        blind
    }

    fn paths(fact: &Fact) -> Vec<Path> {
        let mut paths: Vec<Path> = fact.finding.tries.iter().map(|tried| Path::to(tried.address)).collect();
        if fact.finding.address.is_none() {
            paths.push(Path::Names);
        }
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// What the check says, if it says anything.
    fn kind(&self, fact: &Fact) -> Option<Kind> {
        match fact.finding.outcome {
            Outcome::Open(_) => Some(Kind::Success),
            // Turned down by our own routing table: nothing was sent.
            Outcome::Failed(failure) if failure.place == Place::AtCall => None,
            Outcome::Inconclusive(_) => None,
            Outcome::Failed(_) => {
                // Of a round each check was asked for itself.
                let is_round = self.groups.contains(&fact.address);
                let asleep = |&(from, to): &(Time, Time)| fact.start <= from && fact.told >= to;
                let stalled = !is_round && self.log.stalls.iter().any(asleep);
                let paths = Self::paths(fact);
                let inside = |from: Time, to: Time| from <= fact.start && fact.start < to;
                let blind = self.blind.iter().any(|&(path, from, to)| paths.contains(&path) && inside(from, to));
                (!stalled && !blind).then_some(Kind::Failure)
            }
        }
    }

    /// The conclusive checks of one address in one stretch.
    fn seen(&self, address: &Address, stretch: Stretch) -> Vec<Seen<'a>> {
        let facts = self.by_address.get(address).map_or(&[][..], Vec::as_slice);
        let until = stretch.until.map_or(Time::MAX, |(until, ..)| until);
        let inside = facts.iter().filter(|fact| fact.start >= stretch.from && fact.told < until);
        inside.filter_map(|&fact| self.kind(fact).map(|kind| Seen { fact, kind })).collect()
    }

    /// Time between two checks, as a program that started in between can tell it.
    fn apart(&self, early: &Fact, late: &Fact) -> i64 {
        let signed = |time: Time| i64::try_from(time).expect("small");
        if early.life == late.life {
            return signed(late.start) - signed(early.start);
        }
        let life = self.log.lives[late.life];
        signed(late.start) - signed(life.from) + (life.wall.0 - early.wall.0)
    }

    /// Whether the last strike `strike` was proven before `limit`.
    fn is_proven(&self, strike: &Fact, limit: Time) -> bool {
        let died = self.log.lives[strike.life].until.unwrap_or(Time::MAX);
        Self::paths(strike).iter().all(|path| {
            let proofs = &self.proofs[path];
            // What is told when it started cannot prove anything older; so begin there.
            let first = proofs.partition_point(|&(_, told, _)| told < strike.start);
            let before = |told: Time| told < limit && told < died;
            let candidates = proofs[first..].iter().take_while(|&&(_, told, _)| before(told));
            let is_same = |who: &Fact| match strike.finding.address {
                Some(address) => who.finding.address == Some(address),
                None => who.address.host == strike.address.host,
            };
            let elsewhere = |who: Option<&Fact>| !who.is_some_and(is_same);
            candidates.into_iter().any(|&(start, _, who)| start >= strike.start && elsewhere(who))
        })
    }

    /// The starts of the checks of an address that the wall clock put at this moment. A clock that
    /// was put back shows the same time twice.
    pub fn starts(&self, address: &Address, wall: Wall) -> impl Iterator<Item = Time> {
        let facts = self.by_address.get(address).into_iter().flatten();
        facts.filter(move |fact| fact.wall == wall).map(|fact| fact.start)
    }

    /// The outages of one address over its stretches.
    pub fn outages(&self, address: &Address, rules: Rules, stretches: &[Stretch]) -> Vec<Expected> {
        stretches.iter().flat_map(|&stretch| self.outages_in(address, rules, stretch)).collect()
    }

    fn outages_in(&self, address: &Address, rules: Rules, stretch: Stretch) -> Vec<Expected> {
        let seen = self.seen(address, stretch);
        let end_of_stretch = stretch.until.map_or(Time::MAX, |(until, ..)| until);
        let bridged = i64::try_from(rules.interval * 10).expect("small");
        let mut outages = Vec::new();
        let mut place = 0;
        while let Some(first) = (place..seen.len()).find(|&i| seen[i].kind == Kind::Failure) {
            // The run of failures that begins here.
            let mut end = first + 1;
            while end < seen.len()
                && seen[end].kind == Kind::Failure
                && self.apart(seen[end - 1].fact, seen[end].fact) <= bridged
            {
                end += 1;
            }
            let limit = match seen.get(end) {
                Some(next) if next.kind == Kind::Success => next.fact.told,
                _ => end_of_stretch,
            };
            place = end;
            if !self.is_confirmed(&seen[first..end], rules, limit) {
                continue;
            }
            let started_at = seen[first].fact.wall;
            let Some((ended, confirmed)) = self.recovery(&seen, end, rules, bridged) else {
                let (ended_at, end) = match stretch.until {
                    Some((_, end, wall)) => (Some(wall.max(started_at)), end),
                    None => (None, End::Open),
                };
                outages.push(Expected { started_at, ended_at, end });
                break;
            };
            let silence = self.apart(seen[ended - 1].fact, seen[ended].fact);
            let spoken = i64::try_from(rules.interval + rules.interval / 2).expect("small");
            let end = if silence > spoken { End::NotSeen } else { End::Recovered };
            outages.push(Expected { started_at, ended_at: Some(seen[ended].fact.wall.max(started_at)), end });
            place = confirmed + 1;
        }
        outages
    }

    /// Whether a run of failures became an outage: in one run of the program there was a last
    /// strike, and it was proven in time.
    fn is_confirmed(&self, run: &[Seen<'_>], rules: Rules, limit: Time) -> bool {
        let mut asked_in = None;
        run.iter().skip(rules.down_after - 1).any(|strike| {
            let is_first_here = asked_in != Some(strike.fact.life);
            asked_in = Some(strike.fact.life);
            is_first_here && self.is_proven(strike.fact, limit)
        })
    }

    /// The first run of enough successes at or after `from`: its first and its confirming one.
    fn recovery(&self, seen: &[Seen<'_>], from: usize, rules: Rules, bridged: i64) -> Option<(usize, usize)> {
        let mut first = from;
        let mut count = 0;
        for i in from..seen.len() {
            if seen[i].kind == Kind::Failure {
                count = 0;
                continue;
            }
            if count == 0 || self.apart(seen[i - 1].fact, seen[i].fact) > bridged {
                first = i;
                count = 0;
            }
            count += 1;
            if count == rules.up_after {
                return Some((first, i));
            }
        }
        None
    }
}

/// Milliseconds of a day that must have been seen up, and seen down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub up: i64,
    pub down: i64,
}

impl Model<'_> {
    /// The day before the end of the log, minute by minute: each minute asks who spoke for its
    /// middle. `wall` is the wall clock then; it must not have stepped in that day.
    /// What is said of a moment that `left_out` knows does not count.
    pub fn day(
        &self,
        address: &Address,
        rules: Rules,
        stretches: &[Stretch],
        (end, wall): (Time, Wall),
        left_out: impl Fn(Wall) -> bool,
    ) -> Day {
        let facts = self.by_address.get(address).map_or(&[][..], Vec::as_slice);
        let outages = self.outages(address, rules, stretches);
        let mut day = Day { up: 0, down: 0 };
        let step = 60_000;
        for n in 0..24 * 60 {
            let back = 24 * 3_600_000 - n * step - step / 2;
            let Some(moment) = end.checked_sub(back) else { continue };
            let watched = stretches.iter().any(|s| s.from <= moment && s.until.is_none_or(|(to, ..)| moment < to));
            let told = facts.partition_point(|fact| fact.start <= moment);
            let Some(fact) = told.checked_sub(1).map(|place| facts[place]) else { continue };
            let spoken = moment < fact.start + rules.interval * 3 / 2 && self.kind(fact).is_some();
            let path = fact.finding.address.map_or(Path::Names, Path::to);
            let blind = self.blind.iter().any(|&(p, from, to)| p == path && from <= moment && moment < to);
            let stalled = self.log.stalls.iter().any(|&(from, to)| from < moment && moment < to);
            let lives = self.log.lives.iter().zip(self.log.lives.iter().skip(1));
            let off = |from: Time, to: Time| to - from > 90_000 && from <= moment && moment < to;
            let away = lives.clone().any(|(life, next)| off(life.until.expect("an end"), next.from));
            let then = Wall(wall.0 - i64::try_from(back).expect("small"));
            if !watched || !spoken || blind || stalled || away || left_out(then) {
                continue;
            }
            let inside = |o: &Expected| o.started_at <= then && o.ended_at.is_none_or(|to| then < to);
            let part = if outages.iter().any(inside) { &mut day.down } else { &mut day.up };
            *part += i64::try_from(step).expect("small");
        }
        day
    }
}

/// A look to loopback is what a question about names asks for.
fn concerns(look: &Look, path: Path) -> bool {
    look.path == path || (look.path == Path::Loopback && path == Path::Names)
}
