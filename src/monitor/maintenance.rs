//! Maintenance: when it begins and ends, what it keeps quiet meanwhile, and what it has to tell at its end.
//!
//! Schedules become spans of each target when their time comes, and spans are what is kept: the past stays as it
//! was when a schedule is changed. A time that has begun when a schedule comes to be, or a target comes under it,
//! begins for that target where the schedules were not followed yet: now, or, after an absence, as planned. A target
//! in maintenance is checked and judged as ever; an outage is opened, dated and kept, and nobody is called. One that
//! is open when the maintenance is over is announced then.

mod step;

use super::message::{Named, Notice, Refusal, Reply, RequestId};
use super::watch::Watch;
use super::{Monitor, clean};
use crate::domain::maintenance::{Origin, TITLE_MAX};
use crate::domain::schedule::Scope;
use crate::domain::{
    Happening, Maintenance, MaintenanceOf, Now, Outage, Record, Schedule, Span, Target, TargetId, Wall,
};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

/// The longest that somebody can declare at once.
const LENGTH_MAX: Duration = Duration::from_hours(366 * 24);
/// So many targets are named in one record: values that are longer than 6 KB cost the store dearly.
const TOGETHER_MAX: usize = 1_000;
/// Schedules are followed back this far, when nobody did: before that nothing was seen that they could be about.
const FOLLOWED_MAX: Duration = Duration::from_hours(31 * 24);
/// A moment at which it is high time to look.
const OVERDUE: Wall = Wall(i64::MIN);

/// The maintenance of one target: of the last day, of now, and what is to come; by its start.
#[derive(Clone, Debug, Default)]
pub(super) struct Works(BTreeMap<Wall, Said>);

/// What was said last of the maintenance that begins at a moment.
#[derive(Clone, Debug)]
struct Said {
    maintenance: Arc<Maintenance>,
    /// The latest end that was ever said. Until then it is known that somebody has ended it early or taken it
    /// back, or its schedule would let it begin again.
    until: Wall,
}

impl Works {
    /// Takes one in, in the place of one with the same start.
    pub(super) fn put(&mut self, maintenance: Arc<Maintenance>) {
        let from = maintenance.span.from;
        let before = self.0.get(&from).map_or(from, |said| said.until);
        let until = before.max(maintenance.span.to);
        self.0.insert(from, Said { maintenance, until });
    }

    /// Takes in what others know.
    pub(super) fn learn(&mut self, later: &Self) {
        for (&from, said) in &later.0 {
            let until = self.0.get(&from).map_or(from, |said| said.until).max(said.until);
            self.0.insert(from, Said { until, ..said.clone() });
        }
    }

    pub(super) fn forget_before(&mut self, moment: Wall) {
        self.0.retain(|_, said| said.until > moment);
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Maintenance>> {
        self.0.values().map(|said| &said.maintenance).filter(|known| !known.is_withdrawn())
    }

    /// What goes on at a moment; of several, that which ends last.
    pub(super) fn on(&self, at: Wall) -> Option<&Arc<Maintenance>> {
        self.all().filter(|known| known.is_on(at)).max_by_key(|known| known.span.to)
    }

    /// What somebody declared that begins next after a moment.
    fn declared_next(&self, after: Wall) -> Option<&Arc<Maintenance>> {
        self.all().find(|known| known.origin == Origin::Declared && known.span.from > after)
    }

    /// Whether there was maintenance from one moment to another, all the time.
    fn cover(&self, from: Wall, to: Wall) -> bool {
        let mut at = from;
        while at <= to {
            let Some(known) = self.on(at) else { return false };
            at = known.span.to;
        }
        true
    }

    /// What begins at a moment.
    fn beginning(&self, from: Wall) -> Option<&Arc<Maintenance>> {
        self.0.get(&from).map(|said| &said.maintenance).filter(|known| !known.is_withdrawn())
    }

    /// Whether anything was ever said of one that begins at a moment.
    fn has(&self, from: Wall) -> bool {
        self.0.contains_key(&from)
    }

    /// When a time of a schedule began that was met in its midst: it goes on now under a start of its own, wherever
    /// its end is now, or was ended early and would not have ended before.
    fn joined(&self, time: Span, now: Wall, is_planned: impl Fn(Wall) -> bool) -> Option<Wall> {
        let inside = self.0.range((Bound::Excluded(time.from), Bound::Excluded(time.to)));
        let own = inside.filter(|(from, said)| said.maintenance.origin == Origin::Scheduled && !is_planned(**from));
        own.filter(|(_, said)| said.maintenance.is_on(now) || said.until >= time.to).map(|(from, _)| *from).next()
    }

    fn next_change(&self, after: Wall) -> Option<Wall> {
        self.all().flat_map(|known| [known.span.from, known.span.to]).filter(|at| *at > after).min()
    }
}

/// How far the schedules have been followed.
#[derive(Debug)]
pub(super) struct Timetable {
    looked_at: Wall,
    next: Wall,
}

impl Timetable {
    /// Nobody has looked since a moment.
    pub(super) const fn since(at: Wall) -> Self {
        Self { looked_at: at, next: OVERDUE }
    }

