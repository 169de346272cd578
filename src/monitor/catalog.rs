//! Who is who: identities that survive renames, restarts, removals and second thoughts.

use crate::domain::{Activity, Address, CatalogEntry, Definition, EndpointId, Target, TargetId, Wall};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a removed target's history is kept, and its identity can be taken up again.
pub(super) const KEPT_AFTER_REMOVAL: Duration = Duration::from_hours(24);

/// Everything that was ever watched.
///
/// A definition belongs to a known target of the same name; failing that, to one with the same
/// addresses, which was then renamed; failing that, to one of the same name and addresses that was
/// removed within the last day; failing that, it is new. A changed address starts a new history
/// under the same target, unless an endpoint at that address was known that nobody has any more: so endpoints can
/// be put together otherwise and keep what is known of them. No id is ever given to another address.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    entries: BTreeMap<TargetId, CatalogEntry>,
    /// Active targets by name.
    names: BTreeMap<String, TargetId>,
    /// Removed targets by name, oldest removal first.
    removed: BTreeMap<String, Vec<TargetId>>,
    pub(super) owners: BTreeMap<EndpointId, TargetId>,
    /// Endpoints that no active target has: whoever comes to have the address takes up their history.
    pub(super) free: BTreeMap<Address, EndpointId>,
    last_target: u32,
    last_endpoint: u32,
}

/// What declared definitions mean for what is known.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// In order, with who it is, if that is known.
    pub(super) declared: Vec<(Option<TargetId>, Definition)>,
    /// Active targets that no definition belongs to.
    pub(super) missing: Vec<TargetId>,
}

impl Catalog {
    /// The lowest ids that were never given may lie beyond those of the entries: purged targets do
    /// not give theirs back.
    pub(super) fn new(entries: Vec<CatalogEntry>, next_target: u32, next_endpoint: u32) -> Self {
        let mut catalog = Self {
            last_target: next_target.saturating_sub(1),
            last_endpoint: next_endpoint.saturating_sub(1),
            ..Self::default()
        };
        let mut entries = entries;
        entries.sort_by_key(|entry| entry.removed_at);
        for entry in entries {
            let (id, name) = (entry.target.id, entry.target.definition.name.clone());
            catalog.note_ids(&entry.target);
            if entry.removed_at.is_none() {
                catalog.names.insert(name, id);
            } else {
                catalog.release(&entry.target);
                catalog.removed.entry(name).or_default().push(id);
            }
            catalog.entries.insert(id, entry);
        }
        catalog
    }

    fn note_ids(&mut self, target: &Target) {
        for endpoint in target.ids() {
            // One that was taken over belongs to who has it now.
            self.owners.entry(endpoint).or_insert(target.id);
        }
        self.last_target = self.last_target.max(target.id.0);
        let newest = target.ids().map(|id| id.0).max().unwrap_or(0);
        self.last_endpoint = self.last_endpoint.max(newest);
    }

    pub(super) fn entry(&self, id: TargetId) -> Option<&CatalogEntry> {
        self.entries.get(&id)
    }

    /// Whose endpoint it is.
    pub(super) fn owner(&self, endpoint: EndpointId) -> Option<TargetId> {
        self.owners.get(&endpoint).copied()
    }

    /// Whether a removed target can still take up its identity.
    pub(super) fn is_kept(&self, id: TargetId, now: Wall) -> bool {
        let removed_at = self.entries.get(&id).and_then(|entry| entry.removed_at);
        removed_at.is_some_and(|at| now.since(at) < KEPT_AFTER_REMOVAL)
    }

    /// The active target of this name.
    pub(super) fn named(&self, name: &str) -> Option<TargetId> {
        self.names.get(name).copied()
    }

    /// The active targets.
    pub(super) fn active(&self) -> impl Iterator<Item = &CatalogEntry> {
        self.names.values().filter_map(|id| self.entries.get(id))
    }

    /// Those that were removed.
    pub(super) fn removed(&self) -> impl Iterator<Item = &CatalogEntry> {
        self.entries.values().filter(|entry| entry.removed_at.is_some())
    }

    /// All endpoints that there have been, and whose they are.
    pub(super) fn endpoints(&self) -> impl Iterator<Item = (EndpointId, TargetId)> {
        self.owners.iter().map(|(&endpoint, &owner)| (endpoint, owner))
    }

    pub(super) fn active_count(&self) -> usize {
        self.names.len()
    }

