//! Old checks become coarse, chunk by chunk, once the days that they belong to are summed up.
//!
//! A chunk is replaced by another under its own key in one write, so a crash leaves it as it was or as it is
//! to be. It says in its head that it is coarse, so doing a part of the work twice does no harm, and what
//! is done need not be remembered chunk by chunk: one row of `meta` says before the first write that
//! checks up to a moment may be coarse, and after the last that all are that can be. A day that is summed up
//! once more after that, because something came late, has its latencies from coarse checks.

use super::base::Item;
use super::chunk::SPAN_MAX;
use super::error::Trouble;
use super::evidence;
use super::form::encode;
use super::key::{self, Series};
use super::ledger::Ledger;
use super::unpack::head;
use crate::domain::Wall;
use serde::{Deserialize, Serialize};

/// Where in `meta` [`Coarse`] stands.
pub(super) const COARSE: &[u8] = b"coarse";
/// How many chunks are looked at between two looks at the clock: one may hold 14,400 checks.
const CHUNKS_AT_ONCE: usize = 2;

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

/// A crash between any two writes: each check is there, exact or coarse, and a second pass ends what the first began.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Check, Clocked, EndpointId, Outcome, Record, Span, Timing, VantageId};
    use crate::store::Options;
    use crate::store::base::fuse;
    use crate::store::day::Day;
    use crate::store::directory::Directory;
    use crate::store::mend::{self, Foreknowledge};
    use crate::store::reader::Reader;
    use crate::store::ring::Ring;
    use std::path::Path;
    use std::time::Duration;

    const START: Day = Day(20_000);
    const OF: Series = (EndpointId(1), VantageId::HERE);

    fn check(number: u32) -> Check {
        let connect = Duration::from_micros(20_001 + u64::from(number) * 7_919 % 3_000);
        let outcome = Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 });
        let at = START.start() + Duration::from_mins(30) * number;
        Check { endpoint: OF.0, vantage: OF.1, at, outcome, dns: None, address: None, tried: 1, answered: 1 }
    }

    fn open(path: &Path) -> Ledger {
        let (directory, found) = Directory::take(path).expect("a directory");
        directory.mark().expect("a mark");
        let options = Options { free_space_min: 0, ..Options::default() };
        mend::open(&directory, found, &options, Foreknowledge::default()).expect("a store").ledger
    }

    /// Three days, of which two are summed up.
    fn three_days(path: &Path) -> Ledger {
        let mut ledger = open(path);
        ledger.write(vec![(0..3 * 48).map(|number| Record::Check(check(number))).collect()]).expect("a disk");
        ledger.summed.until = Some(START.plus(2));
        ledger.put_summed().expect("a disk");
        ledger.commit().expect("a disk");
        ledger
    }

    fn pass(ledger: &mut Ledger) -> Result<(), Trouble> {
        let mut coarsening = Coarsening::begin(ledger, START.plus(3).start())?;
        while coarsening.step(ledger)? == Progress::More {}
        Ok(())
    }

    /// How many of the sealed checks are coarse.
    fn coarse(ledger: &Ledger) -> u32 {
        let heads = ledger.base.chunk.under(&key::series(OF)).filter_map(|item| match item {
            Ok(Item::Good(_, body)) => head(&body),
            _ => None,
        });
        heads.map(|head| head.coarse).sum()
    }

    fn verify(ledger: &Ledger, what: &str) {
        let nothing = Ring::new(0);
        let ever = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };
        let checks = Reader::new(ledger, &nothing).checks(OF.0, OF.1, ever).expect("an answer");
        assert_eq!(checks.len(), 3 * 48, "{what}");
        for (number, got) in (0..).zip(&checks) {
            let was = check(number);
            assert_eq!(got.at, was.at, "{what}");
            let (got, was) = (got.latency().expect("it is open"), was.latency().expect("it is open"));
            assert!(got.abs_diff(was) <= was / 256, "{what}: {got:?} for {was:?}");
        }
    }

    #[test]
    fn whatever_the_write_before_which_it_ends_the_next_pass_finishes_it() {
        for writes in 0.. {
            let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
            let mut ledger = three_days(directory.path());
            fuse::set(Some(writes));
            let ended = pass(&mut ledger);
            fuse::set(None);
            drop(ledger);

            let what = format!("ended before write {writes}");
            let mut ledger = open(directory.path());
            verify(&ledger, &what);
            assert!(coarse(&ledger) == 0 || ledger.coarse.begun == Some(START.plus(2).start()), "{what}");
            pass(&mut ledger).expect("a disk that works");
            verify(&ledger, &what);
            assert_eq!(coarse(&ledger), 96, "{what}: the days that are summed up, and no other");
            assert_eq!(ledger.coarse.done, Some(START.plus(2).start()));
            // What is done is not done again, even if nobody remembers it.
            fuse::set(Some(0));
            pass(&mut ledger).expect("nothing to write");
            fuse::set(None);
            ledger.coarse.done = None;
            fuse::set(Some(1));
            pass(&mut ledger).expect("nothing to write but that it is done");
            fuse::set(None);
            if ended.is_ok() {
                assert!(writes > 10, "only {writes} writes were tried");
                return;
            }
        }
    }
}
