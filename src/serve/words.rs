//! The words that other programs know: Kairos's beside our own.

use crate::domain::{Outcome, Reason, Wall, Zone};
use crate::monitor::{State, TargetView};

/// Kairos's word for how something stands (S3, S29h).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Available,
    NotAvailable,
    Unknown,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Available, Self::NotAvailable, Self::Unknown];

    /// Of a target: what thresholds make of its checks.
    pub fn of_target(view: &TargetView) -> Self {
        match view.state {
            _ if view.is_unseen() => Self::Unknown,
            State::Up | State::Degraded => Self::Available,
            State::Down => Self::NotAvailable,
            State::Pending | State::Paused => Self::Unknown,
        }
    }

    /// Of one check. A fault of our own says nothing about the target.
    pub const fn of_check(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Open(_) => Self::Available,
            Outcome::Failed(_) if outcome.is_conclusive() => Self::NotAvailable,
            Outcome::Failed(_) | Outcome::Inconclusive(_) => Self::Unknown,
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::NotAvailable => "NOT_AVAILABLE",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// Every state and its word.
pub(super) const STATES: [(State, &str); 5] = [
    (State::Down, "down"),
    (State::Degraded, "degraded"),
    (State::Pending, "pending"),
    (State::Up, "up"),
    (State::Paused, "paused"),
];

/// The word for a state.
pub(super) fn state(state: State) -> &'static str {
    STATES.iter().find(|(known, _)| *known == state).map_or("", |(_, word)| word)
}

/// The word for a reason.
pub(super) const fn reason(reason: Reason) -> &'static str {
    reason.label()
}

/// What a check found, in a sentence.
pub(super) const fn message(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Open(_) => "Open",
        Outcome::Failed(failure) => failure.reason.sentence(),
        Outcome::Inconclusive(fault) => fault.sentence(),
    }
}

/// Kairos has one code for all failures.
pub(super) const fn error_code(outcome: &Outcome) -> Option<&'static str> {
    match Status::of_check(outcome) {
        Status::NotAvailable => Some("CONNECTION_ERROR"),
        Status::Available | Status::Unknown => None,
    }
}

/// A moment, RFC 3339 in UTC.
pub(super) fn moment(at: Wall) -> String {
    Zone::Utc.rfc3339_millis(at)
}
