//! The real monitor in a scripted world: the state table as pictures, and seeded months against a second opinion.

#[path = "support/kept.rs"]
mod kept;
#[path = "support/model.rs"]
mod model;
#[path = "support/month.rs"]
mod month;
#[path = "support/world.rs"]
mod world;

use model::{End, Expected, Model};
use month::Month;
use portpulse::domain::{Closing, Outage};

fn expected_of(outage: &Outage) -> Expected {
    let end = match outage.closing {
        None => End::Open,
        Some(Closing::Recovered { .. }) => End::Recovered,
        Some(Closing::EndNotSeen { .. }) => End::NotSeen,
        Some(Closing::Paused(_)) => End::Paused,
        Some(Closing::Removed(_)) => End::Removed,
    };
    Expected { started_at: outage.started_at, ended_at: outage.ended_at(), end }
}

#[test]
fn seeded_months_differ_in_nothing_from_the_second_opinion() {
    let seeds = std::env::var("PORTPULSE_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    for seed in 1..=seeds {
        let mut month = Month::new(seed, 50);
        month.run(|_| {});
        let model = Model::new(&month.world.log);
        let mut differences = Vec::new();
        let mut count = 0;
        for place in 0..month.definitions.len() {
            let id = month.id(place).expect("a known target");
            let address = &month.definitions[place].endpoints[0].address;
            let mut wanted = model.outages(address, month.rules(place), &month.stretches[place]);
            let outages = month.world.kept.outages.values().filter(|outage| outage.target == id);
            let mut found: Vec<Expected> = outages.map(expected_of).collect();
            wanted.sort();
            found.sort();
            count += found.len();
            if wanted != found {
                differences.push(format!("{place} {:?} {:?}", month.definitions[place], month.rules(place)));
                for w in wanted.iter().filter(|w| !found.contains(w)) {
                    differences.push(format!("   missed {w:?}"));
                }
                for f in found.iter().filter(|f| !wanted.contains(f)) {
                    differences.push(format!("   false  {f:?}"));
                }
            }
        }
        println!(
            "seed {seed}: {count} outages, {} facts, {} wakes, {} looks",
            month.world.log.facts.len(),
            month.world.log.wakes,
            month.world.log.looks.len()
        );
        assert!(differences.is_empty(), "seed {seed}\n{}", differences.join("\n"));
    }
}
