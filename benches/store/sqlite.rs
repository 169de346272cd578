//! `SQLite` in WAL mode as a yardstick: the same chunks as blobs, and one row for each check.

use super::start::{Coded, cool};
use super::workload::{Host, START};
use super::{DAYS_KEPT, TURNS_A_DAY, median, millis, say};
use portpulse::domain::{Check, Outcome};
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::{Duration, Instant};

const CHUNK: u32 = 240;
const CHUNKS_A_DAY: u32 = TURNS_A_DAY / CHUNK;
/// How many checks are committed at once: as many as our own store syncs at once when it goes as fast as it can.
const AT_ONCE: u32 = 50_000;
/// A row for each check of more targets than this would take minutes and tell the same.
const ROW_TARGETS_MAX: u32 = 100;
const TIMES: u32 = 21;

fn connect(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("a database");
    connection.pragma_update(None, "journal_mode", "WAL").expect("a mode");
    connection.pragma_update(None, "synchronous", "FULL").expect("a mode");
    connection
}

/// The middle of what a query takes that gives a number, and the number.
fn time(connection: &Connection, query: &str, targets: u32, days: u32) -> (Duration, i64) {
    let from = START.0 + i64::from(DAYS_KEPT - days) * 86_400_000;
    let mut statement = connection.prepare(query).expect("a query");
    let (mut times, mut count) = (Vec::new(), 0);
    for turn in 0..TIMES {
        let before = Instant::now();
        let mut rows = statement.query(params![turn * 37 % targets, from]).expect("an answer");
        count = 0;
        while let Some(row) = rows.next().expect("a row") {
            count += row.get_ref(0).expect("a value").as_blob().map_or(1, |blob| blob.len() as i64);
        }
        times.push(before.elapsed());
    }
    (median(times), count)
}

/// Closes, and opens again with cold files and reads the newest of each target.
fn open_again(path: &Path, connection: Connection, query: &str, targets: u32, what: &str) {
    connection.close().expect("a clean end");
    let mut times = Vec::new();
    let kind = cool();
    for _ in 0..2 {
        let before = Instant::now();
        let connection = connect(path);
        let mut statement = connection.prepare(query).expect("a query");
        for target in 0..targets {
            statement.query_row([target], |row| row.get::<_, i64>(0)).expect("an answer");
        }
        times.push(before.elapsed());
    }
    say(&format!("SQLite, {what}: open and newest of each, {kind}, then warm"), &format!("{:.1?}", times), "");
}

/// Noise of the size of a chunk stands for it: what `SQLite` does with blobs does not depend on what they say.
fn chunks(directory: &Path, targets: u32, coded: &Coded) {
    let path = directory.join("chunks").with_extension("sqlite");
    let mut connection = connect(&path);
    let table =
        "CREATE TABLE chunk (target INTEGER, first INTEGER, body BLOB, PRIMARY KEY (target, first)) WITHOUT ROWID";
    connection.execute(table, []).expect("a table");
    let mut random = fastrand::Rng::with_seed(1);
    let bytes = (coded.bytes / coded.chunks.max(1)) as usize;
    let mut spent = Duration::ZERO;
    for number in 0..DAYS_KEPT * CHUNKS_A_DAY {
        for first in (0..targets).step_by((AT_ONCE / CHUNK) as usize) {
            let bodies: Vec<Vec<u8>> = (first..targets.min(first + AT_ONCE / CHUNK))
                .map(|_| std::iter::repeat_with(|| random.u8(..)).take(bytes).collect())
                .collect();
            let before = Instant::now();
            let transaction = connection.transaction().expect("a transaction");
            let mut insert = transaction.prepare("INSERT INTO chunk VALUES (?, ?, ?)").expect("SQL");
            for (target, body) in (first..).zip(&bodies) {
                let at = START.0 + i64::from(number * CHUNK) * 60_000;
                insert.execute(params![target, at, body]).expect("a row");
            }
            drop(insert);
            transaction.commit().expect("a commit");
            spent += before.elapsed();
        }
    }
    let checks = f64::from(targets * DAYS_KEPT * TURNS_A_DAY);
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint");
    let what = "a blob for each chunk";
    say(&format!("SQLite, {what}: bytes on disk a check"), &format!("{:.2} B", file(&path) / checks), "");
    say(&format!("SQLite, {what}: checks a second"), &format!("{:.0}", checks / spent.as_secs_f64()), "");
    for (name, days) in [("24 h", 1), ("31 d", DAYS_KEPT)] {
        let query = "SELECT body FROM chunk WHERE target = ? AND first >= ?";
        let (time, count) = time(&connection, query, targets, days);
        say(&format!("SQLite, {what}: {name}, {count} bytes, not decoded"), &millis(time), "");
    }
    let query = "SELECT length(body) FROM chunk WHERE target = ? ORDER BY first DESC LIMIT 1";
    open_again(&path, connection, query, targets, what);
}

