//! The shell around the screen: brings it keys, pictures and time, carries out what it wants, and paints it.

pub mod attention;
pub mod canvas;
mod carry_out;
mod export;
pub mod guard;
pub mod input;
mod output;
pub mod signals;
pub mod terminal;
pub mod watchdog;

pub use signals::Ending;
pub use terminal::{NoTerminal, Terminal};

use super::settings::Switch;
use super::{Intent, Model, Msg, Screen, Settings, update};
use crate::domain::Wall;
use crate::engine::{Clock, Handle};
use crate::monitor::{Notice, Snapshot};
use attention::{Bell, Title};
use canvas::Canvas;
use export::Exports;
use input::Gesture;
use output::Output;
use rustix::termios::tcgetwinsize;
use signals::{Demand, Signals};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Pictures are looked at this often at most.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Time between two frames at least, so that a held key cannot flood the line.
const FRAME_EVERY: Duration = Duration::from_millis(33);
/// How long a flood of input may put off a frame that is due.
const FRAME_LATE: Duration = Duration::from_millis(100);
/// How many bytes beside the screen (title, bell, clipboard) may wait for a terminal that is behind.
const ASIDE_MAX: usize = 64 * 1024;
/// What is assumed of a terminal that does not know its size, such as a serial line.
const SIZE_UNKNOWN: (u16, u16) = (80, 24);

