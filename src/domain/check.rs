//! One connection attempt and what came of it, sorted by whose fault it was.

use super::{EndpointId, Grade, VantageId, Wall};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// Which stopwatch a connect time was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Clocked {
    /// `TCP_INFO.tcpi_rtt`: the kernel's own figure, within microseconds of the wire.
    Kernel,
    /// Our own clock around the call: errs by milliseconds on a busy host.
    Stopwatch,
    /// No stopwatch: an evaluation has worked it out from the checks of a round, and calls the target this.
    Round(Grade),
}

/// How long a successful connection took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timing {
    /// Connect time, microseconds exact.
    pub connect: Duration,
    /// Where the figure came from.
    pub clocked: Clocked,
    /// SYNs that were lost and sent again: packet loss, not a slow service.
    pub syn_lost: u8,
}

/// Why a target did not answer (S87, S151 to S154).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// The host answers, nothing listens: closed.
    Refused,
    /// No answer: filtered or slow.
    TimedOut,
    /// The connection was made and torn down at once.
    Reset,
    /// The name has no address.
    DnsFailed,
    /// No route to the network.
    NetworkUnreachable,
    /// No route to the host.
    HostUnreachable,
    /// The port is open and should not be, or answers and should refuse.
    Unexpected,
    /// Its evaluation says so, though no endpoint failed.
    Judged,
}

/// How many reasons there are.
pub const REASONS: usize = 8;

/// How many checks failed by reason, in the order of [`Reason::ALL`].
pub type Failures = [u32; REASONS];

/// Where in an attempt the failure showed itself: an error at the call is ours or our routing
/// table's, one that arrives later is the path's or the target's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// While looking up the name.
    Lookup,
    /// At the connect call itself, before a packet left.
    AtCall,
    /// From the network.
    Later,
}

/// What a failing name look-up said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NameFailure {
    /// NXDOMAIN.
    NoSuchName,
    /// The name exists and has no address (of the wanted family).
    NoAddress,
}

/// A failure of the target or of the path to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Failure {
    /// In which of the six ways.
    pub reason: Reason,
    /// Where it showed.
    pub place: Place,
    /// The kernel's error number, where there was one.
    pub errno: Option<i32>,
    /// What the resolver said, where it was the name.
    pub name: Option<NameFailure>,
    /// Time from the start of the connect (or of the look-up) to the failure.
    pub after: Duration,
    /// SYNs that were sent again in vain.
    pub syn_lost: u8,
}

/// A fault of our own machine: it says nothing about the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fault {
    /// EMFILE, ENFILE, or no head-room left when a name look-up failed.
    Descriptors,
    /// EADDRNOTAVAIL: no local port or no local address of that family.
    LocalAddress,
    /// ENOBUFS, ENOMEM.
    Memory,
    /// EACCES, EPERM: a local policy or a `prohibit` route.
    Denied,
    /// EINVAL: a `blackhole` route or an interface that is not there.
    Route,
    /// The resolver did not answer in time.
    ResolverTimedOut,
    /// The resolver answered that it cannot answer (SERVFAIL, REFUSED).
    ResolverFailed,
    /// Our own process was stopped, suspended or starved while the check ran.
    Stalled,
    /// More checks were wanted than may be in flight.
    Overload,
    /// The check was called off.
    Cancelled,
    /// The script that judges the round failed.
    Script,
    /// The script that judges the round says that there is maintenance (S48).
    Maintenance,
    /// Checks of the round said nothing, and it depends on them.
    Undecided,
}

/// What came of one check, by whose fault it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// The handshake completed (S86).
    Open(Timing),
    /// The target or the path failed.
    Failed(Failure),
    /// We failed; never a failure of the target.
    Inconclusive(Fault),
}

/// The way that a check takes. Our own side may be out on one of them and fine on the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Path {
    /// To IPv4 addresses of other machines.
    Ipv4,
    /// To IPv6 addresses of other machines.
    Ipv6,
    /// Only as far as the resolver: the name has no address.
    Names,
    /// Not beyond this machine.
    Loopback,
}

/// One finished check as history keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Of which endpoint.
    pub endpoint: EndpointId,
    /// From where.
    pub vantage: VantageId,
    /// When the attempt started.
    pub at: Wall,
    /// What came of it.
    pub outcome: Outcome,
    /// How long the name look-up took; `None` for a literal or an answer from the hosts file.
    pub dns: Option<Duration>,
    /// The address that the outcome is about, if the name had one.
    pub address: Option<IpAddr>,
    /// How many addresses were tried, at most 8.
    pub tried: u8,
    /// How many of them answered.
    pub answered: u8,
}

impl Outcome {
    /// Whether the handshake completed.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// Why it failed, if it was the target's or the path's fault.
    pub const fn reason(&self) -> Option<Reason> {
        match self {
            Self::Failed(failure) => Some(failure.reason),
            Self::Open(_) | Self::Inconclusive(_) => None,
        }
    }

    /// Whether it says anything about the target. A fault of our own does not, and neither does a
    /// call that this machine's own routing table has turned down (ENETUNREACH, EHOSTUNREACH).
    pub const fn is_conclusive(&self) -> bool {
        match self {
            Self::Open(_) => true,
            Self::Failed(failure) => {
                let is_unreachable = matches!(failure.reason, Reason::NetworkUnreachable | Reason::HostUnreachable);
                !(is_unreachable && matches!(failure.place, Place::AtCall))
            }
            Self::Inconclusive(_) => false,
        }
    }
}

