//! The table as it was at a moment of the past, decided by the machines that decide about the present.

mod blind;
#[cfg(test)]
mod cases;
mod roll;

use super::left::Left;
use super::maintenance::Works;
use super::message::Recording;
use super::snapshot::{RECENT_MARKS, Snapshot, TargetView};
use super::start::RECALLED;
use super::watch::Watch;
use crate::domain::record::{Past, Seen};
use crate::domain::{
    CatalogEntry, Check, Closing, Definition, EndpointId, Event, Gap, GapCause, MaintenanceOf, Mono, Now, Outage,
    Target, TargetId, Wall,
};
use crate::window;
use blind::Blindness;
use roll::{Present, Roll};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// So many successes tell where a streak of failures began, and most often whether a target was slow.
const SUCCESSES: usize = super::health::ROUNDS as usize;
/// How many events a picture has.
const EVENTS_MAX: usize = 200;

/// How many of the newest checks before a moment are wanted at least: those of its sparkline, and a streak of
/// failures with what says nothing between them. [`telling_from`] says whether they are enough.
pub fn checks_needed(definition: &Definition) -> usize {
    RECENT_MARKS.max(usize::from(definition.down_after.get()) * 2)
}

/// From which of these checks on they tell how the target stood after the last of them, whatever came before;
/// `None` if that takes older ones. A target that is judged by its pace may be slow for as long as no five
/// rounds in a row are fast: five successes that settle it are searched for, and else the newest five will do.
pub fn telling_from(checks: &[Check], degraded_above: Option<Duration>) -> Option<usize> {
    let successes = checks.iter().enumerate().rev().filter(|(_, check)| check.outcome.is_open());
    let mut newest: VecDeque<&Check> = VecDeque::with_capacity(SUCCESSES);
    for (place, check) in successes {
        if newest.len() == SUCCESSES {
            newest.pop_front();
        }
        newest.push_back(check);
        let grades = newest.iter().map(|check| super::health::grade(check, degraded_above));
        if newest.len() == SUCCESSES && super::health::settles(grades) {
            return Some(place);
        }
    }
    None
}

/// How things stood at a moment, as far as history tells.
///
/// * What was known then counts. A check counts from its end on, an outage from its detection until its
///   end was confirmed, blindness from the moment it was noticed until its end was.
/// * A target is in the picture from when it was added until it was removed, paused if it was. Its
///   definition is that of today: history keeps no other.
/// * An open outage is put back to its detection, and the checks since then are judged again: the counts
///   are those of the moment. The other checks are judged from where nothing was open.
/// * Not watching is a state of its own: where the monitor did not run, or no check speaks for the moment,
///   the last mark of a target is a gap, see [`TargetView::is_unobserved`].
pub fn as_of(at: Wall, past: Past) -> Snapshot {
    let Past { catalog, outages, mut gaps, maintenance, events, checks, seen, added } = past;
    let roll = Roll::call(at, &events);
    blind::last_until_told(at, &mut gaps, &events);
    let blindness = Blindness::at(at, &gaps, &events);
    let moment = Moment {
        now: Now { mono: Mono(0), wall: at },
        gaps: known_gaps(at, &gaps, &blindness),
        hiding: window::merged(gaps.iter().filter(|gap| gap.to <= at).copied().collect()),
        hiding_while_down: blindness.hiding().collect(),
        is_away: gaps.iter().any(|gap| gap.cause != GapCause::Blind && gap.span().contains(at)),
        blind: blindness.gaps(),
    };
    let mut all: BTreeMap<EndpointId, Vec<Check>> = checks.into_iter().collect();
    let mut seen: BTreeMap<EndpointId, Seen> = seen.into_iter().collect();
    let mut known: BTreeMap<TargetId, Vec<Outage>> = BTreeMap::new();
    for outage in outages {
        known.entry(outage.target).or_default().push(outage);
    }
    let mut works: BTreeMap<TargetId, Works> = BTreeMap::new();
    for MaintenanceOf { targets, maintenance } in maintenance {
        let maintenance = Arc::new(maintenance);
        for target in targets {
            works.entry(target).or_default().put(Arc::clone(&maintenance));
        }
    }
    let added: BTreeMap<TargetId, Wall> = added.into_iter().collect();
    let mut targets = Vec::with_capacity(catalog.len());
    for Present { entry, paused, back_at } in catalog.iter().filter_map(|entry| roll.present(entry)) {
        let id = entry.target.id;
        let series = entry.target.series();
        let checks = series.and_then(|series| all.remove(&series));
        let seen = series.and_then(|series| seen.remove(&series)).unwrap_or_default();
        let outages = known.remove(&id).unwrap_or_default();
        let maintenance = works.remove(&id).unwrap_or_default();
        let mut checks = checks.unwrap_or_default();
        let mut members = members(at, &entry, &mut checks, &mut all);
        for checks in &mut members {
            checks.retain(|check| back_at.is_none_or(|back| check.at >= back));
        }
        let left = Left { checks, members, paused, maintenance, back_at, ..Left::default() };
        let added_at = added.get(&id).copied().unwrap_or(entry.added_at);
        targets.push(moment.view(&entry, left, outages, (added_at, seen)));
    }
    let mut until: Vec<_> = events.into_iter().filter(|event| event.at <= at).collect();
    until.drain(..until.len().saturating_sub(EVENTS_MAX));
    Snapshot {
        targets: targets.into(),
        sight: blindness.sight(),
        recording: Recording::default(),
        events: Arc::new(until),
        ..Snapshot::empty(moment.now)
    }
}

