//! An outage with its evidence, and the report of a night: a real store in, an answer and Markdown out.

#[path = "support/night.rs"]
mod night;

use night::{FIRST, NOW, at};
use portpulse::domain::maintenance::Origin;
use portpulse::domain::{
    GapCause, Maintenance, MaintenanceOf, Mono, Now, OutageId, Outcome, Record, Span, TargetId, Wall, Zone,
};
use portpulse::engine::incident::{Entry, Findings, Incident};
use portpulse::engine::{self, Answer, Handle, History, Ports, Query, consult};
use portpulse::exchange::report;
use portpulse::monitor::{Command, Monitor, Recording, Reply, Settings};
use portpulse::store::{self, Opened, Store};
use std::path::Path;
use std::time::Duration;

fn clock() -> Now {
    Now { mono: Mono(0), wall: NOW }
}

/// A store that has the night, open.
async fn opened(directory: &Path) -> Opened {
    let empty = store::open(directory, store::Options::default()).expect("a directory of our own");
    empty.store.import(night::records()).await.expect("it is kept");
    empty.store.close().await.expect("it is on disk");
    store::open(directory, store::Options::default()).expect("a store")
}

/// What a store that no engine serves tells of a span.
async fn findings(store: &Store, span: Span) -> Findings {
    match consult(store, Query::Report(span), NOW).await.expect("it can be read") {
        Answer::Report(found) => *found,
        other => panic!("{other:?}"),
    }
}

async fn told(store: &Store, from: u64, to: u64) -> String {
    let span = Span { from: at(from), to: at(to) };
    report::markdown(&findings(store, span).await, Zone::Utc)
}

#[tokio::test]
async fn the_report_of_a_night() {
    let home = tempfile::tempdir().expect("a directory");
    let Opened { store, .. } = opened(home.path()).await;
    let mut insta = insta::Settings::clone_current();
    insta.set_prepend_module_to_snapshot(false);
    insta.set_omit_expression(true);
    let night = told(&store, 0, 3_600).await;
    let quiet = told(&store, 0, 600).await;
    insta.bind(|| {
        insta::assert_snapshot!("report", night);
        insta::assert_snapshot!("report_of_nothing", quiet);
    });
    store.close().await.expect("it is on disk");
}

#[tokio::test]
async fn maintenance_stands_in_the_report_and_marks_what_was_found_in_it() {
    let home = tempfile::tempdir().expect("a directory");
    let Opened { store, .. } = opened(home.path()).await;
    let whole = Span { from: at(0), to: at(3_600) };
    let outages = findings(&store, whole).await.outages;
    let first = &outages[0].outage;
    let span = Span { from: first.started_at, to: first.detected_at + Duration::from_secs(1) };
    let maintenance = Maintenance { span, title: "new *disks*".to_owned(), origin: Origin::Declared };
    store.save(vec![Record::Maintenance(MaintenanceOf { targets: vec![first.target], maintenance })]);
    store.flush().await.expect("a disk");
    let text = told(&store, 0, 3_600).await;
    let began = format!(" | {} | after ", Zone::Utc.rfc3339(first.started_at));
    let row = text.lines().find(|line| line.contains(&began)).unwrap_or_default();
    assert!(row.contains(", in maintenance |"), "{text}");
    assert_eq!(text.matches(", in maintenance |").count(), 1, "{text}");
    let (from, to) = (Zone::Utc.rfc3339(span.from), Zone::Utc.rfc3339(span.to));
    let line = text.lines().find(|line| line.contains("new \\*disks\\*")).expect("a line");
    assert!(line.starts_with(&format!("- {from} to {to}, ")), "{line}");
    let name = row.trim_start_matches("| ").split(" |").next().unwrap_or_default().trim();
    assert!(line.ends_with(&format!(": {name}")), "{line} {row}");
    store.close().await.expect("it is on disk");
}

#[tokio::test]
async fn nobody_is_said_to_have_watched_before_there_was_a_target() {
    let home = tempfile::tempdir().expect("a directory");
    let Opened { store, .. } = opened(home.path()).await;
    let hour_before = at(0) - Duration::from_hours(1);
    let text = async |to| report::markdown(&findings(&store, Span { from: hour_before, to }).await, Zone::Utc);
    let blank = "- 2026-11-19T01:00:00Z to 2026-11-19T02:00:00Z, 1h00m: no target was watched\n";
    let quiet = text(at(80)).await;
    assert!(quiet.contains(blank) && quiet.contains("For 1h00m of the span nothing was observed at all."), "{quiet}");
    assert!(!quiet.contains("watched all"), "{quiet}");
    let night = text(at(3_600)).await;
    assert!(night.contains(&format!("{blank}- 2026-11-19T02:40:00Z")), "in the order of time:\n{night}");
    assert!(night.contains("For 1h02m of the span nothing was observed at all."), "{night}");
    let seen = night.lines().find(|line| line.starts_with("| pg-primary ") && line.contains("70.69 %"));
    assert!(seen.is_some_and(|line| line.ends_with("| 48 %                 |")), "58 of 120 minutes:\n{night}");
    store.close().await.expect("it is on disk");
}

