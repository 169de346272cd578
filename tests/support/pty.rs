//! A real program on a real pseudo-terminal, seen through a real terminal parser.

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{fcntl_getfd, read, write};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};
use std::num::NonZeroU16;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// How long anything may take before a test says that it does not happen. Waiting ends as soon as
/// what is waited for is there; this is only what a busy machine may need at worst.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// A program on a pseudo-terminal. Nothing is read from it except while something is waited for.
pub struct Pty {
    master: Option<OwnedFd>,
    child: Box<dyn Child + Send + Sync>,
    parser: vt100::Parser,
    /// Everything that the program wrote so far.
    pub bytes: Vec<u8>,
    /// The modes of the terminal before the program started.
    pub modes: Termios,
}

impl Pty {
    /// Starts a program as the leader of a session of its own with this terminal.
    pub fn start(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let master = own(pair.master.as_raw_fd().expect("a descriptor"));
        let modes = tcgetattr(&master).expect("modes");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let (rows, columns) = (NonZeroU16::new(rows).expect("rows"), NonZeroU16::new(columns).expect("columns"));
        Self { master: Some(master), child, parser: vt100::Parser::new(rows, columns, 0), bytes: Vec::new(), modes }
    }

    fn master(&self) -> &OwnedFd {
        self.master.as_ref().expect("the terminal is there")
    }

    /// The process id of the program.
    pub fn pid(&self) -> Pid {
        let id = self.child.process_id().expect("it runs");
        Pid::from_raw(i32::try_from(id).expect("an id")).expect("an id")
    }

    /// The text on the screen, a line for each row.
    pub fn contents(&self) -> String {
        self.parser.screen().contents()
    }

    /// What the terminal parser makes of everything so far.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Types; what the program writes meanwhile is taken in, so that neither side waits for the other.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let mut rest = bytes.as_ref();
        let deadline = Instant::now() + DEADLINE;
        while !rest.is_empty() {
            assert!(Instant::now() < deadline, "the program takes no input any more:\n{}", self.contents());
            let events = self.poll(PollFlags::IN | PollFlags::OUT, Duration::from_millis(100));
            if events.contains(PollFlags::IN) {
                self.take_in();
            }
            if events.contains(PollFlags::OUT) {
                let some = &rest[..rest.len().min(1024)];
                rest = &rest[write(self.master(), some).expect("the terminal takes input")..];
            }
        }
    }

    /// Types, and reads nothing meanwhile.
    pub fn send_unread(&self, bytes: impl AsRef<[u8]>) {
        write(self.master(), bytes.as_ref()).expect("the terminal takes a few keys");
    }

    /// Whether there is something that nobody has read.
    pub fn has_unread(&self) -> bool {
        self.poll(PollFlags::IN, Duration::ZERO).contains(PollFlags::IN)
    }

    /// Reads until the screen is as wanted; fails with the screen in the message.
    #[track_caller]
    pub fn wait(&mut self, what: &str, is_there: impl Fn(&str) -> bool) {
        self.wait_until_screen(what, |screen| is_there(&screen.contents()));
    }

    /// Reads until the screen shows this text.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        self.wait(&format!("{text:?}"), |screen| screen.contains(text));
    }

    /// As [`Pty::wait`], for more than the text.
    #[track_caller]
    pub fn wait_until_screen(&mut self, what: &str, is_there: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !is_there(self.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain for {what}; the screen:\n{}", self.contents());
            if self.poll(PollFlags::IN, left.min(Duration::from_millis(100))).contains(PollFlags::IN) {
                self.take_in();
            } else if self.child.try_wait().expect("a child").is_some() {
                panic!("the program has ended while {what} was waited for; the screen:\n{}", self.contents());
            }
        }
    }

    /// Reads for that long.
    pub fn read_for(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            if self.poll(PollFlags::IN, left).contains(PollFlags::IN) && !self.take_in() {
                return;
            }
        }
    }

    /// Reads until the program has ended; gives its exit code.
    #[track_caller]
    pub fn wait_for_end(&mut self, within: Duration) -> u32 {
        self.end_within(within, |pty| {
            while pty.poll(PollFlags::IN, Duration::from_millis(5)).contains(PollFlags::IN) && pty.take_in() {}
        })
    }

    /// As [`Pty::wait_for_end`], and reads nothing meanwhile.
    #[track_caller]
    pub fn wait_for_end_unread(&mut self, within: Duration) -> u32 {
        self.end_within(within, |_| std::thread::sleep(Duration::from_millis(5)))
    }

    #[track_caller]
    fn end_within(&mut self, within: Duration, meanwhile: impl Fn(&mut Self)) -> u32 {
        let deadline = Instant::now() + within;
        loop {
            let status = self.child.try_wait().expect("a child");
            if self.master.is_some() {
                meanwhile(self);
            } else {
                std::thread::sleep(Duration::from_millis(5));
            }
            if let Some(status) = status {
                return status.exit_code();
            }
            assert!(Instant::now() < deadline, "it does not end; the screen:\n{}", self.contents());
        }
    }

    /// Sends a signal to the program alone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("it runs");
    }

    /// Changes the size of the terminal.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(self.master(), size).expect("a size");
        if let (Some(rows), Some(columns)) = (NonZeroU16::new(rows), NonZeroU16::new(columns)) {
            self.parser.screen_mut().set_size(rows, columns);
        }
    }

    /// The terminal vanishes, as when a connection drops.
    pub fn hang_up(&mut self) {
        self.master = None;
    }

    /// The modes of the terminal now.
    pub fn modes_now(&self) -> Termios {
        tcgetattr(self.master()).expect("modes")
    }

    fn poll(&self, events: PollFlags, within: Duration) -> PollFlags {
        let mut watched = [PollFd::new(self.master(), events)];
        let within = Timespec::try_from(within).expect("a short time");
        match poll(&mut watched, Some(&within)) {
            Ok(_) => watched[0].revents(),
            Err(rustix::io::Errno::INTR) => PollFlags::empty(),
            Err(error) => panic!("cannot wait for the terminal: {error}"),
        }
    }

    /// Takes in what is there; `false` at the end.
    fn take_in(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        // EIO means that nobody has the other end open any more.
        let count = read(self.master(), &mut buffer).unwrap_or(0);
        self.parser.process(&buffer[..count]);
        self.bytes.extend_from_slice(&buffer[..count]);
        count > 0
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // A failed test leaves nothing running behind.
            let _ = self.child.kill();
        }
    }
}

/// Whether two sets of modes are the same.
pub fn same_modes(one: &Termios, other: &Termios) -> bool {
    one.input_modes == other.input_modes
        && one.output_modes == other.output_modes
        && one.control_modes == other.control_modes
        && one.local_modes == other.local_modes
}

/// A descriptor of our own for the number that the library hands out.
#[expect(unsafe_code, reason = "portable-pty hands out the descriptor as a number only")]
fn own(number: i32) -> OwnedFd {
    // SAFETY: the library keeps it open for as long as the pair lives, which is longer than this call.
    let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
    fcntl_getfd(borrowed).expect("it is open");
    borrowed.try_clone_to_owned().expect("a descriptor")
}
