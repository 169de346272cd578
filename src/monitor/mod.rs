//! The pure monitor: it decides what to check, when, and what the answers mean.

pub mod message;
pub mod settings;
pub mod snapshot;
pub mod window;

pub use message::{Change, Command, Declared, Effect, Input, Notice, Recording, Refusal, Reply, RequestId};
pub use settings::Settings;
pub use snapshot::{Mark, Sight, Snapshot, Soft, State, Strip, TargetView, Uptime};

use crate::domain::{Definition, Mono, Now, record::Resumed};

/// The owner of every decision: no I/O, no clock, no threads. What happens comes in through
/// [`Monitor::handle`], what is wanted goes out as effects, in order.
#[derive(Debug)]
pub struct Monitor {
    settings: Settings,
    version: u64,
}

impl Monitor {
    /// A monitor that takes up the work where the run before left it: open outages go on under
    /// their ids, streaks are replayed, time away becomes a gap. `declared` are the targets that
    /// the configuration names now; they are matched to known ones by name, then by address.
    pub fn new(
        now: Now,
        settings: Settings,
        declared: Vec<Definition>,
        resumed: Resumed,
        effects: &mut Vec<Effect>,
    ) -> Self {
        let _ = (now, declared, resumed, effects);
        Self { settings, version: 0 }
    }

    /// Takes notice of one thing that happened and appends what is wanted because of it.
    pub fn handle(&mut self, now: Now, input: Input, effects: &mut Vec<Effect>) {
        let _ = (now, input, effects, &self.settings);
    }

    /// When to call [`Monitor::handle`] with [`Input::Wake`] at the latest.
    pub fn wake_at(&self) -> Option<Mono> {
        None
    }

    /// Grows whenever a snapshot would show something new.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Everything that a front end shows, at this moment.
    pub fn snapshot(&self, now: Now) -> Snapshot {
        Snapshot {
            version: self.version,
            at: now,
            targets: Vec::new(),
            sight: Sight::Clear,
            recording: Recording::default(),
            events: std::sync::Arc::default(),
            ad_hoc: std::sync::Arc::default(),
            prober: crate::domain::job::Health::default(),
            checks_per_second: 0.0,
            skipped_turns: 0,
            configuration_error: None,
        }
    }
}
