//! Records to keep, made from a seed, and what a store says about them.

use portpulse::domain::record::Resumed;
use portpulse::domain::*;
use portpulse::store::{Extent, Options, ReadError, Reader, Store, is_contained};
use std::io::Write;
use std::num::NonZeroU8;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// A moment in 2025, to start from.
pub const START: Wall = Wall(1_750_000_000_000);
/// Any moment at all.
pub const EVER: Span = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };

/// Options for tests: no waiting for a clock, no room that a small disk must leave.
pub fn options() -> Options {
    Options { flush_every: Duration::from_millis(20), free_space_min: 0, ..Options::default() }
}

/// A directory in memory, where there is such a place: for tests that prove an order of writes, or what is
/// made of given bytes, the speed of a disk is no matter.
pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory")
}

/// What a variable of the environment says, if it is a number.
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Says what a test has found out; seen with `--nocapture`.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Waits for something on this thread.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(work)
}

/// Does something for each number up to `count`, on several threads at once; the first failure ends it.
pub fn in_lanes(lanes: usize, count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let lane = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(number))) {
                    next.store(count, Ordering::Relaxed);
                    resume_unwind(panic);
                }
            }
        };
        for name in 0..lanes {
            std::thread::Builder::new().name(format!("lane {name}")).spawn_scoped(scope, lane).expect("a thread");
        }
    });
}

/// From now on notes every panic that nobody waits for, on threads that are not of a test.
pub fn watch_panics() -> &'static Mutex<Vec<String>> {
    static PANICS: OnceLock<Mutex<Vec<String>>> = OnceLock::new();
    PANICS.get_or_init(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if is_contained() {
                return;
            }
            let thread = std::thread::current();
            let name = thread.name().unwrap_or("unnamed");
            if !name.starts_with("lane") && !name.starts_with("store::") {
                watch_panics().lock().unwrap_or_else(PoisonError::into_inner).push(format!("{name}: {panic}"));
            }
            print(panic);
        }));
        Mutex::default()
    })
}

/// A check with everything that a check can have.
pub fn check(random: &mut fastrand::Rng, endpoint: EndpointId, at: Wall) -> Check {
    let micros = |random: &mut fastrand::Rng| Duration::from_micros(random.u64(20..300_000));
    let outcome = match random.u8(0..20) {
        0 => Outcome::Failed(Failure {
            reason: random.choice(Reason::ALL).unwrap_or(Reason::Refused),
            place: Place::Later,
            errno: random.bool().then_some(111),
            name: None,
            after: micros(random),
            syn_lost: random.u8(0..3),
        }),
        1 => Outcome::Inconclusive(Fault::Overload),
        _ => Outcome::Open(Timing { connect: micros(random), clocked: Clocked::Kernel, syn_lost: 0 }),
    };
    let address = Some([10, 0, 0, random.u8(0..3)].into());
    let dns = random.bool().then(|| micros(random));
    Check { endpoint, vantage: VantageId::HERE, at, outcome, dns, address, tried: 1, answered: 1 }
}

/// A check that was refused.
pub fn refused(endpoint: EndpointId, at: Wall) -> Check {
    let failure = Failure {
        reason: Reason::Refused,
        place: Place::Later,
        errno: Some(111),
        name: None,
        after: Duration::from_micros(90),
        syn_lost: 0,
    };
    let outcome = Outcome::Failed(failure);
    Check { endpoint, vantage: VantageId::HERE, at, outcome, dns: None, address: None, tried: 1, answered: 0 }
}

pub fn outage(id: u64, target: TargetId, started_at: Wall) -> Outage {
    Outage {
        id: OutageId(id),
        target,
        name: format!("target {}", target.0),
        started_at,
        detected_at: started_at + Duration::from_secs(20),
        last_failure_at: started_at + Duration::from_secs(20),
        closing: None,
        reason: Reason::Refused,
        failures: [3, 0, 0, 0, 0, 0, 0, 0],
        inconclusive: 0,
        unobserved: Duration::ZERO,
    }
}

pub fn target(id: u32, endpoint: u32, at: Wall) -> CatalogEntry {
    let address: Address = format!("host-{id}.example:80").parse().expect("an address");
    let endpoint_of = Endpoint { timeout: Duration::from_secs(10), ..Endpoint::new(address) };
    let mut definition = Definition::new(format!("target {id}"), endpoint_of);
    definition.down_after = NonZeroU8::MIN;
    let target = Target::plain(TargetId(id), EndpointId(endpoint), definition);
    CatalogEntry { target, added_at: at, removed_at: None, paused_at: None }
}

pub fn event(text: String, at: Wall) -> Event {
    Event { at, target: None, what: Happening::Note(text) }
}

pub fn ad_hoc(at: Wall) -> AdHoc {
    let finding = job::Finding::inconclusive(Duration::ZERO, Fault::Cancelled);
    AdHoc { at, address: "ad-hoc.example:443".parse().expect("an address"), finding }
}

/// An order for checks that does not depend on who gives them.
pub fn sorted(mut checks: Vec<Check>) -> Vec<Check> {
    checks.sort_by_cached_key(|check| (check.at, format!("{check:?}")));
    checks
}

/// Asks the store something and waits for the answer.
pub async fn ask<T: Send + 'static>(
    store: &Store,
    question: impl FnOnce(&Reader<'_>) -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    store.read(question).await.unwrap_or(Err(ReadError::Closed))
}

/// All checks of an endpoint.
pub async fn checks_of(store: &Store, endpoint: EndpointId) -> Result<Vec<Check>, ReadError> {
    ask(store, move |reader| reader.checks(endpoint, VantageId::HERE, EVER)).await
}

/// Everything that a store can be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Everything {
    pub checks: Vec<Vec<Check>>,
    pub outages: Vec<Outage>,
    pub gaps: Vec<Gap>,
    pub events: Vec<Event>,
    pub extent: Extent,
}

/// Reads all of it, of the endpoints up to a number.
pub async fn everything(store: &Store, endpoints: u32, targets: Vec<TargetId>) -> Result<Everything, ReadError> {
    ask(store, move |reader| {
        let checks = (0..endpoints)
            .map(|id| reader.checks(EndpointId(id), VantageId::HERE, EVER).map(sorted))
            .collect::<Result<_, _>>()?;
        Ok(Everything {
            checks,
            outages: reader.outages(EVER)?,
            gaps: reader.gaps(EVER)?,
            events: reader.events(usize::MAX)?,
            extent: reader.extent(&targets)?,
        })
    })
    .await
}

/// Ids of the open outages.
pub fn open_ids(resumed: &Resumed) -> Vec<u64> {
    let mut ids: Vec<u64> = resumed.open_outages.iter().map(|outage| outage.id.0).collect();
    ids.sort_unstable();
    ids
}
