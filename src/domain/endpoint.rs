//! Where a connection goes: host, port, address family, and how the check leaves again.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroU16, NonZeroU32};
use std::str::FromStr;
use std::time::Duration;

/// A TCP port, 1 to 65535 (S40, S98).
pub type Port = NonZeroU16;

/// The longest DNS name, in bytes without the trailing dot (RFC 1035, 2.3.4).
const NAME_BYTES_MAX: usize = 253;
/// The longest label of a DNS name, in bytes (RFC 1035, 2.3.4).
const LABEL_BYTES_MAX: usize = 63;

/// The host part of an address: a literal is never looked up, a name always is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Host {
    /// An IPv4 literal in four decimal parts. `127.1` and `0177.0.0.1` are refused, because
    /// resolvers disagree about what they mean.
    V4(Ipv4Addr),
    /// An IPv6 literal, with the zone (an interface name or index) that link-local ones need.
    V6(Ipv6Addr, Option<String>),
    /// A DNS name in lower case, without the trailing dot. Underscores are allowed.
    Name(String),
}

/// `host:port`, as the user writes it and as history is keyed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    /// A name or a literal.
    pub host: Host,
    /// 1 to 65535.
    pub port: Port,
}

/// Which addresses of a name are tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Both families, side by side; up when one address answers.
    #[default]
    Auto,
    /// IPv4 only.
    Ipv4,
    /// IPv6 only (S69).
    Ipv6,
    /// Both families; a family in which no address answers is a loss.
    Both,
}

impl Family {
    /// Whether the host can have an address of this family: a literal has only its own.
    pub const fn admits(self, host: &Host) -> bool {
        !matches!((self, host), (Self::Ipv6, Host::V4(_)) | (Self::Ipv4, Host::V6(..)))
    }
}

/// How many addresses of a name have to answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Addresses {
    /// One is enough.
    #[default]
    Any,
    /// Each is judged; some that do not answer are a loss.
    Every,
}

/// What a check is expected to find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// The port is open.
    #[default]
    Open,
    /// The host refuses, which proves it alive.
    Refused,
    /// The port cannot be reached: open is the fault.
    Closed,
}

/// How much of the TCP handshake a check performs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Handshake {
    /// SYN, SYN-ACK, RST: the service behind the port is never woken.
    #[default]
    Silent,
    /// The whole handshake, then a polite FIN.
    Full,
}

/// One thing to connect to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// Where to.
    pub address: Address,
    /// Which addresses of a name.
    pub family: Family,
    /// How long one attempt may take, name look-up included.
    pub timeout: Duration,
    /// How the check leaves.
    pub handshake: Handshake,
    /// How many addresses of a name have to answer.
    #[serde(default)]
    pub addresses: Addresses,
    /// What the check is expected to find.
    #[serde(default)]
    pub expect: Expect,
    /// How much it counts among the endpoints of its target, where the evaluation asks for that.
    #[serde(default = "Endpoint::weight")]
    pub weight: NonZeroU32,
}

/// Why a text is no `host:port`; the message says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was written.
    #[error("nothing there: write host:port")]
    Empty,
    /// No port.
    #[error("`{0}` has no port: write {0}:PORT")]
    NoPort(String),
    /// The port is not a number from 1 to 65535.
    #[error("`{0}` is no port: use 1 to 65535")]
    BadPort(String),
    /// An IPv6 literal without brackets in front of a port.
    #[error("an IPv6 address with a port needs brackets: [{0}]:PORT")]
    Unbracketed(String),
    /// Neither a name nor a literal.
    #[error("`{0}` is no host name or IP address")]
    BadHost(String),
    /// An IPv4 literal in a form that programs disagree about.
    #[error("`{0}` looks like an IPv4 address: write all four parts in decimal")]
    ShortV4(String),
    /// An address that no connection can be made to.
    #[error("`{0}` cannot be connected to: {1}")]
    Unusable(String, &'static str),
    /// A link-local IPv6 address without its interface.
    #[error("`{0}` is link-local: name the interface, as in [{0}%eth0]")]
    NoZone(String),
    /// A scheme other than `tcp://`.
    #[error("`{0}://` is not a TCP target: write host:port")]
    Scheme(String),
}

impl FromStr for Host {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return v6(inner);
        }
        if text.contains(':') {
            return v6(text);
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return usable_v4(address).map(Self::V4);
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let last = name.rsplit('.').next().unwrap_or(name);
        if !last.is_empty() && (last.bytes().all(|b| b.is_ascii_digit()) || is_hexadecimal(last)) {
            return Err(AddressError::ShortV4(text.to_owned()));
        }
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.split('.').all(is_label) {
            return Err(AddressError::BadHost(text.to_owned()));
        }
        Ok(Self::Name(name.to_ascii_lowercase()))
    }
}

