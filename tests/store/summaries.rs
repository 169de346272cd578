//! Summaries against the checks that they come from: both must say the same of every whole hour.

use super::world::*;
use portpulse::domain::maintenance::Origin;
use portpulse::domain::*;
use portpulse::store::{Bounds, Opened, Store, open};
use portpulse::window::{
    Apart, Hour, Ledger, UptimeHour, hours_of, open_ended, spans, strip_of_hours, uptime_of_hours,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Midnight UTC of a day in 2025.
const MIDNIGHT: Wall = Wall(START.0 - START.0 % DAY);

/// What happened, in the simplest form.
#[derive(Default)]
struct Past {
    checks: BTreeMap<EndpointId, Vec<Check>>,
    outages: BTreeMap<OutageId, Outage>,
    gaps: Vec<Gap>,
    pauses: BTreeMap<TargetId, Vec<Span>>,
    maintenance: Vec<MaintenanceOf>,
    catalog: BTreeMap<TargetId, CatalogEntry>,
}

impl Past {
    fn save(&mut self, store: &Store, batch: Vec<Record>) {
        for record in &batch {
            self.keep(record.clone());
        }
        store.save(batch);
    }

    fn keep(&mut self, record: Record) {
        match record {
            Record::Check(check) => self.checks.entry(check.endpoint).or_default().push(check),
            Record::Outage(outage) => drop(self.outages.insert(outage.id, outage)),
            Record::Gap(gap) => {
                self.gaps.retain(|known| (known.from, known.cause, known.path) != (gap.from, gap.cause, gap.path));
                self.gaps.push(gap);
            }
            Record::Event(Event { at, target: Some((target, _)), what }) => {
                let paused = self.pauses.entry(target).or_default();
                match what {
                    Happening::Paused => spans::insert(paused, open_ended(at)),
                    Happening::Resumed => spans::remove(paused, open_ended(at)),
                    _ => {}
                }
            }
            Record::Target(entry) => drop(self.catalog.insert(entry.target.id, entry)),
            Record::Maintenance(said) => self.maintenance.push(said),
            _ => {}
        }
    }

    /// The checks that speak for a target, as the detail view reads them.
    fn checks_of(&self, entry: &CatalogEntry) -> Vec<Check> {
        let all = entry.target.series().and_then(|id| self.checks.get(&id)).into_iter().flatten();
        let mut checks: Vec<Check> = all.cloned().collect();
        checks.sort_by_key(|check| check.at);
        checks
    }

    fn uptimes(&self, id: TargetId, until: Wall) -> Vec<UptimeHour> {
        let entry = &self.catalog[&id];
        let checks = self.checks_of(entry);
        let outages: Vec<Outage> = self.outages.values().filter(|outage| outage.target == id).cloned().collect();
        let paused = self.pauses.get(&id).cloned().unwrap_or_default();
        let since = checks.first().map_or(entry.added_at, |check| check.at.min(entry.added_at));
        let pace = entry.target.definition.pace();
        let apart = Apart::paused(&paused).with_maintenance(maintenance::of_target(&self.maintenance, id));
        let ledger = Ledger::read(&checks, &outages, &self.gaps, apart, pace, since, until);
        ledger.hours(Span { from: MIDNIGHT, to: until })
    }
}

/// All that is summed up must be what the checks say.
async fn compare(store: &Store, past: &Past, what: &str) -> usize {
    let until = ask(store, |reader| Ok(reader.summed_until())).await.expect("an answer").expect("a day");
    let span = Span { from: MIDNIGHT, to: until };
    let mut compared = 0;
    for (&id, entry) in &past.catalog {
        let got = ask(store, move |reader| reader.uptimes(id, span)).await.expect("an answer");
        let wanted = past.uptimes(id, until);
        compared += wanted.len();
        assert_eq!(got, wanted, "{what}: uptimes of {id:?}");
        for endpoint in entry.target.ids() {
            let got = ask(store, move |reader| reader.hours(endpoint, VantageId::HERE, span)).await.expect("an answer");
            let mut checks = past.checks.get(&endpoint).cloned().unwrap_or_default();
            checks.retain(|check| check.at < until);
            checks.sort_by_key(|check| check.at);
            let wanted: Vec<Hour> = hours_of(&checks);
            assert_eq!(got, wanted, "{what}: hours of {endpoint:?}");
        }
    }
    compared
}

fn begin(path: &Path, targets: u32) -> (Opened, Past) {
    let opened = open(path, options()).expect("a store");
    let mut past = Past::default();
    for id in 0..targets {
        let mut entry = target(id, id * 2, MIDNIGHT + Duration::from_mins(17));
        // One is checked so often that it is summed up by the hour, one has verdicts beside its endpoint.
        entry.target.definition.interval = Duration::from_secs(if id == 0 { 9 } else { 60 });
        if id == 1 {
            entry.target.round_id = Some(EndpointId(id * 2 + 1));
        }
        past.save(&opened.store, vec![Record::Target(entry)]);
    }
    (opened, past)
}

/// One round of checks, with what comes of it now and then.
fn round(random: &mut fastrand::Rng, past: &Past, now: Wall) -> Vec<Record> {
    let mut batch = vec![Record::Alive(now)];
    for (id, entry) in &past.catalog {
        let event = |what| Record::Event(Event { at: now, target: Some((*id, String::new())), what });
        let paused = past.pauses.get(id).and_then(|paused| paused.last()).is_some_and(|span| span.contains(now));
        let open = past.outages.values().find(|outage| outage.target == *id && outage.closing.is_none());
        match (random.u8(0..200), open) {
            (0, _) => {
                let paused_at = (!paused).then_some(now);
                batch.push(event(if paused { Happening::Resumed } else { Happening::Paused }));
                batch.push(Record::Target(CatalogEntry { paused_at, ..entry.clone() }));
                continue;
            }
            (1..4, None) => {
                let number = past.outages.len() as u64 * 10 + u64::from(id.0) + 1;
                batch.push(Record::Outage(outage(number, *id, now)));
            }
            (4..24, Some(open)) => {
                let closing = Some(Closing::Recovered { ended_at: now, confirmed_at: now });
                batch.push(Record::Outage(Outage { closing, ..open.clone() }));
            }
            _ => {}
        }
        if !paused {
            for endpoint in entry.target.ids() {
                let failing = open.is_some() || random.u8(0..20) == 0;
                let made = if failing { refused(endpoint, now) } else { check(random, endpoint, now) };
                batch.push(Record::Check(made));
            }
        }
    }
    if random.u16(0..300) == 0 {
        let (from, cause) = (now - Duration::from_mins(random.u64(5..200)), GapCause::Blind);
        let path = random.bool().then_some(portpulse::domain::Path::Ipv4);
        batch.push(Record::Gap(Gap { vantage: VantageId::HERE, from, to: now, cause, path }));
    }
    batch
}

#[tokio::test]
async fn every_hour_that_is_summed_up_is_what_its_checks_say() {
    let seed =
        std::env::var("PORTPULSE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    let mut random = fastrand::Rng::with_seed(seed);
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("history");
    let (mut opened, mut past) = begin(&path, 3);
    let mut now = MIDNIGHT + Duration::from_hours(9);
    let mut compared = 0;
    for turn in 0..120 {
        let what = format!("PORTPULSE_SEED={seed}, turn {turn}");
        for _ in 0..random.u32(1..60) {
            now = now + Duration::from_millis(random.u64(20_000..100_000));
            let batch = round(&mut random, &past, now);
            past.save(&opened.store, batch);
        }
        match random.u8(0..10) {
            0 => now = now + Duration::from_hours(random.u64(1..40)),
            // An outage that is known too late, or turns out to have ended long ago.
            1 => {
                let started_at =
                    MIDNIGHT + Duration::from_millis(random.u64(0..now.since(MIDNIGHT).as_millis() as u64));
                let ended_at = started_at + Duration::from_mins(random.u64(1..600));
                let closing = Some(Closing::Recovered { ended_at, confirmed_at: now });
                let late = outage(1_000_000 + turn, TargetId(random.u32(0..3)), started_at);
                past.save(&opened.store, vec![Record::Outage(Outage { closing, ..late })]);
            }
            // Checks that were made elsewhere, between those that are there.
            2 => {
                let from = now - Duration::from_hours(random.u64(0..now.since(MIDNIGHT).as_secs() / 3_600));
                let made = (0..50).map(|n| check(&mut random, EndpointId(2), from + Duration::from_secs(n * 61 + 7)));
                let imported: Vec<Record> = made.map(Record::Check).collect();
                imported.iter().cloned().for_each(|record| past.keep(record));
                opened.store.import(imported).await.expect("an import");
            }
            // Maintenance of today, of yesterday or to come, or another end of one, which may be none.
            3 | 4 => {
                let known = past.maintenance.get(random.usize(0..=past.maintenance.len()));
                let anywhere = MIDNIGHT + Duration::from_secs(random.u64(0..now.since(MIDNIGHT).as_secs() + 40_000));
                let from = known.map_or(anywhere, |known| known.maintenance.span.from);
                let to = from + Duration::from_mins(random.u64(1..900) * u64::from(random.u8(0..3) > 0));
                let targets = random.choose_multiple((0..3).map(TargetId), 2);
                let maintenance =
                    Maintenance { span: Span { from, to }, title: what.clone(), origin: Origin::Declared };
                past.save(&opened.store, vec![Record::Maintenance(MaintenanceOf { targets, maintenance })]);
            }
            5 => {
                opened.store.close().await.expect("a clean end");
                opened = open(&path, options()).expect("a store");
                assert_eq!(opened.notes, Vec::<String>::new(), "{what}");
            }
            _ => {}
        }
        opened.store.flush().await.expect("a flush");
        if turn % 10 == 9 && turn < 100 {
            compared += compare(&opened.store, &past, &what).await;
        }
    }
    assert!(compared > 500, "PORTPULSE_SEED={seed}: only {compared} hours were compared");
}

/// Saves three days of one target, a check every ten minutes, and what is known of each hour.
async fn three_days(store: &Store, past: &mut Past) -> Wall {
    let mut random = fastrand::Rng::with_seed(5);
    for n in 0..3 * 144 {
        let now = MIDNIGHT + Duration::from_mins(n * 10 + 3);
        past.save(store, vec![Record::Check(check(&mut random, EndpointId(0), now)), Record::Alive(now)]);
    }
    store.flush().await.expect("a flush");
    MIDNIGHT + Duration::from_hours(72)
}

#[tokio::test]
async fn checks_stay_until_their_day_is_summed_up_and_summaries_outlive_them() {
    let directory = tempfile::tempdir().expect("a directory");
    let (opened, mut past) = begin(&directory.path().join("history"), 1);
    let store = opened.store;
    let now = three_days(&store, &mut past).await;
    let whole = Span { from: MIDNIGHT, to: now };
    let before = ask(&store, move |reader| reader.uptimes(TargetId(0), whole)).await.expect("an answer");
    assert_eq!(before.len(), 48, "the third day is not over yet");

    store.prune(Bounds { checks: Some(now), ..Bounds::default() });
    store.flush().await.expect("a flush");
    let left = checks_of(&store, EndpointId(0)).await.expect("an answer");
    assert!(left.len() < 3 * 144 && left[0].at <= MIDNIGHT + Duration::from_hours(24), "{:?}", left[0].at);

    // Of the first day only a part is left, so that what comes late changes it no more; the second is whole
    // but for its eve, and the third is still to come.
    let mut late = outage(7, TargetId(0), MIDNIGHT + Duration::from_hours(1));
    late.closing = Some(Closing::Paused(MIDNIGHT + Duration::from_hours(70)));
    let tomorrow = Record::Alive(now + Duration::from_hours(2));
    store.save(vec![Record::Outage(late), tomorrow]);
    store.flush().await.expect("a flush");
    let after = ask(&store, move |reader| reader.uptimes(TargetId(0), whole)).await.expect("an answer");
    assert_eq!(after[..24], before[..24]);
    assert_eq!(after.len(), 72);
    assert!(after[60].uptime.up.is_zero() && !after[60].uptime.down.is_zero(), "{:?}", after[60]);

    let late = now + Duration::from_hours(90);
    store.save(vec![Record::Alive(late)]);
    store.flush().await.expect("a flush");
    store.prune(Bounds {
        checks: Some(late),
        summaries: Some(MIDNIGHT + Duration::from_hours(49)),
        ..Bounds::default()
    });
    store.flush().await.expect("a flush");
    let kept = ask(&store, move |reader| reader.uptimes(TargetId(0), whole)).await.expect("an answer");
    assert_eq!(kept, after[48..]);
    let hours =
        ask(&store, move |reader| reader.hours(EndpointId(0), VantageId::HERE, whole)).await.expect("an answer");
    assert_eq!(hours.len(), 24);
}

#[tokio::test]
async fn the_overview_says_of_all_targets_what_their_hours_say() {
    let directory = tempfile::tempdir().expect("a directory");
    let (opened, mut past) = begin(&directory.path().join("history"), 40);
    let mut random = fastrand::Rng::with_seed(11);
    for n in 0..4 * 48 {
        let batch = round(&mut random, &past, MIDNIGHT + Duration::from_mins(n * 30));
        past.save(&opened.store, batch);
    }
    opened.store.flush().await.expect("a flush");
    let window = Span { from: MIDNIGHT + Duration::from_hours(12), to: MIDNIGHT + Duration::from_hours(108) };
    let from = MIDNIGHT + Duration::from_hours(31);
    let end = window.to;
    let asked = ask(&opened.store, move |reader| reader.overview(window, 32, from, end)).await;
    let (overview, until) = asked.expect("an answer");
    assert_eq!((overview.len(), until), (40, Some(MIDNIGHT + Duration::from_hours(72))));
    let first = MIDNIGHT + Duration::from_hours(30);
    let asked = ask(&opened.store, move |reader| reader.overview(window, 32, MIDNIGHT, first)).await;
    let (as_it_was, until) = asked.expect("an answer");
    assert_eq!(until, Some(MIDNIGHT + Duration::from_hours(24)), "the day that the moment is in is not told");
    for (id, got) in as_it_was {
        let hours = ask(&opened.store, move |reader| reader.uptimes(id, EVER)).await.expect("an answer");
        let day = Span { from: MIDNIGHT, to: MIDNIGHT + Duration::from_hours(24) };
        assert_eq!(got.uptime, uptime_of_hours(&hours, day), "{id:?}");
    }
    for (id, got) in overview {
        let hours = ask(&opened.store, move |reader| reader.uptimes(id, EVER)).await.expect("an answer");
        assert_eq!(hours.len(), 72);
        assert_eq!(got.cells, strip_of_hours(&hours, window, 32).cells, "{id:?}");
        assert_eq!(got.uptime, uptime_of_hours(&hours, Span { from, to: window.to }), "{id:?}");
    }
}
