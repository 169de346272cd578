//! How much there is of everything, and what of it can be read: a long walk in short steps.

use super::super::query::Holdings;
use super::read;
use crate::domain::{Span, Wall};
use crate::store::{Depth, ReadError, Store, Survey};
use crate::window::{self, spans};

/// See [`crate::engine::Query::Holdings`].
pub(super) async fn holdings(store: &Store, depth: Depth) -> Result<Holdings, ReadError> {
    let mut survey = Survey::new(depth);
    while !survey.is_done() {
        survey = read(store, move |reader| reader.survey(survey)).await?;
    }
    let ever = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };
    let gaps = window::merged(read(store, move |reader| reader.gaps(ever)).await?);
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
    })
}
