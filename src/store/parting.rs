//! What a clean end leaves, so that the next start takes up open chunks as they were and leaves the journal unread.
//!
//! The journal keeps all of it, and is read whenever anything here is amiss: a chunk is taken up only if
//! packing its checks once more gives the very same. The mark that says that all
//! is here is written last and removed first: whatever a start does afterwards, and however it ends,
//! no later one can take these chunks for the present.

use super::base::Item;
use super::chunk::Packer;
use super::contain::contained;
use super::error::Trouble;
use super::form::encode;
use super::key::{self, Position, Series};
use super::ledger::Ledger;
use super::recent::{Newest, telling_from};
use super::unpack::unpack;
use crate::domain::Check;
use serde::{Deserialize, Serialize};
use std::thread;

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

    /// Takes up what the end before left: the newest checks of open chunks that have enough of them. `None` if that
    /// is not all there is to know.
    pub(super) fn take_up(&mut self) -> Result<Option<Newest>, Trouble> {
        let Some(item) = self.base.meta.get(MARK)? else { return Ok(None) };
        self.base.meta.remove(MARK)?;
        let Item::Good(_, body) = item else { return Ok(None) };
        let Ok(Mark { row, chunks }) = postcard::from_bytes(&body) else { return Ok(None) };
        if row != self.state.row {
            return Ok(None);
        }
        let items: Vec<Item> = self.base.parting.from(&[]).collect::<Result<_, _>>()?;
        let Some(all) = looked_at(&items, row)?.filter(|all| all.len() as u64 == chunks) else { return Ok(None) };
        let stands = |Sound { of, left, .. }: &Sound| {
            let through = self.series.get(of).map(|progress| progress.sealed.through).unwrap_or_default();
            left.stands_after(through)
        };
        if !all.iter().all(stands) {
            return Ok(None);
        }
        let mut newest = Newest::new();
        for Sound { of, left: Left { first, last, packer, .. }, checks } in all {
            self.give_endpoint(of.0);
            self.newest = self.newest.max(packer.last());
            let progress = self.series.entry(of).or_default();
            (progress.first, progress.last, progress.packer) = (first, last, packer);
            newest.extend(checks.map(|checks| (of, checks)));
        }
        let oldest = self.base.journal.raw(&[]).next().transpose()?;
        self.oldest_row = oldest.and_then(|(key, _)| key::read_journal(&key)).unwrap_or(row + 1);
        Ok(Some(newest))
    }
}

/// An open chunk that can be gone on with, and its newest checks if it has enough of them.
struct Sound {
    of: Series,
    left: Left,
    checks: Option<Vec<Check>>,
}

impl Left {
    /// Whether its checks can stand where it says: after those that are sealed, and up to where the run ended.
    fn stands_after(&self, through: Position) -> bool {
        through < self.first && self.first <= self.last && self.last.row <= self.row
    }
}

/// Whether a chunk is what its checks make of it, and so can be gone on with: what is packed next is told by
/// what was expected of it, and to believe a wrong expectation would garble all that follows.
///
/// The checks go into a scratch that is used again: memory for those of each chunk would take longer to get than
/// they take to read.
fn is_sound(of: Series, packer: &Packer, scratch: &mut Vec<Check>) -> bool {
    scratch.clear();
    let Some(turns) = packer.bytes_if_whole().and_then(|bytes| unpack(of, &bytes, scratch)) else { return false };
    let mut again = Packer::default();
    for (check, precision) in scratch.iter().zip(turns.each()) {
        if !again.has_room(check.at) {
            return false;
        }
        again.push_as(check, precision);
    }
    !again.is_empty() && again == *packer
}

/// What an end has left, looked at by two threads side by side; `None` if anything of it is not sound.
fn looked_at(items: &[Item], row: u64) -> Result<Option<Vec<Sound>>, Trouble> {
    let (one, other) = items.split_at(items.len() / 2);
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, || contained(|| Ok(sound(other, row))))?;
        let one = sound(one, row);
        let unheard = |_| Err(Trouble::Disk("a thread that looked at open chunks has panicked".to_owned()));
        let other = other.join().unwrap_or_else(unheard)?;
        Ok(one.zip(other).map(|(one, other)| one.into_iter().chain(other).collect()))
    })
}