    /// Something was changed: it has to be looked at again.
    pub(super) const fn expire(&mut self) {
        self.next = OVERDUE;
    }

    /// Until when everything is told.
    pub(super) const fn looked_at(&self) -> Wall {
        self.looked_at
    }

    /// When the next maintenance begins or ends, at the latest.
    pub(super) const fn next(&self) -> Wall {
        self.next
    }

    fn is_due(&self, at: Wall) -> bool {
        at < self.looked_at || self.next <= at
    }
}

/// What is said, and of which targets.
type Changed = Vec<(Maintenance, Vec<TargetId>)>;

fn add(changed: &mut Changed, target: TargetId, maintenance: Maintenance) {
    match changed.iter_mut().find(|(known, _)| *known == maintenance) {
        Some((_, targets)) => targets.push(target),
        None => changed.push((maintenance, vec![target])),
    }
}

/// The maintenance that a target shows.
type Shown = Option<Arc<Maintenance>>;

/// Targets of which the same is to be told.
type Told = BTreeMap<(String, Wall), Vec<Arc<Target>>>;

impl Monitor {
    /// Lets begin and end whatever maintenance does, once its time has come.
    pub(super) fn keep_maintenance(&mut self, now: Now) {
        if !self.timetable.is_due(now.wall) {
            // Whatever the schedules are from now on, until now they were followed.
            self.timetable.looked_at = now.wall;
            return;
        }
        self.follow_schedules(now);
        let (mut began, mut ended) = (Told::new(), Told::new());
        for id in self.watches.ids() {
            let Some((before, after)) = self.turn_over(now, id) else { continue };
            let Some(target) = self.watches.get(id).map(|watch| Arc::clone(&watch.target)) else { continue };
            match (before, after) {
                (_, Some(after)) => began.entry((after.title.clone(), after.span.to)).or_default().push(target),
                (Some(before), None) => ended.entry((before.title.clone(), OVERDUE)).or_default().push(target),
                (None, None) => {}
            }
        }
        for ((title, until), targets) in began {
            self.tell_of(now, &targets, |targets| Happening::MaintenanceBegan { title, targets, until });
        }
        for ((title, _), targets) in ended {
            self.tell_of(now, &targets, |targets| Happening::MaintenanceEnded { title, targets });
            for target in targets {
                self.announce_what_lasts(now, target.id);
            }
        }
        let scheduled = self.settings.maintenance.iter().filter_map(|schedule| schedule.next_change(now.wall));
        let declared = self.watches.values().filter_map(|watch| watch.recent.works().next_change(now.wall));
        let next = scheduled.chain(declared).min().unwrap_or(Wall(i64::MAX));
        self.timetable = Timetable { looked_at: now.wall, next };
    }

    /// Takes targets that are being removed out of what is planned by name, and remembers it.
    pub(super) fn unname(&mut self, ids: &[TargetId]) {
        let targets = self.targets(ids).unwrap_or_default();
        let naming = |target: &Arc<Target>| {
            let name = &target.definition.name;
            let places = self.settings.maintenance.iter().enumerate().filter(|(_, schedule)| schedule.names(name));
            (target.id, places.map(|(place, _)| place).collect::<Vec<_>>())
        };
        let naming: Vec<_> = targets.iter().map(naming).filter(|(_, places)| !places.is_empty()).collect();
        let names: Vec<String> = targets.iter().map(|target| target.definition.name.clone()).collect();
        self.settings.forget_targets(&names);
        for (id, places) in naming {
            let at = |place: usize| self.settings.maintenance.get(place).cloned();
            self.unnamed.insert(id, places.into_iter().filter_map(at).collect());
        }
    }

