//! Everything that a front end shows, at one moment.

use super::message::Recording;
use super::views::Views;
use crate::domain::{
    AdHoc, Address, Attempt, Check, EndpointId, Event, Finding, Maintenance, Now, Outage, Phase, Reason, Target,
    TargetId, Wall, job::Health,
};
use crate::window::Strip;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// How many marks of recent checks a view carries.
pub const RECENT_MARKS: usize = 30;
/// So many checks in a row that say nothing make a target unseen.
pub const UNSEEN_AFTER: usize = 3;
/// How many cells the strips of a view have: 48 for a day (half an hour each) and 60 for an hour.
pub const DAY_CELLS: usize = 48;
/// See [`DAY_CELLS`].
pub const HOUR_CELLS: usize = 60;

/// One moment of the monitor. Views that did not change are shared with the snapshot before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Grows with every change; a reader can tell an older picture from a newer one.
    pub version: u64,
    /// When it was taken.
    pub at: Now,
    /// In the order in which the targets were declared.
    pub targets: Views,
    /// Whether we can see at all.
    pub sight: Sight,
    /// Whether history is being kept.
    pub recording: Recording,
    /// The newest events, oldest first, at most 200.
    pub events: Arc<Vec<Event>>,
    /// Running instant checks, and the newest finished ones, oldest first, at most 200.
    pub ad_hoc: Arc<AdHocView>,
    /// How the prober fares.
    pub prober: Health,
    /// Checks a second that the definitions ask for.
    pub checks_per_second: f32,
    /// Turns that were skipped because the check before was still running, since the start.
    pub skipped_turns: u64,
    /// What is wrong with the configuration file on disk, while the old settings stay.
    pub configuration_error: Option<String>,
}

/// Whether we can see; laid over the states of the targets, never in place of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight {
    /// As far as anybody knows.
    #[default]
    Clear,
    /// Not through some path; failures seen through it open nothing and close nothing.
    Blind {
        /// Since when.
        since: Wall,
        /// What the matter is, in words.
        why: String,
        /// Which part of the world that concerns, such as "IPv4" or "everything".
        scope: String,
    },
}

/// A target as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetView {
    /// Identity and definition.
    pub target: Arc<Target>,
    /// What thresholds make of its checks.
    pub state: State,
    /// Since when it is in that state: for down, the first failing check.
    pub since: Wall,
    /// What is being counted towards another state.
    pub soft: Soft,
    /// Whether a check runs at this moment.
    pub checking: bool,
    /// The newest finished check, with each address of the name.
    pub latest: Option<Arc<Latest>>,
    /// What lies behind its verdict, where that is more than what one check found.
    pub round: Option<Arc<RoundView>>,
    /// The newest marks, oldest first, at most [`RECENT_MARKS`].
    pub recent: Arc<[Mark]>,
    /// The last hour, oldest cell first; always [`HOUR_CELLS`] cells.
    pub hour: Arc<Strip>,
    /// The last day, oldest cell first; always [`DAY_CELLS`] cells.
    pub day: Arc<Strip>,
    /// The open outage.
    pub outage: Option<Arc<Outage>>,
    /// The maintenance that goes on; its state is laid under it and counts for nothing meanwhile.
    pub maintenance: Option<Arc<Maintenance>>,
    /// The next one that somebody declared and that is yet to begin.
    pub planned: Option<Arc<Maintenance>>,
}

/// What lies behind the verdict of a target with several endpoints or with a rule of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundView {
    /// Its endpoints, in the order of the definition.
    pub members: Vec<MemberView>,
    /// Why the newest verdict is what it is, in words; nothing before the first.
    pub why: String,
}

/// One endpoint of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberView {
    /// Under which id its history is kept.
    pub endpoint: EndpointId,
    /// Its newest finished check.
    pub latest: Option<Arc<Latest>>,
    /// Its newest marks, oldest first, at most [`RECENT_MARKS`].
    pub recent: Vec<Mark>,
}

