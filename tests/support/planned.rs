//! Stories of maintenance: what its plan, the clocks and the targets do to it.

use crate::story::{Dark, MINUTE, Story, TARGET, once, span, wall};
use crate::table::definition;
use crate::world::{Time, World};
use chrono::{NaiveTime, Weekday};
use portpulse::domain::schedule::{Scope, Weekly, When};
use portpulse::domain::{Activity, Definition, Happening, Schedule, TargetId, Wall, Zone};
use portpulse::monitor::{Command, Refusal, Reply, Settings};
use std::ops::Range;
use std::time::Duration;

#[test]
fn a_change_of_the_plan_takes_effect_at_once() {
    let planned = |later: Vec<Schedule>| {
        let mut story = Story::new(12..50, vec![once(10, 20)]);
        story.until(15);
        story.plan(later);
        story.until(60);
        (story.called(), story.lines())
    };
    let expected = [
        (Vec::new(), "down 15, up 50"),
        (vec![once(10, 30)], "down 30, up 50"),
        (vec![once(10, 17)], "down 17, up 50"),
        (vec![once(14, 25)], "down 25, up 50"),
        (vec![once(16, 25)], "down 15, up 50"),
        (vec![Schedule { title: "other".to_owned(), ..once(10, 20) }], "down 20, up 50"),
    ];
    for (later, expected) in expected {
        let (called, lines) = planned(later.clone());
        assert_eq!(called, expected, "{later:?}\n{lines}");
    }
    let mut story = Story::new(0..0, Vec::new());
    story.until(15);
    story.plan(vec![once(10, 20)]);
    assert_eq!(story.shown(), Some(span(15, 20)), "it begins when the file is read");
    story.until(30);
    story.plan(vec![once(10, 20), once(22, 28)]);
    assert_eq!(story.world.kept.maintenance.len(), 1, "what was stays as it was");
}

#[test]
fn what_is_planned_in_its_midst_leaves_the_time_before_as_it_was() {
    let mut story = Story::new(12..14, Vec::new());
    story.until(45);
    let before = story.uptime();
    story.plan(vec![once(10, 60)]);
    assert_eq!(story.shown(), Some(span(45, 60)));
    assert_eq!(story.uptime(), before, "the outage of before counts as ever");
    story.until(50);
    story.plan(vec![once(10, 70)]);
    assert_eq!(story.shown(), Some(span(45, 70)), "its end is changed");
    story.plan(vec![once(10, 70), once(30, 80)]);
    assert_eq!(story.shown(), Some(span(45, 80)), "another one joins it");
    story.plan(vec![once(10, 70)]);
    assert_eq!(story.shown(), Some(span(45, 70)), "and goes");
    story.away(2);
    assert_eq!(story.shown(), Some(span(45, 70)), "it is the same after a restart");
    assert_eq!(story.ask(Command::EndMaintenance(vec![TARGET])), Reply::Done);
    story.plan(vec![once(10, 70), once(90, 95)]);
    assert_eq!(story.shown(), None, "ended early, it stays ended: {}", story.lines());
    story.until(75);
    assert_eq!(story.shown(), None, "{}", story.lines());
    story.plan(vec![once(5, 85)]);
    assert_eq!(story.shown(), Some(span(75, 85)), "another one is another one");
}

#[test]
fn what_is_planned_by_hand_is_shown_until_it_begins_also_after_a_restart() {
    let mut story = Story::new(0..0, vec![once(20, 25)]);
    story.ask(Command::Maintain { targets: vec![TARGET], span: span(30, 40), title: String::new() });
    story.until(5);
    story.away(2);
    let planned = |story: &mut Story| story.world.snapshot().targets[0].planned.as_ref().map(|it| it.span);
    assert_eq!(planned(&mut story), Some(span(30, 40)), "not what the file plans");
    story.ask(Command::WithdrawMaintenance { targets: vec![TARGET], from: wall(30) });
    assert_eq!(planned(&mut story), None);
    story.ask(Command::Maintain { targets: vec![TARGET], span: span(30, 40), title: String::new() });
    assert_eq!(planned(&mut story), Some(span(30, 40)));
    story.until(31);
    assert_eq!((planned(&mut story), story.shown()), (None, Some(span(30, 40))));
}

