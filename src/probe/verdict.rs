//! What the addresses of a name say together: open when one is, otherwise the failure that says most.

use crate::domain::{Fault, Outcome, Place, Reason, Timing, Try};
use std::net::IpAddr;

/// The outcome of the whole and the address that it is about.
pub(super) fn verdict(tries: &[Try]) -> (Outcome, Option<IpAddr>) {
    let fastest = tries.iter().filter_map(|one| Some((opened(one)?.connect, one))).min_by_key(|(connect, _)| *connect);
    if let Some((_, one)) = fastest {
        return (one.outcome, Some(one.address));
    }
    let seeing: Vec<&Try> = tries.iter().filter(|one| !lacks_route(one)).collect();
    let judged = if seeing.is_empty() { tries.iter().collect() } else { seeing };
    // The first of equals, so that the same picture always gives the same answer.
    let most = judged.into_iter().rev().max_by_key(|one| weight(one));
    most.map_or((Outcome::Inconclusive(Fault::Route), None), |one| (one.outcome, Some(one.address)))
}

fn opened(one: &Try) -> Option<Timing> {
    match one.outcome {
        Outcome::Open(timing) => Some(timing),
        Outcome::Failed(_) | Outcome::Inconclusive(_) => None,
    }
}

/// Whether this machine has no way at all into the address's family: a name with an IPv6 address
/// is judged by its IPv4 address on a machine without IPv6.
fn lacks_route(one: &Try) -> bool {
    match one.outcome {
        Outcome::Failed(failure) => failure.place == Place::AtCall && failure.reason == Reason::NetworkUnreachable,
        Outcome::Inconclusive(fault) => one.address.is_ipv6() && fault == Fault::LocalAddress,
        Outcome::Open(_) => false,
    }
}

/// How much an outcome says about the target: an answer of the host most, a ban of our own least.
/// An address that could not be tried for want of something that others hold now may be the one that
/// answers: then the name as a whole is left open.
fn weight(one: &Try) -> u8 {
    match one.outcome {
        Outcome::Open(_) => 7,
        Outcome::Failed(failure) => match (failure.reason, failure.place) {
            (Reason::Refused, _) => 5,
            (Reason::Reset, _) => 4,
            (_, Place::AtCall) => 1,
            (Reason::NetworkUnreachable | Reason::HostUnreachable, _) => 3,
            _ => 2,
        },
        Outcome::Inconclusive(
            Fault::Descriptors | Fault::LocalAddress | Fault::Memory | Fault::Stalled | Fault::Overload,
        ) if !lacks_route(one) => 6,
        Outcome::Inconclusive(_) => 0,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;
    use crate::domain::{Clocked, Failure};
    use std::time::Duration;

    fn open(address: &str, millis: u64) -> Try {
        let timing = Timing { connect: Duration::from_millis(millis), clocked: Clocked::Kernel, syn_lost: 0 };
        Try { address: address.parse().unwrap(), outcome: Outcome::Open(timing) }
    }

    fn failed(address: &str, reason: Reason, place: Place) -> Try {
        let failure = Failure { reason, place, errno: None, name: None, after: Duration::ZERO, syn_lost: 0 };
        Try { address: address.parse().unwrap(), outcome: Outcome::Failed(failure) }
    }

    fn ours(address: &str, fault: Fault) -> Try {
        Try { address: address.parse().unwrap(), outcome: Outcome::Inconclusive(fault) }
    }

    fn said(tries: &[Try]) -> String {
        let (outcome, address) = verdict(tries);
        let what = match outcome {
            Outcome::Open(timing) => format!("open {} ms", timing.connect.as_millis()),
            Outcome::Failed(failure) => format!("{:?}", failure.reason),
            Outcome::Inconclusive(fault) => format!("{fault:?}"),
        };
        format!("{what} at {}", address.map_or_else(String::new, |address| address.to_string()))
    }

    #[test]
    fn one_open_address_opens_the_name_and_the_fastest_is_told() {
        let refused = failed("10.0.0.1", Reason::Refused, Place::Later);
        assert_eq!(said(&[refused, open("10.0.0.2", 9), open("10.0.0.3", 4)]), "open 4 ms at 10.0.0.3");
    }

    #[test]
    fn the_most_telling_failure_speaks_for_all() {
        let timeout = failed("10.0.0.1", Reason::TimedOut, Place::Later);
        let host = failed("10.0.0.2", Reason::HostUnreachable, Place::Later);
        let reset = failed("10.0.0.3", Reason::Reset, Place::Later);
        let refused = failed("10.0.0.4", Reason::Refused, Place::Later);
        let at_call = failed("10.0.0.5", Reason::HostUnreachable, Place::AtCall);
        let banned = ours("10.0.0.6", Fault::Denied);
        assert_eq!(said(&[timeout, host, reset, refused, at_call, banned]), "Refused at 10.0.0.4");
        assert_eq!(said(&[timeout, host, reset, at_call, banned]), "Reset at 10.0.0.3");
        assert_eq!(said(&[timeout, host, at_call, banned]), "HostUnreachable at 10.0.0.2");
        assert_eq!(said(&[timeout, at_call, banned]), "TimedOut at 10.0.0.1");
        assert_eq!(said(&[at_call, banned]), "HostUnreachable at 10.0.0.5");
        assert_eq!(said(&[banned]), "Denied at 10.0.0.6");
    }

    #[test]
    fn an_address_that_we_could_not_try_leaves_the_name_open() {
        let refused = failed("10.0.0.1", Reason::Refused, Place::Later);
        for fault in [Fault::Descriptors, Fault::LocalAddress, Fault::Memory] {
            assert_eq!(said(&[refused, ours("10.0.0.2", fault)]), format!("{fault:?} at 10.0.0.2"));
            assert_eq!(said(&[open("10.0.0.1", 4), ours("10.0.0.2", fault)]), "open 4 ms at 10.0.0.1");
        }
    }

    #[test]
    fn a_family_without_route_does_not_spoil_the_answer_of_the_other() {
        let no_route = failed("2001:db8::1", Reason::NetworkUnreachable, Place::AtCall);
        let disabled = ours("2001:db8::2", Fault::LocalAddress);
        let limit = ours("10.0.0.6", Fault::Descriptors);
        let timeout = failed("10.0.0.1", Reason::TimedOut, Place::Later);
        assert_eq!(said(&[limit, no_route]), "Descriptors at 10.0.0.6", "not a failure of the name");
        assert_eq!(said(&[timeout, disabled]), "TimedOut at 10.0.0.1");
        assert_eq!(said(&[no_route, disabled]), "NetworkUnreachable at 2001:db8::1");
    }
}