/// Shows the model on the terminal of this process until the user quits, a signal asks for the end,
/// or the terminal vanishes. The terminal is given back before this returns.
///
/// Newer `settings` are taken over as they come; where no configuration is kept, none come.
///
/// # Errors
/// The terminal cannot be taken over, or the system has no thread or signal handler left.
pub async fn run(
    settings: watch::Receiver<Settings>,
    handle: Handle,
    terminal: Terminal,
    clock: Clock,
) -> io::Result<Ending> {
    guard::enter(terminal)?;
    let shell = Shell::start(settings, handle, terminal, clock);
    let (ending, terminal) = match shell {
        Ok(mut shell) => (Ok(shell.serve().await), shell.terminal()),
        Err(error) => (Err(error), terminal),
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
    exports: Exports,
    gestures: mpsc::Receiver<Vec<Gesture>>,
    signals: Signals,
    hung_up: Arc<Notify>,
    snapshots: Option<watch::Receiver<Arc<Snapshot>>>,
    notices: broadcast::Receiver<Notice>,
    settings: watch::Receiver<Settings>,
    /// When a picture may be looked at again.
    look_at: Instant,
    /// What was painted last, and when.
    painted: Option<(u64, Instant)>,
    /// When the next frame is due, if anything may have changed.
    paint_at: Option<Instant>,
    tick_at: Instant,
}

/// One thing that the shell has to deal with.
enum Step {
    Demand(Demand),
    Gestures(Vec<Gesture>),
    Tell(Msg),
    Snapshot,
    Tick,
    Paint,
    Nothing,
}

impl Shell {
    fn start(
        mut settings: watch::Receiver<Settings>,
        handle: Handle,
        terminal: Terminal,
        clock: Clock,
    ) -> io::Result<Self> {
        let hung_up = Arc::new(Notify::new());
        let signals = Signals::listen()?;
        watchdog::start(Arc::clone(&hung_up))?;
        let (columns, rows) = size().unwrap_or(SIZE_UNKNOWN);
        let now = Instant::now();
        let model = Model::new(settings.borrow_and_update().clone());
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
            exports: Exports::default(),
            gestures: input::start()?,
            signals,
            hung_up,
            snapshots: Some(handle.snapshots()),
            notices: handle.notices(),
            settings,
            handle,
            look_at: now,
            painted: None,
            paint_at: Some(now),
            tick_at: now,
        };
        update(&mut shell.model, Msg::Resized(columns, rows));
        if shell.model.settings.mouse == Switch::On {
            shell.carry_out(Intent::CaptureMouse(true));
        }
        shell.tick();
        shell.look();
        Ok(shell)
    }

    /// The terminal as the user wants it to be treated.
    fn terminal(&self) -> Terminal {
        self.terminal.synchronized(self.model.settings.synchronized)
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
                Step::Demand(Demand::Fit) => self.fit(),
                Step::Gestures(gestures) => self.take_in(gestures),
                Step::Tell(msg) => self.tell(msg),
                Step::Snapshot => self.look(),
                Step::Tick => self.tick(),
                Step::Paint => self.paint(),
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
            gestures = self.gestures.recv() => match gestures {
                Some(gestures) => Step::Gestures(gestures),
                None => Step::Demand(Demand::End(Ending::HungUp)),
            },
            // What is told on the way comes before the end.
            Some(how_far) = self.exports.told.recv() => Step::Tell(Msg::Exporting(how_far)),
            Some(msg) = self.asked.join_next(), if !self.asked.is_empty() => msg.map_or(Step::Nothing, Step::Tell),
            notice = self.notices.recv() => match notice {
                Ok(notice) => Step::Tell(Msg::Notice(notice)),
                // The pictures tell all that was missed; the handle keeps the channel open.
                Err(broadcast::error::RecvError::Lagged(_) | broadcast::error::RecvError::Closed) => Step::Nothing,
            },
            settings = edited(&mut self.settings) => Step::Tell(Msg::Configured(Box::new(settings))),
            step = newer(&mut self.snapshots, look_at) => step,
            () = sleep_until(tick_at) => Step::Tick,
            () = sleep_until(paint_at.unwrap_or(now)), if is_ready && paint_at.is_some() => Step::Paint,
            () = self.output.written(), if !is_ready => Step::Nothing,
        }
    }

    /// Takes in what the user did.
    fn take_in(&mut self, gestures: Vec<Gesture>) -> Option<Ending> {
        gestures.into_iter().find_map(|gesture| {
            self.tell(match gesture {
                Gesture::Key(key) => Msg::Key(key),
                Gesture::Mouse(mouse) => Msg::Mouse(mouse),
                Gesture::Paste(text) => Msg::Pasted(text),
            })
        })
    }

    /// Takes the size of the terminal, if it knows one.
    fn fit(&mut self) -> Option<Ending> {
        size().and_then(|(columns, rows)| self.tell(Msg::Resized(columns, rows)))
    }

    /// Takes the newest picture.
    fn look(&mut self) -> Option<Ending> {
        let newest = Arc::clone(&self.snapshots.as_mut()?.borrow_and_update());
        self.look_at = Instant::now() + LOOK_EVERY;
        if self.terminal.has_title() {
            let title = self.title.show(&newest);
            self.put_aside(&title);
        }
        let ending = self.tell(Msg::Snapshot(newest));
        // A check that has just begun wants the time sooner than was planned.
        self.tick_at = self.tick_at.min(self.next_tick((self.clock)().wall));
        ending
    }

    /// Tells the time, on the second, and between seconds as often as the model wants it.
    fn tick(&mut self) -> Option<Ending> {
        let wall = (self.clock)().wall;
        self.tick_at = self.next_tick(wall);
        self.tell(Msg::Clock(wall))
    }

    fn next_tick(&self, wall: Wall) -> Instant {
        let beat = i64::try_from(self.model.beat().as_millis()).unwrap_or(1_000).max(1);
        let rest = u64::try_from(beat - wall.0.rem_euclid(beat)).unwrap_or(0);
        Instant::now() + Duration::from_millis(rest)
    }

    /// Tells the model something and carries out what it wants because of it.
    fn tell(&mut self, msg: Msg) -> Option<Ending> {
        let mut ending = None;
        for intent in update(&mut self.model, msg) {
            ending = ending.or(self.carry_out(intent));
        }
        let is_changed = self.painted.is_none_or(|(revision, _)| revision != self.model.revision());
        if self.paint_at.is_none() && (is_changed || !self.aside.is_empty()) {
            let now = Instant::now();
            self.paint_at = Some(self.painted.map_or(now, |(_, at)| now.max(at + FRAME_EVERY)));
        }
        ending
    }

    /// Sends the difference between what is shown and what shall be.
    fn paint(&mut self) -> Option<Ending> {
        self.paint_at = None;
        self.painted = Some((self.model.revision(), Instant::now()));
        let mut frame = std::mem::take(&mut self.aside);
        self.canvas.suit(self.terminal());
        self.canvas.fit(self.model.size.columns, self.model.size.rows);
        match self.canvas.paint(Screen(&self.model)) {
            Ok(bytes) => frame.extend(bytes),
            Err(error) => tracing::error!("cannot build a frame: {error}"),
        }
        self.output.send(frame);
        None
    }
}

/// Columns and rows of the terminal, if it knows them.
fn size() -> Option<(u16, u16)> {
    let size = tcgetwinsize(rustix::stdio::stdout()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}

/// Waits for an edit of the configuration. Without a configuration to edit, nothing ever comes.
async fn edited(settings: &mut watch::Receiver<Settings>) -> Settings {
    match settings.changed().await {
        Ok(()) => settings.borrow_and_update().clone(),
        Err(_) => std::future::pending().await,
    }
}

/// Waits for a newer picture, but not before `look_at`. The end of the engine is told once.
async fn newer(snapshots: &mut Option<watch::Receiver<Arc<Snapshot>>>, look_at: Instant) -> Step {
    let Some(receiver) = snapshots else { return std::future::pending().await };
    sleep_until(look_at).await;
    if receiver.changed().await.is_ok() {
        return Step::Snapshot;
    }
    *snapshots = None;
    Step::Tell(Msg::EngineLost)
}
