//! A store is read back: the state of things, and from the journal what no chunk holds yet.

use super::base::{Base, Item, Shelf};
use super::coarsen::COARSE;
use super::contain::contained;
use super::directory::present;
use super::error::Trouble;
use super::form::{self, Json, Piece, Version};
use super::key::{self, Position};
use super::ledger::{Ledger, Progress, Sealed, State};
use super::recent::{self, Newest};
use super::unpack::unpack;
use super::witness::{Identity, Witness};
use crate::domain::record::Resumed;
use crate::domain::{
    CatalogEntry, Check, EndpointId, Former, Gap, MaintenanceOf, Outage, Record, TargetId, Wall, maintenance,
};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

/// How many of the newest events and ad-hoc checks a start is told.
const LINES_MAX: usize = 200;
/// How many journal rows are read at once.
const PAGE: usize = 256;
/// Where in `meta` a store says which it is.
pub(super) const IDENTITY: &[u8] = b"identity";
/// How far back outages and gaps are told.
const DAY: Duration = Duration::from_hours(24);

/// Values that could not be read, by where they stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Damage(BTreeMap<&'static str, u64>);

/// A record that one or several journal rows hold.
struct Group {
    first: u64,
    next: u64,
    version: Version,
    bytes: Vec<u8>,
}

impl Group {
    /// The group with one more row, and whether that was its last. `None` for a row in the middle of
    /// a group whose beginning has been removed: nothing needs it.
    fn grown(group: Option<Self>, row: u64, body: &[u8]) -> Option<(Self, bool)> {
        let Piece { place, count, version, bytes } = Piece::read(body)?;
        let mut group = match group {
            _ if place == 0 => Self { first: row, next: row, version, bytes: Vec::new() },
            Some(group) if group.version == version && group.next == row && group.first + u64::from(place) == row => {
                group
            }
            _ => return None,
        };
        group.bytes.extend_from_slice(bytes);
        group.next = row + 1;
        Some((group, place + 1 == count))
    }
}

impl Damage {
    pub fn add(&mut self, name: &'static str) {
        *self.0.entry(name).or_default() += 1;
    }

    pub fn append(&mut self, other: Self) {
        for (name, count) in other.0 {
            *self.0.entry(name).or_default() += count;
        }
    }

    /// In words, if there is any.
    pub fn words(&self) -> Option<String> {
        let list: Vec<String> = self.0.iter().map(|(name, count)| format!("{count} of {name}")).collect();
        (!list.is_empty()).then(|| format!("damaged values were left out of the history: {}", list.join(", ")))
    }
}

/// The good values of a shelf with their keys; damaged ones are counted.
pub(super) fn rows<'s, T: DeserializeOwned + 's>(
    name: &'static str,
    items: impl Iterator<Item = Result<Item, Trouble>> + 's,
    damage: &'s mut Damage,
) -> impl Iterator<Item = Result<(sled::IVec, T), Trouble>> + 's {
    items.filter_map(move |item| {
        let (key, body) = match item {
            Ok(Item::Good(key, body)) => (key, body),
            Ok(Item::Damaged(_)) => {
                damage.add(name);
                return None;
            }
            Err(trouble) => return Some(Err(trouble)),
        };
        let value = postcard::from_bytes(&body).ok();
        if value.is_none() {
            damage.add(name);
        }
        value.map(|value| Ok((key, value)))
    })
}

/// Reads a store back and makes it ready to be written to; some of its newest checks are known by then.
pub(super) fn load(base: Base, witness: Witness, damage: &mut Damage) -> Result<(Ledger, Newest), Trouble> {
    let mut ledger = Ledger::new(base, witness);
    load_identity(&mut ledger, damage)?;
    load_places(&mut ledger, damage)?;
    let from = ledger.state.row;
    let newest = if let Some(newest) = ledger.take_up()? {
        newest
    } else {
        replay(&mut ledger, damage)?;
        drop_twice_sealed(&mut ledger)?;
        Newest::new()
    };
    ledger.find_days()?;
    if ledger.state.row != from {
        ledger.put_state()?;
    }
    Ok((ledger, newest))
}

/// A store says itself which it is; one that does not is now told.
fn load_identity(ledger: &mut Ledger, damage: &mut Damage) -> Result<(), Trouble> {
    let said = match ledger.base.meta.get(IDENTITY)? {
        Some(Item::Good(_, body)) => Identity::from_bytes(&body),
        Some(Item::Damaged(_)) => {
            damage.add("the number of the store");
            None
        }
        None => None,
    };
    match said {
        Some(identity) => ledger.witness.identity = identity,
        None => ledger.base.meta.put(IDENTITY, &ledger.witness.identity.to_bytes())?,
    }
    Ok(())
}

