//! Keys in, screen out: what a person does from the first key to the last.

use super::dashboard;
use super::pictures::{ATTEMPT, NOW, fleet, settings};
use super::session::Session;
use portpulse::domain::{
    AdHoc, Clocked, Definition, Event, Fault, Finding, Happening, Mono, Now, Outcome, Phase, Reason, TargetId, Timing,
    Try, Wall,
};
use portpulse::monitor::{Command, Mark, Snapshot};
use portpulse::tui::model::Pending;
use portpulse::tui::{Intent, Msg};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn the_first_target_is_watched_after_three_keys_and_its_address() {
    let now = Now { mono: Mono(1), wall: NOW };
    let mut session = Session::new(settings(), Snapshot::empty(now), 80, 24);
    session.shows("Nothing is being watched yet");
    session.press("adb9.example:5432");
    session.shows("postgresql");
    session.press("<enter>");
    let [Command::Add(definitions)] = session.commands.as_slice() else { panic!("{:?}", session.commands) };
    assert_eq!(definitions[0].endpoints[0].address.to_string(), "db9.example:5432");
    assert!(session.row("checking").contains("db9.example:5432"), "{}", session.screen());
}

#[test]
fn a_figure_that_is_typed_takes_the_place_of_the_one_that_stood_there() {
    let mut session = dashboard(80, 24);
    session.press("adb9.example:5432<tab><tab><tab><tab>45s").shows("  45s");
    session.press("<tab>3s<tab>5<tab>4<backspace>3<tab>250ms<enter>");
    let [Command::Add(definitions)] = session.commands.as_slice() else { panic!("{:?}", session.commands) };
    let Definition { interval, down_after, up_after, degraded_above, .. } = &definitions[0];
    let seconds = Duration::from_secs;
    assert_eq!((*interval, definitions[0].endpoints[0].timeout), (seconds(45), seconds(3)));
    assert_eq!((down_after.get(), up_after.get(), *degraded_above), (5, 3, Some(Duration::from_millis(250))));
    // What is begun is gone on with, and what was moved into is mended.
    session.press("adb8.example:5432<tab><tab><tab><tab><backspace>2m").shows("  12m");
    session.press("<left>9s").shows("  9s");
    session.press("<tab><backspace>m").shows("10m");
    session.press("<enter>");
    let Some(Command::Add(definitions)) = session.commands.last() else { panic!("{:?}", session.commands) };
    assert_eq!((definitions[0].interval, definitions[0].endpoints[0].timeout), (seconds(9), seconds(600)));
}

#[test]
fn a_failure_never_stands_for_the_newest_check_when_that_was_fine() {
    let mut session = dashboard(80, 24);
    let fine = Mark::Open(Duration::from_micros(400));
    for (marks, shown) in [
        ([fine, Mark::Failed(Reason::Refused), fine, fine, fine], "▁×▁▁▁ "),
        ([fine, fine, fine, Mark::Failed(Reason::Refused), fine], "▁▁▁×▁ "),
        ([fine; 5], "   ▁▁ "),
    ] {
        session.change(|snapshot| {
            let mut targets: Vec<_> = snapshot.targets.iter().cloned().collect();
            let view = targets.iter_mut().find(|view| view.target.definition.name == "etcd-1").expect("a target");
            let view = Arc::make_mut(view);
            Arc::make_mut(&mut view.target).definition.interval = Duration::from_secs(1);
            let latest = view.latest.as_mut().expect("a check");
            // The fourth second of five: three marks may wait.
            Arc::make_mut(latest).check.at = Wall(NOW.0 / 5_000 * 5_000 - 2_000);
            view.recent = marks.into();
            snapshot.targets = targets.into();
        });
        let row = session.row("etcd-1");
        assert!(row.contains(shown), "{shown}: {row}");
    }
}

#[test]
fn a_removal_asks_names_what_is_lost_and_can_be_undone() {
    let mut session = dashboard(80, 24);
    session.press("jd");
    session.shows("pg-primary\"").shows("267 840");
    session.press("n");
    assert!(session.commands.is_empty(), "any other key keeps it: {:?}", session.commands);
    session.press("d<enter>");
    assert!(session.commands.is_empty(), "Enter alone never destroys: {:?}", session.commands);
    session.press("<esc>dy");
    assert_eq!(session.commands, [Command::Remove(vec![TargetId(1)])]);
    session.hides("db1.prod.example");
    session.press("u");
    session.shows("db1.prod.example:5432");
    assert!(matches!(session.commands.last(), Some(Command::Restore(targets)) if targets[0].id == TargetId(1)));
}

