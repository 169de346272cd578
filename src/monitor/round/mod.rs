//! A round while it runs: the checks of all endpoints of a target at one turn.

mod expect;
mod ruling;
#[cfg(test)]
mod stories;

pub use expect::expected as as_expected;
pub(super) use ruling::{Ballot, Ruling, decided, pings, ruling_of, unclear};

use crate::domain::{Attempt, Finding, Now};

/// Whether what a running round finds can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Sound,
    /// We stood still while it ran: its time-outs are ours.
    Stalled,
}

/// A round that runs. First its checks are out, one for each endpoint, in the order of the definition; when the
/// last of them is back, a script may be asked for the verdict.
#[derive(Clone, Debug)]
pub(super) struct Round {
    pub(super) ordered: Now,
    pub(super) standing: Standing,
    checks: Vec<(Attempt, Option<Finding>)>,
    /// The question to the script, while it is open.
    pub(super) asked: Option<Attempt>,
}

impl Round {
    pub(super) fn new(ordered: Now, attempts: impl IntoIterator<Item = Attempt>) -> Self {
        let checks = attempts.into_iter().map(|attempt| (attempt, None)).collect();
        Self { ordered, standing: Standing::Sound, checks, asked: None }
    }

    /// The checks that are out.
    pub(super) fn out(&self) -> impl Iterator<Item = Attempt> {
        self.checks.iter().filter(|(_, finding)| finding.is_none()).map(|(attempt, _)| *attempt)
    }

    /// Takes in what a check found; whether it is one of this round.
    pub(super) fn take(&mut self, attempt: Attempt, finding: Finding) -> bool {
        let place = self.checks.iter_mut().find(|(own, found)| *own == attempt && found.is_none());
        place.map(|(_, found)| *found = Some(finding)).is_some()
    }

    pub(super) fn is_complete(&self) -> bool {
        self.out().next().is_none()
    }

    /// Takes out what its first check found: all there is to a target that is its only endpoint.
    pub(super) fn take_first(&mut self) -> Option<Finding> {
        self.checks.first_mut().and_then(|(_, finding)| finding.take())
    }

    /// What its checks found, in the order of the endpoints. Only to be called when it is complete.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().filter_map(|(_, finding)| finding.as_ref())
    }
}
