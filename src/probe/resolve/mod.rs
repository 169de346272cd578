//! What a host means: literals as they are, then our own hosts table, then DNS, then the system.

mod breaker;
mod dns;
mod file;
mod hosts;
mod search;
mod switch;
mod system;

use super::Limits;
use super::limits::has_descriptor_room;
use crate::domain::{Endpoint, Family, Fault, Host, NameFailure};
use breaker::Breaker;
use dns::Dns;
use file::Watched;
use hosts::HostsTable;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use switch::Switch;
use system::System;
use tokio::time::{Instant, timeout_at};

/// How many addresses of a name are tried.
const ADDRESSES_MAX: usize = 8;

/// Where a host is to be found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    /// At least one, at most 8, sorted by family and number.
    pub addresses: Vec<SocketAddr>,
    /// How long the look-up took; none for a literal and for the hosts file.
    pub took: Option<Duration>,
}

/// Why a host is to be found nowhere, and how long the look-up took if there was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// The name itself is wrong.
    Failed(NameFailure, Option<Duration>),
    /// We could not find out.
    Inconclusive(Fault, Option<Duration>),
}

/// Why a look-up gave no address. The order is that of what counts when several names of a search
/// list were asked: trouble with the resolver leaves the question open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    NoSuchName,
    NoAddress,
    Refused,
    TimedOut,
    Descriptors,
    Overload,
}

type Answer = Result<Vec<IpAddr>, Trouble>;

/// The name service of one prober.
#[derive(Debug)]
pub(super) struct Names {
    hosts: Mutex<Watched<HostsTable>>,
    dns: Mutex<Watched<Arc<Dns>>>,
    switch: Mutex<Watched<Switch>>,
    breaker: Mutex<Breaker>,
    system: System,
}

impl Names {
    pub fn new(limits: &Limits) -> Self {
        let port = limits.name_server_port;
        Self {
            hosts: Mutex::new(Watched::new(limits.names.join("hosts"), HostsTable::read)),
            dns: Mutex::new(Watched::new(limits.names.join("resolv.conf"), move |text| Arc::new(Dns::new(text, port)))),
            switch: Mutex::new(Watched::new(limits.names.join("nsswitch.conf"), Switch::read)),
            breaker: Mutex::new(Breaker::default()),
            system: System::default(),
        }
    }

    /// Finds the addresses of an endpoint's host, of the family that it asks for.
    pub async fn resolve(&self, endpoint: &Endpoint, deadline: Instant) -> Result<Resolved, Unresolved> {
        let (family, port) = (endpoint.family, endpoint.address.port.get());
        let name = match &endpoint.address.host {
            Host::V4(address) => return literal(SocketAddr::new((*address).into(), port), family),
            Host::V6(address, zone) => return literal(zoned(*address, zone.as_deref(), port)?, family),
            Host::Name(name) => name,
        };
        if let Some(found) = chosen(locked(&self.hosts).current().find(name), family, port) {
            return Ok(Resolved { addresses: found, took: None });
        }
        let started = Instant::now();
        // Boxed, as checks of literals would pay for its size otherwise.
        let asked = Box::pin(self.ask(name, family, deadline)).await;
        let (answer, took) = asked.map_err(|fault| Unresolved::Inconclusive(fault, None))?;
        let took = Some(took.unwrap_or_else(|| started.elapsed()));
        match answer {
            Ok(addresses) => match chosen(&addresses, family, port) {
                Some(addresses) => Ok(Resolved { addresses, took }),
                None => Err(Unresolved::Failed(NameFailure::NoAddress, took)),
            },
            // A shortage of descriptors looks like anything, even like a name that does not exist.
            Err(_) if !has_descriptor_room() => Err(Unresolved::Inconclusive(Fault::Descriptors, took)),
            Err(Trouble::NoSuchName) => Err(Unresolved::Failed(NameFailure::NoSuchName, took)),
            Err(Trouble::NoAddress) => Err(Unresolved::Failed(NameFailure::NoAddress, took)),
            Err(Trouble::Refused) => Err(Unresolved::Inconclusive(Fault::ResolverFailed, took)),
            Err(Trouble::TimedOut) => Err(Unresolved::Inconclusive(Fault::ResolverTimedOut, took)),
            Err(Trouble::Descriptors) => Err(Unresolved::Inconclusive(Fault::Descriptors, took)),
            Err(Trouble::Overload) => Err(Unresolved::Inconclusive(Fault::Overload, took)),
        }
    }

    /// Asks DNS or the system, unless the resolver is known to be down. DNS tells itself how long
    /// it took, since it may have waited for the second family for nothing.
    async fn ask(&self, name: &str, family: Family, deadline: Instant) -> Result<(Answer, Option<Duration>), Fault> {
        if !locked(&self.breaker).admits(Instant::now()) {
            return Err(Fault::ResolverTimedOut);
        }
        let asking = async {
            if locked(&self.switch).current().asks_system(name) {
                (self.system.look_up(name, family, deadline).await, None)
            } else {
                let dns = Arc::clone(locked(&self.dns).current());
                dns.look_up(name, family).await
            }
        };
        let (answer, took) = timeout_at(deadline, asking).await.unwrap_or((Err(Trouble::TimedOut), None));
        match answer {
            Err(Trouble::TimedOut) => locked(&self.breaker).timed_out(name, Instant::now()),
            Err(Trouble::Descriptors | Trouble::Overload) => {}
            Ok(_) | Err(Trouble::NoSuchName | Trouble::NoAddress | Trouble::Refused) => {
                locked(&self.breaker).answered(Instant::now());
            }
        }
        Ok((answer, took))
    }
}

