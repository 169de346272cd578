//! The shell around the screen: brings it keys, pictures and time, carries out what it wants, and paints it.

pub mod attention;
pub mod canvas;
pub mod guard;
mod output;
pub mod signals;
pub mod terminal;
mod watchdog;

pub use signals::Ending;
pub use terminal::{NoTerminal, Terminal};

use super::{Intent, Model, Msg, Screen, update};
use crate::domain::{Mono, Wall};
use crate::engine::{Answer, Clock, Handle};
use crate::monitor::{Notice, Refusal, Reply, Snapshot};
use attention::{Bell, Title};
use canvas::Canvas;
use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt;
use output::Output;
use rustix::termios::tcgetwinsize;
use signals::{Demand, Signals};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, broadcast, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Pictures are looked at this often at most.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Time between two frames at least, so that a held key cannot flood the line.
const FRAME_EVERY: Duration = Duration::from_millis(33);
/// How long a flood of input may put off a frame that is due.
const FRAME_LATE: Duration = Duration::from_millis(100);
/// The longest paste, in bytes.
const PASTE_MAX: usize = 1 << 20;
/// How many bytes beside the screen (title, bell, clipboard) may wait for a terminal that is behind.
const ASIDE_MAX: usize = 64 * 1024;
/// What is assumed of a terminal that does not know its size, such as a serial line.
const SIZE_UNKNOWN: (u16, u16) = (80, 24);

/// Shows the model on the terminal of this process until the user quits, a signal asks for the end,
/// or the terminal vanishes. The terminal is given back before this returns.
///
/// # Errors
/// The terminal cannot be taken over, or the system has no thread or signal handler left.
pub async fn run(model: Model, handle: Handle, terminal: Terminal, clock: Clock) -> io::Result<Ending> {
    guard::enter(terminal)?;
    let shell = Shell::start(model, handle, terminal, clock);
    let ending = match shell {
        Ok(mut shell) => Ok(shell.serve().await),
        Err(error) => Err(error),
    };
    match ending {
        Ok(Ending::HungUp) if !is_terminal_alive() => guard::abandon(),
        _ => guard::leave(terminal),
    }
    ending
}

fn is_terminal_alive() -> bool {
    tcgetwinsize(rustix::stdio::stdin()).is_ok()
}

/// Everything around a model while it is on the screen.
struct Shell {
    model: Model,
    handle: Handle,
    terminal: Terminal,
    clock: Clock,
    canvas: Canvas,
    output: Output,
    title: Title,
    bell: Bell,
    /// Bytes that go out with the next frame.
    aside: Vec<u8>,
    /// Answers that are awaited.
    asked: JoinSet<Msg>,
    events: Option<EventStream>,
    signals: Signals,
    hung_up: Arc<Notify>,
    snapshots: Option<watch::Receiver<Arc<Snapshot>>>,
    notices: broadcast::Receiver<Notice>,
    /// When a picture may be looked at again.
    look_at: Instant,
    painted_at: Option<Instant>,
    /// When the next frame is due, if anything may have changed.
    paint_at: Option<Instant>,
    tick_at: Instant,
}

/// One thing that the shell has to deal with.
enum Step {
    Demand(Demand),
    Event(Option<io::Result<Event>>),
    Tell(Msg),
    Snapshot,
    EngineLost,
    Tick,
    Paint,
    Nothing,
}

impl Shell {
    fn start(model: Model, handle: Handle, terminal: Terminal, clock: Clock) -> io::Result<Self> {
        let hung_up = Arc::new(Notify::new());
        let signals = Signals::listen()?;
        watchdog::start(Arc::clone(&hung_up))?;
        let (columns, rows) = size().unwrap_or(SIZE_UNKNOWN);
        let now = Instant::now();
        let mut shell = Self {
            model,
            terminal,
            clock,
            canvas: Canvas::new(terminal, columns, rows),
            output: Output::start()?,
            title: Title::default(),
            bell: Bell::default(),
            aside: Vec::new(),
            asked: JoinSet::new(),
            events: Some(EventStream::new()),
            signals,
            hung_up,
            snapshots: Some(handle.snapshots()),
            notices: handle.notices(),
            handle,
            look_at: now,
            painted_at: None,
            paint_at: Some(now),
            tick_at: now,
        };
        shell.tell(Msg::Resized(columns, rows));
        shell.tick();
        shell.look();
        Ok(shell)
    }

    async fn serve(&mut self) -> Ending {
        loop {
            if self.output.has_failed() {
                return Ending::HungUp;
            }
            if self.paint_at.is_some_and(|due| due + FRAME_LATE <= Instant::now()) && self.output.is_ready() {
                self.paint();
            }
            let ending = match self.next().await {
                Step::Demand(Demand::End(ending)) => Some(ending),
                Step::Demand(Demand::Stop) => self.stop(),
                Step::Demand(Demand::Continue) => self.go_on(),
                Step::Event(Some(Ok(event))) => self.happened(event),
                Step::Event(Some(Err(_)) | None) => Some(Ending::HungUp),
                Step::Tell(msg) => self.tell_and_paint(msg),
                Step::Snapshot => self.look(),
                Step::EngineLost => self.lost(),
                Step::Tick => self.tick(),
                Step::Paint => {
                    self.paint();
                    None
                }
                Step::Nothing => None,
            };
            if let Some(ending) = ending {
                return ending;
            }
        }
    }

    /// Waits for the next thing to deal with; keys come before pictures, pictures before painting,
    /// so that a burst of either is painted once.
    async fn next(&mut self) -> Step {
        let now = Instant::now();
        let is_ready = self.output.is_ready();
        let (look_at, paint_at, tick_at) = (self.look_at, self.paint_at, self.tick_at);
        tokio::select! {
            biased;
            demand = self.signals.next() => Step::Demand(demand),
            () = self.hung_up.notified() => Step::Demand(Demand::End(Ending::HungUp)),
            event = next_event(&mut self.events) => Step::Event(event),
            Some(msg) = self.asked.join_next(), if !self.asked.is_empty() => msg.map_or(Step::Nothing, Step::Tell),
            notice = self.notices.recv() => match notice {
                Ok(notice) => Step::Tell(Msg::Notice(notice)),
                Err(broadcast::error::RecvError::Lagged(_)) => Step::Nothing,
                Err(broadcast::error::RecvError::Closed) => Step::EngineLost,
            },
            is_newer = changed(&mut self.snapshots, look_at) => if is_newer { Step::Snapshot } else { Step::EngineLost },
            () = sleep_until(tick_at) => Step::Tick,
            () = sleep_until(paint_at.unwrap_or(now)), if is_ready && paint_at.is_some() => Step::Paint,
            () = self.output.written(), if !is_ready => Step::Nothing,
        }
    }
}
