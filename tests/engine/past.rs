//! The whole table as it was, asked of a real store by way of the engine.

use super::{MIDNIGHT, definition, history, open, play, refused, serve, until};
use portpulse::domain::maintenance::Origin;
use portpulse::domain::record::CatalogEntry;
use portpulse::domain::{
    Activity, Check, Closing, Definition, EndpointId, Event, Former, Gap, GapCause, Happening, Maintenance,
    MaintenanceOf, Outage, OutageId, Reason, Record, Span, Target, TargetId, VantageId, Wall,
};
use portpulse::engine::query::{AsOf, Depth};
use portpulse::engine::{Answer, Handle, Ports, Query};
use portpulse::monitor::State;
use portpulse::probe;
use std::sync::Arc;
use std::time::Duration;

const DAYS: i64 = 3;

/// So many minutes after the first check.
fn at(minute: i64) -> Wall {
    Wall(MIDNIGHT + (minute - DAYS * 24 * 60) * 60_000)
}

/// Three days of checks each minute: down from minute 1,000 to 1,030, nobody there from 2,000 to 2,100.
fn three_days() -> Vec<Record> {
    let target = Target::plain(TargetId(1), EndpointId(1), definition("db1"));
    let entry = CatalogEntry { target, added_at: at(0), removed_at: None, paused_at: None };
    let gap = Gap { vantage: VantageId::HERE, from: at(2_000), to: at(2_100), cause: GapCause::NotRunning, path: None };
    let closing = Some(Closing::Recovered { ended_at: at(1_030), confirmed_at: at(1_031) });
    let outage = Outage {
        id: OutageId(1),
        target: TargetId(1),
        name: "db1".to_owned(),
        started_at: at(1_000),
        detected_at: at(1_002) + Duration::from_secs(1),
        last_failure_at: at(1_029),
        closing,
        reason: Reason::Refused,
        failures: [30, 0, 0, 0, 0, 0, 0, 0],
        inconclusive: 0,
        unobserved: Duration::ZERO,
    };
    let event = |at, what| Record::Event(Event { at, target: Some((TargetId(1), "db1".to_owned())), what });
    let down = Happening::Down { outage: outage.id, reason: outage.reason, since: outage.started_at };
    let up = Happening::Up { outage: outage.id, lasted: Duration::from_mins(30) };
    let mut records = vec![
        Record::Target(entry),
        event(at(0), Happening::Added),
        event(outage.detected_at, down),
        event(at(1_031) + Duration::from_secs(1), up),
        Record::Outage(outage),
        Record::Gap(gap),
    ];
    let watched = (0..DAYS * 24 * 60).filter(|minute| !(2_000..2_100).contains(minute));
    records.extend(watched.map(|minute| {
        let outcome = if (1_000..1_030).contains(&minute) { refused() } else { open() };
        let (endpoint, vantage, address) = (EndpointId(1), VantageId::HERE, Some([192, 0, 2, 1].into()));
        Record::Check(Check { endpoint, vantage, at: at(minute), outcome, dns: None, address, tried: 1, answered: 1 })
    }));
    records
}

/// The run before left three days; this one is declared with these.
async fn after_three_days(home: &std::path::Path, declared: Vec<Definition>) -> Handle {
    let (_, kept) = history(home);
    let store = kept.store;
    store.import(three_days()).await.expect("an import");
    store.close().await.expect("a clean end");
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let (resumed, kept) = history(home);
    serve(resumed, declared, Ports { prober, history: Some(kept), keeper: None })
}

async fn events(handle: &Handle) -> Vec<Happening> {
    until(handle, |snapshot| snapshot.events.len() > 3).await;
    handle.snapshots().borrow().events.iter().map(|event| event.what.clone()).collect()
}

async fn ask(handle: &Handle, at: Wall, depth: Depth) -> AsOf {
    let answer = handle.query(Query::AsOf(at, depth)).await.expect("the engine runs");
    let Answer::AsOf(found) = answer else { panic!("{answer:?}") };
    assert_eq!((found.at, found.depth), (at, depth));
    *found
}

