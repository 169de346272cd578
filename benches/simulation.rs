//! How fast simulated time passes, and what a snapshot costs.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "../tests/support/group.rs"]
mod group;
#[allow(dead_code, reason = "the benchmark uses a part of what the test needs")]
#[path = "../tests/support/kept.rs"]
mod kept;
#[allow(dead_code, reason = "the benchmark uses a part of what the test needs")]
#[path = "../tests/support/model.rs"]
mod model;
#[allow(dead_code, reason = "the benchmark uses a part of what the test needs")]
#[path = "../tests/support/month.rs"]
mod month;
#[allow(dead_code, reason = "the benchmark uses a part of what the test needs")]
#[path = "../tests/support/world.rs"]
mod world;

use month::Month;
use portpulse::domain::record::Resumed;
use portpulse::domain::{Clocked, Definition, Endpoint, Job, Mono, Now, Order, Outcome, Timing, Wall};
use portpulse::monitor::{Effect, Input, Monitor, Settings};
use std::time::{Duration, Instant};

fn main() {
    simulated_month();
    for targets in [1_000, 10_000] {
        snapshots(targets);
    }
}

fn simulated_month() {
    let mut month = Month::new(1, 50);
    let start = Instant::now();
    month.run(|_| {});
    let took = start.elapsed().as_secs_f64();
    let checks = month.world.log.facts.len();
    let rate = checks as f64 / took;
    println!("simulated 31 days of 50 targets: {took:.2} s, {checks} checks, {rate:.0} checks/s");
}

fn definition(number: usize) -> Definition {
    let address = format!("10.{}.{}.1:443", number / 250, number % 250).parse().expect("an address");
    let endpoint = Endpoint { timeout: Duration::from_secs(10), ..Endpoint::new(address) };
    Definition::new(format!("target {number}"), endpoint)
}

/// A minute at the default interval, with a snapshot every 100 ms, after a minute to settle.
fn snapshots(targets: usize) {
    let definitions = (0..targets).map(definition).collect();
    let now = |mono: u64| Now { mono: Mono(mono), wall: Wall(1_793_577_600_000 + i64::try_from(mono).expect("small")) };
    let mut effects = Vec::new();
    let mut monitor = Monitor::new(now(0), Settings::default(), definitions, Resumed::default(), &mut effects);
    let (mut handling, mut picturing, mut pictures, mut checks) = (Duration::ZERO, Vec::new(), 0u32, 0u32);
    let mut time = 0;
    while time < 180_000 {
        let start = Instant::now();
        monitor.handle(now(time), Input::Wake, &mut effects);
        let orders: Vec<Job> = effects
            .drain(..)
            .filter_map(|effect| match effect {
                Effect::Order(Order::Probe(job)) => Some(job),
                _ => None,
            })
            .collect();
        for job in orders {
            checks += 1;
            let timing = Timing { connect: Duration::from_millis(3), clocked: Clocked::Kernel, syn_lost: 0 };
            let address = job.endpoint.address.host.literal();
            let found = world::finding(address, None, Outcome::Open(timing));
            monitor.handle(now(time), Input::Probed(job.attempt, found), &mut effects);
        }
        if time >= 60_000 {
            handling += start.elapsed();
        }
        if time % 100 == 0 {
            let start = Instant::now();
            let snapshot = std::hint::black_box(monitor.snapshot(now(time)));
            assert_eq!(snapshot.targets.len(), targets);
            pictures += 1;
            if time >= 60_000 {
                picturing.push(start.elapsed());
            }
        }
        time += 50;
    }
    picturing.sort_unstable();
    let middle = picturing[picturing.len() / 2];
    let slow = picturing[picturing.len() * 99 / 100];
    println!(
        "{targets} targets: snapshot median {middle:?}, p99 {slow:?} ({pictures} pictures); \
         deciding {handling:?} in two minutes ({checks} checks in all)"
    );
}