/// The checks of the endpoints of a group as they were known at a moment: those of the rounds that had ended. A
/// round ends with the last of its checks, whatever latency its verdict has; the verdict of one that was still
/// running is taken out of `verdicts`.
fn members(
    at: Wall,
    entry: &CatalogEntry,
    verdicts: &mut Vec<Check>,
    all: &mut BTreeMap<EndpointId, Vec<Check>>,
) -> Vec<Vec<Check>> {
    let Target { endpoint_ids, round_id: Some(_), .. } = &entry.target else { return Vec::new() };
    let mut members: Vec<Vec<Check>> = endpoint_ids.iter().filter_map(|id| all.remove(id)).collect();
    verdicts.retain(|verdict| verdict.at <= at);
    let mut until = at + Duration::from_millis(1);
    if let Some(newest) = verdicts.last().map(|verdict| verdict.at)
        && members.iter().flatten().any(|check| check.at >= newest && check.ended_at() > at)
    {
        verdicts.pop();
        until = newest;
    }
    for checks in &mut members {
        checks.retain(|check| check.at < until);
    }
    members
}

/// Gaps of the day before a moment as they were known then, from all that had begun by then: what takes away
/// what the checks of [`Seen`] saw.
pub fn gaps_as_of(at: Wall, mut gaps: Vec<Gap>, events: &[Event]) -> Vec<Gap> {
    blind::last_until_told(at, &mut gaps, events);
    known_gaps(at, &gaps, &Blindness::at(at, &gaps, events))
}

/// Gaps of the day before as they were known: cut off at the moment, and none that nobody had noticed yet.
fn known_gaps(at: Wall, gaps: &[Gap], blindness: &Blindness) -> Vec<Gap> {
    let over = gaps.iter().filter(|gap| gap.from <= at && (gap.cause != GapCause::Blind || gap.to <= at));
    let over = over.map(|gap| Gap { to: gap.to.min(at), ..*gap }).filter(|gap| gap.to >= at - RECALLED);
    window::merged(over.chain(blindness.gaps()).collect())
}

/// What is true of the moment for every target.
struct Moment {
    now: Now,
    /// Gaps of the day before as they were known.
    gaps: Vec<Gap>,
    /// Where a check was not believed.
    hiding: Vec<Gap>,
    /// Where a failure said nothing about an open outage.
    hiding_while_down: Vec<Gap>,
    /// Blindness that went on.
    blind: Vec<Gap>,
    /// Nobody watched anything.
    is_away: bool,
}