/// Targets take as long to read as all the rest, and are read beside it.
fn load_places(ledger: &mut Ledger, damage: &mut Damage) -> Result<(), Trouble> {
    let Ledger { base, outages, open_outages, outdated, maintenance, series, summed, coarse, .. } = &mut *ledger;
    let base = &*base;
    let (targets, state) = thread::scope(|scope| -> Result<_, Trouble> {
        let read = || contained(|| all::<Json<CatalogEntry>>("targets", &base.target));
        let targets = thread::Builder::new().spawn_scoped(scope, read)?;
        let state = one::<State>("state", &base.meta, b"state", damage)?;
        *summed = one("state", &base.meta, b"summed", damage)?.unwrap_or_default();
        *coarse = one("state", &base.meta, COARSE, damage)?.unwrap_or_default();
        for row in rows::<Outage>("outages", base.outage.from(&[]), damage) {
            let outage = row?.1;
            outages.insert((outage.target, outage.id), outage);
        }
        for row in rows::<Outage>("open outages", base.open_outage.from(&[]), damage) {
            let outage = row?.1;
            open_outages.insert((outage.target, outage.id), outage);
        }
        for row in base.outdated.raw(&[]) {
            outdated.extend(key::read_outdated(&row?.0));
        }
        for row in rows::<MaintenanceOf>("maintenance", base.maintenance.from(&[]), damage) {
            let (key, said) = row?;
            if let Ok(key) = key[..].try_into() {
                maintenance.insert(key, said);
            }
        }
        for row in rows::<Sealed>("series", base.sealed.from(&[]), damage) {
            let (key, sealed) = row?;
            if let Some(of) = key::read_series(&key) {
                series.insert(of, Progress::new(sealed));
            }
        }
        let unheard = |_| Err(Trouble::Disk("a thread that read the targets has panicked".to_owned()));
        let (targets, found) = targets.join().unwrap_or_else(unheard)?;
        damage.append(found);
        Ok((targets, state))
    })?;
    let (formers, found) = all::<Json<Former>>("former endpoints", &ledger.base.former)?;
    damage.append(found);
    ledger.state = match state {
        Some(state) => state,
        None => rebuilt_state(ledger),
    };
    ledger.newest = ledger.state.alive.unwrap_or_default();
    for Json(entry) in targets {
        ledger.know(entry);
    }
    for Json(former) in formers {
        ledger.know_former(former);
    }
    Ok(())
}

/// All good values of a shelf.
fn all<T: DeserializeOwned>(name: &'static str, shelf: &Shelf) -> Result<(Vec<T>, Damage), Trouble> {
    let mut damage = Damage::default();
    let values = rows::<T>(name, shelf.from(&[]), &mut damage).map(|row| Ok(row?.1)).collect::<Result<_, Trouble>>()?;
    Ok((values, damage))
}

/// What the state must at least have been, if its row is missing.
fn rebuilt_state(ledger: &Ledger) -> State {
    let endpoints = ledger.series.keys().map(|(endpoint, _)| endpoint.0.saturating_add(1));
    State {
        last_outage: ledger.outages.keys().map(|(_, id)| id.0).max().unwrap_or(0),
        next_endpoint: endpoints.max().unwrap_or(0),
        ..State::default()
    }
}

/// The value at a key, if it is there and good; damage is counted.
fn one<T: DeserializeOwned>(
    name: &'static str,
    shelf: &Shelf,
    key: &[u8],
    damage: &mut Damage,
) -> Result<Option<T>, Trouble> {
    let item = shelf.get(key)?.map(Ok);
    Ok(rows(name, item.into_iter(), damage).next().transpose()?.map(|(_, value)| value))
}

/// Reads the journal. A group of rows counts only when all of it is there: one that ends too early
/// was never said to be saved, and goes.
fn replay(ledger: &mut Ledger, damage: &mut Damage) -> Result<(), Trouble> {
    let mut group: Option<Group> = None;
    let mut oldest = None;
    let mut next = 0;
    loop {
        // A page at a time, because applying a row changes the ledger that is read from.
        let page: Vec<Item> = ledger.base.journal.from(&key::journal(next)).take(PAGE).collect::<Result<_, _>>()?;
        let is_last = page.len() < PAGE;
        for item in page {
            let (Item::Good(key, _) | Item::Damaged(key)) = &item;
            let Some(row) = key::read_journal(key) else { continue };
            oldest = oldest.or(Some(row));
            next = row + 1;
            let Item::Good(_, body) = &item else {
                damage.add("the journal");
                group = None;
                continue;
            };
            match Group::grown(group.take(), row, body) {
                Some((whole, true)) => apply(ledger, &whole, row, damage)?,
                Some((part, false)) => group = Some(part),
                None => {}
            }
        }
        if is_last {
            break;
        }
    }
    if let Some(unfinished) = group {
        for row in unfinished.first..unfinished.next {
            ledger.base.journal.remove(&key::journal(row))?;
        }
    }
    ledger.oldest_row = oldest.unwrap_or(ledger.state.row + 1);
    Ok(())
}

fn apply(ledger: &mut Ledger, group: &Group, last: u64, damage: &mut Damage) -> Result<(), Trouble> {
    let is_applied = last <= ledger.state.row;
    let mut rest = &group.bytes[..];
    let mut index = 0;
    while !rest.is_empty() {
        let Some((record, tail)) = form::take_record(group.version, rest) else {
            damage.add("the journal");
            break;
        };
        let position = Position { row: group.first, index };
        match &record {
            Record::Check(check) if is_applied => ledger.add(check, position)?,
            _ if is_applied => {}
            _ => ledger.apply(&record, position)?,
        }
        rest = tail;
        index += 1;
    }
    ledger.state.row = ledger.state.row.max(last);
    Ok(())
}

