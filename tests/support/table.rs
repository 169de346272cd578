//! The state table and the rules around it as pictures: what happens to one target, and the outages that must follow.

use crate::world::{Network, Time, World, finding};
use portpulse::domain::{
    Activity, Clocked, Closing, Definition, Endpoint, Failure, Fault, Finding, Job, Outcome, Path, Place, Reason,
    TargetId, Timing, Wall,
};
use portpulse::monitor::{Command, Refusal, Reply, Settings, Sight};
use std::fmt::Write as _;
use std::time::Duration;

const MINUTE: Time = 60_000;

/// Answers the checks of one target by the marks of a picture, one after the other.
#[derive(Default)]
pub struct Picture {
    marks: Vec<char>,
    next: usize,
    canaries_silent: bool,
}

impl Network for Picture {
    fn answer(&mut self, job: &Job, _: Time) -> (Finding, Time) {
        let ip = job.endpoint.address.host.literal();
        let failed = |reason, after| {
            let after = Duration::from_millis(after);
            Outcome::Failed(Failure { reason, place: Place::Later, errno: None, name: None, after, syn_lost: 0 })
        };
        let open = Outcome::Open(Timing { connect: Duration::from_millis(3), clocked: Clocked::Kernel, syn_lost: 0 });
        if job.endpoint.address.port.get() == 443 {
            let outcome = if self.canaries_silent { failed(Reason::TimedOut, 10_000) } else { open };
            return (finding(ip, None, outcome), if self.canaries_silent { 10_000 } else { 4 });
        }
        let mark = self.marks.get(self.next).copied().unwrap_or('.');
        self.next += 1;
        match mark {
            'x' => (finding(ip, None, failed(Reason::Refused, 2)), 2),
            't' => (finding(ip, None, failed(Reason::TimedOut, 10_000)), 10_000),
            'b' => (finding(ip, None, failed(Reason::NetworkUnreachable, 0)), 1),
            '?' => (finding(None, None, Outcome::Inconclusive(Fault::Descriptors)), 1),
            _ => (finding(ip, None, open), 4),
        }
    }

    fn self_check(&mut self, _: Path, _: Time) -> Result<(), Fault> {
        match self.next.checked_sub(1).and_then(|place| self.marks.get(place)) {
            Some('b') => Err(Fault::Route),
            _ => Ok(()),
        }
    }
}

/// A target at this address with the defaults of the documents.
pub fn definition(address: &str) -> Definition {
    let endpoint = Endpoint { timeout: Duration::from_secs(10), ..Endpoint::new(address.parse().expect("an address")) };
    Definition::new(address.to_owned(), endpoint)
}

/// A world in which the checks of one target find what a picture says.
pub fn one_target(marks: &str) -> World<Picture> {
    let marks = marks.chars().filter(|mark| ".xt?b".contains(*mark)).collect();
    let network = Picture { marks, ..Picture::default() };
    let mut world = World::new(network, Settings::default(), vec![definition("10.0.0.1:5432")]);
    world.start();
    world
}

const TARGET: TargetId = TargetId(1);

/// Draws the outages that a picture leads to, with the numbers of the checks that they begin and end at.
///
/// `.` open, `x` refused, `t` timed out, `b` a route of ours that is out, `?` our own fault; `-` a
/// minute stalled, `_` a minute not running, `P` paused for a minute, `R` removed; `(` a minute not running,
/// and then a history that cannot be opened until `)`.
fn outages(picture: &str) -> String {
    let mut world = one_target(picture);
    let marks: Vec<char> = picture.chars().collect();
    for run in marks.chunk_by(|a, b| a == b && "-_(".contains(*a)) {
        let minutes = Time::try_from(run.len()).expect("few") * MINUTE;
        match run[0] {
            '-' => world.stall(minutes),
            '_' => {
                world.kill();
                world.run_until(world.time + minutes);
                world.start();
            }
            '(' => {
                world.kill();
                world.kept.shut();
                world.run_until(world.time + minutes);
                world.start();
            }
            ')' => {
                let found = world.kept.open(world.wall()).expect("a history that was shut");
                world.tell(found);
            }
            'P' | 'R' => {
                let target = world.snapshot().targets[0].target.id;
                let paused = Command::SetActivity(vec![target], Activity::Paused);
                world.ask(if run[0] == 'P' { paused } else { Command::Remove(vec![target]) });
                world.run_until(world.time + MINUTE);
                world.ask(Command::SetActivity(vec![target], Activity::Watching));
            }
            _ => {
                let told = world.log.facts.len();
                while world.log.facts.len() == told {
                    world.run_until(world.time + 1);
                }
                world.run_until(world.time + 20);
            }
        }
    }
    let number = |at: Wall| world.log.facts.iter().position(|fact| fact.wall == at).map(|n| n.to_string());
    let mut drawn = Vec::new();
    for outage in world.kept.outages.values() {
        let end = match outage.closing {
            None => String::new(),
            Some(Closing::Recovered { ended_at, .. }) => format!("{}]", number(ended_at).expect("a check")),
            Some(Closing::EndNotSeen { earliest, ended_at, .. }) => {
                format!("{}?{}]", number(earliest).unwrap_or_default(), number(ended_at).expect("a check"))
            }
            Some(Closing::Paused(_)) => "P]".to_owned(),
            Some(Closing::Removed(_)) => "R]".to_owned(),
        };
        drawn.push(format!("[{}..{end}", number(outage.started_at).expect("a check")));
    }
    drawn.join(" ")
}

