//! A store as it is after months: 31 days of checks in it, older ones pruned, and an open chunk of each target.

use super::life;
use super::start::copy;
use super::workload::{Host, INTERVAL, START};
use super::{DAYS_KEPT, DAYS_MORE, TURNS_A_DAY, size};
use portpulse::domain::{
    Address, CatalogEntry, Definition, Endpoint, EndpointId, Family, Handshake, Record, Target, TargetId, Wall,
};
use portpulse::store::{Store, open};
use std::path::Path;
use std::time::{Duration, Instant};

/// How many checks a chunk holds.
const CHUNK: u64 = 240;
/// How many checks are imported at once.
const CHECKS_AT_ONCE: usize = 120_000;
/// sled collects garbage for half of the time at most, and four hours in a moment leave it too little of it.
const REST: Duration = Duration::from_millis(60);

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

/// Fills a store and ends without a farewell, as after a kill. Prints the rate of the import, the entropy floor, and
/// the bytes of the store after the import and after each day that was lived since.
///
/// The import is in memory, where there is such a place: only its size matters, and the size of what is lived in it.
pub async fn fill(path: &Path, targets: u32) {
    let place = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
    let draft = place.path().join("history");
    let mut hosts: Vec<Host> = (0..targets).map(Host::new).collect();
    let store = open(&draft, life::options()).expect("a store").store;
    let rate = import(&store, &mut hosts, u64::from(DAYS_KEPT * TURNS_A_DAY)).await;
    let mut sizes = vec![size(&draft)];
    sizes.extend(life::live(&store, &draft, &mut hosts, u64::from((DAYS_KEPT + DAYS_MORE) * TURNS_A_DAY)).await);
    copy(&draft, path);
    let turns: f64 = hosts.iter().map(|host| host.turn as f64).sum();
    let floor = hosts.iter().map(|host| host.bits).sum::<f64>() / turns / 8.0;
    println!("{rate} {floor}");
    for bytes in sizes {
        println!("{bytes}");
    }
    place.close().expect("a directory that goes");
    std::process::abort();
}

/// Checks until this turn, four hours at a time; how many a second.
async fn import(store: &Store, hosts: &mut [Host], last: u64) -> f64 {
    store.import(hosts.iter().map(|host| target(host.id)).collect()).await.expect("an import");
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
        tokio::time::sleep(REST).await;
    }
    store.flush().await.expect("a flush");
    life::rest().await;
    count as f64 / spent.as_secs_f64()
}
