//! The newest checks of every endpoint, which a start is told: read by several threads, side by side.

use super::base::Item;
use super::contain::contained;
use super::error::Trouble;
use super::key::{self, Series};
use super::ledger::{Ledger, Progress};
use super::replay::Damage;
use super::sum::asked;
use super::unpack::unpack;
use crate::domain::{Check, EndpointId, VantageId, Wall};
use std::collections::BTreeMap;
use std::thread;

/// How many of the newest checks of an endpoint a start is told.
const RECENT_MAX: usize = 30;
/// How many of them have to have opened, as far back as the newest chunk goes.
const RECENT_OPEN: usize = 5;
const THREADS_MAX: usize = 4;
/// Fewer endpoints are not worth a thread.
const SHARE_MIN: usize = 64;

/// Endpoints, each with its newest checks, oldest first.
type Recent = Vec<(EndpointId, Vec<Check>)>;
/// The newest checks of some series, as many as a start is told.
pub(super) type Newest = BTreeMap<Series, Vec<Check>>;

/// The newest checks of these endpoints; some of them may be known already.
pub(super) fn newest_checks(
    ledger: &Ledger,
    endpoints: &[EndpointId],
    mut known: Newest,
    damage: &mut Damage,
) -> Result<Recent, Trouble> {
    let mut told = Recent::with_capacity(endpoints.len());
    let mut wanted = Vec::new();
    for &endpoint in endpoints {
        match known.remove(&(endpoint, VantageId::HERE)) {
            Some(checks) => told.push((endpoint, checks)),
            None => wanted.push(endpoint),
        }
    }
    told.extend(read(ledger, &wanted, damage)?);
    Ok(told)
}

fn read(ledger: &Ledger, endpoints: &[EndpointId], damage: &mut Damage) -> Result<Recent, Trouble> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let mut shares = endpoints.chunks(endpoints.len().div_ceil(threads).max(SHARE_MIN));
    let own = shares.next().unwrap_or_default();
    let parts: Vec<Result<(Recent, Damage), Trouble>> = thread::scope(|scope| {
        let read = |share| contained(|| newest_of_all(ledger, share));
        let others: Vec<_> =
            shares.map(|share| thread::Builder::new().spawn_scoped(scope, move || read(share))).collect();
        let own = newest_of_all(ledger, own);
        let unheard = |_| Err(Trouble::Disk("a thread that read the newest checks has panicked".to_owned()));
        let others = others.into_iter().map(|other| other?.join().unwrap_or_else(unheard));
        std::iter::once(own).chain(others).collect()
    });
    let mut recent = Vec::with_capacity(endpoints.len());
    for part in parts {
        let (some, found) = part?;
        recent.extend(some);
        damage.append(found);
    }
    Ok(recent)
}

/// The newest check of these endpoints that started at this moment or before.
pub(super) fn newest_until(ledger: &Ledger, endpoints: &[EndpointId], until: Wall) -> Result<Option<Wall>, Trouble> {
    let mut newest = None;
    for &endpoint in endpoints {
        let checks = asked(ledger, |reader| reader.newest_checks(endpoint, VantageId::HERE, until, 1))?;
        newest = newest.max(checks.last().map(|check| check.at));
    }
    Ok(newest)
}

fn newest_of_all(ledger: &Ledger, endpoints: &[EndpointId]) -> Result<(Recent, Damage), Trouble> {
    let (mut scratch, mut damage) = (Vec::new(), Damage::default());
    let newest = endpoints.iter().map(|&of| Ok((of, newest_of(ledger, of, &mut scratch, &mut damage)?)));
    Ok((newest.collect::<Result<_, Trouble>>()?, damage))
}

