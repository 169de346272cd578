//! Maintenance in the seeded months: what is planned, and a second opinion on when it is and on who is called.

use crate::month::Month;
use crate::world::{Time, WALL_AT_START};
use chrono::{NaiveTime, Weekday};
use portpulse::domain::schedule::{Scope, Weekly, When};
use portpulse::domain::{Definition, OutageId, Schedule, Span, Wall, Zone};
use portpulse::monitor::Notice;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

const MINUTE: i64 = 60_000;
/// In minutes.
const DAY: i64 = 24 * 60;

/// The tags that it is planned for: two nights a week, every night, and once for two days and a half.
const TAGS: [&str; 3] = ["patched", "nightly", "moved"];
const MOVE: (i64, i64) = (9 * DAY + 6 * 60, 11 * DAY + 18 * 60);

/// Plans it for about half of the targets, for some of them in more ways than one.
pub fn plan(month: &mut Month) {
    for file in [&mut month.definitions, &mut month.world.file] {
        for (place, definition) in file.iter_mut().enumerate() {
            let has = [place % 5 == 0, place % 4 == 1, place % 6 == 2];
            let tags = TAGS.into_iter().zip(has).filter(|(_, has)| *has);
            definition.tags = tags.map(|(tag, _)| tag.to_owned()).collect();
        }
    }
    let weekly = |days: &[Weekday], (hour, minute), length, zone| {
        let start = NaiveTime::from_hms_opt(hour, minute, 0).expect("a time");
        When::Weekly(Weekly { days: days.to_vec(), start, length: Duration::from_mins(length), zone })
    };
    let all = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    let kolkata = Zone::Named(chrono_tz::Asia::Kolkata);
    let moment = |minute: i64| Wall(WALL_AT_START + minute * MINUTE);
    let planned = [
        weekly(&[Weekday::Tue, Weekday::Thu], (23, 30), 180, Zone::Utc),
        weekly(&all, (1, 0), 150, kolkata),
        When::Once(Span { from: moment(MOVE.0), to: moment(MOVE.1) }),
    ];
    let scope = |tag: &str| Scope::Some { targets: Vec::new(), tags: vec![tag.to_owned()] };
    let schedules = TAGS.into_iter().zip(planned);
    let schedules = schedules.map(|(tag, when)| Schedule { title: tag.to_owned(), scope: scope(tag), when });
    month.world.settings.maintenance = schedules.collect();
}

/// Whether there is maintenance when the wall clock shows this. The month begins on a Monday at midnight.
pub fn is_on(definition: &Definition, at: Wall) -> bool {
    let minute = (at.0 - WALL_AT_START).div_euclid(MINUTE);
    let (of_week, of_day) = (minute.rem_euclid(7 * DAY), minute.rem_euclid(DAY));
    let within = |now: i64, from: i64, length: i64| (from..from + length).contains(&now);
    definition.tags.iter().any(|tag| match tag.as_str() {
        "patched" => within(of_week, DAY + 1_410, 180) || within(of_week, 3 * DAY + 1_410, 180),
        // 01:00 there is half past seven in the evening.
        "nightly" => within(of_day, 1_170, 150),
        _ => (MOVE.0..MOVE.1).contains(&minute),
    })
}

/// Nobody is called in maintenance or twice, and nobody is told of the end of what nobody was called for.
pub fn compare_calls(month: &Month, found: &mut String) -> usize {
    let log = &month.world.log;
    let stepped = |time: Time| log.steps.iter().filter(move |(at, _)| *at <= time).map(|(_, by)| by).sum::<i64>();
    let wall = |time: Time| Wall(WALL_AT_START + i64::try_from(time).expect("small") + stepped(time));
    let mut called: BTreeSet<OutageId> = BTreeSet::new();
    for (time, notice) in &log.notices {
        match notice {
            Notice::Down(outage) => {
                let definition = month.definitions.iter().find(|it| it.name == outage.name).expect("a target");
                let is_first = called.insert(outage.id);
                if !is_first || is_on(definition, wall(*time)) {
                    writeln!(found, "{time}: called for {outage:?}").expect("a string");
                }
            }
            Notice::Up(outage) if !called.contains(&outage.id) => {
                writeln!(found, "{time}: told of the end of {outage:?}").expect("a string");
            }
            Notice::Up(_) | Notice::Blind(_) | Notice::Sighted => {}
        }
    }
    // Whoever was never called for, was down in maintenance alone, or while nobody ran.
    for outage in month.world.kept.outages.values().filter(|outage| !called.contains(&outage.id)) {
        let definition = month.definitions.iter().find(|it| it.name == outage.name).expect("a target");
        if !is_on(definition, outage.detected_at) {
            writeln!(found, "nobody was called for {outage:?}").expect("a string");
        }
    }
    month.world.kept.outages.len() - called.len()
}