    /// Where targets stood by name before they were removed, as far as the same is still planned.
    pub(super) fn named_before(&self, targets: &[Target]) -> Vec<Named> {
        let mut named = Vec::new();
        for target in targets {
            let known = self.unnamed.get(&target.id).map_or(&[][..], Vec::as_slice);
            let is_it = |one: &Schedule| known.iter().any(|it| (&it.title, &it.when) == (&one.title, &one.when));
            let name = &target.definition.name;
            let places = self.settings.maintenance.iter().enumerate();
            let places =
                places.filter(|(_, one)| matches!(one.scope, Scope::Some { .. }) && is_it(one) && !one.names(name));
            named.extend(places.map(|(place, _)| Named { place, target: name.clone() }));
        }
        named
    }

    /// Brings what is kept of scheduled maintenance in step with the schedules: since they were looked at last, and
    /// for what goes on now.
    fn follow_schedules(&mut self, now: Now) {
        let from = self.timetable.looked_at.min(now.wall).max(now.wall - FOLLOWED_MAX);
        let looked_at = Span { from, to: now.wall + Duration::from_millis(1) };
        let times: Vec<(Span, &Schedule)> = self
            .settings
            .maintenance
            .iter()
            .flat_map(|schedule| schedule.times(looked_at).into_iter().map(move |time| (time, schedule)))
            .collect();
        let followed = self.timetable.looked_at.min(now.wall);
        let mut changed = Changed::new();
        for watch in self.watches.values() {
            let concerned = times.iter().filter(|(_, schedule)| schedule.concerns(&watch.target.definition));
            let concerned: Vec<_> = concerned.map(|(time, schedule)| (*time, schedule.title.as_str())).collect();
            for maintenance in step::out_of_step(watch, step::wanted(watch, &concerned, followed, now.wall), now.wall) {
                add(&mut changed, watch.target.id, maintenance);
            }
        }
        self.keep(now, changed);
    }

    /// Holds from now on, and is kept.
    fn keep(&mut self, now: Now, changed: Changed) {
        for (maintenance, targets) in changed {
            let maintenance = Arc::new(maintenance);
            for &id in &targets {
                let Some(watch) = self.watches.get_mut(id) else { continue };
                watch.recent.maintain(Arc::clone(&maintenance), now.wall);
                watch.changed();
                self.version += 1;
            }
            for targets in targets.chunks(TOGETHER_MAX) {
                let (targets, maintenance) = (targets.to_vec(), Maintenance::clone(&maintenance));
                self.journal.save(Record::Maintenance(MaintenanceOf { targets, maintenance }));
            }
        }
    }

    /// Lets a target show the maintenance that goes on and what is planned. Returns what it showed and what it shows, if another
    /// one has begun or the last one has ended.
    fn turn_over(&mut self, now: Now, id: TargetId) -> Option<(Shown, Shown)> {
        let watch = self.watches.get(id)?;
        let works = watch.recent.works();
        let (after, planned) = (works.on(now.wall).cloned(), works.declared_next(now.wall).cloned());
        if watch.maintenance == after && watch.planned == planned {
            return None;
        }
        let watch = self.watches.get_mut(id)?;
        watch.planned = planned;
        let before = std::mem::replace(&mut watch.maintenance, after.clone());
        watch.changed();
        self.version += 1;
        let start = |of: &Shown| of.as_ref().map(|of| (of.span.from, of.span.to));
        (start(&before) != start(&after)).then_some((before, after))
    }

    /// An outage that began in a maintenance that is over is news.
    fn announce_what_lasts(&mut self, now: Now, id: TargetId) {
        let Some(outage) = self.watches.get_mut(id).and_then(Watch::take_quiet) else { return };
        let what = Happening::StillDown { outage: outage.id, reason: outage.reason, since: outage.started_at };
        let target = self.watches.get(id).map(|watch| Arc::clone(&watch.target));
        self.journal.tell(now.wall, target.as_deref(), what);
        self.journal.announce(Notice::Down(outage));
    }