    /// Finds out who declared definitions are. A name that is declared twice counts once.
    pub(super) fn matching(&self, definitions: Vec<Definition>) -> Matched {
        let mut unclaimed: BTreeMap<TargetId, &CatalogEntry> =
            self.active().map(|entry| (entry.target.id, entry)).collect();
        let mut seen = std::collections::BTreeSet::new();
        let mut who: Vec<(Option<TargetId>, Definition)> = Vec::with_capacity(definitions.len());
        for definition in definitions {
            if seen.insert(definition.name.clone()) {
                let id = self.named(&definition.name);
                if let Some(id) = id {
                    unclaimed.remove(&id);
                }
                who.push((id, definition));
            }
        }
        let mut by_address = BTreeMap::new();
        for (id, entry) in &unclaimed {
            by_address.entry(addresses(&entry.target.definition)).or_insert(*id);
        }
        let declared = who
            .into_iter()
            .map(|(id, definition)| {
                let id = id.or_else(|| by_address.remove(&addresses(&definition)));
                if let Some(id) = id {
                    unclaimed.remove(&id);
                }
                (id, definition)
            })
            .collect();
        Matched { declared, missing: unclaimed.into_keys().collect() }
    }

    /// Adds a target under the identity that it had when it was removed within the last day, or
    /// under a new one.
    pub(super) fn add(&mut self, definition: Definition, now: Wall) -> CatalogEntry {
        let namesakes = self.removed.get(&definition.name).into_iter().flatten().rev();
        let known = namesakes.filter_map(|id| self.entries.get(id)).find(|entry| {
            entry.removed_at.is_some_and(|at| now.since(at) < KEPT_AFTER_REMOVAL)
                && addresses(&entry.target.definition) == addresses(&definition)
        });
        let entry = if let Some(entry) = known {
            let entry = entry.clone();
            let mut target = Target { definition, ..entry.target };
            self.take_back(&mut target);
            CatalogEntry { target, removed_at: None, paused_at: None, ..entry }
        } else {
            self.last_target += 1;
            let endpoints = definition.endpoints.iter();
            let endpoint_ids = endpoints.map(|endpoint| self.endpoint_at(&endpoint.address)).collect();
            let round_id = (!definition.is_plain()).then(|| self.next_endpoint());
            let target = Target { id: TargetId(self.last_target), endpoint_ids, round_id, definition };
            CatalogEntry { target, added_at: now, removed_at: None, paused_at: None }
        };
        self.put(entry, now)
    }

    /// An id for an endpoint that never had one.
    pub(super) fn next_endpoint(&mut self) -> EndpointId {
        self.last_endpoint += 1;
        EndpointId(self.last_endpoint)
    }

    /// Brings a removed target back under its old ids; a target that was never known is added.
    pub(super) fn restore(&mut self, target: Target, now: Wall) -> CatalogEntry {
        match self.entries.get(&target.id) {
            Some(entry)
                if entry.removed_at.is_some()
                    && addresses(&entry.target.definition) == addresses(&target.definition) =>
            {
                let mut entry = entry.clone();
                entry.removed_at = None;
                entry.target.definition = target.definition;
                self.take_back(&mut entry.target);
                self.put(entry, now)
            }
            _ => self.add(target.definition, now),
        }
    }

    /// Changes a definition. Endpoints whose address stays keep their ids, others get those of their address that
    /// nobody has any more, or new ones.
    pub(super) fn edit(&mut self, id: TargetId, definition: Definition, now: Wall) -> Option<CatalogEntry> {
        let mut entry = self.entries.get(&id)?.clone();
        let mut known: Vec<(EndpointId, crate::domain::Address)> =
            entry.target.endpoints().map(|(id, endpoint)| (id, endpoint.address.clone())).collect();
        let mut endpoint_ids = Vec::with_capacity(definition.endpoints.len());
        for endpoint in &definition.endpoints {
            let place = known.iter().position(|(_, address)| *address == endpoint.address);
            endpoint_ids.push(match place {
                Some(place) => known.swap_remove(place).0,
                None => self.endpoint_at(&endpoint.address),
            });
        }
        self.free.extend(known.into_iter().map(|(id, address)| (address, id)));
        self.names.remove(&entry.target.definition.name);
        let round_id = entry.target.round_id.or_else(|| (!definition.is_plain()).then(|| self.next_endpoint()));
        let round_id = round_id.filter(|_| !definition.is_plain());
        entry.target = Target { id, endpoint_ids, round_id, definition };
        Some(self.put(entry, now))
    }

    fn put(&mut self, mut entry: CatalogEntry, now: Wall) -> CatalogEntry {
        entry.paused_at = match entry.target.definition.activity {
            Activity::Paused => entry.paused_at.or(Some(now)),
            Activity::Watching => None,
        };
        // What it has now is its own, whoever had it before.
        self.owners.extend(entry.target.ids().map(|endpoint| (endpoint, entry.target.id)));
        self.note_ids(&entry.target);
        if let Some(known) = self.entries.get(&entry.target.id)
            && let Some(namesakes) = self.removed.get_mut(&known.target.definition.name)
        {
            namesakes.retain(|&id| id != entry.target.id);
        }
        self.names.insert(entry.target.definition.name.clone(), entry.target.id);
        self.entries.insert(entry.target.id, entry.clone());
        entry
    }

