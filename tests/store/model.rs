//! A store and a plain picture of it in memory, of which the same is asked: both must say the same.

use super::world::*;
use portpulse::domain::maintenance::Origin;
use portpulse::domain::record::Resumed;
use portpulse::domain::*;
use portpulse::store::{Bounds, Opened, Store, open};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// What a store should hold, in the simplest form.
#[derive(Default)]
struct Model {
    checks: BTreeMap<EndpointId, Vec<Check>>,
    outages: BTreeMap<u64, Outage>,
    events: Vec<Event>,
    gaps: Vec<Gap>,
    ad_hoc: Vec<AdHoc>,
    catalog: BTreeMap<TargetId, CatalogEntry>,
    maintenance: Vec<MaintenanceOf>,
    alive: Option<Wall>,
    next_target: u32,
    next_endpoint: u32,
    last_outage: u64,
}

/// What a store has lived through, and the present.
pub struct Life {
    random: fastrand::Rng,
    model: Model,
    now: Wall,
    /// How many checks have gone for their age.
    pub pruned: usize,
}

impl Model {
    fn keep(&mut self, record: &Record) {
        match record.clone() {
            Record::Check(check) => {
                self.next_endpoint = self.next_endpoint.max(check.endpoint.0 + 1);
                self.checks.entry(check.endpoint).or_default().push(check);
            }
            Record::Outage(outage) => {
                self.last_outage = self.last_outage.max(outage.id.0);
                self.outages.insert(outage.id.0, outage);
            }
            Record::Event(event) => self.events.push(event),
            Record::Gap(gap) => {
                let same = |known: &Gap| (known.from, known.cause, known.path) == (gap.from, gap.cause, gap.path);
                self.gaps.retain(|known| !same(known));
                self.gaps.push(gap);
            }
            Record::AdHoc(ad_hoc) => self.ad_hoc.push(ad_hoc),
            Record::AdHocCleared => self.ad_hoc.clear(),
            Record::Alive(at) => self.alive = Some(at),
            Record::Maintenance(said) => self.maintenance.push(said),
            Record::Former(former) => {
                let newest = former.target.ids().map(|id| id.0 + 1).max().unwrap_or(0);
                self.next_endpoint = self.next_endpoint.max(newest);
            }
            Record::Target(entry) => {
                self.next_target = self.next_target.max(entry.target.id.0 + 1);
                for id in &entry.target.endpoint_ids {
                    self.next_endpoint = self.next_endpoint.max(id.0 + 1);
                }
                self.catalog.insert(entry.target.id, entry);
            }
        }
    }

    fn open_outage(&self, target: TargetId) -> Option<&Outage> {
        self.outages.values().find(|outage| outage.target == target && outage.closing.is_none())
    }

    fn watched(&self) -> Vec<CatalogEntry> {
        self.catalog.values().filter(|entry| entry.removed_at.is_none()).cloned().collect()
    }
}

impl Life {
    pub fn new() -> Self {
        Self { random: fastrand::Rng::with_seed(0), model: Model::default(), now: START, pruned: 0 }
    }

    /// Does something, which the seed says, to both; says how the store is reached from now on.
    pub async fn step(&mut self, seed: u64, opened: Opened, path: &Path) -> Opened {
        self.random.seed(seed);
        let store = opened.store.clone();
        match self.random.u8(0..100) {
            0..44 => {
                let batch = self.round();
                self.save(&store, batch);
            }
            44..52 => {
                for record in self.round() {
                    self.save(&store, vec![record]);
                }
            }
            52..62 => {
                let batch = self.odd();
                self.save(&store, batch);
            }
            62..83 => self.compare(&store).await,
            83..87 => store.flush().await.expect("a flush"),
            87 | 88 => self.prune(&store).await,
            89 => self.import(&store).await,
            90 => self.save(&store, vec![Record::AdHocCleared]),
            91 | 92 => self.now = self.now - Duration::from_secs(self.random.u64(0..20_000)),
            93 => self.now = self.now - Duration::from_hours(self.random.u64(0..100)),
            94 | 95 => self.now = self.now + Duration::from_hours(self.random.u64(0..60)),
            _ => {
                drop(store);
                return self.reopen(opened, path).await;
            }
        }
        opened
    }

