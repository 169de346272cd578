//! What is done to a store beside saving: sealing, trimming, forgetting, importing.

use super::chunk::{self, Packer};
use super::error::Trouble;
use super::key::{self, Series};
use super::ledger::{Ledger, Progress, encode};
use crate::domain::{Check, TargetId};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How many rows an open chunk may lag behind before it is sealed as it is: a bound for the length
/// of the journal, which a start reads.
const LAG_ROWS_MAX: u64 = 1 << 16;

impl Ledger {
    /// Removes journal rows whose checks are all in chunks, until the deadline; says whether that is
    /// finished. Only to be called when everything written is synced.
    pub fn trim(&mut self, deadline: Instant) -> Result<bool, Trouble> {
        let needed = self.series.values().filter_map(Progress::oldest_row).min().unwrap_or(self.state.row + 1);
        while self.oldest_row < needed && Instant::now() < deadline {
            self.base.journal.remove(&key::journal(self.oldest_row))?;
            self.oldest_row += 1;
        }
        Ok(self.oldest_row >= needed)
    }

    /// Seals open chunks that wait too long for more checks: paused, removed, or rarely checked.
    pub fn seal_idle(&mut self) -> Result<(), Trouble> {
        for (of, progress) in &mut self.series {
            let lags = progress.oldest_row().is_some_and(|row| row + LAG_ROWS_MAX < self.state.row);
            let age = Duration::from_millis(self.newest.0.abs_diff(progress.packer.first().0));
            if !progress.packer.is_empty() && (lags || age >= chunk::SPAN_MAX) {
                progress.seal(*of, &self.base)?;
            }
        }
        Ok(())
    }

    /// Keeps what is sealed of a series and lets go of the checks in its open chunk.
    pub fn forget_open(&mut self, of: Series) -> Result<(), Trouble> {
        let Some(progress) = self.series.get_mut(&of).filter(|progress| !progress.packer.is_empty()) else {
            return Ok(());
        };
        progress.sealed.through = progress.last;
        progress.packer = Packer::default();
        self.base.sealed.put(&key::series(of), &encode(&progress.sealed)?)
    }

    /// Takes a target out of the catalog; its ids stay given.
    pub fn forget_target(&mut self, id: TargetId) -> Result<(), Trouble> {
        self.base.target.remove(&key::target(id))?;
        for endpoint in self.catalog.remove(&id).into_iter().flat_map(|entry| entry.target.endpoint_ids) {
            self.owners.remove(&endpoint);
        }
        Ok(())
    }

    /// Forgets how far a series is sealed, once nothing of it is left.
    pub fn forget_series(&mut self, of: Series) -> Result<(), Trouble> {
        let is_done = |progress: &Progress| progress.packer.is_empty() && progress.sealed.through.row < self.oldest_row;
        if self.series.get(&of).is_some_and(is_done) {
            self.base.sealed.remove(&key::series(of))?;
            self.series.remove(&of);
        }
        Ok(())
    }

    /// Puts old checks straight into chunks, without the journal. They are saved with the next commit.
    pub fn import(&mut self, checks: Vec<Check>) -> Result<(), Trouble> {
        let mut by_series: BTreeMap<Series, Vec<Check>> = BTreeMap::new();
        for check in checks {
            by_series.entry((check.endpoint, check.vantage)).or_default().push(chunk::exact(check));
        }
        for (of, mut checks) in by_series {
            self.give_endpoint(of.0);
            checks.sort_by_key(|check| check.at);
            let progress = self.series.entry(of).or_default();
            let mut packer = Packer::default();
            for check in &checks {
                if !packer.has_room(check.at) {
                    progress.sealed.put_chunk(of, &std::mem::take(&mut packer), &self.base)?;
                }
                packer.push(check);
            }
            let last = progress.sealed.put_chunk(of, &packer, &self.base)?;
            progress.sealed.newest = progress.sealed.newest.max(Some(last));
            self.base.sealed.put(&key::series(of), &encode(&progress.sealed)?)?;
        }
        Ok(())
    }
}
