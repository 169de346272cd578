//! Everything that the screen shows and remembers; changed by `update` alone, drawn by `view` alone.

pub mod checks;
pub mod detail;
pub mod events;
pub mod form;
pub mod incident;
pub mod list;
pub mod message;
pub mod outages;
pub mod overlay;
pub mod request;
pub mod targets;
pub mod travel;
pub mod understood;
pub mod undo;
mod window;

pub use checks::Checks;
pub use detail::Detail;
pub use events::Events;
pub use incident::Incident;
pub use list::List;
pub use message::{Message, Tone};
pub use outages::Outages;
pub use overlay::Overlay;
pub use request::{Pending, Requests};
pub use targets::Targets;
pub use travel::{Moment, Travel};
pub use undo::{Change, UndoStack};
pub use window::Window;

use super::banner;
use super::glyphs::Glyphs;
use super::layout::{self, Shape};
use super::settings::{Company, Settings};
use super::theme::Role;
use crate::domain::{Now, Span, TargetId, Wall};
use crate::monitor::{Snapshot, TargetView};
use ratatui::style::Style;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How long a message stays.
pub const MESSAGE_LASTS: Duration = Duration::from_secs(5);
/// How often the clock of a running instant check moves.
pub const BEAT_OF_A_CHECK: Duration = Duration::from_millis(250);
/// How often the clock moves otherwise.
pub const BEAT: Duration = Duration::from_secs(1);

/// Which view fills the screen, and which part of one has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// The dashboard.
    #[default]
    Targets,
    /// One target.
    Detail,
    /// Outages of all targets.
    Outages,
    /// One outage.
    Outage,
    /// Instant checks.
    Checks,
    /// The log of events.
    Events,
    /// No view of its own: the chart in the detail of a target, while it has the keys.
    Chart,
    /// No view of its own: the outages in the detail of a target, while they have the keys.
    OutagesOfTarget,
}

/// Which part of a wide dashboard the keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The table of targets.
    #[default]
    List,
    /// The selected target.
    Detail,
    /// Events.
    Events,
    /// Instant checks.
    Checks,
}

/// The screen stands still while checks and history go on.
#[derive(Clone, Debug)]
pub struct Freeze {
    /// Since when.
    pub since: Wall,
    /// The newest picture, shown when the screen goes on.
    pub newest: Arc<Snapshot>,
}

/// Whether the monitor still answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// It does.
    #[default]
    Running,
    /// It has ended; what is shown is the last that was known.
    Lost,
}

/// The size of the terminal in columns and rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

/// Everything that the screen shows and remembers.
#[derive(Debug)]
pub struct Model {
    /// As the configuration says and as keys have changed it since.
    pub settings: Settings,
    /// As the configuration says.
    pub configured: Settings,
    /// The size of the terminal.
    pub size: Size,
    /// The picture that is shown; the newest unless the screen is frozen or shows the past.
    pub snapshot: Arc<Snapshot>,
    /// The time that is shown; stands still while the screen is frozen or shows the past.
    pub now: Wall,
    /// The time.
    pub clock: Wall,
    /// Whether the monitor still answers.
    pub engine: Engine,
    /// Which view fills the screen, and which part of one has the keys.
    pub view: View,
    /// Where going back leads, innermost last.
    pub trail: Vec<View>,
    /// Which part of a wide dashboard the keys go to.
    pub pane: Pane,
    /// Whether the table of the dashboard has the whole screen.
    pub zoom: super::settings::Switch,
    /// Over how much time charts, strips and outages look back.
    pub window: Window,
    /// The dashboard.
    pub targets: Targets,
    /// The detail of one target.
    pub detail: Detail,
    /// The outages.
    pub outages: Outages,
    /// One of them.
    pub incident: Incident,
    /// The instant checks.
    pub checks: Checks,
    /// The events.
    pub events: Events,
    /// What lies over the view and takes the keys.
    pub overlay: Option<Overlay>,
    /// Commands typed before, oldest first.
    pub command_history: Vec<String>,
    /// Set while the screen stands still.
    pub freeze: Option<Freeze>,
    /// Set while the screen shows the past.
    pub travel: Option<Travel>,
    /// The moment of the past that is wanted and not yet shown.
    pub destination: Option<Wall>,
    /// A target that is shown in full when its moment has come, and over which span.
    pub sought: Option<(TargetId, Option<Span>)>,
    /// What the last key did.
    pub message: Option<Message>,
    /// Targets whose bell is off until they recover.
    pub muted: BTreeSet<TargetId>,
    /// When the bell rang last.
    pub rang_at: Option<Wall>,
    /// When Ctrl-C was pressed last.
    pub interrupted_at: Option<Wall>,
    /// What was asked and not yet answered.
    pub requests: Requests,
    /// What can be undone.
    pub undo: UndoStack,
    revision: u64,
}

impl View {
    /// Every view that fills the screen.
    pub const ALL: [Self; 6] = [Self::Targets, Self::Detail, Self::Outages, Self::Outage, Self::Checks, Self::Events];

    /// Its name in a title and for `:view`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Targets => "targets",
            Self::Detail => "detail",
            Self::Outages => "outages",
            Self::Outage => "outage",
            Self::Checks => "checks",
            Self::Events => "events",
            Self::Chart => "chart",
            Self::OutagesOfTarget => "outages of a target",
        }
    }
}