    /// A round of checks of all targets, with what came of it.
    fn round(&mut self) -> Vec<Record> {
        self.now = self.now + Duration::from_millis(self.random.u64(100..600_000));
        let mut batch = Vec::new();
        for entry in self.model.watched() {
            let (id, endpoint) = (entry.target.id, entry.target.endpoint_ids[0]);
            match (self.model.open_outage(id), self.random.u8(0..30)) {
                (None, 0) => {
                    self.model.last_outage += 1;
                    batch.push(Record::Check(refused(endpoint, self.now)));
                    batch.push(Record::Outage(outage(self.model.last_outage, id, self.now)));
                    batch.push(Record::Event(event(format!("down {}", id.0), self.now)));
                }
                (Some(open), 0..3) => {
                    let closing = Some(Closing::Recovered { ended_at: self.now, confirmed_at: self.now });
                    batch.push(Record::Outage(Outage { closing, ..open.clone() }));
                    batch.push(Record::Check(check(&mut self.random, endpoint, self.now)));
                }
                (_, 3) => {}
                _ => batch.push(Record::Check(check(&mut self.random, endpoint, self.now))),
            }
        }
        batch.push(Record::Alive(self.now));
        batch
    }

    fn save(&mut self, store: &Store, batch: Vec<Record>) {
        for record in &batch {
            self.model.keep(record);
        }
        store.save(batch);
    }

    /// A rare kind of record, or a change of the catalog.
    fn odd(&mut self) -> Vec<Record> {
        let now = self.now;
        let watched = self.model.watched();
        let mut entry = watched.get(self.random.usize(0..watched.len().max(1))).cloned();
        match (self.random.u8(0..8), entry.as_mut()) {
            (0, _) => {
                // Blindness grows: it is told again under the same start.
                let hour = Wall(now.0.div_euclid(3_600_000) * 3_600_000);
                let stalled = (now - Duration::from_mins(3), GapCause::Stalled, None);
                let blind = (hour, GapCause::Blind, Some(portpulse::domain::Path::Ipv6));
                let (from, cause, path) = if self.random.bool() { stalled } else { blind };
                vec![Record::Gap(Gap { vantage: VantageId::HERE, from, to: now, cause, path })]
            }
            (1, _) => vec![Record::AdHoc(ad_hoc(now))],
            (2, Some(entry)) => {
                entry.removed_at = Some(now);
                let open = self.model.open_outage(entry.target.id).cloned();
                let closed = open.map(|open| Record::Outage(Outage { closing: Some(Closing::Removed(now)), ..open }));
                closed.into_iter().chain([Record::Target(entry.clone())]).collect()
            }
            (3, _) => {
                let mut gone = self.model.catalog.values().filter(|entry| entry.removed_at.is_some());
                let back = gone.next().map(|entry| CatalogEntry { removed_at: None, ..entry.clone() });
                back.into_iter().map(Record::Target).collect()
            }
            (4, Some(entry)) => {
                // More than one journal row holds.
                entry.target.definition.note = "n".repeat(self.random.usize(0..9_000));
                vec![Record::Target(entry.clone())]
            }
            (5 | 6, Some(_)) => vec![Record::Maintenance(self.say())],
            _ => vec![Record::Target(target(self.model.next_target, self.model.next_endpoint, now))],
        }
    }

