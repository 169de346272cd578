//! The signals that concern a full-screen program, and stopping it the way job control expects.

use rustix::process::{Pid, Signal, getpid, getppid, kill_current_process_group, kill_process};
use std::future::poll_fn;
use std::io;
use std::task::Poll;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// Why the program ends, as the exit code tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The user quit.
    Quit,
    /// The user quit, and wants nobody who is attached to go on.
    QuitForAll,
    /// The terminal has vanished: there is nothing to give back.
    HungUp,
    /// A signal asked for it.
    Asked(SignalKind),
    /// The engine has ended by itself, and the user has seen that.
    EngineLost,
}

impl Ending {
    /// 0 for a quit, 128 and the number of the signal otherwise, as shells report it; 70
    /// (`EX_SOFTWARE`) for an engine that was lost.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Quit | Self::QuitForAll => 0,
            Self::HungUp => 128 + 1,
            Self::Asked(kind) => u8::try_from(kind.as_raw_value()).map_or(u8::MAX, |number| number.saturating_add(128)),
            Self::EngineLost => 70,
        }
    }
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// To end.
    End(Ending),
    /// To stop until `fg`.
    Stop,
    /// To take the terminal over again: somebody let us go on.
    Continue,
    /// To look how large the terminal is now.
    Fit,
}

/// Every signal that is listened for, and what it asks for.
#[derive(Debug)]
pub struct Signals(Vec<(Demand, Stream)>);

impl Signals {
    /// Begins to listen; from now on none of them has its default effect, which for most is to end
    /// the process and leave the terminal as it is.
    ///
    /// # Errors
    /// The system refuses.
    pub fn listen() -> io::Result<Self> {
        let end = |signal| (Demand::End(Ending::Asked(signal)), signal);
        let demands = [
            (Demand::End(Ending::HungUp), SignalKind::hangup()),
            end(SignalKind::terminate()),
            end(SignalKind::interrupt()),
            end(SignalKind::quit()),
            end(SignalKind::user_defined1()),
            end(SignalKind::user_defined2()),
            (Demand::Stop, kind(Signal::TSTP)),
            (Demand::Continue, kind(Signal::CONT)),
            (Demand::Fit, SignalKind::window_change()),
        ];
        demands.into_iter().map(|(demand, kind)| Ok((demand, signal(kind)?))).collect::<io::Result<_>>().map(Self)
    }

    /// The next one.
    pub async fn next(&mut self) -> Demand {
        poll_fn(|context| {
            let mut streams = self.0.iter_mut();
            let ready = streams.find_map(|(demand, stream)| stream.poll_recv(context).is_ready().then_some(*demand));
            ready.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

fn kind(signal: Signal) -> SignalKind {
    SignalKind::from_raw(signal.as_raw())
}

/// Asks the whole process group to stop, as Ctrl-Z does where the terminal is not in raw mode; for
/// this process it comes back as [`Demand::Stop`].
///
/// # Errors
/// The system refuses.
pub fn stop_group() -> io::Result<()> {
    Ok(kill_current_process_group(Signal::TSTP)?)
}

/// Whether a shell waits that can let us go on. A stop without one would be for ever, which is why
/// the kernel ignores SIGTSTP there; SIGSTOP it does not ignore.
pub fn can_stop() -> bool {
    let me = getpid();
    let ours = session(me);
    let parents = getppid().and_then(session);
    ours.is_some() && ours == parents && ours != Some(me.as_raw_nonzero().get())
}

/// The session of a process; 0 for every one whose leader lives outside our PID namespace, as that
/// of a process which entered a container does.
#[expect(unsafe_code, reason = "rustix makes a non-zero number of it, which in a container it need not be")]
fn session(process: Pid) -> Option<i32> {
    // SAFETY: getsid takes a number and touches no memory of ours.
    let session = unsafe { libc::getsid(process.as_raw_nonzero().get()) };
    (session >= 0).then_some(session)
}

/// Stops this process; returns when it goes on, with [`Demand::Continue`] on its way.
///
/// # Errors
/// The system refuses.
pub fn stop_here() -> io::Result<()> {
    let me: Pid = getpid();
    Ok(kill_process(me, Signal::STOP)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_tells_the_signal_as_a_shell_would() {
        assert_eq!(Ending::Quit.exit_code(), 0);
        assert_eq!(Ending::HungUp.exit_code(), 129);
        assert_eq!(Ending::Asked(SignalKind::interrupt()).exit_code(), 130);
        assert_eq!(Ending::Asked(SignalKind::quit()).exit_code(), 131);
        assert_eq!(Ending::Asked(SignalKind::terminate()).exit_code(), 143);
    }
}
