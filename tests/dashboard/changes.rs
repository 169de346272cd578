//! Adding, editing, pausing and deleting by key, form, paste and command, and taking it back.

use crate::pictures::{self, NOW, fleet, model, press, settings};
use crate::{asked, dashboard, line, screen};
use portpulse::domain::{Activity, TargetId};
use portpulse::engine::Query;
use portpulse::engine::query::{Answer, Extent};
use portpulse::monitor::{Command, Refusal, Reply};
use portpulse::tui::model::View;
use portpulse::tui::settings::{Access, Settings};
use portpulse::tui::theme::Theme;
use portpulse::tui::{Intent, Msg, update};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn adding_shows_what_was_understood_and_is_undone_with_u() {
    let mut model = dashboard();
    press(&mut model, "adb1:5432");
    assert!(screen(&model).contains("✓ host db1  port 5432 (postgresql)"), "{}", screen(&model));
    let intents = press(&mut model, "<tab>orders<enter>");
    let (number, command) = asked(&intents);
    let Command::Add(definitions) = command else { panic!("{command:?}") };
    assert_eq!((definitions.len(), definitions[0].name.as_str()), (1, "orders"));
    assert!(screen(&model).contains("saving"));
    update(&mut model, Msg::Replied(number, Reply::Added(vec![TargetId(900)])));
    assert!(model.overlay.is_none());
    assert_eq!(line(&model, 1), " added orders; the first check runs  (u undoes)");
    let intents = press(&mut model, "u");
    assert_eq!(asked(&intents).1, &Command::Remove(vec![TargetId(900)]));
}

#[test]
fn a_refusal_is_shown_in_the_form_and_nothing_is_lost() {
    let mut model = dashboard();
    let intents = press(&mut model, "adb1:5432,6432<enter>");
    let (number, command) = asked(&intents);
    assert!(matches!(command, Command::Add(definitions) if definitions.len() == 2));
    update(&mut model, Msg::Replied(number, Reply::Refused(Refusal::NameTaken("db1:5432".to_owned()))));
    let text = screen(&model);
    assert!(
        text.contains("not saved: there is already a target named `db1:5432`") && text.contains("db1:5432,6432▏"),
        "{text}"
    );
    press(&mut model, "<esc>");
    assert!(screen(&model).contains("Discard?"));
    press(&mut model, "n");
    assert!(screen(&model).contains("db1:5432,6432▏"));
    press(&mut model, "<esc>y");
    assert!(model.overlay.is_none());
    press(&mut model, "a<esc>");
    assert!(model.overlay.is_none(), "an unchanged form asks nothing");
}

#[test]
fn mistakes_in_a_form_are_named_and_lead_to_their_field() {
    let mut model = dashboard();
    for (keys, says) in [
        ("adb1<enter>", "`db1` has no port: write db1:PORT"),
        ("adb1:1<tab><tab><tab><tab><^u>soon<enter>", "Every: `soon` is no duration"),
        ("adb1:1<up><up><^u>0<enter>", "Slow at: "),
        ("a<enter>", "nothing to watch yet"),
    ] {
        assert!(press(&mut model, keys).is_empty(), "{keys}");
        assert!(screen(&model).contains(says), "{keys}: {}", screen(&model));
        press(&mut model, "<esc>y");
        model.overlay = None;
    }
}

#[test]
fn the_presets_follow_the_arrows_and_the_test_is_an_instant_check() {
    let mut model = dashboard();
    press(&mut model, "adb1:5432<tab><tab><tab><tab><left><left>");
    assert!(screen(&model).contains("[ 5s]‹10s›[30s]"), "{}", screen(&model));
    let intents = press(&mut model, "<^t>");
    assert!(matches!(asked(&intents).1, Command::Instant(endpoint) if endpoint.address.to_string() == "db1:5432"));
    update(&mut model, Msg::Replied(asked(&intents).0, Reply::Started(pictures::ATTEMPT)));
    assert!(screen(&model).contains("test: checking db1:5432"));
    let mut done = fleet();
    let mut checks = done.ad_hoc.as_ref().clone();
    let mut newest = checks.finished.last().expect("a finished check").clone();
    (newest.check.at, newest.check.address) = (NOW, "db1:5432".parse().expect("an address"));
    checks.finished.push(newest.clone());
    done.ad_hoc = Arc::new(checks.clone());
    update(&mut model, Msg::Snapshot(Arc::new(done.clone())));
    assert!(screen(&model).contains("test: checking db1:5432"), "another check of the same address is no answer");
    newest.attempt = Some(pictures::ATTEMPT);
    checks.finished.push(newest);
    done.ad_hoc = Arc::new(checks);
    update(&mut model, Msg::Snapshot(Arc::new(done)));
    assert!(screen(&model).contains("● test: open in 6.1ms (dns 0.7ms)  → 10.4.1.13"), "{}", screen(&model));
}

