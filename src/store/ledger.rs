//! What is on disk and what is on its way there: the write path.
//!
//! Everything that is saved together goes into one journal row (or into several that count only
//! together), and from there to its place: an outage to the outages, a check into the chunk that
//! its series is filling. sled's log keeps the order of writes, so that after a crash a prefix of
//! them is there, and this order makes every prefix whole:
//!
//! 1. the journal row;
//! 2. its records in their places, a sealed chunk before the note how far its series is sealed;
//! 3. the note that the row is applied;
//! 4. a sync, after which all of it counts as saved;
//! 5. later, the removal of rows that no open chunk needs.
//!
//! A start reads the journal again: rows that were not applied are applied (each step may be done
//! twice), and checks that no chunk holds go back into the open ones. Plain inserts only: a batch of
//! sled costs ten times as much.

use super::base::Base;
use super::chunk::Packer;
use super::coarsen::Coarse;
use super::day::Day;
use super::error::Trouble;
use super::form::{self, Json, Piece, encode};
use super::key::{self, Position, Series};
use super::outdated::Summed;
use super::ring::Batch;
use super::witness::Witness;
use crate::domain::{
    CatalogEntry, Check, EndpointId, Former, MaintenanceOf, Outage, OutageId, Record, Span, Target, TargetId, Wall,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// The most bytes of records in one journal row.
const ROW_BYTES_MAX: usize = 4 << 10;

/// Where things stand: a row of `meta`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// The newest row whose records are in their places.
    pub row: u64,
    /// The lowest target id never given.
    pub next_target: u32,
    /// The lowest endpoint id never given.
    pub next_endpoint: u32,
    /// The newest outage id ever given.
    pub last_outage: u64,
    /// The last proof of life.
    pub alive: Option<Wall>,
}

/// How far the checks of a series are sealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sealed {
    /// The newest check that stands in a chunk.
    pub through: Position,
    /// How many chunks there have been: the number of the next.
    pub chunks: u32,
    /// Start and number of the chunk that was sealed last.
    pub newest: Option<(Wall, u32)>,
}

/// A series and the chunk that it is filling.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    pub sealed: Sealed,
    pub packer: Packer,
    /// Where the checks in the packer stand in the journal.
    pub(super) first: Position,
    pub(super) last: Position,
}

/// An open store.
pub(super) struct Ledger {
    pub base: Base,
    pub state: State,
    pub catalog: BTreeMap<TargetId, CatalogEntry>,
    /// Endpoints that targets had before.
    pub formers: BTreeMap<(TargetId, Wall), Former>,
    /// What was said of maintenance, by its place in the journal.
    pub maintenance: BTreeMap<[u8; 12], MaintenanceOf>,
    /// Whose each endpoint is or was.
    pub owners: BTreeMap<EndpointId, TargetId>,
    /// All of them, and once more the open ones.
    pub outages: BTreeMap<(TargetId, OutageId), Outage>,
    pub open_outages: BTreeMap<(TargetId, OutageId), Outage>,
    pub summed: Summed,
    pub coarse: Coarse,
    /// The day that is being summed up for the first time: what comes for it marks it.
    pub under_way: Option<Day>,
    /// Days that are to be summed up again, and for which endpoint.
    pub outdated: BTreeSet<(Day, EndpointId)>,
    pub series: BTreeMap<Series, Progress>,
    /// The newest moment that any record named.
    pub newest: Wall,
    pub(super) oldest_row: u64,
    pub(super) witness: Witness,
    /// The newest row that is synced.
    pub saved_row: u64,
    /// What is written and not yet synced, each batch with the last of its rows.
    in_flight: Vec<(Option<u64>, Batch)>,
}

impl Ledger {
    pub(super) fn new(base: Base, witness: Witness) -> Self {
        Self {
            base,
            state: State::default(),
            catalog: BTreeMap::new(),
            formers: BTreeMap::new(),
            maintenance: BTreeMap::new(),
            owners: BTreeMap::new(),
            outages: BTreeMap::new(),
            open_outages: BTreeMap::new(),
            summed: Summed::default(),
            coarse: Coarse::default(),
            under_way: None,
            outdated: BTreeSet::new(),
            series: BTreeMap::new(),
            newest: Wall::default(),
            oldest_row: 1,
            witness,
            saved_row: 0,
            in_flight: Vec::new(),
        }
    }

    /// Writes these, without a sync. Until a commit, [`Ledger::take_in_flight`] has what is not known to be saved.
    pub fn write(&mut self, batches: Vec<Batch>) -> Result<(), Trouble> {
        let from = self.in_flight.len();
        self.in_flight.extend(batches.into_iter().map(|batch| (None, batch)));
        let mut in_flight = std::mem::take(&mut self.in_flight);
        let result = self.write_rows(in_flight.get_mut(from..).unwrap_or_default());
        self.in_flight = in_flight;
        result?;
        self.put_state()
    }

