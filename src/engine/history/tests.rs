//! Questions about a history in a real store.

use super::*;
use crate::domain::maintenance::Origin;
use crate::domain::{
    CatalogEntry, Check, Clocked, Closing, Definition, Endpoint, EndpointId, Evaluation, Event, Failure, Gap, GapCause,
    Grade, Happening, Maintenance, MaintenanceOf, Outage, OutageId, Outcome, Path, Place, Reason, Record, Remark, Span,
    Target, TargetId, Timing, VantageId,
};
use crate::engine::query::{Depth, Detail, Source, Unseen, Why};
use crate::monitor::{Soft, State};
use crate::store::{Bounds, Options, open};
use crate::window::Cell;
use std::time::Duration;

const MINUTE: i64 = 60_000;
pub(super) const TARGET: TargetId = TargetId(1);

/// The minute of a made-up day.
pub(super) fn minute(n: i64) -> Wall {
    Wall(1_795_132_800_000 + n * MINUTE)
}

pub(super) fn span(from: i64, to: i64) -> Span {
    Span { from: minute(from), to: minute(to) }
}

/// A target that is checked every minute.
pub(super) fn target() -> Target {
    let endpoint =
        Endpoint { timeout: Duration::from_secs(3), ..Endpoint::new("db1.example:5432".parse().expect("an address")) };
    let definition = Definition::new("db1".to_owned(), endpoint);
    Target::plain(TARGET, EndpointId(1), definition)
}

pub(super) fn view() -> TargetView {
    TargetView {
        target: Arc::new(target()),
        state: State::Up,
        since: minute(0),
        soft: Soft::Steady,
        checking: false,
        latest: None,
        recent: Arc::from([]),
        hour: Arc::default(),
        day: Arc::default(),
        outage: None,
        maintenance: None,
        planned: None,
        round: None,
    }
}

/// One character a minute: `.` open, `x` failed, space no check. From the 30th on at another address.
pub(super) fn checks(picture: &str) -> impl Iterator<Item = Record> {
    let timing = Timing { connect: Duration::from_millis(3), clocked: Clocked::Kernel, syn_lost: 0 };
    let (reason, place, after) = (Reason::Refused, Place::Later, Duration::ZERO);
    let failure = Failure { reason, place, errno: None, name: None, after, syn_lost: 0 };
    (0..).zip(picture.chars()).filter(|(_, mark)| *mark != ' ').map(move |(n, mark)| {
        Record::Check(Check {
            endpoint: EndpointId(1),
            vantage: VantageId::HERE,
            at: minute(n),
            outcome: if mark == '.' { Outcome::Open(timing) } else { Outcome::Failed(failure) },
            dns: Some(Duration::from_millis(1)),
            address: Some([192, 0, 2, if n < 30 { 1 } else { 2 }].into()),
            tried: 1,
            answered: u8::from(mark == '.'),
        })
    })
}

/// What the store answers at a minute, given these records.
pub(super) async fn asked(records: Vec<Record>, query: Query, now: i64) -> Answer {
    let entry = CatalogEntry { target: target(), added_at: minute(0), removed_at: None, paused_at: None };
    asked_of(entry, records, query, now).await
}

