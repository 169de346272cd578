//! Pictures for tests and measurements of the screen: the fleet of the mock-ups, and frames as text.
#![allow(dead_code, unused_imports, reason = "each test and benchmark uses its own part")]

#[path = "fleet.rs"]
mod fleet_of_targets;

pub use fleet_of_targets::{crowd, fleet, member};

use portpulse::domain::{
    Address, Attempt, Check, Clocked, Definition, Endpoint, EndpointId, Event, Failure, Family, Fault, Finding,
    Handshake, Happening, Mono, Now, Outage, OutageId, Outcome, Place, Reason, Target, TargetId, Timing, Try,
    VantageId, Wall, record::AdHoc,
};
use portpulse::monitor::snapshot::{AdHocView, DAY_CELLS, HOUR_CELLS, Latest};
use portpulse::monitor::{Mark, Snapshot, Soft, State, TargetView};
use portpulse::tui::model::Model;
use portpulse::tui::settings::{Settings, Watching};
use portpulse::tui::text::Zone;
use portpulse::tui::theme::Role;
use portpulse::tui::{Intent, Msg, Screen, update};
use portpulse::window::{Cell, Strip, Uptime};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use std::sync::Arc;
use std::time::Duration;

/// Friday, 20 November 2026, 14:32:07 in a zone one hour east of UTC.
pub const NOW: Wall = Wall(1_795_181_527_000);

const SECOND: u64 = 1;
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A target in the making.
#[derive(Clone, Debug)]
pub struct Fixture {
    view: TargetView,
}

/// A target that has been up for 31 days with these marks: `1` to `8` is the height of a bar, `x` a
/// failure, `.` a gap, `?` a check of ours that says nothing.
pub fn target(id: u32, name: &str, address: &str, marks: &str) -> Fixture {
    let address: Address = address.parse().expect("an address");
    let endpoint = Endpoint { timeout: Duration::from_secs(3), ..Endpoint::new(address) };
    let mut definition = Definition::new(name.to_owned(), endpoint);
    definition.interval = Duration::from_secs(30);
    let target = Target::plain(TargetId(id), EndpointId(id), definition);
    let view = TargetView {
        target: Arc::new(target),
        state: State::Up,
        since: NOW - Duration::from_secs(31 * DAY),
        soft: Soft::Steady,
        checking: false,
        latest: None,
        recent: Arc::from(marks.chars().map(mark).collect::<Vec<_>>()),
        hour: Arc::new(strip(HOUR_CELLS, HOUR, &[])),
        day: Arc::new(strip(DAY_CELLS, DAY, &[])),
        outage: None,
        maintenance: None,
        planned: None,
        round: None,
    };
    Fixture { view }
}

fn mark(sign: char) -> Mark {
    let micros = [800, 2_400, 8_400, 21_000, 96_000, 210_000, 412_000, 1_400_000];
    match sign {
        'x' => Mark::Failed(Reason::TimedOut),
        '.' => Mark::Gap,
        '?' => Mark::Inconclusive,
        digit => {
            let height = digit.to_digit(10).expect("a height from 1 to 8") as usize;
            Mark::Open(Duration::from_micros(micros[height - 1]))
        }
    }
}

/// A strip that was up but for these cells: the cell, and the seconds of it that were down; a negative
/// number stands for a cell that nobody observed.
pub fn strip(cells: usize, seconds: u64, exceptions: &[(usize, i64)]) -> Strip {
    let each = seconds / cells as u64;
    let mut strip = Strip {
        cells: vec![Cell { up: Duration::from_secs(each), ..Cell::default() }; cells],
        uptime: Uptime::default(),
    };
    for &(place, down) in exceptions {
        strip.cells[place] = match u64::try_from(down) {
            Ok(down) => {
                Cell { up: Duration::from_secs(each - down), down: Duration::from_secs(down), ..Cell::default() }
            }
            Err(_) => Cell::default(),
        };
    }
    strip.uptime = Uptime {
        up: strip.cells.iter().map(|cell| cell.up).sum(),
        down: strip.cells.iter().map(|cell| cell.down).sum(),
        expected: Duration::from_secs(each * cells as u64),
        blips: 0,
    };
    strip
}

