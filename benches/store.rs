//! What a history costs: bytes beside the entropy floor, bytes on disk, time to fill, open and ask it.
//!
//! `cargo bench --bench store` takes about a minute with 100 targets; `PORTPULSE_TARGETS=1000` gives
//! the full figures. Trust bytes and ratios; times depend on who else uses the machine.

#![expect(clippy::print_stdout, reason = "a benchmark is there to print")]

#[path = "store/workload.rs"]
mod workload;

#[path = "store/travel.rs"]
mod travel;

use portpulse::domain::{
    Address, CatalogEntry, Definition, Endpoint, EndpointId, Family, Handshake, Record, Span, Target, TargetId,
    VantageId, Wall,
};
use portpulse::store::{Bounds, Depth, Options, Store, Survey, open};
use std::path::Path;
use std::time::{Duration, Instant};
use workload::{Host, INTERVAL, START};

/// How long checks are kept.
const DAYS_KEPT: u32 = 31;
/// How many days more are lived through, with pruning, so that space is used again.
const DAYS_MORE: u32 = 3;
/// Turns from one import to the next: as many as a chunk holds.
const TURNS_AT_ONCE: u32 = 240;
const TURNS_A_DAY: u32 = 1_440;
/// How many checks are imported at once.
const CHECKS_AT_ONCE: usize = 120_000;
/// sled collects garbage twice a second, for a quarter of a second at most.
const REST: Duration = Duration::from_millis(60);

fn target(id: u32) -> Record {
    let address: Address = format!("host-{id}.example:80").parse().expect("an address");
    let (family, handshake) = (Family::Auto, Handshake::Silent);
    let endpoint = Endpoint { address, family, timeout: Duration::from_secs(10), handshake };
    let definition = Definition::new(format!("target {id}"), endpoint);
    let target = Target { id: TargetId(id), endpoint_ids: vec![EndpointId(id)], definition };
    Record::Target(CatalogEntry { target, added_at: START, removed_at: None, paused_at: None })
}

fn size(path: &Path) -> u64 {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => size(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}

async fn survey(store: &Store) -> Survey {
    let mut survey = Survey::new(Depth::Heads);
    while !survey.is_done() {
        survey = store.read(move |reader| reader.survey(survey)).await.expect("an answer").expect("an answer");
    }
    survey
}

/// Lives through some days; gives the time that the store took.
async fn live(store: &Store, hosts: &mut [Host], days: u32) -> Duration {
    let mut spent = Duration::ZERO;
    for _ in 0..days * TURNS_A_DAY / TURNS_AT_ONCE {
        for hosts in hosts.chunks_mut(CHECKS_AT_ONCE / TURNS_AT_ONCE as usize) {
            let checks = hosts.iter_mut().flat_map(|host| (0..TURNS_AT_ONCE).map(|_| Record::Check(host.check())));
            let checks = checks.collect();
            let before = Instant::now();
            store.import(checks).await.expect("an import");
            spent += before.elapsed();
        }
        tokio::time::sleep(REST).await;
    }
    spent
}

/// The middle one of several times.
async fn time_to_ask(store: &Store, span: Span, targets: u32) -> (Duration, usize) {
    let mut times = Vec::new();
    let mut count = 0;
    for turn in 0..21 {
        let endpoint = EndpointId(turn * 7 % targets);
        let question = store.read(move |reader| {
            let before = Instant::now();
            let checks = reader.checks(endpoint, VantageId::HERE, span)?;
            Ok((before.elapsed(), checks.len()))
        });
        let (time, checks) = question.await.expect("an answer").expect("an answer");
        times.push(time);
        count = count.max(checks);
    }
    times.sort_unstable();
    (times[times.len() / 2], count)
}

async fn report(store: &Store, path: &Path, hosts: &[Host], what: &str) {
    let found = survey(store).await;
    let checks = found.checks as f64;
    let chunks = found.count_of("chunk");
    let coded = found.bytes_of("chunk") as f64 / checks;
    let turns: f64 = hosts.iter().map(|host| host.turn as f64).sum();
    let floor = hosts.iter().map(|host| host.bits).sum::<f64>() / turns / 8.0;
    println!(
        "  {what}: {checks:.0} checks in {chunks} chunks, coded {coded:.3} B a check | floor {floor:.3} | ratio {:.3}; \
         on disk {:.2} B a check",
        coded / floor,
        size(path) as f64 / checks
    );
}

async fn ask(store: &Store, end: Wall, targets: u32) {
    for weeks in [1, 2, 3] {
        let span = Span::before(end - Duration::from_hours(24) * 7 * weeks, INTERVAL);
        let question = store.read(move |reader| {
            let before = Instant::now();
            let mut count = 0;
            for id in 0..targets {
                count += reader.checks(EndpointId(id), VantageId::HERE, span)?.len();
            }
            Ok((before.elapsed(), count))
        });
        let (time, count) = question.await.expect("an answer").expect("an answer");
        println!("  one minute of every target, {weeks} weeks ago: {time:.1?} for {count} checks");
    }
    for (name, days) in [("24 h", 1), ("31 d", DAYS_KEPT)] {
        let span = Span::before(end, Duration::from_hours(24) * days);
        let (time, count) = time_to_ask(store, span, targets).await;
        println!(
            "  {name} of one target: {time:.1?} for {count} checks, {:.1} M a second",
            count as f64 / time.as_secs_f64() / 1e6
        );
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let targets: u32 = std::env::var("PORTPULSE_TARGETS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let mut hosts: Vec<Host> = (0..targets).map(Host::new).collect();
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("history");

    println!("{targets} targets, {DAYS_KEPT} days, every minute");
    let opened = open(&path, Options::default()).expect("a store");
    let store = opened.store;
    store.import((0..targets).map(target).collect()).await.expect("an import");
    let spent = live(&store, &mut hosts, DAYS_KEPT).await;
    let count = f64::from(targets * DAYS_KEPT * TURNS_A_DAY);
    println!("  taken in at {:.0} checks a second", count / spent.as_secs_f64());
    report(&store, &path, &hosts, "after a month").await;
    let month = INTERVAL * (DAYS_KEPT * TURNS_A_DAY);
    ask(&store, START + month, targets).await;

    for day in 1..=DAYS_MORE {
        live(&store, &mut hosts, 1).await;
        let end = START + INTERVAL * ((DAYS_KEPT + day) * TURNS_A_DAY);
        store.prune(Bounds { checks: Some(end - month), ..Bounds::default() });
        store.flush().await.expect("a flush");
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    report(&store, &path, &hosts, "after three days more").await;

    let before = Instant::now();
    store.close().await.expect("a clean end");
    println!("  closed in {:.1?}", before.elapsed());
    for turn in ["first", "second"] {
        let before = Instant::now();
        let opened = open(&path, Options::default()).expect("a store");
        println!("  {turn} open in {:.1?}", before.elapsed());
        opened.store.close().await.expect("a clean end");
    }
    travel::travel(&path, targets).await;
}
