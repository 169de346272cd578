//! What the kernel itself knows about a connection: `TCP_INFO`, the one thing no safe crate reads.

use std::os::fd::BorrowedFd;
use std::time::Duration;

/// The kernel's own figures of one connection; nothing is known where the kernel does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TcpInfo {
    /// How far the attempt to connect has come.
    pub stage: Stage,
    /// Smoothed round trip time; after the handshake alone it is that of the SYN. `None` before an
    /// answer, and after a SYN that was sent again while timestamps are off.
    pub round_trip: Option<Duration>,
    /// Segments that were sent again; during the handshake these are SYNs.
    pub retransmitted: u8,
}

/// How far an attempt to connect has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// The kernel does not tell.
    #[default]
    Unknown,
    /// No answer yet.
    Connecting,
    /// It has succeeded or failed.
    Decided,
}

/// `TCP_SYN_SENT` and `TCP_SYN_RECV` of the kernel's `tcp_states.h`.
#[cfg(target_os = "linux")]
const CONNECTING: [u8; 2] = [2, 3];

/// Reads `TCP_INFO`.
#[cfg(target_os = "linux")]
pub(super) fn read(socket: BorrowedFd<'_>) -> TcpInfo {
    let Some(info) = raw(socket) else { return TcpInfo::default() };
    TcpInfo {
        stage: if CONNECTING.contains(&info.tcpi_state) { Stage::Connecting } else { Stage::Decided },
        round_trip: (info.tcpi_rtt > 0).then(|| Duration::from_micros(u64::from(info.tcpi_rtt))),
        retransmitted: u8::try_from(info.tcpi_total_retrans).unwrap_or(u8::MAX),
    }
}

/// This kernel has no `TCP_INFO`, or another one.
#[cfg(not(target_os = "linux"))]
pub(super) fn read(_: BorrowedFd<'_>) -> TcpInfo {
    TcpInfo::default()
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "getsockopt(TCP_INFO) has no safe wrapper")]
fn raw(socket: BorrowedFd<'_>) -> Option<libc::tcp_info> {
    use std::mem::{MaybeUninit, offset_of};
    use std::os::fd::AsRawFd;

    let mut info = MaybeUninit::<libc::tcp_info>::zeroed();
    let mut length = libc::socklen_t::try_from(size_of::<libc::tcp_info>()).ok()?;
    // SAFETY: the descriptor is borrowed and so open for the length of the call; `info` is valid
    // for writes of `length` bytes and the kernel writes no more than that.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            info.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    let needed = offset_of!(libc::tcp_info, tcpi_total_retrans) + size_of::<u32>();
    if result != 0 || usize::try_from(length).is_ok_and(|length| length < needed) {
        return None;
    }
    // SAFETY: the struct consists of integers only, for which the zeros it was filled with before
    // the call are valid, and so is whatever the kernel wrote over them.
    Some(unsafe { info.assume_init() })
}