    fn write_rows(&mut self, mut batches: &mut [(Option<u64>, Batch)]) -> Result<(), Trouble> {
        while !batches.is_empty() {
            let mut bytes = Vec::new();
            let mut count = 0;
            for (_, batch) in batches.iter() {
                let start = bytes.len();
                for record in batch {
                    bytes.extend(form::record(record)?);
                }
                if count > 0 && bytes.len() > ROW_BYTES_MAX {
                    bytes.truncate(start);
                    break;
                }
                count += 1;
            }
            let (now, later) = batches.split_at_mut(count);
            self.write_group(&bytes, now)?;
            batches = later;
        }
        Ok(())
    }

    fn write_group(&mut self, bytes: &[u8], batches: &mut [(Option<u64>, Batch)]) -> Result<(), Trouble> {
        let first = self.state.row + 1;
        let pieces = bytes.chunks(ROW_BYTES_MAX);
        let count = pieces.len() as u32;
        let last = self.state.row + u64::from(count);
        for (batch_row, _) in batches.iter_mut() {
            *batch_row = Some(last);
        }
        for (place, piece) in (0_u32..).zip(pieces) {
            self.base.journal.put(&key::journal(first + u64::from(place)), &Piece::body(place, count, piece))?;
        }
        self.state.row = last;
        for (index, record) in (0..).zip(batches.iter().flat_map(|(_, batch)| batch)) {
            self.apply(record, Position { row: first, index })?;
        }
        Ok(())
    }

    /// Puts a record into its place.
    pub(super) fn apply(&mut self, record: &Record, position: Position) -> Result<(), Trouble> {
        let arrival = key::arrival(position);
        match record {
            Record::Check(check) => {
                self.outdate_by_check(check.endpoint, check.at)?;
                self.add(check, position)?;
            }
            Record::Outage(outage) => self.put_outage(outage)?,
            Record::Event(event) => {
                self.outdate_by_event(event)?;
                self.base.event.put(&arrival, &encode(event)?)?;
            }
            Record::Gap(gap) => {
                self.outdate_by_gap(gap)?;
                self.base.gap.put(&key::gap(gap), &encode(gap)?)?;
            }
            Record::AdHocCleared => self.base.ad_hoc.clear()?,
            Record::AdHoc(ad_hoc) => self.base.ad_hoc.put(&arrival, &encode(ad_hoc)?)?,
            Record::Target(entry) => self.put_target(entry)?,
            Record::Former(former) => {
                self.base.former.put(&key::former(former.target.id, former.until), &encode(&Json(former))?)?;
                self.know_former(former.clone());
            }
            Record::Maintenance(said) => {
                self.outdate_by_maintenance(said)?;
                self.base.maintenance.put(&arrival, &encode(said)?)?;
                self.maintenance.insert(arrival, said.clone());
            }
            Record::Alive(at) => {
                self.follow_clock(*at)?;
                self.state.alive = Some(*at);
                self.newest = *at;
            }
        }
        Ok(())
    }

    /// Puts a check into the chunk that its series is filling, unless a chunk has it already.
    pub(super) fn add(&mut self, check: &Check, position: Position) -> Result<(), Trouble> {
        let of = (check.endpoint, check.vantage);
        self.give_endpoint(check.endpoint);
        self.leap_with(check.at)?;
        self.newest = check.at;
        let progress = self.series.entry(of).or_default();
        if position <= progress.sealed.through {
            return Ok(());
        }
        if !progress.packer.has_room(check.at) {
            progress.seal(of, &self.base)?;
        }
        if progress.packer.is_empty() {
            progress.first = position;
        }
        progress.packer.push(check);
        progress.last = position;
        Ok(())
    }

    fn put_target(&mut self, entry: &CatalogEntry) -> Result<(), Trouble> {
        self.base.target.put(&key::target(entry.target.id), &encode(&Json(entry))?)?;
        self.know(entry.clone());
        Ok(())
    }

    /// Takes a target that is on disk into the picture in memory.
    pub(super) fn know(&mut self, entry: CatalogEntry) {
        self.state.next_target = self.state.next_target.max(entry.target.id.0.saturating_add(1));
        for endpoint in entry.target.ids() {
            self.give_endpoint(endpoint);
            let owner = self.owners.entry(endpoint).or_insert(entry.target.id);
            // Of a target that is gone, others may have taken over what it checked.
            if entry.removed_at.is_none() {
                *owner = entry.target.id;
            }
        }
        self.catalog.insert(entry.target.id, entry);
    }

