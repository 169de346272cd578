//! Maintenance from the keyboard: what it looks like, how it begins and ends, and what it asks.

use super::pictures::{NOW, fleet, settings};
use super::session::Session;
use super::{dashboard, picture, plain};
use portpulse::domain::maintenance::Origin;
use portpulse::domain::{Fault, Maintenance, Now, Outcome, Span, TargetId, Wall};
use portpulse::engine::query::{AsOf, Depth};
use portpulse::monitor::snapshot::Latest;
use portpulse::monitor::{Command, Mark, Snapshot, TargetView};
use portpulse::tui::model::View;
use portpulse::tui::settings::Access;
use portpulse::tui::{Msg, Settings};
use portpulse::window::Cell;
use std::sync::Arc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

fn maintenance(title: &str, from: Duration, until: Duration, origin: Origin) -> Arc<Maintenance> {
    Arc::new(Maintenance { span: Span { from: NOW - from, to: NOW + until }, title: title.to_owned(), origin })
}

fn change(snapshot: &mut Snapshot, name: &str, change: impl FnOnce(&mut TargetView)) {
    let place = snapshot.targets.iter().position(|view| view.target.definition.name == name).expect("a target");
    change(Arc::make_mut(&mut snapshot.targets[place]));
}

/// The fleet with one that is down in a scheduled maintenance, one that is up in a declared one, and one whose
/// script says so.
fn works(snapshot: &mut Snapshot) {
    change(snapshot, "kafka-3", |view| {
        view.maintenance = Some(maintenance("patches", MINUTE * 42, MINUTE * 23, Origin::Scheduled));
        let day = Arc::make_mut(&mut view.day);
        day.cells[46] = Cell { maintenance: MINUTE * 12, up: MINUTE * 18, ..Cell::default() };
        day.cells[47] = Cell { maintenance: MINUTE * 30, ..Cell::default() };
    });
    change(snapshot, "etcd-1", |view| {
        view.maintenance = Some(maintenance("", MINUTE * 5, MINUTE * 25, Origin::Declared));
    });
    change(snapshot, "git-ssh", |view| {
        view.recent = [Mark::Inconclusive; 3].into();
        let latest = view.latest.as_deref().expect("a check");
        let mut check = latest.check.clone();
        check.outcome = Outcome::Inconclusive(Fault::Maintenance);
        view.latest = Some(Arc::new(Latest { check, ..latest.clone() }));
    });
}

fn working(settings: Settings, columns: u16, rows: u16) -> Session {
    let mut fleet = fleet();
    works(&mut fleet);
    Session::new(settings, fleet, columns, rows)
}

/// The picture of a scene at both usual sizes, and of the smaller one without colours and Unicode.
fn at_two_sizes(name: &str, scene: impl Fn(Settings, u16, u16) -> Session) {
    for (columns, rows) in [(80, 24), (120, 35)] {
        picture(&format!("{name}_{columns}x{rows}"), &scene(settings(), columns, rows));
    }
    let bare = scene(plain(), 80, 24);
    assert!(bare.screen().is_ascii(), "{}", bare.screen());
    picture(&format!("{name}_ascii_mono_80x24"), &bare);
}

/// The span of the newest command that says there is maintenance, and on whom.
fn said(session: &Session) -> (Vec<u32>, Span, &str) {
    let Some(Command::Maintain { targets, span, title }) = session.commands.last() else {
        panic!("{:?}", session.commands)
    };
    (targets.iter().map(|id| id.0).collect(), *span, title)
}

#[test]
fn targets_in_maintenance_on_the_dashboard() {
    at_two_sizes("maintenance", |settings, columns, rows| {
        let mut session = working(settings, columns, rows);
        session.press("/state:maint<enter>").press("<esc>").press("GNgjj");
        while session.model.selected().expect("one").target.definition.name != "kafka-3" {
            session.press("j");
        }
        session
    });
}

