//! Endpoints outlive the targets that they were put together in: whoever comes to have the address goes on with the history.

use super::catalog::Catalog;
use crate::domain::{Address, EndpointId, Target};

impl Catalog {
    /// The endpoint at this address that nobody has any more, with its history, or a new one.
    pub(super) fn endpoint_at(&mut self, address: &Address) -> EndpointId {
        self.free.remove(address).unwrap_or_else(|| self.next_endpoint())
    }

    /// Others may take up the endpoints of a target, unless somebody has done so.
    pub(super) fn release(&mut self, target: &Target) {
        let own = target.endpoints().filter(|(id, _)| self.owners.get(id) == Some(&target.id));
        let own: Vec<_> = own.map(|(id, endpoint)| (endpoint.address.clone(), id)).collect();
        self.free.extend(own);
    }

    /// Takes back what was released of a target; what others have taken up meanwhile is begun anew.
    pub(super) fn take_back(&mut self, target: &mut Target) {
        let id = target.id;
        for (own, endpoint) in target.endpoint_ids.iter_mut().zip(&target.definition.endpoints) {
            if self.free.get(&endpoint.address) == Some(own) {
                self.free.remove(&endpoint.address);
            } else if self.owners.get(own) != Some(&id) {
                *own = self.next_endpoint();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CatalogEntry, Definition, Endpoint, TargetId, Wall};

    /// `name=host:port`.
    fn read(text: &str) -> Definition {
        let (name, address) = text.split_once('=').expect("a name");
        group(name, &[address])
    }

    fn catalog(definitions: &[&str]) -> Catalog {
        let mut catalog = Catalog::default();
        for definition in definitions {
            catalog.add(read(definition), Wall(0));
        }
        catalog
    }

    fn group(name: &str, addresses: &[&str]) -> Definition {
        let endpoint = |text: &&str| Endpoint::new(text.parse().expect("an address"));
        let endpoints = addresses.iter().map(endpoint).collect();
        Definition { endpoints, ..Definition::new(name.to_owned(), endpoint(&addresses[0])) }
    }

    #[test]
    fn endpoints_that_are_put_together_otherwise_keep_their_history() {
        let ids = |entry: &CatalogEntry| entry.target.endpoint_ids.iter().map(|id| id.0).collect::<Vec<u32>>();
        let mut catalog = catalog(&["a=db1:1", "b=db2:2"]);
        catalog.remove(TargetId(1), Wall(5));
        catalog.remove(TargetId(2), Wall(5));
        let pair = catalog.add(group("pair", &["db2:2", "db1:1", "db3:3"]), Wall(6));
        assert_eq!((ids(&pair), pair.target.round_id), (vec![2, 1, 3], Some(EndpointId(4))));
        let smaller = catalog.edit(pair.target.id, group("pair", &["db1:1", "db3:3"]), Wall(7)).expect("known");
        assert_eq!(ids(&smaller), [1, 3]);
        assert_eq!(ids(&catalog.add(read("b=db2:2"), Wall(8))), [2], "alone again");
        // What another has by now is not taken away from it.
        let back = catalog.restore(Target::plain(TargetId(1), EndpointId(1), read("a=db1:1")), Wall(9));
        assert_eq!((back.target.id, ids(&back)), (TargetId(1), vec![5]));
        assert_eq!(catalog.owner(EndpointId(1)), Some(pair.target.id));
    }

    #[test]
    fn after_a_restart_an_endpoint_belongs_to_who_took_it_over() {
        let mut before = catalog(&["a=db1:1", "b=db2:2"]);
        let gone = before.remove(TargetId(2), Wall(5)).expect("known");
        let taker = before.edit(TargetId(1), group("a", &["db1:1", "db2:2"]), Wall(6)).expect("known");
        let mut after = Catalog::new(vec![gone, taker], 0, 0);
        assert_eq!(after.owner(EndpointId(2)), Some(TargetId(1)));
        let other = after.add(read("c=db2:2"), Wall(7));
        assert!(!other.target.endpoint_ids.contains(&EndpointId(2)), "it is in use");
    }
}
