//! How much there is of everything, and what of it can be read: a long walk in short steps.

use super::super::query::{Holdings, Lost};
use super::read;
use crate::domain::{EndpointId, GapCause, Span, VantageId, Wall};
use crate::store::{Depth, ReadError, Reader, Store, Survey};
use crate::window::{self, spans};

const EVER: Span = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };

/// See [`crate::engine::Query::Holdings`].
pub(super) async fn holdings(store: &Store, depth: Depth) -> Result<Holdings, ReadError> {
    let mut survey = Survey::new(depth);
    while !survey.is_done() {
        survey = read(store, move |reader| reader.survey(survey)).await?;
    }
    let mut lost = Vec::new();
    for endpoint in survey.suspects().to_vec() {
        lost.extend(read(store, move |reader| lost_of(reader, endpoint)).await?);
    }
    let gaps = window::merged(read(store, move |reader| reader.gaps(EVER)).await?);
    let (damaged, gaps): (Vec<_>, Vec<_>) = gaps.into_iter().partition(|gap| gap.cause == GapCause::Damaged);
    lost.extend(damaged.iter().map(|gap| Lost { target: None, span: gap.span() }));
    lost.sort_by_key(|lost: &Lost| lost.span.from);
    let mut unobserved = Vec::new();
    gaps.iter().filter(|gap| gap.path.is_none()).for_each(|gap| spans::insert(&mut unobserved, gap.span()));
    let entries = read(store, |reader| Ok(reader.entries())).await?;
    let removed = entries.iter().filter(|entry| entry.removed_at.is_some()).count();
    Ok(Holdings {
        survey,
        targets: (entries.len() - removed) as u64,
        removed: removed as u64,
        gaps: gaps.len() as u64,
        unobserved: spans::total(&unobserved),
        lost,
    })
}

/// What is lost of an endpoint, by the name of its target.
fn lost_of(reader: &Reader<'_>, endpoint: EndpointId) -> Result<Vec<Lost>, ReadError> {
    let mut entries = reader.entries().into_iter();
    let owner = entries.find(|entry| reader.endpoints(&entry.target).contains(&endpoint));
    let Some(name) = owner.map(|entry| entry.target.definition.name) else { return Ok(Vec::new()) };
    let lost = reader.lost(endpoint, VantageId::HERE, EVER)?;
    Ok(lost.into_iter().map(|span| Lost { target: Some(name.clone()), span }).collect())
}
