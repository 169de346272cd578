//! What a verdict costs: by each policy, by a script in its child, and the start of such a child.
//!
//! `cargo bench --bench evaluate`; a few seconds.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use portpulse::domain::Evaluation;
use portpulse::evaluate::{Kind, Member, Ping, Status, judge};
use portpulse::script::Scripts;
use std::fs;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::{Duration, Instant};

const SIZES: [usize; 4] = [1, 5, 20, 255];
const SCRIPTS: [(&str, &str); 2] = [
    ("quorum.js", include_str!("../tests/evaluate/kener/quorum.js")),
    ("percentile.js", include_str!("../tests/evaluate/kener/percentile.js")),
];

/// Every fifth has timed out.
fn pings(number: usize) -> Vec<Ping> {
    let ping = |place: usize| {
        let (status, latency) = if place % 5 == 4 { (Status::Timeout, 1_000.0) } else { (Status::Open, 12.345) };
        Ping { status, latency, host: format!("node-{place}.example.com"), port: 6_379, kind: Kind::V4 }
    };
    (0..number).map(ping).collect()
}

fn policies() {
    let policies = [
        Evaluation::All,
        Evaluation::Any,
        Evaluation::Quorum { needed: None },
        Evaluation::Failover,
        Evaluation::WEIGHTED,
        Evaluation::Timeouts,
        Evaluation::PERCENTILE,
    ];
    let limit = Some(Duration::from_millis(100));
    println!("ns per verdict, words included, by {SIZES:?} endpoints; then with one of the endpoints unknown");
    for policy in policies {
        print!("{:<12}", policy.word());
        for unknown in [false, true] {
            for size in SIZES {
                let member = |ping| Member { ping: Some(ping), weight: NonZeroU32::MIN };
                let mut members: Vec<Member> = pings(size).into_iter().map(member).collect();
                if unknown {
                    members[size / 2].ping = None;
                }
                let judged = || black_box(judge(black_box(&policy), limit, black_box(&members)));
                print!("{:>8.0}", fastest(200_000 / (size + 20), judged));
            }
            print!("   ");
        }
        println!();
    }
}

/// Nanoseconds each, in the batch that the rest of the machine disturbed least.
fn fastest<T>(each: usize, work: impl Fn() -> T) -> f64 {
    let batch = |_| {
        let start = Instant::now();
        for _ in 0..each {
            work();
        }
        start.elapsed().as_nanos() as f64 / each as f64
    };
    (0..20).map(batch).fold(f64::INFINITY, f64::min)
}

/// The fastest, the middle one and the 99th percentile, in microseconds.
fn told(mut times: Vec<Duration>) -> String {
    times.sort();
    let micros = |place: usize| times[place].as_secs_f64() * 1e6;
    let (middle, most) = (micros(times.len() / 2), micros(times.len() * 99 / 100));
    format!("fastest {:>7.1} µs   median {middle:>8.1} µs   p99 {most:>8.1} µs", micros(0))
}

async fn scripts(folder: &Path) {
    let program = Path::new(env!("CARGO_BIN_EXE_portpulse"));
    let (name, _) = SCRIPTS[0];
    let mut starts = Vec::new();
    for _ in 0..100 {
        let scripts = Scripts::with_program(program, folder);
        let start = Instant::now();
        scripts.evaluate(Path::new(name), &pings(5)).await.expect("a verdict");
        starts.push(start.elapsed());
    }
    println!("\nfirst verdict, start of the child included   {}", told(starts));
    let scripts = Scripts::with_program(program, folder);
    for (name, _) in SCRIPTS {
        for size in SIZES {
            let pings = pings(size);
            let mut times = Vec::new();
            for _ in 0..2_000 {
                let start = Instant::now();
                scripts.evaluate(Path::new(name), &pings).await.expect("a verdict");
                times.push(start.elapsed());
            }
            println!("{name:<14} {size:>3} endpoints                  {}", told(times));
        }
    }
}

/// Sixteen files at once, as when many targets have one each.
async fn throughput(folder: &Path) {
    const EACH: u32 = 500;
    const FILES: u32 = 16;
    let scripts = Scripts::with_program(Path::new(env!("CARGO_BIN_EXE_portpulse")), folder);
    let start = Instant::now();
    let files = (0..FILES).map(|file| {
        let (scripts, pings) = (scripts.clone(), pings(5));
        let name = format!("{file}.js");
        fs::write(folder.join(&name), SCRIPTS[0].1).expect("a script");
        tokio::spawn(async move {
            for _ in 0..EACH {
                scripts.evaluate(Path::new(&name), &pings).await.expect("a verdict");
            }
        })
    });
    for file in files.collect::<Vec<_>>() {
        file.await.expect("it ends");
    }
    let rate = f64::from(EACH * FILES) / start.elapsed().as_secs_f64();
    println!("{FILES} files side by side                       {rate:>8.0} verdicts/s");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, source) in SCRIPTS {
        fs::write(folder.path().join(name), source).expect("a script");
    }
    policies();
    scripts(folder.path()).await;
    throughput(folder.path()).await;
}
