//! Outcomes and reasons in words that programs compare. They are promised: none ever changes.

use crate::domain::{Clocked, Closing, Grade, NameFailure, Outcome, Reason};

/// Whose fault it was.
pub const fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Open(_) => "open",
        Outcome::Failed(_) => "failed",
        Outcome::Inconclusive(_) => "inconclusive",
    }
}

/// Why it was not open.
pub fn reason(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Open(_) => None,
        Outcome::Failed(failure) => Some(match (failure.reason, failure.name) {
            (Reason::DnsFailed, Some(NameFailure::NoSuchName)) => "no_such_name",
            (Reason::DnsFailed, Some(NameFailure::NoAddress)) => "no_address",
            (reason, _) => failure_word(reason),
        }),
        Outcome::Inconclusive(fault) => Some(fault.label()),
    }
}

/// In which way the target or the path failed.
pub const fn failure_word(reason: Reason) -> &'static str {
    reason.label()
}

/// Where a connect time comes from.
pub const fn clocked(clocked: Clocked) -> &'static str {
    match clocked {
        Clocked::Kernel => "kernel",
        Clocked::Stopwatch => "stopwatch",
        Clocked::Round(Grade::Up) => "round",
        Clocked::Round(Grade::Degraded) => "round_degraded",
    }
}

/// How an outage stands.
pub const fn closing(closing: Option<Closing>) -> &'static str {
    match closing {
        None => "open",
        Some(Closing::Recovered { .. }) => "recovered",
        Some(Closing::EndNotSeen { .. }) => "end_not_seen",
        Some(Closing::Paused(_)) => "paused",
        Some(Closing::Removed(_)) => "removed",
    }
}