/// A panic while one of these was held left nothing half-done in it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn literal(address: SocketAddr, family: Family) -> Result<Resolved, Unresolved> {
    if is_of(family, address.ip()) {
        Ok(Resolved { addresses: vec![address], took: None })
    } else {
        Err(Unresolved::Failed(NameFailure::NoAddress, None))
    }
}

/// A literal with the number of its interface. The C library reads a literal with a zone without
/// asking anybody, and it alone knows interfaces by name on every system.
fn zoned(address: Ipv6Addr, zone: Option<&str>, port: u16) -> Result<SocketAddr, Unresolved> {
    let Some(zone) = zone else { return Ok(SocketAddr::V6(SocketAddrV6::new(address, port, 0, 0))) };
    let found = (format!("{address}%{zone}"), port).to_socket_addrs().ok().and_then(|mut found| found.next());
    found.ok_or(Unresolved::Inconclusive(Fault::Route, None))
}

fn is_of(family: Family, address: IpAddr) -> bool {
    match family {
        Family::Auto | Family::Both => true,
        Family::Ipv4 => address.is_ipv4(),
        Family::Ipv6 => address.is_ipv6(),
    }
}

/// Whether a connection to the address means anything: the unspecified address, with which some
/// resolvers answer for names they block, would reach this machine.
fn is_usable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_unspecified() && !address.is_multicast() && address.octets()[0] < 240,
        IpAddr::V6(address) => !address.is_unspecified() && !address.is_multicast(),
    }
}

/// The addresses to try: usable, of the family, each once, sorted so that rows stay put. Of more
/// than 8 the lowest of each family, so that neither crowds the other out. `None` when none is left.
fn chosen(addresses: &[IpAddr], family: Family, port: u16) -> Option<Vec<SocketAddr>> {
    let usable = addresses.iter().copied().filter(|address| is_of(family, *address) && is_usable(*address));
    let (mut v4, mut v6): (Vec<IpAddr>, Vec<IpAddr>) = usable.partition(IpAddr::is_ipv4);
    for addresses in [&mut v4, &mut v6] {
        addresses.sort_unstable();
        addresses.dedup();
    }
    let half = ADDRESSES_MAX / 2;
    let v6_max = ADDRESSES_MAX - v4.len().min(half.max(ADDRESSES_MAX.saturating_sub(v6.len())));
    v6.truncate(v6_max);
    v4.truncate(ADDRESSES_MAX - v6.len());
    let all: Vec<SocketAddr> = v4.into_iter().chain(v6).map(|address| SocketAddr::new(address, port)).collect();
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    fn pick(addresses: &[&str], family: Family) -> String {
        let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
        let all = chosen(&addresses, family, 1).unwrap_or_default();
        all.iter().map(|address| address.ip().to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn addresses_are_sorted_single_usable_and_of_the_family() {
        let mixed = ["::1", "10.0.0.2", "10.0.0.1", "10.0.0.2", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::"];
        assert_eq!(pick(&mixed, Family::Auto), "10.0.0.1 10.0.0.2 ::1");
        assert_eq!(pick(&mixed, Family::Ipv4), "10.0.0.1 10.0.0.2");
        assert_eq!(pick(&mixed, Family::Ipv6), "::1");
        assert_eq!(pick(&["0.0.0.0"], Family::Auto), "");
    }

    #[test]
    fn of_too_many_addresses_neither_family_crowds_the_other_out() {
        let v4: Vec<String> = (1..=20).map(|n| format!("10.0.0.{n}")).collect();
        let v6: Vec<String> = (1..=20).map(|n| format!("::{n:x}")).collect();
        let count = |v4_count: usize, v6_count: usize| {
            let both: Vec<&str> = v4[..v4_count].iter().chain(&v6[..v6_count]).map(String::as_str).collect();
            let picked = pick(&both, Family::Auto);
            let six = picked.split(' ').filter(|address| address.contains(':')).count();
            (picked.split(' ').count() - six, six)
        };
        assert_eq!(count(20, 20), (4, 4));
        assert_eq!(count(20, 1), (7, 1));
        assert_eq!(count(1, 20), (1, 7));
        assert_eq!(count(20, 0), (8, 0));
        assert_eq!(count(3, 5), (3, 5));
        assert_eq!(count(6, 3), (5, 3));
    }

    #[test]
    fn a_zone_becomes_the_number_of_an_interface_that_must_exist() {
        let address: Ipv6Addr = "fe80::1".parse().unwrap();
        let Ok(SocketAddr::V6(found)) = zoned(address, Some("7"), 22) else { panic!("a number is taken as it is") };
        assert_eq!((found.scope_id(), found.port()), (7, 22));
        assert_eq!(zoned(address, Some("no-such-if"), 22), Err(Unresolved::Inconclusive(Fault::Route, None)));
    }
}
