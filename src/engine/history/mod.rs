//! Answers questions about history, on the thread of the store.

mod addresses;
mod as_of;
mod detail;
mod stretch;

use super::query::{Answer, Detail, Extent, Query, Uptimes};
use crate::domain::{Now, Outage, Wall};
use crate::monitor::TargetView;
use crate::store::{ReadError, Reader, Store};
use std::sync::Arc;
use tokio::sync::oneshot;

/// How many outages an answer holds at most.
const OUTAGES_MAX: usize = 1_000;

/// Has the store answer a question. `view` is the target that a detail is asked of, if it is watched.
pub(super) fn ask(
    store: &Store,
    query: Query,
    view: Option<Arc<TargetView>>,
    now: Now,
    asker: oneshot::Sender<Answer>,
) {
    if let Query::AsOf(at, depth) = query {
        let store = store.clone();
        tokio::spawn(async move {
            let answer = as_of::answer(&store, at, depth).await;
            // Whoever asked may have gone.
            let _ = asker.send(answer.unwrap_or_else(|error| Answer::Failed(error.to_string())));
        });
        return;
    }
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
            Some(view) => Answer::Detail(Box::new(detail::detail(reader, view, span, columns, now)?)),
            None => Answer::Detail(Box::new(Detail { target: Some(target), span: Some(span), ..Detail::default() })),
        },
        Query::Uptimes { target, until } => match view {
            Some(view) => Answer::Uptimes(detail::uptimes(reader, view, until, now)?),
            None => Answer::Uptimes(Uptimes { target: Some(target), until, ..Uptimes::default() }),
        },
        Query::AsOf(..) => Answer::Failed("the table of the past is read in slices".to_owned()),
        Query::Outages(span) => Answer::Outages(outages(reader.outages(span)?)),
        Query::Extent(targets) => {
            let extent = reader.extent(&targets)?;
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
