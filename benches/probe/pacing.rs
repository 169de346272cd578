//! What the prober costs at a monitor's pace, and how late checks start, with a tenth of them dark.

use crate::driver::{Driver, endpoint, percentile, probe_thread_cpu};
use crate::netns::{Namespace, are_available};
use portpulse::domain::{Attempt, Report};
use portpulse::probe::Limits;
use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

const OPEN: u16 = 8_000;
const DARK: u16 = 9_000;
const LENGTH: Duration = Duration::from_secs(15);
const TIMEOUT: Duration = Duration::from_secs(10);
/// The engine hands out what is due in slots of this length.
const SLOT: Duration = Duration::from_millis(50);

pub fn run() {
    println!("\nAt a monitor's pace, {} s each, slots of {} ms, a tenth dark", LENGTH.as_secs(), SLOT.as_millis());
    if !are_available() {
        return println!("(the dark tenth needs a firewall of its own)");
    }
    let namespace = Namespace::new("p");
    namespace.filter("input", &[&format!("tcp dport {DARK} drop")]);
    println!("checks a minute   CPU of one core   goal   in flight max   start late p50   p99   max, ms   goal");
    for (a_minute, goal) in [(1_000, 0.5), (10_000, 1.5)] {
        namespace.inside(|| measure(a_minute, goal));
    }
}

fn measure(a_minute: u32, goal: f64) {
    let _listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, OPEN)).expect("a free port");
    let mut driver = Driver::new(Limits::default());
    let step = Duration::from_mins(1) / a_minute;
    let begun = Instant::now();
    let cpu = probe_thread_cpu();
    let mut sent: HashMap<Attempt, Duration> = HashMap::new();
    let (mut late, mut busiest, mut number) = (Vec::new(), 0, 0_u32);
    while begun.elapsed() < LENGTH {
        let now = begun.elapsed();
        while step * number <= now {
            let [_, high, middle, low] = number.to_be_bytes();
            let port = if number.is_multiple_of(10) { DARK } else { OPEN };
            let attempt =
                driver.order(endpoint(Ipv4Addr::new(127, 1 + high, middle, low.max(1)).into(), port, TIMEOUT));
            sent.insert(attempt, begun.elapsed().saturating_sub(step * number));
            number += 1;
        }
        while let Ok(report) = driver.prober.reports.try_recv() {
            match report {
                Report::Done(attempt, finding) => late.push((sent[&attempt] + finding.waited).as_secs_f64() * 1e3),
                Report::Health(health) => busiest = busiest.max(health.in_flight),
                Report::Phase(..) | Report::SelfChecked(..) => {}
            }
        }
        thread::sleep(SLOT.saturating_sub(begun.elapsed().saturating_sub(now)));
    }
    let share = probe_thread_cpu().saturating_sub(cpu).as_secs_f64() / begun.elapsed().as_secs_f64();
    late.sort_by(f64::total_cmp);
    println!(
        "{a_minute:>15} {:>15.2} % {goal:>4} % {busiest:>15} {:>16.0} {:>5.0} {:>5.0} {:>12}",
        share * 100.0,
        percentile(&late, 50),
        percentile(&late, 99),
        percentile(&late, 100),
        100,
    );
}