#[tokio::test]
async fn nothing_that_others_wrote_means_anything_in_markdown() {
    let home = tempfile::tempdir().expect("a directory");
    let Opened { store, .. } = opened(home.path()).await;
    let night = told(&store, 0, 3_600).await;
    assert!(night.contains(r"pg\|replica \[old\](http\://x) \*1\*"), "{night}");
    assert!(night.contains(r"see \<runbook\> page_3"), "{night}");
    assert!(night.contains(r": \# not my fault"), "{night}");
    for table in night.split("\n\n").filter(|part| part.starts_with('|')) {
        let cells = table.lines().map(|line| line.replace("\\|", "").matches('|').count());
        let cells: std::collections::BTreeSet<usize> = cells.collect();
        assert_eq!(cells.len(), 1, "each row has as many cells as the next:\n{table}");
    }
    assert_eq!(report::file_name(Span { from: at(840), to: NOW }, Zone::Utc), "portpulse-report-2026-11-19T0214.md");
}

async fn served(directory: &Path) -> Handle {
    let Opened { store, resumed, statuses, notes } = opened(directory).await;
    let (prober, far) = portpulse::probe::pair();
    // It takes orders and never answers: nothing happens but what is asked here.
    std::mem::forget(far);
    let history = Some(History { store, statuses, notes, well: Recording::Recording });
    let mut wanted = Vec::new();
    let mut monitor = Monitor::new(clock(), Settings::default(), night::declared(), resumed, &mut wanted);
    let (handle, inbox) = engine::channel(monitor.snapshot(clock()));
    tokio::spawn(engine::run(monitor, wanted, inbox, Ports { prober, history, keeper: None }, clock));
    handle
}

async fn incident(handle: &Handle, id: OutageId) -> Option<Box<Incident>> {
    match handle.query(Query::Outage(id)).await.expect("the engine runs") {
        Answer::Outage(incident) => incident,
        other => panic!("{other:?}"),
    }
}

/// The timeline in letters: a check that found the port open `o` or failed `x`, a remark `R`, a gap `G`, an
/// event `e`, and the number of checks that are left out.
fn drawn(timeline: &[Entry]) -> String {
    let letters = timeline.iter().map(|entry| match entry {
        Entry::Check(check) if check.outcome.is_open() => "o".to_owned(),
        Entry::Check(check) => if matches!(check.outcome, Outcome::Failed(_)) { "x" } else { "?" }.to_owned(),
        Entry::Elided(elided) => format!("<{}/{}>", elided.failed, elided.checks),
        Entry::Event(_) => "e".to_owned(),
        Entry::Gap(_) => "G".to_owned(),
        Entry::Remark(_) => "R".to_owned(),
    });
    letters.collect()
}

#[tokio::test]
async fn an_outage_is_told_with_every_check_around_it_and_what_failed_with_it() {
    let home = tempfile::tempdir().expect("a directory");
    let handle = served(home.path()).await;
    let found = incident(&handle, FIRST).await.expect("it is known");
    assert_eq!((found.span.from, found.span.to), (at(240), Wall(at(2_460).0 + 1)));
    // Ten minutes of one check a minute with a remark just before the end; 102 checks every 10 seconds, in
    // them the event and a remark; then open again, until the machine was suspended.
    let expected = format!(
        "{}R{}e{}R{}{}e{}G",
        "o".repeat(10),
        "x".repeat(3),
        "x".repeat(64),
        "x".repeat(35),
        "oo",
        "o".repeat(7)
    );
    assert_eq!(drawn(&found.timeline), expected);
    let others: Vec<u64> = found.together.iter().map(|struck| struck.outage.id.0).collect();
    assert_eq!(others, [FIRST.0 + 1]);
    assert_eq!(found.together[0].reached, Some([10, 4, 1, 13].into()));
    assert_eq!(found.addresses[0].to_string(), "db1.prod.example:5432");
    assert_eq!(incident(&handle, OutageId(99)).await, None);
}

#[tokio::test]
async fn of_a_moment_only_that_is_told_which_was_known_then() {
    let home = tempfile::tempdir().expect("a directory");
    let handle = served(home.path()).await;
    let as_of = async |second| match handle.query(Query::OutageAsOf(FIRST, at(second))).await.expect("it runs") {
        Answer::Outage(incident) => incident,
        other => panic!("{other:?}"),
    };
    assert_eq!(as_of(850).await, None, "it was not found yet");
    let found = as_of(1_000).await.expect("it was known");
    assert_eq!((found.outage.closing, found.outage.last_failure_at), (None, at(1_000)));
    assert_eq!((found.span.from, found.span.to), (at(240), Wall(at(1_000).0 + 1)));
    let last = found.timeline.iter().filter(|entry| matches!(entry, Entry::Check(_))).map(Entry::at).max();
    assert_eq!(last, Some(at(990)), "a check counts from its end: {}", drawn(&found.timeline));
    assert!(found.timeline.iter().all(|entry| entry.at() <= at(1_000)), "{}", drawn(&found.timeline));
    let others: Vec<u64> = found.together.iter().map(|struck| struck.outage.id.0).collect();
    assert_eq!(others, [FIRST.0 + 1]);
    assert!(as_of(900).await.expect("it was known").together.is_empty(), "the other one was not found yet");
}