impl Model {
    /// The model at the start, before the first picture.
    pub fn new(settings: Settings) -> Self {
        Self {
            configured: settings.clone(),
            settings,
            size: Size::default(),
            snapshot: Arc::new(Snapshot::empty(Now::default())),
            now: Wall::default(),
            clock: Wall::default(),
            engine: Engine::default(),
            view: View::default(),
            trail: Vec::new(),
            pane: Pane::default(),
            zoom: super::settings::Switch::Off,
            window: Window::default(),
            targets: Targets::default(),
            detail: Detail::default(),
            outages: Outages::default(),
            incident: Incident::default(),
            checks: Checks::default(),
            events: Events::default(),
            overlay: None,
            command_history: Vec::new(),
            freeze: None,
            travel: None,
            destination: None,
            sought: None,
            message: None,
            muted: BTreeSet::new(),
            rang_at: None,
            interrupted_at: None,
            requests: Requests::default(),
            undo: UndoStack::default(),
            revision: 0,
        }
    }

    /// Grows with every change that can be seen: a shell draws when it differs from the one drawn last.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Says that something visible has changed.
    pub const fn touch(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// The characters in use.
    pub const fn glyphs(&self) -> &'static Glyphs {
        self.settings.charset.glyphs()
    }

    /// What a role looks like.
    pub const fn style(&self, role: Role) -> Style {
        self.settings.theme.style(role)
    }

    /// Which moment the screen shows.
    pub fn moment(&self) -> Moment {
        self.travel.as_ref().map_or(Moment::Now, |travel| Moment::At(travel.shown.at))
    }

    /// The newest picture, unless the screen is frozen; the past is none.
    pub fn live(&self) -> &Snapshot {
        self.travel.as_ref().map_or(&self.snapshot, |travel| &travel.newest)
    }

    /// A target of the picture that is shown.
    pub fn target(&self, id: TargetId) -> Option<&Arc<TargetView>> {
        self.targets.places.get(&id).and_then(|place| self.snapshot.targets.get(*place))
    }

    /// Whether this process makes the checks for others who are attached.
    pub fn has_company(&self) -> bool {
        matches!(self.settings.company, Company::Owner { others: 1.. })
    }

    /// The selected target of the dashboard, if it is still watched.
    pub fn selected(&self) -> Option<&Arc<TargetView>> {
        self.targets.list.selected.and_then(|id| self.target(id))
    }

    /// How the dashboard is laid out.
    pub fn shape(&self) -> Shape {
        match (Shape::of(self.size), self.zoom) {
            (Shape::Panel | Shape::Panes, super::settings::Switch::On) => Shape::Table,
            (shape, _) => shape,
        }
    }

    /// How the screen is divided.
    pub fn frame(&self) -> layout::Frame {
        layout::frame(self.size, banner::banners(self).len())
    }

    /// How the dashboard is divided.
    pub fn dashboard(&self) -> layout::Dashboard {
        layout::dashboard(self.frame().body, self.shape())
    }

    /// Where the keys go: the view, on a wide dashboard that of the pane, in the detail the part that has them.
    pub fn place(&self) -> View {
        match (self.view, self.pane) {
            (View::Detail, _) => match self.detail.focus {
                detail::Focus::Target => View::Detail,
                detail::Focus::Chart => View::Chart,
                detail::Focus::Outages => View::OutagesOfTarget,
            },
            (View::Targets, Pane::Detail) if self.shape() == Shape::Panes => View::Detail,
            (View::Targets, Pane::Events) if self.shape() == Shape::Panes => View::Events,
            (View::Targets, Pane::Checks) if self.shape() == Shape::Panes => View::Checks,
            (view, _) => view,
        }
    }

    /// Whether a view can be seen, alone or as a pane.
    pub fn is_visible(&self, view: View) -> bool {
        self.view == view
            || (self.view == View::Targets
                && self.shape() == Shape::Panes
                && !matches!(view, View::Outages | View::Outage))
    }

    /// How often the screen wants to be told the time.
    pub fn beat(&self) -> Duration {
        let is_checking = !self.snapshot.ad_hoc.running.is_empty() && self.is_visible(View::Checks);
        if is_checking && self.freeze.is_none() { BEAT_OF_A_CHECK } else { BEAT }
    }

    /// The title of the terminal's window: what is wrong, and how many there are.
    pub fn title(&self) -> String {
        use super::standing::Standing;
        let glyphs = self.glyphs();
        let tally = self.travel.as_ref().map_or(&self.targets.tally, |travel| &travel.tally);
        let mut title = String::from("portpulse");
        for standing in [Standing::Down, Standing::Failing] {
            if tally.of(standing) > 0 {
                title.extend([" ", standing.glyph(glyphs), &tally.of(standing).to_string()]);
            }
        }
        format!("{title} | {}", tally.total())
    }

    /// Shows a line that says what was done.
    pub fn say(&mut self, text: impl Into<String>) {
        self.tell(&text.into(), Tone::Done);
    }

    /// Shows a line that says what was not done.
    pub fn refuse(&mut self, text: impl Into<String>) {
        self.tell(&text.into(), Tone::Refused);
    }

    fn tell(&mut self, text: &str, tone: Tone) {
        let text = crate::domain::text::clean(text, 500);
        self.message = Some(Message { text, tone, at: self.clock });
        self.touch();
    }
}
