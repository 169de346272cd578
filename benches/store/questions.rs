//! What questions take, and how long they wait while days are summed up and old checks go.

use super::fill::end;
use super::{DAYS_KEPT, median, millis, say};
use portpulse::domain::{EndpointId, Record, Span, TargetId, VantageId};
use portpulse::store::{Bounds, Options, ReadError, Reader, Store, open};
use portpulse::window::{columns_of_hours, summary_of_hours};
use std::path::Path;
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_hours(1);
const TIMES: u32 = 31;

/// The middle of what a question about different targets takes on the store's own thread.
async fn time(
    store: &Store,
    targets: u32,
    question: impl Fn(&Reader<'_>, u32) -> Result<usize, ReadError> + Copy + Send + 'static,
) -> (Duration, usize) {
    let (mut times, mut count) = (Vec::new(), 0);
    for turn in 0..TIMES {
        let id = turn * 37 % targets;
        let asked = store.read(move |reader| {
            let before = Instant::now();
            let found = question(reader, id)?;
            Ok((before.elapsed(), found))
        });
        let (time, found) = asked.await.expect("an answer").expect("an answer");
        times.push(time);
        count = count.max(found);
    }
    (median(times), count)
}

/// Asks until something is done; gives the longest time that a question waited, and how long it all took.
async fn wait(
    store: &Store,
    is_done: impl Fn(&Reader<'_>) -> Result<bool, ReadError> + Copy + Send + 'static,
) -> (Duration, Duration) {
    let (began, mut longest) = (Instant::now(), Duration::ZERO);
    while began.elapsed() < Duration::from_mins(1) {
        let before = Instant::now();
        // Whatever it takes to answer is no pause.
        let asked = store.read(move |reader| {
            let waited = before.elapsed();
            Ok((waited, is_done(reader)?))
        });
        let (waited, is_done) = asked.await.expect("an answer").expect("an answer");
        longest = longest.max(waited);
        if is_done {
            break;
        }
    }
    (longest, began.elapsed())
}

pub async fn ask(path: &Path, targets: u32) {
    let store = open(path, Options::default()).expect("a store").store;
    let day = Span::before(end(), HOUR * 24);
    let month = Span::before(end(), HOUR * 24 * DAYS_KEPT);
    let (time_day, count) =
        time(&store, targets, move |r, id| Ok(r.checks(EndpointId(id), VantageId::HERE, day)?.len())).await;
    say(&format!("24 h of one target, {count} checks"), &millis(time_day), "goal 0.5 ms");
    let (raw, count) =
        time(&store, targets, move |r, id| Ok(r.checks(EndpointId(id), VantageId::HERE, month)?.len())).await;
    say(&format!("31 d of one target, {count} checks"), &millis(raw), "");
    let (chart, _) = time(&store, targets, move |r, id| {
        let hours = r.hours(EndpointId(id), VantageId::HERE, month)?;
        let drawn = (columns_of_hours(&hours, month, 190), summary_of_hours(&hours, month));
        Ok(std::hint::black_box((drawn, r.uptimes(TargetId(id), month)?)).1.len())
    })
    .await;
    say("31 d chart: 190 columns, figures, uptimes", &millis(chart), "goal 3 ms");
    let (overview, count) =
        time(&store, targets, move |r, _| Ok(r.overview(month, 62, month.from, month.to)?.0.len())).await;
    say(&format!("31 d overview of {count} targets"), &millis(overview), "goal 5 ms");
    pauses(&store, targets).await;
    store.close().await.expect("a clean end");
}

async fn pauses(store: &Store, targets: u32) {
    let (idle, _) = wait_idle(store).await;
    say("longest wait of a question, idle for 3 s", &millis(idle), "");
    let goal = end();
    store.save(vec![Record::Alive(goal + Duration::from_mins(11))]);
    let (longest, all) = wait(store, move |r| Ok(r.summed_until().is_some_and(|until| until >= goal))).await;
    say(&format!("longest pause while a day is summed up, in {all:.1?}"), &millis(longest), "goal 10 ms");
    let last = EndpointId(targets - 1);
    for (name, hours) in [("an hour's worth goes", 1), ("a day's worth goes", 24)] {
        // A chunk of four hours goes when its last check does.
        let before = end() - HOUR * 24 * DAYS_KEPT + HOUR * (4 + hours);
        let span = Span { from: before - HOUR * 24 * 40, to: before - HOUR * 4 };
        store.prune(Bounds { checks: Some(before), ..Bounds::default() });
        let gone = move |r: &Reader<'_>| Ok(r.checks(last, VantageId::HERE, span)?.is_empty());
        let (longest, all) = wait(store, gone).await;
        say(&format!("longest pause while {name}, in {all:.1?}"), &millis(longest), "goal 10 ms");
    }
}

async fn wait_idle(store: &Store) -> (Duration, Duration) {
    let until = Instant::now() + Duration::from_secs(3);
    wait(store, move |_| Ok(Instant::now() >= until)).await
}