#[test]
fn a_filter_shows_as_it_is_typed_stays_and_goes() {
    let mut session = dashboard(80, 24);
    session.press("/db|redis");
    session.shows("4 of 61").shows("mysql-ro").hides("etcd-1");
    session.press("<enter>");
    session.shows("redis-sess").hides("etcd-1");
    session.press("<esc>");
    session.shows("etcd-1");
    assert!(session.wanted.is_empty(), "{:?}", session.wanted);
}

#[test]
fn an_instant_check_shows_its_phases_and_can_be_kept() {
    let mut session = dashboard(80, 24);
    session.press("i");
    session.shows("Check host:port");
    session.press("pg3.example:5432");
    session.shows("port 5432 (postgresql)");
    session.press("<enter>");
    session.shows("RUNNING").shows("looking up");
    let address = "10.4.1.99".parse().expect("an address");
    session.phase(Phase::Resolved { addresses: vec![address], took: Duration::from_millis(12) });
    session.shows("12ms").shows("10.4.1.99  trying");
    let timing = Timing { connect: Duration::from_micros(6_100), clocked: Clocked::Kernel, syn_lost: 0 };
    let outcome = Outcome::Open(timing);
    let finding = Finding {
        waited: Duration::ZERO,
        dns: Some(Duration::from_millis(12)),
        tries: vec![Try { address, outcome }],
        outcome,
        address: Some(address),
    };
    session.finish(AdHoc { at: NOW, address: "pg3.example:5432".parse().expect("an address"), finding });
    let row = session.row("14:32:07     pg3.example:5432");
    assert!(row.contains("● open") && row.contains("12ms") && row.contains("6.1ms"), "{row}");
    session.hides("RUNNING");
    session.press("<tab>a");
    session.shows("Add target").shows("pg3.example:5432");
    session.press("<enter>");
    assert!(matches!(session.commands.last(), Some(Command::Add(added)) if added.len() == 1), "{:?}", session.commands);
}

#[test]
fn a_running_instant_check_is_stopped_before_anything_else() {
    let mut session = dashboard(80, 24);
    session.press("islow.example:1<enter><^c>");
    assert_eq!(session.commands.last(), Some(&Command::CancelInstant(ATTEMPT)));
    session.hides("RUNNING").shows("Check host:port");
}

#[test]
fn a_check_that_was_called_off_says_so_and_accuses_nobody() {
    let mut session = dashboard(80, 24);
    session.press("islow.example:1<enter>");
    assert_eq!(session.model.beat(), Duration::from_millis(250), "its clock moves four times a second");
    let finding = Finding::inconclusive(Duration::ZERO, Fault::Cancelled);
    session.finish(AdHoc { at: NOW, address: "slow.example:1".parse().expect("an address"), finding });
    assert!(session.row("slow.example:1 ").contains("called off"), "{}", session.screen());
    session.shows("called off before it was known how slow.example answers").hides("machine that portpulse runs on");
    assert_eq!(session.model.beat(), Duration::from_secs(1));
}

#[test]
fn the_history_of_instant_checks_is_walked_repeated_and_cleared_after_a_question() {
    let mut session = dashboard(80, 24);
    session.press("3<tab>");
    assert!(session.row("pg2.prod.internal:5432 ").starts_with('>'), "{}", session.screen());
    session.press("j");
    assert!(session.row("pg1.prod.internal:5432 ").starts_with('>'), "{}", session.screen());
    session.shows("pg1.prod.internal answers, but nothing listens on port 5432");
    session.press("r");
    assert!(matches!(session.commands.last(), Some(Command::Instant(endpoint))
        if endpoint.address.to_string() == "pg1.prod.internal:5432"));
    let asked = session.commands.len();
    session.press("xn");
    assert_eq!(session.commands.len(), asked, "any other key keeps the history");
    session.press("xy");
    assert_eq!(session.commands.last(), Some(&Command::ClearInstant));
    session.hides("nosuch.example");
}

