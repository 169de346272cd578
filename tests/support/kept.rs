//! What the effects of a monitor would have left in a store.

use portpulse::domain::Closing::{EndNotSeen, Recovered};
use portpulse::domain::record::{Past, Resumed};
use portpulse::domain::{
    CatalogEntry, Check, EndpointId, Event, Gap, Happening, MaintenanceOf, Outage, OutageId, Record, TargetId, Wall,
    maintenance,
};
use portpulse::monitor::{Input, telling_from};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

const REMEMBERED: Duration = Duration::from_hours(26);

/// Everything that was ever saved of checks and events.
#[derive(Default)]
pub struct Archive {
    pub checks: BTreeMap<EndpointId, Vec<Check>>,
    pub events: Vec<Event>,
}

#[derive(Default)]
pub struct Kept {
    pub archive: Archive,
    pub catalog: BTreeMap<TargetId, CatalogEntry>,
    pub outages: BTreeMap<OutageId, Outage>,
    pub checks: BTreeMap<EndpointId, VecDeque<Check>>,
    pub check_count: u64,
    pub gaps: Vec<Gap>,
    /// In the order in which it was said.
    pub maintenance: Vec<MaintenanceOf>,
    pub events: VecDeque<Event>,
    pub alive: Option<Wall>,
    pub prunes: Vec<(Option<Wall>, Option<Wall>)>,
    /// What comes while the store cannot be opened.
    pub waiting: Option<Vec<Vec<Record>>>,
}

impl Kept {
    /// Takes in what becomes true together, and checks that it does.
    pub fn save(&mut self, records: Vec<Record>) {
        if let Some(waiting) = &mut self.waiting {
            return waiting.push(records);
        }
        for record in &records {
            self.hold_together(record, &records);
        }
        for record in records {
            match record {
                Record::Check(check) => {
                    self.check_count += 1;
                    self.archive.checks.entry(check.endpoint).or_default().push(check.clone());
                    let checks = self.checks.entry(check.endpoint).or_default();
                    while checks.len() > 30 && checks.front().is_some_and(|old| check.at.since(old.at) > REMEMBERED) {
                        checks.pop_front();
                    }
                    checks.push_back(check);
                }
                Record::Outage(outage) => {
                    if let Some(known) = self.outages.get(&outage.id) {
                        assert!(known.closing.is_none(), "a closed outage changed: {known:?} {outage:?}");
                        assert_eq!((known.target, known.started_at), (outage.target, outage.started_at));
                    }
                    self.outages.insert(outage.id, outage);
                }
                Record::Event(event) => {
                    self.archive.events.push(event.clone());
                    if self.events.len() == 200 {
                        self.events.pop_front();
                    }
                    self.events.push_back(event);
                }
                Record::Gap(gap) => {
                    assert!(gap.from <= gap.to, "a negative gap: {gap:?}");
                    self.gaps.retain(|known| (known.from, known.cause, known.path) != (gap.from, gap.cause, gap.path));
                    self.gaps.push(gap);
                }
                Record::Target(entry) => drop(self.catalog.insert(entry.target.id, entry)),
                Record::Alive(at) => self.alive = Some(at),
                Record::Maintenance(said) => self.maintenance.push(said),
                Record::AdHoc(_) | Record::AdHocCleared | Record::Former(_) => {}
            }
        }
    }

    /// An outage that opens or closes comes with its event; one that recovers, with the check that
    /// confirmed it.
    fn hold_together(&self, record: &Record, together: &[Record]) {
        let Record::Outage(outage) = record else { return };
        let is_new = !self.outages.contains_key(&outage.id);
        let told = |wanted: fn(&Happening, OutageId) -> bool| {
            together.iter().any(|record| matches!(record, Record::Event(event) if wanted(&event.what, outage.id)))
        };
        if is_new {
            let others = self.outages.values().filter(|known| known.target == outage.target);
            assert!(others.clone().all(|known| known.closing.is_some()), "two open outages: {outage:?}");
            assert!(told(|what, id| matches!(what, Happening::Down { outage, .. } if *outage == id)), "{together:?}");
        }
        if let Some(Recovered { ended_at, .. } | EndNotSeen { ended_at, .. }) = outage.closing {
            assert!(told(|what, id| matches!(what, Happening::Up { outage, .. } if *outage == id)), "{together:?}");
            let has_check =
                together.iter().any(|record| matches!(record, Record::Check(check) if check.outcome.is_open()));
            assert!(has_check, "{together:?}");
            assert!(ended_at >= outage.started_at, "{outage:?}");
        }
    }

    /// From now on nobody can open the store.
    pub fn shut(&mut self) {
        self.waiting = Some(Vec::new());
    }