#[test]
fn what_began_while_nobody_was_there_began_as_planned() {
    let mut story = Story::new(0..0, Vec::new());
    story.until(10);
    story.world.settings.maintenance = vec![once(15, 60)];
    story.away(20);
    assert_eq!(story.shown(), Some(span(15, 60)), "{}", story.lines());
}

#[test]
fn a_maintenance_far_away_is_not_missed() {
    const DAY: Time = 24 * 60;
    let mut story = Story::new(0..0, vec![once(30 * DAY, 30 * DAY + 60)]);
    story.until(30 * DAY + 1);
    assert_eq!(story.shown(), Some(span(30 * DAY, 30 * DAY + 60)));
    let mut paused = definition("10.0.0.1:5432");
    paused.activity = Activity::Paused;
    story.world.declare(vec![paused]);
    story.until(31 * DAY);
    assert_eq!(story.shown(), None, "also when there is nothing to check: {}", story.lines());
}

fn for_some(targets: &[&str], tags: &[&str], schedule: Schedule) -> Schedule {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    Schedule { scope: Scope::Some { targets: texts(targets), tags: texts(tags) }, ..schedule }
}

#[test]
fn those_it_is_for_come_and_go() {
    let mut story = Story::new(12..50, vec![for_some(&[], &["staging"], once(10, 20))]);
    story.until(11);
    assert_eq!(story.shown(), None);
    let tagged = |tags: &[&str]| Definition {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..definition("10.0.0.1:5432")
    };
    assert_eq!(story.ask(Command::Edit(TARGET, Box::new(tagged(&["staging"])))), Reply::Done);
    let began = story.shown().map(|shown| shown.from);
    assert!(began.is_some_and(|began| began >= wall(11)), "a tag given: {began:?}");
    story.until(15);
    assert_eq!(story.ask(Command::Edit(TARGET, Box::new(tagged(&[])))), Reply::Done);
    assert_eq!(story.shown(), None, "a tag taken away");
    assert_eq!(story.called(), "down 15");
    let added = definition("10.0.0.2:5432");
    story.plan(vec![once(10, 20)]);
    story.until(16);
    assert!(matches!(story.ask(Command::Add(vec![added])), Reply::Added(_)));
    let snapshot = story.world.snapshot();
    assert!(snapshot.targets.iter().any(|view| view.target.id != TARGET && view.maintenance.is_some()), "added to it");
}

#[test]
fn names_follow_the_targets() {
    let mut story = Story::new(0..0, vec![for_some(&["10.0.0.1:5432"], &[], once(10, 20))]);
    let renamed = Definition { name: "db".to_owned(), ..definition("10.0.0.1:5432") };
    assert_eq!(story.ask(Command::Edit(TARGET, Box::new(renamed))), Reply::Done);
    story.until(11);
    assert_eq!(story.shown(), Some(span(10, 20)));
    let target = story.world.snapshot().targets[0].target.clone();
    assert_eq!(story.ask(Command::Remove(vec![TARGET])), Reply::Done);
    assert!(matches!(story.ask(Command::Add(vec![definition("10.0.0.9:1")])), Reply::Added(_)));
    story.until(12);
    assert_eq!(story.shown(), None, "what is for nobody any more is not for all");
    story.ask(Command::Restore(vec![(*target).clone()]));
    let back = story.world.snapshot().target(TARGET).and_then(|view| view.maintenance.as_ref().map(|it| it.span));
    assert_eq!(back, Some(span(10, 20)), "brought back, it is named again");
    assert_eq!(story.world.settings.maintenance[0].scope, for_some(&["db"], &[], once(10, 20)).scope);
}

#[test]
fn a_target_that_is_moved_or_removed_and_brought_back_is_still_worked_on() {
    let mut story = Story::new(0..0, Vec::new());
    story.until(10);
    story.ask(Command::Maintain { targets: vec![TARGET], span: span(10, 30), title: "by hand".to_owned() });
    let moved = Definition { name: "10.0.0.1:5432".to_owned(), ..definition("10.0.0.7:5432") };
    assert_eq!(story.ask(Command::Edit(TARGET, Box::new(moved))), Reply::Done);
    assert_eq!(story.shown(), Some(span(10, 30)), "moved");
    let target = story.world.snapshot().targets[0].target.clone();
    story.ask(Command::Remove(vec![TARGET]));
    story.away(1);
    story.ask(Command::Restore(vec![(*target).clone()]));
    assert_eq!(story.shown(), Some(span(10, 30)), "brought back after a restart");
    story.until(40);
    assert_eq!(story.shown(), None);
}

