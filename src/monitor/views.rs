//! The views of all targets in their order, in pieces that a picture shares with the one before.

use super::snapshot::TargetView;
use serde::{Deserialize, Serialize};
use std::iter::FlatMap;
use std::ops::{Index, IndexMut};
use std::slice;
use std::sync::Arc;

/// How many views a piece holds. Of 10,000 targets a hundred change between two pictures, scattered:
/// that makes 100 pieces of these anew beside 625 that are counted, and is near the least of both.
const PIECE: usize = 16;

type Piece = Arc<[Arc<TargetView>]>;

/// The views of all targets, in the order in which the targets were declared. A copy shares all
/// pieces, and a change makes one piece anew; all are full but the last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Arc<TargetView>>", into = "Vec<Arc<TargetView>>")]
pub struct Views {
    pieces: Vec<Piece>,
}

/// All views, in order.
pub type Iter<'a> = FlatMap<
    slice::Iter<'a, Piece>,
    slice::Iter<'a, Arc<TargetView>>,
    fn(&'a Piece) -> slice::Iter<'a, Arc<TargetView>>,
>;

impl Views {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.pieces.last().map_or(0, |last| (self.pieces.len() - 1) * PIECE + last.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The view in this place.
    pub fn get(&self, place: usize) -> Option<&Arc<TargetView>> {
        self.pieces.get(place / PIECE)?.get(place % PIECE)
    }

    /// The first of all.
    pub fn first(&self) -> Option<&Arc<TargetView>> {
        self.get(0)
    }

    /// All, in order.
    pub fn iter(&self) -> Iter<'_> {
        self.into_iter()
    }

    /// Puts a view in the place of another; nothing is made anew for one that is there already.
    pub fn replace(&mut self, place: usize, view: Arc<TargetView>) {
        if self.get(place).is_some_and(|known| !Arc::ptr_eq(known, &view)) {
            self[place] = view;
        }
    }

    /// Those that are not shared with an earlier picture of the same targets, each behind the one
    /// that was in its place.
    pub fn changed_since<'a>(
        &'a self,
        earlier: &'a Self,
    ) -> impl Iterator<Item = (&'a Arc<TargetView>, &'a Arc<TargetView>)> {
        let pieces = earlier.pieces.iter().zip(&self.pieces).filter(|(before, after)| !Arc::ptr_eq(before, after));
        let views = pieces.flat_map(|(before, after)| before.iter().zip(after.iter()));
        views.filter(|(before, after)| !Arc::ptr_eq(before, after))
    }
}

impl Index<usize> for Views {
    type Output = Arc<TargetView>;

    fn index(&self, place: usize) -> &Self::Output {
        &self.pieces[place / PIECE][place % PIECE]
    }
}

impl IndexMut<usize> for Views {
    fn index_mut(&mut self, place: usize) -> &mut Self::Output {
        &mut Arc::make_mut(&mut self.pieces[place / PIECE])[place % PIECE]
    }
}

impl<'a> IntoIterator for &'a Views {
    type Item = &'a Arc<TargetView>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.pieces.iter().flat_map(|piece| piece.iter())
    }
}

impl FromIterator<Arc<TargetView>> for Views {
    fn from_iter<T: IntoIterator<Item = Arc<TargetView>>>(views: T) -> Self {
        views.into_iter().collect::<Vec<_>>().into()
    }
}

impl From<Views> for Vec<Arc<TargetView>> {
    fn from(views: Views) -> Self {
        views.iter().cloned().collect()
    }
}

impl From<Vec<Arc<TargetView>>> for Views {
    fn from(views: Vec<Arc<TargetView>>) -> Self {
        Self { pieces: views.chunks(PIECE).map(Arc::from).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CatalogEntry, Definition, Target, TargetId, Wall};
    use crate::monitor::watch::Watch;

    fn view(id: u32) -> Arc<TargetView> {
        let address = "db1:5432".parse().expect("an address");
        let endpoint = crate::domain::Endpoint {
            timeout: std::time::Duration::from_secs(10),
            ..crate::domain::Endpoint::new(address)
        };
        let definition = Definition::new(format!("target {id}"), endpoint);
        let target = Target { id: TargetId(id), endpoint_ids: Vec::new(), round_id: None, definition };
        let entry = CatalogEntry { target, added_at: Wall(0), removed_at: None, paused_at: None };
        Watch::new(&entry, Wall(0)).view()
    }

    fn views(count: u32) -> Views {
        (0..count).map(view).collect()
    }

    fn ids<'a>(views: impl IntoIterator<Item = &'a Arc<TargetView>>) -> Vec<u32> {
        views.into_iter().map(|view| view.target.id.0).collect()
    }

    #[test]
    fn the_order_is_kept_over_the_borders_of_the_pieces() {
        for count in [0, 1, 15, 16, 17, 32, 100] {
            let views = views(count);
            let all: Vec<u32> = (0..count).collect();
            assert_eq!(ids(&views), all);
            assert_eq!((views.len(), views.is_empty()), (all.len(), all.is_empty()));
            assert_eq!(ids((0..=views.len()).filter_map(|place| views.get(place))), all);
            assert_eq!(ids(views.first()), all.get(..1).unwrap_or_default());
        }
    }

    #[test]
    fn a_change_makes_one_piece_anew_and_leaves_the_copy_as_it_was() {
        let mut views = views(100);
        let before = views.clone();
        for (place, id) in [(20, 1_020), (31, 1_031), (99, 1_099)] {
            views.replace(place, view(id));
        }
        assert_eq!(ids(&before), (0..100).collect::<Vec<u32>>());
        let changed: Vec<(u32, u32)> =
            views.changed_since(&before).map(|(before, after)| (before.target.id.0, after.target.id.0)).collect();
        assert_eq!(changed, [(20, 1_020), (31, 1_031), (99, 1_099)]);
        let shared = |(one, other): (&Piece, &Piece)| Arc::ptr_eq(one, other);
        let shared: Vec<bool> = before.pieces.iter().zip(&views.pieces).map(shared).collect();
        assert_eq!(shared, [true, false, true, true, true, true, false]);
    }

    #[test]
    fn what_is_there_already_changes_nothing_and_beyond_the_end_is_nothing() {
        let mut views = views(20);
        let before = views.clone();
        views.replace(3, Arc::clone(&before[3]));
        views.replace(20, view(20));
        assert!(before.pieces.iter().zip(&views.pieces).all(|(one, other)| Arc::ptr_eq(one, other)));
        assert_eq!((views.changed_since(&before).count(), views.len()), (0, 20));
    }
}
