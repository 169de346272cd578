//! The last days of a history lived through as a program does: a sync a second, a pruning an hour, and time for sled.
//!
//! What differs from life is that an hour passes as soon as everything in it is done. sled collects its garbage
//! a segment at a time, every 500 ms in life, which is 7,200 times an hour; here it does so every [`TIDY_EVERY`],
//! and an hour is over when it has found nothing to do for a while.

use super::workload::{Host, INTERVAL, START};
use super::{DAYS_KEPT, TURNS_A_DAY, size};
use portpulse::domain::{Check, Record};
use portpulse::store::{Bounds, Options, Store};
use std::path::Path;
use std::time::{Duration, Instant};

const TIDY_EVERY: Duration = Duration::from_millis(10);
/// For so long nothing but the mark of a sync must have been written.
const STILL: Duration = Duration::from_millis(40);
const STILL_BYTES: u64 = 200;
/// After a file has become much shorter, sled goes on for ever to move what is at its end.
const REST_MAX: Duration = Duration::from_millis(1_500);
const TURNS_AN_HOUR: u64 = 60;

pub fn options() -> Options {
    Options { tidy_every: TIDY_EVERY, ..Options::default() }
}

/// Lives until this turn of all hosts. Gives the size of the directory after each day, in bytes.
pub async fn live(store: &Store, path: &Path, hosts: &mut [Host], last: u64) -> Vec<u64> {
    let mut sizes = Vec::new();
    let first = hosts.iter().map(|host| host.turn).min().unwrap_or_default();
    for hour in first / TURNS_AN_HOUR + 1..=last / TURNS_AN_HOUR {
        let turn = hour * TURNS_AN_HOUR;
        let mut checks: Vec<Check> = Vec::new();
        for host in &mut *hosts {
            checks.extend((host.turn..turn).map(|_| host.check()));
        }
        checks.sort_by_key(|check| check.at);
        for second in checks.chunk_by(|one, next| one.at.0 / 1_000 == next.at.0 / 1_000) {
            let alive = second.first().map(|check| Record::Alive(check.at));
            store.save(second.iter().cloned().map(Record::Check).chain(alive).collect());
            store.flush().await.expect("a flush");
        }
        let now = START + INTERVAL * turn as u32;
        store.prune(Bounds { checks: Some(now - INTERVAL * (DAYS_KEPT * TURNS_A_DAY)), ..Bounds::default() });
        store.flush().await.expect("a flush");
        rest().await;
        if turn.is_multiple_of(u64::from(TURNS_A_DAY)) {
            sizes.push(size(path));
        }
    }
    sizes
}

/// Waits until sled has nothing more to do.
pub async fn rest() {
    let began = Instant::now();
    let (mut before, mut since) = (written(), Instant::now());
    while since.elapsed() < STILL && began.elapsed() < REST_MAX {
        tokio::time::sleep(TIDY_EVERY).await;
        let now = written();
        if now - before > STILL_BYTES {
            since = Instant::now();
        }
        before = now;
    }
}

/// Bytes that this process has written, wherever to.
fn written() -> u64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let number = text.lines().find_map(|line| line.strip_prefix("wchar: "));
    number.and_then(|number| number.trim().parse().ok()).unwrap_or_default()
}