/// If the run before ended between sealing a chunk and noting that, the chunk's checks have just
/// come back from the journal: they will be sealed again under the same key.
fn drop_twice_sealed(ledger: &mut Ledger) -> Result<(), Trouble> {
    for (of, progress) in &ledger.series {
        if !progress.packer.is_empty() {
            let key = key::chunk(*of, progress.packer.first(), progress.sealed.chunks);
            if ledger.base.chunk.get(&key)?.is_some() {
                ledger.base.chunk.remove(&key)?;
            }
        }
    }
    Ok(())
}

/// What a start needs to know.
pub(super) fn resumed(ledger: &Ledger, newest: Newest, damage: &mut Damage) -> Result<Resumed, Trouble> {
    let here = ledger.catalog.values().filter(|entry| entry.removed_at.is_none());
    let endpoints: Vec<EndpointId> = here.flat_map(|entry| entry.target.ids()).collect();
    let recent = recent::newest_checks(ledger, &endpoints, newest, damage)?;
    let State { last_outage, next_target, next_endpoint, alive, .. } = ledger.state;
    // The last proof of life is later than the present if the wall clock was ahead then.
    let behind = match alive.filter(|alive| *alive > present()) {
        Some(_) => recent::newest_until(ledger, &endpoints, present())?,
        None => None,
    };
    let day_start = alive.unwrap_or_default().min(present()) - DAY;
    Ok(Resumed {
        catalog: ledger.catalog.values().cloned().collect(),
        open_outages: ledger.open_outages.values().cloned().collect(),
        closed_outages: closed_outages(ledger, day_start),
        gaps: gaps_since(ledger, day_start, damage)?,
        maintenance: maintenance_since(ledger, day_start),
        last_outage,
        next_target,
        next_endpoint,
        alive,
        behind,
        events: newest_lines("events", &ledger.base.event, damage)?,
        ad_hoc: newest_lines("ad-hoc checks", &ledger.base.ad_hoc, damage)?,
        recent,
    })
}

/// Those that ended since, and the newest one of each target.
fn closed_outages(ledger: &Ledger, since: Wall) -> Vec<Outage> {
    let mut newest: BTreeMap<TargetId, &Outage> = BTreeMap::new();
    let mut closed = Vec::new();
    for outage in ledger.outages.values().filter(|outage| outage.closing.is_some()) {
        let older = match newest.get(&outage.target) {
            Some(known) if known.ended_at() >= outage.ended_at() => Some(outage),
            _ => newest.insert(outage.target, outage),
        };
        closed.extend(older.filter(|older| older.ended_at() >= Some(since)));
    }
    closed.extend(newest.into_values());
    closed.into_iter().cloned().collect()
}

fn gaps_since(ledger: &Ledger, since: Wall, damage: &mut Damage) -> Result<Vec<Gap>, Trouble> {
    let all = rows::<Gap>("gaps", ledger.base.gap.under(&[]), damage);
    let mut gaps: Vec<Gap> = all.map(|row| row.map(|(_, gap)| gap)).collect::<Result<_, _>>()?;
    gaps.retain(|gap| gap.to >= since);
    gaps.sort_by_key(|gap| gap.from);
    Ok(gaps)
}

fn maintenance_since(ledger: &Ledger, since: Wall) -> Vec<MaintenanceOf> {
    let over = maintenance::over_by(ledger.maintenance.values(), since);
    let counts = |said: &&MaintenanceOf| !over.contains(&said.maintenance.span.from);
    ledger.maintenance.values().filter(counts).cloned().collect()
}

fn newest_lines<T: DeserializeOwned>(
    name: &'static str,
    shelf: &Shelf,
    damage: &mut Damage,
) -> Result<Vec<T>, Trouble> {
    let newest_first = rows(name, shelf.newest(), damage).take(LINES_MAX);
    let mut lines: Vec<T> = newest_first.map(|row| row.map(|(_, line)| line)).collect::<Result<_, _>>()?;
    lines.reverse();
    Ok(lines)
}

/// Everything that has to live on when the files are lost while running: what is known of targets,
/// and outages, and the checks of the open chunks.
pub(super) fn legacy(ledger: &Ledger) -> (Vec<Record>, Vec<Check>) {
    let targets = ledger.catalog.values().cloned().map(Record::Target);
    let formers = ledger.formers.values().cloned().map(Record::Former);
    let maintenance = ledger.maintenance.values().cloned().map(Record::Maintenance);
    let outages = ledger.open_outages.values().cloned().map(Record::Outage);
    let mut checks = Vec::new();
    for (of, progress) in ledger.series.iter().filter(|(_, progress)| !progress.packer.is_empty()) {
        // It was packed by this very process.
        let _ = unpack(*of, &progress.packer.bytes_sealed(), &mut checks);
    }
    (targets.chain(formers).chain(maintenance).chain(outages).collect(), checks)
}