    fn tell_of(&mut self, now: Now, targets: &[Arc<Target>], what: impl FnOnce(u32) -> Happening) {
        let only = if let [only] = targets { Some(&**only) } else { None };
        self.journal.tell(now.wall, only, what(u32::try_from(targets.len()).unwrap_or(u32::MAX)));
    }

    /// Somebody says that there is, will be or was maintenance.
    pub(super) fn maintain(&mut self, now: Now, request: RequestId, ids: &[TargetId], span: Span, title: &str) {
        let targets = match self.targets(ids) {
            Ok(_) if span.to <= span.from || span.length() > LENGTH_MAX => Err(Refusal::NoSuchTime),
            found => found,
        };
        let targets = match targets {
            Ok(targets) => targets,
            Err(refusal) => return self.journal.reply(request, Reply::Refused(refusal)),
        };
        let title = clean(title, TITLE_MAX).trim().to_owned();
        self.keep(now, vec![(Maintenance { span, title: title.clone(), origin: Origin::Declared }, ids.to_vec())]);
        if !span.contains(now.wall) {
            self.tell_of(now, &targets, |targets| Happening::MaintenanceDeclared { title, targets, span });
        }
        self.timetable.expire();
        self.journal.reply(request, Reply::Done);
    }

    /// Somebody is done with the maintenance of these, whoever planned it.
    pub(super) fn end_maintenance(&mut self, now: Now, request: RequestId, ids: &[TargetId]) {
        let mut ending = Changed::new();
        for watch in ids.iter().filter_map(|id| self.watches.get(*id)) {
            for known in watch.recent.works().all().filter(|known| known.is_on(now.wall)) {
                let span = Span { to: now.wall, ..known.span };
                add(&mut ending, watch.target.id, Maintenance { span, ..Maintenance::clone(known) });
            }
        }
        if ending.is_empty() {
            return self.journal.reply(request, Reply::Refused(Refusal::NoMaintenance));
        }
        self.keep(now, ending);
        self.timetable.expire();
        self.journal.reply(request, Reply::Done);
    }

    /// Somebody takes back what was said: these had no maintenance that began then.
    pub(super) fn withdraw_maintenance(&mut self, now: Now, request: RequestId, ids: &[TargetId], from: Wall) {
        let mut withdrawn: BTreeMap<(String, Wall), Vec<Arc<Target>>> = BTreeMap::new();
        for watch in ids.iter().filter_map(|id| self.watches.get(*id)) {
            if let Some(known) = watch.recent.works().beginning(from) {
                let same = withdrawn.entry((known.title.clone(), known.span.to)).or_default();
                same.push(Arc::clone(&watch.target));
            }
        }
        if withdrawn.is_empty() {
            return self.journal.reply(request, Reply::Refused(Refusal::NoMaintenance));
        }
        for ((title, to), targets) in withdrawn {
            let nothing = Maintenance { span: Span { from, to: from }, title: title.clone(), origin: Origin::Declared };
            self.keep(now, vec![(nothing, targets.iter().map(|target| target.id).collect())]);
            let span = Span { from, to };
            self.tell_of(now, &targets, |targets| Happening::MaintenanceWithdrawn { title, targets, span });
        }
        self.timetable.expire();
        self.journal.reply(request, Reply::Done);
    }
}

impl Watch {
    /// Shows the maintenance that went on when the run before was last alive. Of an outage that was open and that
    /// began in maintenance, nobody was called if there was no end of it until then.
    pub(super) fn resume_maintenance(&mut self, alive: Wall) {
        let works = self.recent.works();
        self.maintenance = works.on(alive).cloned();
        let quiet =
            self.health.outage().filter(|outage| works.cover(outage.detected_at, alive.max(outage.detected_at)));
        self.quiet = quiet.map(|outage| outage.id);
    }

    /// The open outage of which nobody was called; somebody is to be now.
    fn take_quiet(&mut self) -> Option<Outage> {
        let quiet = self.quiet.take()?;
        self.health.outage().filter(|outage| outage.id == quiet).cloned()
    }
}
