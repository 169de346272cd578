//! The whole table as it was: history of a moment is read in slices, and judged where nobody waits for it.

use super::seen::{self, Hours, Whose};
use crate::domain::record::{Past, Seen};
use crate::domain::{
    CatalogEntry, Check, EndpointId, Event, Gap, GapCause, Happening, Outage, Span, Target, TargetId, VantageId, Wall,
};
use crate::engine::query::{Answer, AsOf, Depth};
use crate::monitor::snapshot::RECENT_MARKS;
use crate::monitor::{TargetView, as_of, checks_needed, gaps_as_of, telling_from};
use crate::store::{ReadError, Reader, Store};
use crate::window::spans;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long one question may hold up the thread of the store, which saves every second.
const SLICE: Duration = Duration::from_millis(10);
/// How many of the events before the moment are read.
const EVENTS: usize = 200;
/// The day of the strips, and the half hour that their first cell may have begun before it.
const DAY: Duration = Duration::from_mins(24 * 60 + 30);

/// What is still to be read of one endpoint.
#[derive(Clone, Debug)]
struct Want {
    endpoint: EndpointId,
    /// How many of the newest checks,
    newest: usize,
    /// and how many more, if they are to tell how a target stood.
    reach: Reach,
    /// The day before them, if it is wanted.
    day: Option<Day>,
}

/// What is to be read of the day before the newest checks of a target.
#[derive(Clone, Debug)]
struct Day {
    /// How long a check speaks.
    pace: Duration,
    /// Hours that need no checks.
    hours: Hours,
    /// What spoke for the target before what does, and when.
    before: Vec<(Whose, Span)>,
}

/// How far back the checks of an endpoint are read.
#[derive(Clone, Copy, Debug)]
enum Reach {
    /// No further: they are shown beside the verdict, and judged by nobody.
    Shown,
    /// Since when all of them, and above which latency one counts as slow.
    Judged { since: Option<Wall>, degraded_above: Option<Duration> },
}

/// What is still to be read.
#[derive(Debug)]
struct Wanted {
    at: Wall,
    left: VecDeque<Want>,
    /// Gaps as they were known.
    gaps: Vec<Gap>,
}

/// What was read of each endpoint.
type Found = Vec<(EndpointId, Vec<Check>, Seen)>;

/// Answers [`crate::engine::Query::AsOf`].
pub(super) async fn answer(store: &Store, at: Wall, depth: Depth) -> Result<Answer, ReadError> {
    let (mut past, mut wanted) = read(store, move |reader| frame(reader, at, depth)).await?;
    while !wanted.left.is_empty() {
        let (rest, found) = read(store, move |reader| slice(reader, wanted)).await?;
        wanted = rest;
        for (endpoint, checks, seen) in found {
            past.checks.push((endpoint, checks));
            past.seen.push((endpoint, seen));
        }
    }
    // Of what was changed a moment ago, another address is known.
    let is_known = past.checks.iter().any(|(_, checks)| !checks.is_empty()) || !past.added.is_empty();
    let begins = if is_known { None } else { read(store, begins).await? };
    let judged = tokio::task::spawn_blocking(move || judged(past, at, depth, begins, is_known));
    // It panics only by a mistake, which must not end the engine.
    judged.await.map(|answer| Answer::AsOf(Box::new(answer))).map_err(|_| ReadError::Closed)
}

async fn read<T: Send + 'static>(
    store: &Store,
    question: impl FnOnce(&Reader<'_>) -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    store.read(question).await.unwrap_or(Err(ReadError::Closed))
}

