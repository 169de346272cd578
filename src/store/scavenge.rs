//! What sled gives up is read out past it: every value that is whole goes into a new store.
//!
//! No value has to be believed: its envelope is sealed with the name of its tree and with its key, so that it
//! tells itself where it belongs, and one that is put together wrongly is none.

use super::Options;
use super::base::{Base, Item, Shelf};
use super::contain::within;
use super::error::Trouble;
use super::frame;
use super::mend::{OPEN_MAX, remove};
use super::pages::{Leaf, Pages};
use super::segments;
use crate::domain::Outage;
use std::fs::File;
use std::path::Path;

/// Reads what can be read past sled into a new store: sled itself takes the first thing in its log that is not
/// right for the end of it. Says in how many places there was such a thing, and how many values were read.
pub(super) fn salvage_past_sled(from: &Path, fresh: &Path) -> Result<(u64, u64), Trouble> {
    remove(fresh)?;
    let (from, fresh) = (from.to_owned(), fresh.to_owned());
    let read = within(OPEN_MAX, move || {
        let new = Base::open(&fresh, &Options::default())?;
        let unreadable = scavenge(&from, &new)?;
        new.sync()?;
        Ok((unreadable, count(&new)))
    });
    Ok(read.unwrap_or_default())
}

/// How many values are in a store.
pub(super) fn count(base: &Base) -> u64 {
    base.shelves().into_iter().map(|shelf| shelf.raw(&[]).map_while(Result::ok).count() as u64).sum()
}

/// What came of it, in words.
pub(super) fn words(count: u64, unreadable: u64) -> String {
    let kept = format!("{count} of its values could be read out of it and are kept");
    match (count, unreadable) {
        (0, _) => "nothing could be read out of it".to_owned(),
        (_, 0) => kept,
        (_, 1) => format!("{kept}; one place of its file cannot be read"),
        (_, places) => format!("{kept}; {places} places of its file cannot be read"),
    }
}

/// Reads the values of sled's files in a directory into a store; says in how many places of the file there was
/// something that cannot be read.
fn scavenge(from: &Path, to: &Base) -> Result<u64, Trouble> {
    let file = File::open(from.join("db"))?;
    let mut pages = Pages::default();
    let unreadable = segments::scan(&file, |message| pages.learn(message))?;
    let blob = |name: i64| File::open(from.join("blobs").join(name.to_string()));
    for page in pages.oldest_first() {
        if let Some(leaf) = page.leaf(|body| segments::body(&file, body, blob)) {
            take_over(&leaf, to)?;
        }
    }
    drop_ended(to)?;
    Ok(unreadable)
}

/// Puts the good values of a page in the place of whatever an older one said of its keys.
fn take_over(leaf: &Leaf, to: &Base) -> Result<(), Trouble> {
    let shelves = to.shelves();
    let mut home: Option<&Shelf> = None;
    for (key, value) in &leaf.rows {
        let is_of = |shelf: &&Shelf| frame::unseal(shelf.name(), key, value).is_some();
        let known = home.filter(is_of);
        let Some(shelf) = known.or_else(|| shelves.iter().copied().find(is_of)) else { continue };
        if home.is_none() {
            home = Some(shelf);
            clear(shelf, leaf)?;
        }
        shelf.put_sealed(key, value)?;
    }
    Ok(())
}

/// Removes what stands where a page says what stands there.
fn clear(shelf: &Shelf, leaf: &Leaf) -> Result<(), Trouble> {
    let mut outdated = Vec::new();
    for row in shelf.raw_from(&leaf.from) {
        let (key, _) = row?;
        if leaf.to.as_ref().is_some_and(|to| key[..] >= to[..]) {
            break;
        }
        outdated.push(key);
    }
    outdated.iter().try_for_each(|key| shelf.remove(key))
}

