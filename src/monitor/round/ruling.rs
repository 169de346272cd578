//! From the checks of a round to its verdict, and to the check that speaks for the target in its history.

use super::expect::{Met, met};
use crate::domain::{
    Check, Clocked, Definition, Endpoint, EndpointId, Expect, Failure, Fault, Finding, Grade, Outcome, Place, Reason,
    Timing, VantageId,
};
use crate::evaluate::{self, Ping, Standing, Verdict};
use std::time::Duration;

/// What one endpoint brings to a round.
#[derive(Clone, Debug)]
pub(in crate::monitor) struct Ballot<'r> {
    pub(in crate::monitor) endpoint: &'r Endpoint,
    /// As its own history keeps it.
    pub(in crate::monitor) check: Check,
    pub(in crate::monitor) finding: Finding,
    met: Met,
}

/// What a round comes to.
#[derive(Clone, Debug)]
pub(in crate::monitor) struct Ruling {
    /// As the history of the target keeps it: open for up and degraded, with the latency of the verdict; how many
    /// endpoints it had and how many were fine stand where a check has its addresses.
    pub(in crate::monitor) check: Check,
    /// The tries behind it: of a failure those that failed, because it is their ways that may have been blind.
    pub(in crate::monitor) finding: Finding,
    /// Why, in words.
    pub(in crate::monitor) why: String,
}

impl<'r> Ballot<'r> {
    pub(in crate::monitor) fn new(endpoint: &'r Endpoint, check: Check, finding: Finding) -> Self {
        let met = met(endpoint, &finding);
        Self { endpoint, check, finding, met }
    }

    fn is_fine(&self) -> bool {
        self.met.outcome.is_open()
    }

    fn says_nothing(&self) -> Option<Fault> {
        match self.met.outcome {
            Outcome::Inconclusive(fault) => Some(fault),
            outcome => (!outcome.is_conclusive()).then_some(Fault::Route),
        }
    }

    /// What was found beside what was expected, in words, where an open port is not what is expected.
    fn beside_expected(&self) -> Option<String> {
        let expected = match self.endpoint.expect {
            Expect::Open => return None,
            Expect::Refused => "refused",
            Expect::Closed => "closed",
        };
        Some(match self.met.outcome {
            Outcome::Open(_) => format!("{expected}, as expected"),
            Outcome::Failed(failure) if failure.reason == Reason::Unexpected => {
                format!("open, and expected to be {expected}")
            }
            Outcome::Failed(failure) => format!("{}, and expected to be {expected}", failure.reason.sentence()),
            Outcome::Inconclusive(_) => return None,
        })
    }

    /// What it says to an evaluation; nothing if it says nothing about the endpoint.
    fn ping(&self) -> Option<Ping> {
        Ping::of(self.endpoint, &self.met.outcome, self.check.dns, self.check.address)
    }

    /// How many addresses were tried, and how many were fine.
    fn addresses(&self) -> (u8, u8) {
        if self.is_fine() && self.check.answered == 0 {
            return (self.check.tried, self.check.tried);
        }
        (self.check.tried, self.check.answered)
    }
}