#[test]
fn pasted_lines_become_targets_and_bad_lines_are_named() {
    let mut model = dashboard();
    press(&mut model, "a");
    update(&mut model, Msg::Pasted("db1:5432 orders\nnonsense\ndb2:5432".to_owned()));
    let text = screen(&model);
    assert!(text.contains("[3 pasted lines]") && text.contains("✓ 2 targets: db1:5432"), "{text}");
    assert!(text.contains("line 2 ✗ `nonsense` has no port"), "{text}");
    assert!(press(&mut model, "<tab><tab><right><enter>").is_empty(), "a group of a part is another group");
    press(&mut model, "<tab><tab><left><up><up><^u>");
    update(&mut model, Msg::Pasted("db1:5432 orders\ndb2:5432".to_owned()));
    let intents = press(&mut model, "<enter>");
    assert!(matches!(asked(&intents).1, Command::Add(two) if two[0].name == "orders" && two[1].name == "db2:5432"));
}

#[test]
fn of_a_paste_what_was_understood_and_is_new_is_added_and_the_rest_is_told() {
    let mut model = dashboard();
    press(&mut model, "a");
    let text = "new1:5432 orders\nnonsense\ndb1.prod.example:5432\nnew2:5432\nnew3:1 kafka-3";
    update(&mut model, Msg::Pasted(text.to_owned()));
    let intents = press(&mut model, "<enter>");
    let (number, Command::Add(two)) = asked(&intents) else { panic!("{intents:?}") };
    assert_eq!(two.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["orders", "new2:5432"]);
    update(&mut model, Msg::Replied(number, Reply::Added(vec![TargetId(900), TargetId(901)])));
    let text = screen(&model);
    assert!(text.contains("added 2 targets, left out 3: 1 not understood (line 2), 1 watched al"), "{text}");
    press(&mut model, "a");
    update(&mut model, Msg::Pasted("db1.prod.example:5432\n?".to_owned()));
    assert!(press(&mut model, "<enter>").is_empty());
    assert!(screen(&model).contains("nothing to add: left out 2:"), "{}", screen(&model));
}

#[test]
fn what_was_changed_is_undone_from_any_view_that_says_so() {
    let mut model = dashboard();
    for view in ["2", "4"] {
        press(&mut model, view);
        model.undo.push(portpulse::tui::model::Change { what: "it".to_owned(), inverse: vec![Command::ClearInstant] });
        let intents = press(&mut model, "u");
        let is_asked = |intent: &Intent| matches!(intent, Intent::Ask(_, Command::ClearInstant));
        assert!(intents.iter().any(is_asked), "{view}: {intents:?}");
    }
}

#[test]
fn a_paste_outside_of_a_field_runs_no_key_and_offers_to_add() {
    let mut model = dashboard();
    assert!(update(&mut model, Msg::Pasted("dyq".to_owned())).is_empty());
    assert!(line(&model, 1).contains("that paste names no host:port"));
    update(&mut model, Msg::Pasted("db1:5432\ndb2:5432\n".to_owned()));
    assert!(screen(&model).contains("Add 2 targets from the paste?"));
    assert!(press(&mut model, "x").is_empty());
    update(&mut model, Msg::Pasted("db1:5432\ndb2:5432\n".to_owned()));
    let intents = press(&mut model, "y");
    assert!(matches!(asked(&intents).1, Command::Add(two) if two.len() == 2));
}

#[test]
fn editing_tells_what_changed_and_what_another_address_means() {
    let mut model = dashboard();
    press(&mut model, "je<tab><tab><tab><right>");
    assert!(screen(&model).contains("changed: Every 10s → 30s"), "{}", screen(&model));
    press(&mut model, "<up><up><up><up><^w>9");
    assert!(screen(&model).contains("another address begins anew; its past is kept"), "{}", screen(&model));
    press(&mut model, "<esc>y");
    let intents = press(&mut model, "e<tab><tab><tab><right><enter>");
    let (number, command) = asked(&intents);
    assert!(matches!(command, Command::Edit(TargetId(1), new) if new.interval == Duration::from_secs(30)));
    update(&mut model, Msg::Replied(number, Reply::Done));
    let intents = press(&mut model, "u");
    assert!(matches!(asked(&intents).1, Command::Edit(TargetId(1), old) if old.interval == Duration::from_secs(10)));
}

#[test]
fn deleting_asks_names_what_is_lost_and_keeps_by_default() {
    let mut model = dashboard();
    let intents = press(&mut model, "jd");
    let [Intent::Query(number, Query::Extent(ids))] = intents.as_slice() else { panic!("{intents:?}") };
    assert_eq!(ids, &[TargetId(1)]);
    let extent = Extent { checks: 267_840, outages: 2 };
    update(&mut model, Msg::Answered(*number, Answer::Extent(extent)));
    let text = screen(&model);
    assert!(text.contains("Delete \"pg-primary\" and its history?"), "{text}");
    assert!(text.contains("2 outages and 267 840 check results go with it."), "{text}");
    for key in ["<enter>", "x", "<esc>", "d", "<backspace>"] {
        assert!(press(&mut model, key).is_empty(), "{key} deletes nothing");
        assert!(model.overlay.is_none() && line(&model, 1).contains("kept pg-primary"));
        press(&mut model, "d");
    }
    let intents = press(&mut model, "y");
    let (number, command) = asked(&intents);
    assert_eq!(command, &Command::Remove(vec![TargetId(1)]));
    update(&mut model, Msg::Replied(number, Reply::Done));
    let intents = press(&mut model, "u");
    assert!(matches!(asked(&intents).1, Command::Restore(targets) if targets[0].id == TargetId(1)));
}

