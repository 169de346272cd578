//! What is done to a store beside saving: sealing, trimming, forgetting, importing.

use super::chunk::{self, Packer};
use super::error::Trouble;
use super::form::encode;
use super::key::{self, Series};
use super::ledger::{Ledger, Progress};
use crate::domain::{Check, TargetId, Wall, maintenance};
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
        let formers: Vec<Wall> = self.formers_of(id).map(|former| former.until).collect();
        let endpoints = self.catalog.remove(&id).map(|entry| self.endpoints_of(&entry.target)).unwrap_or_default();
        for until in formers {
            self.base.former.remove(&key::former(id, until))?;
            self.formers.remove(&(id, until));
        }
        for endpoint in
            endpoints.into_iter().filter(|endpoint| self.owners.get(endpoint) == Some(&id)).collect::<Vec<_>>()
        {
            self.owners.remove(&endpoint);
        }
        Ok(())
    }

    /// Forgets what was said of maintenance that ended before a moment.
    pub fn prune_maintenance(&mut self, before: Option<Wall>) -> Result<(), Trouble> {
        let Some(before) = before else { return Ok(()) };
        let over = maintenance::over_by(self.maintenance.values(), before);
        for (key, _) in self.maintenance.extract_if(.., |_, said| over.contains(&said.maintenance.span.from)) {
            self.base.maintenance.remove(&key)?;
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
            for check in &checks {
                self.outdate_by_check(of.0, check.at)?;
                self.newest = self.newest.max(check.at);
            }
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

/// A crash between any two writes: what was saved is there, what was not is not there by halves.
#[cfg(test)]
mod tests {
    use crate::domain::{
        CatalogEntry, Check, Closing, Definition, Endpoint, EndpointId, Event, Family, Fault, Happening, Outage,
        OutageId, Outcome, Reason, Record, Span, Target, TargetId, VantageId, Wall,
    };
    use crate::store::Options;
    use crate::store::base::fuse;
    use crate::store::directory::Directory;
    use crate::store::error::Trouble;
    use crate::store::ledger::Ledger;
    use crate::store::mend::{self, Foreknowledge, Ready};
    use crate::store::prune::{Bounds, Pruning};
    use crate::store::reader::Reader;
    use crate::store::ring::{Batch, Ring};
    use std::path::Path;
    use std::time::{Duration, Instant};

    const BATCHES: i64 = 10;
    const EVER: Span = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };

    /// Ninety minutes between batches, so that every third one seals a chunk.
    fn moment(number: i64) -> Wall {
        Wall(1_750_000_000_000 + number * 90 * 60_000)
    }

    /// One endpoint is checked so rarely that its chunks are sealed for their age.
    fn is_rare(number: i64) -> bool {
        number % 5 == 0
    }

    /// A target whose record needs several journal rows, checks, an outage that opens or closes, an event.
    fn batch(number: i64) -> Batch {
        let at = moment(number);
        let check = |id| {
            let outcome = Outcome::Inconclusive(Fault::Overload);
            let (endpoint, vantage) = (EndpointId(id), VantageId::HERE);
            Record::Check(Check { endpoint, vantage, at, outcome, dns: None, address: None, tried: 0, answered: 0 })
        };
        let address = "db1:5432".parse().expect("an address");
        let (family, timeout) = (Family::Auto, Duration::from_secs(1));
        let endpoint = Endpoint { family, timeout, ..Endpoint::new(address) };
        let mut definition = Definition::new("db1".to_owned(), endpoint);
        definition.note = number.to_string().repeat(9_000);
        let target =
            Target { id: TargetId(0), endpoint_ids: vec![EndpointId(0)], round_id: Some(EndpointId(1)), definition };
        let entry = CatalogEntry { target, added_at: moment(0), removed_at: None, paused_at: None };
        let opened = number / 2 * 2;
        let outage = Outage {
            id: OutageId(opened.cast_unsigned() + 1),
            target: TargetId(0),
            name: "db1".to_owned(),
            started_at: moment(opened),
            detected_at: moment(opened),
            last_failure_at: at,
            closing: (opened != number).then_some(Closing::Paused(at)),
            reason: Reason::Refused,
            failures: [1, 0, 0, 0, 0, 0, 0, 0],
            inconclusive: 0,
            unobserved: Duration::ZERO,
        };
        let event = Event { at, target: None, what: Happening::Note(number.to_string()) };
        let mut batch = vec![check(0), check(1), Record::Target(entry), Record::Outage(outage), Record::Event(event)];
        if is_rare(number) {
            batch.push(check(2));
        }
        batch
    }

    fn open(path: &Path) -> Ledger {
        let (directory, found) = Directory::take(path).expect("a directory");
        directory.mark().expect("a mark");
        let options = Options { free_space_min: 0, ..Options::default() };
        let Ready { ledger, notes, .. } =
            mend::open(&directory, found, &options, Foreknowledge::default()).expect("a store");
        assert_eq!(notes, Vec::<String>::new());
        ledger
    }

    /// Saves the batches from one on, with sealing, trimming and pruning between; counts those that were saved.
    fn live(ledger: &mut Ledger, from: i64, saved: &mut i64) -> Result<(), Trouble> {
        let never = Instant::now() + Duration::from_hours(1);
        for number in from..BATCHES {
            ledger.write(vec![batch(number)])?;
            ledger.commit()?;
            *saved = number + 1;
            if number % 4 == 3 {
                ledger.seal_idle()?;
                ledger.commit()?;
                ledger.trim(never)?;
                let long_ago = Some(moment(-1));
                let nothing = Bounds {
                    checks: long_ago,
                    exact: long_ago,
                    outages: long_ago,
                    summaries: long_ago,
                    removed: long_ago,
                };
                Pruning::new(nothing).go_on(ledger, never)?;
            }
        }
        ledger.leave()
    }

    /// The store must hold so many batches, whole, and nothing else.
    fn verify(ledger: &Ledger, count: i64, what: &str) {
        let nothing = Ring::new(0);
        let reader = Reader::new(ledger, &nothing);
        for id in [0, 1, 2] {
            let checks = reader.checks(EndpointId(id), VantageId::HERE, EVER).expect("an answer");
            let moments: Vec<Wall> = checks.iter().map(|check| check.at).collect();
            let expected: Vec<Wall> = (0..count).filter(|number| id < 2 || is_rare(*number)).map(moment).collect();
            assert_eq!(moments, expected, "{what}: endpoint {id}");
        }
        assert_eq!(reader.events(100).expect("an answer").len(), count as usize, "{what}");
        let outages = reader.outages(EVER).expect("an answer");
        assert_eq!(outages.len(), (count as usize).div_ceil(2), "{what}");
        let open = outages.iter().filter(|outage| outage.closing.is_none()).count();
        assert_eq!((open, ledger.open_outages.len()), ((count % 2) as usize, (count % 2) as usize), "{what}");
        let last = (0..count).flat_map(batch).rfind(|record| matches!(record, Record::Target(_)));
        let known = ledger.catalog.get(&TargetId(0)).cloned().map(Record::Target);
        assert_eq!(known, last, "{what}");
    }

    #[test]
    fn whatever_the_write_before_which_it_ends_what_was_saved_is_whole() {
        let mut writes = 0;
        loop {
            // In memory where there is such a place: the order of writes is the matter here, no disk.
            let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
            let mut ledger = open(directory.path());
            let mut saved = 0;
            fuse::set(Some(writes));
            let ended = live(&mut ledger, 0, &mut saved);
            fuse::set(None);
            drop(ledger);

            let what = format!("ended before write {writes}, {saved} batches saved");
            let mut ledger = open(directory.path());
            let count = ledger.base.event.raw(&[]).count();
            let count = i64::try_from(count).expect("a few");
            assert!(count == saved || count == saved + 1, "{what}: {count} are there");
            verify(&ledger, count, &what);
            live(&mut ledger, count, &mut saved).expect("a disk that works");
            verify(&ledger, BATCHES, &what);
            drop(ledger);
            let ledger = open(directory.path());
            verify(&ledger, BATCHES, &what);
            if ended.is_ok() {
                assert!(writes > 100, "only {writes} writes were tried");
                return;
            }
            writes += 1;
        }
    }
}
