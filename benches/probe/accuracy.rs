//! The error of a connect time against the wire, of the kernel's figure and of a stopwatch.

use crate::driver::{Driver, endpoint, percentile, timing};
use crate::kernel::{Seen, Tap, tunnel};
use crate::netns::{Namespace, are_available};
use crate::peer;
use portpulse::domain::Clocked;
use portpulse::probe::Limits;
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const ROUND_TRIP: Duration = Duration::from_millis(20);
const TIMEOUT: Duration = Duration::from_secs(5);
const PORT: u16 = 443;

/// Addresses of 10.78.0.0/16, each used once, by which a check is found again on the wire.
struct Addresses(u16);

impl Addresses {
    fn take(&mut self) -> Ipv4Addr {
        self.0 += 1;
        let [high, low] = self.0.to_be_bytes();
        Ipv4Addr::new(10, 78, high, low)
    }
}

pub fn run() {
    println!(
        "\nError of the connect time against the wire, microseconds; true round trip {} ms",
        ROUND_TRIP.as_millis()
    );
    if !are_available() {
        return;
    }
    let namespace = Namespace::new("t");
    let tunnel = match namespace.inside(|| tunnel("pp0")) {
        Ok(tunnel) => tunnel,
        Err(error) => return println!("not run: no tunnel interface here: {error}"),
    };
    namespace.ip("address add 10.77.0.1/24 dev pp0");
    // A burst of SYNs must not be lost on the way to the peer.
    namespace.ip("link set pp0 txqueuelen 10000 up");
    namespace.ip("route add 10.78.0.0/16 dev pp0");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| peer::answer(&tunnel, ROUND_TRIP, &stop));
        let _until_here = StopAtEnd(&stop);
        println!("in flight    checks   kernel p50     p99     max   stopwatch p50     p99     max");
        let mut addresses = Addresses(0);
        for (in_flight, rounds) in [(1, 150), (100, 20), (1_000, 4)] {
            namespace.inside(|| measure(in_flight, rounds, &mut addresses));
        }
    });
}

/// Stops the peer, also while unwinding, which would wait for it otherwise.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn measure(in_flight: usize, rounds: usize, addresses: &mut Addresses) {
    let unpaced = Limits { starts_per_second: u32::MAX, ..Limits::default() };
    let mut driver = Driver::new(unpaced);
    let tap = Tap::open().expect("a tap");
    let mut kernel = Vec::new();
    for _ in 0..rounds {
        let wanted = (0..in_flight).map(|_| endpoint(addresses.take().into(), PORT, TIMEOUT));
        for finding in driver.all(wanted.collect::<Vec<_>>()) {
            let (Some(timing), Some(std::net::IpAddr::V4(address))) = (timing(&finding), finding.address) else {
                panic!("the peer answers everything: {finding:?}");
            };
            if timing.clocked == Clocked::Kernel {
                kernel.push((address, timing.connect));
            }
        }
    }
    let mut stopwatch = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for _ in 0..rounds {
        let wanted: Vec<Ipv4Addr> = (0..in_flight).map(|_| addresses.take()).collect();
        stopwatch.extend(runtime.block_on(timed(wanted)));
    }
    let seen = tap.close();
    let (kernel, stopwatch) = (errors(&kernel, &seen), errors(&stopwatch, &seen));
    println!(
        "{in_flight:>9} {:>9} {:>12.1} {:>7.1} {:>7.1} {:>15.1} {:>7.1} {:>7.1}",
        kernel.len(),
        percentile(&kernel, 50),
        percentile(&kernel, 99),
        percentile(&kernel, 100),
        percentile(&stopwatch, 50),
        percentile(&stopwatch, 99),
        percentile(&stopwatch, 100),
    );
}

/// What a clock around an ordinary connect says, on a runtime that does nothing else.
async fn timed(addresses: Vec<Ipv4Addr>) -> Vec<(Ipv4Addr, Duration)> {
    let mut connects = JoinSet::new();
    for address in addresses {
        connects.spawn(async move {
            let started = Instant::now();
            let stream = tokio::net::TcpStream::connect((address, PORT)).await;
            let elapsed = started.elapsed();
            drop(stream.expect("the peer answers everything"));
            (address, elapsed)
        });
    }
    connects.join_all().await
}

/// The differences to the wire in microseconds, sorted.
fn errors(measured: &[(Ipv4Addr, Duration)], seen: &HashMap<Ipv4Addr, Seen>) -> Vec<f64> {
    let on_wire = |address| seen.get(address).copied().and_then(Seen::round_trip);
    let mut errors: Vec<f64> = measured
        .iter()
        .filter_map(|(address, figure)| Some(figure.abs_diff(on_wire(address)?).as_secs_f64() * 1e6))
        .collect();
    let (found, all) = (errors.len(), measured.len());
    assert!(found * 100 >= all * 99, "the tap has seen only {found} of {all}");
    errors.sort_by(f64::total_cmp);
    errors
}
