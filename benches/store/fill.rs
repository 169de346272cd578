//! A store as it is after months: 31 days of checks in it, older ones pruned, and an open chunk of each target.

use super::workload::{Host, INTERVAL, START};
use super::{DAYS_KEPT, DAYS_MORE, TURNS_A_DAY};
use portpulse::domain::{
    Address, CatalogEntry, Check, Definition, Endpoint, EndpointId, Family, Handshake, Record, Target, TargetId, Wall,
};
use portpulse::store::{Bounds, Options, open};
use std::path::Path;
use std::time::{Duration, Instant};

/// How many checks a chunk holds.
const CHUNK: u64 = 240;
/// How many checks are imported at once.
const CHECKS_AT_ONCE: usize = 120_000;
/// How many checks come in a second from a thousand targets.
const A_SECOND: usize = 17;
/// sled collects garbage twice a second, for a quarter of a second at most. Four hours in a moment leave it
/// too little time, so that it gets more of it towards the end; in life it has hours.
const REST: Duration = Duration::from_millis(60);
const LATE_REST: Duration = Duration::from_secs(1);

/// The end of it all: a midnight.
pub fn end() -> Wall {
    START + INTERVAL * ((DAYS_KEPT + DAYS_MORE) * TURNS_A_DAY)
}

pub fn definition(id: u32) -> Definition {
    let address: Address = format!("host-{id}.example:80").parse().expect("an address");
    let (family, handshake) = (Family::Auto, Handshake::Silent);
    let endpoint = Endpoint { family, timeout: Duration::from_secs(10), handshake, ..Endpoint::new(address) };
    let mut definition = Definition::new(format!("target {id}"), endpoint);
    definition.interval = INTERVAL;
    definition
}

pub fn target(id: u32) -> Record {
    let target = Target::plain(TargetId(id), EndpointId(id), definition(id));
    Record::Target(CatalogEntry { target, added_at: START, removed_at: None, paused_at: None })
}

/// Fills a store and ends without a farewell, as after a kill. Prints the rate and the entropy floor.
pub async fn fill(path: &Path, targets: u32) {
    let last = u64::from((DAYS_KEPT + DAYS_MORE) * TURNS_A_DAY);
    let mut hosts: Vec<Host> = (0..targets).map(Host::new).collect();
    let store = open(path, Options::default()).expect("a store").store;
    store.import((0..targets).map(target).collect()).await.expect("an import");
    let (mut spent, mut count) = (Duration::ZERO, 0);
    for turn in (CHUNK..=last).step_by(CHUNK as usize) {
        for hosts in hosts.chunks_mut(CHECKS_AT_ONCE / CHUNK as usize) {
            let mut checks = Vec::new();
            for host in hosts {
                // The newest chunks are sealed at moments of their own.
                let until = turn.min(last - CHUNK - u64::from(host.id) % CHUNK);
                checks.extend((host.turn..until).map(|_| Record::Check(host.check())));
            }
            let (before, some) = (Instant::now(), checks.len());
            if some > 0 {
                store.import(checks).await.expect("an import");
            }
            count += some;
            spent += before.elapsed();
        }
        if turn.is_multiple_of(u64::from(TURNS_A_DAY)) {
            let now = START + INTERVAL * turn as u32;
            store.prune(Bounds { checks: Some(now - INTERVAL * (DAYS_KEPT * TURNS_A_DAY)), ..Bounds::default() });
            store.flush().await.expect("a flush");
        }
        let is_late = turn > u64::from(DAYS_KEPT * TURNS_A_DAY);
        tokio::time::sleep(if is_late { LATE_REST } else { REST }).await;
    }
    let mut late: Vec<Check> = Vec::new();
    for host in &mut hosts {
        late.extend((host.turn..last).map(|_| host.check()));
    }
    late.sort_by_key(|check| check.at);
    for (second, checks) in (1_u64..).zip(late.chunks(A_SECOND)) {
        let alive = Record::Alive(checks.first().map(|check| check.at).unwrap_or_default());
        store.save(checks.iter().cloned().map(Record::Check).chain([alive]).collect());
        if second.is_multiple_of(8) {
            store.flush().await.expect("a flush");
        }
    }
    store.flush().await.expect("a flush");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let turns: f64 = hosts.iter().map(|host| host.turn as f64).sum();
    let floor = hosts.iter().map(|host| host.bits).sum::<f64>() / turns / 8.0;
    println!("{} {floor}", count as f64 / spent.as_secs_f64());
    std::process::abort();
}
