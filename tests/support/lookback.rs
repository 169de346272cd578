//! The table as it is shown, remembered, and held against what a look back makes of the same moment.

use crate::month::{HOUR, MINUTE, Month};
use crate::world::{Log, Time};
use portpulse::domain::{Check, GapCause, Outage, TargetId, Wall};
use portpulse::monitor::snapshot::Mark;
use portpulse::monitor::{Sight, Snapshot, TargetView, as_of};
use std::fmt::Write as _;
use std::time::Duration;

/// So long before a moment and after it the wall clock must not have stepped: where wall time came twice,
/// nobody can tell which of the two is meant.
const UNSTEPPED: (Time, Time) = (26 * HOUR, HOUR);
/// A start shows what was last seen, until the first checks are back; a look back knows that nobody saw it.
const FIRST_CHECKS: Time = 25 * MINUTE;

/// The news of a check comes that long after its end; how long exactly is not written down.
const NEWS: Duration = Duration::from_millis(1);

/// Pictures and when they were taken.
#[derive(Default)]
pub struct Album(Vec<(Time, Snapshot)>);

/// What an endpoint found, and before that.
type Member<'v> = (Option<&'v Check>, &'v [Mark]);

/// What each endpoint of a group is known to have found, its sparkline included.
fn members(view: &TargetView) -> Vec<Member<'_>> {
    let members = view.round.iter().flat_map(|round| &round.members);
    members.map(|member| (member.latest.as_ref().map(|latest| &latest.check), &member.recent[..])).collect()
}

/// Whether the endpoints found the same. How far back a sparkline goes depends on when the program started.
fn agree(then: &[Member<'_>], now: &[Member<'_>]) -> bool {
    let is_same = |((a, marks), (b, others)): (&Member<'_>, &Member<'_>)| {
        a == b && (marks.ends_with(others) || others.ends_with(marks))
    };
    then.len() == now.len() && then.iter().zip(now).all(is_same)
}

fn ids(snapshot: &Snapshot) -> Vec<TargetId> {
    let mut ids: Vec<TargetId> = snapshot.targets.iter().map(|view| view.target.id).collect();
    ids.sort_unstable();
    ids
}

fn compare_members(time: Time, then: &TargetView, now: &TargetView, found: &mut String) {
    if !agree(&members(then), &members(now)) {
        let name = &now.target.definition.name;
        writeln!(found, "{time}: {name} {:?}\n  but {:?}", members(then), members(now)).expect("a string");
    }
}

/// When the newest round of a target ended.
fn newest_end(view: &TargetView) -> Option<Wall> {
    let checks = members(view).into_iter().filter_map(|(check, _)| check);
    checks.chain(view.latest.as_ref().map(|latest| &latest.check)).map(Check::ended_at).max()
}

/// What was compared.
#[derive(Debug, Default)]
pub struct Compared {
    pub targets: usize,
    pub down: usize,
    pub soft: usize,
    pub blind: usize,
    pub unobserved: usize,
    /// Endpoints of groups.
    pub members: usize,
    pub maintained: usize,
}

impl Album {
    pub fn take(&mut self, month: &mut Month) {
        self.0.push((month.world.time, month.world.snapshot()));
    }

    /// Writes down every difference.
    pub fn compare(&self, month: &Month, found: &mut String) -> Compared {
        let mut compared = Compared::default();
        let log = &month.world.log;
        for (time, then) in &self.0 {
            if is_unclear(log, *time) {
                continue;
            }
            let at = then.at.wall;
            let now = as_of(at, month.world.kept.past(at));
            compared.blind += usize::from(then.sight != Sight::Clear);
            if then.sight != now.sight {
                writeln!(found, "{time}: {:?}\n  but {:?}", then.sight, now.sight).expect("a string");
            }
            if ids(then) != ids(&now) {
                writeln!(found, "{time}: {:?} but {:?}", ids(then), ids(&now)).expect("a string");
            }
            let has_started = log.lives.iter().any(|life| life.from <= *time && life.from + FIRST_CHECKS > *time)
                || log.stalls.iter().any(|&(_, to)| to <= *time && to + FIRST_CHECKS > *time);
            for view in &now.targets {
                let Some(known) = then.target(view.target.id) else { continue };
                compared.targets += 1;
                compared.maintained += usize::from(view.maintenance.is_some());
                compare_maintenance(*time, known, view, found);
                if view.is_unobserved() {
                    compared.unobserved += 1;
                    if !has_started {
                        writeln!(found, "{time}: {} was observed", view.target.definition.name).expect("a string");
                    }
                    continue;
                }
                let age = known.outage.as_ref().map_or(Duration::ZERO, |outage| outage.lasted(at));
                let age = Time::try_from(age.as_millis()).expect("small") + HOUR;
                if log.steps.iter().any(|&(stepped, _)| stepped <= *time && stepped + age > *time) {
                    continue;
                }
                let newest = newest_end(view);
                if newest.is_some_and(|ended_at| at.since(ended_at) <= NEWS) {
                    continue;
                }
                compared.down += usize::from(known.outage.is_some());
                compared.soft += usize::from(known.soft != portpulse::monitor::Soft::Steady);
                let newest = |view: &TargetView| view.latest.as_ref().map(|latest| latest.check.clone());
                // What an outage counts, and which failure was its last, is judged in hindsight where a part of
                // it was blind.
                let blind = month.world.kept.gaps.iter().filter(|gap| gap.cause == GapCause::Blind);
                let is_blind = |outage: &Outage| blind.clone().any(|gap| gap.to >= outage.started_at && gap.from <= at);
                let outage = |view: &TargetView| {
                    let known = view.outage.as_deref().cloned()?;
                    let (failures, inconclusive, last_failure_at) = if is_blind(&known) {
                        ([0; portpulse::domain::REASONS], 0, known.started_at)
                    } else {
                        (known.failures, known.inconclusive, known.last_failure_at)
                    };
                    Some(Outage { failures, inconclusive, last_failure_at, unobserved: Duration::ZERO, ..known })
                };
                let facts = |view: &TargetView| (view.state, view.soft, outage(view), newest(view));
                if facts(known) != facts(view) && !is_news(log, view, *time) {
                    let name = &view.target.definition.name;
                    writeln!(found, "{time}: {name} {:?}\n  but {:?}", facts(known), facts(view)).expect("a string");
                }
                compared.members += members(known).len();
                compare_members(*time, known, view, found);
            }
        }
        compared
    }
}

/// Whether wall time came twice around a moment, or the program stood still: then nobody draws a picture.
fn is_unclear(log: &Log, time: Time) -> bool {
    let is_stepped = |&(at, _): &(Time, i64)| at + UNSTEPPED.0 > time && at < time + UNSTEPPED.1;
    let is_asleep = log.stalls.iter().any(|&(from, to)| from < time && to >= time);
    is_asleep || log.steps.iter().any(is_stepped)
}

fn compare_maintenance(time: Time, then: &TargetView, now: &TargetView, found: &mut String) {
    if then.maintenance != now.maintenance {
        let name = &now.target.definition.name;
        writeln!(found, "{time}: {name} {:?}\n  but {:?}", then.maintenance, now.maintenance).expect("a string");
    }
}

/// Whether the newest check of a target had waited for its turn, and was not told of before this time: that is not
/// written down either.
fn is_news(log: &Log, view: &TargetView, time: Time) -> bool {
    let latest = view.latest.as_ref().map(|latest| latest.check.at);
    log.facts.iter().any(|fact| Some(fact.wall) == latest && fact.told >= time)
}
