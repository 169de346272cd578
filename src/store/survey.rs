//! A walk through everything that is kept: counts it, and on request reads every value.

use super::base::{Item, Shelf};
use super::chunk::SPAN_MAX;
use super::coarsen::{COARSE, Coarse};
use super::error::{ReadError, Trouble};
use super::form::{Json, Piece};
use super::key::{self, Series};
use super::ledger::{Sealed, State};
use super::outdated::Summed;
use super::reader::Reader;
use super::replay::IDENTITY;
use super::unpack::{Head, head, unpack};
use super::witness::Identity;
use super::{hours, uptimes};
use crate::domain::{AdHoc, CatalogEntry, EndpointId, Event, Former, Gap, MaintenanceOf, Outage, Span, Wall};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::{Duration, Instant};

/// How long a part of the walk may keep others waiting.
const SLICE: Duration = Duration::from_millis(8);
/// How many rows are looked at between two looks at the clock.
const ROWS_AT_ONCE: usize = 16;

/// How closely values are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Depth {
    /// The checksum of each, and the head of a chunk of checks.
    Heads,
    /// Everything in them.
    Everything,
}

/// What was found in one tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelved {
    /// What it holds.
    pub name: Cow<'static, str>,
    /// Values that are as they were written.
    pub good: u64,
    /// Values that are not.
    pub damaged: u64,
    /// The bytes of all values.
    pub bytes: u64,
}

/// What the walk has found so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    depth: Depth,
    /// Tree by tree, in the order of the walk.
    pub shelves: Vec<Shelved>,
    /// Checks in sealed chunks and in open ones.
    pub checks: u64,
    /// How many of them are coarse: their latency is known to one part in 256.
    pub coarse: u64,
    /// From the oldest check to the newest.
    pub span: Option<Span>,
    /// The endpoints of which a chunk is damaged or may be gone, by id.
    suspects: Vec<EndpointId>,
    /// The chunk that was looked at last: of which series, when it began, and which it was.
    before: Option<(Series, Wall, u32)>,
    /// The key to go on from, in the tree that comes last in `shelves`.
    from: Vec<u8>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Walking,
    Done,
}

impl Survey {
    /// A walk that has not begun.
    pub const fn new(depth: Depth) -> Self {
        Self {
            depth,
            shelves: Vec::new(),
            checks: 0,
            coarse: 0,
            span: None,
            suspects: Vec::new(),
            before: None,
            from: Vec::new(),
            stage: Stage::Walking,
        }
    }

    /// Whether everything was seen.
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Values that are not as they were written.
    pub fn damaged(&self) -> u64 {
        self.shelves.iter().map(|shelf| shelf.damaged).sum()
    }

    /// Bytes of all values of a tree; 0 if there is none of that name.
    pub fn bytes_of(&self, name: &str) -> u64 {
        self.shelves.iter().filter(|shelf| shelf.name == name).map(|shelf| shelf.bytes).sum()
    }

    /// Good values in a tree.
    pub fn count_of(&self, name: &str) -> u64 {
        self.shelves.iter().filter(|shelf| shelf.name == name).map(|shelf| shelf.good).sum()
    }

    /// The endpoints of which something is lost, it may be: [`Reader::lost`] tells.
    pub fn suspects(&self) -> &[EndpointId] {
        &self.suspects
    }

    /// Notes whose chunk is damaged, or does not follow on the one before it in a time in which nothing is pruned.
    fn suspect(&mut self, item: &Item, pruned_until: Option<Wall>) {
        let (Item::Good(key, _) | Item::Damaged(key)) = item;
        let Some(((of, first), number)) = key::read_chunk(key).zip(key::read_chunk_number(key)) else { return };
        let is_kept = |from: Wall| pruned_until.is_none_or(|until| from + SPAN_MAX >= until);
        let follows = |(series, from, before): &(Series, Wall, u32)| {
            *series != of || number <= before.saturating_add(1) || !is_kept(*from)
        };
        let is_suspect = matches!(item, Item::Damaged(_)) || !self.before.as_ref().is_none_or(follows);
        if is_suspect && self.suspects.last() != Some(&of.0) {
            self.suspects.push(of.0);
        }
        self.before = Some((of, first, number));
    }

