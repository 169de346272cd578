//! What programs may do over HTTP: the section `[serve]`.

use super::reader::Reader;
use super::value::{self, Wrong};
use crate::domain::text::clean;
use crate::domain::{Address, Host};
use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const KEYS: [&str; 2] = ["allow", "max_series"];
/// How many entries the list may have.
const ALLOWED_MAX: usize = 256;
const ALLOWED_LENGTH_MAX: usize = 300;
const SERIES: RangeInclusive<u32> = 100..=10_000_000;

/// The section `[serve]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serve {
    /// Where targets may lie that are added or changed over HTTP; nowhere if it is empty.
    pub allow: Vec<Allowed>,
    /// How many series `/metrics` has at most.
    pub max_series: u32,
}

/// A network, a name, or all names of a domain, with ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    hosts: Hosts,
    ports: RangeInclusive<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    /// Addresses that begin with so many bits of this one.
    Network(IpAddr, u8),
    /// This name. What it resolves to is the business of whoever answers for it.
    Name(String),
    /// Every name that ends in a dot and this.
    Domain(String),
}

/// It is no network, name or domain with ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a network nor a name")]
pub struct NotAllowed;

impl Default for Serve {
    fn default() -> Self {
        Self { allow: Vec::new(), max_series: 100_000 }
    }
}

impl Allowed {
    /// This address and no other; the interface of a link-local one does not count.
    pub fn only(address: &Address) -> Self {
        let hosts = match &address.host {
            Host::V4(host) => Hosts::Network(IpAddr::V4(*host), 32),
            Host::V6(host, _) => match host.to_canonical() {
                inner @ IpAddr::V4(_) => Hosts::Network(inner, 32),
                host @ IpAddr::V6(_) => Hosts::Network(host, 128),
            },
            Host::Name(name) => Hosts::Name(name.clone()),
        };
        Self { hosts, ports: address.port.get()..=address.port.get() }
    }

    /// Whether this address is among them. An address is never taken for a name, nor the other way around.
    pub fn includes(&self, address: &Address) -> bool {
        let hosts = match (&self.hosts, &address.host) {
            (Hosts::Network(network, bits), Host::V4(host)) => is_in(*network, *bits, IpAddr::V4(*host)),
            (Hosts::Network(network, bits), Host::V6(host, _)) => is_in(*network, *bits, host.to_canonical()),
            (Hosts::Name(name), Host::Name(host)) => name == host,
            (Hosts::Domain(domain), Host::Name(host)) => {
                host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            _ => false,
        };
        hosts && self.ports.contains(&address.port.get())
    }
}

fn is_in(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let differ = network.to_bits() ^ address.to_bits();
            differ.checked_shr(32 - u32::from(bits)).unwrap_or(0) == 0
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let differ = network.to_bits() ^ address.to_bits();
            differ.checked_shr(128 - u32::from(bits)).unwrap_or(0) == 0
        }
        _ => false,
    }
}

impl FromStr for Allowed {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        let (hosts, ports) = match text.rsplit_once(':') {
            Some((hosts, ports)) if !hosts.contains(':') || hosts.contains(']') => (hosts, read_ports(ports)?),
            _ => (text, 1..=u16::MAX),
        };
        let (host, bits) = match hosts.split_once('/') {
            Some((host, bits)) => (host, Some(bits)),
            None => (hosts, None),
        };
        let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let hosts = match (host.parse::<IpAddr>(), bits) {
            (Ok(address), bits) => {
                let most = if address.is_ipv4() { 32 } else { 128 };
                let bits = bits.map_or(Ok(most), str::parse).ok().filter(|bits| *bits <= most).ok_or(NotAllowed)?;
                match address.to_canonical() {
                    // An IPv4 address in the dress of IPv6, whole.
                    IpAddr::V4(inner) if bits == most => Hosts::Network(inner.into(), 32),
                    _ => Hosts::Network(address, bits),
                }
            }
            (Err(_), Some(_)) => return Err(NotAllowed),
            (Err(_), None) => match host.strip_prefix("*.") {
                Some(domain) => Hosts::Domain(name(domain)?),
                None => Hosts::Name(name(host)?),
            },
        };
        Ok(Self { hosts, ports })
    }
}

fn name(text: &str) -> Result<String, NotAllowed> {
    match text.parse() {
        Ok(Host::Name(name)) => Ok(name),
        _ => Err(NotAllowed),
    }
}

