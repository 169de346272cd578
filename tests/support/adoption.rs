//! A history that could not be opened at the start, and what happened to a target that has an outage open in it.

use crate::table::{definition, one_target};
use portpulse::domain::{Activity, Closing, TargetId};
use portpulse::monitor::Command;
use std::time::Duration;

const MINUTE: u64 = 60_000;

/// What was removed while its history could not be opened, and brought back, had its outage closed then.
#[test]
fn an_outage_that_history_has_open_ends_with_a_removal_that_it_did_not_hear_of() {
    for (command, is_kind) in [
        (
            Command::Remove as fn(Vec<TargetId>) -> Command,
            (|end| matches!(end, Closing::Removed(_))) as fn(Closing) -> bool,
        ),
        (|ids| Command::SetActivity(ids, Activity::Paused), |end| matches!(end, Closing::Paused(_))),
    ] {
        let mut world = one_target(&"x".repeat(500));
        world.run_until(5 * MINUTE);
        assert_eq!(world.kept.outages.len(), 1);
        world.kill();
        world.kept.shut();
        world.start();
        world.run_until(world.time + 5 * MINUTE);
        let id = world.snapshot().targets[0].target.id;
        let stopped_at = world.wall();
        world.ask(command(vec![id]));
        world.run_until(world.time + 5 * MINUTE);
        match world.snapshot().targets.first().map(|view| view.target.id) {
            Some(id) => world.ask(Command::SetActivity(vec![id], Activity::Watching)),
            None => world.ask(Command::Add(vec![definition("10.0.0.1:5432")])),
        };
        world.run_until(world.time + 5 * MINUTE);
        let opened = world.kept.open(world.wall()).expect("it was shut");
        world.tell(opened);
        world.run_until(world.time + MINUTE);
        let outages: Vec<_> = world.kept.outages.values().collect();
        let [first, second] = outages[..] else { panic!("{outages:?}") };
        assert!(first.closing.is_some_and(is_kind), "{first:?}");
        let ended_at = first.ended_at().expect("an end");
        assert!(ended_at.since(stopped_at) < Duration::from_secs(1), "{first:?}");
        assert!(second.closing.is_none() && second.started_at > ended_at, "{second:?}");
    }
}