impl Fixture {
    /// The newest check connected in so many microseconds.
    pub fn open(mut self, micros: u64) -> Self {
        let timing = Timing { connect: Duration::from_micros(micros), clocked: Clocked::Kernel, syn_lost: 0 };
        self.view.latest = Some(self.latest(Outcome::Open(timing)));
        self
    }

    /// The newest check failed.
    pub fn failed(mut self, reason: Reason) -> Self {
        self.view.latest = Some(self.latest(Outcome::Failed(failure(reason))));
        self
    }

    /// In this state for so many seconds.
    pub fn state(mut self, state: State, seconds: u64) -> Self {
        self.view.state = state;
        self.view.since = NOW - Duration::from_secs(seconds);
        self
    }

    /// Counting towards another state.
    pub fn soft(mut self, soft: Soft) -> Self {
        self.view.soft = soft;
        self
    }

    /// Down for so many seconds.
    pub fn down(self, reason: Reason, seconds: u64) -> Self {
        let mut fixture = self.failed(reason).state(State::Down, seconds);
        let id = u64::from(fixture.view.target.id.0);
        let name = fixture.view.target.definition.name.clone();
        let started_at = fixture.view.since;
        fixture.view.outage = Some(Arc::new(outage(id, fixture.view.target.id, &name, started_at, reason)));
        fixture
    }

    /// With this day.
    pub fn day(mut self, exceptions: &[(usize, i64)]) -> Self {
        self.view.day = Arc::new(strip(DAY_CELLS, DAY, exceptions));
        self
    }

    /// With a changed definition.
    pub fn with(mut self, change: impl FnOnce(&mut Definition)) -> Self {
        change(&mut Arc::make_mut(&mut self.view.target).definition);
        self
    }

    /// With a changed view.
    pub fn view(mut self, change: impl FnOnce(&mut TargetView)) -> Self {
        change(&mut self.view);
        self
    }

    /// As a snapshot carries it.
    pub fn build(self) -> Arc<TargetView> {
        Arc::new(self.view)
    }

    fn latest(&self, outcome: Outcome) -> Arc<Latest> {
        let address = Some("10.4.1.12".parse().expect("an address"));
        let check = Check {
            endpoint: self.view.target.endpoint_ids[0],
            vantage: VantageId::HERE,
            at: NOW - Duration::from_secs(5 * SECOND),
            outcome,
            dns: None,
            address,
            tried: 1,
            answered: u8::from(outcome.is_open()),
        };
        let tries = address.into_iter().map(|address| Try { address, outcome }).collect();
        Arc::new(Latest { check, finding: Finding { waited: Duration::ZERO, dns: None, tries, outcome, address } })
    }
}

/// A failure of that kind, after half a millisecond.
pub fn failure(reason: Reason) -> Failure {
    let after = if reason == Reason::TimedOut { Duration::from_secs(3) } else { Duration::from_micros(400) };
    Failure { reason, place: Place::Later, errno: None, name: None, after, syn_lost: 0 }
}

/// An open outage.
pub fn outage(id: u64, target: TargetId, name: &str, started_at: Wall, reason: Reason) -> Outage {
    let mut failures = [0; portpulse::domain::REASONS];
    failures[reason.index()] = 26;
    Outage {
        id: OutageId(id),
        target,
        name: name.to_owned(),
        started_at,
        detected_at: started_at + Duration::from_secs(20),
        last_failure_at: NOW,
        closing: None,
        reason,
        failures,
        inconclusive: 0,
        unobserved: Duration::ZERO,
    }
}

/// A finding of our own fault, for the tests that need one.
pub fn our_fault() -> Finding {
    Finding::inconclusive(Duration::ZERO, Fault::Descriptors)
}

/// The number of an instant check.
pub const ATTEMPT: Attempt = Attempt(7);

/// Settings as the mock-ups have them.
pub fn settings() -> Settings {
    Settings {
        zone: Zone::Fixed(chrono::FixedOffset::east_opt(3_600).expect("an offset")),
        watching: Watching::Configured {
            configuration: "/home/you/.config/portpulse/portpulse.toml".into(),
            data: "/home/you/.local/share/portpulse".into(),
        },
        ..Settings::default()
    }
}