#[test]
fn the_line_in_which_one_is_begun() {
    at_two_sizes("maintenance_line", |settings, columns, rows| {
        let mut session = working(settings, columns, rows);
        session.press("<space><space>w<space>new<space>disks");
        session
    });
}

#[test]
fn the_detail_of_a_target_in_maintenance() {
    at_two_sizes("maintenance_detail", |settings, columns, rows| {
        let mut session = Session::new(settings, fleet(), columns, rows);
        session.press("/pg-primary<enter>");
        session.press(":maintenance<space>-10m<space>to<space>15:00<space>new<space>disks<enter>y");
        session.press("<enter>ttt").passes(MINUTE / 6);
        session
    });
}

#[test]
fn the_cursor_of_the_chart_reads_maintenance() {
    let mut session = dashboard(120, 35);
    session.press("/pg-primary<enter>w<space>new<space>disks<enter><enter>ttt<tab>");
    session.hides("in maintenance");
    session.press("<esc>:maintenance<space>-30m<space>to<space>-20m<space>cables<enter>y<tab>");
    session.hides("in maintenance: cables");
    session.press("h".repeat(40).as_str());
    session.shows("in maintenance: cables 14:02:07 to 14:12:07");
}

#[test]
fn the_question_before_the_past_is_another() {
    at_two_sizes("maintenance_question", |settings, columns, rows| {
        let mut session = Session::new(settings, fleet(), columns, rows);
        session.press("2jjw");
        session
    });
}

#[test]
fn it_counts_as_no_problem_anywhere() {
    let mut session = working(settings(), 80, 24);
    session.shows("▼1 down").shows("◇3").hides("DOWN  kafka-3");
    assert_eq!(session.model.title(), "portpulse ▼1 △1 | 61");
    for _ in 0..4 {
        session.press("n");
        assert_ne!(session.model.selected().expect("one").target.definition.name, "kafka-3");
    }
    session.press("/state:maint<enter>").shows("3 of 61 shown");
    let row = session.row("kafka-3");
    assert!(row.contains("◇ MAINT") && row.contains("patches until 14:55") && row.contains(" timeout "), "{row}");
    assert!(row.ends_with("   42m"), "{row}");
    let row = session.row("etcd-1");
    assert!(row.contains(" until 14:57  "), "{row}");
    assert!(row.contains(" 1.1ms ") && row.ends_with("    5m"), "{row}");
    let row = session.row("git-ssh");
    assert!(row.contains("◇ MAINT") && row.contains("git.corp.example:22") && row.ends_with("     -"), "{row}");
    session.press("/<^u>!maintenance<enter>").shows("58 of 61 shown");
    let session = session.press("2");
    assert!(session.row("41m05s+").starts_with(" ◇ kafka-3"), "{}", session.screen());
    assert!(session.row("4m12s+").starts_with(">▼ pg-primary"), "{}", session.screen());
}

#[test]
fn a_row_goes_into_maintenance_with_a_key_and_comes_back_with_another() {
    let mut session = dashboard(80, 24);
    session.press("w").shows("maintenance of kafka-3").shows("maintenance for: 30m");
    session.press("<space>new<space>disks<enter>");
    assert_eq!(said(&session), (vec![2], Span { from: NOW, to: NOW + MINUTE * 30 }, "new disks"));
    session.shows("maintenance of kafka-3 until 15:02  (u undoes)").shows("◇1");
    assert!(session.row("new disks").contains("◇ MAINT"), "{}", session.screen());
    session.press("u").shows("undone: maintenance of kafka-3 until 15:02").hides("MAINT");
    let withdrawn = Command::WithdrawMaintenance { targets: vec![TargetId(2)], from: NOW };
    assert_eq!(session.commands.last(), Some(&withdrawn));
}

