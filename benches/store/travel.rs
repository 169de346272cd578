//! Time travel: how long the whole table as it was at some moment takes.

use super::workload::{INTERVAL, START};
use super::{DAYS_KEPT, DAYS_MORE, TURNS_A_DAY};
use portpulse::engine::query::Depth;
use portpulse::engine::{self, Answer, History, Ports, Query, clock};
use portpulse::monitor::{Monitor, Recording, Settings};
use portpulse::probe;
use portpulse::store::{Options, open};
use std::path::Path;
use std::time::{Duration, Instant};

const MOMENTS: u32 = 30;

/// Asks for moments all over the history in this directory.
pub async fn travel(path: &Path, targets: u32) {
    let opened = open(path, Options::default()).expect("a store");
    let (prober, _far) = probe::pair();
    let history =
        History { store: opened.store, statuses: opened.statuses, notes: opened.notes, well: Recording::Recording };
    let mut wanted = Vec::new();
    // Nothing is declared, so nothing is checked, and all targets are removed today.
    let monitor = Monitor::new(clock::system(), Settings::default(), Vec::new(), opened.resumed, &mut wanted);
    let ports = Ports { prober, history: Some(history), keeper: None };
    let (handle, _thread) = engine::spawn(monitor, wanted, ports, clock::system).expect("an engine");
    for (name, depth) in [("states and latencies", Depth::States), ("with the strips of the day", Depth::Days)] {
        let mut times: Vec<Duration> = Vec::new();
        for moment in 1..=MOMENTS {
            let turn = (DAYS_MORE + 1) * TURNS_A_DAY + moment * (DAYS_KEPT - 1) * TURNS_A_DAY / MOMENTS;
            let at = START + INTERVAL * turn;
            let before = Instant::now();
            let answer = handle.query(Query::AsOf(at, depth)).await.expect("an answer");
            times.push(before.elapsed());
            let Answer::AsOf(found) = answer else { panic!("{answer:?}") };
            assert_eq!(found.picture.map(|picture| picture.targets.len()), Some(targets as usize));
        }
        times.sort_unstable();
        let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
        println!("  the whole table as it was, {name}: median {median:.1?}, worst {worst:.1?} of {MOMENTS}");
    }
    // The history is a copy that nobody needs any more.
    let _ = handle.stop().await;
}
