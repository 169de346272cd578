//! All watched targets in their order, and their picture, which is drawn anew only where one was touched.

use super::views::Views;
use super::watch::Watch;
use crate::domain::TargetId;
use std::collections::{BTreeMap, BTreeSet};

/// The watched targets. Whatever is borrowed to be changed is taken for changed by the next picture,
/// so that none can be forgotten.
#[derive(Debug, Default)]
pub(super) struct Watches {
    by_id: BTreeMap<TargetId, Watch>,
    /// In the order of the configuration.
    order: Vec<TargetId>,
    /// None while all is to be drawn anew.
    picture: Option<Picture>,
}

/// The views as they were taken last.
#[derive(Debug)]
struct Picture {
    views: Views,
    /// Where each target stands.
    places: BTreeMap<TargetId, usize>,
    /// Who may have changed since.
    touched: BTreeSet<TargetId>,
}

impl Watches {
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Who stands in this place.
    pub(super) fn in_place(&self, place: usize) -> Option<TargetId> {
        self.order.get(place).copied()
    }

    pub(super) fn get(&self, id: TargetId) -> Option<&Watch> {
        self.by_id.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: TargetId) -> Option<&mut Watch> {
        self.touch(id);
        self.by_id.get_mut(&id)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Watch> {
        self.by_id.values()
    }

    /// Everybody who is watched, in no special order.
    pub(super) fn ids(&self) -> Vec<TargetId> {
        self.by_id.keys().copied().collect()
    }

    /// The same in the order of the configuration.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Watch> {
        self.order.iter().filter_map(|id| self.by_id.get(id))
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Watch> {
        self.picture = None;
        self.by_id.values_mut()
    }

    /// Takes in a new target, as the last.
    pub(super) fn push(&mut self, watch: Watch) {
        let id = watch.target.id;
        self.order.push(id);
        self.picture = None;
        self.by_id.insert(id, watch);
    }

    /// Takes a target out to work on it; its place is kept.
    pub(super) fn take(&mut self, id: TargetId) -> Option<Watch> {
        self.by_id.remove(&id)
    }

    /// Puts a target that was taken out back into its place.
    pub(super) fn put_back(&mut self, watch: Watch) {
        self.touch(watch.target.id);
        self.by_id.insert(watch.target.id, watch);
    }

    /// Takes a target out for good.
    pub(super) fn remove(&mut self, id: TargetId) -> Option<Watch> {
        self.order.retain(|known| *known != id);
        self.picture = None;
        self.by_id.remove(&id)
    }

    /// Another order of the same targets.
    pub(super) fn arrange(&mut self, order: Vec<TargetId>) {
        if order != self.order {
            self.order = order;
            self.picture = None;
        }
    }

    fn touch(&mut self, id: TargetId) {
        if let Some(picture) = &mut self.picture {
            picture.touched.insert(id);
        }
    }

    /// The views of all, in order.
    pub(super) fn views(&mut self) -> Views {
        let picture = self.picture.get_or_insert_with(|| {
            let watched = self.order.iter().filter_map(|id| self.by_id.get(id));
            let places = watched.clone().enumerate().map(|(place, watch)| (watch.target.id, place)).collect();
            Picture { views: watched.map(Watch::view).collect(), places, touched: BTreeSet::new() }
        });
        for id in std::mem::take(&mut picture.touched) {
            if let (Some(&place), Some(watch)) = (picture.places.get(&id), self.by_id.get(&id)) {
                picture.views.replace(place, watch.view());
            }
        }
        picture.views.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Activity, CatalogEntry, Definition, Endpoint, Target, Wall};
    use std::sync::Arc;

    fn watch(id: u32) -> Watch {
        let endpoint = Endpoint {
            timeout: std::time::Duration::from_secs(10),
            ..Endpoint::new("db1:5432".parse().expect("an address"))
        };
        let definition = Definition::new(format!("target {id}"), endpoint);
        let target = Target { id: TargetId(id), endpoint_ids: Vec::new(), round_id: None, definition };
        Watch::new(&CatalogEntry { target, added_at: Wall(0), removed_at: None, paused_at: None }, Wall(0))
    }

    fn watches(count: u32) -> Watches {
        let mut watches = Watches::default();
        (1..=count).for_each(|id| watches.push(watch(id)));
        watches
    }

    fn picture(watches: &mut Watches) -> String {
        let sign = |view: &Arc<crate::monitor::TargetView>| {
            let paused = if view.target.definition.activity == Activity::Paused { "‖" } else { "" };
            format!("{}{paused}", view.target.id.0)
        };
        watches.views().iter().map(sign).collect::<Vec<_>>().join(" ")
    }

    fn pause(watch: &mut Watch) {
        Arc::make_mut(&mut watch.target).definition.activity = Activity::Paused;
        watch.changed();
    }

    #[test]
    fn a_picture_follows_every_way_to_change_a_target() {
        let mut watches = watches(4);
        assert_eq!(picture(&mut watches), "1 2 3 4");
        watches.get_mut(TargetId(2)).map(pause).expect("known");
        assert_eq!(picture(&mut watches), "1 2‖ 3 4");
        let mut taken = watches.take(TargetId(3)).expect("known");
        pause(&mut taken);
        watches.put_back(taken);
        assert_eq!(picture(&mut watches), "1 2‖ 3‖ 4", "in its old place");
        watches.push(watch(5));
        assert_eq!(picture(&mut watches), "1 2‖ 3‖ 4 5");
        assert!(watches.remove(TargetId(1)).is_some());
        assert_eq!(picture(&mut watches), "2‖ 3‖ 4 5");
        watches.get_mut(TargetId(5)).map(pause).expect("known");
        assert_eq!(picture(&mut watches), "2‖ 3‖ 4 5‖", "in the place that it has now");
        watches.arrange([5, 4, 3, 2].map(TargetId).to_vec());
        assert_eq!(picture(&mut watches), "5‖ 4 3‖ 2‖");
        watches.values_mut().for_each(pause);
        assert_eq!(picture(&mut watches), "5‖ 4‖ 3‖ 2‖");
    }

    #[test]
    fn what_was_borrowed_and_not_changed_is_shared() {
        let mut watches = watches(100);
        let before = watches.views();
        assert!(watches.get_mut(TargetId(50)).is_some());
        assert_eq!(watches.views().changed_since(&before).count(), 0);
        watches.get_mut(TargetId(50)).map(Watch::changed).expect("known");
        let after = watches.views();
        let changed: Vec<u32> = after.changed_since(&before).map(|(_, after)| after.target.id.0).collect();
        assert_eq!(changed, [50]);
    }
}
