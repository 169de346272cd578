//! How much a prober may do at once, and where it reads what names mean.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Socket, Type};
use std::io;
use std::path::PathBuf;

/// More connections in flight than this help nobody: 10,000 dark targets a minute need 1,667.
const IN_FLIGHT_MAX: u64 = 4_096;
/// Descriptors that are left to the store, the terminal and the sockets of others.
const DESCRIPTORS_RESERVED: u64 = 64;

/// The limits of one prober.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections in flight; left out, it is worked out from the descriptor limit (at most 4,096).
    pub parallelism: Option<u32>,
    /// Connections started in a second; at most a twentieth of them at once.
    pub starts_per_second: u32,
    /// Checks of one host at the same time. An instant check does not wait for it.
    pub per_host: u32,
    /// The folder that holds `hosts`, `resolv.conf` and `nsswitch.conf`.
    pub names: PathBuf,
    /// The port at which name servers are asked.
    pub name_server_port: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            parallelism: None,
            starts_per_second: 2_000,
            per_host: 2,
            names: PathBuf::from("/etc"),
            name_server_port: 53,
        }
    }
}

impl Limits {
    /// How many connections may be in flight when so many descriptors may be open. A check of a
    /// name holds two for a moment, its socket and its query, hence the half.
    pub(super) fn in_flight_max(&self, descriptors: u64) -> u32 {
        let affordable = (descriptors.saturating_sub(DESCRIPTORS_RESERVED) / 2).clamp(1, IN_FLIGHT_MAX);
        let affordable = u32::try_from(affordable).unwrap_or(u32::MAX);
        self.parallelism.map_or(affordable, |wanted| wanted.clamp(1, affordable))
    }
}

/// Raises the number of descriptors this process may open to what the system allows it, and
/// returns it. The usual 1,024 would allow 480 connections in flight.
///
/// # Errors
/// When the system refuses; the limit then stays as it was.
pub fn raise_descriptor_limit() -> io::Result<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    }
    Ok(descriptor_limit())
}

/// How many descriptors this process may open now.
pub(super) fn descriptor_limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Whether one more descriptor can be had. Without this question a look-up that failed for want of
/// a descriptor passes for a name that does not exist.
pub(super) fn has_descriptor_room() -> bool {
    Socket::new(Domain::IPV4, Type::DGRAM, None).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_follows_the_descriptors_and_the_wish() {
        let free = Limits::default();
        assert_eq!(free.in_flight_max(1_024), 480);
        assert_eq!(free.in_flight_max(20_000), 4_096);
        assert_eq!(free.in_flight_max(9), 1, "there is always one");
        let wish = Limits { parallelism: Some(50), ..Limits::default() };
        assert_eq!(wish.in_flight_max(20_000), 50);
        assert_eq!(wish.in_flight_max(100), 18, "a wish cannot make descriptors");
    }
}
