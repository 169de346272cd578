//! Whether this machine itself can see: a connection within it, and a route to the outside.

use super::classify;
use super::connect::connect;
use super::silent::Sockets;
use crate::domain::{Fault, Handshake, Outcome};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;
use tokio::time::Instant;

/// How long a connection within this machine may take.
const TIMEOUT: Duration = Duration::from_secs(1);
/// The discard port; nothing is sent to it.
const ANY_PORT: u16 = 9;

/// Connects to a listener of our own on the loopback address of the family, which shows that
/// descriptors, ports, the network stack and local policy work, and asks whether there is a route
/// to `toward`, without sending a packet to it.
pub(super) async fn self_check(toward: IpAddr) -> Result<(), Fault> {
    let (loopback, any): (IpAddr, IpAddr) = match toward {
        IpAddr::V4(_) => (Ipv4Addr::LOCALHOST.into(), Ipv4Addr::UNSPECIFIED.into()),
        IpAddr::V6(_) => (Ipv6Addr::LOCALHOST.into(), Ipv6Addr::UNSPECIFIED.into()),
    };
    let listener = TcpListener::bind((loopback, 0)).map_err(|error| classify::fault(&error))?;
    let own = listener.local_addr().map_err(|error| classify::fault(&error))?;
    // With a socket of its own: whether one can be had is part of the question.
    match connect(own, Handshake::Silent, Instant::now() + TIMEOUT, &Sockets::default()).await.outcome {
        Outcome::Open(_) => {}
        Outcome::Inconclusive(fault) => return Err(fault),
        // Our own listener does not refuse: something of ours stands between us and ourselves.
        Outcome::Failed(_) => return Err(Fault::Denied),
    }
    if is_without_zone(toward) { Ok(()) } else { route(any, toward).map_err(|error| classify::fault(&error)) }
}

/// A link-local address says nothing about routes until an interface is named with it.
fn is_without_zone(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}

/// Connecting a datagram socket looks up the route and the local address, and sends nothing.
fn route(any: IpAddr, toward: IpAddr) -> io::Result<()> {
    UdpSocket::bind((any, 0))?.connect(SocketAddr::new(toward, ANY_PORT))
}