#[test]
fn what_is_planned_is_taken_back_and_an_undo_plans_it_again() {
    let mut session = dashboard(120, 24);
    session.press(":maintenance<space>today<space>22:00<space>to<space>23:30<space>patches<enter>");
    let span = said(&session).1;
    session.press(":maintenance<space>end<enter>");
    session.shows("took back the maintenance of kafka-3, 22:00:00 to 23:30:00  (u undoes)");
    let withdrawn = Command::WithdrawMaintenance { targets: vec![TargetId(2)], from: span.from };
    assert_eq!(session.commands.last(), Some(&withdrawn));
    session.press("u").shows("undone: took back the maintenance of kafka-3");
    assert_eq!(said(&session), (vec![2], span, "patches"));
}

#[test]
fn a_clock_that_is_over_today_is_tomorrow_and_says_so() {
    let mut session = dashboard(120, 24);
    session.press(":maintenance<space>until<space>14:00<enter>");
    session.shows("maintenance of kafka-3 until 21 Nov 14:00, for 23h");
}

#[test]
fn what_took_the_place_of_another_gives_it_back_when_it_is_undone() {
    let mut session = dashboard(80, 24);
    session.press(":maintenance<space>14:00<space>to<space>15:00<space>patches<enter>y");
    session.press(":maintenance<space>14:00<space>to<space>16:00<space>disks<enter>y").shows("disks until 16:00");
    session.press("u").shows("patches until 15:00");
    session.press("u").hides("MAINT");
}

#[test]
fn marked_rows_go_together_and_those_that_are_in_it_stay() {
    let mut session = dashboard(80, 24);
    session.press("w<enter>").press("/kafka|pg-|smtp<enter>*w");
    session.shows("maintenance of 2 targets");
    session.press("<^u>1h<enter>");
    assert_eq!(said(&session), (vec![1, 3], Span { from: NOW, to: NOW + MINUTE * 60 }, ""));
    session.shows("◇3");
    session.passes(MINUTE).press("w").shows("ended the maintenance of 3 targets  (u undoes)").hides("MAINT");
    let Some(Command::EndMaintenance(ended)) = session.commands.last() else { panic!("{:?}", session.commands) };
    assert_eq!(ended.len(), 3);
    session.press("u").shows("◇3").shows("undone: ended the maintenance of 3 targets");
    let again = &session.commands[session.commands.len() - 2..];
    let spans = again.iter().map(|command| match command {
        Command::Maintain { span, .. } => span.length(),
        other => panic!("{other:?}"),
    });
    let mut spans: Vec<Duration> = spans.collect();
    spans.sort();
    assert_eq!(spans, [MINUTE * 30, MINUTE * 60], "each as it was");
}

#[test]
fn what_is_not_understood_stays_in_the_line_and_changes_nothing() {
    let mut session = dashboard(80, 24);
    for (typed, says) in [
        ("soon", "`soon` is no time: write 30m, until 04:00 or 02:00 to 03:30"),
        ("30", "30 of what? write 30m or 30h"),
        ("400d", "a maintenance takes a year at most"),
        ("02:00", "until when? write 02:00 to 03:30"),
    ] {
        session.press("w<^u>").press(typed).press("<enter>").shows(says).shows(&format!("for: {typed}"));
        session.press("<backspace>").hides(says);
        session.press("<esc>");
        session
            .press(&format!(":maintenance<space>{typed}<enter>"))
            .shows(&format!(":maintenance {typed}: {}", &says[..20]));
    }
    session.press(":maintenance<space>end<enter>").shows("no maintenance goes on there or is planned by hand");
    assert!(session.commands.is_empty(), "{:?}", session.commands);
}

