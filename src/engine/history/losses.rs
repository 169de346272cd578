//! Chunks of checks that are damaged or gone: charts, figures, reports and incidents say when that was.

use super::super::query::{Detail, Figures, Holdings, Lost, Unseen, Why};
use super::{Answer, Query, answer};
use crate::domain::{
    CatalogEntry, Check, Clocked, Closing, Definition, Endpoint, EndpointId, GapCause, Outage, OutageId, Outcome,
    Reason, Record, Span, Target, TargetId, Timing, VantageId, Wall,
};
use crate::engine::incident::Entry;
use crate::store::{Depth, Options, Store, open};
use std::path::Path;
use std::time::Duration;

const DAYS: i64 = 2;
const MINUTES: i64 = DAYS * 1_440 - 100;
/// In chunks of less than four hours, the sixth begins at this minute.
const CHUNK: i64 = 240;

fn minute(n: i64) -> Wall {
    Wall(1_795_132_800_000 + n * 60_000)
}

fn span(from: i64, to: i64) -> Span {
    Span { from: minute(from), to: minute(to) }
}

fn target() -> Target {
    let endpoint = Endpoint::new("db1.example:5432".parse().expect("an address"));
    Target::plain(TargetId(1), EndpointId(1), Definition::new("db1".to_owned(), endpoint))
}

fn check(n: i64) -> Record {
    let timing = Timing { connect: Duration::from_millis(3), clocked: Clocked::Kernel, syn_lost: 0 };
    let (endpoint, vantage, outcome) = (EndpointId(1), VantageId::HERE, Outcome::Open(timing));
    Record::Check(Check { endpoint, vantage, at: minute(n), outcome, dns: None, address: None, tried: 1, answered: 1 })
}

fn outage(from: i64, to: i64) -> Record {
    let (ended_at, confirmed_at) = (minute(to), minute(to + 1));
    Record::Outage(Outage {
        id: OutageId(1),
        target: TargetId(1),
        name: "db1".to_owned(),
        started_at: minute(from),
        detected_at: minute(from + 2),
        last_failure_at: minute(to - 1),
        closing: Some(Closing::Recovered { ended_at, confirmed_at }),
        reason: Reason::Refused,
        failures: [3, 0, 0, 0, 0, 0, 0, 0],
        inconclusive: 0,
        unobserved: Duration::ZERO,
    })
}

fn store(path: &Path) -> Store {
    open(path, Options { free_space_min: 0, ..Options::default() }).expect("a store").store
}

/// A history of two days in which the third chunk cannot be read and the fifth is gone.
async fn damaged(path: &Path) -> Store {
    let store_before = store(path);
    let entry = CatalogEntry { target: target(), added_at: minute(0), removed_at: None, paused_at: None };
    let rest = [Record::Target(entry), outage(3 * CHUNK - 20, 3 * CHUNK - 10), Record::Alive(minute(MINUTES))];
    store_before.import((0..MINUTES).map(check).chain(rest).collect()).await.expect("a history");
    store_before.close().await.expect("a saved history");
    let sled = sled::Config::new().path(path.join("sled")).open().expect("a sled");
    let chunks = sled.open_tree("chunk").expect("a tree");
    let keys: Vec<_> = chunks.iter().keys().collect::<Result<_, _>>().expect("keys");
    let mut value = chunks.get(&keys[2]).expect("a disk").expect("a chunk").to_vec();
    value[9] ^= 1;
    chunks.insert(&keys[2], value).expect("a disk");
    chunks.remove(&keys[4]).expect("a disk");
    sled.flush().expect("a disk");
    drop((chunks, sled));
    store(path)
}

async fn asked(store: &Store, query: Query) -> Answer {
    let view = std::sync::Arc::new(super::tests::view());
    answer(store, query, Some(view), minute(MINUTES)).await.expect("an answer")
}

fn lost() -> [Span; 2] {
    let millisecond = Duration::from_millis(1);
    [span(2 * CHUNK, 3 * CHUNK), Span { from: minute(4 * CHUNK - 1) + millisecond, to: minute(5 * CHUNK) }]
}

#[tokio::test]
async fn damaged_chunks_and_those_that_are_gone_are_told_as_such_and_count_for_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let store = damaged(home.path()).await;
    let whole = span(0, MINUTES);

    let query = Query::Detail { target: TargetId(1), endpoint: None, span: whole, columns: 300 };
    let Answer::Detail(detail) = asked(&store, query).await else { panic!("no detail") };
    let Detail { unseen, strip, .. } = *detail;
    let damaged: Vec<&Unseen> = unseen.iter().filter(|of| of.why == Why::Gap(GapCause::Damaged)).collect();
    assert_eq!(damaged.len(), 2, "{unseen:?}");
    for (of, lost) in damaged.iter().zip(lost()) {
        // What a check before it speaks for is seen.
        assert!(of.span.to == lost.to && of.span.from.since(lost.from) <= Duration::from_mins(3), "{of:?} {lost:?}");
    }
    let seen = strip.uptime.up + strip.uptime.down;
    assert!(seen + Duration::from_mins(2 * CHUNK as u64 - 6) <= whole.length(), "{seen:?}");

    let query = Query::Figures { target: TargetId(1), span: whole, step: Duration::from_mins(CHUNK as u64) };
    let Answer::Figures(figures) = asked(&store, query).await else { panic!("no figures") };
    let is_lost = |of: &Figures| of.lost > Duration::from_mins(CHUNK as u64 - 4);
    let places: Vec<usize> = (0..figures.len()).filter(|place| is_lost(&figures[*place])).collect();
    assert_eq!(places, [2, 4]);

    let Answer::Holdings(holdings) = asked(&store, Query::Holdings(Depth::Heads)).await else { panic!("no holdings") };
    let Holdings { lost: told, gaps, .. } = *holdings;
    assert_eq!(told, lost().map(|span| Lost { target: Some("db1".to_owned()), span }));
    assert_eq!(gaps, 0, "nobody was away");
    store.close().await.expect("a saved history");
}

#[tokio::test]
async fn a_report_and_an_incident_tell_what_is_lost_of_their_targets() {
    let home = tempfile::tempdir().expect("a directory");
    let store = damaged(home.path()).await;
    let Answer::Report(findings) = asked(&store, Query::Report(span(0, MINUTES))).await else { panic!("no report") };
    let told: Vec<Wall> = findings.targets[0].lost.iter().map(|span| span.to).collect();
    assert_eq!(told, lost().map(|span| span.to));

    let Answer::Outage(Some(incident)) = asked(&store, Query::Outage(OutageId(1))).await else { panic!("no outage") };
    let gaps = incident.timeline.iter().filter_map(|entry| if let Entry::Gap(gap) = entry { Some(gap) } else { None });
    let gaps: Vec<_> = gaps.map(|gap| (gap.cause, gap.to)).collect();
    assert_eq!(gaps, [(GapCause::Damaged, minute(3 * CHUNK))]);
    store.close().await.expect("a saved history");
}
