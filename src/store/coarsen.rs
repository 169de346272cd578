//! Old checks become coarse, chunk by chunk, once the days that they belong to are summed up.
//!
//! A chunk is replaced by another under its own key in one write, so a crash leaves it as it was or as it is
//! to be. It says in its head that it is coarse, so doing a part of the work twice does no harm, and what
//! is done need not be remembered chunk by chunk: one row of `meta` says before the first write that
//! checks up to a moment may be coarse, and after the last that all are that can be.

use super::base::Item;
use super::chunk::SPAN_MAX;
use super::error::Trouble;
use super::evidence;
use super::key::{self, Series};
use super::ledger::{Ledger, encode};
use super::unpack::head;
use crate::domain::Wall;
use serde::{Deserialize, Serialize};

/// Where in `meta` [`Coarse`] stands.
pub(super) const COARSE: &[u8] = b"coarse";
/// How many chunks are looked at between two looks at the clock: each takes up to 0.5 ms.
const CHUNKS_AT_ONCE: usize = 8;

/// A row of `meta`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Coarse {
    /// Checks before this moment may be coarse.
    pub begun: Option<Wall>,
    /// Chunks that end before this moment are coarse, but for evidence.
    pub done: Option<Wall>,
}

/// A pass over the chunks that have become old since the last one.
#[derive(Debug)]
pub(super) struct Coarsening {
    /// Chunks that end before this moment become coarse.
    until: Wall,
    /// The series that is finished.
    after: Option<Series>,
    /// Where to go on in the next one; its beginning if this is empty.
    from: Vec<u8>,
}

/// Whether there is more to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    More,
    Done,
}

impl Coarsening {
    pub fn begin(ledger: &mut Ledger, wanted: Wall) -> Result<Self, Trouble> {
        let until = ledger.summed_until(wanted);
        if ledger.coarse.begun.is_none_or(|begun| begun < until) && ledger.summed.until.is_some() {
            ledger.coarse.begun = Some(until);
            ledger.put_coarse()?;
        }
        Ok(Self { until, after: None, from: Vec::new() })
    }

    pub fn step(&mut self, ledger: &mut Ledger) -> Result<Progress, Trouble> {
        let done = ledger.coarse.done;
        if done.is_some_and(|done| done >= self.until) || ledger.summed.until.is_none() {
            return Ok(Progress::Done);
        }
        let Some(of) = ledger.series_after(self.after) else {
            ledger.coarse.done = Some(self.until);
            ledger.put_coarse()?;
            return Ok(Progress::Done);
        };
        let start = done.map_or(Wall(i64::MIN), |done| done - SPAN_MAX);
        let start =
            if self.from.is_empty() { key::chunk(of, start, 0).to_vec() } else { std::mem::take(&mut self.from) };
        let evidence = ledger.owners.get(&of.0).map(|owner| ledger.evidence_of(*owner)).unwrap_or_default();
        let mut count = 0;
        for item in ledger.base.chunk.range(&start, &key::chunk(of, self.until, 0)).take(CHUNKS_AT_ONCE) {
            count += 1;
            let item = item?;
            let (Item::Good(key, _) | Item::Damaged(key)) = &item;
            self.from = [key, &[0][..]].concat();
            if let Item::Good(key, body) = &item
                && let Some(head) = head(body).filter(|head| head.last < self.until)
                && let Some(coarse) = evidence::coarsen(of, head, body, &evidence)
            {
                ledger.base.chunk.put(key, &coarse)?;
            }
        }
        if count < CHUNKS_AT_ONCE {
            self.from.clear();
            self.after = Some(of);
        }
        Ok(Progress::More)
    }
}

impl Ledger {
    fn put_coarse(&self) -> Result<(), Trouble> {
        self.base.meta.put(COARSE, &encode(&self.coarse)?)
    }

    /// Up to this moment and no further, checks have been summed up and may become coarse.
    fn summed_until(&self, wanted: Wall) -> Wall {
        let first = self.outdated.first().map(|(day, _)| *day);
        let unsummed = first.into_iter().chain(self.summed.until).min();
        unsummed.map_or(wanted, |day| wanted.min(day.start()))
    }
}
