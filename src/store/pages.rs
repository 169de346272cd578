//! What the messages in sled's file leave of its pages: the keys and values of each leaf as it was last written.

use super::segments::{Body, Kind, Message, take, take_number};
use std::collections::{BTreeMap, HashMap};

/// Where in the log the newest words about a page are.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// When it was last written whole, and where; `None` for the place if it was given up then.
    base: Option<(u64, Option<Body>)>,
    /// What changed since, oldest first.
    links: BTreeMap<u64, Body>,
}

/// All pages by number.
#[derive(Debug, Default)]
pub(super) struct Pages(HashMap<u64, Page>);

/// A page that holds keys and values, with what changed since it was written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Leaf {
    /// The first key that it may hold.
    pub from: Vec<u8>,
    /// The first key behind it; none for the last page of a tree.
    pub to: Option<Vec<u8>>,
    pub rows: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Pages {
    pub fn learn(&mut self, message: Message) {
        let Message { at, page, kind, body } = message;
        if kind == Kind::Other {
            return;
        }
        let page = self.0.entry(page).or_default();
        let whole_at = page.base.map_or(0, |(at, _)| at);
        if at < whole_at {
            return;
        }
        if kind == Kind::Link {
            page.links.insert(at, body);
        } else {
            page.base = Some((at, Some(body).filter(|_| kind == Kind::Node)));
            page.links = page.links.split_off(&at);
        }
    }

    /// Those that are still there, in the order in which they were written whole: where the newest words of one
    /// are lost, an older state of it may speak of keys that have moved to a younger one.
    pub fn oldest_first(self) -> Vec<Page> {
        let mut pages: Vec<Page> = self.0.into_values().filter(|page| !matches!(page.base, Some((_, None)))).collect();
        pages.sort_by_key(|page| page.base.map(|(at, _)| at).or_else(|| page.links.keys().next().copied()));
        pages
    }
}

impl Page {
    /// What the page holds; `None` if it holds pages, or cannot be read.
    pub fn leaf(&self, body: impl Fn(Body) -> Option<Vec<u8>>) -> Option<Leaf> {
        let (mut leaf, prefix) = match self.base {
            Some((_, Some(place))) => read_leaf(&body(place)?)?,
            // What changed in a page that is lost is told by itself, where whole keys were written.
            _ => (Leaf { to: Some(Vec::new()), ..Leaf::default() }, Vec::new()),
        };
        for link in self.links.values() {
            let Some(bytes) = body(*link) else { continue };
            match Change::read(&bytes) {
                Some(Change::Set(key, value)) => drop(leaf.rows.insert([&prefix[..], key].concat(), value.to_vec())),
                Some(Change::Removed(key)) => drop(leaf.rows.remove(&[&prefix[..], key].concat())),
                Some(Change::OfPages) | None => {}
            }
        }
        Some(leaf)
    }
}

/// One change of a page. Keys are without what all keys of the page begin with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change<'b> {
    Set(&'b [u8], &'b [u8]),
    Removed(&'b [u8]),
    /// Something about the pages below it or beside it.
    OfPages,
}

impl<'b> Change<'b> {
    pub fn read(mut bytes: &'b [u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let change = match take(bytes, 1)? {
            [0] => Self::Set(take_bytes(bytes)?, take_bytes(bytes)?),
            [1] => Self::Removed(take_bytes(bytes)?),
            [2] => take_number(bytes).map(|_| Self::OfPages)?,
            [3 | 4] => Self::OfPages,
            _ => return None,
        };
        bytes.is_empty().then_some(change)
    }
}

/// What a whole page begins with.
#[derive(Debug)]
pub(super) struct Head<'b> {
    /// The first key that it may hold.
    from: &'b [u8],
    /// The first key behind it; nothing for the last page of a tree.
    to: &'b [u8],
    /// What all its keys begin with.
    prefix: &'b [u8],
    /// Whether it holds keys and values, and not pages.
    is_leaf: bool,
}

/// Takes the head of a page.
pub(super) fn head<'b>(bytes: &mut &'b [u8]) -> Option<Head<'b>> {
    let (_next, _merging_child) = (take_number(bytes)?, take_number(bytes)?);
    let [0 | 1, shared] = take(bytes, 2)? else { return None };
    let (from, to) = (take_bytes(bytes)?, take_bytes(bytes)?);
    let prefix = from.get(..usize::from(*shared))?;
    let [what @ (0 | 1)] = take(bytes, 1)? else { return None };
    Some(Head { from, to, prefix, is_leaf: *what == 0 })
}

/// Reads a page that holds keys and values, and what its keys begin with.
fn read_leaf(mut bytes: &[u8]) -> Option<(Leaf, Vec<u8>)> {
    let bytes = &mut bytes;
    let Head { from, to, prefix, is_leaf } = head(bytes)?;
    let count = take_number(bytes).filter(|_| is_leaf)?;
    // Each takes at least the byte that says how long it is.
    let count = usize::try_from(count).ok().filter(|count| *count <= bytes.len())?;
    let keys: Vec<&[u8]> = (0..count).map(|_| take_bytes(bytes)).collect::<Option<_>>()?;
    let mut rows = BTreeMap::new();
    for key in keys {
        rows.insert([prefix, key].concat(), take_bytes(bytes)?.to_vec());
    }
    let to = Some(to.to_vec()).filter(|to| !to.is_empty());
    Some((Leaf { from: from.to_vec(), to, rows }, prefix.to_vec()))
}

/// Takes bytes with their length in front.
fn take_bytes<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = usize::try_from(take_number(bytes)?).ok()?;
    take(bytes, length)
}
