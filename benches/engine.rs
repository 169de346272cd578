//! The whole engine at its work: CPU at 1,000 and 10,000 targets a minute, and how late checks start.
//!
//! `cargo bench --bench engine [-- 1000|10000]`; two and a half minutes each. What groups cost is in `groups.rs`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use portpulse::domain::{Activity, Definition, Endpoint, TargetId, Wall};
use portpulse::engine::{self, History, Ports, clock};
use portpulse::monitor::{Monitor, Recording, Settings, Snapshot};
use portpulse::probe::{self, Limits};
use portpulse::store::{self, Options};
use std::collections::BTreeMap;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_mins(1);
const TIMEOUT: Duration = Duration::from_secs(10);
/// Every tenth target is dark.
const DARK_EVERY: usize = 10;

/// A port on every address of loopback that answers, and one that drops what comes.
struct Ground {
    open: TcpListener,
    dark: TcpListener,
    /// What fills the accept queue of the dark one.
    _fill: Vec<TcpStream>,
}

impl Ground {
    fn lay() -> Self {
        let open = TcpListener::bind("0.0.0.0:0").expect("a port");
        let dark = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        dark.bind(&SocketAddr::from(([0, 0, 0, 0], 0)).into()).expect("a port");
        dark.listen(0).expect("a listener");
        let dark: TcpListener = dark.into();
        let port = dark.local_addr().expect("bound").port();
        let to = SocketAddr::from(([127, 0, 0, 1], port));
        let fill = (0..4).map_while(|_| TcpStream::connect_timeout(&to, Duration::from_millis(300)).ok()).collect();
        Self { open, dark, _fill: fill }
    }

    fn definition(&self, number: usize) -> Definition {
        let listener = if number.is_multiple_of(DARK_EVERY) { &self.dark } else { &self.open };
        let port = listener.local_addr().expect("bound").port();
        let address = format!("127.{}.{}.{}:{port}", 1 + number / 62_500, number / 250 % 250, 1 + number % 250);
        let endpoint = Endpoint { timeout: TIMEOUT, ..Endpoint::new(address.parse().expect("an address")) };
        let mut definition = Definition::new(format!("target {number}"), endpoint);
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

/// Notes each new start of a check.
fn note(snapshot: &Snapshot, starts: &mut BTreeMap<TargetId, Vec<Wall>>) {
    for view in &snapshot.targets {
        let Some(latest) = &view.latest else { continue };
        let seen = starts.entry(view.target.id).or_default();
        if seen.last() != Some(&latest.check.at) {
            seen.push(latest.check.at);
        }
    }
}

/// By how much the time between two starts of the same target missed the interval, in milliseconds.
fn misses(starts: &BTreeMap<TargetId, Vec<Wall>>, from: Wall) -> Vec<u64> {
    let mut misses: Vec<u64> = starts
        .values()
        .flat_map(|seen| seen.windows(2))
        .filter(|pair| pair[0] >= from)
        .map(|pair| (pair[1].0 - pair[0].0 - i64::try_from(INTERVAL.as_millis()).expect("small")).unsigned_abs())
        .collect();
    misses.sort_unstable();
    misses
}

fn rank(sorted: &[u64], share: f64) -> String {
    let place = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(place).map_or_else(|| "-".to_owned(), |value| format!("{value} ms"))
}

fn run(count: usize, goal: f64) {
    let ground = Ground::lay();
    let directory = tempfile::tempdir().expect("a directory");
    let opened = store::open(&directory.path().join("data"), Options::default()).expect("a store");
    let history =
        History { store: opened.store, statuses: opened.statuses, notes: opened.notes, well: Recording::Recording };
    let definitions = (0..count).map(|number| ground.definition(number)).collect();
    let mut wanted = Vec::new();
    let now = clock::system();
    let monitor = Monitor::new(now, Settings::default(), definitions, opened.resumed, &mut wanted);
    let prober = probe::spawn(Limits::default()).expect("a prober");
    let ports = Ports { prober, history: Some(history), keeper: None };
    let (handle, engine) = engine::spawn(monitor, wanted, ports, clock::system).expect("an engine");
    let snapshots = handle.snapshots();

    let warm_up = INTERVAL + TIMEOUT + Duration::from_secs(5);
    let measured = INTERVAL + Duration::from_secs(15);
    sleep(warm_up);
    let (before, began, from) = (cpu(), Instant::now(), clock::system().wall);
    let mut starts = BTreeMap::new();
    while began.elapsed() < measured {
        note(&snapshots.borrow().clone(), &mut starts);
        sleep(Duration::from_millis(500));
    }
    let (after, elapsed) = (cpu(), began.elapsed().as_secs_f64());
    let share = |name: &str| 100.0 * (after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0)) / elapsed;
    let names = ["probe", "engine", "store"];
    let whole: f64 = names.iter().map(|name| share(name)).sum();
    let misses = misses(&starts, from);
    println!(
        "{count:>7} {whole:>8.2} % {goal:>6.1} % {:>8.2} {:>8.2} {:>8.2} {:>10} {:>10} {:>8}",
        share("probe"),
        share("engine"),
        share("store"),
        rank(&misses, 0.5),
        rank(&misses, 0.99),
        misses.len()
    );
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(handle.stop()).expect("a running engine").expect("a saved history");
    drop(handle);
    engine.join().expect("an engine that ends");
}

fn main() {
    if let Err(error) = probe::raise_descriptor_limit() {
        println!("the descriptor limit stays as it is: {error}");
    }
    println!("one check a minute of each target, a tenth of them dark; CPU in percent of one core");
    println!("targets      CPU     goal    probe   engine    store  start p50  start p99   starts  (goal: p99 100 ms)");
    let named: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for (count, goal) in [(1_000, 0.5), (10_000, 1.5)] {
        if named.is_empty() || named.contains(&count) {
            run(count, goal);
        }
    }
}
