//! One connection attempt to one address: the socket by hand, the kernel's own stopwatch.

use super::classify;
use super::tcp_info::{self, TcpInfo};
use crate::domain::{Clocked, Handshake, Outcome, Place, Timing};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// What came of an attempt, and the connection if it still has to be left politely.
pub(super) struct Attempted {
    pub outcome: Outcome,
    pub open: Option<TcpStream>,
}

impl From<Outcome> for Attempted {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, open: None }
    }
}

/// Connects until `deadline`. A silent check is closed when this returns, which must be within
/// 190 ms of the SYN-ACK for the service never to hear of it; later it sees a reset, nothing worse.
pub(super) async fn connect(to: SocketAddr, handshake: Handshake, deadline: Instant) -> Attempted {
    let started = Instant::now();
    let stream = match begin(to, handshake) {
        Ok(stream) => stream,
        Err(error) => return classify::outcome(&error, Place::AtCall, started.elapsed(), 0).into(),
    };
    let ready = timeout_at(deadline, stream.writable()).await;
    let elapsed = started.elapsed();
    let known = tcp_info::read(stream.as_fd());
    let lost = known.retransmitted;
    match ready {
        // After a stall of our own the timer may run out before the event queue was emptied.
        Err(_) if !is_ready(&stream) => return unanswered(&stream, elapsed, lost).into(),
        Ok(Err(error)) => return classify::outcome(&error, Place::Later, elapsed, lost).into(),
        Err(_) | Ok(Ok(())) => {}
    }
    let outcome = conclude(&stream, to, elapsed, known);
    let is_left_politely = outcome.is_open() && !leaves_silently(handshake);
    Attempted { outcome, open: is_left_politely.then_some(stream) }
}

/// Nothing has decided the attempt in time. A router may have spoken all the same: while it still
/// tries, the kernel keeps an ICMP message as a soft error, and tells it to who asks (`SO_ERROR`).
fn unanswered(stream: &TcpStream, elapsed: Duration, syn_lost: u8) -> Outcome {
    match stream.take_error() {
        Ok(Some(error)) => classify::outcome(&error, Place::Later, elapsed, syn_lost),
        Ok(None) | Err(_) => classify::timed_out(elapsed, syn_lost),
    }
}

/// What a decided attempt has come to.
fn conclude(stream: &TcpStream, to: SocketAddr, elapsed: Duration, known: TcpInfo) -> Outcome {
    if let Some(error) = stream.take_error().unwrap_or_else(Some) {
        return classify::outcome(&error, Place::Later, elapsed, known.retransmitted);
    }
    // A port out of the ephemeral range may be given to the very socket that connects to it.
    if stream.local_addr().is_ok_and(|local| local.ip() == to.ip() && local.port() == to.port()) {
        return classify::self_connected(elapsed);
    }
    Outcome::Open(timing(known, elapsed))
}

/// Whether a successful attempt ends by closing the socket.
const fn leaves_silently(handshake: Handshake) -> bool {
    cfg!(target_os = "linux") && matches!(handshake, Handshake::Silent)
}

/// Makes the socket and sends the SYN. An error here is ours or our routing table's.
fn begin(to: SocketAddr, handshake: Handshake) -> io::Result<TcpStream> {
    let socket = nonblocking(Domain::for_address(to))?;
    if leaves_silently(handshake) {
        hold_back(&socket)?;
    }
    match socket.connect(&SockAddr::from(to)) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => TcpStream::from_std(socket.into()),
    }
}

#[cfg(target_os = "linux")]
fn nonblocking(domain: Domain) -> io::Result<Socket> {
    Socket::new(domain, Type::STREAM.nonblocking(), Some(Protocol::TCP))
}

#[cfg(not(target_os = "linux"))]
fn nonblocking(domain: Domain) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Keeps the third packet of the handshake back, so that closing sends a reset in its place: the
/// peer's kernel drops the half-open connection, and the service is never woken.
#[cfg(target_os = "linux")]
fn hold_back(socket: &Socket) -> io::Result<()> {
    socket.set_tcp_quickack(false)?;
    socket.set_linger(Some(Duration::ZERO))
}

#[cfg(not(target_os = "linux"))]
fn hold_back(_: &Socket) -> io::Result<()> {
    Ok(())
}

/// Whether the connection has been decided by now, asked of the kernel itself.
fn is_ready(stream: &TcpStream) -> bool {
    let mut descriptors = [PollFd::new(stream, PollFlags::OUT)];
    poll(&mut descriptors, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

/// The kernel's figure when it has one that covers the whole handshake, else the stopwatch.
fn timing(known: TcpInfo, elapsed: Duration) -> Timing {
    let syn_lost = known.retransmitted;
    match known.round_trip {
        Some(connect) if syn_lost == 0 => Timing { connect, clocked: Clocked::Kernel, syn_lost },
        _ => Timing { connect: elapsed, clocked: Clocked::Stopwatch, syn_lost },
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;
    use crate::domain::Reason;

    #[tokio::test]
    async fn a_connection_to_oneself_is_refused() {
        let socket = nonblocking(Domain::IPV4).unwrap();
        socket.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0)))).unwrap();
        let own = socket.local_addr().unwrap();
        // On loopback the handshake with oneself may be over within the call.
        let _ = socket.connect(&own);
        let stream = TcpStream::from_std(socket.into()).unwrap();
        stream.writable().await.unwrap();
        assert!(stream.peer_addr().is_ok(), "the kernel did connect it");
        let known = tcp_info::read(stream.as_fd());
        let outcome = conclude(&stream, own.as_socket().unwrap(), Duration::ZERO, known);
        assert_eq!(outcome.reason(), Some(Reason::Refused));
    }
}
