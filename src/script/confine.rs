//! Takes from a script engine's process all that it does not need, and ties its life to its parent's.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Resource, Rlimit, Signal, getpid, kill_process, setrlimit};
use std::io;
use std::thread;

/// Standard input, output and errors.
const DESCRIPTORS: u64 = 3;
/// Address space; a script has a limit of its own that is far below.
const ADDRESS_SPACE: u64 = 512 << 20;

/// Closes what was inherited beside the three standard descriptors, forbids new files and a large memory, and
/// ends the process when nobody holds the other end of its standard input: its parent is gone then, however it
/// ended, and a script that never ends must not outlive it.
///
/// # Errors
/// When the thread that watches cannot be started.
pub fn confine() -> io::Result<()> {
    close_inherited();
    for (resource, most) in
        [(Resource::Nofile, DESCRIPTORS), (Resource::Fsize, 0), (Resource::Core, 0), (Resource::As, ADDRESS_SPACE)]
    {
        // A limit can always be lowered; where the system does not know it, the script has none the less nothing
        // to reach a file with.
        let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    }
    thread::Builder::new().name("parent".to_owned()).stack_size(64 << 10).spawn(end_with_parent)?;
    Ok(())
}

fn end_with_parent() {
    let input = io::stdin();
    loop {
        let mut watched = [PollFd::new(&input, PollFlags::empty())];
        let is_gone = match poll(&mut watched, None) {
            Ok(_) => watched[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL),
            Err(error) => error != rustix::io::Errno::INTR,
        };
        if is_gone {
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "close_range has no safe wrapper")]
fn close_inherited() {
    // SAFETY: only called before anything in this process has opened a descriptor, so that nothing relies on one.
    // A kernel that does not know the call (before 5.9) leaves them open.
    unsafe {
        libc::syscall(libc::SYS_close_range, DESCRIPTORS as libc::c_uint, libc::c_uint::MAX, 0 as libc::c_uint);
    }
}

#[cfg(not(target_os = "linux"))]
fn close_inherited() {}
