//! What endpoints cost: the rounds a second that 1,000 targets of five sustain, beside 1,000 of one.
//!
//! `cargo bench --bench groups`; a minute and a half. The whole engine works on ports of loopback, and rounds are
//! counted in its history. It is wanted much more often than it can, and so does what it can: first at the pace of the
//! program (2,000 connections a second, which is then the limit), then without one.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use portpulse::domain::{Activity, Definition, Endpoint, EndpointId, Evaluation, Span, VantageId};
use portpulse::engine::{self, History, Ports, clock};
use portpulse::monitor::{Monitor, Recording, Settings};
use portpulse::probe::{self, Limits};
use portpulse::store::{self, Options, ReadError};
use std::collections::BTreeMap;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

const TARGETS: usize = 1_000;
const SIZES: [usize; 2] = [1, 5];
/// Far more rounds than can be had: 20,000 a second are wanted of 1,000 targets.
const INTERVAL: Duration = Duration::from_millis(50);
const WARM_UP: Duration = Duration::from_secs(5);
const MEASURED: Duration = Duration::from_secs(15);

/// A port on every address of loopback. Nobody accepts: the checks leave before a connection is made.
struct Ground(TcpListener);

impl Ground {
    fn lay() -> Self {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from(([0, 0, 0, 0], 0)).into()).expect("a port");
        socket.listen(4_096).expect("a listener");
        Self(socket.into())
    }

    /// A target of so many endpoints, each on a host of its own.
    fn definition(&self, number: usize, size: usize) -> Definition {
        let port = self.0.local_addr().expect("bound").port();
        let endpoint = |place: usize| {
            let host = number * size + place;
            let address = format!("127.{}.{}.{}:{port}", 1 + host / 62_500, host / 250 % 250, 1 + host % 250);
            Endpoint::new(address.parse().expect("an address"))
        };
        let mut definition = Definition::new(format!("target {number}"), endpoint(0));
        definition.endpoints = (0..size).map(endpoint).collect();
        definition.evaluation = Evaluation::Quorum { needed: None };
        definition.interval = INTERVAL;
        definition.retry_interval = INTERVAL;
        definition.activity = Activity::Watching;
        definition
    }
}

/// CPU seconds of each thread of this process, by name.
fn cpu() -> BTreeMap<String, f64> {
    let mut seconds = BTreeMap::new();
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let Ok(stat) = fs::read_to_string(task.path().join("stat")) else { continue };
        let (Some(open), Some(close)) = (stat.find('('), stat.rfind(')')) else { continue };
        let fields: Vec<&str> = stat[close + 2..].split(' ').collect();
        let ticks: f64 = [11, 12].iter().filter_map(|&field| fields.get(field)?.parse::<f64>().ok()).sum();
        *seconds.entry(stat[open + 1..close].to_owned()).or_insert(0.0) += ticks / 100.0;
    }
    seconds
}

/// How many rounds the history has that began between two moments.
fn rounds(folder: &Path, between: Span) -> usize {
    let opened = store::open(folder, Options::default()).expect("a store");
    let series: Vec<EndpointId> = opened.resumed.catalog.iter().filter_map(|entry| entry.target.series()).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let count = opened.store.read(move |reader| {
        series
            .iter()
            .map(|&of| Ok(reader.checks(of, VantageId::HERE, between)?.len()))
            .sum::<Result<usize, ReadError>>()
    });
    runtime.block_on(count).expect("an open store").expect("what it has")
}

/// Prints a line and returns the rounds in a second.
fn run(ground: &Ground, size: usize, limits: Limits) -> f64 {
    let directory = tempfile::tempdir().expect("a directory");
    let opened = store::open(&directory.path().join("data"), Options::default()).expect("a store");
    let history =
        History { store: opened.store, statuses: opened.statuses, notes: opened.notes, well: Recording::Recording };
    let definitions = (0..TARGETS).map(|number| ground.definition(number, size)).collect();
    let mut wanted = Vec::new();
    let monitor = Monitor::new(clock::system(), Settings::default(), definitions, opened.resumed, &mut wanted);
    let pace = limits.starts_per_second;
    let prober = probe::spawn(limits).expect("a prober");
    let ports = Ports { prober, history: Some(history), keeper: None };
    let (handle, engine) = engine::spawn(monitor, wanted, ports, clock::system).expect("an engine");

    sleep(WARM_UP);
    let (before, began, from) = (cpu(), Instant::now(), clock::system().wall);
    sleep(MEASURED);
    let (after, elapsed, to) = (cpu(), began.elapsed().as_secs_f64(), clock::system().wall);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(handle.stop()).expect("a running engine").expect("a saved history");
    drop(handle);
    engine.join().expect("an engine that ends");
    let rounds = rounds(&directory.path().join("data"), Span { from, to }) as f64 / elapsed;
    let checks = rounds * size as f64;
    let share = |name: &str| 100.0 * (after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0)) / elapsed;
    let shares = ["probe", "engine", "store"].map(share);
    let each = shares.iter().sum::<f64>() * 1e4 / rounds;
    let pace = if pace == u32::MAX { "none".to_owned() } else { format!("{pace}/s") };
    let [probe, engine_share, store] = shares;
    println!(
        "{size:>9} {pace:>8} {rounds:>9.0} {checks:>9.0} {each:>10.0} µs {probe:>8.1} {engine_share:>8.1} {store:>8.1}"
    );
    rounds
}

fn main() {
    // `cargo test --benches` starts this as well, without the flag, and wants no figures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    if let Err(error) = probe::raise_descriptor_limit() {
        println!("the descriptor limit stays as it is: {error}");
    }
    let ground = Ground::lay();
    println!("{TARGETS} targets that do what they can; CPU of the threads in percent of one core");
    println!("endpoints     pace  rounds/s  checks/s  CPU a round    probe   engine    store");
    for limits in [Limits::default(), Limits { starts_per_second: u32::MAX, ..Limits::default() }] {
        let [one, five] = SIZES.map(|size| run(&ground, size, limits.clone()));
        println!("{:>18} {:>9.2} of the rounds of 1,000 targets with one endpoint (a fifth is 0.20)", "", five / one);
    }
}
