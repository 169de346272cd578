//! Every figure of the history with its goal, in one run: bytes, start, memory, questions, rates, pauses.
//!
//! `cargo bench --bench store` takes some minutes with 100 targets; `PORTPULSE_TARGETS=1000` gives the full
//! figures and takes about ten. With `--features yardstick`, `SQLite` is measured beside it. Trust bytes and ratios;
//! times depend on who else uses the machine.

#![expect(clippy::print_stdout, reason = "a benchmark is there to print")]

#[path = "store/fill.rs"]
mod fill;
#[path = "store/life.rs"]
mod life;
#[path = "store/load.rs"]
mod load;
#[path = "store/questions.rs"]
mod questions;
#[cfg(feature = "yardstick")]
#[path = "store/sqlite.rs"]
mod sqlite;
#[path = "store/start.rs"]
mod start;
#[path = "store/travel.rs"]
mod travel;
#[path = "store/workload.rs"]
mod workload;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long checks are kept.
const DAYS_KEPT: u32 = 31;
/// How many days more are lived through second by second, with pruning: so many that nothing is left of what was
/// imported, for what is written among the journal, and moved with it, lies in the file as nothing else does.
const DAYS_MORE: u32 = 31;
const TURNS_A_DAY: u32 = 1_440;
/// In which variable a child process finds what it has to do: a word, a directory, and a number or a word.
const PART: &str = "PORTPULSE_BENCH_PART";

/// Prints a figure, and what it should be.
fn say(name: &str, measured: &str, goal: &str) {
    println!("  {name:<58} {measured:>26}   {goal}");
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
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

/// Has another process do something with a directory; gives the numbers that it prints, ended well or not.
fn part(word: &str, path: &Path, argument: &str, targets: u32) -> Vec<f64> {
    let program = std::env::current_exe().expect("our own path");
    let done = Command::new(program)
        .env(PART, format!("{word}\n{}\n{argument}", path.display()))
        .env("PORTPULSE_TARGETS", targets.to_string())
        .output()
        .expect("a child");
    let text = String::from_utf8_lossy(&done.stdout);
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert!(!numbers.is_empty(), "{word}: {text} {}", String::from_utf8_lossy(&done.stderr));
    numbers
}

async fn do_part(part: &str, targets: u32) {
    let words: Vec<&str> = part.lines().collect();
    let [word, path, argument] = words[..] else { panic!("{part}") };
    match word {
        "fill" => fill::fill(Path::new(path), targets).await,
        "start" => start::start(Path::new(path), targets, argument).await,
        "load" => load::live(Path::new(path), argument.parse().expect("a rate")).await,
        _ => panic!("{part}"),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let targets: u32 = std::env::var("PORTPULSE_TARGETS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    if let Ok(part) = std::env::var(PART) {
        return do_part(&part, targets).await;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("history");
    println!("{targets} targets, {DAYS_KEPT} days imported and {DAYS_MORE} more lived through, a check every minute");

    // Its first run ends with a kill: nothing says where things are but the log, which is all of the file.
    let before = Instant::now();
    let filled = part("fill", &path, "-", targets);
    say("import, checks a second", &format!("{:.0}", filled[0]), "");
    let lived: Vec<String> = filled[2..].iter().map(|bytes| format!("{:.0}", bytes / 1e6)).collect();
    println!("  (MB after {DAYS_KEPT} days imported, and after each day lived: {})", lived.join(" "));
    println!("  (filled in {:.0?})", before.elapsed());
    // An engine lives in the present, to which all of this is long past: questions come before it.
    let asked = directory.path().join("asked");
    start::copy(&path, &asked);
    questions::ask(&asked, targets).await;
    let coded = start::starts(directory.path(), &path, targets, filled[1]).await;
    println!("  ({} bytes a chunk)", coded.bytes / coded.chunks.max(1));
    travel::travel(&path, targets).await;
    load::loads(directory.path(), targets).await;
    #[cfg(feature = "yardstick")]
    sqlite::beside(directory.path(), targets, &coded);
    #[cfg(not(feature = "yardstick"))]
    println!("  (SQLite beside it: --features yardstick)");
}
