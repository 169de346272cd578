//! The real program on a pseudo-terminal with 1,000 targets and a day of history: first frame, and key to first byte.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "../tests/support/home.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod home;
#[path = "../tests/support/pty.rs"]
mod pty;

use home::Home;
use portpulse::config;
use portpulse::domain::record::CatalogEntry;
use portpulse::domain::{Check, Clocked, EndpointId, Outcome, Record, Target, TargetId, Timing, VantageId, Wall};
use portpulse::engine::clock;
use portpulse::store::{self, Options};
use pty::DEADLINE;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::time::{Duration, Instant};

const TARGETS: u32 = 1_000;
const STARTS: usize = 15;
const KEYS: usize = 100;
const DAY_MINUTES: u32 = 24 * 60;

/// A configuration of targets on loopback that all answer.
fn configuration(port: u16) -> String {
    let mut text = String::new();
    for number in 0..TARGETS {
        let (third, fourth) = (number / 250, number % 250 + 1);
        writeln!(text, "[[target]]\nname = \"target-{number:04}\"\naddress = \"127.7.{third}.{fourth}:{port}\"")
            .expect("a string");
    }
    text
}

/// A day of checks of every target, as if portpulse had run until now.
fn history(home: &Home) {
    let loaded = config::load(&home.configuration()).expect("a good configuration");
    let now = clock::system().wall;
    let mut records = vec![Record::Alive(now)];
    for (number, definition) in (1..).zip(loaded.declared.targets) {
        let target = Target::plain(TargetId(number), EndpointId(number), definition);
        let added_at = now - Duration::from_hours(24);
        records.push(Record::Target(CatalogEntry { target, added_at, removed_at: None, paused_at: None }));
        records.extend((0..DAY_MINUTES).map(|minute| Record::Check(check(number, minute, now))));
    }
    let opened = store::open(&home.path().join("data/portpulse"), Options::default()).expect("a store");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        opened.store.import(records).await.expect("a day of history");
        opened.store.close().await.expect("a saved history");
    });
}

fn check(number: u32, minute: u32, now: Wall) -> Check {
    let micros = 200 + u64::from((number * 7 + minute * 13) % 900);
    let timing = Timing { connect: Duration::from_micros(micros), clocked: Clocked::Kernel, syn_lost: 0 };
    let age = Duration::from_mins(u64::from(DAY_MINUTES - minute));
    let phase = Duration::from_millis(u64::from(number % 1_000) * 60);
    Check {
        endpoint: EndpointId(number),
        vantage: VantageId::HERE,
        at: now - age + phase,
        outcome: Outcome::Open(timing),
        dns: None,
        address: None,
        tried: 1,
        answered: 1,
    }
}

fn report(what: &str, mut times: Vec<Duration>, goal: &str) {
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!("{what:<28} {:>8.1} {:>8.1} {:>8.1}   {goal}", at(0.0), at(0.5), at(0.95));
}

fn main() {
    // `cargo test --benches` starts this as well, without the flag, and wants no figures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
    let home = Home::with(&configuration(listener.local_addr().expect("bound").port()));
    history(&home);
    println!("{TARGETS} targets, a day of history, 80x24; milliseconds      min      p50      p95");
    let (mut frames, mut keys) = (Vec::new(), Vec::new());
    for start in 0..STARTS {
        let began = Instant::now();
        let mut pty = home.start(&["--no-confirm-quit"]);
        pty.wait_for("target-0000");
        frames.push(began.elapsed());
        if start == 0 {
            pty.read_for(Duration::from_secs(20));
            for key in 0..KEYS {
                pty.read_for(Duration::from_millis(150));
                let (before, pressed) = (pty.bytes.len(), Instant::now());
                pty.send(if key % 2 == 0 { "j" } else { "k" });
                while pty.bytes.len() == before && pressed.elapsed() < DEADLINE {
                    pty.read_for(Duration::from_micros(100));
                }
                keys.push(pressed.elapsed());
            }
        }
        pty.send("q");
        pty.wait_for_end(DEADLINE);
    }
    report("start to first full frame", frames, "goal: 150");
    report("key to first byte", keys, "goal: 5 at p50, 25 at p95");
}
