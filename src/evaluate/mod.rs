//! The results of one round become one verdict: policies, pure; a user's script is asked elsewhere.
//!
//! **Checks that said nothing.** A member whose check was inconclusive might have been open or might have
//! failed. The verdict counts only if it is the same either way; otherwise there is none. Two rounds made up
//! from the one that was seen are enough to know: in one, all unknown members are open and faster than any
//! limit, in the other all have failed with an error.
//!
//! - *all*, *any*, *quorum*, *failover* and *weighted* are monotone: with more members open they never get
//!   worse. *timeouts* is too, with time-out between open and error. So all other ways lie between these two.
//! - *percentile* is not: a slow cluster that loses a member goes from down to degraded. But where the two
//!   agree, the answer is degraded (with all unknown ones failed it is degraded or down; down means that
//!   nothing else is open, and then the other round is not down), and a mixed round, in which members are
//!   missing, is degraded as well.
//! - `degraded_above` looks at open members only. That an unknown one was slow is not assumed: slowness is
//!   something that somebody has seen. What is left is monotone.

mod ping;
mod policy;
mod rules;
mod why;

pub use ping::{Kind, Ping, Status};
pub use policy::{POLICIES, Policy, table};

use crate::domain::Evaluation;
use rules::Seen;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use std::time::Duration;

/// What a verdict says of a target (S48).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Standing {
    /// All that is asked for.
    Up,
    /// Less than that, and enough to work with.
    Degraded,
    /// Not enough to work with.
    Down,
    /// Work is being done on it; only a script says so.
    Maintenance,
}

/// What an evaluation makes of a round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// How the target stands.
    pub standing: Standing,
    /// Milliseconds, finite and not negative.
    pub latency: f64,
    /// Why it is so, in words: `quorum: 2 of 3 open, majority is 2`.
    pub why: String,
}

/// One endpoint of a target in one round.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// What its check found; `None` if that says nothing about the endpoint.
    pub ping: Option<Ping>,
    /// How much it counts where the policy asks for that.
    pub weight: NonZeroU32,
}

/// Judges a round whose members stand in the order of the target's endpoints. With `degraded_above`, a target
/// that would be up is degraded if an open member took longer.
///
/// `None` if there is no verdict: it depends on members of which nothing is known, none is known at all, or
/// the evaluation is a script, which is asked elsewhere.
pub fn judge(evaluation: &Evaluation, degraded_above: Option<Duration>, members: &[Member]) -> Option<Verdict> {
    let limit = degraded_above.map(millis);
    let known: Vec<Seen> = members.iter().filter_map(Seen::of).collect();
    if known.is_empty() {
        return None;
    }
    let (standing, latency) = rules::apply(evaluation, limit, &known)?;
    let standing = if known.len() == members.len() { standing } else { either_way(evaluation, limit, members)? };
    let why = why::words(evaluation, limit, standing, members);
    Some(Verdict { standing, latency, why })
}

/// What it is whichever way the unknown members had gone; see the top of this file.
fn either_way(evaluation: &Evaluation, limit: Option<f64>, members: &[Member]) -> Option<Standing> {
    let supposing = |status| {
        let seen: Vec<Seen> =
            members.iter().map(|member| Seen::of(member).unwrap_or(Seen::supposed(status, member.weight))).collect();
        rules::apply(evaluation, limit, &seen).map(|(standing, _)| standing)
    };
    let at_best = supposing(Status::Open)?;
    (supposing(Status::Error)? == at_best).then_some(at_best)
}

/// Exact to the nanosecond.
fn millis(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1_000_000.0
}

impl Standing {
    /// As scripts write it (S48).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Up => "UP",
            Self::Degraded => "DEGRADED",
            Self::Down => "DOWN",
            Self::Maintenance => "MAINTENANCE",
        }
    }

    /// The one that is written so, in capitals.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Up, Self::Degraded, Self::Down, Self::Maintenance].into_iter().find(|it| it.word() == word)
    }
}

impl Verdict {
    /// The latency as a span of time, at most that of [`Duration::MAX`].
    pub fn took(&self) -> Duration {
        Duration::try_from_secs_f64(self.latency.max(0.0) / 1_000.0).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests;
