//! What attached front ends cost the owner: 50 of them on 1,000 targets, beside none.
//!
//! `cargo bench --bench attached`; about two minutes. The front ends live in a process of their own.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use portpulse::domain::job::{Finding, Report, Try};
use portpulse::domain::record::Resumed;
use portpulse::domain::{Clocked, Definition, Endpoint, Now, Order, Outcome, Timing};
use portpulse::engine::{self, Ports, channel, clock};
use portpulse::link::{self, Access, Client, Seat};
use portpulse::monitor::{Monitor, Settings, Snapshot};
use portpulse::probe;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const TARGETS: u32 = 1_000;
const FRONTS: u32 = 50;
const MEASURED: Duration = Duration::from_secs(30);
const SETTLED: Duration = Duration::from_secs(8);
/// In which variable the process of the front ends finds where the socket and the history are.
const PLACE: &str = "PORTPULSE_BENCH_PLACE";
/// The clock of the kernel's statistics.
const TICKS_A_SECOND: f64 = 100.0;

/// Processor time of this process in seconds.
fn processor() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12].iter().filter_map(|&field| fields.get(field)?.parse::<f64>().ok()).sum::<f64>() / TICKS_A_SECOND
}

fn definition(number: u32) -> Definition {
    let address = format!("10.{}.{}.1:443", number / 250, number % 250).parse().expect("an address");
    Definition::new(format!("target {number}"), Endpoint::new(address))
}

/// Front ends that only look; how many pictures they have got is printed at the end.
fn fronts(place: &str) {
    let (socket, history) = place.split_once('\n').expect("two places");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let pictures = Arc::new(AtomicU64::new(0));
        for _ in 0..FRONTS {
            let client = Client::connect(&[socket.into()], Path::new(history)).await.expect("an owner");
            let attached = client.attach(link::Role::FrontEnd).await.expect("an owner");
            let (handle, mut inbox) = channel(Snapshot::empty(Now::default()));
            tokio::spawn(async move { attached.serve(&mut inbox, |_| {}).await });
            let (mut snapshots, pictures) = (handle.snapshots(), Arc::clone(&pictures));
            tokio::spawn(async move {
                let _handle = handle;
                while snapshots.changed().await.is_ok() {
                    pictures.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // The owner says when to end, by hanging up.
        let end = tokio::task::spawn_blocking(|| std::io::Read::read(&mut std::io::stdin(), &mut [0]));
        let _ = end.await;
        println!("{}", pictures.load(Ordering::Relaxed));
    });
}

fn begin_fronts(socket: &Path, history: &Path) -> Child {
    let program = std::env::current_exe().expect("our own path");
    let place = format!("{}\n{}", socket.display(), history.display());
    Command::new(program).env(PLACE, place).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a child")
}

/// The share of a processor that the owner takes.
fn measure(name: &str) -> f64 {
    std::thread::sleep(SETTLED);
    let (before, began) = (processor(), Instant::now());
    std::thread::sleep(MEASURED);
    let share = 100.0 * (processor() - before) / began.elapsed().as_secs_f64();
    println!("  {name:<44} {share:>8.2} %");
    share
}

fn main() {
    if let Ok(place) = std::env::var(PLACE) {
        return fronts(&place);
    }
    let directory = tempfile::tempdir().expect("a directory");
    let (socket, history) = (directory.path().join("run"), directory.path().join("history"));
    for path in [&socket, &history] {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().mode(0o700).create(path).expect("a directory");
    }
    // The network is a thread that finds every port open.
    let (prober, far) = probe::pair();
    std::thread::spawn(move || answer(far));
    let mut wanted = Vec::new();
    let definitions = (0..TARGETS).map(definition).collect();
    let monitor = Monitor::new(clock::system(), Settings::default(), definitions, Resumed::default(), &mut wanted);
    let ports = Ports { prober, history: None, keeper: None };
    let (handle, _engine) = engine::spawn(monitor, wanted, ports, clock::system).expect("an engine");
    let seat = Seat::take(std::slice::from_ref(&socket), &history).expect("a seat");
    let _server =
        link::spawn(Some(seat), vec![socket.clone()], history.clone(), handle, Access::Full).expect("a server");

    println!("{TARGETS} targets, a check of each every minute; the processor time of the owner");
    let alone = measure("nobody attached");
    let mut child = begin_fronts(&socket, &history);
    let watched = measure(&format!("{FRONTS} attached"));
    drop(child.stdin.take());
    let said = child.wait_with_output().expect("an end").stdout;
    let pictures: f64 = String::from_utf8_lossy(&said).trim().parse().expect("a number");
    let each = pictures / f64::from(FRONTS) / (SETTLED + MEASURED).as_secs_f64();
    println!("  {:<44} {:>8.2} %   goal 5 %", "what they cost", watched - alone);
    println!("  {:<44} {each:>8.1}", "pictures a second, each");
}

/// Finds every port open.
fn answer(mut far: probe::Far) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        while let Some(order) = far.orders.recv().await {
            let Order::Probe(job) = order else { continue };
            let timing = Timing { connect: Duration::from_micros(1_234), clocked: Clocked::Kernel, syn_lost: 0 };
            let (outcome, address) = (Outcome::Open(timing), Some([10, 0, 0, 1].into()));
            let finding = Finding {
                waited: Duration::ZERO,
                dns: None,
                tries: vec![Try { address: [10, 0, 0, 1].into(), outcome }],
                outcome,
                address,
            };
            if far.reports.send(Report::Done(job.attempt, finding)).await.is_err() {
                return;
            }
        }
    });
}
