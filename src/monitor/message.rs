//! Everything that can happen to the monitor and everything that it can want.

use super::Settings;
use crate::domain::record::Resumed;
use crate::domain::{
    Activity, Address, Attempt, Check, Definition, Endpoint, EndpointId, Fault, Finding, Order, Outage, Phase, Record,
    Span, Target, TargetId, Wall,
};
use crate::evaluate::{Ping, Verdict};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A question and its answer carry the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub u64);

/// Everything that can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The moment that [`super::Monitor::wake_at`] named has come, or an earlier one.
    Wake,
    /// A phase of an instant check.
    Phase(Attempt, Phase),
    /// A check has ended.
    Probed(Attempt, Finding),
    /// A script has judged a round, or why it did not.
    Evaluated(Attempt, Result<Verdict, String>),
    /// A look at ourselves has ended.
    SelfChecked(Attempt, Result<(), Fault>),
    /// The prober tells how it fares.
    ProberHealth(crate::domain::job::Health),
    /// Somebody wants something.
    Asked(RequestId, Command),
    /// A change of the configuration file has been carried out, or refused with a reason.
    Written(RequestId, Result<(), String>),
    /// The configuration file was edited by hand: this is now what it says, or why it is wrong.
    Declared(Result<Declared, String>),
    /// History of one endpoint that was read back after the start, oldest first.
    Recalled(EndpointId, Vec<Check>),
    /// Whether history is being recorded.
    Recording(Recording),
    /// The history that could not be opened at the start is there, with what the run before left. What it was
    /// to keep meanwhile comes back, to be kept under the ids that the history gives.
    Opened(Box<Resumed>, Vec<Vec<Record>>),
    /// Something that the user should know, in words, such as damage that the store found.
    Noted(String),
    /// Whoever runs the monitor is about to stop it: the last thing that it hears.
    Stopping,
}

/// What a configuration file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// Everything that is not a target.
    pub settings: Settings,
    /// The targets in the order of the file.
    pub targets: Vec<Definition>,
}

/// Everything that can be wanted of the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Hand this to the prober.
    Order(Order),
    /// Have this script judge a round and answer with [`Input::Evaluated`].
    Evaluate(Attempt, PathBuf, Vec<Ping>),
    /// Keep these; they become true together.
    Save(Vec<Record>),
    /// Write this into the configuration file and answer with [`Input::Written`].
    Write(RequestId, Change),
    /// Answer a question.
    Reply(RequestId, Reply),
    /// Tell everyone.
    Announce(Notice),
    /// Drop checks, their exact latency, and summaries older than these moments, outages that ended before another, and the
    /// history of targets that were removed before a last one. Never an open outage, nor the checks
    /// around an outage that is kept.
    Prune {
        checks_before: Option<Wall>,
        exact_before: Option<Wall>,
        outages_before: Option<Wall>,
        summaries_before: Option<Wall>,
        removed_before: Option<Wall>,
    },
    /// Read the last day of this endpoint back and answer with [`Input::Recalled`].
    Recall(EndpointId, Wall),
}

/// A change of the configuration file; targets are found in it by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Append these.
    Add(Vec<Definition>),
    /// Append these that were taken out, and name them again where planned maintenance was for them by name.
    Restore(Vec<Definition>, Vec<Named>),
    /// Replace what stands under this name.
    Edit(String, Box<Definition>),
    /// Take these out.
    Remove(Vec<String>),
    /// Pause or resume these.
    SetActivity(Vec<String>, Activity),
}

/// A planned maintenance that is for a target by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Which one, from 0, in the order of the file.
    pub place: usize,
    /// The name.
    pub target: String,
}