fn sound(items: &[Item], row: u64) -> Option<Vec<Sound>> {
    let mut scratch = Vec::new();
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        let Item::Good(key, body) = item else { continue };
        let (Some(of), Ok(left)) = (key::read_series(key), postcard::from_bytes::<Left>(body)) else { continue };
        if left.row != row {
            continue;
        }
        if !is_sound(of, &left.packer, &mut scratch) {
            return None;
        }
        let checks = telling_from(&scratch).and_then(|place| scratch.get(place..)).map(<[Check]>::to_vec);
        all.push(Sound { of, left, checks });
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::super::base::Base;
    use super::super::{Options, open};
    use super::*;
    use crate::domain::{Check, EndpointId, Fault, Outcome, Record, Span, VantageId, Wall};
    use std::path::Path;
    use std::time::Duration;

    const CHECKS: u64 = 40;

    fn check(number: u64) -> Check {
        Check {
            endpoint: EndpointId(1),
            vantage: VantageId::HERE,
            at: Wall(1_750_000_000_000) + Duration::from_millis(number * 60_003 + number % 7),
            outcome: Outcome::Inconclusive(if number.is_multiple_of(9) { Fault::Stalled } else { Fault::Overload }),
            dns: Some(Duration::from_micros(300 + number * 13 % 50)),
            address: None,
            tried: 1,
            answered: 0,
        }
    }

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(work)
    }

    fn options() -> Options {
        Options { free_space_min: 0, ..Options::default() }
    }

    fn read(path: &Path, more: u64) -> (Vec<Check>, Vec<String>) {
        block_on(async {
            let opened = open(path, options()).expect("a store");
            let records = (CHECKS..CHECKS + more).map(|number| Record::Check(check(number))).collect();
            opened.store.save(records);
            let span = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };
            let answer = opened.store.read(move |reader| reader.checks(EndpointId(1), VantageId::HERE, span));
            let checks = answer.await.expect("an answer").expect("checks");
            opened.store.close().await.expect("a clean end");
            (checks, opened.notes)
        })
    }

    /// What a run left, decoded to its fields, with one byte of it changed, in an envelope that is good.
    fn forge(path: &Path, place: usize) -> Option<bool> {
        let base =
            Base::open(&path.join("sled"), &Options { cache_bytes: 1 << 20, ..Options::default() }).expect("a sled");
        let of = (EndpointId(1), VantageId::HERE);
        let key = key::series(of);
        let Ok(Some(Item::Good(_, body))) = base.parting.get(&key) else { panic!("nothing was left") };
        let mut forged = body.clone();
        *forged.get_mut(place)? ^= 1 + (place % 3) as u8;
        let is_other = postcard::from_bytes::<Left>(&forged).is_ok_and(|left| encode(&left).ok() != Some(body));
        base.parting.put(&key, &forged).expect("a row");
        base.sync().expect("a sync");
        Some(is_other)
    }

    #[test]
    fn a_chunk_that_was_left_wrong_in_a_good_envelope_is_read_from_the_journal() {
        let mut wrong = 0;
        for place in (0..).step_by(5) {
            let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
            let path = home.path().join("history");
            block_on(async {
                let opened = open(&path, options()).expect("a store");
                opened.store.save((0..CHECKS).map(|number| Record::Check(check(number))).collect());
                opened.store.close().await.expect("a clean end");
            });
            let Some(is_other) = forge(&path, place) else { break };
            wrong += usize::from(is_other);
            for more in [9, 0] {
                let (checks, notes) = read(&path, more);
                assert!(notes.is_empty() && checks.len() as u64 == CHECKS + 9, "byte {place}: {notes:?}");
                assert!(checks.is_sorted_by_key(|check| check.at), "byte {place}");
                // A packing that is right in itself may say something else than was seen; only its checksum can
                // tell. What is packed after it is what was saved.
                let later = checks.iter().skip(CHECKS as usize).cloned();
                assert!(later.eq((CHECKS..CHECKS + 9).map(check)), "byte {place}");
            }
        }
        assert!(wrong > 20, "only {wrong} could be read at all");
    }
}