/// Everything but the checks, and which checks are wanted.
fn frame(reader: &Reader<'_>, at: Wall, depth: Depth) -> Result<(Past, Wanted), ReadError> {
    let until = Span { from: Wall(i64::MIN), to: Wall(at.0.saturating_add(1)) };
    let entries = reader.entries();
    let catalog: Vec<CatalogEntry> = entries.iter().map(|entry| entry_as_of(reader, entry.clone(), at)).collect();
    let changed = entries.iter().zip(&catalog).filter(|(today, then)| today.added_at != then.added_at);
    let past = Past {
        added: changed.map(|(today, _)| (today.target.id, today.added_at)).collect(),
        catalog,
        outages: reader.outages(until)?,
        gaps: reader.gaps(until)?,
        maintenance: reader.maintenance().cloned().collect(),
        ..Past::default()
    };
    // The log tells when blindness was noticed, and who was paused or away on the day before.
    let blind = past.gaps.iter().filter(|gap| gap.cause == GapCause::Blind && gap.span().contains(at));
    let since = blind.map(|gap| gap.from).chain([at - DAY]).min();
    let past = Past { events: reader.events_around(at, EVENTS, since.unwrap_or(at))?, ..past };
    let open: BTreeMap<TargetId, Wall> = past
        .outages
        .iter()
        .filter_map(|outage| outage.as_of(at))
        .filter(|outage| outage.closing.is_none())
        .map(|outage: Outage| (outage.target, outage.started_at))
        .collect();
    let (outages, sight) = seen::settled_until(&past, at);
    let mut hours = match depth {
        Depth::Days => seen::hours(reader, Span { from: at - DAY, to: at })?,
        Depth::States => HashMap::new(),
    };
    let marks = match depth {
        Depth::Days => RECENT_MARKS,
        // The newest may be of a round that had not ended.
        Depth::States => 2,
    };
    // Those of a group stand beside its verdict.
    let members = |target: &Target| {
        let ids = target.round_id.map(|_| target.endpoint_ids.clone()).unwrap_or_default();
        ids.into_iter().map(move |endpoint| Want { endpoint, newest: marks, reach: Reach::Shown, day: None })
    };
    let want = |CatalogEntry { target, .. }: &CatalogEntry| {
        let Target { id, definition, .. } = target;
        let settled = outages.get(id).map_or(sight, |from| sight.min(*from));
        let hours = hours.remove(id).unwrap_or_default().until(settled);
        Some(Want {
            endpoint: target.series()?,
            newest: checks_needed(definition),
            reach: Reach::Judged { since: open.get(id).copied(), degraded_above: definition.degraded_above },
            day: (depth == Depth::Days).then(|| Day {
                pace: definition.pace(),
                hours,
                before: before(reader, target, at),
            }),
        })
    };
    let present = || past.catalog.iter().filter(|entry| entry.added_at <= at);
    let left = present().filter_map(want).chain(present().flat_map(|entry| members(&entry.target))).collect();
    let gaps = gaps_as_of(at, past.gaps.clone(), &past.events);
    Ok((past, Wanted { at, left, gaps }))
}

/// A target with the endpoint that it had at a moment. After a change of its address its judgement began anew.
fn entry_as_of(reader: &Reader<'_>, mut entry: CatalogEntry, at: Wall) -> CatalogEntry {
    let formers = reader.formers(entry.target.id);
    let place = formers.partition_point(|former| former.until <= at);
    if let Some(changed_at) = place.checked_sub(1).and_then(|before| formers.get(before)).map(|former| former.until) {
        entry.added_at = changed_at.max(entry.added_at);
    }
    if let Some(former) = formers.get(place) {
        let before = former.target.clone();
        entry.target.endpoint_ids = before.endpoint_ids;
        entry.target.round_id = before.round_id;
        entry.target.definition.endpoints = before.definition.endpoints;
        entry.target.definition.evaluation = before.definition.evaluation;
    }
    entry
}

/// What spoke for a target on the day before a moment and did not any more then, and when that was.
fn before(reader: &Reader<'_>, target: &Target, at: Wall) -> Vec<(Whose, Span)> {
    let mut from = Wall(i64::MIN);
    let mut before = Vec::new();
    for former in reader.formers(target.id).into_iter().take_while(|former| former.until <= at) {
        let spoke = Span { from, to: former.until }.overlap(Span { from: at - DAY, to: at });
        let whose = former.target.series().map(|endpoint| Whose { endpoint, pace: former.target.definition.pace() });
        before.extend(whose.zip(spoke));
        from = former.until;
    }
    before
}

impl Day {
    /// What was seen of the day until the first of the newest checks of this endpoint.
    fn seen(
        &self,
        reader: &Reader<'_>,
        endpoint: EndpointId,
        first: Option<Wall>,
        wanted: &Wanted,
    ) -> Result<Seen, ReadError> {
        let Self { pace, hours, before } = self;
        let from = before.last().map_or(wanted.at - DAY, |(_, span)| span.to);
        let now = first.map(|to| (Whose { endpoint, pace: *pace }, Span { from, to }));
        let mut all = Seen::default();
        for (whose, span) in before.iter().copied().chain(now) {
            let seen = seen::seen(reader, whose, span, hours, &wanted.gaps)?;
            seen.observed.into_iter().for_each(|span| spans::insert(&mut all.observed, span));
            all.failures.extend(seen.failures);
        }
        Ok(all)
    }
}