impl Moment {
    /// `earlier` is when the target was added, and what was seen of the day before its checks.
    fn view(&self, entry: &CatalogEntry, left: Left, outages: Vec<Outage>, earlier: (Wall, Seen)) -> Arc<TargetView> {
        let (at, definition) = (self.now.wall, &entry.target.definition);
        let Left { mut checks, members, paused, maintenance, back_at, .. } = left;
        checks.retain(|check| check.ended_at() <= at);
        let mut open = None;
        let mut closed = Vec::new();
        for outage in outages {
            match outage.as_of(at) {
                Some(known) if known.closing.is_none() => open = Some(self.at_detection(&known, &checks)),
                Some(known) if is_confirming(&known, at, checks.last(), definition) => {
                    open = Some(self.at_detection(&Outage { closing: None, ..known }, &checks));
                }
                Some(known) => closed.push(known),
                None => {}
            }
        }
        let from = open.as_ref().map(|outage: &Outage| outage.started_at);
        let replayed = checks.split_off(replay_from(&checks, definition, from));
        let resumed_at = paused.iter().map(|span| span.to).filter(|to| *to <= at).max();
        let newest = replayed.last().map(|check| check.at);
        let spoken = newest.into_iter().chain(resumed_at).chain(back_at).max().unwrap_or(entry.added_at);

        let mut watch = Watch::new(entry, at);
        let first = replayed.first().map_or(at, |check| check.at);
        let while_down = self.hiding_while_down.iter().filter(|_| open.is_some());
        let hiding: Vec<Gap> = self.hiding.iter().chain(while_down).filter(|gap| gap.to >= first).copied().collect();
        let left = Left { checks: replayed, open, closed, paused, maintenance, back_at, members };
        watch.replay(self.now, left, &self.gaps, &hiding);
        if let Some(latest) = &watch.latest {
            watch.members.explain(&watch.target, &latest.check);
        }
        for &gap in &self.blind {
            watch.lose_sight(at, super::moment::Moment::remembered(gap.from, self.now), gap);
        }
        watch.recent.recall(&checks, &self.gaps, at);
        let (added_at, seen) = earlier;
        watch.recent.begin(added_at);
        watch.recent.recall_seen(seen, at);
        let is_silent = at.since(spoken) > speaks_for(definition) && !watch.is_paused();
        if self.is_away || is_silent {
            watch.recent.leave_unobserved();
        }
        watch.recent.draw(at);
        watch.maintenance = watch.recent.works().on(at).cloned();
        watch.changed();
        watch.view()
    }

    /// The outage as it was when it was detected. If the checks that made it are gone, its counts are
    /// those of today.
    fn at_detection(&self, outage: &Outage, checks: &[Check]) -> Outage {
        let known = |check: &&Check| check.at >= outage.started_at && check.ended_at() <= outage.detected_at;
        let is_strike = |check: &Check| window::saw_failure(check) && !window::is_hidden(check, &self.hiding);
        let made_it: Vec<&Check> = checks.iter().filter(known).collect();
        let Some(last) = made_it.iter().rposition(|check| is_strike(check)) else { return outage.clone() };
        let mut then = Outage {
            last_failure_at: made_it[last].at,
            failures: [0; crate::domain::REASONS],
            inconclusive: 0,
            unobserved: Duration::ZERO,
            ..outage.clone()
        };
        for check in &made_it[..=last] {
            match check.outcome.reason().filter(|_| is_strike(check)) {
                Some(reason) => then.failures[reason.index()] += 1,
                None => then.inconclusive += 1,
            }
        }
        then
    }
}

/// Whether the check that confirmed the end was still running at the moment: its start is written down.
fn is_confirming(outage: &Outage, at: Wall, newest: Option<&Check>, definition: &Definition) -> bool {
    let Some(Closing::Recovered { confirmed_at, .. } | Closing::EndNotSeen { confirmed_at, .. }) = outage.closing
    else {
        return false;
    };
    newest.is_some_and(|check| check.at < confirmed_at) && at.since(confirmed_at) <= timeout(definition)
}

fn timeout(definition: &Definition) -> Duration {
    definition.timeout()
}

/// From which check on they are judged: the newest ones, as far back as they do not tell how things stood, and
/// all of the open outage.
fn replay_from(checks: &[Check], definition: &Definition, outage: Option<Wall>) -> usize {
    let newest = checks.len().saturating_sub(checks_needed(definition));
    let telling = telling_from(checks, definition.degraded_above).unwrap_or(0);
    let of_outage = outage.map_or(newest, |from| checks.partition_point(|check| check.at < from));
    newest.min(telling).min(of_outage)
}

/// How long after a check the next one has ended at the latest, while somebody watches.
fn speaks_for(definition: &Definition) -> Duration {
    window::owned(definition.pace()) + timeout(definition)
}
