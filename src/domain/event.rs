//! Something that happened and is worth a line in the log of events.

use super::{Fault, OutageId, Reason, Span, TargetId, Wall};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A line of the log of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Wall,
    /// About which target, with its name at the time; `None` for portpulse itself.
    pub target: Option<(TargetId, String)>,
    /// What.
    pub what: Happening,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    /// portpulse started; it had been away for this long, if it ever ran before.
    Started { targets: u32, away: Option<Duration> },
    /// portpulse was asked to stop.
    Stopped,
    /// A target was added.
    Added,
    /// A target's definition was changed.
    Edited,
    /// A target was removed.
    Removed,
    /// A removed target was brought back.
    Restored,
    /// A target was paused.
    Paused,
    /// A target was resumed.
    Resumed,
    /// The first conclusive answer of a new target was a success.
    FirstUp,
    /// A failure that is not yet an outage.
    Failing { count: u8, of: u8, reason: Reason },
    /// The failures stopped before they made an outage.
    Blip { failures: u8 },
    /// An outage was confirmed.
    Down { outage: OutageId, reason: Reason, since: Wall },
    /// An outage ended.
    Up { outage: OutageId, lasted: Duration },
    /// The port is open but slow.
    Slow { latency: Duration, limit: Duration },
    /// No longer slow.
    NoLongerSlow,
    /// A check said nothing about the target because of a fault here; told once until it passes.
    LocalFault(Fault),
    /// Nothing can be told through this path until sight comes back.
    Blind { why: String },
    /// Sight came back.
    SightRestored { after: Duration },
    /// Nobody observed anything for this long: stopped, suspended or stalled.
    Gap { lasted: Duration },
    /// The wall clock stepped by this many milliseconds.
    ClockStepped { milliseconds: i64 },
    /// Checks are not being recorded.
    NotRecording { why: String },
    /// Recording goes on; this many checks were lost meanwhile.
    RecordingAgain { lost: u64 },
    /// The configuration was read again after an edit by hand.
    ConfigurationRead { added: u32, changed: u32, removed: u32 },
    /// The configuration on disk is wrong; the old settings stay.
    ConfigurationRefused { why: String },
    /// Something else worth telling, already in words.
    Note(String),
    /// Somebody wrote a remark on the timeline, about this moment.
    Remarked { about: Wall, text: String },
    /// A remark was taken back.
    RemarkWithdrawn { about: Wall, text: String },
    /// So many of its endpoints (or addresses) are fine, of so many: enough to work with.
    Degraded { fine: u8, of: u8 },
    /// As many as are asked for are fine again.
    NoLongerDegraded,
    /// Maintenance began on so many targets; about one if they are named.
    MaintenanceBegan { title: String, targets: u32, until: Wall },
    /// Maintenance is over, or was ended.
    MaintenanceEnded { title: String, targets: u32 },
    /// Somebody said that there is to be maintenance, or that there was.
    MaintenanceDeclared { title: String, targets: u32, span: Span },
    /// It is as if there had been none.
    MaintenanceWithdrawn { title: String, targets: u32, span: Span },
    /// An outage that began in a maintenance has outlasted it.
    StillDown { outage: OutageId, reason: Reason, since: Wall },
}

impl Happening {
    /// Whether how things stand is different after it.
    pub const fn is_change(&self) -> bool {
        match self {
            Self::Started { .. }
            | Self::Stopped
            | Self::Added
            | Self::Removed
            | Self::Restored
            | Self::Paused
            | Self::Resumed
            | Self::FirstUp
            | Self::Failing { .. }
            | Self::Blip { .. }
            | Self::Down { .. }
            | Self::Up { .. }
            | Self::Slow { .. }
            | Self::NoLongerSlow
            | Self::Degraded { .. }
            | Self::NoLongerDegraded
            | Self::MaintenanceBegan { .. }
            | Self::MaintenanceEnded { .. }
            | Self::StillDown { .. }
            | Self::Blind { .. }
            | Self::SightRestored { .. }
            | Self::Gap { .. } => true,
            Self::Edited
            | Self::LocalFault(_)
            | Self::ClockStepped { .. }
            | Self::NotRecording { .. }
            | Self::RecordingAgain { .. }
            | Self::ConfigurationRead { .. }
            | Self::ConfigurationRefused { .. }
            | Self::Note(_)
            | Self::MaintenanceDeclared { .. }
            | Self::MaintenanceWithdrawn { .. }
            | Self::Remarked { .. }
            | Self::RemarkWithdrawn { .. } => false,
        }
    }
}