    /// Takes a target out of what is active. Its entry stays.
    pub(super) fn remove(&mut self, id: TargetId, now: Wall) -> Option<CatalogEntry> {
        let entry = self.entries.get_mut(&id).filter(|entry| entry.removed_at.is_none())?;
        entry.removed_at = Some(now);
        entry.paused_at = None;
        let entry = entry.clone();
        let name = &entry.target.definition.name;
        self.names.remove(name);
        self.removed.entry(name.clone()).or_default().push(id);
        self.release(&entry.target);
        Some(entry)
    }
}

/// What a target connects to, in order.
pub(super) fn addresses(definition: &Definition) -> Vec<crate::domain::Address> {
    definition.endpoints.iter().map(|endpoint| endpoint.address.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Endpoint;

    /// `name=host:port`, or `host:port` for both.
    fn read(text: &str) -> Definition {
        let (name, address) = text.split_once('=').unwrap_or((text, text));
        let endpoint =
            Endpoint { timeout: Duration::from_secs(10), ..Endpoint::new(address.parse().expect("an address")) };
        Definition::new(name.to_owned(), endpoint)
    }

    fn catalog(definitions: &[&str]) -> Catalog {
        let mut catalog = Catalog::default();
        for definition in definitions {
            catalog.add(read(definition), Wall(0));
        }
        catalog
    }

    /// Who each definition is, `+` for new, and `-` with those that are missing.
    fn matched(catalog: &Catalog, definitions: &[&str]) -> String {
        let Matched { declared, missing } = catalog.matching(definitions.iter().map(|text| read(text)).collect());
        let mut words: Vec<String> =
            declared.iter().map(|(id, _)| id.map_or("+".to_owned(), |id| id.0.to_string())).collect();
        words.extend(missing.iter().map(|id| format!("-{}", id.0)));
        words.join(" ")
    }

    #[test]
    fn a_definition_is_known_by_name_then_by_address() {
        let catalog = catalog(&["a=db1:1", "b=db2:2"]);
        for (definitions, expected) in [
            (&["a=db1:1", "b=db2:2"][..], "1 2"),
            (&["b=db2:2", "a=db1:1"], "2 1"),
            (&["a=db9:9", "b=db2:2"], "1 2"),
            (&["c=db1:1", "b=db2:2"], "1 2"),
            (&["a=db2:2", "b=db1:1"], "1 2"),
            (&["c=db3:3"], "+ -1 -2"),
            (&["a=db1:1", "a=db3:3"], "1 -2"),
            (&["c=db1:1", "d=db1:1", "b=db2:2"], "1 + 2"),
            (&[], "-1 -2"),
        ] {
            assert_eq!(matched(&catalog, definitions), expected, "{definitions:?}");
        }
    }

    #[test]
    fn a_changed_address_starts_a_new_history_under_the_same_target() {
        let mut catalog = catalog(&["a=db1:1"]);
        let edited = catalog.edit(TargetId(1), read("a=db2:2"), Wall(5)).expect("known");
        assert_eq!((edited.target.id, edited.target.endpoint_ids), (TargetId(1), vec![EndpointId(2)]));
        let renamed = catalog.edit(TargetId(1), read("b=db2:2"), Wall(6)).expect("known");
        assert_eq!(renamed.target.endpoint_ids, [EndpointId(2)]);
        assert_eq!((catalog.named("a"), catalog.named("b")), (None, Some(TargetId(1))));
    }

    #[test]
    fn a_removed_target_takes_up_its_identity_within_a_day_and_never_another_ones() {
        let day = 24 * 3_600_000;
        for (definition, later, expected) in
            [("a=db1:1", day - 1, 1), ("a=db1:1", day, 2), ("a=db2:2", 1, 2), ("b=db1:1", 1, 2)]
        {
            let mut catalog = catalog(&["a=db1:1"]);
            catalog.remove(TargetId(1), Wall(0));
            assert_eq!(catalog.add(read(definition), Wall(later)).target.id.0, expected, "{definition} {later}");
        }
    }

    #[test]
    fn ids_go_on_after_a_restart_even_past_removed_ones() {
        let mut before = catalog(&["a=db1:1", "b=db2:2"]);
        let entries = vec![
            before.entry(TargetId(1)).cloned().expect("known"),
            before.remove(TargetId(2), Wall(0)).expect("known"),
        ];
        let mut catalog = Catalog::new(entries, 0, 0);
        assert_eq!(catalog.active_count(), 1);
        let entry = catalog.add(read("c=db3:3"), Wall(1));
        assert_eq!((entry.target.id, entry.target.endpoint_ids), (TargetId(3), vec![EndpointId(3)]));
    }

    #[test]
    fn an_undo_brings_back_the_same_ids() {
        let mut catalog = catalog(&["a=db1:1"]);
        let removed = catalog.remove(TargetId(1), Wall(0)).expect("known");
        let restored = catalog.restore(removed.target.clone(), Wall(100 * 24 * 3_600_000));
        assert_eq!((restored.target, restored.removed_at), (removed.target, None));
    }
}
