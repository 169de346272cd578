//! What outages that began together have in common: a host, a network, a port, a reason.

use super::{Address, Host, Port, Reason};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How an outage began, as far as it can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onset<'o> {
    /// What the target connects to.
    pub address: Option<&'o Address>,
    /// Where its first failing check went.
    pub reached: Option<IpAddr>,
    /// Why that failed.
    pub reason: Reason,
}

/// Something that outages can share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shared {
    /// The host.
    Host(String),
    /// The network: the first 24 bits of an IPv4 address, the first 64 of an IPv6 address.
    Network(String),
    /// The reason.
    Reason(Reason),
    /// The port.
    Port(Port),
}

/// Something that most of them share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// What.
    pub shared: Shared,
    /// How many of them.
    pub count: usize,
    /// Of how many.
    pub of: usize,
}

/// What at least two thirds of them share, and at least two. A network says nothing beside the host that
/// all who are in it share.
pub fn likenesses(onsets: &[Onset<'_>]) -> Vec<Likeness> {
    let of = onsets.len();
    let common = |share: &dyn Fn(&Onset<'_>) -> Option<Shared>| {
        let mut counts: BTreeMap<Shared, usize> = BTreeMap::new();
        for shared in onsets.iter().filter_map(share) {
            *counts.entry(shared).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.filter(|(_, count)| *count >= 2 && *count * 3 >= of * 2).map(|(shared, count)| Likeness {
            shared,
            count,
            of,
        })
    };
    let host = common(&|onset| Some(Shared::Host(onset.address?.host.to_string())));
    let network = common(&|onset| Some(Shared::Network(network(ip(onset)?))));
    let network = network.filter(|network| host.as_ref().is_none_or(|host| host.count < network.count));
    let reason = common(&|onset| Some(Shared::Reason(onset.reason)));
    let port = common(&|onset| Some(Shared::Port(onset.address?.port)));
    [host, network, reason, port].into_iter().flatten().collect()
}

fn ip(onset: &Onset<'_>) -> Option<IpAddr> {
    onset.reached.or_else(|| match onset.address.map(|address| &address.host) {
        Some(host @ (Host::V4(_) | Host::V6(..))) => host.literal(),
        _ => None,
    })
}

fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `address reason`, and what is named of them: `3/3 host db1`.
    fn named(outages: &[(&str, Reason)]) -> String {
        let addresses: Vec<Address> = outages.iter().map(|(text, _)| text.parse().expect("an address")).collect();
        let onsets: Vec<Onset<'_>> = addresses
            .iter()
            .zip(outages)
            .map(|(address, (_, reason))| Onset { address: Some(address), reached: None, reason: *reason })
            .collect();
        let words = likenesses(&onsets).into_iter().map(|Likeness { shared, count, of }| {
            let what = match shared {
                Shared::Host(host) => format!("host {host}"),
                Shared::Network(network) => format!("network {network}"),
                Shared::Reason(reason) => reason.word().to_owned(),
                Shared::Port(port) => format!("port {port}"),
            };
            format!("{count}/{of} {what}")
        });
        words.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn the_common_factor_is_named_and_how_many_have_it() {
        use Reason::{Refused, TimedOut};
        for (outages, expected) in [
            (&[("db1:1", Refused), ("db1:2", TimedOut)][..], "2/2 host db1"),
            (&[("10.4.7.1:1", TimedOut), ("10.4.7.2:2", TimedOut)], "2/2 network 10.4.7.0/24, 2/2 timeout"),
            (
                &[("10.4.7.1:1", TimedOut), ("10.4.7.1:2", Refused), ("10.4.7.9:3", Refused)],
                "2/3 host 10.4.7.1, 3/3 network 10.4.7.0/24, 2/3 refused",
            ),
            (
                &[("[2001:db8::1]:22", Refused), ("[2001:db8::2]:22", TimedOut)],
                "2/2 network 2001:db8::/64, 2/2 port 22",
            ),
            (&[("a:1", Refused), ("b:2", TimedOut)], ""),
            (&[("a:1", Refused), ("b:1", TimedOut), ("c:2", TimedOut), ("d:3", Refused)], ""),
            (&[("a:1", Refused)], ""),
            (&[], ""),
        ] {
            assert_eq!(named(outages), expected, "{outages:?}");
        }
    }
}
