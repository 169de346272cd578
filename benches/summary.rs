//! What summaries cost and save: bytes, time to sum up, time to ask, time to start with a month of a thousand targets.

use portpulse::domain::{
    Address, CatalogEntry, Check, Clocked, Closing, Definition, Endpoint, EndpointId, Failure, Family, Handshake,
    Outage, OutageId, Outcome, Place, Reason, Record, Span, Target, TargetId, Timing, VantageId, Wall,
};
use portpulse::store::{Bounds, Options, ReadError, Reader, Store, open};
use portpulse::window::{columns_of_hours, summary_of_hours};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// A midnight of UTC.
const START: Wall = Wall(1_749_945_600_000);
const MINUTE: i64 = 60_000;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Latencies as they are: a base of its own for each target, drift, noise, spikes, a few failures.
fn check(random: &mut fastrand::Rng, id: u32, at: Wall) -> Check {
    let minute = (at.0 - START.0) / MINUTE;
    let base = [400.0, 9_000.0, 24_000.0, 120_000.0][id as usize % 4] * (1.0 + f64::from(id % 50) / 100.0);
    let drift = 1.0 + 0.05 * (minute as f64 / 700.0).sin();
    let noise = 1.0 + 0.04 * (random.f64() + random.f64() + random.f64() - 1.5);
    let spike = if random.u8(..) < 3 { 4.0 } else { 1.0 };
    let connect = Duration::from_micros((base * drift * noise * spike) as u64);
    let outcome = if (minute / 50 + i64::from(id)) % 400 == 0 {
        let after = Duration::from_micros(random.u64(200..900));
        let (reason, place, errno) = (Reason::Refused, Place::Later, Some(111));
        Outcome::Failed(Failure { reason, place, errno, name: None, after, syn_lost: 0 })
    } else {
        Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 })
    };
    let dns = id.is_multiple_of(2).then(|| Duration::from_micros(random.u64(150..600)));
    let address = Some([10, 0, (id >> 8) as u8, id as u8].into());
    Check { endpoint: EndpointId(id), vantage: VantageId::HERE, at, outcome, dns, address, tried: 1, answered: 1 }
}

fn target(id: u32) -> Record {
    let address: Address = format!("host-{id}.example:80").parse().expect("an address");
    let (family, handshake) = (Family::Auto, Handshake::Silent);
    let endpoint = Endpoint { family, timeout: Duration::from_secs(10), handshake, ..Endpoint::new(address) };
    let definition = Definition::new(format!("target {id}"), endpoint);
    let target = Target::plain(TargetId(id), EndpointId(id), definition);
    Record::Target(CatalogEntry { target, added_at: START, removed_at: None, paused_at: None })
}