#[test]
fn a_span_may_lie_ahead_and_one_that_has_begun_is_asked_about() {
    let mut session = dashboard(80, 24);
    session.press(":maintenance<space>today<space>22:00<space>to<space>23:30<space>patches<enter>");
    let at = |hours: i64, minutes: i64| Wall(NOW.0 - NOW.0 % 86_400_000 + ((hours - 1) * 60 + minutes) * 60_000);
    assert_eq!(said(&session), (vec![2], Span { from: at(22, 0), to: at(23, 30) }, "patches"));
    session.shows("planned maintenance of kafka-3, 22:00:00 to 23:30:00  (u undoes)").hides("MAINT");
    session.press("<enter>").shows("MAINTENANCE  next 22:00:00 to 23:30:00 patches");
    session.press("<esc>");
    let before = session.commands.len();
    session.press(":maintenance<space>@02:00<space>03:30<space>patches<enter>");
    session
        .shows("Maintenance of kafka-3: patches?")
        .shows("2026-11-20 02:00:00 to 03:30:00")
        .shows("These 1h30m will");
    session.press("n").shows("nothing was declared");
    assert_eq!(session.commands.len(), before);
    session.press(":maintenance<space>02:00<space>to<space>03:30<space>patches<enter>y");
    assert_eq!(said(&session), (vec![2], Span { from: at(2, 0), to: at(3, 30) }, "patches"));
    session.shows("declared maintenance of kafka-3, 02:00");
}

#[test]
fn the_time_of_an_outage_is_declared_from_every_view_of_it() {
    let outage = Span { from: NOW - Duration::from_secs(62_512), to: NOW - Duration::from_secs(62_178) };
    let mut session = dashboard(80, 24);
    session.press("2jjw").shows("Maintenance of pg-primary?").shows("These 5m34s will count neither as up nor as down");
    session.press("<esc>").shows("nothing was declared");
    assert!(session.commands.is_empty());
    session.press(":maintenance<enter>y");
    assert_eq!(said(&session), (vec![1], outage, ""));
    session.press("<enter>w").shows("These 5m34s");
    session.press("y");
    assert_eq!(said(&session), (vec![1], outage, ""));
    session.press("<esc>g<enter>");
    assert_eq!(session.model.view, View::Outage);
    session.press("w").shows("Maintenance of pg-primary?");
    session.press("y");
    assert_eq!(said(&session).1, Span { from: NOW - Duration::from_secs(252), to: NOW }, "an open one, to now");
    session.press(":maintenance<space>1h<space>more<enter>");
    assert_eq!(said(&session), (vec![1], Span { from: NOW, to: NOW + MINUTE * 60 }, "more"));
    session.press("1/pg-<enter><enter><tab><tab>jw").shows("These 5m34s");
    session.press("y");
    assert_eq!(said(&session), (vec![1], outage, ""));
    session.shows("in maintenance: timeout");
    let mut gone = dashboard(80, 24);
    gone.press("2Gw").shows("that target is not watched any more: nothing was declared");
}

#[test]
fn who_may_change_nothing_and_who_looks_at_the_past_is_refused() {
    let mut session = Session::new(Settings { access: Access::ReadOnly, ..settings() }, fleet(), 80, 24);
    session.press("w").shows("read-only: nothing was changed");
    session.press("2jjw").shows("read-only");
    session.press(":maintenance<space>30m<enter>").shows("read-only");
    let mut session = dashboard(80, 24);
    session.press("[w").shows("this is the past, nothing was changed");
    assert!(session.commands.is_empty(), "{:?}", session.commands);
}

#[test]
fn the_past_shows_what_was_in_maintenance_then() {
    let past = |now: &Snapshot, at: Wall, depth: Depth| {
        let mut picture = Snapshot { at: Now { wall: at, ..now.at }, ..now.clone() };
        change(&mut picture, "kafka-3", |view| {
            let span = Span { from: at - MINUTE * 10, to: at + MINUTE * 23 };
            let title = "patches".to_owned();
            view.maintenance = Some(Arc::new(Maintenance { span, title, origin: Origin::Scheduled }));
        });
        let picture = Some(Arc::new(picture));
        AsOf { at, depth, picture, begins: None, before: None, after: None, forgotten: 0 }
    };
    let mut session = dashboard(80, 24).with_past(Box::new(past));
    session.press(":at<space>12:00<enter>").shows("patches until 12:23");
    assert!(session.row("kafka-3").ends_with("   10m"), "{}", session.screen());
    session.happens(Msg::Clock(NOW + MINUTE)).press("<esc>").hides("MAINT");
}