/// An older state of a page may hold an outage as open whose end is known.
fn drop_ended(base: &Base) -> Result<(), Trouble> {
    let open: Vec<_> = base.open_outage.raw(&[]).collect::<Result<_, _>>()?;
    for (key, _) in open {
        let Some(Item::Good(_, body)) = base.outage.get(&key)? else { continue };
        if postcard::from_bytes::<Outage>(&body).is_ok_and(|outage| outage.closing.is_some()) {
            base.open_outage.remove(&key)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;

    type Rows = BTreeMap<(&'static str, Vec<u8>), Vec<u8>>;

    fn rows(base: &Base) -> Rows {
        let mut rows = Rows::new();
        for shelf in base.shelves() {
            for row in shelf.raw(&[]) {
                let (key, value) = row.expect("a row");
                rows.insert((shelf.name(), key.to_vec()), value.to_vec());
            }
        }
        rows
    }

    /// Everything that was ever written.
    type Written = BTreeSet<(&'static str, Vec<u8>, Vec<u8>)>;

    /// Writes, overwrites and removes, over several segments; tells what is there at last, and what ever was.
    fn written(path: &Path, random: &mut fastrand::Rng) -> (Rows, Written) {
        let (mut last, mut written) = (Rows::new(), Written::new());
        for round in 0..4_u32 {
            let base = Base::open(path, &Options::default()).expect("a sled");
            for shelf in [&base.chunk, &base.journal, &base.event, &base.sealed] {
                for _ in 0..600 {
                    let key = random.u32(..2_000).to_be_bytes();
                    if random.u8(..4) == 0 {
                        shelf.remove(&key).expect("a removal");
                    } else {
                        let body = vec![round as u8; random.usize(..300)];
                        shelf.put(&key, &body).expect("a write");
                        written.insert((shelf.name(), key.to_vec(), frame::seal(shelf.name(), &key, &body)));
                    }
                }
            }
            base.sync().expect("a sync");
            last = rows(&base);
        }
        (last, written)
    }

    fn scavenged(sled: &Path) -> (Rows, u64) {
        let home = tempfile::tempdir().expect("a directory");
        let base = Base::open(&home.path().join("new"), &Options::default()).expect("a sled");
        let unreadable = scavenge(sled, &base).expect("what can be read");
        (rows(&base), unreadable)
    }

    #[test]
    fn past_sled_is_read_what_sled_reads() {
        let home = tempfile::tempdir().expect("a directory");
        let sled = home.path().join("sled");
        let (last, _) = written(&sled, &mut fastrand::Rng::with_seed(5));
        let (found, unreadable) = scavenged(&sled);
        assert!(found == last, "{} of {}", found.len(), last.len());
        assert_eq!(unreadable, 0);
    }

    #[test]
    fn what_is_damaged_costs_its_page_and_nothing_is_told_that_was_never_written() {
        let home = tempfile::tempdir().expect("a directory");
        let sled = home.path().join("sled");
        let mut random = fastrand::Rng::with_seed(6);
        let (last, written) = written(&sled, &mut random);
        let whole = fs::read(sled.join("db")).expect("a file");
        for flip in 0..12 {
            let mut db = whole.clone();
            for _ in 0..=flip % 4 {
                let place = random.usize(..db.len());
                if let Some(byte) = db.get_mut(place) {
                    *byte ^= 1 << random.u8(..8);
                }
            }
            fs::write(sled.join("db"), &db).expect("a file");
            let (found, _) = scavenged(&sled);
            let was = |((name, key), value): (&(&'static str, Vec<u8>), &Vec<u8>)| {
                written.contains(&(*name, key.clone(), value.clone()))
            };
            assert!(found.iter().all(was), "flip {flip}: a value that never was");
            let kept = last.iter().filter(|(key, value)| found.get(*key) == Some(value)).count();
            assert!(kept * 10 >= last.len() * 9, "flip {flip}: {kept} of {}", last.len());
        }
        fs::write(sled.join("db"), whole.iter().map(|byte| byte ^ 0x55).collect::<Vec<u8>>()).expect("a file");
        assert_eq!(scavenged(&sled).0, Rows::new());
    }
}
