//! The real driver and the real monitor, with a scripted prober and time that a test moves.

#[path = "engine/past.rs"]
mod past;

use portpulse::domain::record::Resumed;
use portpulse::domain::{
    Clocked, Definition, Endpoint, Failure, Fault, Finding, Job, Mono, Now, Order, Outcome, Place, Reason, Report,
    Span, TargetId, Timing, Wall,
};
use portpulse::engine::{self, Answer, Handle, History, Keeper, Ports, Query};
use portpulse::monitor::{Command, Input, Monitor, Notice, Recording, Refusal, Reply, Settings, Snapshot, State};
use portpulse::probe::{self, Far, Prober};
use portpulse::store::{self, Opened};
use std::cell::Cell;
use std::num::NonZeroU8;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

/// The wall clock at the start of a test: 2026-11-20 00:00 UTC.
const MIDNIGHT: i64 = 1_795_132_800_000;

/// Both clocks follow the time of the test.
fn clock() -> Now {
    thread_local!(static START: Cell<Option<Instant>> = const { Cell::new(None) });
    let now = Instant::now();
    let start = START.with(|start| {
        start.get().unwrap_or_else(|| {
            start.set(Some(now));
            now
        })
    });
    let passed = u64::try_from((now - start).as_millis()).expect("a short test");
    Now { mono: Mono(passed), wall: Wall(MIDNIGHT + i64::try_from(passed).expect("a short test")) }
}

fn open() -> Outcome {
    Outcome::Open(Timing { connect: Duration::from_millis(3), clocked: Clocked::Kernel, syn_lost: 0 })
}

fn refused() -> Outcome {
    Outcome::Failed(Failure {
        reason: Reason::Refused,
        place: Place::Later,
        errno: None,
        name: None,
        after: Duration::from_millis(1),
        syn_lost: 0,
    })
}

fn definition(name: &str) -> Definition {
    let address = format!("{name}:5432").parse().expect("an address");
    let timeout = Duration::from_secs(10);
    Definition::new(name.to_owned(), Endpoint { timeout, ..Endpoint::new(address) })
}

/// Starts an engine that watches nothing yet.
fn start(prober: Prober, keeper: Option<Keeper>) -> Handle {
    serve(Resumed::default(), Vec::new(), Ports { prober, history: None, keeper })
}

/// Starts an engine where the run before left it.
fn serve(resumed: Resumed, declared: Vec<Definition>, ports: Ports) -> Handle {
    let mut wanted = Vec::new();
    let mut monitor = Monitor::new(clock(), Settings::default(), declared, resumed, &mut wanted);
    let (handle, inbox) = engine::channel(monitor.snapshot(clock()));
    tokio::spawn(engine::run(monitor, wanted, inbox, ports, clock));
    handle
}

/// Plays the far end of a prober: each check takes 5 ms and finds what the script says.
fn play(mut far: Far, mut script: impl FnMut(&Job) -> Outcome + Send + 'static) {
    tokio::spawn(async move {
        while let Some(order) = far.orders.recv().await {
            let report = match order {
                Order::Probe(job) => {
                    sleep(Duration::from_millis(5)).await;
                    let outcome = script(&job);
                    let address = Some([192, 0, 2, 1].into());
                    Report::Done(
                        job.attempt,
                        Finding { address, outcome, ..Finding::inconclusive(Duration::ZERO, Fault::Cancelled) },
                    )
                }
                Order::SelfCheck { attempt, .. } => Report::SelfChecked(attempt, Ok(())),
                Order::Cancel(_) => continue,
            };
            if far.reports.send(report).await.is_err() {
                return;
            }
        }
    });
}

/// Waits until the picture is as wanted.
async fn until(handle: &Handle, is_there: impl Fn(&Snapshot) -> bool) {
    let mut snapshots = handle.snapshots();
    let wanted = snapshots.wait_for(|snapshot| is_there(snapshot));
    timeout(Duration::from_mins(10), wanted).await.expect("it comes to that").expect("the engine runs");
}

