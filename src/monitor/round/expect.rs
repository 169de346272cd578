//! What was found beside what was expected: whether it is as asked for, as a failure, or half of it.

use crate::domain::{Address, Addresses, Endpoint, Expect, Failure, Finding, Outcome, Place, Reason, Timing, Try};
use crate::domain::{Clocked, Fault};
use std::time::Duration;

/// What a check found, measured by what its endpoint asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Met {
    /// Open for "as expected", whatever that is.
    pub(super) outcome: Outcome,
    /// What is missing for all of it to be as expected, if there is enough to work with.
    pub(super) loss: Option<Loss>,
}

/// What is missing of an endpoint that is fine otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// No IPv4 address answers as expected.
    Ipv4,
    /// No IPv6 address answers as expected.
    Ipv6,
    /// So many addresses do, of so many.
    Addresses { fine: usize, all: usize },
}

impl Loss {
    /// In words, about the endpoint at this address.
    pub(super) fn words(self, address: &Address) -> String {
        match self {
            Self::Ipv4 => format!("no IPv4 address of {address} answers"),
            Self::Ipv6 => format!("no IPv6 address of {address} answers"),
            Self::Addresses { fine, all } => format!("{fine} of {all} addresses of {address} answer"),
        }
    }
}

/// Measures what a check found.
///
/// * `expect = "refused"`: a refusal is the success, in the time that it took; an open port is a failure.
/// * `expect = "closed"`: a refusal, silence and "unreachable" from the way are the success, which has no latency;
///   a connection, also one that is reset at once, is the failure. Without an address nothing is verified.
/// * `family = "both"`: degraded when no address of one family answers as expected.
/// * `addresses = "every"`: degraded when one address does not answer as expected.
pub(super) fn met(endpoint: &Endpoint, finding: &Finding) -> Met {
    let outcome = expected(endpoint.expect, finding.outcome);
    let is_fine = |tried: &&Try| expected(endpoint.expect, tried.outcome).is_open();
    let fine = finding.tries.iter().filter(is_fine);
    let is_lost = |v6: bool| !fine.clone().any(|tried| tried.address.is_ipv6() == v6);
    let (count, all) = (fine.clone().count(), finding.tries.len());
    let loss = match (endpoint.wants_both_families(), endpoint.addresses) {
        (true, _) if is_lost(false) => Some(Loss::Ipv4),
        (true, _) if is_lost(true) => Some(Loss::Ipv6),
        (_, Addresses::Every) if count < all => Some(Loss::Addresses { fine: count, all }),
        _ => None,
    };
    Met { outcome, loss }
}

/// What an outcome is to an endpoint that expects this: open where it is as expected.
pub fn expected(expect: Expect, outcome: Outcome) -> Outcome {
    let as_expected = |connect| Outcome::Open(Timing { connect, clocked: Clocked::Stopwatch, syn_lost: 0 });
    match (expect, outcome) {
        (Expect::Refused, Outcome::Failed(failure)) if failure.reason == Reason::Refused => as_expected(failure.after),
        (Expect::Open, _) | (_, Outcome::Inconclusive(_)) | (Expect::Refused, Outcome::Failed(_)) => outcome,
        (Expect::Refused | Expect::Closed, Outcome::Open(timing)) => unexpected(timing.connect),
        (Expect::Closed, Outcome::Failed(failure)) => match failure.reason {
            Reason::Reset => unexpected(failure.after),
            Reason::Refused | Reason::TimedOut => as_expected(Duration::ZERO),
            Reason::HostUnreachable | Reason::NetworkUnreachable if failure.place == Place::Later => {
                as_expected(Duration::ZERO)
            }
            Reason::HostUnreachable | Reason::NetworkUnreachable => Outcome::Inconclusive(Fault::Route),
            Reason::DnsFailed | Reason::Unexpected | Reason::Judged => outcome,
        },
    }
}

fn unexpected(after: Duration) -> Outcome {
    let (reason, place) = (Reason::Unexpected, Place::Later);
    Outcome::Failed(Failure { reason, place, errno: None, name: None, after, syn_lost: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Family;
    use std::net::IpAddr;

    fn outcome(word: char) -> Outcome {
        let failed = |reason, place| {
            let after = Duration::from_millis(5);
            Outcome::Failed(Failure { reason, place, errno: None, name: None, after, syn_lost: 0 })
        };
        match word {
            'o' => {
                let connect = Duration::from_millis(3);
                Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 })
            }
            'r' => failed(Reason::Refused, Place::Later),
            't' => failed(Reason::TimedOut, Place::Later),
            'x' => failed(Reason::Reset, Place::Later),
            'n' => failed(Reason::DnsFailed, Place::Lookup),
            'h' => failed(Reason::HostUnreachable, Place::Later),
            'c' => failed(Reason::HostUnreachable, Place::AtCall),
            _ => Outcome::Inconclusive(Fault::Descriptors),
        }
    }

    /// `.` as expected, `?` says nothing, otherwise the letter of the failure; `u` for "should not be open".
    fn letter(outcome: Outcome) -> char {
        match outcome {
            Outcome::Open(_) => '.',
            Outcome::Inconclusive(_) => '?',
            Outcome::Failed(failure) => match failure.reason {
                Reason::Refused => 'r',
                Reason::TimedOut => 't',
                Reason::Reset => 'x',
                Reason::DnsFailed => 'n',
                Reason::NetworkUnreachable | Reason::HostUnreachable => 'h',
                Reason::Unexpected => 'u',
                Reason::Judged => 'j',
            },
        }
    }

    #[test]
    fn each_expectation_turns_what_was_found_into_success_or_failure() {
        let found = "ortxnhc?";
        let measured = |expect| found.chars().map(|word| letter(expected(expect, outcome(word)))).collect::<String>();
        assert_eq!(measured(Expect::Open), ".rtxnhh?");
        assert_eq!(measured(Expect::Refused), "u.txnhh?");
        assert_eq!(measured(Expect::Closed), "u..un.??");
    }

    /// Two addresses of IPv4 and two of IPv6, and what came of each.
    fn loss(endpoint: &Endpoint, tries: &str) -> Option<Loss> {
        let addresses = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"].map(|text| text.parse().ok());
        let of = |(address, word): (Option<IpAddr>, char)| Some(Try { address: address?, outcome: outcome(word) });
        let tries = addresses.into_iter().zip(tries.chars()).filter_map(of).collect();
        let finding = Finding { waited: Duration::ZERO, dns: None, tries, outcome: outcome('o'), address: None };
        met(endpoint, &finding).loss
    }

    #[test]
    fn a_dead_family_or_a_dead_address_degrades_where_that_is_asked_for() {
        let endpoint = Endpoint::new("db1:5432".parse().expect("an address"));
        let both = Endpoint { family: Family::Both, ..endpoint.clone() };
        let literal = Endpoint { address: "192.0.2.1:5432".parse().expect("an address"), ..both.clone() };
        assert!(literal.is_plain() && loss(&literal, "o").is_none(), "a literal has one family");
        let every = Endpoint { addresses: Addresses::Every, ..endpoint.clone() };
        let half = Some(Loss::Addresses { fine: 2, all: 4 });
        for (tries, of_both, of_every) in [
            ("oooo", None, None),
            ("orro", None, half),
            ("oorr", Some(Loss::Ipv6), half),
            ("rroo", Some(Loss::Ipv4), half),
            ("oo", Some(Loss::Ipv6), None),
        ] {
            assert_eq!((loss(&both, tries), loss(&every, tries)), (of_both, of_every), "{tries}");
            assert_eq!(loss(&endpoint, tries), None, "{tries}");
        }
    }
}
