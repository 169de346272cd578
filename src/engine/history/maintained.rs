//! Maintenance in a real store: what it takes out of figures, and what is said of it later.

use super::answer;
use super::tests::{TARGET, asked, checks, minute, span, target, view};
use crate::domain::maintenance::Origin;
use crate::domain::{CatalogEntry, Closing, Maintenance, MaintenanceOf, Outage, OutageId, Reason, Record};
use crate::engine::query::{Answer, Query};
use crate::store::{Options, open};
use crate::window::Uptime;
use std::sync::Arc;
use std::time::Duration;

/// Four days, down for ten minutes of the first, on which there was maintenance until a minute, or none.
fn worked_on(until: Option<i64>) -> (Vec<Record>, i64) {
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
    let mut records: Vec<Record> = checks(&picture).chain([Record::Outage(outage)]).collect();
    records.extend(until.map(|until| said(380, until)));
    records.push(Record::Alive(minute(now)));
    (records, now)
}

fn said(from: i64, to: i64) -> Record {
    let maintenance = Maintenance { span: span(from, to), title: "switch".to_owned(), origin: Origin::Declared };
    Record::Maintenance(MaintenanceOf { targets: vec![TARGET], maintenance })
}

#[tokio::test]
async fn time_in_maintenance_is_in_no_uptime() {
    let minutes = |length: Duration| length.as_secs() / 60;
    // Ended at 420; nobody said anything; taken back.
    for (until, down, left_out) in [(Some(420), 0, 40), (None, 10, 0), (Some(380), 10, 0)] {
        let (records, now) = worked_on(until);
        let of = |uptime: Uptime| (minutes(uptime.down), minutes(uptime.expected));
        let Answer::Uptimes(uptimes) =
            asked(records.clone(), Query::Uptimes { target: TARGET, until: minute(now) }, now).await
        else {
            panic!("no uptimes")
        };
        let whole = now as u64 - left_out;
        assert_eq!(uptimes.windows.map(of), [(0, 60), (0, 1_440), (down, whole), (down, whole)], "{until:?}");
        let Answer::Report(findings) = asked(records.clone(), Query::Report(span(300, 500)), now).await else {
            panic!("no report")
        };
        assert_eq!(of(findings.targets[0].uptime), (down, 200 - left_out), "{until:?}");
        let day = Query::Figures { target: TARGET, span: span(0, 1_440), step: Duration::from_hours(12) };
        let Answer::Figures(figures) = asked(records.clone(), day, now).await else { panic!("no figures") };
        let figures = figures.iter().map(|figures| of(figures.uptime)).collect::<Vec<_>>();
        assert_eq!(figures, [(down, 720 - left_out), (0, 720)], "{until:?}");
        let days = Query::Overview { at: minute(3 * 1_440), length: Duration::from_hours(72), cells: 72 };
        let Answer::Overview(overview) = asked(records.clone(), days, now).await else { panic!("no overview") };
        assert_eq!(of(overview.strips[&TARGET].uptime), (down, 3 * 1_440 - left_out), "{until:?}");
        // Told by its hours, which are summed up, and by its checks.
        for columns in [5, 500] {
            let query = Query::Detail { target: TARGET, endpoint: None, span: span(0, 1_440), columns };
            let Answer::Detail(detail) = asked(records.clone(), query, now).await else { panic!("no detail") };
            assert_eq!(of(detail.strip.uptime), (down, 1_440 - left_out), "{until:?} in {columns}");
        }
    }
}

#[tokio::test]
async fn what_is_said_of_days_that_are_summed_up_sums_them_up_again() {
    let home = tempfile::tempdir().expect("a directory");
    let store = open(home.path(), Options { free_space_min: 0, ..Options::default() }).expect("a store").store;
    let entry = CatalogEntry { target: target(), added_at: minute(0), removed_at: None, paused_at: None };
    let (records, now) = worked_on(None);
    store.import(records.into_iter().chain([Record::Target(entry)]).collect()).await.expect("a history");
    let down = async || {
        store.flush().await.expect("a disk");
        let whole = span(0, 1_440);
        let hours = store.read(move |reader| reader.uptimes(TARGET, whole)).await.expect("it runs").expect("hours");
        assert_eq!(hours.len(), 24);
        let query = Query::Uptimes { target: TARGET, until: minute(now) };
        let answer = answer(&store, query, Some(Arc::new(view())), minute(now)).await.expect("an answer");
        let Answer::Uptimes(uptimes) = answer else { panic!("{answer:?}") };
        let minutes = hours.iter().map(|hour| hour.uptime.down.as_secs() / 60).sum::<u64>();
        assert_eq!(uptimes.windows[3].down.as_secs() / 60, minutes);
        minutes
    };
    while store.read(|reader| Ok(reader.summed_until())).await.expect("it runs") != Ok(Some(minute(3 * 1_440))) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut told = vec![down().await];
    for (from, to) in [(380, 420), (380, 405), (380, 380), (404, 5_000), (404, 404)] {
        store.save(vec![said(from, to)]);
        told.push(down().await);
    }
    assert_eq!(told, [10, 0, 5, 10, 4, 10]);
    store.close().await.expect("a saved history");
}