#[test]
fn the_wall_clock_may_leap_over_its_beginning_and_its_end() {
    let leap = |at: Time, minutes: i64, dark: Range<Time>| {
        let mut story = Story::new(dark, vec![once(20, 40)]);
        story.until(at);
        story.world.step(minutes * 60_000);
        story.until(120);
        story.lines()
    };
    // Forward over the end: what is open is announced, once.
    assert_eq!(leap(25, 30, 22..60), "began 20, down 22, ended 55, still down 55, up 90");
    // Forward over all of it, and into it.
    assert_eq!(leap(10, 60, 0..0), "");
    assert_eq!(leap(10, 15, 0..0), "began 25, ended 40");
    // Back before its beginning: it is over, and comes again.
    assert_eq!(leap(25, -10, 0..0), "began 20, ended 15, began 20, ended 40");
    // Back into it after its end.
    assert_eq!(leap(45, -10, 0..0), "began 20, ended 40, began 35, ended 40");
}

#[test]
fn what_is_declared_afterwards_takes_its_time_out_of_the_day_and_taken_back_brings_it_back() {
    let mut story = Story::new(60..90, Vec::new());
    story.until(120);
    let before = story.uptime();
    assert_eq!(before, Some(750));
    let title = "  the\u{7} switch ".to_owned();
    story.ask(Command::Maintain { targets: vec![TARGET], span: span(55, 95), title });
    assert_eq!(story.uptime(), Some(1_000));
    assert_eq!(story.shown(), None, "it is over");
    story.away(1);
    assert_eq!(story.uptime(), Some(1_000));
    let said = story.world.kept.maintenance.last().expect("a record").maintenance.clone();
    assert!(said.title.trim() == said.title && !said.title.contains('\u{7}'), "{said:?}");
    story.ask(Command::WithdrawMaintenance { targets: vec![TARGET], from: wall(55) });
    let after = story.uptime().expect("a share");
    assert!((748..=758).contains(&after), "{after}");
    for span in [span(5, 5), span(6, 5), span(0, 367 * 24 * 60)] {
        let refused = story.ask(Command::Maintain { targets: vec![TARGET], span, title: String::new() });
        assert_eq!(refused, Reply::Refused(Refusal::NoSuchTime));
    }
    let nobody = Command::Maintain { targets: vec![TargetId(9)], span: span(1, 2), title: String::new() };
    assert_eq!(story.ask(nobody), Reply::Refused(Refusal::NotWatched));
}

#[test]
fn a_paused_target_has_its_maintenance_too() {
    let mut story = Story::new(12..50, vec![once(10, 30)]);
    story.until(5);
    story.ask(Command::SetActivity(vec![TARGET], Activity::Paused));
    story.until(15);
    assert_eq!(story.shown(), Some(span(10, 30)));
    story.ask(Command::SetActivity(vec![TARGET], Activity::Watching));
    story.until(20);
    assert_eq!(story.called(), "", "its outage began in it");
    story.ask(Command::SetActivity(vec![TARGET], Activity::Paused));
    story.until(60);
    assert_eq!(story.called(), "", "a pause has closed it: {}", story.lines());
}

#[test]
fn it_goes_on_when_history_is_there_late() {
    let mut story = Story::new(12..50, Vec::new());
    story.until(5);
    story.ask(Command::Maintain { targets: vec![TARGET], span: span(6, 40), title: "kept".to_owned() });
    story.until(8);
    story.world.kill();
    story.world.kept.shut();
    story.world.start();
    story.until(10);
    assert_eq!(story.shown(), None, "nobody knows of it");
    let target = story.world.snapshot().targets[0].target.id;
    story.ask(Command::Maintain { targets: vec![target], span: span(10, 30), title: "meanwhile".to_owned() });
    story.until(20);
    assert_eq!(story.called(), "");
    let found = story.world.kept.open(story.world.wall()).expect("a history that was shut");
    story.world.tell(found);
    assert_eq!(story.shown(), Some(span(6, 40)));
    let targets = story.world.kept.maintenance.iter().flat_map(|said| said.targets.clone());
    assert!(targets.clone().count() == 2 && targets.into_iter().all(|id| id == TARGET), "under the ids of history");
    story.until(60);
    assert_eq!(story.called(), "down 40, up 50", "{}", story.lines());
}

