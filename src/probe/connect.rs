//! One connection attempt to one address: the socket by hand, the kernel's own stopwatch.

use super::classify;
use super::silent::Sockets;
use super::tcp_info::{self, Stage, TcpInfo};
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
    pub open: Option<Socket>,
}

impl From<Outcome> for Attempted {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, open: None }
    }
}

/// Connects until `deadline`. A silent check is left when this returns, which must be within 190 ms
/// of the SYN-ACK for the service never to hear of it; later it sees a reset, nothing worse.
pub(super) async fn connect(to: SocketAddr, handshake: Handshake, deadline: Instant, sockets: &Sockets) -> Attempted {
    let started = Instant::now();
    let at_call = |error: &io::Error| classify::outcome(error, Place::AtCall, started.elapsed(), 0).into();
    let mut socket = match begin(to, handshake, sockets) {
        Ok(socket) => socket,
        Err(error) => return at_call(&error),
    };
    let (mut elapsed, mut known) = (started.elapsed(), tcp_info::read(socket.as_fd()));
    // Within this machine the answer is there when the call returns.
    if known.stage != Stage::Decided {
        socket = match wait(socket, deadline).await {
            Ok(socket) => socket,
            Err(error) => return at_call(&error),
        };
        (elapsed, known) = (started.elapsed(), tcp_info::read(socket.as_fd()));
        if !is_decided(&socket, known.stage) {
            return unanswered(&socket, elapsed, known.retransmitted).into();
        }
    }
    let outcome = conclude(&socket, to, elapsed, known);
    match (outcome.is_open(), leaves_silently(handshake)) {
        (false, _) => outcome.into(),
        (true, false) => Attempted { outcome, open: Some(socket) },
        (true, true) => {
            sockets.leave(socket, to);
            outcome.into()
        }
    }
}

/// Waits until the attempt is decided, or until `deadline`; which of them it was is asked of the
/// socket, as after a stall of our own the timer may run out before the event queue was emptied. An
/// error is ours: the event queue has no room.
async fn wait(socket: Socket, deadline: Instant) -> io::Result<Socket> {
    let stream = TcpStream::from_std(socket.into())?;
    if let Ok(ready) = timeout_at(deadline, stream.writable()).await {
        ready?;
    }
    Ok(stream.into_std()?.into())
}

/// Nothing has decided the attempt in time. A router may have spoken all the same: while it still
/// tries, the kernel keeps an ICMP message as a soft error, and tells it to who asks (`SO_ERROR`).
fn unanswered(socket: &Socket, elapsed: Duration, syn_lost: u8) -> Outcome {
    match socket.take_error() {
        Ok(Some(error)) => classify::outcome(&error, Place::Later, elapsed, syn_lost),
        Ok(None) | Err(_) => classify::timed_out(elapsed, syn_lost),
    }
}

/// What a decided attempt has come to.
fn conclude(socket: &Socket, to: SocketAddr, elapsed: Duration, known: TcpInfo) -> Outcome {
    if let Some(error) = socket.take_error().unwrap_or_else(Some) {
        return classify::outcome(&error, Place::Later, elapsed, known.retransmitted);
    }
    // A port out of the ephemeral range may be given to the very socket that connects to it.
    let local = socket.local_addr().ok().and_then(|local| local.as_socket());
    if local.is_some_and(|local| local.ip() == to.ip() && local.port() == to.port()) {
        return classify::self_connected(elapsed);
    }
    Outcome::Open(timing(known, elapsed))
}

/// Whether a successful attempt ends by closing the socket.
const fn leaves_silently(handshake: Handshake) -> bool {
    cfg!(target_os = "linux") && matches!(handshake, Handshake::Silent)
}

/// Makes the socket and sends the SYN. An error here is ours or our routing table's.
fn begin(to: SocketAddr, handshake: Handshake, sockets: &Sockets) -> io::Result<Socket> {
    let socket = if leaves_silently(handshake) { sockets.take(to)? } else { nonblocking(Domain::for_address(to))? };
    match socket.connect(&SockAddr::from(to)) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(socket),
    }
}

/// A socket whose calls do not wait.
#[cfg(target_os = "linux")]
pub(super) fn nonblocking(domain: Domain) -> io::Result<Socket> {
    Socket::new(domain, Type::STREAM.nonblocking(), Some(Protocol::TCP))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn nonblocking(domain: Domain) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Whether the connection has been decided, if need be asked of the kernel once more.
fn is_decided(socket: &Socket, stage: Stage) -> bool {
    match stage {
        Stage::Decided => true,
        Stage::Connecting => false,
        Stage::Unknown => {
            let mut descriptors = [PollFd::new(socket, PollFlags::OUT)];
            poll(&mut descriptors, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
        }
    }
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
        let socket = wait(socket, Instant::now() + Duration::from_secs(1)).await.unwrap();
        assert!(socket.peer_addr().is_ok(), "the kernel did connect it");
        let known = tcp_info::read(socket.as_fd());
        let outcome = conclude(&socket, own.as_socket().unwrap(), Duration::ZERO, known);
        assert_eq!(outcome.reason(), Some(Reason::Refused));
    }
}