#[tokio::test]
async fn a_look_back_reads_the_moment_from_the_store() {
    let home = tempfile::tempdir().expect("a directory");
    let handle = after_three_days(home.path(), vec![definition("db1")]).await;
    let second = Duration::from_secs(30);
    for (minute, state, failures, is_observed) in [
        (999, State::Up, None, true),
        (1_001, State::Up, None, true),
        (1_002, State::Down, Some(3), true),
        (1_020, State::Down, Some(21), true),
        (1_030, State::Down, Some(30), true),
        (1_031, State::Up, None, true),
        (2_050, State::Up, None, false),
        (4_300, State::Up, None, true),
    ] {
        let found = ask(&handle, at(minute) + second, Depth::States).await;
        let picture = found.picture.expect("history");
        let view = picture.targets.first().expect("the target");
        let known = view.outage.as_ref().map(|outage| outage.failure_count());
        assert_eq!((view.state, known, !view.is_unobserved()), (state, failures, is_observed), "minute {minute}");
        let latest = view.latest.as_ref().expect("a check").check.at;
        assert_eq!(latest, at(if is_observed { minute } else { 1_999 }), "minute {minute}");
        assert!(view.day.cells.is_empty(), "a strip of a few checks would be false");
    }
    let found = ask(&handle, at(1_010), Depth::Days).await;
    let (before, after) = (at(1_002) + Duration::from_secs(1), at(1_031) + Duration::from_secs(1));
    assert_eq!((found.before, found.after), (Some(before), Some(after)));
    let day = found.picture.expect("history").targets[0].day.uptime;
    assert_eq!((day.up, day.down), (Duration::from_mins(1_000), Duration::from_mins(10)));
    let nothing = ask(&handle, at(-1), Depth::States).await;
    assert_eq!((nothing.picture, nothing.begins), (None, Some(at(0))));
}

#[tokio::test]
async fn a_look_back_knows_the_maintenance_of_the_moment() {
    let home = tempfile::tempdir().expect("a directory");
    let (_, kept) = history(home.path());
    let store = kept.store;
    let title = "switch".to_owned();
    let span = Span { from: at(995), to: at(1_020) };
    let maintenance = Maintenance { span, title, origin: Origin::Declared };
    let said = Record::Maintenance(MaintenanceOf { targets: vec![TargetId(1)], maintenance });
    store.import(three_days().into_iter().chain([said]).collect()).await.expect("an import");
    store.close().await.expect("a clean end");
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let (resumed, kept) = history(home.path());
    let handle = serve(resumed, vec![definition("db1")], Ports { prober, history: Some(kept), keeper: None });
    // Down for ten minutes outside of it, of the day before each moment.
    for (minute, shown, up, down) in [(994, None, 994, 0), (1_010, Some(span), 995, 0), (1_100, None, 1_065, 10)] {
        let found = ask(&handle, at(minute), Depth::Days).await;
        let view = found.picture.expect("history").targets[0].clone();
        assert_eq!(view.maintenance.as_ref().map(|it| it.span), shown, "minute {minute}");
        let uptime = view.day.uptime;
        assert_eq!((uptime.up, uptime.down), (Duration::from_mins(up), Duration::from_mins(down)), "minute {minute}");
    }
}

