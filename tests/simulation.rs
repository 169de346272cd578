//! The real monitor in a scripted world: the state table as pictures, and seeded months against a second opinion.

#![expect(clippy::print_stdout, reason = "a test says what it compared, and why it does not run")]

#[path = "support/adoption.rs"]
mod adoption;
#[path = "support/clocks.rs"]
mod clocks;
#[path = "support/group.rs"]
mod group;
#[path = "support/kept.rs"]
mod kept;
#[path = "support/lookback.rs"]
mod lookback;
#[path = "support/maintained.rs"]
mod maintained;
#[path = "support/model.rs"]
mod model;
#[path = "support/month.rs"]
mod month;
#[path = "support/mutations.rs"]
mod mutations;
#[path = "support/planned.rs"]
mod planned;
#[path = "support/roads.rs"]
mod roads;
#[path = "support/rounds.rs"]
mod rounds;
#[path = "support/story.rs"]
mod story;
#[path = "support/table.rs"]
mod table;
#[path = "support/windows.rs"]
mod windows;
#[path = "support/world.rs"]
mod world;

use model::{End, Expected, Model};
use month::{HOUR, Month, Nature};
use portpulse::domain::{Closing, Endpoint, Outage, Path, TargetId};
use portpulse::monitor::{Sight, Snapshot, State};
use rounds::Stands;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use world::Fact;

/// How far the uptime of a day may be from the second opinion, in milliseconds: the model samples
/// every minute, and proof of life is 10 s old at most when the program dies.
const DAY_TOLERANCE: i64 = 4 * 60_000;

fn expected_of(outage: &Outage) -> Expected {
    let end = match outage.closing {
        None => End::Open,
        Some(Closing::Recovered { .. }) => End::Recovered,
        Some(Closing::EndNotSeen { .. }) => End::NotSeen,
        Some(Closing::Paused(_)) => End::Paused,
        Some(Closing::Removed(_)) => End::Removed,
    };
    Expected { started_at: outage.started_at, ended_at: outage.ended_at(), end }
}

/// Which seeds to run: `PORTPULSE_SEEDS` is how many, or the first and the last with a hyphen between them; by
/// default one.
fn seeds() -> RangeInclusive<u64> {
    let wanted = std::env::var("PORTPULSE_SEEDS").unwrap_or_default();
    let (first, last) = wanted.split_once('-').unwrap_or(("1", &wanted));
    first.parse().unwrap_or(1)..=last.parse().unwrap_or(1)
}

#[test]
fn seeded_months_differ_in_nothing_from_the_second_opinion() {
    let (mut differences, mut soft) = (String::new(), 0);
    for seed in seeds() {
        let mut month = Month::new(seed, 50);
        windows::plan(&mut month);
        let (mut found, mut looks) = (String::new(), 0u64);
        let mut album = lookback::Album::default();
        month.run(|month| {
            snapshot_holds_together(month);
            album.take(month);
            looks += 1;
            if looks.is_multiple_of(48) {
                compare_days(month, &mut found);
            }
        });
        let quiet = windows::compare_calls(&month, &mut found);
        assert!(quiet > 3, "seed {seed} had only {quiet} outages in maintenance");
        let outages = compare_outages(&month, &mut found);
        let past = album.compare(&month, &mut found);
        if !found.is_empty() {
            write!(differences, "seed {seed}:\n{found}").expect("a string");
        }
        soft += past.soft;
        assert!(past.down > 100 && past.targets > 1_000 && past.members > 1_000, "seed {seed} compared only {past:?}");
        assert!(past.maintained > 200, "seed {seed} compared only {past:?}");
        assert!(outages.outages > 300 && outages.of_groups > 30, "seed {seed} provoked only {outages:?}");
        let log = &month.world.log;
        println!(
            "seed {seed}: {outages:?} in {} checks, {} looks, {past:?}, {} differences",
            log.facts.len(),
            log.looks.len(),
            found.lines().count()
        );
    }
    assert!(differences.is_empty(), "{differences}");
    // Few looks meet a streak: a seed alone may have none, but the first has.
    assert!(soft > 0 || *seeds().start() > 1, "no streak was compared");
}

/// A start that cannot open its history does not know of failures before it, and so an outage may open later or not
/// at all if it began around one; nothing else differs.
#[test]
fn seeded_months_without_history_after_each_kill_differ_in_nothing_once_it_is_there() {
    for seed in seeds() {
        let mut month = Month::shut_by_kills(seed, 20);
        windows::plan(&mut month);
        let (mut found, mut was_shut) = (String::new(), false);
        month.run(|month| {
            snapshot_holds_together(month);
            let is_shut = month.world.kept.waiting.is_some();
            if was_shut && !is_shut {
                compare_days(month, &mut found);
            }
            was_shut = is_shut;
        });
        let outages = compare_outages(&month, &mut found);
        assert!(found.is_empty(), "seed {seed}:\n{found}");
        println!("seed {seed}: {outages:?} over {} starts, no difference", month.world.log.lives.len());
    }
}

