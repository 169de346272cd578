//! The sockets of silent checks: made, held back, and used again, which spares the kernel a quarter of its work.

use super::connect::nonblocking;
use rustix::net::connect_unspec;
use socket2::{Domain, Socket};
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

// A socket costs more to make, to enter into an event queue and to destroy than the packets of a
// silent check. Dissolving its association (connect to AF_UNSPEC, connect(2)) sends the same reset
// that closing it would send, gives the port back and forgets the connection, its round trip and its
// errors (`tcp_disconnect` and `tcp_connect_init` in Linux); the options of the socket stay, but for
// those of the acknowledgements. Only sockets that were connected are kept: of a failed attempt the
// kernel may still remember a router's complaint.

/// How many sockets of each family are kept.
const IDLE_MAX: usize = 64;

/// Sockets that wait for the next silent check.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    v4: Mutex<Vec<Socket>>,
    v6: Mutex<Vec<Socket>>,
}

impl Sockets {
    /// A socket that keeps the third packet of the handshake back, so that leaving sends a reset in
    /// its place: the peer's kernel drops the half-open connection, and the service is never woken.
    pub fn take(&self, to: SocketAddr) -> io::Result<Socket> {
        let idle = self.idle(to).pop();
        let socket = idle.map_or_else(|| fresh(to), Ok)?;
        #[cfg(target_os = "linux")]
        socket.set_tcp_quickack(false)?;
        Ok(socket)
    }

    /// Leaves the connection of this socket with a reset.
    pub fn leave(&self, socket: Socket, to: SocketAddr) {
        if !marks_the_socket(to) && connect_unspec(socket.as_fd()).is_ok() {
            let mut idle = self.idle(to);
            if idle.len() < IDLE_MAX {
                idle.push(socket);
            }
        }
    }

    fn idle(&self, to: SocketAddr) -> MutexGuard<'_, Vec<Socket>> {
        let family = if to.is_ipv4() { &self.v4 } else { &self.v6 };
        family.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fresh(to: SocketAddr) -> io::Result<Socket> {
    let socket = nonblocking(Domain::for_address(to))?;
    socket.set_linger(Some(Duration::ZERO))?;
    Ok(socket)
}

/// Whether a connection to there leaves traces on its socket: a zone binds it to an interface, an
/// IPv4 address within IPv6 makes an IPv4 socket of it.
fn marks_the_socket(to: SocketAddr) -> bool {
    match to {
        SocketAddr::V4(_) => false,
        SocketAddr::V6(to) => to.ip().is_unicast_link_local() || to.ip().to_ipv4_mapped().is_some(),
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::super::tcp_info::{self, Stage};
    use super::*;
    use socket2::SockAddr;
    use std::net::TcpListener;
    use std::os::fd::AsRawFd;

    fn idle(sockets: &Sockets) -> [usize; 2] {
        [sockets.v4.lock().unwrap().len(), sockets.v6.lock().unwrap().len()]
    }

    /// The connection that this socket has within this machine, and its own address.
    fn connected(socket: &Socket, to: SocketAddr) -> SocketAddr {
        assert_eq!(socket.connect(&SockAddr::from(to)).unwrap_err().raw_os_error(), Some(libc::EINPROGRESS));
        assert_eq!(socket.peer_addr().unwrap().as_socket(), Some(to));
        socket.local_addr().unwrap().as_socket().unwrap()
    }

    #[test]
    fn a_socket_is_used_again_and_has_forgotten_its_past() {
        let listeners = ["127.0.0.1:0", "127.0.0.2:0"].map(|address| TcpListener::bind(address).unwrap());
        let [one, other] = listeners.each_ref().map(|listener| listener.local_addr().unwrap());
        let sockets = Sockets::default();
        let socket = sockets.take(one).unwrap();
        let (number, first) = (socket.as_raw_fd(), connected(&socket, one));
        sockets.leave(socket, one);
        assert_eq!(idle(&sockets), [1, 0]);
        assert!(TcpListener::bind(first).is_ok(), "the port is free");

        let socket = sockets.take(other).unwrap();
        assert_eq!((socket.as_raw_fd(), idle(&sockets)), (number, [0, 0]));
        connected(&socket, other);
        let known = tcp_info::read(socket.as_fd());
        assert_eq!((known.stage, known.retransmitted), (Stage::Decided, 0));
        assert!(known.round_trip.is_some() && socket.take_error().unwrap().is_none());
        sockets.leave(socket, other);

        let socket = sockets.take(other).unwrap();
        let nobody = SocketAddr::from(([127, 0, 0, 3], other.port()));
        assert_eq!(socket.connect(&SockAddr::from(nobody)).unwrap_err().raw_os_error(), Some(libc::EINPROGRESS));
        assert_eq!(
            socket.take_error().unwrap().unwrap().raw_os_error(),
            Some(libc::ECONNREFUSED),
            "not open as before"
        );
    }

    #[test]
    fn a_connection_that_would_mark_its_socket_ends_it() {
        for (to, kept) in [
            ("192.0.2.1:1", [1, 0]),
            ("[2001:db8::1]:1", [0, 1]),
            ("[fe80::1%1]:1", [0, 0]),
            ("[::ffff:192.0.2.1]:1", [0, 0]),
        ] {
            let (to, sockets) = (to.parse().unwrap(), Sockets::default());
            // It need not be connected to be left, and nothing is sent.
            sockets.leave(fresh(to).unwrap(), to);
            assert_eq!(idle(&sockets), kept, "{to}");
        }
    }

    #[test]
    fn no_more_are_kept_than_are_of_use() {
        let (to, sockets) = (SocketAddr::from(([192, 0, 2, 1], 1)), Sockets::default());
        for _ in 0..=IDLE_MAX {
            sockets.leave(fresh(to).unwrap(), to);
        }
        assert_eq!(idle(&sockets), [IDLE_MAX, 0]);
    }
}