async fn detail(handle: &Handle, from: i64, to: i64) -> Box<portpulse::engine::query::Detail> {
    let query =
        Query::Detail { target: TargetId(1), endpoint: None, span: Span { from: at(from), to: at(to) }, columns: 100 };
    match handle.query(query).await.expect("the engine runs") {
        Answer::Detail(detail) => detail,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_target_whose_address_was_changed_keeps_what_was_before() {
    let home = tempfile::tempdir().expect("a directory");
    let moved = Definition { name: "db1".to_owned(), ..definition("db2") };
    for run in ["the one that finds it", "a later one"] {
        let handle = if run == "a later one" {
            let (prober, far) = probe::pair();
            play(far, |_| open());
            let (resumed, kept) = history(home.path());
            serve(resumed, vec![moved.clone()], Ports { prober, history: Some(kept), keeper: None })
        } else {
            after_three_days(home.path(), vec![moved.clone()]).await
        };
        let then = ask(&handle, at(1_010), Depth::Days).await.picture.expect("history");
        let view = &then.targets[0];
        assert_eq!((view.state, view.target.endpoint_ids.clone()), (State::Down, vec![EndpointId(1)]), "{run}");
        assert_eq!(view.target.definition.endpoints, definition("db1").endpoints, "{run}");
        assert_eq!(view.day.uptime.down, Duration::from_mins(10), "{run}");
        let detail = detail(&handle, 900, 1_100).await;
        assert_eq!((detail.summary.checks, detail.outages.len()), (200, 1), "{run}");
        let reach = handle.query(Query::Reach(TargetId(1))).await.expect("the engine runs");
        assert!(matches!(reach, Answer::Reach(Some(span)) if span.from == at(0)), "{run}: {reach:?}");
        let now = handle.snapshots().borrow().targets[0].target.definition.endpoints.clone();
        assert_eq!(now, moved.endpoints, "{run}");
        handle.stop().await.expect("the engine runs").expect("a saved history");
    }
}

/// The day before a moment is that of what spoke for the target then: the former address until it was changed, the
/// new one from there on.
#[tokio::test]
async fn the_day_before_a_moment_goes_back_behind_a_change_of_the_address() {
    let home = tempfile::tempdir().expect("a directory");
    let (_, kept) = history(home.path());
    let store = kept.store;
    let before = Target::plain(TargetId(1), EndpointId(1), definition("db1"));
    let moved = Definition { name: "db1".to_owned(), ..definition("db2") };
    let after = Target::plain(TargetId(1), EndpointId(2), moved.clone());
    let entry = CatalogEntry { target: after, added_at: at(0), removed_at: None, paused_at: None };
    let change = 1_500;
    let former = Former { target: before, until: at(change) };
    let check = |minute, endpoint| {
        let outcome = if minute == 1_200 || (1_000..1_030).contains(&minute) { refused() } else { open() };
        let (vantage, address) = (VantageId::HERE, Some([192, 0, 2, 1].into()));
        Record::Check(Check { endpoint, vantage, at: at(minute), outcome, dns: None, address, tried: 1, answered: 1 })
    };
    let mut records = vec![Record::Former(former), Record::Target(entry)];
    records.extend(three_days().into_iter().filter(|record| matches!(record, Record::Outage(_))));
    records.extend((0..change).map(|minute| check(minute, EndpointId(1))));
    records.extend((change + 1..4_000).map(|minute| check(minute, EndpointId(2))));
    store.import(records).await.expect("an import");
    store.close().await.expect("a clean end");
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let (resumed, kept) = history(home.path());
    let handle = serve(resumed, vec![moved], Ports { prober, history: Some(kept), keeper: None });
    for minute in [change, change + 1, change + 5, change + 300] {
        let found = ask(&handle, at(minute) + Duration::from_secs(30), Depth::Days).await;
        let view = Arc::clone(&found.picture.expect("history").targets[0]);
        let day = view.day.uptime;
        assert_eq!((day.down, day.blips), (Duration::from_mins(30), 1), "{minute}: {day:?}");
        assert!(day.coverage() > Some(0.99), "{minute}: {day:?}");
        let is_new = minute > change;
        assert_eq!((view.state == State::Up, view.latest.is_some()), (is_new, is_new), "it is judged anew: {minute}");
    }
    handle.stop().await.expect("the engine runs").expect("a saved history");
}

#[tokio::test]
async fn a_target_that_was_removed_can_be_looked_at_while_its_history_is_kept() {
    let home = tempfile::tempdir().expect("a directory");
    let handle = after_three_days(home.path(), Vec::new()).await;
    assert!(events(&handle).await.contains(&Happening::Removed));
    let detail = detail(&handle, 900, 1_100).await;
    assert_eq!((detail.summary.checks, detail.outages.len()), (200, 1));
    let uptimes = handle.query(Query::Uptimes { target: TargetId(1), until: at(1_010) }).await.expect("an engine");
    let Answer::Uptimes(uptimes) = uptimes else { panic!("{uptimes:?}") };
    assert_eq!(uptimes.windows[1].down, Duration::from_mins(10));
}

#[tokio::test]
async fn a_pause_that_was_made_while_nobody_ran_is_told_at_the_start() {
    let home = tempfile::tempdir().expect("a directory");
    let paused = Definition { activity: Activity::Paused, ..definition("db1") };
    let handle = after_three_days(home.path(), vec![paused]).await;
    let told = events(&handle).await;
    assert!(told.contains(&Happening::Paused) && !told.contains(&Happening::Edited), "{told:?}");
    handle.stop().await.expect("the engine runs").expect("a saved history");
    let (prober, far) = probe::pair();
    play(far, |_| open());
    let (resumed, kept) = history(home.path());
    let handle = serve(resumed, vec![definition("db1")], Ports { prober, history: Some(kept), keeper: None });
    until(&handle, |snapshot| snapshot.events.iter().any(|event| event.what == Happening::Resumed)).await;
    until(&handle, |snapshot| snapshot.targets[0].state == State::Up).await;
}