/// As many checks as can be read in one slice of time, and what is left.
fn slice(reader: &Reader<'_>, mut wanted: Wanted) -> Result<(Wanted, Found), ReadError> {
    let started = Instant::now();
    let mut found = Vec::new();
    while let Some(want) = wanted.left.pop_front() {
        let checks = checks(reader, &want, wanted.at)?;
        let first = checks.first().map(|check| check.at);
        let seen = want.day.as_ref().map(|day| day.seen(reader, want.endpoint, first, &wanted)).transpose()?;
        let seen = seen.unwrap_or_default();
        found.push((want.endpoint, checks, seen));
        if started.elapsed() >= SLICE {
            break;
        }
    }
    Ok((wanted, found))
}

/// The newest checks, and all since a moment; as far back as a day, or else as history goes, until they tell how
/// the target stood.
fn checks(reader: &Reader<'_>, want: &Want, at: Wall) -> Result<Vec<Check>, ReadError> {
    let Want { endpoint, newest, reach, .. } = *want;
    let all_since = |from| reader.checks(endpoint, VantageId::HERE, Span { from, to: Wall(at.0.saturating_add(1)) });
    let mut checks = reader.newest_checks(endpoint, VantageId::HERE, at, newest)?;
    let Reach::Judged { since, degraded_above } = reach else { return Ok(checks) };
    let is_enough = |checks: &[Check]| telling_from(checks, degraded_above).is_some();
    // A short history has not more to say.
    let is_short = checks.len() < newest;
    let wanted = since.into_iter().chain([at - DAY, Wall(i64::MIN)]);
    for from in wanted {
        let Some(first) = checks.first().map(|check| check.at) else { break };
        let is_asked = since == Some(from);
        if !is_asked && (is_short || is_enough(&checks)) {
            break;
        }
        if from < first {
            checks.splice(..0, all_since(from)?.into_iter().filter(|check| check.at < first));
        }
    }
    Ok(checks)
}

/// When the oldest check that is kept started.
fn begins(reader: &Reader<'_>) -> Result<Option<Wall>, ReadError> {
    let mut oldest: Option<Wall> = None;
    for endpoint in reader
        .entries()
        .iter()
        .flat_map(|entry| reader.speakers(&entry.target).into_iter().map(|(endpoint, _)| endpoint))
    {
        let first = reader.oldest_check(endpoint, VantageId::HERE)?;
        oldest = oldest.into_iter().chain(first).min();
    }
    Ok(oldest)
}

fn judged(past: Past, at: Wall, depth: Depth, begins: Option<Wall>, is_known: bool) -> AsOf {
    let changes = past.events.iter().filter(|event| event.what.is_change()).map(|event| event.at);
    let before = changes.clone().filter(|moment| *moment < at).max();
    let after = changes.filter(|moment| *moment > at).min();
    let forgotten = forgotten(&past.catalog, &past.events, at);
    let picture = is_known.then(|| {
        let mut picture = as_of(at, past);
        if depth == Depth::States {
            picture.targets = picture.targets.iter().map(without_days).collect();
        }
        Arc::new(picture)
    });
    AsOf { at, depth, picture, begins, before, after, forgotten }
}

/// Strips of a few checks only would be false.
fn without_days(view: &Arc<TargetView>) -> Arc<TargetView> {
    Arc::new(TargetView { hour: Arc::default(), day: Arc::default(), ..TargetView::clone(view) })
}

/// How many targets were removed later and are not even known by name any more.
fn forgotten(catalog: &[CatalogEntry], events: &[Event], at: Wall) -> u32 {
    let known: BTreeSet<TargetId> = catalog.iter().map(|entry| entry.target.id).collect();
    let mut gone = BTreeMap::new();
    for event in events.iter().filter(|event| event.at > at) {
        let Some((id, _)) = &event.target else { continue };
        match event.what {
            Happening::Removed if !known.contains(id) => drop(gone.entry(*id).or_insert(true)),
            Happening::Added | Happening::Restored if !known.contains(id) => drop(gone.entry(*id).or_insert(false)),
            _ => {}
        }
    }
    u32::try_from(gone.into_values().filter(|was_there| *was_there).count()).unwrap_or(u32::MAX)
}
