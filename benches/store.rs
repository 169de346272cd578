//! What a history costs: bytes on disk, time to seed it, time to open it, time to ask it.

#[path = "store/travel.rs"]
mod travel;

use portpulse::domain::{
    Address, CatalogEntry, Check, Clocked, Definition, Endpoint, EndpointId, Failure, Family, Handshake, Outcome,
    Place, Reason, Record, Span, Target, TargetId, Timing, VantageId, Wall,
};
use portpulse::store::{Options, open};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

const START: Wall = Wall(1_750_000_000_000);
const TARGETS: u32 = 50;
const MINUTES: u64 = 31 * 24 * 60;

/// Latencies as they are: a base of its own for each target, drift, noise, spikes, a few failures.
fn check(random: &mut fastrand::Rng, id: u32, minute: u64) -> Check {
    let base = [400.0, 9_000.0, 24_000.0, 120_000.0][id as usize % 4] * (1.0 + f64::from(id) / 100.0);
    let drift = 1.0 + 0.05 * (minute as f64 / 700.0).sin();
    let noise = 1.0 + 0.04 * (random.f64() + random.f64() + random.f64() - 1.5);
    let spike = if random.u8(..) < 3 { 4.0 } else { 1.0 };
    let connect = Duration::from_micros((base * drift * noise * spike) as u64);
    let outcome = if (minute / 50 + u64::from(id)).is_multiple_of(400) {
        let after = Duration::from_micros(random.u64(200..900));
        let (reason, place, errno) = (Reason::Refused, Place::Later, Some(111));
        Outcome::Failed(Failure { reason, place, errno, name: None, after, syn_lost: 0 })
    } else {
        Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 })
    };
    let dns = id.is_multiple_of(2).then(|| Duration::from_micros(random.u64(150..600)));
    let at = START + Duration::from_millis(minute * 60_000 + u64::from(id) * 997 + random.u64(0..3));
    let address = Some([10, 0, 0, id as u8].into());
    Check { endpoint: EndpointId(id), vantage: VantageId::HERE, at, outcome, dns, address, tried: 1, answered: 1 }
}

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

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

async fn ask_and_open(path: &Path, count: u64) {
    say(&format!("  on disk: {:.2} bytes a check", size(path) as f64 / count as f64));
    for turn in ["first", "second"] {
        let before = Instant::now();
        let opened = open(path, Options::default()).expect("a store");
        let opening = before.elapsed();
        let end = START + Duration::from_mins(MINUTES);
        for (name, length) in [("24 h", Duration::from_hours(24)), ("31 d", Duration::from_hours(744))] {
            let span = Span::before(end, length);
            let before = Instant::now();
            let question = opened.store.read(move |reader| reader.checks(EndpointId(7), VantageId::HERE, span));
            let checks = question.await.expect("an answer").expect("an answer");
            say(&format!(
                "  {turn} open {opening:?}; {name} of one target: {:?} for {} checks",
                before.elapsed(),
                checks.len()
            ));
        }
        let before = Instant::now();
        opened.store.close().await.expect("a clean end");
        say(&format!("  close {:?}", before.elapsed()));
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let count = u64::from(TARGETS) * MINUTES;
    let mut random = fastrand::Rng::with_seed(1);
    let directory = tempfile::tempdir().expect("a directory");
    travel::travel(&directory.path().join("travel")).await;
    if std::env::args().any(|argument| argument == "travel") {
        return;
    }

    say(&format!("imported: {TARGETS} targets, 31 days, every minute: {count} checks"));
    let path = directory.path().join("imported");
    let opened = open(&path, Options::default()).expect("a store");
    let mut spent = Duration::ZERO;
    for id in 0..TARGETS {
        let mut records = vec![target(id)];
        records.extend((0..MINUTES).map(|minute| Record::Check(check(&mut random, id, minute))));
        let before = Instant::now();
        opened.store.import(records).await.expect("an import");
        spent += before.elapsed();
    }
    say(&format!("  {:.0} checks a second", count as f64 / spent.as_secs_f64()));
    opened.store.close().await.expect("a clean end");
    ask_and_open(&path, count).await;

    say("saved as they come, twenty minutes to a sync");
    let path = directory.path().join("saved");
    let opened = open(&path, Options::default()).expect("a store");
    let before = Instant::now();
    opened.store.save((0..TARGETS).map(target).collect());
    for minute in 0..MINUTES {
        let at = START + Duration::from_mins(minute);
        let checks = (0..TARGETS).map(|id| Record::Check(check(&mut random, id, minute)));
        opened.store.save(checks.chain([Record::Alive(at)]).collect());
        if minute % 20 == 19 {
            opened.store.flush().await.expect("a flush");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    opened.store.close().await.expect("a clean end");
    say(&format!("  {:.0} checks a second", count as f64 / before.elapsed().as_secs_f64()));
    ask_and_open(&path, count).await;
}
