//! Whose fault an error number is: ours, the path's or the target's, by where it showed.

use crate::domain::{Failure, Fault, NameFailure, Outcome, Place, Reason};
use std::io;
use std::time::Duration;

// The same number means different things by its place. At the call it comes from our own tables
// (routes, limits, policies) before a packet has left; later it was brought by a packet: RST, or an
// ICMP message that the kernel translates (`icmp_err_convert` and `tab_unreach` in Linux). So EACCES
// at the call is a `prohibit` route or a local policy, and later it is an ICMPv6 "administratively
// prohibited" of some router. An answer of the peer may arrive during the call on loopback; its
// place is the network all the same. `io::ErrorKind` is too coarse for this: it has no kind for half
// of these numbers.

/// What an error of a connection attempt means.
pub(super) fn outcome(error: &io::Error, place: Place, after: Duration, syn_lost: u8) -> Outcome {
    let Some(errno) = error.raw_os_error() else { return Outcome::Inconclusive(Fault::Route) };
    match meaning(errno, place) {
        Meaning::Fault(fault) => Outcome::Inconclusive(fault),
        Meaning::Failure(reason) => {
            let place = match reason {
                Reason::Refused | Reason::Reset | Reason::TimedOut => Place::Later,
                _ => place,
            };
            Outcome::Failed(Failure { reason, place, errno: Some(errno), name: None, after, syn_lost })
        }
    }
}

/// Nothing came back in time.
pub(super) fn timed_out(after: Duration, syn_lost: u8) -> Outcome {
    let reason = Reason::TimedOut;
    Outcome::Failed(Failure { reason, place: Place::Later, errno: None, name: None, after, syn_lost })
}

/// The connection reached nobody but ourselves: nothing listens there.
pub(super) fn self_connected(after: Duration) -> Outcome {
    let reason = Reason::Refused;
    Outcome::Failed(Failure { reason, place: Place::Later, errno: None, name: None, after, syn_lost: 0 })
}

/// The name leads nowhere.
pub(super) fn no_name(name: NameFailure, after: Duration) -> Outcome {
    let reason = Reason::DnsFailed;
    Outcome::Failed(Failure { reason, place: Place::Lookup, errno: None, name: Some(name), after, syn_lost: 0 })
}

/// The fault that an error number stands for when it is ours in any case.
pub(super) fn fault(error: &io::Error) -> Fault {
    match error.raw_os_error().map(|errno| meaning(errno, Place::AtCall)) {
        Some(Meaning::Fault(fault)) => fault,
        Some(Meaning::Failure(_)) | None => Fault::Route,
    }
}

enum Meaning {
    Failure(Reason),
    Fault(Fault),
}

fn meaning(errno: i32, place: Place) -> Meaning {
    match errno {
        libc::ECONNREFUSED => Meaning::Failure(Reason::Refused),
        libc::ECONNRESET | libc::EPIPE => Meaning::Failure(Reason::Reset),
        libc::ETIMEDOUT => Meaning::Failure(Reason::TimedOut),
        libc::ENETUNREACH | libc::ENETDOWN => Meaning::Failure(Reason::NetworkUnreachable),
        libc::EHOSTUNREACH | libc::EHOSTDOWN => Meaning::Failure(Reason::HostUnreachable),
        libc::EMFILE | libc::ENFILE => Meaning::Fault(Fault::Descriptors),
        // ENOSPC: the limit of descriptors that an event queue may watch.
        libc::ENOBUFS | libc::ENOMEM | libc::ENOSPC => Meaning::Fault(Fault::Memory),
        // EAGAIN: no free local port, says connect(2). EAFNOSUPPORT: a kernel without that family.
        libc::EADDRNOTAVAIL | libc::EADDRINUSE | libc::EAGAIN | libc::EAFNOSUPPORT => {
            Meaning::Fault(Fault::LocalAddress)
        }
        _ if place == Place::Later => Meaning::Failure(Reason::HostUnreachable),
        libc::EACCES | libc::EPERM => Meaning::Fault(Fault::Denied),
        _ => Meaning::Fault(Fault::Route),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(errno: i32, place: Place) -> String {
        match outcome(&io::Error::from_raw_os_error(errno), place, Duration::ZERO, 0) {
            Outcome::Failed(failure) => format!("{:?} {:?}", failure.reason, failure.place),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_number_means_what_its_place_makes_it_mean() {
        for (errno, at_call, later) in [
            (libc::ECONNREFUSED, "Refused Later", "Refused Later"),
            (libc::ECONNRESET, "Reset Later", "Reset Later"),
            (libc::ENETUNREACH, "NetworkUnreachable AtCall", "NetworkUnreachable Later"),
            (libc::EHOSTUNREACH, "HostUnreachable AtCall", "HostUnreachable Later"),
            (libc::EACCES, "Inconclusive(Denied)", "HostUnreachable Later"),
            (libc::EPERM, "Inconclusive(Denied)", "HostUnreachable Later"),
            (libc::EINVAL, "Inconclusive(Route)", "HostUnreachable Later"),
            (libc::EPROTO, "Inconclusive(Route)", "HostUnreachable Later"),
            (libc::ENOPROTOOPT, "Inconclusive(Route)", "HostUnreachable Later"),
            (libc::EMFILE, "Inconclusive(Descriptors)", "Inconclusive(Descriptors)"),
            (libc::ENOBUFS, "Inconclusive(Memory)", "Inconclusive(Memory)"),
            (libc::EADDRNOTAVAIL, "Inconclusive(LocalAddress)", "Inconclusive(LocalAddress)"),
        ] {
            assert_eq!(read(errno, Place::AtCall), at_call, "{errno} at the call");
            assert_eq!(read(errno, Place::Later), later, "{errno} later");
        }
    }
}
