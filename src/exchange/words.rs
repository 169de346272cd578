//! Outcomes and reasons in words that programs compare. They are promised: none ever changes.

use crate::domain::{Clocked, Closing, Fault, Grade, NameFailure, Outcome, Reason};

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
        Outcome::Inconclusive(fault) => Some(match fault {
            Fault::Descriptors => "descriptors",
            Fault::LocalAddress => "local_address",
            Fault::Memory => "memory",
            Fault::Denied => "denied",
            Fault::Route => "route",
            Fault::ResolverTimedOut => "resolver_timed_out",
            Fault::ResolverFailed => "resolver_failed",
            Fault::Stalled => "stalled",
            Fault::Overload => "overload",
            Fault::Cancelled => "cancelled",
            Fault::Script => "script",
            Fault::Maintenance => "maintenance",
            Fault::Undecided => "undecided",
        }),
    }
}

/// In which way the target or the path failed.
pub const fn failure_word(reason: Reason) -> &'static str {
    match reason {
        Reason::Refused => "refused",
        Reason::TimedOut => "timed_out",
        Reason::Reset => "reset",
        Reason::DnsFailed => "dns_failed",
        Reason::NetworkUnreachable => "network_unreachable",
        Reason::HostUnreachable => "host_unreachable",
        Reason::Unexpected => "unexpected",
        Reason::Judged => "judged",
    }
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
