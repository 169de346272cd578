//! What a round says about a target, and the change of state that it brings about.

use crate::domain::{Check, Clocked, Finding, Grade, Outage, Outcome, Path, Reason};
use std::time::Duration;

/// What a round says about the target, told by the check that speaks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::monitor) enum Verdict {
    /// It is open, in this time, and as good as its evaluation says.
    Open(Duration, Grade),
    /// It failed.
    Failed(Reason, Paths),
    /// It says nothing.
    Inconclusive,
}

/// The ways that the attempts of one check went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::monitor) struct Paths(u8);

/// A change of state that one check brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::monitor) enum Change {
    /// Nothing worth a word.
    None,
    /// The first conclusive answer ever was a success.
    FirstUp,
    /// A failure that is not yet an outage; the last strike waits for evidence that we can see.
    Failing { count: u8, of: u8, reason: Reason },
    /// The failures stopped before they made an outage.
    Blip { failures: u8 },
    /// The outage is over.
    Ended(Box<Outage>),
    /// Open, but too slow, or less than all that is asked for, for too long.
    Degraded,
    /// Neither any more.
    NoLongerDegraded,
}

/// How good an open round was.
pub(in crate::monitor) fn grade(check: &Check, degraded_above: Option<Duration>) -> Grade {
    match Verdict::of(check, None) {
        Verdict::Open(latency, grade) => limited(grade, latency, degraded_above),
        Verdict::Failed(..) | Verdict::Inconclusive => Grade::Up,
    }
}

/// What is open and over the limit of its latency is degraded, whatever else it is.
pub(super) fn limited(grade: Grade, latency: Duration, limit: Option<Duration>) -> Grade {
    if limit.is_some_and(|limit| latency > limit) { Grade::Degraded } else { grade }
}

impl Verdict {
    /// What a finished check says.
    pub(in crate::monitor) fn of(check: &Check, finding: Option<&Finding>) -> Self {
        match check.outcome {
            Outcome::Open(timing) => {
                let grade = if let Clocked::Round(grade) = timing.clocked { grade } else { Grade::Up };
                Self::Open(check.latency().unwrap_or_default(), grade)
            }
            Outcome::Failed(failure) if check.outcome.is_conclusive() => {
                Self::Failed(failure.reason, Paths::of(check, finding))
            }
            Outcome::Failed(_) | Outcome::Inconclusive(_) => Self::Inconclusive,
        }
    }
}

impl Paths {
    /// The ways that a failed check went: every one that an attempt took, not only the one that its
    /// outcome is about, since each of them might have been blind. An attempt that did not leave this
    /// machine went no way at all: a name with both families is judged by the one that has a route.
    pub(in crate::monitor) fn of(check: &Check, finding: Option<&Finding>) -> Self {
        let tries = finding.map_or(&[][..], |finding| &finding.tries);
        let left = tries.iter().filter(|tried| tried.outcome.is_conclusive());
        left.map(|tried| Path::to(tried.address)).chain(check.path()).fold(Self::default(), Self::with)
    }

    pub(in crate::monitor) fn with(self, path: Path) -> Self {
        Self(self.0 | (1 << path.index()))
    }

    pub(in crate::monitor) fn contains(self, path: Path) -> bool {
        self.0 & (1 << path.index()) != 0
    }

    pub(in crate::monitor) fn iter(self) -> impl Iterator<Item = Path> {
        Path::ALL.into_iter().filter(move |&path| self.contains(path))
    }
}