#[test]
fn pausing_instead_of_deleting_and_back() {
    let mut model = dashboard();
    let intents = press(&mut model, "dp");
    assert_eq!(asked(&intents).1, &Command::SetActivity(vec![TargetId(2)], Activity::Paused));
    update(&mut model, Msg::Replied(asked(&intents).0, Reply::Done));
    assert_eq!(line(&model, 1), " paused kafka-3  (u undoes)");
    let intents = press(&mut model, "u");
    assert_eq!(asked(&intents).1, &Command::SetActivity(vec![TargetId(2)], Activity::Watching));
}

#[test]
fn actions_go_to_the_marked_targets_and_many_are_deleted_by_typing_their_number() {
    let mut model = dashboard();
    press(&mut model, "<space><space><space>");
    assert!(line(&model, 23).contains("3 marked"));
    let intents = press(&mut model, "c");
    assert!(matches!(asked(&intents).1, Command::CheckNow(ids) if ids.len() == 3));
    press(&mut model, "d");
    assert!(screen(&model).contains("Delete 3 targets and their history?"));
    assert!(press(&mut model, "y").is_empty(), "y alone does not delete many");
    press(&mut model, "d");
    let intents = press(&mut model, "3<enter>");
    assert!(matches!(asked(&intents).1, Command::Remove(ids) if ids.len() == 3));
    press(&mut model, "<esc>*");
    assert_eq!(model.targets.marks.len(), 61);
    press(&mut model, "<esc>");
    assert!(model.targets.marks.is_empty());
}

#[test]
fn read_only_refuses_every_change_with_a_message() {
    let mut model = model(Settings { access: Access::ReadOnly, ..settings() }, fleet(), 80, 24);
    for keys in ["a", "e", "d", "p", "u", ":add db1:5432<enter>", ":every 10s<enter>", ":tag +x<enter>"] {
        assert!(press(&mut model, keys).is_empty(), "{keys}");
        assert!(model.overlay.is_none(), "{keys}");
        assert!(line(&model, 1).contains("read-only: nothing was changed"), "{keys}: {}", screen(&model));
        model.message = None;
    }
    assert!(!press(&mut model, "c").is_empty(), "checking is no change");
}

#[test]
fn the_command_line_completes_remembers_and_explains() {
    let mut model = dashboard();
    press(&mut model, ":th");
    let text = screen(&model);
    assert!(text.contains(":theme name") && text.contains("colours"), "{text}");
    press(&mut model, "<tab>mo<tab><enter>");
    assert_eq!(model.settings.theme, Theme::Mono);
    press(&mut model, ":<up>");
    assert!(line(&model, 23).starts_with(" :theme mono▏"), "{}", screen(&model));
    press(&mut model, "<esc>:nonsense<enter>");
    assert!(line(&model, 1).contains("there is no command :nonsense; the nearest is :"));
    let intents = press(&mut model, ":every 45s<enter>");
    assert!(matches!(asked(&intents).1, Command::Edit(TargetId(2), new) if new.interval == Duration::from_secs(45)));
    press(&mut model, ":sort name<enter>:view events<enter>");
    assert_eq!(model.view, View::Events);
}

#[test]
fn commands_change_all_marked_targets_and_one_undo_takes_it_back() {
    let mut model = dashboard();
    let intents = press(&mut model, "<space><space>:tag +db -old<enter>");
    let edits: Vec<u64> = intents
        .iter()
        .map(|intent| if let Intent::Ask(number, Command::Edit(..)) = intent { *number } else { 0 })
        .collect();
    assert_eq!(edits.len(), 1, "pg-primary has the tag already: {intents:?}");
    let intents = press(&mut model, ":fails 5<enter>");
    assert_eq!(intents.len(), 2);
    for intent in &intents {
        let Intent::Ask(number, Command::Edit(_, new)) = intent else { panic!("{intent:?}") };
        assert_eq!(new.down_after.get(), 5);
        update(&mut model, Msg::Replied(*number, Reply::Done));
    }
    let undone = press(&mut model, "u");
    assert!(
        undone
            .iter()
            .all(|intent| matches!(intent, Intent::Ask(_, Command::Edit(_, old)) if old.down_after.get() == 3))
    );
    assert_eq!(undone.len(), 2);
}

#[test]
fn a_paste_that_stands_for_millions_is_refused_and_costs_little() {
    let mut model = dashboard();
    press(&mut model, "a");
    update(&mut model, Msg::Pasted("a:1-1024\n".repeat(100_000)));
    assert!(screen(&model).contains("more than 10000 at once: add them in parts"), "{}", screen(&model));
    assert!(press(&mut model, "<enter>").is_empty());
    let mut model = dashboard();
    update(&mut model, Msg::Pasted("a:1-1024\n".repeat(100)));
    assert!(screen(&model).contains("names more than 10 000 targets: paste them in parts"), "{}", screen(&model));
}