/// What a script is given; `Err` with the fault if a check said nothing, because then nobody can judge.
pub(in crate::monitor) fn pings(ballots: &[Ballot<'_>]) -> Result<Vec<Ping>, Fault> {
    let ping = |ballot: &Ballot<'_>| ballot.ping().ok_or_else(|| ballot.says_nothing().unwrap_or(Fault::Undecided));
    ballots.iter().map(ping).collect()
}

/// Judges a round by the rule of its target. Checks that say nothing count only where the verdict is the same
/// whatever they would have said.
pub(in crate::monitor) fn decided(id: EndpointId, definition: &Definition, ballots: &[Ballot<'_>]) -> Ruling {
    let members: Vec<evaluate::Member> =
        ballots.iter().map(|ballot| evaluate::Member { ping: ballot.ping(), weight: ballot.endpoint.weight }).collect();
    if let Some(verdict) = evaluate::judge(&definition.evaluation, definition.degraded_above, &members) {
        return ruling_of(id, ballots, verdict);
    }
    let silent = || ballots.iter().filter_map(Ballot::says_nothing);
    let fault = silent().next().unwrap_or(Fault::Undecided);
    let (missing, all) = (silent().count(), ballots.len());
    let why = format!("{missing} of {all} checks say nothing ({}), and it depends on them", fault.sentence());
    unclear(id, ballots, fault, why)
}

/// A round that says nothing.
pub(in crate::monitor) fn unclear(id: EndpointId, ballots: &[Ballot<'_>], fault: Fault, why: String) -> Ruling {
    ruled(id, ballots, Outcome::Inconclusive(fault), None, why)
}

/// Puts a verdict into the words of a check.
pub(in crate::monitor) fn ruling_of(id: EndpointId, ballots: &[Ballot<'_>], verdict: Verdict) -> Ruling {
    let Verdict { standing, latency, mut why } = verdict;
    if let [one] = ballots
        && let Some(words) = one.beside_expected()
    {
        why = words;
    }
    let connect = Duration::try_from_secs_f64(latency / 1e3).unwrap_or_default();
    let open = |grade| {
        let syn_lost = ballots.iter().map(|ballot| ballot.met.outcome).map(syn_lost).max().unwrap_or(0);
        Outcome::Open(Timing { connect, clocked: Clocked::Round(grade), syn_lost })
    };
    match standing {
        Standing::Up => {
            let lost = ballots.iter().filter(|ballot| ballot.is_fine());
            let losses: Vec<String> =
                lost.filter_map(|ballot| Some(ballot.met.loss?.words(&ballot.endpoint.address))).collect();
            let grade = if losses.is_empty() { Grade::Up } else { Grade::Degraded };
            for loss in losses {
                why = format!("{why}; {loss}");
            }
            ruled(id, ballots, open(grade), ballots.iter().find(|ballot| ballot.is_fine()), why)
        }
        Standing::Degraded => {
            ruled(id, ballots, open(Grade::Degraded), ballots.iter().find(|ballot| ballot.is_fine()), why)
        }
        Standing::Maintenance => unclear(id, ballots, Fault::Maintenance, why),
        Standing::Down => {
            let worst = ballots.iter().filter_map(|ballot| Some((ballot, failure(ballot)?)));
            let worst = worst.max_by_key(|(_, failure)| gravity(failure.reason));
            let (reason, place) = (Reason::Judged, Place::Later);
            let judged = Failure { reason, place, errno: None, name: None, after: connect, syn_lost: 0 };
            let outcome = Outcome::Failed(worst.as_ref().map_or(judged, |(_, failure)| *failure));
            ruled(id, ballots, outcome, worst.map(|(ballot, _)| ballot).or(ballots.first()), why)
        }
    }
}

/// The failure that a verdict may rest on: what says nothing about its endpoint cannot speak for the others.
fn failure(ballot: &Ballot<'_>) -> Option<Failure> {
    match ballot.met.outcome {
        Outcome::Failed(failure) if ballot.met.outcome.is_conclusive() => Some(failure),
        Outcome::Open(_) | Outcome::Failed(_) | Outcome::Inconclusive(_) => None,
    }
}

const fn syn_lost(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Open(timing) => timing.syn_lost,
        Outcome::Failed(failure) => failure.syn_lost,
        Outcome::Inconclusive(_) => 0,
    }
}

/// Which failure is shown of several: the one that leaves the least alive.
const fn gravity(reason: Reason) -> u8 {
    match reason {
        Reason::DnsFailed => 7,
        Reason::NetworkUnreachable => 6,
        Reason::HostUnreachable => 5,
        Reason::TimedOut => 4,
        Reason::Refused => 3,
        Reason::Reset => 2,
        Reason::Unexpected => 1,
        Reason::Judged => 0,
    }
}

fn ruled(
    id: EndpointId,
    ballots: &[Ballot<'_>],
    outcome: Outcome,
    deciding: Option<&Ballot<'_>>,
    why: String,
) -> Ruling {
    let count = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    let (tried, answered) = match ballots {
        [one] => one.addresses(),
        all => (count(all.len()), count(all.iter().filter(|ballot| ballot.is_fine()).count())),
    };
    let is_failure = outcome.reason().is_some();
    let behind = ballots.iter().filter(|ballot| !is_failure || !ballot.is_fine());
    let at = ballots.iter().map(|ballot| ballot.check.at).min().unwrap_or_default();
    let check = Check {
        endpoint: id,
        vantage: VantageId::HERE,
        at,
        outcome,
        dns: None,
        address: deciding.and_then(|ballot| ballot.check.address),
        tried,
        answered,
    };
    let finding = Finding {
        waited: ballots.iter().map(|ballot| ballot.finding.waited).min().unwrap_or_default(),
        dns: None,
        tries: behind.flat_map(|ballot| &ballot.finding.tries).copied().collect(),
        outcome,
        address: check.address,
    };
    Ruling { check, finding, why }
}