async fn add(handle: &Handle, name: &str) -> Reply {
    handle.ask(Command::Add(vec![definition(name)])).await.expect("the engine runs")
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_added_is_checked_at_once() {
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let handle = start(prober, None);
    let asked_at = clock().mono;
    assert!(matches!(add(&handle, "db1").await, Reply::Added(ids) if ids.len() == 1));
    until(&handle, |snapshot| snapshot.targets.iter().any(|view| view.state == State::Up)).await;
    assert!(clock().mono.since(asked_at) < Duration::from_secs(1), "{:?}", clock().mono);
}

#[tokio::test(start_paused = true)]
async fn what_is_said_to_be_done_is_seen_to_be_done() {
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let handle = start(prober, None);
    for count in 1..=20 {
        assert!(matches!(add(&handle, &format!("db{count}")).await, Reply::Added(_)));
        assert_eq!(handle.snapshots().borrow().targets.len(), count, "whoever looks next finds it");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_is_refused() {
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let handle = start(prober, None);
    add(&handle, "db1").await;
    assert!(matches!(add(&handle, "db1").await, Reply::Refused(Refusal::NameTaken(_) | Refusal::AlreadyWatched(..))));
}

#[tokio::test(start_paused = true)]
async fn an_outage_and_its_end_are_announced() {
    let (prober, far) = probe::pair();
    let mut checks = 0;
    play(far, move |_| {
        checks += 1;
        if (2..=6).contains(&checks) { refused() } else { open() }
    });
    let handle = start(prober, None);
    let mut notices = handle.notices();
    add(&handle, "db1").await;
    let notice = timeout(Duration::from_mins(10), notices.recv()).await.expect("an outage").expect("the engine runs");
    let Notice::Down(outage) = notice else { panic!("{notice:?}") };
    assert_eq!(outage.reason, Reason::Refused);
    let notice = timeout(Duration::from_mins(10), notices.recv()).await.expect("an end").expect("the engine runs");
    assert!(matches!(notice, Notice::Up(ended) if ended.id == outage.id), "the same outage");
}

#[tokio::test(start_paused = true)]
async fn after_a_stop_nobody_is_left_waiting() {
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let handle = start(prober, None);
    handle.stop().await.expect("it runs").expect("nothing is unsaved");
    assert_eq!(handle.ask(Command::ClearInstant).await, Err(engine::Stopped));
    let mut snapshots = handle.snapshots();
    snapshots.mark_unchanged();
    assert!(snapshots.changed().await.is_err(), "no more pictures");
}

#[tokio::test(start_paused = true)]
async fn the_engine_ends_with_its_prober() {
    let (prober, far) = probe::pair();
    let handle = start(prober, None);
    drop(far);
    let mut snapshots = handle.snapshots();
    timeout(Duration::from_secs(1), async { while snapshots.changed().await.is_ok() {} }).await.expect("it ends");
}

#[tokio::test(start_paused = true)]
async fn pictures_come_at_most_ten_times_a_second() {
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let handle = start(prober, None);
    let many = (0..500).map(|number| definition(&format!("db{number}"))).collect();
    handle.ask(Command::Add(many)).await.expect("the engine runs");
    let mut snapshots = handle.snapshots();
    let start = Instant::now();
    let mut pictures = 0;
    while timeout(Duration::from_millis(500), snapshots.changed()).await.is_ok()
        && start.elapsed() < Duration::from_secs(2)
    {
        pictures += 1;
    }
    assert!((2..=21).contains(&pictures), "{pictures} pictures in two seconds");
}

#[tokio::test(start_paused = true)]
async fn with_very_many_targets_what_a_key_has_changed_is_still_shown_at_once() {
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let handle = start(prober, None);
    let many = (0..10_000).map(|number| definition(&format!("db{number}"))).collect();
    handle.ask(Command::Add(many)).await.expect("the engine runs");
    let mut snapshots = handle.snapshots();
    let mut pictures = 0;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(4) && snapshots.changed().await.is_ok() {
        pictures += 1;
    }
    assert!((2..=10).contains(&pictures), "{pictures} pictures in four seconds");
    add(&handle, "new").await;
    let has_it = |snapshot: &std::sync::Arc<Snapshot>| snapshot.targets.len() == 10_001;
    timeout(Duration::from_millis(150), snapshots.wait_for(has_it)).await.expect("soon").expect("the engine runs");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_sleeps_finds_the_newest_picture() {
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let handle = start(prober, None);
    let mut sleeper = handle.snapshots();
    add(&handle, "db1").await;
    sleep(Duration::from_mins(30)).await;
    let newest = sleeper.borrow_and_update().clone();
    assert!(clock().wall.since(newest.at.wall) < Duration::from_mins(2), "{:?}", newest.at);
}

#[tokio::test(start_paused = true)]
async fn a_prober_that_takes_no_more_orders_is_our_fault_and_no_outage() {
    let (orders, full) = mpsc::channel(1);
    let (_reports, reports) = mpsc::channel(1);
    let handle = start(Prober { orders, reports }, None);
    let many = (0..5).map(|number| definition(&format!("db{number}"))).collect();
    handle.ask(Command::Add(many)).await.expect("the engine runs");
    sleep(Duration::from_mins(10)).await;
    let snapshot = handle.snapshots().borrow().clone();
    assert_eq!(full.len(), 1, "the queue is full");
    assert_eq!(snapshot.targets.len(), 5);
    assert!(snapshot.targets.iter().all(|view| view.state == State::Pending && view.outage.is_none()));
}

#[tokio::test]
async fn a_configuration_that_cannot_be_written_changes_nothing() {
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let (changes, wanted) = sync_channel(4);
    let (answers, words) = mpsc::channel(4);
    std::thread::spawn(move || {
        for (id, _) in wanted {
            let refusal = Err("portpulse.toml: no space left on device".to_owned());
            let _ = answers.blocking_send(Input::Written(id, refusal));
        }
    });
    let handle = start(prober, Some(Keeper { changes, words }));
    let reply = add(&handle, "db1").await;
    assert!(matches!(&reply, Reply::Refused(Refusal::NotWritten(why)) if why.contains("no space")), "{reply:?}");
    assert!(handle.snapshots().borrow().targets.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_keeper_that_is_behind_refuses_instead_of_waiting() {
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let (changes, _wanted) = sync_channel(1);
    let (_answers, words) = mpsc::channel(1);
    let handle = start(prober, Some(Keeper { changes, words }));
    let first = tokio::spawn({
        let handle = handle.clone();
        async move { add(&handle, "db1").await }
    });
    // The clock stands still while anybody has something to do: now the first is on its way.
    sleep(Duration::from_millis(10)).await;
    let second = add(&handle, "db2").await;
    assert!(matches!(second, Reply::Refused(Refusal::NotWritten(_))), "{second:?}");
    handle.stop().await.expect("it runs").expect("nothing is unsaved");
    assert_eq!(first.await.expect("it ends"), Reply::Refused(Refusal::Stopping));
}

/// Opens the store in this directory, as the far end of an engine's history.
fn history(directory: &Path) -> (Resumed, History) {
    let Opened { store, resumed, statuses, notes } =
        store::open(directory, store::Options::default()).expect("a directory of our own");
    (resumed, History { store, statuses, notes, well: Recording::Recording })
}

/// Time does not jump here: the store has a thread of its own.
#[tokio::test]
async fn what_was_seen_can_be_asked_for_in_the_same_run_and_in_the_next() {
    let home = tempfile::tempdir().expect("a directory");
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let (resumed, kept) = history(home.path());
    let handle = serve(resumed, Vec::new(), Ports { prober, history: Some(kept), keeper: None });
    let Reply::Added(ids) = add(&handle, "db1").await else { panic!("it is added") };
    for checks in 1..=3 {
        handle.ask(Command::CheckNow(ids.clone())).await.expect("the engine runs");
        until(&handle, |snapshot| snapshot.targets.iter().any(|view| view.recent.len() >= checks)).await;
    }
    let in_this_run = checks_of(&handle, ids[0]).await;
    assert!(in_this_run >= 3, "{in_this_run} checks");
    let extent = handle.query(Query::Extent(ids.clone())).await.expect("the engine runs");
    assert!(matches!(extent, Answer::Extent(extent) if extent.checks == u64::from(in_this_run)), "{extent:?}");
    handle.stop().await.expect("it runs").expect("nothing is unsaved");

    let (prober, _far) = probe::pair();
    let (resumed, kept) = history(home.path());
    let handle = serve(resumed, vec![definition("db1")], Ports { prober, history: Some(kept), keeper: None });
    until(&handle, |snapshot| snapshot.targets.iter().any(|view| view.target.id == ids[0])).await;
    let pictures = handle.snapshots();
    let latest = pictures.borrow().targets.first().and_then(|view| view.latest.clone());
    assert_eq!(latest.map(|latest| latest.check.outcome), Some(open()), "the newest check of the run before");
    assert_eq!(checks_of(&handle, ids[0]).await, in_this_run);
    let outages = handle.query(Query::Outages(Span::before(clock().wall, Duration::from_hours(1)))).await;
    assert_eq!(outages, Ok(Answer::Outages(Vec::new())));
    let length = Duration::from_hours(7 * 24);
    let overview =
        handle.query(Query::Overview { at: clock().wall, length, cells: 56 }).await.expect("the engine runs");
    let Answer::Overview(overview) = overview else { panic!("{overview:?}") };
    assert_eq!((overview.length, overview.cells, overview.cell()), (length, 56, Duration::from_hours(3)));
    assert!(overview.span.contains(clock().wall) && overview.strips.is_empty(), "today is not over");
    assert!(overview.until.is_some_and(|until| until <= clock().wall), "{:?}", overview.until);
}

/// The store has an outage as it was when it was opened, and hears of more failed checks only now and then.
#[tokio::test]
async fn an_outage_that_goes_on_is_told_with_every_failed_check_so_far() {
    let home = tempfile::tempdir().expect("a directory");
    let (prober, far) = probe::pair();
    play(far, |_| refused());
    let (resumed, kept) = history(home.path());
    let handle = serve(resumed, Vec::new(), Ports { prober, history: Some(kept), keeper: None });
    let hour = Duration::from_hours(1);
    let seldom = Definition { interval: hour, retry_interval: hour, down_after: NonZeroU8::MIN, ..definition("db1") };
    let reply = handle.ask(Command::Add(vec![seldom])).await.expect("the engine runs");
    let Reply::Added(ids) = reply else { panic!("{reply:?}") };
    let open = |snapshot: &Snapshot| snapshot.targets.first().and_then(|view| view.outage.as_deref().cloned());
    until(&handle, |snapshot| open(snapshot).is_some()).await;
    let first = open(&handle.snapshots().borrow()).expect("an outage").failure_count();
    for more in 1..=5 {
        handle.ask(Command::CheckNow(ids.clone())).await.expect("the engine runs");
        until(&handle, |snapshot| open(snapshot).is_some_and(|outage| outage.failure_count() >= first + more)).await;
    }
    let now = open(&handle.snapshots().borrow()).expect("an outage");
    let span = Span::before(clock().wall + Duration::from_secs(1), hour);
    let ask = async |query| handle.query(query).await.expect("the engine runs");
    assert_eq!(ask(Query::Outages(span)).await, Answer::Outages(vec![now.clone()]));
    assert_eq!(ask(Query::OutagesOf(ids[0], span)).await, Answer::Outages(vec![now.clone()]));
    let Answer::Outage(Some(incident)) = ask(Query::Outage(now.id)).await else { panic!("no outage") };
    assert_eq!(incident.outage, now);
    let Answer::Report(findings) = ask(Query::Report(span)).await else { panic!("no report") };
    assert_eq!(findings.outages.iter().map(|struck| &struck.outage).collect::<Vec<_>>(), [&now]);
    handle.stop().await.expect("it runs").expect("nothing is unsaved");
}

/// How many checks of the last hour the detail of a target tells, in 60 columns and in its figures alike.
async fn checks_of(handle: &Handle, target: TargetId) -> u32 {
    let span = Span::before(clock().wall + Duration::from_secs(1), Duration::from_hours(1));
    let answer =
        handle.query(Query::Detail { target, endpoint: None, span, columns: 60 }).await.expect("the engine runs");
    let Answer::Detail(detail) = answer else { panic!("{answer:?}") };
    let drawn: u32 = detail.columns.iter().map(|column| column.open).sum();
    assert_eq!((detail.columns.len(), drawn), (60, detail.summary.checks));
    assert_eq!((detail.addresses.seen.len(), detail.addresses.changes), (1, 0), "{:?}", detail.addresses);
    let answer = handle.query(Query::Uptimes { target, until: span.to }).await.expect("the engine runs");
    let Answer::Uptimes(uptimes) = answer else { panic!("{answer:?}") };
    assert!(uptimes.oldest.is_some_and(|oldest| span.contains(oldest)), "{uptimes:?}");
    assert!(uptimes.windows.iter().all(|uptime| !uptime.up.is_zero()), "{uptimes:?}");
    drawn
}

#[tokio::test(start_paused = true)]
async fn without_a_store_a_question_about_history_is_answered_with_the_reason() {
    let (prober, _far) = probe::pair();
    let handle = start(prober, None);
    let answer = handle.query(Query::Extent(Vec::new())).await.expect("the engine runs");
    assert!(matches!(&answer, Answer::Failed(why) if why.contains("no history")), "{answer:?}");
}
