//! What recording costs: checks a second, processor time, bytes written.

use super::fill::target;
use super::workload::Host;
use super::{part, say};
use portpulse::domain::Record;
use portpulse::store::{Options, open};
use std::path::Path;
use std::time::{Duration, Instant};

/// How many checks wait for a sync at once when it goes as fast as it can.
const AT_ONCE: usize = 50_000;
const LOAD: Duration = Duration::from_secs(45);
const FLAT_OUT: Duration = Duration::from_secs(8);
/// How often checks finish.
const TICK: Duration = Duration::from_millis(100);
/// The clock of the kernel's statistics.
const TICKS_A_SECOND: f64 = 100.0;

/// Bytes that this process has given to the disk.
pub fn written() -> f64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let number = text.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    number.and_then(|number| number.trim().parse().ok()).unwrap_or(f64::NAN)
}

/// Processor time of this process in seconds.
fn processor() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12].iter().filter_map(|&field| fields.get(field)?.parse::<f64>().ok()).sum::<f64>() / TICKS_A_SECOND
}

/// Saves so many checks a second for a while. Prints the share of a processor in percent and the bytes written a check.
pub async fn live(path: &Path, rate: u32) {
    let targets = 1_000;
    let mut hosts: Vec<Host> = (0..targets).map(Host::new).collect();
    let store = open(path, Options::default()).expect("a store").store;
    store.import((0..targets).map(target).collect()).await.expect("an import");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (began, bytes, seconds) = (Instant::now(), written(), processor());
    let mut saved = 0_u32;
    while began.elapsed() < LOAD {
        tokio::time::sleep(TICK).await;
        let due = (began.elapsed().as_secs_f64() * f64::from(rate)) as u32;
        while saved < due {
            let host = &mut hosts[(saved % targets) as usize];
            store.save(vec![Record::Check(host.check())]);
            saved += 1;
        }
    }
    let share = 100.0 * (processor() - seconds) / began.elapsed().as_secs_f64();
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!("{share} {}", (written() - bytes) / f64::from(saved));
    store.close().await.expect("a clean end");
}

/// As fast as it can with a sync at least every second: checks a second, and the longest time to a sync.
async fn flat_out(path: &Path) -> (f64, Duration) {
    let targets = 1_000;
    let mut hosts: Vec<Host> = (0..targets).map(Host::new).collect();
    let options = Options { unsaved_max: 2 * AT_ONCE, ..Options::default() };
    let store = open(path, options).expect("a store").store;
    store.import((0..targets).map(target).collect()).await.expect("an import");
    let (mut spent, mut longest, mut count) = (Duration::ZERO, Duration::ZERO, 0);
    while spent < FLAT_OUT {
        let turns = AT_ONCE / hosts.len();
        let batches: Vec<Vec<Record>> =
            (0..turns).map(|_| hosts.iter_mut().map(|host| Record::Check(host.check())).collect()).collect();
        let before = Instant::now();
        for batch in batches {
            store.save(batch);
        }
        store.flush().await.expect("a flush");
        longest = longest.max(before.elapsed());
        spent += before.elapsed();
        count += AT_ONCE;
    }
    store.close().await.expect("a clean end");
    (count as f64 / spent.as_secs_f64(), longest)
}

pub async fn loads(directory: &Path, targets: u32) {
    let (rate, longest) = flat_out(&directory.join("flat out")).await;
    say("checks a second, a sync every 50,000", &format!("{rate:.0}"), "goal 50,000");
    say("the longest time to such a sync", &format!("{longest:.1?}"), "at most 1 s");
    let often = std::thread::spawn({
        let path = directory.join("often");
        move || part("load", &path, "1000", targets)
    });
    let seldom = part("load", &directory.join("seldom"), "17", targets);
    let often = often.join().expect("a child that ends");
    let journal = "before sealing, which adds about the bytes on disk";
    for (rate, numbers, goal) in [(17, seldom, ""), (1_000, often, "goal 0.5 %")] {
        say(&format!("processor at {rate} checks a second"), &format!("{:.2} %", numbers[0]), goal);
        say(&format!("bytes written a check at {rate} a second"), &format!("{:.0} B", numbers[1]), journal);
    }
}
