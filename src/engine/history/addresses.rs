//! Which addresses the checks of a target are about, since when, and when they changed.

use super::super::query::{AddressChange, Addresses, Sighting, SightingCount};
use crate::domain::{Check, Wall};
use crate::window::Hour;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How many changes are told one by one; a name that is dealt out in turn changes with every check.
const CHANGES_MAX: usize = 16;

/// The addresses of checks that are sorted by time. A failed check counts as much as one that connected: a
/// name that begins to lead somewhere else is told by the first check that went there. A check without an
/// address, because the name had none or the look-up failed, is no change.
pub(super) fn addresses(checks: &[Check]) -> Addresses {
    let count = |check: &Check| SightingCount { checks: 1, open: u32::from(check.outcome.is_open()) };
    told(checks.iter().filter_map(|check| Some((check.at, check.address?, Some(count(check))))))
}

/// The same from hours in the order of time: of each address that answered within one, only the last time.
pub(super) fn addresses_of_hours(hours: &[Hour]) -> Addresses {
    let mut all: Vec<(Wall, IpAddr)> =
        hours.iter().flat_map(|hour| hour.addresses.iter().map(|(address, at)| (*at, *address))).collect();
    all.sort_unstable();
    told(all.into_iter().map(|(at, address)| (at, address, None)))
}

fn told(sightings: impl Iterator<Item = (Wall, IpAddr, Option<SightingCount>)>) -> Addresses {
    let mut seen: BTreeMap<IpAddr, Sighting> = BTreeMap::new();
    let mut before = None;
    let (mut changes, mut all) = (0, Vec::new());
    for (at, address, count) in sightings {
        let known = seen.entry(address).or_insert(Sighting { address, first: at, last: at, count: None });
        known.last = at;
        if let Some(more) = count {
            let sum = known.count.get_or_insert_default();
            (sum.checks, sum.open) = (sum.checks + more.checks, sum.open + more.open);
        }
        if let Some(from) = before.replace(address).filter(|from| *from != address) {
            changes += 1;
            all.push(AddressChange { at, from, to: address });
        }
    }
    let mut seen: Vec<Sighting> = seen.into_values().collect();
    seen.sort_by_key(|sighting| (Reverse(sighting.last), sighting.address));
    let newest = all.into_iter().rev().take(CHANGES_MAX).collect();
    Addresses { seen, changes, newest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Clocked, EndpointId, Failure, Outcome, Place, Reason, Timing, VantageId};
    use std::time::Duration;

    /// One character for each check: a letter is the last byte of its address, small ones failed, a dot has none.
    fn checks(picture: &str) -> Vec<Check> {
        let timing = Timing { connect: Duration::from_millis(1), clocked: Clocked::Kernel, syn_lost: 0 };
        let (reason, place, after) = (Reason::TimedOut, Place::Later, Duration::ZERO);
        let failure = Failure { reason, place, errno: None, name: None, after, syn_lost: 0 };
        let check = |(at, mark): (i64, char)| Check {
            endpoint: EndpointId(1),
            vantage: VantageId::HERE,
            at: Wall(at),
            outcome: if mark.is_ascii_uppercase() { Outcome::Open(timing) } else { Outcome::Failed(failure) },
            dns: None,
            address: (mark != '.').then(|| [192, 0, 2, mark.to_ascii_uppercase() as u8].into()),
            tried: 1,
            answered: 0,
        };
        (0..).zip(picture.chars()).map(check).collect()
    }

    fn letter(address: IpAddr) -> char {
        let IpAddr::V4(address) = address else { panic!("{address}") };
        char::from(address.octets()[3])
    }

    #[test]
    fn each_address_has_its_first_and_last_check_and_changes_are_counted() {
        let found = addresses(&checks("AAa..AbBBA"));
        let count = |s: &Sighting| s.count.map(|count| (count.checks, count.open)).unwrap_or_default();
        let seen: Vec<_> = found.seen.iter().map(|s| (letter(s.address), s.first.0, s.last.0, count(s))).collect();
        assert_eq!(seen, [('A', 0, 9, (5, 4)), ('B', 6, 8, (3, 2))]);
        let newest: Vec<_> = found.newest.iter().map(|c| (c.at.0, letter(c.from), letter(c.to))).collect();
        assert_eq!((found.changes, newest), (2, vec![(9, 'B', 'A'), (6, 'A', 'B')]));
    }

    #[test]
    fn hours_know_when_an_address_answered_and_not_how_often() {
        let hour = |from: i64, addresses: &[(u8, i64)]| Hour {
            from: Wall(from),
            addresses: addresses.iter().map(|(last, at)| ([192, 0, 2, *last].into(), Wall(*at))).collect(),
            ..Hour::default()
        };
        let found = addresses_of_hours(&[hour(0, &[(b'A', 9)]), hour(10, &[(b'A', 12), (b'B', 19)])]);
        let seen: Vec<_> = found.seen.iter().map(|s| (letter(s.address), s.first.0, s.last.0, s.count)).collect();
        assert_eq!(seen, [('B', 19, 19, None), ('A', 9, 12, None)]);
        assert_eq!((found.changes, found.newest[0].at), (1, Wall(19)));
    }

    #[test]
    fn addresses_that_are_dealt_out_in_turn_are_counted_and_not_listed_for_ever() {
        let found = addresses(&checks(&"AB".repeat(50)));
        assert_eq!((found.changes, found.newest.len(), found.newest[0].at), (99, CHANGES_MAX, Wall(99)));
        assert_eq!(addresses(&[]), Addresses::default());
    }
}
