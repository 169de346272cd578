//! Answers questions about history, on the thread of the store.

use super::query::{Answer, Detail, Extent, Query};
use crate::domain::{Check, EndpointId, Event, Happening, Now, Outage, Span, TargetId, VantageId, Wall};
use crate::monitor::TargetView;
use crate::store::{ReadError, Reader, Store};
use crate::window::{Ledger, columns, open_ended, spans, summary};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How many outages an answer holds at most.
const OUTAGES_MAX: usize = 1_000;
/// How many events are searched for pauses.
const EVENTS_MAX: usize = 20_000;
/// The windows of [`Detail::uptimes`].
const WINDOWS: [Duration; 4] =
    [Duration::from_hours(1), Duration::from_hours(24), Duration::from_hours(7 * 24), Duration::from_hours(31 * 24)];
/// The window of [`Detail::day`].
const DAY: Duration = Duration::from_hours(24);

/// Has the store answer a question. `view` is the target that a detail is asked of, if it is watched.
pub(super) fn ask(
    store: &Store,
    query: Query,
    view: Option<Arc<TargetView>>,
    now: Now,
    asker: oneshot::Sender<Answer>,
) {
    let answer = store.read(move |reader| answer(reader, query, view.as_deref(), now.wall));
    tokio::spawn(async move {
        let answer = answer.await.unwrap_or(Err(ReadError::Closed));
        // Whoever asked may have gone.
        let _ = asker.send(answer.unwrap_or_else(|error| Answer::Failed(error.to_string())));
    });
}

fn answer(reader: &Reader<'_>, query: Query, view: Option<&TargetView>, now: Wall) -> Result<Answer, ReadError> {
    Ok(match query {
        Query::Detail { target, span, columns } => match view {
            Some(view) => Answer::Detail(Box::new(detail(reader, view, span, columns, now)?)),
            None => Answer::Detail(Box::new(Detail { target: Some(target), span: Some(span), ..Detail::default() })),
        },
        Query::Outages(span) => Answer::Outages(outages(reader.outages(span)?)),
        Query::Extent(targets) => {
            let extent = reader.extent(&targets)?;
            Answer::Extent(Extent { checks: extent.checks, outages: extent.outages })
        }
        Query::Overview { length, cells } => {
            Answer::Overview(Box::new(super::overview::overview(reader, length, cells, now)?))
        }
    })
}

/// At most [`OUTAGES_MAX`], and every open one; the newest start comes first.
fn outages(mut all: Vec<Outage>) -> Vec<Outage> {
    let mut kept = 0;
    all.retain(|outage| {
        kept += 1;
        kept <= OUTAGES_MAX || outage.closing.is_none()
    });
    all
}

fn detail(reader: &Reader<'_>, view: &TargetView, span: Span, count: u16, now: Wall) -> Result<Detail, ReadError> {
    let target = &view.target;
    let whole = Span { from: (now - WINDOWS[3]).min(span.from), to: span.to.max(now + Duration::from_millis(1)) };
    let checks = checks(reader, &target.endpoint_ids, whole)?;
    let outages = reader.outages_of(target.id, whole)?;
    let entry = reader.entry(target.id);
    let mut paused = pauses(&reader.events(EVENTS_MAX)?, target.id);
    if let Some(paused_at) = entry.and_then(|entry| entry.paused_at) {
        spans::insert(&mut paused, open_ended(paused_at));
    }
    let first = checks.first().map_or(now, |check| check.at);
    let since = entry.map_or(first, |entry| entry.added_at).min(first);
    let interval = target.definition.pace();
    let ledger = Ledger::read(&checks, &outages, &reader.gaps(whole)?, &paused, interval, since, now);
    let inside = checks.partition_point(|check| check.at < span.from);
    let inside = checks.get(inside..).unwrap_or_default();
    Ok(Detail {
        target: Some(target.id),
        span: Some(span),
        columns: columns(inside, span, count),
        summary: summary(inside, span),
        uptimes: WINDOWS.map(|window| ledger.uptime(Span::before(now, window))),
        day: ledger.strip(Span::before(now, DAY), usize::from(count), now),
        outages,
        addresses: addresses(inside),
    })
}

/// The checks of all endpoints, oldest first.
fn checks(reader: &Reader<'_>, endpoints: &[EndpointId], span: Span) -> Result<Vec<Check>, ReadError> {
    let mut checks = Vec::new();
    for &endpoint in endpoints {
        checks.extend(reader.checks(endpoint, VantageId::HERE, span)?);
    }
    if endpoints.len() > 1 {
        checks.sort_by_key(|check| check.at);
    }
    Ok(checks)
}

/// When the target was paused, as far as the log goes back.
fn pauses(events: &[Event], target: TargetId) -> Vec<Span> {
    let mut paused = Vec::new();
    for event in events.iter().filter(|event| event.target.as_ref().is_some_and(|(id, _)| *id == target)) {
        match event.what {
            Happening::Paused => spans::insert(&mut paused, open_ended(event.at)),
            Happening::Resumed => spans::remove(&mut paused, open_ended(event.at)),
            _ => {}
        }
    }
    paused
}

/// Addresses that answered, and when each did last; the newest comes first.
fn addresses(checks: &[Check]) -> Vec<(IpAddr, Wall)> {
    let mut seen: BTreeMap<IpAddr, Wall> = BTreeMap::new();
    for check in checks.iter().filter(|check| check.outcome.is_open()) {
        seen.extend(check.address.map(|address| (address, check.at)));
    }
    let mut seen: Vec<_> = seen.into_iter().collect();
    seen.sort_by_key(|&(address, at)| (std::cmp::Reverse(at), address));
    seen
}