    fn include(&mut self, count: u32, from: Wall, to: Wall) {
        self.checks += u64::from(count);
        let known = self.span.unwrap_or(Span { from, to });
        self.span = Some(Span { from: known.from.min(from), to: known.to.max(to) });
    }

    fn take(&mut self, item: &Item, name: &'static str) {
        let (bytes, is_good) = match item {
            Item::Damaged(_) => (0, false),
            Item::Good(key, body) => (body.len() as u64, self.is_readable(name, key, body)),
        };
        if let Some(shelf) = self.shelves.last_mut() {
            shelf.bytes += bytes;
            *(if is_good { &mut shelf.good } else { &mut shelf.damaged }) += 1;
        }
    }

    fn is_readable(&mut self, name: &str, key: &[u8], body: &[u8]) -> bool {
        match name {
            "chunk" => {
                let Some((head, (of, _))) = head(body).zip(key::read_chunk(key)) else { return false };
                let is_good = self.depth == Depth::Heads || unpack(of, body, &mut Vec::new()).is_some();
                let Head { count, first, last, coarse } = head;
                if is_good {
                    self.include(count, first, last);
                    self.coarse += u64::from(coarse);
                }
                is_good
            }
            "target" => reads::<Json<CatalogEntry>>(body),
            "former" => reads::<Json<Former>>(body),
            "outage" | "open_outage" => reads::<Outage>(body),
            "event" => reads::<Event>(body),
            "gap" => reads::<Gap>(body),
            "maintenance" => reads::<MaintenanceOf>(body),
            "ad_hoc" => reads::<AdHoc>(body),
            "sealed" => reads::<Sealed>(body),
            "meta" if key == b"summed" => reads::<Summed>(body),
            "meta" if key == COARSE => reads::<Coarse>(body),
            "meta" if key == IDENTITY => Identity::from_bytes(body).is_some(),
            "meta" => reads::<State>(body),
            "hours" => {
                let day = key::read_hours(key).map(|(_, day)| day);
                day.is_some_and(|day| self.depth == Depth::Heads || hours::unpack(day, body).is_some())
            }
            "uptime" => self.depth == Depth::Heads || uptimes::unpack(body).is_some(),
            // One record may take several rows.
            "journal" => Piece::read(body).is_some(),
            _ => true,
        }
    }
}

fn reads<T: DeserializeOwned>(body: &[u8]) -> bool {
    postcard::from_bytes::<T>(body).is_ok()
}

impl Reader<'_> {
    /// Goes on with a walk for a few milliseconds; ask again until it is done. What is saved or
    /// dropped meanwhile may be counted or not.
    pub fn survey(&self, mut survey: Survey) -> Result<Survey, ReadError> {
        let deadline = Instant::now() + SLICE;
        self.asked(|| {
            while !survey.is_done() && Instant::now() < deadline {
                self.step(&mut survey)?;
            }
            Ok(())
        })?;
        Ok(survey)
    }

    fn step(&self, survey: &mut Survey) -> Result<(), Trouble> {
        let shelves = self.ledger().base.shelves();
        let place = survey.shelves.len();
        let shelf: &Shelf = match place.checked_sub(1).and_then(|place| shelves.get(place)) {
            Some(shelf) if !survey.from.is_empty() => shelf,
            _ => {
                let Some(next) = shelves.get(place) else {
                    self.survey_open(survey);
                    return Ok(());
                };
                survey.shelves.push(Shelved { name: next.name().into(), good: 0, damaged: 0, bytes: 0 });
                next
            }
        };
        let mut count = 0;
        for item in shelf.from(&survey.from).take(ROWS_AT_ONCE) {
            let item = item?;
            survey.take(&item, shelf.name());
            if shelf.name() == "chunk" {
                survey.suspect(&item, self.pruned_until());
            }
            let (Item::Good(key, _) | Item::Damaged(key)) = &item;
            survey.from = [key, &[0][..]].concat();
            count += 1;
        }
        if count < ROWS_AT_ONCE {
            survey.from.clear();
        }
        Ok(())
    }

    /// The checks that are in no sealed chunk yet.
    fn survey_open(&self, survey: &mut Survey) {
        for progress in self.ledger().series.values().filter(|progress| !progress.packer.is_empty()) {
            survey.include(progress.packer.count(), progress.packer.first(), progress.packer.last());
        }
        survey.stage = Stage::Done;
    }
}
