//! How long it takes from nothing to the first full dashboard, how much memory that needs, and what is on disk.

use super::fill::{definition, end};
use super::{median, millis, part, say, size};
use portpulse::domain::{Now, Wall};
use portpulse::engine::{self, Answer, History, Ports, Query, clock};
use portpulse::monitor::{Monitor, Recording, Settings};
use portpulse::probe;
use portpulse::store::{Depth, Options, Store, Survey, open};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const MONTH: Duration = Duration::from_hours(31 * 24);
const CELLS: u16 = 62;
const TIMES: usize = 5;

/// A clock that begins a minute after the history ends.
fn present() -> Now {
    static BEGAN: OnceLock<Wall> = OnceLock::new();
    let now = clock::system();
    let began = *BEGAN.get_or_init(|| now.wall);
    Now { wall: end() + Duration::from_mins(1) + now.wall.since(began), ..now }
}

/// What is in the chunks.
pub struct Coded {
    pub chunks: u64,
    pub bytes: u64,
}

/// Opens the store, starts an engine on it and asks for 31 days of all targets, as the dashboard does. Prints the
/// milliseconds of the opening and of all of it, and the memory in MB.
pub async fn start(path: &Path, targets: u32, ending: &str) {
    let before = Instant::now();
    let opened = open(path, Options::default()).expect("a store");
    let opening = before.elapsed();
    assert!(opened.notes.is_empty(), "{:?}", opened.notes);
    let recent: usize = opened.resumed.recent.iter().map(|(_, checks)| checks.len()).sum();
    assert_eq!(recent, targets as usize * 30);
    let (prober, _far) = probe::pair();
    let history =
        History { store: opened.store, statuses: opened.statuses, notes: opened.notes, well: Recording::Recording };
    let mut wanted = Vec::new();
    let declared = (0..targets).map(definition).collect();
    let monitor = Monitor::new(present(), Settings::default(), declared, opened.resumed, &mut wanted);
    let ports = Ports { prober, history: Some(history), keeper: None };
    let (handle, _thread) = engine::spawn(monitor, wanted, ports, present).expect("an engine");
    let views = handle.snapshots().borrow().targets.len();
    let overview = Query::Overview { at: end(), length: MONTH, cells: CELLS };
    let answer = handle.query(overview).await.expect("an answer");
    let all = before.elapsed();
    assert!(matches!(answer, Answer::Overview(_)), "{answer:?}");
    assert_eq!(views, targets as usize);
    println!("{} {} {}", opening.as_secs_f64() * 1e3, all.as_secs_f64() * 1e3, memory());
    if ending == "kill" {
        std::process::abort();
    }
    let before = Instant::now();
    // That closes the store too.
    handle.stop().await.expect("a running engine").expect("a clean end");
    println!("{}", before.elapsed().as_secs_f64() * 1e3);
}

/// Resident memory in MB.
pub fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1_024.0
}

/// Takes files out of the cache of the system, if that is allowed.
pub fn cool() -> &'static str {
    rustix::fs::sync();
    if std::fs::write("/proc/sys/vm/drop_caches", "3").is_ok() { "cold files" } else { "files in the cache, no root" }
}

pub fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    let done = std::process::Command::new("cp").arg("-a").args([from, to]).status().expect("cp");
    assert!(done.success());
}

async fn survey(store: &Store) -> Survey {
    let mut survey = Survey::new(Depth::Heads);
    while !survey.is_done() {
        survey = store.read(move |reader| reader.survey(survey)).await.expect("an answer").expect("an answer");
    }
    survey
}

/// Starts after a kill and after a clean end, with cold files and warm ones; then looks what is there.
pub async fn starts(directory: &Path, path: &Path, targets: u32, floor: f64) -> Coded {
    let killed = directory.join("killed");
    for temperature in ["warm", "cold"] {
        let mut whole = Vec::new();
        let mut kind = "warm";
        for _ in 0..3 {
            copy(path, &killed);
            rustix::fs::sync();
            if temperature == "cold" {
                kind = cool();
            }
            whole.push(Duration::from_secs_f64(part("start", &killed, "kill", targets)[1] / 1e3));
        }
        let goal = if temperature == "cold" { "goal 500 ms" } else { "" };
        let name = format!("dashboard after a kill, {kind}, median of 3 (all log)");
        say(&name, &millis(median(whole)), goal);
    }
    let first = part("start", path, "close", targets);
    say("quitting after that, with sled's snapshot", &format!("{:.1} ms", first[3]), "at most 300 ms");
    let (mut opening, mut whole, mut ends, mut memory) = (Vec::new(), Vec::new(), Vec::new(), 0.0_f64);
    for _ in 0..TIMES {
        let numbers = part("start", path, "close", targets);
        opening.push(Duration::from_secs_f64(numbers[0] / 1e3));
        whole.push(Duration::from_secs_f64(numbers[1] / 1e3));
        ends.push(Duration::from_secs_f64(numbers[3] / 1e3));
        memory = memory.max(numbers[2]);
    }
    let least = whole.iter().min().copied().unwrap_or_default();
    say("dashboard after a clean end, median of 5", &millis(median(whole)), "goal 50 ms");
    say("the same, least", &millis(least), "");
    say("of that, the store", &millis(median(opening)), "");
    say("quitting, median of 5", &millis(median(ends)), "");
    say("memory with store, monitor and engine, no screen", &format!("{memory:.1} MB"), "goal 80 MB for all");
    let cold: Vec<Duration> = (0..3)
        .map(|_| {
            cool();
            Duration::from_secs_f64(part("start", path, "close", targets)[1] / 1e3)
        })
        .collect();
    say(&format!("dashboard after a clean end, {}, median of 3", cool()), &millis(median(cold)), "");
    report(path, floor).await
}

async fn report(path: &Path, floor: f64) -> Coded {
    let store = open(path, Options::default()).expect("a store").store;
    let found = survey(&store).await;
    let (chunks, bytes) = (found.count_of("chunk"), found.bytes_of("chunk"));
    store.close().await.expect("a clean end");
    let per_check = bytes as f64 / found.checks as f64;
    say("checks kept", &format!("{}", found.checks), "");
    say("bytes on disk a check", &format!("{:.2} B", size(path) as f64 / found.checks as f64), "goal 7");
    let content = found.shelves.iter().filter(|shelf| shelf.bytes > 1 << 20);
    let content: Vec<String> = content.map(|shelf| format!("{} {}", shelf.name, shelf.bytes >> 20)).collect();
    println!("  (MB of values in it: {})", content.join(", "));
    say(
        &format!("coded size a check (entropy floor {floor:.3} B)"),
        &format!("{per_check:.3} B, {:.3} x", per_check / floor),
        "goal 1.15 x",
    );
    Coded { chunks, bytes }
}