#[test]
fn leaving_asks_because_checks_stop() {
    let mut session = dashboard(80, 24);
    session.press("q");
    session.shows("y");
    session.press("x");
    assert!(session.wanted.is_empty(), "{:?}", session.wanted);
    session.press("<esc><esc><esc>");
    assert!(session.wanted.is_empty(), "Esc never quits: {:?}", session.wanted);
    session.press("qy");
    assert_eq!(session.wanted, [Intent::Quit]);
    let mut hasty = dashboard(80, 24);
    hasty.press("<^c><^c>");
    assert_eq!(hasty.wanted, [Intent::Quit]);
}

#[test]
fn an_event_opens_its_target() {
    let mut session = dashboard(80, 24);
    session.press("4jj<enter>");
    session.shows("portpulse › ldap-eu");
    session.press("<esc>/smtp<enter>");
    session.shows("smtp-relay").hides("ldap-eu");
}

#[test]
fn the_next_target_is_one_key_away_in_the_detail() {
    let mut session = dashboard(80, 24);
    session.press("<enter>j");
    session.shows("portpulse › pg-primary");
    session.press("n");
    session.shows("portpulse › smtp-relay");
    session.press("<esc>");
    assert!(session.row("smtp-relay  ").starts_with('>'), "{}", session.screen());
}

#[test]
fn an_answer_about_another_target_is_not_shown() {
    let mut session = dashboard(80, 24);
    session.press("j<enter>");
    let late = session.model.requests.number(Pending::Detail(TargetId(1)));
    session.press("k");
    let mut history = super::history::detail(1, 72);
    history.summary.checks = 123_456;
    session.happens(Msg::Answered(late, portpulse::engine::Answer::Detail(Box::new(history))));
    session.hides("123 456").shows("portpulse › kafka-3");
}

#[test]
fn a_filter_that_no_longer_matches_does_not_put_another_target_in_its_place() {
    let mut session = dashboard(80, 24);
    session.press("/state:down<enter>j<enter>");
    session.shows("portpulse › pg-primary");
    session.change(|snapshot| {
        let view = Arc::make_mut(&mut snapshot.targets[0]);
        (view.state, view.outage) = (portpulse::monitor::State::Up, None);
    });
    session.shows("portpulse › pg-primary");
    session.press("c");
    assert_eq!(session.commands, [Command::CheckNow(vec![TargetId(1)])]);
}

#[test]
fn a_target_that_is_removed_elsewhere_closes_its_view_and_says_so() {
    let mut session = dashboard(80, 24);
    session.press("j<enter>");
    session.change(|snapshot| {
        snapshot.targets = snapshot.targets.iter().skip(1).cloned().collect();
    });
    session.hides("portpulse › ").shows("that target is not watched any more").shows("STATE");
}

#[test]
fn the_panes_of_a_wide_screen_take_keys_one_after_the_other() {
    let mut session = dashboard(200, 50);
    session.press("<tab><tab>j");
    assert!(session.row("DOWN since 14:27:55").starts_with("│>14:27:55"), "{}", session.screen());
    session.press("<tab><tab>").shows("Targets 1-32 of 61");
    session.press("<tab><tab><tab>etcd-1:2379");
    session.shows("Check host:port › etcd-1:2379▏");
    session.press("<enter>");
    session.shows("looking up [");
    session.press("<esc>jj");
    assert!(session.row("smtp-relay     relay").contains(">△ 2/3"), "{}", session.screen());
}

#[test]
fn what_one_command_was_refused_for_is_no_answer_to_the_next() {
    let mut session = dashboard(80, 24);
    session.press(":timeout<space>0s<enter>");
    session.shows(":timeout 0s: write a time from 10ms to 10m");
    session.press(":sort<space>latency<enter>");
    session.hides("write a time");
}

#[test]
fn what_was_lost_is_said_until_the_events_were_looked_at() {
    let mut snapshot = fleet();
    let mut events = snapshot.events.as_ref().clone();
    events.push(Event { at: NOW, target: None, what: Happening::Note("the history was damaged".to_owned()) });
    snapshot.events = Arc::new(events);
    let mut session = Session::new(settings(), snapshot, 80, 24);
    session.shows("NOTE 14:32:07: the history was damaged (4: events)").shows("pg-primary");
    session.press("4");
    session.shows("the history was damaged");
    session.press("1");
    session.hides("NOTE");
}