    /// Maintenance that goes on, is over or is to come, of some targets; or another end of one that is known.
    fn say(&mut self) -> MaintenanceOf {
        let watched: Vec<TargetId> = self.model.watched().iter().map(|entry| entry.target.id).collect();
        let count = self.random.usize(1..=watched.len());
        let targets = self.random.choose_multiple(watched, count);
        let known = self.random.usize(0..=self.model.maintenance.len());
        let from = match self.model.maintenance.get(known) {
            Some(known) => known.maintenance.span.from,
            None => self.now + Duration::from_hours(self.random.u64(0..60)) - Duration::from_hours(30),
        };
        let length = Duration::from_mins(self.random.u64(0..4_000) * u64::from(self.random.bool()));
        let (span, title) = (Span { from, to: from + length }, "t".repeat(self.random.usize(0..80)));
        MaintenanceOf { targets, maintenance: Maintenance { span, title, origin: Origin::Declared } }
    }

    /// A history from elsewhere, of a target that there is or of a new one.
    async fn import(&mut self, store: &Store) {
        let mut records = Vec::new();
        let watched = self.model.watched();
        let known = watched.get(self.random.usize(0..=watched.len())).cloned();
        let entry = known.unwrap_or_else(|| target(self.model.next_target, self.model.next_endpoint, self.now));
        let endpoint = entry.target.endpoint_ids[0];
        records.push(Record::Target(entry));
        let mut at = self.now - Duration::from_hours(self.random.u64(0..900));
        let step = self.random.u64(1..900_000);
        for _ in 0..self.random.usize(0..400) {
            at = at + Duration::from_millis(self.random.u64(0..=step));
            records.push(Record::Check(check(&mut self.random, endpoint, at)));
        }
        self.random.shuffle(&mut records);
        records.push(Record::Event(event("imported".to_owned(), self.now)));
        for record in &records {
            self.model.keep(record);
        }
        store.import(records).await.expect("an import");
    }

    async fn compare(&mut self, store: &Store) {
        let model = &self.model;
        let id = EndpointId(self.random.u32(0..model.next_endpoint.max(1)));
        let from = START + Duration::from_secs(self.random.u64(0..30 * 86_400));
        let span = match self.random.u8(0..3) {
            0 => EVER,
            1 => Span::before(self.now, Duration::from_hours(self.random.u64(0..48))),
            _ => Span { from, to: from + Duration::from_hours(self.random.u64(0..48)) },
        };
        let got = ask(store, move |reader| reader.checks(id, VantageId::HERE, span)).await.expect("an answer");
        assert!(got.is_sorted_by_key(|check| check.at));
        let all = model.checks.get(&id).cloned().unwrap_or_default();
        let wanted = all.into_iter().filter(|check| span.contains(check.at)).collect();
        assert_eq!(sorted(got), sorted(wanted), "checks of {id:?} in {span:?}");

        let touches = |from: Wall, to: Option<Wall>| from < span.to && to.is_none_or(|to| to >= span.from);
        let mut wanted: Vec<Outage> =
            model.outages.values().filter(|outage| touches(outage.started_at, outage.ended_at())).cloned().collect();
        wanted.sort_by_key(|outage| std::cmp::Reverse((outage.started_at, outage.id)));
        let got = ask(store, move |reader| reader.outages(span)).await.expect("an answer");
        assert_eq!(got, wanted, "outages in {span:?}");
        let outages = wanted;

        let got = ask(store, move |reader| reader.gaps(span)).await.expect("an answer");
        let mut wanted: Vec<Gap> = model.gaps.iter().filter(|gap| touches(gap.from, Some(gap.to))).copied().collect();
        wanted.sort_by_key(|gap| (gap.from, gap.path.is_some()));
        assert_eq!(got, wanted, "gaps in {span:?}");
        let got = ask(store, |reader| reader.events(50)).await.expect("an answer");
        assert_eq!(got, model.events[model.events.len().saturating_sub(50)..], "events");
        let got = ask(store, |reader| Ok(reader.maintenance().cloned().collect::<Vec<_>>())).await.expect("an answer");
        assert_eq!(got, model.maintenance, "maintenance");

        let Some(entry) = model.catalog.values().nth(self.random.usize(0..model.catalog.len().max(1))) else { return };
        let target = entry.target.id;
        let got = ask(store, move |reader| Ok(reader.entry(target).cloned())).await.expect("an answer");
        assert_eq!(got.as_ref(), Some(entry));
        let got = ask(store, move |reader| reader.outages_of(target, span)).await.expect("an answer");
        assert!(got.iter().eq(outages.iter().filter(|outage| outage.target == target)), "of {target:?} in {span:?}");
        let got = ask(store, move |reader| reader.extent(&[target])).await.expect("an answer");
        let checks: usize = entry.target.endpoint_ids.iter().filter_map(|id| model.checks.get(id)).map(Vec::len).sum();
        let outages = model.outages.values().filter(|outage| outage.target == target).count();
        assert_eq!((got.checks, got.outages), (checks as u64, outages as u64), "extent");
    }