impl Path {
    /// Every path, in the order of [`Path::index`].
    pub const ALL: [Self; 4] = [Self::Ipv4, Self::Ipv6, Self::Names, Self::Loopback];

    /// Its place in [`Path::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The way to this address.
    pub fn to(address: IpAddr) -> Self {
        match address {
            _ if address.is_loopback() => Self::Loopback,
            IpAddr::V4(_) => Self::Ipv4,
            IpAddr::V6(_) => Self::Ipv6,
        }
    }

    /// What people call it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
            Self::Names => "names",
            Self::Loopback => "loopback",
        }
    }
}

impl Check {
    /// The way that it took, `None` if it never set out.
    pub fn path(&self) -> Option<Path> {
        match (self.address, self.outcome.reason()) {
            (Some(address), _) => Some(Path::to(address)),
            (None, Some(Reason::DnsFailed)) => Some(Path::Names),
            (None, _) => None,
        }
    }

    /// When its outcome was known, as far as its own figures tell: a name with several addresses may
    /// have taken longer.
    pub fn ended_at(&self) -> Wall {
        let connecting = match self.outcome {
            Outcome::Open(timing) => timing.connect,
            Outcome::Failed(failure) => failure.after,
            Outcome::Inconclusive(_) => Duration::ZERO,
        };
        let looking_up = self.dns.filter(|_| self.outcome.reason() != Some(Reason::DnsFailed));
        self.at + connecting + looking_up.unwrap_or_default()
    }

    /// DNS and connect together (S24, S137), for a check that connected.
    pub fn latency(&self) -> Option<Duration> {
        match self.outcome {
            Outcome::Open(timing) => Some(timing.connect + self.dns.unwrap_or_default()),
            Outcome::Failed(_) | Outcome::Inconclusive(_) => None,
        }
    }
}

impl Reason {
    /// Its word for other programs: in exports, labels and answers, and never another one.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::Reset => "reset",
            Self::DnsFailed => "dns_failed",
            Self::NetworkUnreachable => "network_unreachable",
            Self::HostUnreachable => "host_unreachable",
            Self::Unexpected => "unexpected",
            Self::Judged => "judged",
        }
    }

    /// Every reason, in the order in which counts are kept.
    pub const ALL: [Self; REASONS] = [
        Self::Refused,
        Self::TimedOut,
        Self::Reset,
        Self::DnsFailed,
        Self::NetworkUnreachable,
        Self::HostUnreachable,
        Self::Unexpected,
        Self::Judged,
    ];

    /// Its place in [`Reason::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The sentence that people know it by (S151 to S154).
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Refused => "Connection refused",
            Self::TimedOut => "Connection timed out",
            Self::Reset => "Connection reset",
            Self::DnsFailed => "DNS resolution failed",
            Self::NetworkUnreachable | Self::HostUnreachable => "Network unreachable",
            Self::Unexpected => "Open, and should not be",
            Self::Judged => "Judged down",
        }
    }

    /// One short word for a table cell, at most eight columns.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::TimedOut => "timeout",
            Self::Reset => "reset",
            Self::DnsFailed => "no name",
            Self::NetworkUnreachable | Self::HostUnreachable => "no route",
            Self::Unexpected => "is open",
            Self::Judged => "judged",
        }
    }
}

impl Fault {
    /// Its word for other programs.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Descriptors => "descriptors",
            Self::LocalAddress => "local_address",
            Self::Memory => "memory",
            Self::Denied => "denied",
            Self::Route => "route",
            Self::ResolverTimedOut => "resolver_timed_out",
            Self::ResolverFailed => "resolver_failed",
            Self::Stalled => "stalled",
            Self::Overload => "overload",
            Self::Cancelled => "cancelled",
            Self::Script => "script",
            Self::Maintenance => "maintenance",
            Self::Undecided => "undecided",
        }
    }

    /// One short word for a table cell, at most eight columns.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Descriptors => "no files",
            Self::LocalAddress => "no port",
            Self::Memory => "no mem",
            Self::Denied => "denied",
            Self::Route => "no route",
            Self::ResolverTimedOut | Self::ResolverFailed => "resolver",
            Self::Stalled => "stalled",
            Self::Overload => "overload",
            Self::Cancelled => "off",
            Self::Script => "script",
            Self::Maintenance => "maint.",
            Self::Undecided => "unclear",
        }
    }

    /// What is the matter with us, in words.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Descriptors => "out of file descriptors here",
            Self::LocalAddress => "no free local port or address here",
            Self::Memory => "out of network memory here",
            Self::Denied => "not permitted here",
            Self::Route => "no usable local route",
            Self::ResolverTimedOut => "the resolver does not answer",
            Self::ResolverFailed => "the resolver reports a failure",
            Self::Stalled => "this machine was stopped or overloaded",
            Self::Overload => "too many checks in flight",
            Self::Cancelled => "called off",
            Self::Script => "the script that judges it failed",
            Self::Maintenance => "in maintenance, its script says",
            Self::Undecided => "too few of its checks say anything",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_of_a_reason_is_its_place_in_all() {
        for (place, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason.index(), place);
        }
    }
}