    /// Likewise an endpoint that a target had before.
    pub(super) fn know_former(&mut self, former: Former) {
        for endpoint in former.target.ids() {
            self.give_endpoint(endpoint);
            self.owners.entry(endpoint).or_insert(former.target.id);
        }
        self.formers.insert((former.target.id, former.until), former);
    }

    /// Endpoints that a target had before.
    pub fn formers_of(&self, target: TargetId) -> impl Iterator<Item = &Former> {
        self.formers.range((target, Wall(i64::MIN))..=(target, Wall(i64::MAX))).map(|(_, former)| former)
    }

    /// Every endpoint on which the history of a target hangs.
    pub fn endpoints_of(&self, target: &Target) -> Vec<EndpointId> {
        let formers = self.formers_of(target.id).flat_map(|former| former.target.ids());
        let all: BTreeSet<EndpointId> = formers.chain(target.ids()).collect();
        all.into_iter().collect()
    }

    /// Which history has spoken for a target, and when.
    pub fn speakers_of(&self, target: &Target) -> Vec<(EndpointId, Span)> {
        speakers(self.formers_of(target.id), target)
    }

    pub(super) fn give_endpoint(&mut self, id: EndpointId) {
        self.state.next_endpoint = self.state.next_endpoint.max(id.0.saturating_add(1));
    }

    pub(super) fn put_state(&self) -> Result<(), Trouble> {
        self.base.meta.put(b"state", &encode(&self.state)?)
    }

    /// Brings everything written to the disk; after that it counts as saved.
    pub fn commit(&mut self) -> Result<(), Trouble> {
        self.base.sync()?;
        self.note_synced()
    }

    /// Counts what was written as saved. Only to be called after a sync of it.
    pub fn note_synced(&mut self) -> Result<(), Trouble> {
        self.witness.note(self.state.row, self.base.file_bytes()?)?;
        self.saved_row = self.state.row;
        self.in_flight.clear();
        Ok(())
    }

    /// What is not known to be saved, each batch with the last row that holds it, if one does.
    pub fn take_in_flight(&mut self) -> Vec<(Option<u64>, Batch)> {
        std::mem::take(&mut self.in_flight)
    }

    /// The next series in order.
    pub fn series_after(&self, of: Option<Series>) -> Option<Series> {
        let from = of.map_or(Bound::Unbounded, Bound::Excluded);
        self.series.range((from, Bound::Unbounded)).next().map(|(of, _)| *of)
    }

    /// Whether a target or an open outage stands here just so.
    pub fn has(&self, record: &Record) -> bool {
        match record {
            Record::Target(entry) => self.catalog.get(&entry.target.id) == Some(entry),
            Record::Outage(outage) => self.open_outages.get(&(outage.target, outage.id)) == Some(outage),
            Record::Former(former) => self.formers.get(&(former.target.id, former.until)) == Some(former),
            _ => false,
        }
    }

    /// Gives none of the ids again that were given before.
    pub fn adopt(&mut self, state: &State) {
        self.state.next_target = self.state.next_target.max(state.next_target);
        self.state.next_endpoint = self.state.next_endpoint.max(state.next_endpoint);
        self.state.last_outage = self.state.last_outage.max(state.last_outage);
    }
}

impl Progress {
    pub(super) fn new(sealed: Sealed) -> Self {
        Self { sealed, ..Self::default() }
    }

    /// The oldest journal row that is still needed for it.
    pub(super) fn oldest_row(&self) -> Option<u64> {
        (!self.packer.is_empty()).then_some(self.first.row)
    }

    pub(super) fn seal(&mut self, of: Series, base: &Base) -> Result<(), Trouble> {
        self.sealed.newest = Some(self.sealed.put_chunk(of, &self.packer, base)?);
        self.sealed.through = self.last;
        base.sealed.put(&key::series(of), &encode(&self.sealed)?)?;
        self.packer = Packer::default();
        Ok(())
    }
}

impl Sealed {
    pub(super) fn put_chunk(&mut self, of: Series, packer: &Packer, base: &Base) -> Result<(Wall, u32), Trouble> {
        let (first, number) = (packer.first(), self.chunks);
        base.chunk.put(&key::chunk(of, first, number), &packer.bytes_sealed())?;
        self.chunks = number + 1;
        Ok((first, number))
    }
}

/// Which history has spoken for a target, and when: those of its former shapes, oldest first, and its own.
pub(super) fn speakers<'f>(formers: impl Iterator<Item = &'f Former>, target: &Target) -> Vec<(EndpointId, Span)> {
    let mut speakers = Vec::new();
    let mut from = Wall(i64::MIN);
    for former in formers {
        speakers.extend(former.target.series().map(|series| (series, Span { from, to: former.until })));
        from = former.until;
    }
    speakers.extend(target.series().map(|series| (series, Span { from, to: Wall(i64::MAX) })));
    speakers
}