    /// Prunes both. Chunks go whole, so that the store may keep some checks longer; what it has
    /// dropped must have been old, and no evidence of an open outage.
    async fn prune(&mut self, store: &Store) {
        let mut before = |hours| {
            let is_asked = self.random.u8(0..5) > 0;
            is_asked.then(|| self.now - Duration::from_hours(self.random.u64(0..hours)))
        };
        let (checks, outages, removed) = (before(240), before(240), before(48));
        store.flush().await.expect("a flush");
        let bounds = Bounds { checks, outages, removed, ..Bounds::default() };
        store.prune(bounds);
        store.flush().await.expect("a flush");
        // What never was is not old.
        let [checks, outages, removed] = [checks, outages, removed].map(|bound| bound.unwrap_or(Wall(i64::MIN)));
        let model = &mut self.model;
        let is_purged = |entry: &CatalogEntry| entry.removed_at.is_some_and(|at| at < removed);
        let purged: Vec<CatalogEntry> = model.catalog.values().filter(|entry| is_purged(entry)).cloned().collect();
        for entry in &purged {
            model.catalog.remove(&entry.target.id);
            model.outages.retain(|_, outage| outage.target != entry.target.id);
        }
        model.outages.retain(|_, outage| outage.ended_at().is_none_or(|end| end >= outages));
        // What a day that is not summed up yet needs stays longer.
        let events = ask(store, |reader| reader.events(usize::MAX)).await.expect("an answer");
        let gaps = ask(store, |reader| reader.gaps(EVER)).await.expect("an answer");
        let said = ask(store, |reader| Ok(reader.maintenance().cloned().collect::<Vec<_>>())).await.expect("an answer");
        let over = maintenance::over_by(&model.maintenance, checks);
        let (over, kept): (Vec<_>, Vec<_>) =
            model.maintenance.drain(..).partition(|said| over.contains(&said.maintenance.span.from));
        let is_kept = |one: &MaintenanceOf| kept.contains(one) || over.contains(one);
        assert!(kept.iter().all(|one| said.contains(one)) && said.iter().all(is_kept), "{said:?}");
        // All that was said of a start goes together, or what was taken back would come back.
        let is_left = |from: Wall| said.iter().any(|said| said.maintenance.span.from == from);
        assert!(over.iter().all(|gone| !is_left(gone.maintenance.span.from) || said.contains(gone)));
        model.maintenance = said;
        let may_go = |at: Wall| assert!(at < checks, "what was of {at:?} was pruned too early");
        model.events.iter().filter(|event| !events.contains(event)).for_each(|event| may_go(event.at));
        model.gaps.iter().filter(|gap| !gaps.contains(gap)).for_each(|gap| may_go(gap.to));
        model.events.retain(|event| events.contains(event));
        model.gaps.retain(|gap| gaps.contains(gap));
        model.ad_hoc.drain(..model.ad_hoc.len().saturating_sub(200));
        for (id, kept) in &mut model.checks {
            let got = checks_of(store, *id).await.expect("an answer");
            let is_gone = purged.iter().any(|entry| entry.target.endpoint_ids.contains(id));
            assert!(!is_gone || got.is_empty(), "{id:?} was purged");
            let starts: Vec<Wall> = model
                .outages
                .values()
                .filter(|outage| outage.closing.is_none())
                .filter(|outage| model.catalog.get(&outage.target).is_some_and(|e| e.target.endpoint_ids.contains(id)))
                .map(|outage| outage.started_at)
                .collect();
            let count = kept.len();
            let mut left: BTreeMap<String, usize> = BTreeMap::new();
            for check in &got {
                *left.entry(format!("{check:?}")).or_default() += 1;
            }
            kept.retain(|check| {
                let is_kept = left.get_mut(&format!("{check:?}")).is_some_and(|count| {
                    *count = count.wrapping_sub(1);
                    *count != usize::MAX
                });
                let may_go = check.at < checks && !starts.contains(&check.at);
                assert!(is_kept || is_gone || may_go, "{check:?} was pruned");
                is_kept
            });
            assert_eq!(kept.len(), got.len(), "checks of {id:?} came from nowhere");
            self.pruned += count - got.len();
        }
    }

