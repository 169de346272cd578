//! What history knows about one outage, and about everything that was out in a span.

use crate::domain::likeness::Onset;
use crate::domain::{Address, Check, Event, Gap, Maintenance, Outage, Reason, Remark, Span, TargetId, Wall};
use crate::window::{Summary, Uptime};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// How much of the time before and after an outage belongs to its evidence.
pub const AROUND: Duration = Duration::from_mins(10);
/// Outages that began so close to each other began together.
pub const TOGETHER: Duration = Duration::from_mins(5);

/// One outage with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// The outage, as the store has it.
    pub outage: Outage,
    /// What its target connects to; nothing where the target is forgotten.
    pub addresses: Vec<Address>,
    /// What the timeline covers: the outage and [`AROUND`] it.
    pub span: Span,
    /// Everything that happened, oldest first.
    pub timeline: Vec<Entry>,
    /// The outages of other targets that began within [`TOGETHER`], in order of onset.
    pub together: Vec<Struck>,
    /// Of a group, the rounds on the timeline in which not all endpoints were fine, oldest first.
    #[serde(default)]
    pub missed: Vec<Missed>,
}

/// A round of a group in which not all endpoints were fine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// When it began: the moment of its verdict.
    pub at: Wall,
    /// Those that were not, in the order of the target, and why.
    pub failed: Vec<(Address, Reason)>,
}

/// Something on the timeline of an outage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// A check of the target.
    Check(Check),
    /// So many checks, one after the other, that are left out.
    Elided(Elided),
    /// A change of state, or something that portpulse has to say about itself.
    Event(Event),
    /// Nobody observed anything; stands at its beginning.
    Gap(Gap),
    /// What somebody wrote.
    Remark(Remark),
}

/// Checks that are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elided {
    /// From the first of them to the last.
    pub span: Span,
    /// How many.
    pub checks: u32,
    /// How many of them failed.
    pub failed: u32,
}

/// An outage and where it struck.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Struck {
    /// The outage.
    pub outage: Outage,
    /// What its target connects to: of a group the first endpoint that failed in the round that began it. `None`
    /// where the target is forgotten.
    pub address: Option<Address>,
    /// Where the first failing check went, if the name had an address.
    pub reached: Option<IpAddr>,
    /// How many other endpoints its target has.
    #[serde(default)]
    pub others: u32,
}

/// Everything that a report tells about a span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// The span that was asked about.
    pub span: Span,
    /// When it was asked.
    pub asked_at: Wall,
    /// How many targets were watched at some time in the span.
    pub watched: u32,
    /// The outages that touch the span, in order of onset.
    pub outages: Vec<Struck>,
    /// How many more there were.
    pub left_out: u32,
    /// The targets that were out, in order of onset.
    pub targets: Vec<Affected>,
    /// What people wrote about the span.
    pub remarks: Vec<Remark>,
    /// When nobody observed anything.
    pub gaps: Vec<Gap>,
    /// When there was no target to observe, as far as is still known: before the first was added, and after the
    /// last was removed. Oldest first.
    pub unwatched: Vec<Span>,
    /// The maintenance that touches the span, oldest first.
    #[serde(default)]
    pub maintenance: Vec<Works>,
}

/// A maintenance with those that it was on, as it came to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Works {
    /// From when until when, and what was done.
    pub maintenance: Maintenance,
    /// On which targets, with their names.
    pub targets: Vec<(TargetId, String)>,
}

/// What a target was like in a span in which it was out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Affected {
    /// Which.
    pub target: TargetId,
    /// Its name.
    pub name: String,
    /// The figures before its first outage began (at least [`AROUND`], even where that reaches out of the
    /// span), until its last one ended, and from there to the end of the span.
    pub phases: [Summary; 3],
    /// The figures of the whole span.
    pub whole: Summary,
    /// Its uptime in the span, of which all is expected up to its removal but for pauses: also the time before it
    /// was added.
    pub uptime: Uptime,
    /// The parts of the span of which what was seen of it is lost to damage.
    pub lost: Vec<Span>,
}

impl Struck {
    /// How it began, for comparing.
    pub const fn onset(&self) -> Onset<'_> {
        Onset { address: self.address.as_ref(), reached: self.reached, reason: self.outage.reason }
    }
}

impl Findings {
    /// The maintenance in which an outage was found: then nobody was called.
    pub fn maintenance_of(&self, outage: &Outage) -> Option<&Maintenance> {
        let own = self.maintenance.iter().filter(|works| works.targets.iter().any(|(id, _)| *id == outage.target));
        own.map(|works| &works.maintenance).find(|maintenance| maintenance.is_on(outage.detected_at))
    }
}

impl Incident {
    /// The endpoints of a group that failed in the round of this moment, and why.
    pub fn missed_at(&self, at: Wall) -> &[(Address, Reason)] {
        let place = self.missed.binary_search_by_key(&at, |missed| missed.at);
        place.ok().and_then(|place| self.missed.get(place)).map_or(&[], |missed| &missed.failed)
    }
}

impl Entry {
    /// The check that it is, if it is one.
    pub const fn check(&self) -> Option<&Check> {
        if let Self::Check(check) = self { Some(check) } else { None }
    }

    /// Where it stands on the timeline.
    pub const fn at(&self) -> Wall {
        match self {
            Self::Check(check) => check.at,
            Self::Elided(elided) => elided.span.from,
            Self::Event(event) => event.at,
            Self::Gap(gap) => gap.from,
            Self::Remark(remark) => remark.about,
        }
    }
}