/// What thresholds make of the checks of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum State {
    /// An outage is open.
    Down,
    /// Open, but slower than its limit allows.
    Degraded,
    /// No conclusive answer yet.
    Pending,
    /// Open.
    Up,
    /// Stopped by hand.
    Paused,
}

/// What is being counted towards another state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Soft {
    /// Nothing.
    #[default]
    Steady,
    /// Failures in a row since the first of them, of as many as make an outage.
    Failing { count: u8, of: u8, reason: Reason, since: Wall },
    /// Successes in a row, of as many as end one.
    Recovering { count: u8, of: u8 },
}

/// The newest finished check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest {
    /// As history keeps it.
    pub check: Check,
    /// With each address tried.
    pub finding: Finding,
}

/// One check in a sparkline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    /// Connected, in this time (DNS included).
    Open(Duration),
    /// Failed.
    Failed(Reason),
    /// A check of ours that says nothing.
    Inconclusive,
    /// Time that nobody observed.
    Gap,
}

/// The instant checks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AdHocView {
    /// Those that run, oldest first.
    pub running: Vec<Running>,
    /// Those that ended, oldest first, at most 200.
    pub finished: Vec<Finished>,
}

/// A finished instant check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// Its number, if it ran in this run of the monitor.
    pub attempt: Option<Attempt>,
    /// Where to, and what was found.
    pub check: AdHoc,
}

/// A running instant check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// Its number.
    pub attempt: Attempt,
    /// Where to.
    pub address: Address,
    /// How long it may take.
    pub timeout: Duration,
    /// When it was asked for.
    pub asked_at: Wall,
    /// Its phases so far.
    pub phases: Vec<Phase>,
}

impl TargetView {
    /// Whether its newest checks, as many as [`UNSEEN_AFTER`], say nothing, for reasons of ours: its
    /// state is what was last seen, and nobody knows whether it still holds.
    pub fn is_unseen(&self) -> bool {
        let newest = self.recent.len().checked_sub(UNSEEN_AFTER).and_then(|from| self.recent.get(from..));
        newest.is_some_and(|marks| marks.iter().all(|mark| *mark == Mark::Inconclusive))
    }

    /// Whether it was never seen open, as far as is known: not before a pause or a change of mind either.
    pub fn was_never_open(&self) -> bool {
        self.state == State::Pending && !self.recent.iter().any(|mark| matches!(mark, Mark::Open(_)))
    }

    /// Whether nobody observed it at the moment of the picture, which only a look back can know: its
    /// state is what was last seen.
    pub fn is_unobserved(&self) -> bool {
        self.recent.last() == Some(&Mark::Gap)
    }
}

impl Snapshot {
    /// The picture of a monitor that watches nothing.
    pub fn empty(at: Now) -> Self {
        Self {
            version: 0,
            at,
            targets: Views::default(),
            sight: Sight::Clear,
            recording: Recording::default(),
            events: Arc::default(),
            ad_hoc: Arc::default(),
            prober: Health::default(),
            checks_per_second: 0.0,
            skipped_turns: 0,
            configuration_error: None,
        }
    }

    /// The same without what takes the most room: strips, events and instant checks.
    #[must_use]
    pub fn without_days(&self) -> Self {
        let (hour, day) = (Arc::<Strip>::default(), Arc::<Strip>::default());
        let slim = |view: &Arc<TargetView>| {
            Arc::new(TargetView { hour: Arc::clone(&hour), day: Arc::clone(&day), ..TargetView::clone(view) })
        };
        let targets = self.targets.iter().map(slim).collect();
        Self { targets, events: Arc::default(), ad_hoc: Arc::default(), ..self.clone() }
    }

    /// The view of a target, if it is still watched.
    pub fn target(&self, id: TargetId) -> Option<&Arc<TargetView>> {
        self.targets.iter().find(|view| view.target.id == id)
    }
}