/// A model of that size that has seen this snapshot.
pub fn model(settings: Settings, snapshot: Snapshot, columns: u16, rows: u16) -> Model {
    let mut model = Model::new(settings);
    update(&mut model, Msg::Resized(columns, rows));
    update(&mut model, Msg::Clock(snapshot.at.wall));
    update(&mut model, Msg::Snapshot(Arc::new(snapshot)));
    model
}

/// Presses keys: single characters stand for themselves, `<enter>`, `<esc>`, `<tab>`, `<up>`, `<down>`,
/// `<left>`, `<right>`, `<backspace>`, `<pgdn>`, `<pgup>`, `<home>`, `<end>`, `<space>` and `<^x>` for keys.
pub fn press(model: &mut Model, keys: &str) -> Vec<Intent> {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    let mut intents = Vec::new();
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|inner| inner.split_once('>')).filter(|(name, _)| !name.is_empty());
        let (event, after) = match named {
            Some((name, after)) => {
                let code = match name {
                    "enter" => KeyCode::Enter,
                    "esc" => KeyCode::Esc,
                    "tab" => KeyCode::Tab,
                    "backtab" => KeyCode::BackTab,
                    "up" => KeyCode::Up,
                    "down" => KeyCode::Down,
                    "left" => KeyCode::Left,
                    "right" => KeyCode::Right,
                    "backspace" => KeyCode::Backspace,
                    "delete" => KeyCode::Delete,
                    "pgdn" => KeyCode::PageDown,
                    "pgup" => KeyCode::PageUp,
                    "home" => KeyCode::Home,
                    "end" => KeyCode::End,
                    "space" => KeyCode::Char(' '),
                    other => KeyCode::Char(other.chars().last().expect("a key")),
                };
                let modifiers = if name.starts_with('^') { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
                (KeyEvent::new(code, modifiers), after)
            }
            None => (KeyEvent::new(KeyCode::Char(first), KeyModifiers::NONE), &rest[first.len_utf8()..]),
        };
        intents.extend(update(model, Msg::Key(event)));
        rest = after;
    }
    intents
}

/// The frame of a model.
pub fn frame(model: &Model, columns: u16, rows: u16) -> Buffer {
    let area = Rect::new(0, 0, columns, rows);
    let mut buffer = Buffer::empty(area);
    Screen(model).render(area, &mut buffer);
    buffer
}

/// The frame of a model as lines of text, without blanks at their ends.
pub fn render(model: &Model, columns: u16, rows: u16) -> String {
    lines(&frame(model, columns, rows), |_, symbol| symbol.to_owned())
}

/// The roles of a frame, one letter for each cell: blank for plain text, and the letter of the first role
/// that looks as the cell does in the theme of the model.
pub fn styles(model: &Model, columns: u16, rows: u16) -> String {
    let theme = model.settings.theme;
    lines(&frame(model, columns, rows), |style, _| {
        Role::ALL.into_iter().find(|role| looks(theme.style(*role), style)).map_or('#', letter).to_string()
    })
}

fn looks(role: Style, cell: Style) -> bool {
    let colour = |style: Style| style.fg.unwrap_or(ratatui::style::Color::Reset);
    colour(role) == colour(cell) && role.add_modifier == cell.add_modifier
}

fn letter(role: Role) -> char {
    match role {
        Role::Text => ' ',
        Role::Muted | Role::Border => 'm',
        Role::Strong => 'b',
        Role::Up => 'u',
        Role::Slow => 's',
        Role::Failing => 'f',
        Role::Down => 'D',
        Role::Bar => 'c',
        Role::Failed => 'x',
        Role::Banner => 'B',
        Role::Error => 'e',
        Role::Input => 'i',
    }
}

fn lines(buffer: &Buffer, show: impl Fn(Style, &str) -> String) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in buffer.area.left()..buffer.area.right() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let cell = &buffer[(x, y)];
            skip = portpulse::tui::text::width(cell.symbol()).saturating_sub(1);
            line.push_str(&show(cell.style(), cell.symbol()));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