    /// The store can be opened again, if it could not.
    pub fn open(&mut self, now: Wall) -> Option<Input> {
        let waiting = self.waiting.take()?;
        Some(Input::Opened(Box::new(self.resume(now)), waiting))
    }

    /// Everything that a fresh start needs.
    pub fn resume(&self, now: Wall) -> Resumed {
        if self.waiting.is_some() {
            return Resumed::unopened();
        }
        let day = Duration::from_hours(25);
        let mut newest: BTreeMap<TargetId, &Outage> = BTreeMap::new();
        let mut closed = BTreeMap::new();
        for outage in self.outages.values().filter(|outage| outage.closing.is_some()) {
            newest.insert(outage.target, outage);
            if outage.ended_at().is_some_and(|at| now.since(at) < day) {
                closed.insert(outage.id, outage.clone());
            }
        }
        closed.extend(newest.into_values().map(|outage| (outage.id, outage.clone())));
        let recent = self.checks.iter().map(|(&endpoint, checks)| {
            let opened = checks.iter().enumerate().rev().filter(|(_, check)| check.outcome.is_open());
            let telling = opened.map(|(place, _)| place).nth(4).unwrap_or(0);
            (endpoint, checks.iter().skip(checks.len().saturating_sub(30).min(telling)).cloned().collect())
        });
        Resumed {
            catalog: self.catalog.values().cloned().collect(),
            open_outages: self.outages.values().filter(|outage| outage.closing.is_none()).cloned().collect(),
            closed_outages: closed.into_values().collect(),
            gaps: self.gaps.iter().filter(|gap| now.since(gap.to) < day).copied().collect(),
            maintenance: self.maintenance_since(now - day),
            next_target: self.catalog.keys().map(|id| id.0 + 1).max().unwrap_or(0),
            next_endpoint: self
                .catalog
                .values()
                .flat_map(|entry| entry.target.ids())
                .map(|id| id.0 + 1)
                .max()
                .unwrap_or(0),
            last_outage: self.outages.keys().map(|id| id.0).max().unwrap_or(0),
            alive: self.alive,
            behind: self.checks.values().flatten().map(|check| check.at).filter(|at| *at <= now).max(),
            events: self.events.iter().cloned().collect(),
            ad_hoc: Vec::new(),
            recent: recent.collect(),
        }
    }

    fn maintenance_since(&self, since: Wall) -> Vec<MaintenanceOf> {
        let over = maintenance::over_by(&self.maintenance, since);
        self.maintenance.iter().filter(|said| !over.contains(&said.maintenance.span.from)).cloned().collect()
    }

    /// What history has to tell of a moment.
    pub fn past(&self, at: Wall) -> Past {
        let day = at - REMEMBERED;
        let open = self.outages.values().filter(|outage| outage.as_of(at).is_some_and(|known| known.closing.is_none()));
        let open: BTreeMap<TargetId, Wall> = open.map(|outage| (outage.target, outage.started_at)).collect();
        let owner = |endpoint| self.catalog.values().find(|entry| entry.target.ids().any(|id| id == endpoint));
        let checks = self.archive.checks.iter().map(|(&endpoint, checks)| {
            let outage = owner(endpoint).and_then(|entry| open.get(&entry.target.id));
            let since = outage.map_or(day, |from| day.min(*from));
            let until = checks.partition_point(|check| check.at <= at);
            let limit = owner(endpoint).and_then(|entry| entry.target.definition.degraded_above);
            let telling = telling_from(&checks[..until], limit).unwrap_or(0);
            let from = checks.partition_point(|check| check.at < since).min(until.saturating_sub(30)).min(telling);
            (endpoint, checks[from..].iter().filter(|check| check.at <= at).cloned().collect())
        });
        Past {
            catalog: self.catalog.values().cloned().collect(),
            outages: self.outages.values().filter(|outage| outage.started_at <= at).cloned().collect(),
            gaps: self.gaps.iter().filter(|gap| gap.from <= at).copied().collect(),
            maintenance: self.maintenance.clone(),
            events: self.archive.events.clone(),
            checks: checks.collect(),
            seen: Vec::new(),
            added: Vec::new(),
        }
    }

    pub fn checks_since(&self, endpoint: EndpointId, since: Wall) -> Vec<Check> {
        self.checks.get(&endpoint).into_iter().flatten().filter(|check| check.at >= since).cloned().collect()
    }

    pub fn prune(&mut self, checks_before: Option<Wall>, outages_before: Option<Wall>) {
        if self.waiting.is_some() {
            return;
        }
        self.prunes.push((checks_before, outages_before));
    }
}