/// The newest checks of an endpoint: from its open chunk, and from the one before. What is unpacked for that goes
/// into a scratch that is used again: memory for all of it would take longer to get than the checks to read.
fn newest_of(
    ledger: &Ledger,
    endpoint: EndpointId,
    scratch: &mut Vec<Check>,
    damage: &mut Damage,
) -> Result<Vec<Check>, Trouble> {
    let of: Series = (endpoint, VantageId::HERE);
    scratch.clear();
    let Some(progress) = ledger.series.get(&of) else { return Ok(Vec::new()) };
    if !progress.packer.is_empty() && unpack(of, &progress.packer.bytes_sealed(), scratch).is_none() {
        damage.add("open chunks of checks");
    }
    if telling_from(scratch).is_none() {
        let newer = scratch.clone();
        scratch.clear();
        match newest_chunk(ledger, of, progress)? {
            Some(Item::Good(_, body)) if unpack(of, &body, scratch).is_some() => {}
            Some(_) => damage.add("chunks of checks"),
            None => {}
        }
        scratch.extend(newer);
    }
    let newest = telling_from(scratch).unwrap_or(0);
    Ok(scratch.get(newest..).unwrap_or_default().to_vec())
}

/// Where the newest checks begin: a streak of failures, or of faults of ours, may be longer than what is read of
/// every target, and how the target stood before it is told by what opened then. `None` if there is not enough.
pub(super) fn telling_from(checks: &[Check]) -> Option<usize> {
    let newest = checks.len().checked_sub(RECENT_MAX)?;
    let opened = checks.iter().enumerate().rev().filter(|(_, check)| check.outcome.is_open());
    opened.map(|(place, _)| place.min(newest)).nth(RECENT_OPEN - 1)
}

/// The chunk that was sealed last, or, if it is gone already (a wall clock that was set back can make
/// the last one the oldest), the one that reaches furthest.
fn newest_chunk(ledger: &Ledger, of: Series, progress: &Progress) -> Result<Option<Item>, Trouble> {
    let Some((first, number)) = progress.sealed.newest else { return Ok(None) };
    match ledger.base.chunk.get(&key::chunk(of, first, number))? {
        Some(item) => Ok(Some(item)),
        None => ledger.base.chunk.last_under(&key::series(of)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Clocked, Outcome, Record, Timing};

    use crate::store::mend::{self};
    use std::time::Duration;

    const ENDPOINTS: u32 = 5 * SHARE_MIN as u32 + 1;
    const SEALED: u32 = 40;
    const OPEN: u32 = 10;

    fn check(id: u32, minute: u32) -> Check {
        let at = Wall(1_750_000_000_000 + i64::from(id)) + Duration::from_mins(1) * minute;
        let timing = Timing { connect: Duration::from_millis(1), clocked: Clocked::Kernel, syn_lost: 0 };
        let (endpoint, outcome) = (EndpointId(id), Outcome::Open(timing));
        let (dns, address, tried, answered) = (None, None, 0, 0);
        Check { endpoint, vantage: VantageId::HERE, at, outcome, dns, address, tried, answered }
    }

    #[test]
    fn each_of_many_endpoints_is_told_with_its_own_checks() {
        let directory = tempfile::tempdir().expect("a directory");
        let (_directory, mut ledger) = mend::opened(directory.path());
        let all = |from, to| (0..ENDPOINTS).flat_map(move |id| (from..to).map(move |minute| check(id, minute)));
        ledger.import(all(0, SEALED).collect()).expect("a disk");
        ledger.write(vec![all(SEALED, SEALED + OPEN).map(Record::Check).collect()]).expect("a disk");

        let endpoints: Vec<EndpointId> = (0..=ENDPOINTS).map(EndpointId).collect();
        let mut damage = Damage::default();
        let recent = newest_checks(&ledger, &endpoints, Newest::new(), &mut damage).expect("checks");
        let newest = |id| (SEALED + OPEN - RECENT_MAX as u32..SEALED + OPEN).map(move |minute| check(id, minute));
        let mut expected: Recent = (0..ENDPOINTS).map(|id| (EndpointId(id), newest(id).collect())).collect();
        expected.push((EndpointId(ENDPOINTS), Vec::new()));
        assert_eq!(recent, expected);
        assert_eq!(damage, Damage::default());
    }
}