#[test]
fn a_thousand_targets_have_one_record_and_more_have_several() {
    let file = (0..2_500).map(|number| definition(&format!("10.0.{}.{}:1", number / 200, number % 200 + 1)));
    let mut world = World::new(Dark(Vec::new()), Settings::default(), file.collect());
    world.settings.maintenance = vec![once(0, 10)];
    world.start();
    let sizes: Vec<usize> = world.kept.maintenance.iter().map(|said| said.targets.len()).collect();
    assert_eq!(sizes, [1_000, 1_000, 500]);
    let lines = world.kept.archive.events.iter().filter(|it| matches!(it.what, Happening::MaintenanceBegan { .. }));
    assert_eq!(lines.map(|event| &event.target).collect::<Vec<_>>(), [&None], "and one line");
}

/// The clocks of Berlin at which a nightly maintenance began and ended, from a date on for some days.
fn nights(days_from_start: i64, days: Time, start: &str, hours: u64) -> Vec<String> {
    let weekly = Weekly {
        days: vec![Weekday::Sat, Weekday::Sun, Weekday::Mon],
        start: NaiveTime::parse_from_str(start, "%H:%M").expect("a time"),
        length: Duration::from_hours(hours),
        zone: Zone::Named(chrono_tz::Europe::Berlin),
    };
    let when = When::Weekly(weekly);
    let schedule = Schedule { title: String::new(), scope: Scope::Everything, when };
    let settings = Settings { maintenance: vec![schedule], ..Settings::default() };
    let mut world = World::new(Dark(Vec::new()), settings, vec![definition("10.0.0.1:5432")]);
    world.step(days_from_start * 24 * 3_600_000);
    world.start();
    world.run_until(days * 24 * 60 * MINUTE);
    let lines = world.kept.archive.events.iter().filter_map(|event| match event.what {
        Happening::MaintenanceBegan { until, .. } => Some((event.at, Some(until))),
        Happening::MaintenanceEnded { .. } => Some((event.at, None)),
        _ => None,
    });
    let berlin = Zone::Named(chrono_tz::Europe::Berlin);
    let text = |at: Wall| Zone::Utc.day_minute(at) + " is " + &berlin.minute(at);
    lines
        .map(|(at, until)| until.map_or_else(|| text(at), |until| format!("{} until {}", text(at), text(until))))
        .collect()
}

#[test]
fn nights_follow_the_clocks_over_midnight_and_both_changes() {
    // From Saturday, 24 October 2026: summer time ends on Sunday at 01:00 UTC.
    assert_eq!(
        nights(-9, 2, "23:00", 4),
        [
            "24 Oct 21:00 is 23:00 until 25 Oct 01:00 is 02:00",
            "25 Oct 01:00 is 02:00",
            "25 Oct 22:00 is 23:00 until 26 Oct 02:00 is 03:00",
        ]
    );
    assert_eq!(
        nights(-9, 2, "02:30", 1)[2..],
        ["25 Oct 00:30 is 02:30 until 25 Oct 01:30 is 02:30", "25 Oct 01:30 is 02:30",]
    );
    // From Saturday, 28 March 2026: summer time begins on Sunday at 01:00 UTC.
    assert_eq!(
        nights(-219, 2, "23:00", 4),
        [
            "28 Mar 22:00 is 23:00 until 29 Mar 02:00 is 04:00",
            "29 Mar 02:00 is 04:00",
            "29 Mar 21:00 is 23:00 until 30 Mar 01:00 is 03:00",
        ]
    );
    assert_eq!(
        nights(-219, 2, "02:30", 1)[2..],
        ["29 Mar 01:00 is 03:00 until 29 Mar 02:00 is 04:00", "29 Mar 02:00 is 04:00",]
    );
}