/// Kind of outcome, microseconds, and those of the look-up.
fn columns(check: &Check) -> (u8, i64, Option<i64>) {
    let micros = |time: Duration| time.as_micros() as i64;
    let (kind, time) = match check.outcome {
        Outcome::Open(timing) => (0, timing.connect),
        Outcome::Failed(failure) => (1 + failure.reason as u8, failure.after),
        Outcome::Inconclusive(_) => (9, Duration::ZERO),
    };
    (kind, micros(time), check.dns.map(micros))
}

fn rows(directory: &Path, targets: u32) {
    let targets = targets.min(ROW_TARGETS_MAX);
    let path = directory.join("rows").with_extension("sqlite");
    let mut connection = connect(&path);
    let table = "CREATE TABLE checks (target INTEGER, at INTEGER, kind INTEGER, time INTEGER, dns INTEGER, \
                 address BLOB, PRIMARY KEY (target, at)) WITHOUT ROWID";
    connection.execute(table, []).expect("a table");
    let mut hosts: Vec<Host> = (0..targets).map(Host::new).collect();
    let (mut spent, turns) = (Duration::ZERO, AT_ONCE / targets);
    let mut left = DAYS_KEPT * TURNS_A_DAY;
    while left > 0 {
        let some = turns.min(left);
        left -= some;
        let mut checks: Vec<Check> = Vec::new();
        for _ in 0..some {
            checks.extend(hosts.iter_mut().map(Host::check));
        }
        let before = Instant::now();
        let transaction = connection.transaction().expect("a transaction");
        let sql = "INSERT INTO checks VALUES (?, ?, ?, ?, ?, ?)";
        let mut insert = transaction.prepare(sql).expect("SQL");
        for check in &checks {
            let (kind, time, dns) = columns(check);
            let address = check.address.map(|address| address.to_string());
            insert.execute(params![check.endpoint.0, check.at.0, kind, time, dns, address]).expect("a row");
        }
        drop(insert);
        transaction.commit().expect("a commit");
        spent += before.elapsed();
    }
    let checks = f64::from(targets * DAYS_KEPT * TURNS_A_DAY);
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint");
    let what = "a row for each check";
    println!("  (rows of {targets} targets)");
    say(&format!("SQLite, {what}: bytes on disk a check"), &format!("{:.1} B", file(&path) / checks), "");
    say(&format!("SQLite, {what}: checks a second"), &format!("{:.0}", checks / spent.as_secs_f64()), "");
    for (name, days) in [("24 h", 1), ("31 d", DAYS_KEPT)] {
        let query = "SELECT time, at, kind, dns FROM checks WHERE target = ? AND at >= ?";
        let (time, count) = time(&connection, query, targets, days);
        say(&format!("SQLite, {what}: {name}, {count} checks"), &millis(time), "");
    }
    let query = "SELECT time FROM checks WHERE target = ? ORDER BY at DESC LIMIT 1";
    open_again(&path, connection, query, targets, what);
}

fn file(path: &Path) -> f64 {
    std::fs::metadata(path).map_or(f64::NAN, |about| about.len() as f64)
}

pub fn beside(directory: &Path, targets: u32, coded: &Coded) {
    println!("SQLite, WAL, synchronous=FULL, a commit for every {AT_ONCE} checks");
    chunks(directory, targets, coded);
    rows(directory, targets);
}