/// `0x7f000001` is an address to some resolvers and a name to others.
fn is_hexadecimal(label: &str) -> bool {
    label.strip_prefix("0x").is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LABEL_BYTES_MAX
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn v6(text: &str) -> Result<Host, AddressError> {
    let (literal, zone) = match text.split_once('%') {
        Some((literal, zone)) => (literal, Some(zone)),
        None => (text, None),
    };
    let address: Ipv6Addr = literal.parse().map_err(|_| AddressError::BadHost(text.to_owned()))?;
    if address.is_unspecified() {
        return Err(AddressError::Unusable(text.to_owned(), "it means every address"));
    }
    if address.is_multicast() {
        return Err(AddressError::Unusable(text.to_owned(), "it is a multicast address"));
    }
    let zone = match zone {
        Some(zone)
            if zone.is_empty() || zone.len() > 15 || !zone.bytes().all(|b| b.is_ascii_graphic() && b != b'/') =>
        {
            return Err(AddressError::BadHost(text.to_owned()));
        }
        Some(zone) => Some(zone.to_owned()),
        None if address.is_unicast_link_local() => return Err(AddressError::NoZone(text.to_owned())),
        None => None,
    };
    Ok(Host::V6(address, zone))
}

fn usable_v4(address: Ipv4Addr) -> Result<Ipv4Addr, AddressError> {
    let why = if address.is_unspecified() {
        "it means every address"
    } else if address.is_multicast() {
        "it is a multicast address"
    } else if address.octets()[0] >= 240 {
        "it is a broadcast or reserved address"
    } else {
        return Ok(address);
    };
    Err(AddressError::Unusable(address.to_string(), why))
}

/// Splits what stands before the port from the port, and removes a leading `tcp://`.
pub(crate) fn split_port(text: &str) -> Result<(&str, &str), AddressError> {
    let text = text.trim();
    let text = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tcp") => rest.strip_suffix('/').unwrap_or(rest),
        Some((scheme, _)) => return Err(AddressError::Scheme(scheme.to_owned())),
        None => text,
    };
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Some((host, port)) = text.split_once(char::is_whitespace) {
        return Ok((host, port.trim()));
    }
    if text.starts_with('[') {
        let end = text.find(']').ok_or_else(|| AddressError::BadHost(text.to_owned()))?;
        let (host, rest) = text.split_at(end + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, port)),
            None if rest.is_empty() => Err(AddressError::NoPort(host.to_owned())),
            None => Err(AddressError::BadHost(text.to_owned())),
        };
    }
    match text.rsplit_once(':') {
        Some((host, _)) if host.contains(':') => Err(AddressError::Unbracketed(text.to_owned())),
        Some((host, port)) => Ok((host, port)),
        None => Err(AddressError::NoPort(text.to_owned())),
    }
}

/// Reads a port in plain decimal.
pub(crate) fn parse_port(text: &str) -> Result<Port, AddressError> {
    let bad = || AddressError::BadPort(text.to_owned());
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad());
    }
    text.parse().map_err(|_| bad())
}

impl FromStr for Address {
    type Err = AddressError;

    /// Accepts `host:port`, `[v6]:port`, `tcp://host:port` and `host port` (S4 to S7).
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (host, port) = split_port(text)?;
        Ok(Self { host: host.parse()?, port: parse_port(port)? })
    }
}

impl Endpoint {
    /// One that says nothing but where it is: 10 seconds (S14), both families, a silent check.
    pub const fn new(address: Address) -> Self {
        Self {
            address,
            family: Family::Auto,
            timeout: Duration::from_secs(10),
            handshake: Handshake::Silent,
            addresses: Addresses::Any,
            expect: Expect::Open,
            weight: NonZeroU32::MIN,
        }
    }

    /// Whether nothing but an open port is asked for, and one address of any family is enough: then what a
    /// check finds is the verdict.
    pub fn is_plain(&self) -> bool {
        self.expect == Expect::Open && self.addresses == Addresses::Any && !self.wants_both_families()
    }

    /// Whether an answer is wanted through both families; a literal has but one.
    pub fn wants_both_families(&self) -> bool {
        self.family == Family::Both && self.address.host.literal().is_none()
    }

    /// The weight of an endpoint that says none (S59).
    const fn weight() -> NonZeroU32 {
        NonZeroU32::MIN
    }
}

impl Host {
    /// The literal address, or `None` for a name.
    pub fn literal(&self) -> Option<IpAddr> {
        match self {
            Self::V4(address) => Some(IpAddr::V4(*address)),
            Self::V6(address, _) => Some(IpAddr::V6(*address)),
            Self::Name(_) => None,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => address.fmt(f),
            Self::V6(address, None) => write!(f, "[{address}]"),
            Self::V6(address, Some(zone)) => write!(f, "[{address}%{zone}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        text.parse::<Address>().map_or_else(|error| format!("! {error}"), |address| address.to_string())
    }

    #[test]
    fn the_four_spellings_mean_the_same() {
        for text in ["db1:5432", "tcp://db1:5432", "db1 5432", "  DB1.:5432 "] {
            assert_eq!(read(text), "db1:5432", "{text}");
        }
        assert_eq!(read("[2001:DB8::1]:22"), "[2001:db8::1]:22");
        assert_eq!(read("[fe80::1%eth0]:22"), "[fe80::1%eth0]:22");
        assert_eq!(read("2001:db8::1 22"), "[2001:db8::1]:22");
        assert_eq!(read("_sip._tcp.example.com:5060"), "_sip._tcp.example.com:5060");
    }

    #[test]
    fn what_cannot_be_watched_is_refused_with_what_to_write() {
        for (text, say) in [
            ("", "write host:port"),
            ("db1", "write db1:PORT"),
            ("db1:0", "use 1 to 65535"),
            ("db1:65536", "use 1 to 65535"),
            ("db1:+80", "use 1 to 65535"),
            ("2001:db8::1:22", "needs brackets"),
            ("127.1:80", "all four parts"),
            ("0177.0.0.1:80", "all four parts"),
            ("0x7f000001:80", "all four parts"),
            ("0.0.0.0:80", "every address"),
            ("224.0.0.1:80", "multicast"),
            ("255.255.255.255:80", "broadcast"),
            ("[::]:80", "every address"),
            ("[fe80::1]:80", "name the interface"),
            ("http://db1:80", "not a TCP target"),
            ("db 1:80", "is no port"),
            ("-db:80", "no host name"),
        ] {
            let got = read(text);
            assert!(got.starts_with('!') && got.contains(say), "{text:?} gave {got:?}");
        }
    }
}
