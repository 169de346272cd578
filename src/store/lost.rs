//! What damage took of the checks of an endpoint: chunks that cannot be read, and chunks that are gone.
//!
//! Nothing of it is written down, because the chunks themselves tell it. The key of each says when it began and
//! which of its series it is; it ended before the next one began. A number that is left out is a chunk that is
//! gone: only pruning takes chunks away, and so it is damage where nothing is pruned.

use super::base::Item;
use super::chunk::SPAN_MAX;
use super::error::{ReadError, Trouble};
use super::key::{self, Series};
use super::reader::Reader;
use super::unpack::head;
use crate::domain::{EndpointId, Span, VantageId, Wall};
use crate::window::spans;
use std::time::Duration;

/// A chunk, whatever is left of it.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    first: Wall,
    number: u32,
    /// Just after its newest check; `None` if it cannot be read.
    end: Option<Wall>,
}

impl Chunk {
    fn of(item: &Item) -> Option<Self> {
        let (Item::Good(key, _) | Item::Damaged(key)) = item;
        let ((_, first), number) = (key::read_chunk(key)?, key::read_chunk_number(key)?);
        let last = match item {
            Item::Good(_, body) => head(body).map(|head| head.last),
            Item::Damaged(_) => None,
        };
        Some(Self { first, number, end: last.map(|last| last + Duration::from_millis(1)) })
    }

    /// When a damaged one ended, if the next check after it began at this moment.
    fn end_before(&self, next: Option<Wall>) -> Wall {
        let latest = self.first + SPAN_MAX;
        next.map_or(latest, |next| next.clamp(self.first, latest))
    }
}

impl Reader<'_> {
    /// The parts of a span of which an endpoint had checks that are damaged, oldest first. What others saw of
    /// them, or what a summary kept, is not taken into account.
    pub fn lost(&self, endpoint: EndpointId, vantage: VantageId, span: Span) -> Result<Vec<Span>, ReadError> {
        let of = (endpoint, vantage);
        let chunks = self.asked(|| self.chunks_around(of, span))?;
        let progress = self.ledger.series.get(&of);
        let open = progress.map(|progress| &progress.packer).filter(|packer| !packer.is_empty());
        let waiting = self.waiting_checks(of).map(|check| check.at);
        let open = open.map(super::chunk::Packer::first).into_iter().chain(waiting).min();
        let is_last = |chunk: &Chunk| chunks.last().is_some_and(|last| last.number == chunk.number);
        let sealed = progress.map_or(0, |progress| progress.sealed.chunks);
        let mut lost = Vec::new();
        let mut behind = chunks.iter().skip(1);
        for chunk in &chunks {
            let next = behind.next();
            let next_at = next.map(|next| next.first).or(open);
            let end = chunk.end.unwrap_or_else(|| chunk.end_before(next_at));
            if chunk.end.is_none() {
                spans::insert(&mut lost, Span { from: chunk.first, to: end });
            }
            let following = next.map(|next| next.number).or_else(|| is_last(chunk).then_some(sealed));
            let gone = following.map_or(0, |following| following.saturating_sub(chunk.number + 1));
            let are_elsewhere = (chunk.number + 1..).take(gone as usize).all(|number| {
                // A clock that was put back has chunks begin before those that were written earlier.
                chunks.iter().any(|other| other.number == number)
            });
            if !are_elsewhere && self.pruned_until().is_none_or(|until| end >= until) {
                let latest = end + SPAN_MAX * gone;
                spans::insert(&mut lost, Span { from: end, to: next_at.map_or(latest, |next| next.max(end)) });
            }
        }
        Ok(spans::clip(&lost, span))
    }

    /// The chunks that touch a span, and one before and behind, in the order in which they begin.
    fn chunks_around(&self, of: Series, span: Span) -> Result<Vec<Chunk>, Trouble> {
        let shelf = &self.ledger.base.chunk;
        let [begin, from, to, end] =
            [Wall(i64::MIN), span.from - SPAN_MAX, span.to, Wall(i64::MAX)].map(|at| key::chunk(of, at, 0));
        let before = shelf.range_newest(&begin, &from).next().transpose()?;
        let inside: Vec<Item> = shelf.range(&from, &to).collect::<Result<_, _>>()?;
        let behind = shelf.range(&to, &end).next().transpose()?;
        Ok(before.iter().chain(&inside).chain(&behind).filter_map(Chunk::of).collect())
    }
}
