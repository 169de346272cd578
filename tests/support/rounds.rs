//! The second opinion about groups: which rounds there were, and what each came to, from what the network answered.

use crate::world::{Fact, Log, Time};
use portpulse::domain::{
    Address, Definition, Endpoint, Evaluation, Failure, Fault, Finding, Grade, Outcome, Place, Reason, Timing, Wall,
    endpoint::Host,
};
use std::collections::{BTreeMap, BTreeSet};

/// Under which address the verdicts of a group are written down: nobody else has it.
pub fn address_of(definition: &Definition) -> Address {
    let first = &definition.endpoints[0].address;
    match definition.endpoints.len() {
        1 => first.clone(),
        _ => Address { host: Host::Name(format!("{}.group", definition.name)), port: first.port },
    }
}

/// What each round of a group says, as if one check had found it. A round counts when all of its checks are back in
/// the same run of the program.
pub fn rounds(log: &Log, definition: &Definition) -> Vec<Fact> {
    let places: BTreeMap<&Address, usize> =
        definition.endpoints.iter().enumerate().map(|(place, endpoint)| (&endpoint.address, place)).collect();
    let mut rounds: BTreeMap<(usize, Time), BTreeMap<usize, &Fact>> = BTreeMap::new();
    for fact in &log.facts {
        if let Some(place) = places.get(&fact.address) {
            let waited = Time::try_from(fact.finding.waited.as_millis()).expect("small");
            rounds.entry((fact.life, fact.start - waited)).or_default().insert(*place, fact);
        }
    }
    let complete = rounds.into_values().filter(|round| round.len() == definition.endpoints.len());
    complete.map(|round| verdict(log, definition, &round.into_values().collect::<Vec<_>>())).collect()
}

/// What one member says: `None` for nothing.
fn heard(log: &Log, fact: &Fact) -> Option<bool> {
    let stalled = || log.stalls.iter().any(|&(from, to)| fact.start <= from && fact.told >= to);
    match fact.finding.outcome {
        Outcome::Open(_) => Some(true),
        Outcome::Failed(failure) if failure.place == Place::AtCall || stalled() => None,
        Outcome::Failed(_) => Some(false),
        Outcome::Inconclusive(_) => None,
    }
}

/// How a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stands {
    Down,
    Degraded,
    Up,
}

/// How the target stands with these endpoints open.
pub fn stands(definition: &Definition, open: &[bool]) -> Stands {
    let endpoints = &definition.endpoints;
    let count = open.iter().filter(|is_open| **is_open).count();
    let weight = |endpoint: &Endpoint| endpoint.weight.get();
    let (is_whole, works) = match definition.evaluation {
        Evaluation::All => (true, count == endpoints.len()),
        Evaluation::Any => (true, count > 0),
        Evaluation::Failover => (open[0], count > 0),
        Evaluation::Quorum { needed: None } => (count == endpoints.len(), count * 2 > endpoints.len()),
        Evaluation::Quorum { needed: Some(needed) } => (count == endpoints.len(), count >= usize::from(needed.get())),
        Evaluation::Weighted { degraded_from } => {
            let healthy: u32 =
                endpoints.iter().zip(open).filter(|(_, is_open)| **is_open).map(|(e, _)| weight(e)).sum();
            let wanted = endpoints.iter().map(weight).sum::<u32>() * u32::from(degraded_from);
            (count == endpoints.len(), healthy * 100 >= wanted)
        }
        _ => unreachable!("no month has such a group"),
    };
    match (works, is_whole) {
        (false, _) => Stands::Down,
        (true, false) => Stands::Degraded,
        (true, true) => Stands::Up,
    }
}

/// The verdict, if it is the same whatever those would have said that said nothing: every way is tried.
fn verdict(log: &Log, definition: &Definition, round: &[&Fact]) -> Fact {
    let heard: Vec<Option<bool>> = round.iter().map(|fact| heard(log, fact)).collect();
    let unknown = heard.iter().filter(|it| it.is_none()).count();
    let limit = definition.degraded_above;
    let took = |fact: &&Fact| match fact.finding.outcome {
        Outcome::Open(timing) => Some(timing.connect + fact.finding.dns.unwrap_or_default()),
        _ => None,
    };
    let is_slow = limit.is_some_and(|limit| round.iter().filter_map(took).any(|took| took > limit));
    let ways = (0..1u32 << unknown).map(|way| {
        let mut bits = (0..unknown).map(|bit| way & (1 << bit) != 0);
        let open: Vec<bool> = heard.iter().map(|it| it.unwrap_or_else(|| bits.next().expect("a bit each"))).collect();
        let stands = stands(definition, &open);
        if is_slow { stands.min(Stands::Degraded) } else { stands }
    });
    let answers: BTreeSet<Stands> = ways.collect();
    let failed = || round.iter().zip(&heard).filter(|(_, heard)| **heard == Some(false)).map(|(fact, _)| *fact);
    let (outcome, deciding) = match (answers.len(), answers.first(), unknown == round.len()) {
        (1, Some(Stands::Up | Stands::Degraded), false) => {
            let open = round.iter().find(|fact| fact.finding.outcome.is_open());
            (open.map_or(NOTHING, |_| FINE), open.copied())
        }
        (1, Some(Stands::Down), false) => {
            let worst = failed().max_by_key(|fact| fact.finding.outcome.reason().map(gravity));
            (FAILED, worst)
        }
        _ => (NOTHING, None),
    };
    let first = round.iter().min_by_key(|fact| fact.start).expect("a round has checks");
    Fact {
        address: address_of(definition),
        start: first.start,
        told: round.iter().map(|fact| fact.told).max().expect("a round has checks"),
        wall: round.iter().map(|fact| fact.wall).min().unwrap_or(Wall(0)),
        life: first.life,
        finding: Finding {
            waited: first.finding.waited,
            dns: None,
            tries: failed().flat_map(|fact| fact.finding.tries.clone()).collect(),
            outcome,
            address: deciding.and_then(|fact| fact.finding.address),
        },
    }
}

const NOTHING: Outcome = Outcome::Inconclusive(Fault::Undecided);
const FINE: Outcome = Outcome::Open(Timing {
    connect: std::time::Duration::ZERO,
    clocked: portpulse::domain::Clocked::Round(Grade::Up),
    syn_lost: 0,
});
const FAILED: Outcome = Outcome::Failed(Failure {
    reason: Reason::Judged,
    place: Place::Later,
    errno: None,
    name: None,
    after: std::time::Duration::ZERO,
    syn_lost: 0,
});

/// Which failure is shown of several: the one that leaves the least alive.
fn gravity(reason: Reason) -> usize {
    let least_first = [
        Reason::Judged,
        Reason::Unexpected,
        Reason::Reset,
        Reason::Refused,
        Reason::TimedOut,
        Reason::HostUnreachable,
        Reason::NetworkUnreachable,
        Reason::DnsFailed,
    ];
    least_first.iter().position(|it| *it == reason).expect("every reason")
}
