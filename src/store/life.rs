//! From when to when the files of a store were written, which is all there is to know of one that cannot be read.

use super::directory::{Directory, present};
use super::error::Trouble;
use super::key::Position;
use super::mend::Ready;
use crate::domain::{Gap, GapCause, Record, VantageId, Wall};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// A loss that is shorter is none: life is proved only every ten seconds.
const LOSS_MIN: Duration = Duration::from_secs(30);

/// The life of a store, by its files as they were found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    /// When it was begun.
    begun: Option<Wall>,
    /// When something was written the last time.
    written: Option<Wall>,
}

impl Life {
    /// To be asked before anything is opened.
    pub fn of(directory: &Directory) -> Self {
        let sled = directory.sled();
        // What sled writes once, and what is written with every sync.
        let begun = changed_at(&sled.join("conf"));
        let written = [sled.join("db"), directory.join("WITNESS")].iter().filter_map(|path| changed_at(path)).max();
        Self { begun, written }
    }

    /// Notes as a gap that all is lost from the last proof of life or check that could be read until the end of
    /// the files, up to which portpulse ran.
    pub fn note_loss(self, ready: &mut Ready) -> Result<(), Trouble> {
        let Ready { ledger, resumed, .. } = ready;
        let checks = resumed.recent.iter().filter_map(|(_, checks)| checks.last()).map(|check| check.at);
        let known = ledger.state.alive.into_iter().chain(checks).max().or(self.begun);
        let (Some(from), Some(to)) = (known, self.written.map(|at| at.min(present()))) else { return Ok(()) };
        if to.since(from) < LOSS_MIN {
            return Ok(());
        }
        let gap = Gap { vantage: VantageId::HERE, from, to, cause: GapCause::Damaged, path: None };
        ledger.apply(&Record::Gap(gap), Position::default())?;
        ledger.state.alive = Some(to);
        ledger.put_state()?;
        resumed.gaps.push(gap);
        resumed.alive = Some(to);
        Ok(())
    }
}

fn changed_at(path: &Path) -> Option<Wall> {
    let changed = std::fs::metadata(path).ok()?.modified().ok()?;
    Some(Wall::default() + changed.duration_since(UNIX_EPOCH).ok()?)
}
