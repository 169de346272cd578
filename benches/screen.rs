//! What the screen costs: time to build a frame, and bytes sent to the terminal, beside the goals.
//!
//! `cargo bench --bench screen`. Times are CPU time of this thread; bytes are exact.

#[path = "../tests/support/pictures.rs"]
mod pictures;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use portpulse::domain::{Now, Wall};
use portpulse::monitor::{Snapshot, Views};
use portpulse::tui::{Model, Msg, Screen, update};
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 35), (200, 50)];
/// Frames from data a second.
const FRAMES: u64 = 4;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    frame_times(&mut out)?;
    bytes(&mut out)
}

/// CPU time that this thread has used.
fn cpu() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}

/// The median and the 95th percentile of what a call costs.
fn cost(mut call: impl FnMut(u64)) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..400)
        .map(|turn| {
            let start = cpu();
            call(turn);
            cpu().saturating_sub(start)
        })
        .collect();
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 95 / 100])
}

fn frame_times(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Time in µs, median (95th)          update    frame    key+frame   goal for a frame: 500")?;
    for (columns, rows) in SIZES {
        for count in [1_000_u32, 10_000] {
            let mut world = World::new(count, columns, rows);
            let (update_time, update_late) = cost(|_| {
                world.checks(count / 120);
                let message = world.picture();
                world.send(message);
            });
            let area = Rect::new(0, 0, columns, rows);
            let mut buffer = Buffer::empty(area);
            let (frame_time, frame_late) = cost(|_| {
                buffer.reset();
                Screen(&world.model).render(area, &mut buffer);
            });
            let (key_time, key_late) = cost(|turn| {
                let key = if turn % 2 == 0 { 'j' } else { 'k' };
                world.send(Msg::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)));
                buffer.reset();
                Screen(&world.model).render(area, &mut buffer);
            });
            writeln!(
                out,
                "{columns}x{rows}, {count:>6} targets   {:>6} ({:>4})  {:>5} ({:>4})  {:>5} ({:>4})",
                update_time.as_micros(),
                update_late.as_micros(),
                frame_time.as_micros(),
                frame_late.as_micros(),
                key_time.as_micros(),
                key_late.as_micros(),
            )?;
        }
    }
    let mut world = World::new(10_000, 200, 50);
    world.key('/');
    let (filter, late) = cost(|turn| world.key(if turn % 2 == 0 { '7' } else { '3' }));
    writeln!(out, "a key of the filter over 10,000 targets: {} ({}), goal 50000", filter.as_micros(), late.as_micros())
}

fn bytes(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\nBytes a second, 3 simulated minutes     80x24   120x35   200x50")?;
    let row = |out: &mut dyn Write, name: &str, measure: &dyn Fn(u16, u16) -> io::Result<f64>, goals: [f64; 3]| {
        write!(out, "{name:<36}")?;
        for (columns, rows) in SIZES {
            write!(out, "{:>9.0}", measure(columns, rows)?)?;
        }
        writeln!(out, "   goals {goals:?}")
    };
    row(out, "1,000 targets every 30 s", &|w, h| steady(1_000, 30, w, h), [100.0, 150.0, 200.0])?;
    row(out, "10,000 targets every 30 s", &|w, h| steady(10_000, 30, w, h), [f64::NAN; 3])?;
    row(out, "every row in sight every second", &|w, h| steady(40, 1, w, h), [1_000.0, 1_500.0, 2_500.0])?;
    row(out, "5 targets, only the clock", &|w, h| clock_only(5, w, h), [f64::NAN; 3])?;
    row(out, "new pictures that show nothing new", &nothing_new, [0.0; 3])?;
    row(out, "bytes of a full repaint", &first_frame, [5_000.0, 8_500.0, 12_500.0])?;
    row(out, "bytes of one step of the cursor", &cursor_step, [60.0; 3])
}

/// Every target is checked once in `interval` seconds.
fn steady(count: u32, interval: u64, columns: u16, rows: u16) -> io::Result<f64> {
    let mut world = World::new(count, columns, rows);
    world.draw()?;
    let before = world.sent.get();
    let seconds = 180;
    let mut owed = 0.0;
    for turn in 0..seconds * FRAMES {
        owed += f64::from(count) / (interval * FRAMES) as f64;
        world.checks(owed as u32);
        owed -= owed.floor();
        world.pass(Duration::from_millis(1_000 / FRAMES));
        let message = world.picture();
        world.send(message);
        if turn % FRAMES == 0 {
            let now = world.now;
            world.send(Msg::Clock(now));
        }
        world.draw_if_changed()?;
    }
    Ok((world.sent.get() - before) as f64 / seconds as f64)
}

