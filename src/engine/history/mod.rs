//! Answers questions about history, on the thread of the store.

mod addresses;
mod as_of;
mod detail;
mod excerpt;
mod holdings;
mod incident;
#[cfg(test)]
mod losses;
#[cfg(test)]
mod maintained;
mod missed;
#[cfg(test)]
mod moments;
mod present;
mod report;
mod seen;
mod stretch;
#[cfg(test)]
mod tests;

use super::query::{Answer, EVENTS_MAX, Extent, Query};
use crate::domain::{Now, Outage, Wall};
use crate::monitor::TargetView;
use crate::store::{Copied, ReadError, Reader, Store};
use detail::Whose;
pub(super) use present::Present;
use report::Watching;
use std::fs::File;
use std::sync::Arc;
use tokio::sync::oneshot;

/// How many outages an answer holds at most.
const OUTAGES_MAX: usize = 10_000;
/// How many targets an answer holds at most.
const CATALOG_MAX: usize = 1_000;

/// Has the store answer a question, and adds what only the engine knows.
pub(super) fn ask(store: &Store, query: Query, present: Present, now: Now, asker: oneshot::Sender<Answer>) {
    let store = store.clone();
    let answer = async move {
        let mut answer = answer(&store, query, present.view.clone(), now.wall).await?;
        present.renew(&mut answer);
        Ok::<_, ReadError>(answer)
    };
    tell(asker, async { answer.await.unwrap_or_else(|error| Answer::Failed(error.to_string())) });
}

/// Has the store copy everything into an empty file.
pub(super) fn back_up(store: &Store, into: File, asker: oneshot::Sender<Result<Copied, String>>) {
    let store = store.clone();
    tell(asker, async move { store.back_up(into).await.map_err(|error| error.to_string()) });
}

/// Works beside everything else, for as long as somebody waits for the answer.
fn tell<T: Send + 'static>(mut asker: oneshot::Sender<T>, work: impl Future<Output = T> + Send + 'static) {
    tokio::spawn(async move {
        let answer = tokio::select! {
            answer = work => answer,
            () = asker.closed() => return,
        };
        // Whoever asked may have gone this very moment.
        let _ = asker.send(answer);
    });
}

/// Has a store that no engine serves answer a question about what it holds. Nothing is known there of the
/// present of a target, and so [`Query::Detail`] and [`Query::Uptimes`] stay empty.
///
/// # Errors
/// The disk does not answer, or reports a fault.
pub async fn consult(store: &Store, query: Query, now: Wall) -> Result<Answer, ReadError> {
    match query {
        Query::Report(span) => {
            Ok(Answer::Report(Box::new(report::findings(store, span, now, Watching::Nobody).await?)))
        }
        query => answer(store, query, None, now).await,
    }
}

/// Reads on the thread of the store.
async fn read<T: Send + 'static>(
    store: &Store,
    question: impl FnOnce(&Reader<'_>) -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    store.read(question).await.unwrap_or(Err(ReadError::Closed))
}

async fn answer(store: &Store, query: Query, view: Option<Arc<TargetView>>, now: Wall) -> Result<Answer, ReadError> {
    Ok(match query {
        Query::Detail { target, endpoint, span, columns } => {
            let whose = Whose { id: target, endpoint, view };
            let found = read(store, move |reader| detail::detail(reader, &whose, span, columns, now)).await?;
            Answer::Detail(Box::new(found))
        }
        Query::Uptimes { target, until } => {
            let whose = Whose { id: target, endpoint: None, view };
            Answer::Uptimes(Box::new(read(store, move |reader| detail::uptimes(reader, &whose, until, now)).await?))
        }
        Query::Outages(span) => Answer::Outages(outages(read(store, move |reader| reader.outages(span)).await?)),
        Query::Outage(id) => {
            let found = read(store, move |reader| incident::incident(reader, id, now)).await?;
            Answer::Outage(found.map(Box::new))
        }
        Query::OutageAsOf(id, at) => {
            let found = read(store, move |reader| incident::as_of(reader, id, at)).await?;
            Answer::Outage(found.map(Box::new))
        }
        Query::Report(span) => Answer::Report(Box::new(report::findings(store, span, now, Watching::Somebody).await?)),
        Query::AsOf(at, depth) => as_of::answer(store, at, depth).await?,
        Query::Overview { at, length, cells } => {
            let found = read(store, move |reader| super::overview::overview(reader, length, cells, at)).await?;
            Answer::Overview(Box::new(found))
        }
        Query::Reach(target) => Answer::Reach(read(store, move |reader| excerpt::reach(reader, target, now)).await?),
        Query::Endpoints(target) => {
            Answer::Endpoints(read(store, move |reader| Ok(excerpt::endpoints_of(reader, target))).await?)
        }
        Query::Checks(target, span) => {
            Answer::Checks(read(store, move |reader| excerpt::checks_of(reader, target, span, now)).await?)
        }
        Query::OutagesOf(target, span) => {
            Answer::Outages(read(store, move |reader| reader.outages_of(target, span)).await?)
        }
        Query::MaintenanceOf(target) => {
            Answer::Maintenance(read(store, move |reader| Ok(excerpt::maintenance_of(reader, target))).await?)
        }
        Query::Figures { target, span, step } => {
            Answer::Figures(read(store, move |reader| excerpt::figures(reader, target, span, step, now)).await?)
        }
        Query::Catalog(after) => {
            Answer::Catalog(read(store, move |reader| Ok(reader.entries_after(after, CATALOG_MAX))).await?)
        }
        Query::Events(since) => {
            let mut lines = read(store, move |reader| reader.events_since(since)).await?;
            let left_out = lines.len().saturating_sub(EVENTS_MAX);
            lines.drain(..left_out);
            Answer::Events { lines, left_out: left_out as u64 }
        }
        Query::Holdings(depth) => Answer::Holdings(Box::new(holdings::holdings(store, depth).await?)),
        Query::Extent(targets) => {
            let extent = read(store, move |reader| reader.extent(&targets)).await?;
            Answer::Extent(Extent { checks: extent.checks, outages: extent.outages })
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
