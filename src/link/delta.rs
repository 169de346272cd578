//! The difference between two pictures: all that is sent of the newer one to whoever has the older one.

use crate::domain::job::Health;
use crate::domain::{Event, Now, TargetId};
use crate::monitor::snapshot::AdHocView;
use crate::monitor::{Recording, Sight, Snapshot, TargetView};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is different in a newer picture. It fits the very picture that it was made from, and no other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// The version of the picture that it was made from.
    pub base: u64,
    /// That of the newer one.
    version: u64,
    at: Now,
    /// All targets in their new order, if it is another one.
    order: Option<Vec<TargetId>>,
    /// Those that look different, or are new.
    views: Vec<Arc<TargetView>>,
    sight: Option<Sight>,
    recording: Option<Recording>,
    log: Log,
    ad_hoc: Option<Arc<AdHocView>>,
    prober: Option<Health>,
    checks_per_second: f32,
    skipped_turns: u64,
    configuration_error: Option<String>,
}

/// What became of the log of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Log {
    /// It begins so many lines later, and has these behind its end.
    Grown { gone: usize, newer: Vec<Event> },
    /// It is another one.
    New(Arc<Vec<Event>>),
}

/// A delta came to a picture that it was not made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a picture was told in changes to one that is not there")]
pub struct Unfit;

impl Delta {
    /// What makes the newer picture of the older one.
    pub fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let (order, views) = targets(before, after);
        let changed = |is_same: bool| (!is_same).then_some(());
        Self {
            base: before.version,
            version: after.version,
            at: after.at,
            order,
            views,
            sight: changed(before.sight == after.sight).map(|()| after.sight.clone()),
            recording: changed(before.recording == after.recording).map(|()| after.recording.clone()),
            log: log(&before.events, &after.events),
            ad_hoc: changed(Arc::ptr_eq(&before.ad_hoc, &after.ad_hoc)).map(|()| Arc::clone(&after.ad_hoc)),
            prober: changed(before.prober == after.prober).map(|()| after.prober),
            checks_per_second: after.checks_per_second,
            skipped_turns: after.skipped_turns,
            configuration_error: after.configuration_error.clone(),
        }
    }

    /// The newer picture. What is the same is shared with the older one.
    ///
    /// # Errors
    /// It was made from another picture.
    pub fn apply(self, before: &Snapshot) -> Result<Snapshot, Unfit> {
        if self.base != before.version {
            return Err(Unfit);
        }
        Ok(Snapshot {
            version: self.version,
            at: self.at,
            targets: match self.order {
                Some(order) => arranged(before, &order, self.views)?.into(),
                None => replaced(before, self.views)?,
            },
            sight: self.sight.unwrap_or_else(|| before.sight.clone()),
            recording: self.recording.unwrap_or_else(|| before.recording.clone()),
            events: self.log.apply(&before.events)?,
            ad_hoc: self.ad_hoc.unwrap_or_else(|| Arc::clone(&before.ad_hoc)),
            prober: self.prober.unwrap_or(before.prober),
            checks_per_second: self.checks_per_second,
            skipped_turns: self.skipped_turns,
            configuration_error: self.configuration_error,
        })
    }
}

/// The new order if there is one, and the views that are not shared.
fn targets(before: &Snapshot, after: &Snapshot) -> (Option<Vec<TargetId>>, Vec<Arc<TargetView>>) {
    let ids = |snapshot: &Snapshot| snapshot.targets.iter().map(|view| view.target.id).collect::<Vec<_>>();
    let changed = || after.targets.changed_since(&before.targets);
    let is_in_place = before.targets.len() == after.targets.len()
        && changed().all(|(before, after)| before.target.id == after.target.id);
    if is_in_place {
        return (None, changed().map(|(_, after)| Arc::clone(after)).collect());
    }
    let known: BTreeMap<TargetId, &Arc<TargetView>> =
        before.targets.iter().map(|view| (view.target.id, view)).collect();
    let is_new = |view: &&Arc<TargetView>| known.get(&view.target.id).is_none_or(|known| !Arc::ptr_eq(known, view));
    (Some(ids(after)), after.targets.iter().filter(is_new).cloned().collect())
}

fn replaced(before: &Snapshot, views: Vec<Arc<TargetView>>) -> Result<crate::monitor::Views, Unfit> {
    let mut targets = before.targets.clone();
    // They come in the order of the targets: one pass finds the places of all.
    let mut places = before.targets.iter().map(|view| view.target.id).enumerate();
    for view in views {
        let (place, _) = places.find(|(_, id)| *id == view.target.id).ok_or(Unfit)?;
        targets.replace(place, view);
    }
    Ok(targets)
}

fn arranged(before: &Snapshot, order: &[TargetId], views: Vec<Arc<TargetView>>) -> Result<Vec<Arc<TargetView>>, Unfit> {
    let mut known: BTreeMap<TargetId, Arc<TargetView>> =
        before.targets.iter().map(|view| (view.target.id, Arc::clone(view))).collect();
    known.extend(views.into_iter().map(|view| (view.target.id, view)));
    order.iter().map(|id| known.get(id).cloned().ok_or(Unfit)).collect()
}

/// The log grows at its end and is cut off at its beginning; anything else makes it another one.
fn log(before: &Arc<Vec<Event>>, after: &Arc<Vec<Event>>) -> Log {
    if Arc::ptr_eq(before, after) {
        return Log::Grown { gone: 0, newer: Vec::new() };
    }
    let gone = after.first().and_then(|first| before.iter().position(|event| event == first));
    match gone.and_then(|gone| Some((gone, after.strip_prefix(before.get(gone..)?)?))) {
        Some((gone, newer)) => Log::Grown { gone, newer: newer.to_vec() },
        None => Log::New(Arc::clone(after)),
    }
}