#[tokio::test]
async fn the_middle_of_a_long_outage_is_left_out_and_counted() {
    let home = tempfile::tempdir().expect("a directory");
    let handle = served(home.path()).await;
    let found = incident(&handle, OutageId(FIRST.0 + 1)).await.expect("it is known");
    let letters = drawn(&found.timeline);
    // 270 checks every 10 seconds less the 12 of the time that nobody watched; the edges are told.
    assert_eq!(letters.matches('x').count(), 120, "{letters}");
    let left_out: u32 =
        found.timeline.iter().map(|entry| if let Entry::Elided(e) = entry { e.checks } else { 0 }).sum();
    assert_eq!(left_out, 258 - 120, "{letters}");
    assert!(letters.contains("G<"), "what stands between the checks is told wherever it stands: {letters}");
}

#[tokio::test]
async fn what_is_written_down_is_on_the_timeline_at_once_and_can_be_taken_back() {
    let home = tempfile::tempdir().expect("a directory");
    let handle = served(home.path()).await;
    let target = Some(TargetId(1));
    let (about, text) = (at(900), "the\u{1b}[31m disk   is full".to_owned());
    let written = handle.ask(Command::Remark { target, about: Some(about), text }).await;
    assert_eq!(written, Ok(Reply::Done));
    let remarks = |incident: &Incident| -> Vec<String> {
        let texts = incident.timeline.iter().filter_map(|entry| match entry {
            Entry::Remark(remark) => Some(remark.text.clone()),
            _ => None,
        });
        texts.collect()
    };
    let clean = "the\u{fffd}[31m disk   is full".to_owned();
    let found = incident(&handle, FIRST).await.expect("it is known");
    assert_eq!(remarks(&found)[1], clean);
    handle.ask(Command::WithdrawRemark { target, about, text: clean.clone() }).await.expect("the engine runs");
    let found = incident(&handle, FIRST).await.expect("it is known");
    assert!(!remarks(&found).contains(&clean), "{:?}", remarks(&found));
    for (target, text) in [(target, "  \u{a0} "), (Some(TargetId(99)), "whose?")] {
        let command = Command::Remark { target, about: None, text: text.to_owned() };
        assert!(matches!(handle.ask(command).await, Ok(Reply::Refused(_))), "{text:?}");
    }
    handle.stop().await.expect("it runs").expect("everything is on disk");
    let again = store::open(home.path(), store::Options::default()).expect("a store");
    let span = Span::before(NOW + Duration::from_secs(1), Duration::from_hours(2));
    let found = findings(&again.store, span).await;
    assert!(!found.remarks.iter().any(|remark| remark.text == clean), "{:?}", found.remarks);
}

#[tokio::test]
async fn what_is_lost_of_a_target_stands_among_the_gaps() {
    let home = tempfile::tempdir().expect("a directory");
    let Opened { store, .. } = opened(home.path()).await;
    let mut found = findings(&store, Span { from: at(0), to: at(3_600) }).await;
    found.gaps.clear();
    found.targets[0].lost = vec![Span { from: at(60), to: at(120) }];
    let text = report::markdown(&found, Zone::Utc);
    let line =
        format!("- 2026-11-19T02:01:00Z to 2026-11-19T02:02:00Z, 1m00s: of {}: the history", found.targets[0].name);
    assert!(text.contains(&line) && !text.contains("watched all"), "{text}");
    store.close().await.expect("it is on disk");
}

#[tokio::test]
async fn nobody_is_said_to_watch_since_the_last_sign_of_life() {
    let home = tempfile::tempdir().expect("a directory");
    let Opened { store, .. } = opened(home.path()).await;
    let now = NOW + Duration::from_hours(2);
    let answer = consult(&store, Query::Report(Span { from: at(3_000), to: now }), now).await;
    let Ok(Answer::Report(found)) = answer else { panic!("{answer:?}") };
    let away = found.gaps.last().expect("a gap");
    assert_eq!((away.from, away.cause), (at(3_598), GapCause::NotRunning));
    let text = report::markdown(&found, Zone::Utc);
    assert!(text.contains("- since 2026-11-19T02:59:58Z: portpulse has not been running\n"), "{text}");
    let of = found.targets.first().expect("one is out still");
    assert!(of.uptime.up + of.uptime.down <= Duration::from_mins(10), "{of:?}");
    store.close().await.expect("it is on disk");
}
