//! What a clean end leaves, so that the next start takes up open chunks as they were and leaves the journal unread.
//!
//! The journal keeps all of it, and is read whenever anything here is amiss. The mark that says that all
//! is here is written last and removed first: whatever a start does afterwards, and however it ends,
//! no later one can take these chunks for the present.

use super::base::Item;
use super::chunk::Packer;
use super::error::Trouble;
use super::form::encode;
use super::key::{self, Position, Series};
use super::ledger::Ledger;
use serde::{Deserialize, Serialize};

/// Where in `meta` the mark stands.
const MARK: &[u8] = b"parting";

/// At which journal row the run ended, and how many chunks it left open.
#[derive(Serialize, Deserialize)]
struct Mark {
    row: u64,
    chunks: u64,
}

/// An open chunk, and where its checks stand in the journal. Those of an earlier end name another row.
#[derive(Serialize, Deserialize)]
struct Left {
    row: u64,
    first: Position,
    last: Position,
    packer: Packer,
}

impl Ledger {
    /// Leaves the open chunks for the next start. Only to be called at the end, when all is saved.
    pub(super) fn leave(&mut self) -> Result<(), Trouble> {
        let row = self.state.row;
        let mut chunks = 0;
        for (of, progress) in self.series.iter().filter(|(_, progress)| !progress.packer.is_empty()) {
            let left = Left { row, first: progress.first, last: progress.last, packer: progress.packer.clone() };
            self.base.parting.put(&key::series(*of), &encode(&left)?)?;
            chunks += 1;
        }
        self.base.meta.put(MARK, &encode(&Mark { row, chunks })?)?;
        self.commit()
    }

    /// Takes up what the end before left; says whether that was all there is to know.
    pub(super) fn take_up(&mut self) -> Result<bool, Trouble> {
        let Some(item) = self.base.meta.get(MARK)? else { return Ok(false) };
        self.base.meta.remove(MARK)?;
        let Item::Good(_, body) = item else { return Ok(false) };
        let Ok(Mark { row, chunks }) = postcard::from_bytes(&body) else { return Ok(false) };
        if row != self.state.row {
            return Ok(false);
        }
        let mut all: Vec<(Series, Left)> = Vec::new();
        for item in self.base.parting.from(&[]) {
            let Item::Good(key, body) = item? else { continue };
            let (Some(of), Ok(left)) = (key::read_series(&key), postcard::from_bytes::<Left>(&body)) else { continue };
            if left.row == row {
                all.push((of, left));
            }
        }
        if all.len() as u64 != chunks {
            return Ok(false);
        }
        for (of, Left { first, last, packer, .. }) in all {
            self.give_endpoint(of.0);
            self.newest = self.newest.max(packer.last());
            let progress = self.series.entry(of).or_default();
            (progress.first, progress.last, progress.packer) = (first, last, packer);
        }
        let oldest = self.base.journal.raw(&[]).next().transpose()?;
        self.oldest_row = oldest.and_then(|(key, _)| key::read_journal(&key)).unwrap_or(row + 1);
        Ok(true)
    }
}