/// What a front end can ask for. Every command that names several targets happens wholly or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Watch these; the first checks run at once.
    Add(Vec<Definition>),
    /// Change a definition. A new address begins anew; the history of the one before stays that of the target.
    Edit(TargetId, Box<Definition>),
    /// Stop watching these.
    Remove(Vec<TargetId>),
    /// Undo a removal: the same identities, the same history.
    Restore(Vec<Target>),
    /// Pause or resume these.
    SetActivity(Vec<TargetId>, Activity),
    /// Check these now, whatever their turn.
    CheckNow(Vec<TargetId>),
    /// Check an endpoint that is not watched; seen in [`super::snapshot::Snapshot::ad_hoc`].
    Instant(Endpoint),
    /// Stop a running instant check.
    CancelInstant(Attempt),
    /// Forget the history of instant checks.
    ClearInstant,
    /// Write a remark on the timeline of a target, or of all (`None`).
    Remark {
        /// On whose timeline.
        target: Option<TargetId>,
        /// Which moment it is about; `None` for now.
        about: Option<Wall>,
        /// The words; at most [`crate::domain::remark::REMARK_MAX`] of them are kept.
        text: String,
    },
    /// There is maintenance on these in this span, which may be over or to come; nobody is called because of what
    /// is found in it, and it is left out of uptimes.
    Maintain {
        /// On which.
        targets: Vec<TargetId>,
        /// From when until when.
        span: Span,
        /// What is being done; at most [`crate::domain::maintenance::TITLE_MAX`] characters are kept.
        title: String,
    },
    /// The maintenance of these is over now.
    EndMaintenance(Vec<TargetId>),
    /// There was no maintenance on these that began at this moment.
    WithdrawMaintenance {
        /// On which.
        targets: Vec<TargetId>,
        /// The start of its span.
        from: Wall,
    },
    /// Take a remark back.
    WithdrawRemark {
        /// From whose timeline.
        target: Option<TargetId>,
        /// Which moment it is about.
        about: Wall,
        /// The words.
        text: String,
    },
}

impl Command {
    /// Whether what is watched, or what is kept, is different after it.
    pub const fn is_change(&self) -> bool {
        !matches!(self, Self::CheckNow(_) | Self::Instant(_) | Self::CancelInstant(_))
    }
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// Done.
    Done,
    /// Added or restored, under these ids, in the order asked.
    Added(Vec<TargetId>),
    /// The instant check runs under this number.
    Started(Attempt),
    /// Not done, and why.
    Refused(Refusal),
}

/// Why a command was not carried out; the message names what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// The name is taken.
    #[error("there is already a target named `{0}`: choose another name")]
    NameTaken(String),
    /// The same address is watched under another name.
    #[error("{0} is already watched as `{1}`")]
    AlreadyWatched(Address, String),
    /// It was removed meanwhile.
    #[error("that target is not watched any more")]
    NotWatched,
    /// More than the limit.
    #[error("that would be {0} targets; at most {1}")]
    TooMany(usize, usize),
    /// The configuration file could not be written; nothing was changed.
    #[error("{0}")]
    NotWritten(String),
    /// portpulse is stopping.
    #[error("portpulse is stopping")]
    Stopping,
    /// A maintenance that ends before it begins, or takes longer than a year.
    #[error("a maintenance has to end after it begins, and within a year")]
    NoSuchTime,
    /// None goes on, or none began at that moment.
    #[error("there is no such maintenance")]
    NoMaintenance,
    /// Whoever makes the checks takes no changes.
    #[error("read-only: the portpulse that makes the checks takes no changes")]
    ReadOnly,
    /// Whoever made the checks is gone, and nobody has taken over yet.
    #[error("nobody makes the checks at this moment: try again")]
    Nobody,
    /// A remark without words.
    #[error("a note needs words")]
    NothingSaid,
}

/// Something that a front end may want to call attention to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// An outage was confirmed.
    Down(Outage),
    /// An outage ended.
    Up(Outage),
    /// We cannot see (any more), and why.
    Blind(String),
    /// We can see again.
    Sighted,
}

/// Whether history is being kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recording {
    /// Everything is on disk or on its way there.
    #[default]
    Recording,
    /// Nothing is being written since then; the newest checks wait in memory.
    Failing {
        /// Since when.
        since: Wall,
        /// What the disk says.
        why: String,
        /// Checks that wait.
        waiting: u64,
        /// Checks that were lost because too many waited.
        lost: u64,
    },
    /// This run keeps nothing beyond its end (targets from the command line).
    Temporary,
}
