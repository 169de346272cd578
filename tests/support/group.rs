//! Targets of several endpoints for seeded months, and how their hosts fare.

use crate::month::{Nature, endpoint, life_of_a_host};
use crate::world::Time;
use portpulse::domain::endpoint::Host;
use portpulse::domain::{Definition, Endpoint, Evaluation};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroU16, NonZeroU32};

/// Two to five endpoints, most of them of one family, and one of the rules.
pub fn make(rng: &mut fastrand::Rng, number: u8, definition: &mut Definition) {
    let rules = [
        Evaluation::All,
        Evaluation::Any,
        Evaluation::Quorum { needed: None },
        Evaluation::Quorum { needed: NonZeroU16::new(1) },
        Evaluation::Failover,
        Evaluation::WEIGHTED,
    ];
    definition.evaluation = rng.choice(&rules).expect("a choice").clone();
    let member = |rng: &mut fastrand::Rng, place: u8| {
        let host = match rng.u8(0..8) {
            0 => Host::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 3, 0, 0, number.into(), place.into()), None),
            1 if place == 0 => Host::Name(format!("host{}.example", 100 + number)),
            // Two ports of one host, too.
            _ => Host::V4(Ipv4Addr::new(10, 3, number, place - place % 2)),
        };
        let weight = NonZeroU32::new(rng.u32(1..5)).expect("a weight");
        Endpoint { weight, ..endpoint(host, 6379 + u16::from(place)) }
    };
    definition.endpoints = (0..rng.u8(2..6)).map(|place| member(rng, place)).collect();
}

/// How the hosts of a target fare: most of those of a group share their fate.
pub fn lives(rng: &mut fastrand::Rng, definition: &Definition) -> Vec<(Host, Vec<(Time, Nature)>)> {
    let shared = life_of_a_host(rng);
    let is_alone = definition.endpoints.len() == 1;
    let life = |endpoint: &Endpoint| {
        let own = !is_alone && rng.u8(0..3) == 0;
        (endpoint.address.host.clone(), if own { life_of_a_host(rng) } else { shared.clone() })
    };
    definition.endpoints.iter().map(life).collect()
}