fn read_ports(text: &str) -> Result<RangeInclusive<u16>, NotAllowed> {
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0).ok_or(NotAllowed);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let ports = port(first)?..=port(last)?;
    if ports.is_empty() { Err(NotAllowed) } else { Ok(ports) }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hosts {
            Hosts::Network(IpAddr::V6(network), bits) => write!(f, "[{network}]/{bits}")?,
            Hosts::Network(network, bits) => write!(f, "{network}/{bits}")?,
            Hosts::Name(name) => f.write_str(name)?,
            Hosts::Domain(domain) => write!(f, "*.{domain}")?,
        }
        match (*self.ports.start(), *self.ports.end()) {
            (1, u16::MAX) => Ok(()),
            (first, last) if first == last => write!(f, ":{first}"),
            (first, last) => write!(f, ":{first}-{last}"),
        }
    }
}

/// Reads the section.
pub(super) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>, serve: &mut Serve) {
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "allow" => serve.allow = read_allowed(reader, value),
            "max_series" => reader.set(&mut serve.max_series, value, value::count(value.get_ref(), &SERIES)),
            _ => reader.unknown(key, "[serve]", &KEYS),
        }
    }
}

fn read_allowed(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Vec<Allowed> {
    let hint = "\"10.0.0.0/8:5432\", \"[2001:db8::]/32\", \"db1.internal:1-1023\" or \"*.internal\"";
    let mut allowed = Vec::new();
    for entry in reader.list(value, &format!("[{hint}]"), ALLOWED_MAX).into_iter().flatten() {
        let read = value::text(entry.get_ref(), ALLOWED_LENGTH_MAX).and_then(|text| {
            text.parse::<Allowed>().map_err(|error| {
                Wrong::new(format!("`{}` is {error} with ports", clean(&text, 60)), format!("write {hint}"))
            })
        });
        match read {
            Ok(entry) => allowed.push(entry),
            Err(wrong) => reader.refuse(entry.span(), wrong),
        }
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allowed_includes_what_it_says_and_nothing_else() {
        for (allowed, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1:1", "11.0.0.1:1"),
            ("10.0.0.0/8:5432", "10.1.2.3:5432", "10.1.2.3:5433"),
            ("10.0.0.0/8:1000-1999", "10.1.2.3:1999", "10.1.2.3:2000"),
            ("10.0.0.7", "10.0.0.7:80", "10.0.0.8:80"),
            ("0.0.0.0/0", "192.0.2.1:80", "[2001:db8::1]:80"),
            ("::/0", "[2001:db8::1]:80", "192.0.2.1:80"),
            ("2001:db8::/32", "[2001:db8:1::1]:80", "[2001:db9::1]:80"),
            ("[2001:db8::]/32:443", "[2001:db8::1]:443", "[2001:db8::1]:80"),
            ("[2001:db8::1]:443", "[2001:db8::1]:443", "[2001:db8::2]:443"),
            ("127.0.0.0/8", "[::ffff:127.0.0.1]:80", "[::1]:80"),
            ("db1.internal:5432", "DB1.internal:5432", "db1.internal.evil.example:5432"),
            ("*.internal", "db1.prod.internal:1", "internal:1"),
            ("*.internal", "db1.internal:1", "db1-internal:1"),
            ("*.internal", "a.internal:1", "10.0.0.1:1"),
        ] {
            let entry: Allowed = allowed.parse().expect(allowed);
            assert!(entry.includes(&inside.parse().expect(inside)), "{allowed} includes {inside}");
            assert!(!entry.includes(&outside.parse().expect(outside)), "{allowed} does not include {outside}");
            let again: Allowed = entry.to_string().parse().expect("it is written as it is read");
            assert_eq!(again, entry, "{allowed}");
        }
    }

    #[test]
    fn an_address_can_be_allowed_alone() {
        for text in ["db1:5432", "10.0.0.7:80", "[2001:db8::1]:443", "[::ffff:10.0.0.7]:80", "[fe80::1%eth0]:22"] {
            let address = text.parse().expect(text);
            let read: Allowed = Allowed::only(&address).to_string().parse().expect(text);
            assert!(read.includes(&address), "{read} includes {text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in [
            "",
            "*",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/8:",
            "10.0.0.0/8:0",
            "10.0.0.0/8:2-1",
            "db1/8",
            "10.0.0/8",
            "::/129",
            "*.",
            "*.10.0.0.1",
            "db 1",
            "10.0.0.0/8:65536",
            "db*.internal",
        ] {
            assert!(text.parse::<Allowed>().is_err(), "{text}");
        }
    }
}
