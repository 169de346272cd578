//! Random programs for a store and its plain model, and the shortest form of one that fails.

use super::model::Life;
use super::world::*;
use portpulse::store::open;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Programs at once.
const LANES: usize = 4;
/// Operations of one program.
const LENGTH: u64 = 1_500;
/// How long a program that fails is made shorter.
const SHRINK_MAX: Duration = Duration::from_mins(2);

/// A program is a list of operations; each is all that its seed says, and depends on the others only by
/// what the store holds, so that some can be left out.
type Program = Vec<u64>;

/// Why a program failed, and at which of its operations.
struct Failure {
    at: usize,
    why: String,
}

/// Runs a program on a new store; says how many checks were pruned.
fn run(program: &[u64]) -> Result<usize, Failure> {
    let at = AtomicUsize::new(0);
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let directory = scratch();
        let path = directory.path().join("history");
        block_on(async {
            let mut life = Life::new();
            let mut opened = open(&path, options()).expect("a store");
            for (place, seed) in program.iter().enumerate() {
                at.store(place, Ordering::Relaxed);
                opened = life.step(*seed, opened, &path).await;
            }
            opened.store.close().await.expect("a clean end");
            life.pruned
        })
    }));
    attempt.map_err(|panic| {
        let why = panic.downcast_ref::<String>().cloned();
        let why = why.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
        Failure { at: at.into_inner(), why }
    })
}

/// Leaves out of a failing program whatever it fails without: halves first, single operations last.
fn shrink(mut program: Program, mut failure: Failure) -> (Program, Failure) {
    let end = Instant::now() + SHRINK_MAX;
    program.truncate(failure.at + 1);
    let mut part = program.len() / 2;
    while part > 0 && Instant::now() < end {
        let mut from = 0;
        while from < program.len() && Instant::now() < end {
            let mut shorter = program.clone();
            shorter.drain(from..(from + part).min(program.len()));
            match run(&shorter) {
                Ok(_) => from += part,
                Err(still) => {
                    shorter.truncate(still.at + 1);
                    (program, failure) = (shorter, still);
                }
            }
        }
        part /= 2;
    }
    (program, failure)
}

#[test]
fn a_store_says_what_a_plain_model_says() {
    let operations = number("PORTPULSE_OPERATIONS").unwrap_or(20_000);
    let seed = number("PORTPULSE_SEED").unwrap_or_else(|| fastrand::u64(..u64::MAX / 2));
    let pruned = AtomicUsize::new(0);
    in_lanes(LANES, operations.div_ceil(LENGTH) as usize, |number| {
        let mut random = fastrand::Rng::with_seed(seed + number as u64);
        let program: Program = (0..LENGTH).map(|_| random.u64(..)).collect();
        match run(&program) {
            Ok(count) => drop(pruned.fetch_add(count, Ordering::Relaxed)),
            Err(failure) => {
                let (first, length) = (failure.why.clone(), program.len());
                let (program, Failure { at, why }) = shrink(program, failure);
                panic!(
                    "PORTPULSE_SEED={seed}, program {number}: {first}\nof {length} operations these {} are enough, \
                     of which number {at} fails: {program:?}\n{why}",
                    program.len()
                );
            }
        }
    });
    let pruned = pruned.into_inner();
    say(&format!("{operations} operations, {pruned} checks pruned"));
    assert!(operations < 10_000 || pruned > 1_000, "PORTPULSE_SEED={seed}: only {pruned} were pruned");
}