#[test]
fn the_state_table_through_the_whole_monitor() {
    let mut wrong = String::new();
    for (picture, expected) in [
        (".xx.", ""),
        (".xxx", "[1.."),
        ("xxx", "[0.."),
        (".ttt", "[1.."),
        (".xx.xxx", "[4.."),
        (".x?x?x", "[1.."),
        (".xx---------x", "[1.."),
        (".xx-----------x", ""),
        (".xx-----------xxx", "[3.."),
        (".xxx.x..", "[1..6]"),
        (".xxx.?.", "[1..4]"),
        (".xxx..", "[1..4]"),
        (".xxx...xxx..", "[1..4] [7..10]"),
        (".xxx________________..", "[1..3?4]"),
        (".xxx.________________..", "[1..3?5]"),
        (".xxx________________x", "[1.."),
        (".xxx________________x..", "[1..5]"),
        (".xx_x", "[1.."),
        (".xx____________x", ""),
        (".xxxP", "[1..P]"),
        (".xxxPxxx..", "[1..P] [4..7]"),
        (".xxPx", ""),
        (".xxxR", "[1..R]"),
        // A route of ours that is out: nothing opens, nothing closes, nothing is blamed on the target.
        (".bbbbbb..", ""),
        (".xbbbb...", ""),
        (".xxxbbb..", "[1..3?7]"),
        (".xxx.bbb.", "[1..4]"),
        // The failure that found us seeing again is older than that proof: it says nothing.
        (".xxxbbbx..", "[1..3?8]"),
        (".xxxbbbxx..", "[1..9]"),
        (".xxbbxxx", "[1.."),
        // Without its history for a while: what was seen then is in it afterwards, and what was open goes on.
        ("(xxx)x", "[0.."),
        (".(.xxx..)", "[2..5]"),
        (".(xxxP)", "[1..P]"),
        ("...(xxx)..", "[3..6]"),
        ("...(xx)xxx", "[3.."),
        (".xx(x)xx", "[1.."),
        (".xx(.)xx", ""),
        (".xxx(xxx)x..", "[1..8]"),
        (".xxx(..)", "[1..4]"),
        (".xxx((((((((((((((((..)", "[1..3?4]"),
        (".xxx(...xxx)..", "[1..4] [7..10]"),
        (".xxx(..xxx..xxx)..", "[1..4] [6..9] [11..14]"),
        (".xxx(.xx)xx..", "[1..9]"),
        (".xxx(x.).", "[1..5]"),
        (".xxx(xP.)..", "[1..P]"),
        (".xxx(xxxPxxx)..", "[1..P] [7..10]"),
        (".xxx(xR)", "[1..R]"),
        (".xxx(bbb)..", "[1..3?7]"),
        (".xxx(bbb.).", "[1..3?7]"),
        (".xxx(x)_x(.)..", "[1..6]"),
    ] {
        let drawn = outages(picture);
        if drawn != expected {
            writeln!(wrong, "{picture:30} {drawn:20} instead of {expected}").expect("a string");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn blindness_is_shown_recorded_and_over_with_the_next_proof() {
    let mut world = one_target(".bbbb...");
    world.run_until(5_000);
    assert_eq!(world.snapshot().sight, Sight::Clear);
    while world.network.next < 4 {
        world.run_until(world.time + 1_000);
    }
    let sight = world.snapshot().sight;
    assert!(matches!(&sight, Sight::Blind { scope, .. } if scope == "IPv4"), "{sight:?}");
    while world.network.next < 7 {
        world.run_until(world.time + 1_000);
    }
    world.run_until(world.time + 1_000);
    assert_eq!(world.snapshot().sight, Sight::Clear);
    assert_eq!(world.kept.gaps.len(), 1, "{:?}", world.kept.gaps);
    let gap = world.kept.gaps[0];
    assert_eq!((gap.path, gap.from), (Some(Path::Ipv4), world.log.facts[0].wall));
    let notices = world.log.notices.len();
    assert_eq!(notices, 2, "blind once, sighted once: {:?}", world.log.notices);
}

#[test]
fn silent_canaries_hold_an_outage_back_for_a_quarter_of_an_hour() {
    let settings = Settings { canaries: vec![definition("10.9.9.9:443").endpoints.remove(0)], ..Settings::default() };
    for (silent, minutes, expected) in [(true, 10, 0), (true, 20, 1), (false, 2, 1)] {
        let network = Picture { marks: vec!['x'; 500], canaries_silent: silent, ..Picture::default() };
        let mut world = World::new(network, settings.clone(), vec![definition("10.0.0.1:5432")]);
        world.start();
        world.run_until(minutes * MINUTE);
        assert_eq!(world.kept.outages.len(), expected, "{silent} {minutes}");
        if let Some(outage) = world.kept.outages.values().next() {
            assert_eq!(outage.started_at, world.log.facts[0].wall, "dated from the first failure");
        }
    }
}

#[test]
fn a_late_answer_to_a_removed_target_is_dropped() {
    let mut world = one_target("t..");
    world.run_until(2_000);
    world.ask(Command::Remove(vec![TARGET]));
    world.run_until(3_000);
    let add = world.ask(Command::Add(vec![definition("10.0.0.1:5432")]));
    world.run_until(9_000);
    assert_eq!(world.log.replies.get(&add), Some(&Reply::Added(vec![TARGET])), "the same identity again");
    assert_eq!(world.kept.check_count, 1);
    world.run_until(20_000);
    assert_eq!(world.kept.check_count, 1, "the time-out of the first check came at 10 s and was dropped");
}

#[test]
fn turns_are_fixed_prompt_at_first_and_never_stacked() {
    let mut world = one_target("");
    world.run_until(60 * MINUTE);
    let starts: Vec<Time> = world.log.facts.iter().map(|fact| fact.start).collect();
    assert_eq!(starts[0], 0, "the first check is prompt");
    assert!(starts[2..].windows(2).all(|pair| pair[1] - pair[0] == MINUTE), "{starts:?}");
    let mut definition = definition("10.0.0.1:5432");
    definition.interval = Duration::from_secs(5);
    let network = Picture { marks: vec!['t'; 100], ..Picture::default() };
    let mut world = World::new(network, Settings::default(), vec![definition]);
    world.start();
    world.run_until(5 * MINUTE);
    assert!(world.snapshot().skipped_turns > 10);
}

#[test]
fn a_failing_or_recovering_target_is_checked_faster() {
    let mut world = one_target("..xx.x.xxx..x");
    world.run_until(20 * MINUTE);
    let starts: Vec<Time> = world.log.facts.iter().map(|fact| fact.start).collect();
    let pauses: Vec<Time> = starts[2..].windows(2).map(|pair| (pair[1] - pair[0]) / 1_000).collect();
    // Ten seconds after each strike, proven or not, and after the first success in the outage; else the next
    // turn, which keeps its phase.
    let [10, 10, back, 10, again, 10, 10, 10, 10, turn, ..] = pauses[..] else { panic!("{pauses:?}") };
    assert!([back, again, turn].iter().all(|pause| (15..=75).contains(pause)), "{pauses:?}");
    assert_eq!(starts[1] % MINUTE, starts.last().expect("a check") % MINUTE, "the phase is kept");
}

#[test]
fn targets_are_spread_over_their_interval() {
    let file = (1..=20).map(|number| definition(&format!("10.0.0.{number}:5432"))).collect();
    let mut world = World::new(Picture::default(), Settings::default(), file);
    world.start();
    world.run_until(10 * MINUTE);
    let last = world.log.facts.iter().filter(|fact| fact.start >= 9 * MINUTE);
    let phases: std::collections::BTreeSet<Time> = last.map(|fact| fact.start % MINUTE / 5_000).collect();
    assert!(phases.len() > 6, "{phases:?}");
}

#[test]
fn a_check_under_way_in_a_stall_says_nothing() {
    let mut world = one_target(".xxt...");
    while world.network.next < 4 {
        world.run_until(world.time + 50);
    }
    world.stall(30_000);
    world.run_until(world.time + 5 * MINUTE);
    assert_eq!(world.kept.outages.len(), 0, "the third failure was ours");
    assert_eq!(world.kept.gaps.len(), 1);
}

#[test]
fn a_change_that_cannot_be_written_changes_nothing() {
    let mut world = one_target("");
    world.run_until(1_000);
    world.file_is_writable = false;
    let mut ask = |command: Command| {
        let request = world.ask(command);
        world.run_until(world.time + 100);
        assert_eq!(world.snapshot().targets.len(), 1);
        world.log.replies.remove(&request).expect("a reply")
    };
    let other = definition("10.0.0.2:5432");
    let not_written = Reply::Refused(Refusal::NotWritten("read-only file system".to_owned()));
    assert_eq!(ask(Command::Add(vec![other.clone()])), not_written);
    assert_eq!(ask(Command::Remove(vec![TARGET])), not_written);
    assert_eq!(ask(Command::SetActivity(vec![TARGET], Activity::Paused)), not_written);
    let same = Definition { name: "again".to_owned(), ..definition("10.0.0.1:5432") };
    assert!(matches!(ask(Command::Add(vec![other, same])), Reply::Refused(Refusal::AlreadyWatched(..))));
    let taken = Definition { name: "10.0.0.1:5432".to_owned(), ..definition("10.0.0.3:1") };
    assert!(matches!(ask(Command::Add(vec![taken])), Reply::Refused(Refusal::NameTaken(_))));
    assert!(matches!(ask(Command::Remove(vec![TARGET, TargetId(9)])), Reply::Refused(Refusal::NotWatched)));
}

#[test]
fn a_file_edited_by_hand_is_taken_over_and_identities_stay() {
    let mut world = one_target(&"x".repeat(20));
    world.run_until(2 * MINUTE);
    let renamed = Definition { name: "renamed".to_owned(), ..definition("10.0.0.1:5432") };
    world.declare(vec![definition("10.0.0.2:5432"), renamed]);
    let names: Vec<(TargetId, String)> =
        world.snapshot().targets.iter().map(|view| (view.target.id, view.target.definition.name.clone())).collect();
    assert_eq!(names, [(TargetId(2), "10.0.0.2:5432".to_owned()), (TARGET, "renamed".to_owned())]);
    assert!(world.snapshot().target(TARGET).is_some_and(|view| view.outage.is_some()), "the outage goes on");
    world.declare(vec![definition("10.0.0.2:5432")]);
    assert!(matches!(world.kept.outages.values().next().and_then(|o| o.closing), Some(Closing::Removed(_))));
}

#[test]
fn an_outage_of_quick_checks_is_wholly_seen_over_a_restart() {
    let mut quick = definition("10.0.0.1:5432");
    (quick.interval, quick.retry_interval) = (Duration::from_secs(2), Duration::from_secs(2));
    let marks = format!("...{}", "x".repeat(100)).chars().collect();
    let mut world = World::new(Picture { marks, ..Picture::default() }, Settings::default(), vec![quick]);
    world.start();
    world.run_until(3 * MINUTE);
    world.kill();
    world.start();
    world.run_until(6 * MINUTE);
    let outage = world.kept.outages.values().next().expect("an outage");
    assert!(outage.closing.is_some() && outage.unobserved < Duration::from_secs(5), "{outage:?}");
}

#[test]
fn a_leap_of_forty_days_drops_no_history() {
    let mut world = one_target("");
    world.run_until(3 * 60 * MINUTE);
    assert!(!world.kept.prunes.is_empty());
    let before = world.kept.prunes.len();
    world.step(40 * 24 * 3_600_000);
    world.run_until(20 * 60 * MINUTE);
    assert_eq!(world.kept.prunes.len(), before, "frozen for a day");
    world.step(-40 * 24 * 3_600_000);
    world.run_until(40 * 60 * MINUTE);
    assert!(world.kept.prunes.len() > before, "and trusted again");
}

#[test]
fn a_leap_of_forty_days_is_not_believed_for_a_restart() {
    let mut world = one_target("");
    world.run_until(3 * 60 * MINUTE);
    world.step(40 * 24 * 3_600_000);
    world.run_until(4 * 60 * MINUTE);
    world.kill();
    world.run_until(world.time + MINUTE);
    let before = world.kept.prunes.len();
    world.start();
    world.run_until(20 * 60 * MINUTE);
    assert_eq!(world.kept.prunes.len(), before, "frozen for a day, whoever asks");
    world.step(-40 * 24 * 3_600_000);
    world.run_until(50 * 60 * MINUTE);
    assert!(world.kept.prunes.len() > before, "and trusted in the end");
}

#[test]
fn a_snapshot_is_new_only_when_something_shows() {
    let mut world = one_target("");
    world.run_until(61_500);
    let version = world.monitor().version();
    let before = world.snapshot();
    world.run_until(62_000);
    let after = world.snapshot();
    assert_eq!(world.monitor().version(), version);
    assert!(std::sync::Arc::ptr_eq(&before.targets[0], &after.targets[0]));
}
