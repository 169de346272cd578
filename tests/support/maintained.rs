//! Stories of maintenance: who is called because of what begins in it, and who is not.

use crate::story::{Story, TARGET, once, span, wall};
use portpulse::domain::{Happening, Schedule, Wall};
use portpulse::monitor::{Command, Refusal, Reply};
use std::fmt::Write as _;
use std::ops::Range;

/// Who is called in a story of an hour.
fn called(dark: Range<u64>, planned: Vec<Schedule>) -> (String, String) {
    let mut story = Story::new(dark, planned);
    story.until(60);
    (story.called(), story.lines())
}

#[test]
fn it_begins_and_ends_on_time() {
    let mut story = Story::new(0..0, vec![once(10, 20)]);
    story.until(60);
    let told: Vec<Wall> = story
        .world
        .kept
        .archive
        .events
        .iter()
        .filter_map(|event| match event.what {
            Happening::MaintenanceBegan { .. } | Happening::MaintenanceEnded { .. } => Some(event.at),
            _ => None,
        })
        .collect();
    let late: Vec<i64> = told.iter().zip([10, 20]).map(|(at, minute)| at.0 - wall(minute).0).collect();
    assert!(late.len() == 2 && late.iter().all(|late| (0..=1_000).contains(late)), "{late:?}");
    assert_eq!(
        story.world.kept.maintenance.len(),
        1,
        "what is planned is said once: {:?}",
        story.world.kept.maintenance
    );
    assert_eq!(story.world.kept.maintenance[0].maintenance.span, span(10, 20));
}

#[test]
fn who_is_called_when() {
    let mut wrong = String::new();
    for (dark, planned, expected) in [
        (10..20, vec![], "down 10, up 20"),
        // Begins in it and ends in it: nobody.
        (12..16, vec![once(10, 20)], ""),
        // Outlasts it: when it is over.
        (12..30, vec![once(10, 20)], "down 20, up 30"),
        // Announced before it: also when it is over.
        (5..15, vec![once(10, 20)], "down 5, up 15"),
        (5..30, vec![once(10, 20)], "down 5, up 30"),
        // Begins before it, is certain within it.
        (10..16, vec![once(10, 20)], ""),
        // Of several, the last end counts.
        (12..40, vec![once(10, 20), once(15, 30)], "down 30, up 40"),
        (12..40, vec![once(10, 30), once(15, 20)], "down 30, up 40"),
        (12..40, vec![once(10, 20), once(20, 30)], "down 30, up 40"),
        (12..25, vec![once(10, 20), once(15, 30)], ""),
        // Announced in between: not again.
        (12..40, vec![once(10, 20), once(25, 30)], "down 20, up 40"),
        (12..27, vec![once(10, 20), once(25, 30)], "down 20, up 27"),
    ] {
        let (told, lines) = called(dark.clone(), planned.clone());
        if told != expected {
            writeln!(wrong, "{dark:?} {planned:?}: {told} instead of {expected}\n{lines}").expect("a string");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn an_outage_that_nobody_is_called_for_is_kept_as_ever() {
    let mut story = Story::new(12..16, vec![once(10, 20), once(28, 40)]);
    story.world.network.0.push(30..50);
    story.until(60);
    assert_eq!(story.lines(), "began 10, down 12, up 16, ended 20, began 28, down 30, ended 40, still down 40, up 50");
    assert_eq!(story.world.kept.outages.len(), 2);
}

#[test]
fn what_outlasts_it_is_announced_once_also_after_a_restart() {
    // It ends while nobody runs.
    let mut story = Story::new(12..40, vec![once(10, 20)]);
    story.until(18);
    story.away(7);
    story.until(60);
    assert_eq!(story.called(), "down 25, up 40", "{}", story.lines());
    // It has ended before, and that was announced.
    let mut story = Story::new(12..40, vec![once(10, 20)]);
    story.until(22);
    story.away(1);
    story.until(60);
    assert_eq!(story.called(), "down 20, up 40", "{}", story.lines());
    // Announced before another one, in which there is a restart.
    let mut story = Story::new(12..40, vec![once(10, 20), once(25, 30)]);
    story.until(27);
    story.away(1);
    story.until(60);
    assert_eq!(story.called(), "down 20, up 40", "{}", story.lines());
    // It goes on after a restart.
    let mut story = Story::new(12..40, vec![once(10, 30)]);
    story.until(20);
    story.away(2);
    assert_eq!(story.shown(), Some(span(10, 30)));
    story.until(60);
    assert_eq!(story.called(), "down 30, up 40", "{}", story.lines());
    // Announced before it, and there is a restart in it.
    let mut story = Story::new(5..25, vec![once(10, 30)]);
    story.until(20);
    story.away(2);
    story.until(60);
    assert_eq!(story.called(), "down 5, up 25", "{}", story.lines());
}

#[test]
fn what_is_ended_early_stays_ended() {
    for planned in [vec![once(10, 40)], Vec::new()] {
        let is_declared = planned.is_empty();
        let mut story = Story::new(12..30, planned);
        story.until(10);
        if is_declared {
            let title = "switch".to_owned();
            assert_eq!(story.ask(Command::Maintain { targets: vec![TARGET], span: span(10, 40), title }), Reply::Done);
        }
        story.until(15);
        assert_eq!(story.shown(), Some(span(10, 40)));
        assert_eq!(story.ask(Command::EndMaintenance(vec![TARGET])), Reply::Done);
        assert_eq!(story.shown(), None);
        story.until(16);
        story.away(1);
        story.until(60);
        assert_eq!(story.called(), "down 15, up 30", "{}", story.lines());
        assert_eq!(story.shown(), None);
        let again = story.ask(Command::EndMaintenance(vec![TARGET]));
        assert_eq!(again, Reply::Refused(Refusal::NoMaintenance));
    }
}

#[test]
fn what_is_taken_back_stays_taken_back_and_its_outage_is_announced() {
    let mut story = Story::new(12..30, vec![once(10, 40)]);
    story.until(15);
    let withdraw = || Command::WithdrawMaintenance { targets: vec![TARGET], from: wall(10) };
    assert_eq!(story.ask(withdraw()), Reply::Done);
    assert_eq!(story.ask(withdraw()), Reply::Refused(Refusal::NoMaintenance), "once");
    story.until(18);
    story.away(1);
    story.until(60);
    assert_eq!(story.called(), "down 15, up 30", "{}", story.lines());
    assert_eq!(story.lines().matches("began").count(), 1, "{}", story.lines());
}

#[test]
fn a_week_that_is_ended_early_does_not_begin_again_when_its_beginning_is_long_ago() {
    const DAY: u64 = 24 * 60;
    let mut story = Story::new(0..0, vec![once(10, 7 * DAY)]);
    story.until(DAY);
    assert_eq!(story.ask(Command::EndMaintenance(vec![TARGET])), Reply::Done);
    story.until(4 * DAY);
    // Something else is said, so that what is long over is forgotten.
    let title = String::new();
    story.ask(Command::Maintain { targets: vec![TARGET], span: span(4 * DAY, 4 * DAY + 10), title });
    story.away(5);
    story.until(5 * DAY);
    assert_eq!(story.shown(), None, "{}", story.lines());
}