fn clock_only(count: u32, columns: u16, rows: u16) -> io::Result<f64> {
    let mut world = World::new(count, columns, rows);
    world.draw()?;
    let before = world.sent.get();
    for _ in 0..180 {
        world.pass(Duration::from_secs(1));
        let now = world.now;
        world.send(Msg::Clock(now));
        world.draw_if_changed()?;
    }
    Ok((world.sent.get() - before) as f64 / 180.0)
}

fn nothing_new(columns: u16, rows: u16) -> io::Result<f64> {
    let mut world = World::new(1_000, columns, rows);
    world.draw()?;
    let before = world.sent.get();
    for _ in 0..1_000 {
        let message = world.picture();
        world.send(message);
        world.draw_if_changed()?;
    }
    Ok((world.sent.get() - before) as f64)
}

fn first_frame(columns: u16, rows: u16) -> io::Result<f64> {
    let mut world = World::of(pictures::fleet(), columns, rows);
    world.draw()?;
    Ok(world.sent.get() as f64)
}

fn cursor_step(columns: u16, rows: u16) -> io::Result<f64> {
    let mut world = World::of(pictures::fleet(), columns, rows);
    for _ in 0..8 {
        world.key('j');
    }
    world.draw()?;
    let before = world.sent.get();
    world.key('j');
    world.draw()?;
    Ok((world.sent.get() - before) as f64)
}

/// A fleet whose checks end one after the other, and a screen that counts what it sends.
struct World {
    targets: Views,
    turns: Vec<u64>,
    next: usize,
    now: Wall,
    version: u64,
    model: Model,
    drawn: u64,
    sent: Rc<Cell<u64>>,
    terminal: Terminal<CrosstermBackend<Counter>>,
}

/// Counts instead of writing.
struct Counter(Rc<Cell<u64>>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl World {
    fn new(count: u32, columns: u16, rows: u16) -> Self {
        Self::of(pictures::crowd(count, 0), columns, rows)
    }

    fn of(snapshot: Snapshot, columns: u16, rows: u16) -> Self {
        crossterm::style::force_color_output(true);
        let sent = Rc::new(Cell::new(0));
        let viewport = Viewport::Fixed(Rect::new(0, 0, columns, rows));
        let backend = CrosstermBackend::new(Counter(Rc::clone(&sent)));
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport }).expect("a terminal of fixed size");
        let targets = snapshot.targets.clone();
        let turns = vec![0; targets.len()];
        let model = pictures::model(pictures::settings(), snapshot, columns, rows);
        Self { targets, turns, next: 0, now: pictures::NOW, version: 1, model, drawn: 0, sent, terminal }
    }

    /// The next so many targets have been checked.
    fn checks(&mut self, count: u32) {
        for _ in 0..count {
            let place = self.next % self.targets.len();
            self.turns[place] += 1;
            let turn = self.turns[place];
            let mut fresh = pictures::member(place as u32, turn);
            let view = Arc::make_mut(&mut fresh);
            let before = &self.targets[place];
            (view.target, view.hour, view.day) =
                (Arc::clone(&before.target), Arc::clone(&before.hour), Arc::clone(&before.day));
            self.targets[place] = fresh;
            self.next += 1;
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    fn picture(&mut self) -> Msg {
        self.version += 1;
        let at = Now { wall: self.now, ..Now::default() };
        let snapshot = Snapshot { targets: self.targets.clone(), version: self.version, ..Snapshot::empty(at) };
        Msg::Snapshot(Arc::new(snapshot))
    }

    fn send(&mut self, message: Msg) {
        update(&mut self.model, message);
    }

    fn key(&mut self, key: char) {
        self.send(Msg::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)));
    }

    fn draw(&mut self) -> io::Result<()> {
        self.drawn = self.model.revision();
        let model = &self.model;
        self.terminal.draw(|frame| frame.render_widget(Screen(model), frame.area())).map(|_| ())
    }

    fn draw_if_changed(&mut self) -> io::Result<()> {
        if self.drawn == self.model.revision() { Ok(()) } else { self.draw() }
    }
}