fn outage(id: u64, target: u32, from: Wall) -> Record {
    let ended_at = from + Duration::from_mins(20);
    Record::Outage(Outage {
        id: OutageId(id),
        target: TargetId(target),
        name: format!("target {target}"),
        started_at: from,
        detected_at: from,
        last_failure_at: ended_at,
        closing: Some(Closing::Recovered { ended_at, confirmed_at: ended_at }),
        reason: Reason::Refused,
        failures: [20, 0, 0, 0, 0, 0, 0, 0],
        inconclusive: 0,
        unobserved: Duration::ZERO,
    })
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

async fn timed<T: Send + 'static>(
    store: &Store,
    what: &str,
    question: impl Fn(&Reader<'_>) -> Result<T, ReadError> + Clone + Send + 'static,
) -> T {
    let mut best = Duration::MAX;
    let mut first = Duration::ZERO;
    let mut last = None;
    for turn in 0..5 {
        let question = question.clone();
        let (answer, took) = store
            .read(move |reader| {
                let before = Instant::now();
                let answer = question(reader)?;
                Ok((answer, before.elapsed()))
            })
            .await
            .expect("an answer")
            .expect("an answer");
        if turn == 0 {
            first = took;
        }
        best = best.min(took);
        last = Some(answer);
    }
    say(&format!("  {what}: first {first:?}, best {best:?}"));
    last.expect("an answer")
}

async fn questions(store: &Store, now: Wall) {
    let month = Span::before(now, Duration::from_hours(744));
    let strips =
        timed(store, "overview of all, 31 d in 62 cells", move |r| r.overview(month, 62, month.from, now)).await;
    say(&format!("    {} targets", strips.0.len()));
    timed(store, "overview of all, 7 d in 56 cells", move |r| {
        let week = Span::before(now, Duration::from_hours(168));
        r.overview(week, 56, week.from, now)
    })
    .await;
    timed(store, "31 d of one target: hours, 190 columns, figures, uptimes", move |r| {
        let hours = r.hours(EndpointId(7), VantageId::HERE, month)?;
        let drawn = (columns_of_hours(&hours, month, 190), summary_of_hours(&hours, month));
        Ok((drawn, r.uptimes(TargetId(7), month)?))
    })
    .await;
    let day = Span::before(now, Duration::from_hours(24));
    timed(store, "today's raw checks of one target", move |r| r.checks(EndpointId(7), VantageId::HERE, day)).await;
    let outages = timed(store, "outages of a day", move |r| r.outages(day)).await;
    say(&format!("    {} of them", outages.len()));
    let outages = timed(store, "outages of 31 days", move |r| r.outages(month)).await;
    say(&format!("    {} of them", outages.len()));
}

fn drop_caches() -> bool {
    let _ = std::process::Command::new("sync").status();
    std::fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}

/// A month of many targets, imported; then summed up, asked, closed, opened.
async fn month(path: &Path, targets: u32, days: i64) {
    let count = u64::from(targets) * days.unsigned_abs() * 1_440;
    say(&format!("{targets} targets, {days} days, every minute: {count} checks"));
    let mut random = fastrand::Rng::with_seed(1);
    let opened = open(path, Options::default()).expect("a store");
    let store = opened.store;
    for id in 0..targets {
        let moments = (0..days * 1_440).map(|n| Wall(START.0 + n * MINUTE + i64::from(id % 60) * 997));
        let mut records = vec![target(id)];
        records.extend(moments.map(|at| Record::Check(check(&mut random, id, at))));
        for n in 0..6 {
            let from = START + Duration::from_hours(u64::from(id % 24) + n * 120);
            records.push(outage(u64::from(id) * 10 + n + 1, id, from));
        }
        store.import(records).await.expect("an import");
    }
    // The last day has just ended.
    let now = Wall(START.0 + days * 1_440 * MINUTE);
    let raw = size(path);
    say(&format!("  raw: {:.2} bytes a check on disk", raw as f64 / count as f64));
    store.save(vec![Record::Alive(now + Duration::from_mins(11))]);
    let before = Instant::now();
    store.flush().await.expect("a flush");
    let summed = before.elapsed();
    let each = summed.as_secs_f64() * 1e6 / f64::from(targets) / days as f64;
    say(&format!("  summing up: {summed:?}, {each:.0} us for each target and day"));
    say(&format!("  with summaries: {:.2} bytes a check on disk", size(path) as f64 / count as f64));
    questions(&store, now).await;
    let before = Instant::now();
    store.close().await.expect("a clean end");
    say(&format!("  close: {:?}", before.elapsed()));
    for what in ["first open, cold files", "again, warm", "again, cold files"] {
        if what.ends_with("cold files") && !drop_caches() {
            say("  (the files stay in the cache: only root can drop it)");
        }
        let before = Instant::now();
        let opened = open(path, Options::default()).expect("a store");
        say(&format!("  {what}: {:?}", before.elapsed()));
        let before = Instant::now();
        opened.store.close().await.expect("a clean end");
        say(&format!("  close: {:?}", before.elapsed()));
    }
}

/// Ninety days with a month of retention, pruned every hour: does the directory stop growing?
async fn ninety_days(path: &Path, targets: u32, days: i64) {
    say(&format!("{targets} targets, {days} days, every minute, 31 days kept, pruned every hour"));
    let mut random = fastrand::Rng::with_seed(2);
    let store = open(path, Options::default()).expect("a store").store;
    store.save((0..targets).map(target).collect());
    let pause = Duration::from_millis(number("PORTPULSE_IDLE_MS", 5));
    for hour in 0..days * 24 {
        for minute in 0..60 {
            let at = Wall(START.0 + (hour * 60 + minute) * MINUTE);
            let mut batch: Vec<Record> = (0..targets).map(|id| Record::Check(check(&mut random, id, at))).collect();
            if minute == 0 {
                let id = random.u32(0..targets);
                batch.push(outage(hour.unsigned_abs() + 1, id, at));
            }
            batch.push(Record::Alive(at));
            store.save(batch);
        }
        let now = Wall(START.0 + (hour + 1) * 60 * MINUTE);
        let month = Some(now - Duration::from_hours(744));
        let summaries = Some(now - Duration::from_hours(400 * 24));
        store.prune(Bounds { checks: month, outages: month, summaries, ..Bounds::default() });
        store.flush().await.expect("a flush");
        tokio::time::sleep(pause).await;
        if hour % (24 * 10) == 24 * 10 - 1 {
            let checks = u64::from(targets) * 1_440 * (hour.unsigned_abs() / 24 + 1).min(31);
            let bytes = size(path);
            let each = bytes as f64 / checks as f64;
            say(&format!("  day {}: {bytes} bytes, {each:.2} for each check kept", hour / 24 + 1));
        }
    }
    store.close().await.expect("a clean end");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let directory = tempfile::tempdir().expect("a directory");
    let targets = number("PORTPULSE_TARGETS", 200) as u32;
    let days = number("PORTPULSE_DAYS", 31).cast_signed();
    month(&directory.path().join("month"), targets, days).await;
    let targets = number("PORTPULSE_TARGETS_90", 20) as u32;
    if targets > 0 {
        ninety_days(&directory.path().join("ninety"), targets, 90).await;
    }
}