async fn asked_of(entry: CatalogEntry, records: Vec<Record>, query: Query, now: i64) -> Answer {
    let home = tempfile::tempdir().expect("a directory");
    let store = open(home.path(), Options { free_space_min: 0, ..Options::default() }).expect("a store").store;
    let records = records.into_iter().chain([Record::Target(entry)]).collect();
    store.import(records).await.expect("a history");
    // Every day that is over is summed up, between other work.
    let over = Wall(minute(now).0 / 86_400_000 * 86_400_000);
    while over > minute(0) {
        let summed = store.read(|reader| Ok(reader.summed_until())).await.expect("the store runs").expect("an answer");
        if summed.is_some_and(|until| until >= over) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let answer = answer(&store, query, Some(Arc::new(view())), minute(now)).await.expect("an answer");
    store.close().await.expect("a saved history");
    let written = serde_json::to_string(&answer).expect("JSON");
    assert_eq!(serde_json::from_str::<Answer>(&written).expect("an answer"), answer, "it can go over a wire");
    answer
}

async fn detail_of(records: Vec<Record>, span: Span, columns: u16) -> Detail {
    let answer = asked(records, Query::Detail { target: TARGET, endpoint: None, span, columns }, 60).await;
    let Answer::Detail(detail) = answer else { panic!("{answer:?}") };
    *detail
}

fn event(n: i64, target: Option<TargetId>, what: Happening) -> Record {
    Record::Event(Event { at: minute(n), target: target.map(|id| (id, "db1".to_owned())), what })
}

#[tokio::test]
async fn a_span_has_its_own_checks_and_the_one_before_it_speaks_for_its_beginning() {
    let detail = detail_of(checks(&".".repeat(60)).collect(), span(10, 20), 5).await;
    assert_eq!(detail.columns.iter().map(|column| column.open).collect::<Vec<_>>(), [2; 5]);
    assert_eq!((detail.summary.checks, detail.summary.dns_median), (10, Some(Duration::from_millis(1))));
    let uptime = detail.strip.uptime;
    assert_eq!((detail.strip.cells.len(), uptime.up, uptime.expected), (5, Duration::from_mins(10), uptime.up));
    assert_eq!((detail.addresses.seen.len(), detail.addresses.changes), (1, 0));
    let detail = detail_of(checks(&".".repeat(60)).collect(), span(0, 60), 5).await;
    assert_eq!(detail.addresses.newest.iter().map(|change| change.at).collect::<Vec<_>>(), [minute(30)]);
}

#[tokio::test]
async fn a_removed_target_was_neither_up_nor_expected_after_its_removal() {
    let down = Outage {
        id: OutageId(1),
        target: TARGET,
        name: "db1".to_owned(),
        started_at: minute(0),
        detected_at: minute(2),
        last_failure_at: minute(9),
        closing: Some(Closing::Removed(Wall(minute(9).0 + 1_000))),
        reason: Reason::Refused,
        failures: [10, 0, 0, 0, 0, 0, 0, 0],
        inconclusive: 0,
        unobserved: Duration::ZERO,
    };
    let removed_at = Some(Wall(minute(9).0 + 1_000));
    let entry = CatalogEntry { target: target(), added_at: minute(0), removed_at, paused_at: None };
    let records = checks("xxxxxxxxxx").chain([Record::Outage(down)]).collect();
    let Answer::Report(findings) = asked_of(entry, records, Query::Report(span(0, 30)), 30).await else {
        panic!("no report")
    };
    let uptime = findings.targets[0].uptime;
    let watched = Duration::from_secs(9 * 60 + 1);
    assert_eq!((uptime.up, uptime.down, uptime.expected), (Duration::ZERO, watched, watched));
    let removed = Span { from: Wall(minute(9).0 + 1_000), to: span(0, 30).to };
    assert_eq!(findings.unwatched, [removed], "it was the only one");
}

#[tokio::test]
async fn all_maintenance_of_the_target_is_told_and_its_time_has_cells_of_its_own() {
    let works = |from, to, target| {
        let (span, title) = (Span { from: minute(from), to: minute(to) }, "patches".to_owned());
        let maintenance = Maintenance { span, title, origin: Origin::Declared };
        Record::Maintenance(MaintenanceOf { targets: vec![target], maintenance })
    };
    let mut records: Vec<Record> = checks(&".".repeat(60)).collect();
    records.extend([works(10, 20, TARGET), works(30, 40, TargetId(2)), works(90, 120, TARGET), works(90, 90, TARGET)]);
    records.push(works(100, 110, TARGET));
    let detail = detail_of(records, span(0, 40), 4).await;
    let told: Vec<Span> = detail.maintenance.iter().map(|one| one.span).collect();
    assert_eq!(told, [span(10, 20), span(100, 110)], "withdrawn is withdrawn, and what is to come is known");
    let minutes = |cells: &[Cell]| cells.iter().map(|cell| cell.maintenance.as_secs() / 60).collect::<Vec<_>>();
    assert_eq!(minutes(&detail.strip.cells), [0, 10, 0, 0]);
    assert_eq!(detail.strip.cells[1].up, Duration::ZERO, "it is in neither");
    assert!(detail.columns.iter().all(|column| column.open == 10), "the checks stay");
}

#[tokio::test]
async fn what_nobody_saw_is_told_with_its_reason_and_inside_of_the_span() {
    let gap = |from, to, cause, path| {
        Record::Gap(Gap { vantage: VantageId::HERE, from: minute(from), to: minute(to), cause, path })
    };
    let mut records: Vec<Record> = checks(&".".repeat(60)).collect();
    records.extend([
        gap(-5, 2, GapCause::NotRunning, None),
        gap(5, 8, GapCause::Blind, Some(Path::Ipv4)),
        gap(5, 9, GapCause::Blind, Some(Path::Ipv6)),
        event(20, Some(TARGET), Happening::Paused),
        event(25, Some(TARGET), Happening::Resumed),
        event(25, Some(TargetId(2)), Happening::Paused),
    ]);
    let detail = detail_of(records, span(0, 40), 10).await;
    let expected = [
        Unseen { span: span(0, 2), why: Why::Gap(GapCause::NotRunning) },
        Unseen { span: span(5, 8), why: Why::Gap(GapCause::Blind) },
        Unseen { span: span(20, 25), why: Why::Paused },
    ];
    assert_eq!(detail.unseen, expected, "no way that its checks do not go, and nothing of another target");
    assert_eq!(detail.strip.uptime.up, Duration::from_mins(30));
}

#[tokio::test]
async fn remarks_stand_at_the_moment_that_they_are_about() {
    let remark = |written, about, target, text: &str| {
        event(written, target, Happening::Remarked { about: minute(about), text: text.to_owned() })
    };
    let records = vec![
        remark(50, 10, None, "deployed"),
        remark(10, 50, Some(TARGET), "later"),
        remark(12, 12, Some(TargetId(2)), "another"),
    ];
    let detail = detail_of(records, span(0, 40), 10).await;
    assert_eq!(detail.remarks, [Remark { about: minute(10), target: None, text: "deployed".to_owned() }]);
}

#[tokio::test]
async fn whole_hours_that_are_summed_up_tell_the_same_as_their_checks() {
    // Four days, checked every minute, of which the last is not over; two failures make no outage.
    let now = 4 * 1_440 - 30;
    let ask = |columns: u16| async move {
        let days = checks(&format!("{}xx{}", ".".repeat(2_000), ".".repeat(4 * 1_440 - 2_002))).collect();
        let query = Query::Detail { target: TARGET, endpoint: None, span: span(now - 4_320, now), columns };
        let Answer::Detail(detail) = asked(days, query, now).await else { panic!("a detail") };
        detail
    };
    let (hours, exact) = (ask(12).await, ask(480).await);
    let sum = |detail: &Detail| detail.columns.iter().map(|column| column.open + column.failed).sum::<u32>();
    assert_eq!((exact.summary.checks, sum(&exact)), (4_320, 4_320));
    let source = |detail: &Detail| detail.summary.latency.expect("connections").source;
    assert_eq!((source(&hours), source(&exact)), (Source::Sketch, Source::Exact));
    let newest = |detail: &Detail| detail.columns.last().map(|column| column.open);
    assert_eq!(newest(&hours), Some(360), "the newest checks are there, though their hour is not over");
    assert!(sum(&hours).abs_diff(hours.summary.checks) <= 60);
    assert!(sum(&hours).abs_diff(4_320) <= 60, "the hours at its ends count as a whole: {}", sum(&hours));
    assert_eq!(hours.summary.failures, exact.summary.failures);
    let p50 = |detail: &Detail| detail.summary.latency.expect("connections").p50.as_secs_f64();
    assert!((p50(&hours) / p50(&exact) - 1.0).abs() < 0.01);
    assert_eq!(hours.strip.uptime.down, exact.strip.uptime.down);
    assert_eq!(hours.addresses.seen.len(), exact.addresses.seen.len());
}

#[tokio::test]
async fn uptimes_end_where_they_are_asked_to_and_know_the_oldest_check() {
    let uptimes = |until| async move {
        let records = checks(&format!("{}{}", " ".repeat(10), ".".repeat(170))).collect();
        let answer = asked(records, Query::Uptimes { target: TARGET, until }, 180).await;
        let Answer::Uptimes(uptimes) = answer else { panic!("{answer:?}") };
        assert_eq!((uptimes.until, uptimes.oldest), (until, Some(minute(10))));
        uptimes.windows.map(|uptime| uptime.up.as_secs() / 60)
    };
    assert_eq!(uptimes(minute(180)).await, [60, 170, 170, 170]);
    assert_eq!(uptimes(minute(50)).await, [40, 40, 40, 40]);
}

#[tokio::test]
async fn latencies_of_coarse_checks_are_told_as_such_and_no_others() {
    let home = tempfile::tempdir().expect("a directory");
    let store = open(home.path(), Options { free_space_min: 0, ..Options::default() }).expect("a store").store;
    let entry = CatalogEntry { target: target(), added_at: minute(0), removed_at: None, paused_at: None };
    let now = 4 * 1_440 - 30;
    let picture = ".".repeat(now as usize);
    let records = checks(&picture).chain([Record::Target(entry), Record::Alive(minute(now))]);
    store.import(records.collect()).await.expect("a history");
    let until = now - 2 * 1_440;
    store.prune(Bounds { exact: Some(minute(until)), ..Bounds::default() });
    store.flush().await.expect("a disk");
    for (from, to, source) in [(until - 600, until - 300, Source::Coarse), (until, until + 300, Source::Exact)] {
        let query = Query::Detail { target: TARGET, endpoint: None, span: span(from, to), columns: 100 };
        let answer = answer(&store, query, Some(Arc::new(view())), minute(now)).await.expect("an answer");
        let Answer::Detail(detail) = answer else { panic!("{answer:?}") };
        assert_eq!(detail.summary.checks, 300);
        let latency = detail.summary.latency.expect("connections");
        assert_eq!(latency.source, source);
        assert!(latency.p50.abs_diff(Duration::from_millis(4)) <= Duration::from_micros(16), "{latency:?}");
    }
    store.close().await.expect("a saved history");
}

#[tokio::test]
async fn where_checks_are_pruned_but_for_evidence_a_close_look_is_told_by_its_hours() {
    let home = tempfile::tempdir().expect("a directory");
    let store = open(home.path(), Options { free_space_min: 0, ..Options::default() }).expect("a store").store;
    let entry = CatalogEntry { target: target(), added_at: minute(0), removed_at: None, paused_at: None };
    let now = 4 * 1_440 - 30;
    let outage = Outage {
        id: OutageId(1),
        target: TARGET,
        name: "db1".to_owned(),
        started_at: minute(400),
        detected_at: minute(402),
        last_failure_at: minute(409),
        closing: Some(Closing::Recovered { ended_at: minute(410), confirmed_at: minute(411) }),
        reason: Reason::Refused,
        failures: [10, 0, 0, 0, 0, 0, 0, 0],
        inconclusive: 0,
        unobserved: Duration::ZERO,
    };
    let picture = format!("{}{}{}", ".".repeat(400), "x".repeat(10), ".".repeat(now as usize - 410));
    let records = checks(&picture).chain([Record::Target(entry), Record::Outage(outage), Record::Alive(minute(now))]);
    store.import(records.collect()).await.expect("a history");
    while store.read(|reader| Ok(reader.summed_until())).await.expect("it runs") != Ok(Some(minute(3 * 1_440))) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let pruned = 1_440;
    store.prune(Bounds { checks: Some(minute(pruned)), ..Bounds::default() });
    store.flush().await.expect("a disk");
    for (from, to, source, count) in [
        (360, 480, Source::Sketch, 120),
        (390, 420, Source::Exact, 30),
        (pruned - 60, pruned + 60, Source::Sketch, 120),
        (pruned, pruned + 60, Source::Exact, 60),
    ] {
        let query = Query::Detail { target: TARGET, endpoint: None, span: span(from, to), columns: 100 };
        let answer = answer(&store, query, Some(Arc::new(view())), minute(now)).await.expect("an answer");
        let Answer::Detail(detail) = answer else { panic!("{answer:?}") };
        let latency = detail.summary.latency.expect("connections");
        assert_eq!((detail.summary.checks, latency.source), (count, source), "{from} to {to}");
        let uptime = detail.strip.uptime;
        assert_eq!(uptime.down, if from < 420 { Duration::from_mins(10) } else { Duration::ZERO }, "{from} to {to}");
    }
    store.close().await.expect("a saved history");
}

/// A group of three; in its one round at each of these minutes the letters say which are open (`.`), and the verdict
/// is down where fewer than two are.
fn group_and_rounds(rounds: &[(i64, &str)]) -> (CatalogEntry, Vec<Record>) {
    let mut target = target();
    let endpoint = |name: &str| Endpoint::new(format!("{name}.example:6379").parse().expect("an address"));
    target.definition.evaluation = Evaluation::Quorum { needed: None };
    target.definition.endpoints = ["a", "b", "c"].map(endpoint).to_vec();
    target.endpoint_ids = [2, 3, 4].map(EndpointId).to_vec();
    target.round_id = Some(EndpointId(1));
    let timing = |clocked| Timing { connect: Duration::from_millis(3), clocked, syn_lost: 0 };
    let (reason, place, after) = (Reason::TimedOut, Place::Later, Duration::from_secs(3));
    let failure = Failure { reason, place, errno: None, name: None, after, syn_lost: 0 };
    let check = |id, at, is_open| {
        let clocked = if id == 1 { Clocked::Round(Grade::Up) } else { Clocked::Kernel };
        let outcome = if is_open { Outcome::Open(timing(clocked)) } else { Outcome::Failed(failure) };
        let (endpoint, vantage) = (EndpointId(id), VantageId::HERE);
        let (dns, address) = (None, Some([192, 0, 2, 1].into()));
        Record::Check(Check { endpoint, vantage, at, outcome, dns, address, tried: 1, answered: u8::from(is_open) })
    };
    let mut records = Vec::new();
    for (n, open) in rounds {
        let is_up = open.matches('.').count() > 1;
        records.extend((2..).zip(open.chars()).map(|(id, mark)| check(id, minute(*n), mark == '.')));
        records.push(check(1, minute(*n), is_up));
    }
    (CatalogEntry { target, added_at: minute(0), removed_at: None, paused_at: None }, records)
}

#[tokio::test]
async fn an_outage_of_a_group_names_the_endpoints_that_failed() {
    let (entry, mut records) = group_and_rounds(&[(1, "..."), (2, ".xx"), (3, "xxx"), (4, "x.."), (5, "...")]);
    let outage = Outage {
        id: OutageId(7),
        target: TARGET,
        name: "db1".to_owned(),
        started_at: minute(2),
        detected_at: minute(3),
        last_failure_at: minute(3),
        closing: Some(Closing::Recovered { ended_at: minute(4), confirmed_at: minute(5) }),
        reason: Reason::TimedOut,
        failures: [0, 2, 0, 0, 0, 0, 0, 0],
        inconclusive: 0,
        unobserved: Duration::ZERO,
    };
    records.push(Record::Outage(outage));
    let answer = asked_of(entry.clone(), records.clone(), Query::Outage(OutageId(7)), 60).await;
    let Answer::Outage(Some(incident)) = answer else { panic!("{answer:?}") };
    let names = |n| {
        let failed = incident.missed_at(minute(n)).iter();
        failed.map(|(address, reason)| format!("{address} {}", reason.word())).collect::<Vec<_>>().join(", ")
    };
    let told: Vec<String> = (1..6).map(names).collect();
    let (a, b, c) = ("a.example:6379 timeout", "b.example:6379 timeout", "c.example:6379 timeout");
    assert_eq!(told, [String::new(), format!("{b}, {c}"), format!("{a}, {b}, {c}"), a.to_owned(), String::new()]);
    let answer = asked_of(entry, records, Query::Report(span(0, 60)), 60).await;
    let Answer::Report(findings) = answer else { panic!("{answer:?}") };
    let struck = findings.outages.first().and_then(|struck| struck.address.clone()).map(|address| address.to_string());
    assert_eq!(struck.as_deref(), Some("b.example:6379"), "not the first, which was open");
}

#[tokio::test]
async fn a_look_back_shows_what_each_endpoint_of_a_group_had_found() {
    let (entry, records) = group_and_rounds(&[(1, "..."), (2, "xx."), (3, "..."), (4, "...")]);
    // The time-outs take three seconds: before they are over nobody knows of them.
    for (second, found, why) in
        [(1, "...", "quorum: 3 of 3 open, majority is 2"), (4, "xx.", "quorum: 1 of 3 open, majority is 2")]
    {
        let query = Query::AsOf(minute(2) + Duration::from_secs(second), Depth::Days);
        let answer = asked_of(entry.clone(), records.clone(), query, 60).await;
        let Answer::AsOf(as_of) = answer else { panic!("{answer:?}") };
        let picture = as_of.picture.expect("history of that moment");
        let round = picture.targets.first().and_then(|view| view.round.clone()).expect("a group");
        let mark = |member: &crate::monitor::snapshot::MemberView| {
            member.latest.as_ref().map_or('?', |latest| if latest.check.outcome.is_open() { '.' } else { 'x' })
        };
        let shown: String = round.members.iter().map(mark).collect();
        assert_eq!(shown, found);
        assert_eq!(round.why, why);
    }
}
