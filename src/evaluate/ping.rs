//! What an evaluation is told of one check: the shape that Kener's functions expect (S43, S44).

use crate::domain::{Endpoint, Family, Host, Outcome, Place, Reason};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// Whether a connection was made (S33, S44).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It was.
    Open,
    /// Nothing answered in time.
    Timeout,
    /// It failed before: refused, reset, unreachable, no such name.
    Error,
}

/// The version of IP that was used (S38, S43).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// IPv4.
    #[default]
    #[serde(rename = "tcp")]
    V4,
    /// IPv6.
    #[serde(rename = "IP6")]
    V6,
}

/// One result of a round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ping {
    /// What came of it.
    pub status: Status,
    /// Milliseconds, name look-up included; for a failure the time until it showed.
    pub latency: f64,
    /// A name or a literal, an IPv6 literal without brackets (S54).
    pub host: String,
    /// 1 to 65535.
    pub port: u16,
    /// Over which version of IP.
    #[serde(rename = "type", default)]
    pub kind: Kind,
}

impl Ping {
    /// What is told of a check whose outcome has been held against what was expected of it. `dns` is how long
    /// the look-up took, `address` the one that the outcome is about. `None` if the outcome says nothing about
    /// the endpoint.
    pub fn of(endpoint: &Endpoint, outcome: &Outcome, dns: Option<Duration>, address: Option<IpAddr>) -> Option<Self> {
        if !outcome.is_conclusive() {
            return None;
        }
        let dns = dns.unwrap_or_default();
        let (status, took) = match outcome {
            Outcome::Open(timing) => (Status::Open, dns + timing.connect),
            // A look-up that fails has taken all of the time there was.
            Outcome::Failed(failure) if failure.place == Place::Lookup => (Status::Error, failure.after.max(dns)),
            Outcome::Failed(failure) if failure.reason == Reason::TimedOut => (Status::Timeout, dns + failure.after),
            Outcome::Failed(failure) => (Status::Error, dns + failure.after),
            Outcome::Inconclusive(_) => return None,
        };
        let kind = match (address, &endpoint.address.host, endpoint.family) {
            (Some(IpAddr::V6(_)), ..) | (None, Host::V6(..), _) | (None, Host::Name(_), Family::Ipv6) => Kind::V6,
            _ => Kind::V4,
        };
        let host = endpoint.address.host.to_string();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Some(Self { status, latency: super::millis(took), host, port: endpoint.address.port.get(), kind })
    }

    /// Whether the connection was made.
    pub const fn is_open(&self) -> bool {
        matches!(self.status, Status::Open)
    }
}