/// Start, end and kind of every outage, both ways; and no outage that began while its target was fine.
fn compare_outages(month: &Month, found: &mut String) -> Compared {
    let rounds = rounds_of_groups(month);
    let model = Model::new(&month.world.log, &rounds);
    let mut compared = Compared::default();
    let mut mine: BTreeSet<TargetId> = BTreeSet::new();
    for (place, definition) in month.definitions.iter().enumerate() {
        let Some(id) = month.id(place) else { continue };
        assert!(mine.insert(id), "an identity was given twice: {id:?}");
        let address = &rounds::address_of(definition);
        let mut wanted = model.outages(address, month.rules(place), &month.stretches[place]);
        let outages = month.world.kept.outages.values().filter(|outage| outage.target == id);
        let mut recorded: Vec<Expected> = outages.map(expected_of).collect();
        wanted.sort();
        recorded.sort();
        compared.outages += recorded.len();
        compared.of_groups += if definition.endpoints.len() > 1 { recorded.len() } else { 0 };
        if month.is_shut_by_kills {
            let begins_later = |early: &Expected, late: &Expected| {
                let starts = month.world.log.lives.iter().map(|life| life.wall);
                let was_unknown = |start| early.started_at < start && start <= late.started_at;
                (early.ended_at, &early.end) == (late.ended_at, &late.end) && starts.clone().any(was_unknown)
            };
            for late in &mut recorded {
                late.started_at = wanted.iter().find(|early| begins_later(early, late)).unwrap_or(late).started_at;
            }
        }
        for missed in wanted.iter().filter(|expected| !recorded.contains(expected)) {
            writeln!(found, "{} missed {missed:?}", definition.name).expect("a string");
        }
        for false_one in recorded.iter().filter(|expected| !wanted.contains(expected)) {
            writeln!(found, "{} false  {false_one:?}", definition.name).expect("a string");
        }
        for expected in &recorded {
            let was_fine = |at| {
                let is_open = |endpoint: &Endpoint| {
                    let nature = month.world.network.nature(&endpoint.address.host, at);
                    matches!(nature, Nature::Fine | Nature::Slow)
                };
                let open: Vec<bool> = definition.endpoints.iter().map(is_open).collect();
                rounds::stands(definition, &open) > Stands::Down
            };
            if model.starts(address, expected.started_at).all(was_fine) {
                writeln!(found, "{} was fine when {expected:?} began", definition.name).expect("a string");
            }
        }
    }
    compared
}

/// How many outages were compared.
#[derive(Clone, Copy, Debug, Default)]
struct Compared {
    outages: usize,
    of_groups: usize,
}

/// What the rounds of all groups came to, by the second opinion.
fn rounds_of_groups(month: &Month) -> Vec<Fact> {
    let groups = month.definitions.iter().filter(|definition| definition.endpoints.len() > 1);
    groups.flat_map(|definition| rounds::rounds(&month.world.log, definition)).collect()
}

/// The uptime of the last day of every target.
fn compare_days(month: &mut Month, found: &mut String) {
    let (time, wall) = (month.world.time, month.world.wall());
    let recent = |at: u64| at + 26 * HOUR > time;
    // A start knows the day before once history has been asked, which takes it a moment.
    let has_started = month.world.log.lives.last().is_some_and(|life| life.from + 1_000 > time);
    if has_started || month.world.log.steps.iter().any(|&(at, _)| recent(at)) {
        return;
    }
    let snapshot = month.world.snapshot();
    let rounds = rounds_of_groups(month);
    let model = Model::new(&month.world.log, &rounds);
    for (place, definition) in month.definitions.iter().enumerate() {
        let view = snapshot.targets.iter().find(|view| view.target.definition.name == definition.name);
        let Some(view) = view else { continue };
        let address = &rounds::address_of(definition);
        let left_out = |at| windows::is_on(definition, at);
        let day = model.day(address, month.rules(place), &month.stretches[place], (time, wall), left_out);
        let uptime = view.day.uptime;
        let millis = |duration: std::time::Duration| i64::try_from(duration.as_millis()).expect("small");
        let tolerance = DAY_TOLERANCE + millis(definition.interval) * 3 / 2;
        let (up, down) = (millis(uptime.up) - day.up, millis(uptime.down) - day.down);
        if up.abs() > tolerance || down.abs() > tolerance {
            writeln!(found, "{} at {time}: up {up} ms, down {down} ms off {day:?}", definition.name).expect("a string");
        }
    }
}

/// What must be true of every picture, whatever happened before.
fn snapshot_holds_together(month: &mut Month) {
    let snapshot: Snapshot = month.world.snapshot();
    for view in &snapshot.targets {
        let name = &view.target.definition.name;
        assert_eq!(view.state == State::Down, view.outage.is_some(), "{name}: {:?} {:?}", view.state, view.outage);
        assert_eq!((view.hour.cells.len(), view.day.cells.len()), (60, 48), "{name}");
        assert!(view.recent.len() <= 30, "{name}");
        let uptime = view.day.uptime;
        assert!(uptime.up + uptime.down <= uptime.expected + std::time::Duration::from_mins(1), "{name}: {uptime:?}");
        for cell in &view.day.cells {
            assert!(cell.up + cell.down <= std::time::Duration::from_mins(30), "{name}: {cell:?}");
        }
    }
    if let Sight::Blind { why, scope, .. } = &snapshot.sight {
        assert!(!why.is_empty() && !scope.is_empty());
    }
    let in_trouble =
        [Path::Ipv4, Path::Ipv6].into_iter().any(|path| month.world.network.trouble(path, month.world.time).is_some());
    let looks = month.world.log.looks.iter().rev().take_while(|look| look.told + 60_000 > month.world.time);
    let newest = looks.into_iter().any(|look| !look.healthy);
    let woke_up = month.world.log.stalls.last().is_some_and(|&(_, to)| to + 10_000 > month.world.time);
    if snapshot.sight != Sight::Clear && !woke_up {
        assert!(in_trouble || newest, "blind without trouble at {}: {:?}", month.world.time, snapshot.sight);
    }
}