    /// Closes the store in one way or another, opens it again, and compares what it resumes.
    async fn reopen(&mut self, opened: Opened, path: &Path) -> Opened {
        if self.random.bool() {
            opened.store.close().await.expect("a clean end");
        } else {
            drop(opened);
        }
        let end = Instant::now() + Duration::from_mins(1);
        let opened = loop {
            match open(path, options()) {
                Ok(opened) => break opened,
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        assert_eq!(opened.notes, Vec::<String>::new());
        let Resumed {
            catalog,
            open_outages,
            last_outage,
            next_target,
            next_endpoint,
            alive,
            events,
            ad_hoc,
            recent,
            maintenance: said,
            ..
        } = opened.resumed.clone();
        let model = &self.model;
        assert!(catalog.iter().eq(model.catalog.values()), "catalog");
        let mut open_outages = open_outages;
        open_outages.sort_by_key(|outage| outage.id);
        assert!(open_outages.iter().eq(model.outages.values().filter(|outage| outage.closing.is_none())));
        assert_eq!(
            (last_outage, next_target, next_endpoint, alive),
            (model.last_outage, model.next_target, model.next_endpoint, model.alive),
        );
        assert_eq!(events, model.events[model.events.len().saturating_sub(200)..], "events");
        assert_eq!(ad_hoc, model.ad_hoc[model.ad_hoc.len().saturating_sub(200)..], "ad-hoc");
        // What matters for the last day, and nothing that would bring back what was taken back.
        let over = maintenance::over_by(&model.maintenance, alive.unwrap_or(START) - Duration::from_hours(24));
        let counts = |said: &&MaintenanceOf| !over.contains(&said.maintenance.span.from);
        assert!(model.maintenance.iter().filter(counts).all(|one| said.contains(one)), "maintenance");
        for target in model.catalog.keys() {
            let known = maintenance::of_target(&model.maintenance, *target);
            let resumed = maintenance::of_target(&said, *target);
            assert!(resumed.iter().all(|one| known.contains(one)), "{target:?}: {resumed:?} of {known:?}");
        }
        assert_eq!(recent.len(), model.watched().len());
        for (id, newest) in recent {
            let all = model.checks.get(&id).cloned().unwrap_or_default();
            assert!(newest.len() <= 30 && (newest.is_empty() == all.is_empty()), "{id:?}");
            assert!(newest.iter().all(|check| all.contains(check)), "{id:?}");
            // What "newest" means after a step of the clock, or beside what was imported, is left open.
            assert!(!all.is_sorted_by_key(|check| check.at) || newest.last() == all.last(), "{id:?}");
        }
        opened
    }
}