impl Log {
    fn apply(self, before: &Arc<Vec<Event>>) -> Result<Arc<Vec<Event>>, Unfit> {
        match self {
            Self::New(log) => Ok(log),
            Self::Grown { gone: 0, newer } if newer.is_empty() => Ok(Arc::clone(before)),
            Self::Grown { gone, newer } => {
                let kept = before.get(gone..).ok_or(Unfit)?;
                Ok(Arc::new(kept.iter().cloned().chain(newer).collect()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Activity, Address, Definition, Endpoint, Happening, Wall};
    use crate::monitor::{Command, Effect, Input, Monitor, RequestId, Settings};
    use proptest::prelude::*;
    use std::time::Duration;

    /// A monitor to which things happen, and a picture after each.
    struct World {
        monitor: Monitor,
        now: Now,
        request: u64,
    }

    impl World {
        fn new() -> Self {
            let now = Now { wall: Wall(1_795_181_527_000), ..Now::default() };
            let resumed = crate::domain::record::Resumed::default();
            let monitor = Monitor::new(now, Settings::default(), Vec::new(), resumed, &mut Vec::new());
            Self { monitor, now, request: 0 }
        }

        fn ask(&mut self, command: Command) {
            self.request += 1;
            let mut effects = Vec::new();
            self.monitor.handle(self.now, Input::Asked(RequestId(self.request), command), &mut effects);
            for effect in effects {
                if let Effect::Write(request, _) = effect {
                    self.monitor.handle(self.now, Input::Written(request, Ok(())), &mut Vec::new());
                }
            }
        }

        fn step(&mut self, seed: u8) {
            let passed = Duration::from_millis(u64::from(seed) * 40);
            self.now = Now { mono: self.now.mono + passed, wall: self.now.wall + passed };
            let ids: Vec<TargetId> =
                self.monitor.snapshot(self.now).targets.iter().map(|view| view.target.id).collect();
            let one = ids.get(usize::from(seed) % ids.len().max(1)).copied().into_iter().collect::<Vec<_>>();
            match seed % 7 {
                0 | 1 => {
                    let address: Address = format!("192.0.2.{}:{}", self.request % 250, 1 + seed).parse().expect("one");
                    let name = format!("target {}", self.request);
                    self.ask(Command::Add(vec![Definition::new(name, Endpoint::new(address))]));
                }
                2 => self.ask(Command::Remove(one)),
                3 => self.ask(Command::SetActivity(one, Activity::Paused)),
                4 => self.ask(Command::Remark { target: None, about: None, text: format!("remark {seed}") }),
                5 => self.monitor.handle(self.now, Input::Noted("a note".to_owned()), &mut Vec::new()),
                _ => self.monitor.handle(self.now, Input::Wake, &mut Vec::new()),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_picture_and_its_delta_over_the_wire_make_the_next_picture(steps in proptest::collection::vec(1_u8..250, 1..60)) {
            let mut world = World::new();
            let mut sent = world.monitor.snapshot(world.now);
            let mut got = sent.clone();
            for (place, seed) in steps.into_iter().enumerate() {
                world.step(seed);
                // Some pictures are skipped.
                if place % 3 == 1 {
                    continue;
                }
                let newest = world.monitor.snapshot(world.now);
                let line = serde_json::to_string(&Delta::between(&sent, &newest)).expect("a line");
                let delta: Delta = serde_json::from_str(&line).expect("a delta");
                got = delta.apply(&got).expect("it fits");
                prop_assert_eq!(&got, &newest);
                sent = newest;
            }
        }
    }

    #[test]
    fn a_delta_of_another_picture_is_refused() {
        let mut world = World::new();
        let first = world.monitor.snapshot(world.now);
        world.step(7);
        let second = world.monitor.snapshot(world.now);
        world.step(14);
        let third = world.monitor.snapshot(world.now);
        let delta = Delta::between(&second, &third);
        assert_eq!(delta.clone().apply(&first), Err(Unfit));
        assert_eq!(delta.apply(&second).as_ref(), Ok(&third));
    }

    #[test]
    fn what_does_not_change_is_not_sent() {
        let mut world = World::new();
        (0..50).for_each(|_| world.step(7));
        let before = world.monitor.snapshot(world.now);
        assert!(before.targets.len() > 40);
        world.step(3);
        let line = serde_json::to_string(&Delta::between(&before, &world.monitor.snapshot(world.now))).expect("a line");
        let whole = serde_json::to_string(&before).expect("a line");
        assert!(line.len() * 20 < whole.len(), "{} of {}", line.len(), whole.len());
    }

    #[test]
    fn a_log_that_lost_its_beginning_is_told_by_its_end() {
        let line = |text: &str| Event { at: Wall(0), target: None, what: Happening::Note(text.to_owned()) };
        let lines = |all: &[&str]| Arc::new(all.iter().map(|text| line(text)).collect::<Vec<_>>());
        for (before, after, wanted) in [
            (lines(&["a", "b", "c"]), lines(&["b", "c", "d"]), Log::Grown { gone: 1, newer: vec![line("d")] }),
            (lines(&["a"]), lines(&["x"]), Log::New(lines(&["x"]))),
            (lines(&[]), lines(&["x"]), Log::New(lines(&["x"]))),
            (lines(&["a", "b"]), lines(&["a", "b"]), Log::Grown { gone: 0, newer: Vec::new() }),
        ] {
            let found = log(&before, &after);
            assert_eq!(found, wanted);
            assert_eq!(found.apply(&before), Ok(after));
        }
    }
}
