//! What no longer changes is written once more, side by side, so that sled's file stays dense.
//!
//! sled writes to the end of one log: sealed checks between rows of the journal, most of which are replaced within
//! seconds. A segment of 512 KB that is half waste is given free, and what is still needed of it goes to the end
//! of the log again, among new rows of the journal, until it happens to lie in a segment that it fills for a little
//! more than half: so it stays, and the file is nearly twice as long as what is in it. Once a day, therefore, the
//! pages that have become final are written in one go. They fill segments of their own, are needed for the
//! same time, and leave the others mostly waste, which sled then clears.
//!
//! Nothing of what is stored changes by this, and a crash in between leaves pages where they were.

use super::day::Day;
use super::error::Trouble;
use super::key::{self, Series};
use super::ledger::Ledger;
use std::time::Duration;

/// sled splits a page when it has 17 values, and what is appended leaves the larger half of that behind.
const VALUES_A_PAGE: u32 = 9;
/// A page that sled may still append to ends less than 17 values before the newest, and a day has six chunks.
const DAYS_OF_CHUNKS: u32 = 3;
/// The same for values of which a day has one.
const DAYS_OF_HOURS: i32 = 17;
const DAY: Duration = Duration::from_hours(24);

/// Writes the pages of a series that have become final on this day. Every value of a page has another number, modulo
/// the values of a page, so that one number finds each page once.
pub(super) fn gather(ledger: &Ledger, of: Series, day: Day) -> Result<(), Trouble> {
    let from = day.start() - DAY * DAYS_OF_CHUNKS;
    let (from, to) = (key::chunk(of, from, 0), key::chunk(of, from + DAY, 0));
    let is_next = |key: &[u8]| key::read_chunk_number(key).is_some_and(|number| number.is_multiple_of(VALUES_A_PAGE));
    for key in ledger.base.chunk.keys_between(&from, &to)?.into_iter().filter(|key| is_next(key)) {
        ledger.base.chunk.rewrite_page_of(&key)?;
    }
    let day = day.plus(-DAYS_OF_HOURS);
    if day.0.rem_euclid(VALUES_A_PAGE.cast_signed()) == 0 {
        ledger.base.hours.rewrite_page_of(&key::hours(of, day))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Check, Clocked, EndpointId, Outcome, Timing, VantageId};

    use crate::store::mend::{self};

    const OF: Series = (EndpointId(7), VantageId::HERE);
    const FIRST: Day = Day(20_000);
    const DAYS: u32 = 6;

    /// Checks of some days, a minute apart.
    fn checks() -> Vec<Check> {
        let mut random = fastrand::Rng::with_seed(1);
        let check = |minute| {
            let connect = Duration::from_micros(random.u64(1_000..9_000));
            let outcome = Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 });
            let (at, address) = (FIRST.start() + Duration::from_mins(1) * minute, None);
            Check { endpoint: OF.0, vantage: OF.1, at, outcome, dns: None, address, tried: 1, answered: 1 }
        };
        (0..DAYS * 1_440).map(check).collect()
    }

    #[test]
    fn a_final_page_is_written_once_more_and_stays_as_it_is() {
        let directory = tempfile::tempdir().expect("a directory");
        let (directory, mut ledger) = mend::opened(directory.path());
        ledger.import(checks()).expect("a disk");
        ledger.commit().expect("a disk");
        let values = |ledger: &Ledger| -> Vec<(sled::IVec, sled::IVec)> {
            ledger.base.chunk.raw(&key::series(OF)).collect::<Result<_, _>>().expect("chunks")
        };
        let before = values(&ledger);
        assert_eq!(before.len() as u32, 6 * DAYS);
        let written = || -> Vec<usize> {
            let file = std::fs::read(directory.sled().join("db")).expect("a file");
            let times = |value: &[u8]| file.windows(value.len()).filter(|window| *window == value).count();
            before.iter().map(|(_, value)| times(value)).collect()
        };
        let times = written();

        // The chunks 6 to 11 are of the second day, and 9 is the first of its page.
        gather(&ledger, OF, FIRST.plus(4)).expect("a disk");
        ledger.commit().expect("a disk");
        let again: Vec<usize> = written().iter().zip(times).map(|(after, before)| after - before).collect();
        assert_eq!(again[9], 1, "{again:?}");
        assert_eq!(again.iter().sum::<usize>(), VALUES_A_PAGE as usize, "{again:?}");
        assert_eq!(values(&ledger), before);
    }
}
