//! The whole table as it was: history of a moment is read in slices, and judged where nobody waits for it.

use crate::domain::record::Past;
use crate::domain::{
    CatalogEntry, Check, EndpointId, Event, Happening, Outage, Span, Target, TargetId, VantageId, Wall,
};
use crate::engine::query::{Answer, AsOf, Depth};
use crate::monitor::{as_of, checks_needed};
use crate::store::{ReadError, Reader, Store};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long one question may hold up the thread of the store, which saves every second.
const SLICE: Duration = Duration::from_millis(10);
/// How many of the events before the moment are read.
const EVENTS: usize = 200;
/// The day of the strips, and the half hour that their first cell may have begun before it.
const DAY: Duration = Duration::from_mins(24 * 60 + 30);

/// What is still to be read: an endpoint, how many of its newest checks, and since when all of them.
type Wanted = VecDeque<(EndpointId, usize, Option<Wall>)>;
/// What was read of each endpoint.
type Found = Vec<(EndpointId, Vec<Check>)>;

/// Answers [`crate::engine::Query::AsOf`].
pub(super) async fn answer(store: &Store, at: Wall, depth: Depth) -> Result<Answer, ReadError> {
    let (mut past, mut wanted) = read(store, move |reader| frame(reader, at, depth)).await?;
    while !wanted.is_empty() {
        let (rest, checks) = read(store, move |reader| slice(reader, wanted, at)).await?;
        wanted = rest;
        past.checks.extend(checks);
    }
    let is_known = past.checks.iter().any(|(_, checks)| !checks.is_empty());
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
    let until = |from: Wall| Span { from, to: Wall(at.0.saturating_add(1)) };
    let past = Past {
        catalog: reader.entries(),
        outages: reader.outages(until(Wall(i64::MIN)))?,
        gaps: reader.gaps(until(at - DAY))?,
        events: reader.events_around(at, EVENTS)?,
        checks: Vec::new(),
    };
    let open: BTreeMap<TargetId, Wall> = past
        .outages
        .iter()
        .filter_map(|outage| outage.as_of(at))
        .filter(|outage| outage.closing.is_none())
        .map(|outage: Outage| (outage.target, outage.started_at))
        .collect();
    let wanted =
        past.catalog.iter().filter(|entry| entry.added_at <= at).filter_map(|CatalogEntry { target, .. }| {
            let Target { id, endpoint_ids, definition } = target;
            let since = [open.get(id).copied(), (depth == Depth::Days).then(|| at - DAY)];
            Some((*endpoint_ids.first()?, checks_needed(definition), since.into_iter().flatten().min()))
        });
    let wanted = wanted.collect();
    Ok((past, wanted))
}

/// As many checks as can be read in one slice of time, and what is left.
fn slice(reader: &Reader<'_>, mut wanted: Wanted, at: Wall) -> Result<(Wanted, Found), ReadError> {
    let started = Instant::now();
    let mut found = Vec::new();
    while let Some((endpoint, count, since)) = wanted.pop_front() {
        found.push((endpoint, checks(reader, endpoint, count, since, at)?));
        if started.elapsed() >= SLICE {
            break;
        }
    }
    Ok((wanted, found))
}

/// The newest checks, and all since a moment; as far back as a day, if none of them says anything.
fn checks(
    reader: &Reader<'_>,
    endpoint: EndpointId,
    count: usize,
    since: Option<Wall>,
    at: Wall,
) -> Result<Vec<Check>, ReadError> {
    let newest = reader.newest_checks(endpoint, VantageId::HERE, at, count)?;
    let Some(first) = newest.first() else { return Ok(newest) };
    let is_silent = || !newest.iter().any(|check| check.outcome.is_conclusive());
    let from = since.or_else(|| is_silent().then(|| at - DAY));
    match from.filter(|from| *from < first.at) {
        Some(from) => {
            let mut all = reader.checks(endpoint, VantageId::HERE, Span { from, to: Wall(at.0.saturating_add(1)) })?;
            if all.len() < newest.len() {
                all = newest;
            }
            Ok(all)
        }
        None => Ok(newest),
    }
}

/// When the oldest check that is kept started.
fn begins(reader: &Reader<'_>) -> Result<Option<Wall>, ReadError> {
    let mut oldest: Option<Wall> = None;
    for endpoint in reader.entries().iter().flat_map(|entry| &entry.target.endpoint_ids) {
        let first = reader.oldest_check(*endpoint, VantageId::HERE)?;
        oldest = oldest.into_iter().chain(first).min();
    }
    Ok(oldest)
}

fn judged(past: Past, at: Wall, depth: Depth, begins: Option<Wall>, is_known: bool) -> AsOf {
    let changes = past.events.iter().filter(|event| is_change(&event.what)).map(|event| event.at);
    let before = changes.clone().filter(|moment| *moment < at).max();
    let after = changes.filter(|moment| *moment > at).min();
    let forgotten = forgotten(&past.catalog, &past.events, at);
    let picture = is_known.then(|| Arc::new(as_of(at, past)));
    AsOf { at, depth, picture, begins, before, after, forgotten }
}

/// Whether something in the table looks different after it.
const fn is_change(what: &Happening) -> bool {
    match what {
        Happening::Started { .. }
        | Happening::Stopped
        | Happening::Added
        | Happening::Removed
        | Happening::Restored
        | Happening::Paused
        | Happening::Resumed
        | Happening::FirstUp
        | Happening::Failing { .. }
        | Happening::Blip { .. }
        | Happening::Down { .. }
        | Happening::Up { .. }
        | Happening::Slow { .. }
        | Happening::NoLongerSlow
        | Happening::Blind { .. }
        | Happening::SightRestored { .. }
        | Happening::Gap { .. } => true,
        Happening::Edited
        | Happening::LocalFault(_)
        | Happening::ClockStepped { .. }
        | Happening::NotRecording { .. }
        | Happening::RecordingAgain { .. }
        | Happening::ConfigurationRead { .. }
        | Happening::ConfigurationRefused { .. }
        | Happening::Note(_) => false,
    }
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
