//! What the benchmark needs of the kernel and no safe crate offers: a tap, a tunnel, a child's CPU.
#![expect(unsafe_code, reason = "packet time stamps, TUNSETIFF and wait4 have no safe wrapper")]

use socket2::{Domain, Protocol, Socket, Type};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::mem::{MaybeUninit, size_of_val};
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Room for a few hundred thousand packets, in bytes.
const TAP_BUFFER: i32 = 64 << 20;

/// What the wire has seen of one peer: when the SYN left and when its answer came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    syn: Option<Duration>,
    answer: Option<Duration>,
}

impl Seen {
    /// The time between them.
    pub fn round_trip(self) -> Option<Duration> {
        self.answer?.checked_sub(self.syn?)
    }
}

/// Listens to all interfaces of the namespace that it was made in, with the kernel's nanosecond stamps.
pub struct Tap {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<HashMap<Ipv4Addr, Seen>>,
}

impl Tap {
    pub fn open() -> io::Result<Self> {
        let every = Protocol::from(i32::from((libc::ETH_P_ALL as u16).to_be()));
        let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(every))?;
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        set(&socket, libc::SO_RCVBUFFORCE, TAP_BUFFER)?;
        set(&socket, libc::SO_TIMESTAMPNS, 1)?;
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        Ok(Self { stop, thread: thread::spawn(move || listen(&socket, &told)) })
    }

    /// Ends it and returns what was seen, by peer.
    pub fn close(self) -> HashMap<Ipv4Addr, Seen> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the tap")
    }
}

fn set(socket: &Socket, option: i32, value: i32) -> io::Result<()> {
    // SAFETY: the descriptor is open and `value` is an int of the length that is passed.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            (&raw const value).cast(),
            size_of_val(&value) as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn listen(socket: &Socket, stop: &AtomicBool) -> HashMap<Ipv4Addr, Seen> {
    let mut seen: HashMap<Ipv4Addr, Seen> = HashMap::new();
    loop {
        let mut packet = [0; 128];
        // Told to stop, it still takes what the kernel holds ready.
        let Some((length, stamp)) = receive(socket, &mut packet) else {
            if stop.load(Ordering::Relaxed) {
                return seen;
            }
            continue;
        };
        let Some((source, destination, flags)) = tcp(&packet[..length]) else { continue };
        match flags & 0x12 {
            0x02 => _ = seen.entry(destination).or_default().syn.get_or_insert(stamp),
            0x12 => _ = seen.entry(source).or_default().answer.get_or_insert(stamp),
            _ => {}
        }
    }
}

/// Source, destination and flags of a TCP packet over IPv4.
fn tcp(packet: &[u8]) -> Option<(Ipv4Addr, Ipv4Addr, u8)> {
    let header = usize::from(packet.first()? & 0x0f) * 4;
    if packet[0] >> 4 != 4 || *packet.get(9)? != 6 {
        return None;
    }
    let address = |at: usize| Some(Ipv4Addr::from(<[u8; 4]>::try_from(packet.get(at..at + 4)?).ok()?));
    Some((address(12)?, address(16)?, *packet.get(header + 13)?))
}

/// One packet and the kernel's stamp of it.
fn receive(socket: &Socket, packet: &mut [u8]) -> Option<(usize, Duration)> {
    let mut control = [0_u64; 8];
    let mut part = libc::iovec { iov_base: packet.as_mut_ptr().cast(), iov_len: packet.len() };
    // SAFETY: zeros are a valid, empty `msghdr`.
    let mut message: libc::msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = size_of_val(&control);
    // SAFETY: the message points to a packet and a control buffer of the lengths it says, which
    // outlive the call.
    let length = unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut message, 0) };
    let length = usize::try_from(length).ok()?.min(packet.len());
    // SAFETY: the kernel has filled the control buffer; CMSG_FIRSTHDR checks its length.
    let header = unsafe { libc::CMSG_FIRSTHDR(&raw const message).as_ref()? };
    if header.cmsg_type != libc::SCM_TIMESTAMPNS {
        return None;
    }
    // SAFETY: a control message of this type holds a `timespec`.
    let stamp = unsafe { libc::CMSG_DATA(header).cast::<libc::timespec>().read_unaligned() };
    Some((length, Duration::new(u64::try_from(stamp.tv_sec).ok()?, u32::try_from(stamp.tv_nsec).ok()?)))
}

/// A network interface whose packets are read and written as a file, in this thread's namespace.
pub fn tunnel(name: &str) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).open("/dev/net/tun")?;
    // SAFETY: zeros are a valid `ifreq`.
    let mut request: libc::ifreq = unsafe { MaybeUninit::zeroed().assume_init() };
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = libc::c_char::from_ne_bytes([from]);
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
    // SAFETY: TUNSETIFF reads an `ifreq`, and this one lives through the call.
    let result = unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF, &raw const request) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(file)
}

/// Waits for a child and says how much CPU it took.
pub fn cpu_of(child: &Child) -> io::Result<Duration> {
    let mut status = 0;
    // SAFETY: zeros are a valid `rusage`.
    let mut usage: libc::rusage = unsafe { MaybeUninit::zeroed().assume_init() };
    let pid = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    // SAFETY: both pointers are to live values of the right type.
    if unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) } != pid {
        return Err(io::Error::last_os_error());
    }
    let time = |value: libc::timeval| Duration::new(value.tv_sec as u64, value.tv_usec as u32 * 1_000);
    Ok(time(usage.ru_utime) + time(usage.ru_stime))
}
