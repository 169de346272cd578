//! Leaving an open connection politely: FIN first, then what the peer still says, within bounds.

use socket2::Socket;
use std::io::ErrorKind;
use std::net::Shutdown;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the peer may take to close its side.
const PATIENCE: Duration = Duration::from_millis(300);
/// How much it may still say.
const BYTES_MAX: usize = 4_096;

/// Says goodbye with a FIN and takes in what is unread, since closing over unread bytes sends a
/// reset, and resets are what servers count against an address. A peer that floods has had its FIN
/// by then; what it sends after the bound is its own affair.
pub(super) async fn leave(socket: Socket) {
    if socket.shutdown(Shutdown::Write).is_err() {
        return;
    }
    let Ok(stream) = TcpStream::from_std(socket.into()) else { return };
    // Running out of patience is one of the ways to be done.
    let _ = timeout(PATIENCE, drain(&stream)).await;
}

async fn drain(stream: &TcpStream) {
    let mut unread = [0; 1_024];
    let mut taken = 0;
    while taken < BYTES_MAX {
        match stream.try_read(&mut unread) {
            Ok(0) => return,
            Ok(count) => taken += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if stream.readable().await.is_err() {
                    return;
                }
            }
            Err(_) => return,
        }
    }
}
