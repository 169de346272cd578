//! Time travel: how long the whole table of 1,000 targets as it was at some moment takes.

use super::{START, check, say, target};
use portpulse::domain::{Record, Wall};
use portpulse::engine::query::Depth;
use portpulse::engine::{self, Answer, History, Ports, Query, clock};
use portpulse::monitor::{Monitor, Recording, Settings};
use portpulse::probe;
use portpulse::store::{Options, open};
use std::path::Path;
use std::time::{Duration, Instant};

const TARGETS: u32 = 1_000;
/// What lies before and after the day of the moment is not read.
const DAYS: u64 = 3;
const MOMENTS: u64 = 20;

/// Fills a store, opens it again, and asks for moments all over its span.
pub async fn travel(path: &Path) {
    say(&format!("time travel of {TARGETS} targets, {DAYS} days, every minute"));
    let mut random = fastrand::Rng::with_seed(1);
    let opened = open(path, Options::default()).expect("a store");
    for id in 0..TARGETS {
        let mut records = vec![target(id)];
        records.extend((0..DAYS * 24 * 60).map(|minute| Record::Check(check(&mut random, id, minute))));
        opened.store.import(records).await.expect("an import");
    }
    opened.store.close().await.expect("a clean end");

    let opened = open(path, Options::default()).expect("a store");
    let (prober, _far) = probe::pair();
    let history =
        History { store: opened.store, statuses: opened.statuses, notes: opened.notes, well: Recording::Recording };
    let mut wanted = Vec::new();
    let clock = clock::system;
    // Nothing is declared, so nothing is checked and all targets count as removed now.
    let monitor = Monitor::new(clock(), Settings::default(), Vec::new(), opened.resumed, &mut wanted);
    let ports = Ports { prober, history: Some(history), keeper: None };
    let (handle, _thread) = engine::spawn(monitor, wanted, ports, clock).expect("an engine");
    for (name, depth) in [("states", Depth::States), ("with the strips of the day", Depth::Days)] {
        let mut times = Vec::new();
        for moment in 0..MOMENTS {
            let at: Wall = START + Duration::from_mins(24 * 60 + moment * (DAYS - 1) * 24 * 60 / MOMENTS);
            let before = Instant::now();
            let answer = handle.query(Query::AsOf(at, depth)).await.expect("an answer");
            times.push(before.elapsed());
            let Answer::AsOf(found) = answer else { panic!("{answer:?}") };
            assert_eq!(found.picture.map(|picture| picture.targets.len()), Some(TARGETS as usize));
        }
        times.sort_unstable();
        let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
        say(&format!("  {name}: median {median:?}, worst {worst:?} of {MOMENTS} (goal 100 ms)"));
    }
    handle.stop().await.expect("it runs").expect("nothing is unsaved");
}
