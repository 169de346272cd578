//! The dashboard and everything that lies over it: keys in, screen and intents out.

#[path = "support/pictures.rs"]
mod pictures;

use pictures::{NOW, fleet, model, press, render, settings, styles, target};
use portpulse::domain::{Activity, Reason, TargetId};
use portpulse::engine::Query;
use portpulse::engine::query::{Answer, Extent};
use portpulse::monitor::{Command, Notice, Recording, Refusal, Reply, Sight, Snapshot, State};
use portpulse::tui::glyphs::Charset;
use portpulse::tui::model::{Model, View};
use portpulse::tui::settings::{Access, Settings, Switch};
use portpulse::tui::theme::Theme;
use portpulse::tui::{Intent, Msg, update};
use std::sync::Arc;
use std::time::Duration;

fn dashboard() -> Model {
    model(settings(), fleet(), 80, 24)
}

fn screen(model: &Model) -> String {
    render(model, model.size.columns, model.size.rows)
}

fn line(model: &Model, number: usize) -> String {
    screen(model).lines().nth(number).unwrap_or_default().to_owned()
}

fn selected(model: &Model) -> &str {
    &model.selected().expect("a selected target").target.definition.name
}

/// The number under which the last intent asked something.
fn asked(intents: &[Intent]) -> (u64, &Command) {
    match intents.last() {
        Some(Intent::Ask(number, command)) => (*number, command),
        other => panic!("nothing was asked: {other:?}"),
    }
}

#[test]
fn twenty_targets_stand_worst_first_under_the_counts() {
    let model = dashboard();
    let screen = screen(&model);
    let lines: Vec<&str> = screen.lines().collect();
    assert_eq!(lines[0], " portpulse  ▼2 down  △1 failing  ●56 up (1 slow)  ○1  ‖1   61 targets  14:32:07");
    assert_eq!(lines[1], " ▼ pg-primary refused 4m12s · ▼ kafka-3 timeout 41m             1 targets 2 3 4");
    assert_eq!(lines[2], " STATE▾  NAME         TARGET                  LATENCY LAST 12       UP24H    FOR");
    assert_eq!(lines[3], ">▼ DOWN  kafka-3      10.4.7.33:9092          timeout ▆▆▆×××××××××  97.02 41m05s");
    assert_eq!(lines[4], " ▼ DOWN  pg-primary   db1.prod.example:5432   refused ▃▃▃▃▃▃▃▃××××  99.31  4m12s");
    assert_eq!(lines[5], " △ 2/3   smtp-relay   relay.corp.example:25   timeout ▅▆▅▅▅▅▅▅▅▅×× 100.00    18s");
    assert_eq!(lines[6], " ◐ SLOW  ldap-eu      ldap.eu.example:636       412ms ▆▇▇▇▆▇▇▇▇▇▇▇  99.98     9m");
    assert_eq!(lines[23], " ⏎ detail  a add  i check  / filter  s sort  : cmd  ? help           1-20 of 61");
    assert!(screen.contains(" vpn-us.e…mple.net:1194 "), "{screen}");
}

#[test]
fn without_colour_and_in_ascii_every_state_still_has_its_own_sign_and_word() {
    let bare = Settings { theme: Theme::Mono, charset: Charset::Ascii, ..settings() };
    let mut model = model(bare, fleet(), 80, 24);
    let screen = screen(&model);
    assert!(screen.is_ascii(), "{screen}");
    for start in [">! DOWN  kafka-3", " ? 2/3   smtp", " ~ SLOW  ldap", " . .     new-api", " + UP    etcd-1"] {
        assert!(screen.contains(start), "{start:?} in {screen}");
    }
    press(&mut model, "G");
    assert!(render(&model, 80, 24).contains(">= PAUSE old-mongo"), "{}", render(&model, 80, 24));
    let styles = styles(&model, 80, 24);
    assert!(!styles.contains(['u', 's', 'c']), "a colour in mono: {styles}");
}

#[test]
fn wide_screens_show_strips_panel_and_panes() {
    let middle = model(settings(), fleet(), 120, 35);
    let text = screen(&middle);
    assert!(text.contains("LAST 20 CHECKS") && text.contains("OUTAGES 24h → now"), "{text}");
    assert!(text.contains("mtr -T -P 9092 10.4.7.33"), "advice in the panel: {text}");
    let wide = model(settings(), fleet(), 200, 50);
    let text = screen(&wide);
    for title in ["┌─ Targets 1-32 of 61 ─", "─ kafka-3  ▼ DOWN 41m05s ─", "┌─ Events ─", "┌─ Instant check ─"]
    {
        assert!(text.contains(title), "{title} in {text}");
    }
}

#[test]
fn a_small_screen_lists_the_problems_and_never_refuses() {
    let small = model(settings(), fleet(), 38, 8);
    let text = screen(&small);
    assert!(text.starts_with(" portpulse ▼2 △1 ●56 ○1 ‖1\n"), "{text}");
    assert!(text.contains(" ▼ pg-primary     refused    4m12s\n"), "{text}");
    assert!(text.contains("38x8 - table needs 60x10"), "{text}");
    assert_eq!(screen(&model(settings(), fleet(), 19, 2)), "▼2 △1 ●56 ○1 ‖1\n\n");
}

#[test]
fn an_empty_fleet_says_the_next_key() {
    let empty = model(settings(), Snapshot { targets: Vec::new(), ..fleet() }, 80, 24);
    let text = screen(&empty);
    assert!(text.contains("Nothing is being watched yet.") && text.contains("a   add the first target"), "{text}");
    assert!(text.contains("portpulse.toml") && text.contains("q quit"), "{text}");
}

#[test]
fn what_is_wrong_with_portpulse_itself_is_said_loudly() {
    let since = NOW - Duration::from_mins(1);
    let sight = Sight::Blind { since, why: "no route".to_owned(), scope: "IPv4".to_owned() };
    let recording = Recording::Failing { since, why: "no space left on device".to_owned(), waiting: 12, lost: 3 };
    let snapshot =
        Snapshot { sight, recording, configuration_error: Some("line 3: unknown key".to_owned()), ..fleet() };
    let model = model(settings(), snapshot, 80, 24);
    assert!(line(&model, 0).starts_with(" BLIND since 14:31:07 (IPv4): no route"), "{}", screen(&model));
    assert!(
        line(&model, 1).starts_with(" NOT RECORDING since 14:31:07: no space left on device; 12 checks wait, 3 lost")
    );
    assert!(line(&model, 2).starts_with(" CONFIGURATION not taken over, the old one stays: line 3"));
    assert_eq!(styles(&model, 80, 24).lines().next(), Some("B".repeat(80).as_str()));
}

#[test]
fn the_selection_stays_with_its_target_when_rows_move() {
    let mut model = dashboard();
    press(&mut model, "jjjjjj");
    assert_eq!(selected(&model), "etcd-2");
    let mut changed = fleet();
    changed.targets[8] = target(9, "git-ssh", "git.corp.example:22", "33x").down(Reason::Refused, 30).build();
    update(&mut model, Msg::Snapshot(Arc::new(changed)));
    assert_eq!(selected(&model), "etcd-2");
    assert!(line(&model, 3).contains("git-ssh"), "{}", screen(&model));
}

#[test]
fn moving_pages_and_jumping_to_problems() {
    let mut model = dashboard();
    for (keys, name) in [
        ("G", "old-mongo"),
        ("g", "kafka-3"),
        ("<pgdn>", "worker-04"),
        ("<^u>", "nfs-archive"),
        ("n", "kafka-3"),
        ("n", "pg-primary"),
        ("N", "kafka-3"),
        ("N", "ldap-eu"),
    ] {
        press(&mut model, keys);
        assert_eq!(selected(&model), name, "after {keys}");
    }
}

#[test]
fn the_filter_works_as_it_is_typed_and_says_which_problems_it_hides() {
    let mut model = dashboard();
    press(&mut model, "/db|redis");
    assert_eq!(line(&model, 1), " / db|redis▏                      4 of 61 shown · ▼1 △1 ◐1 hidden by the filter");
    press(&mut model, "<enter>");
    assert!(model.overlay.is_none());
    assert!(line(&model, 23).ends_with("1-4 of 4"));
    press(&mut model, "<esc>");
    assert!(line(&model, 23).ends_with("1-20 of 61"));
    for (filter, shown) in [
        ("state:down", 2),
        ("!up", 6),
        ("tag:db", 1),
        ("port:2379", 3),
        ("reason:refused", 1),
        ("worker !worker-0", 34),
    ] {
        press(&mut model, &format!("/{filter}<enter>"));
        assert_eq!(model.targets.shown.len(), shown, "{filter}");
        press(&mut model, "<esc>");
    }
    press(&mut model, "/nothing-like-it<enter>");
    assert!(screen(&model).contains("Esc shows all targets again"));
}

#[test]
fn sorting_steps_through_the_columns_and_live_numbers_leave_rows_alone() {
    let mut model = dashboard();
    press(&mut model, "sss");
    assert_eq!(selected(&model), "kafka-3");
    press(&mut model, "g");
    assert_eq!(selected(&model), "redis-cache", "the fastest");
    let mut changed = fleet();
    changed.targets[5] = target(6, "etcd-1", "10.1.2.21:2379", "1").open(100).build();
    update(&mut model, Msg::Snapshot(Arc::new(changed.clone())));
    assert!(line(&model, 3).contains("redis-cache"), "not within five seconds: {}", screen(&model));
    update(&mut model, Msg::Clock(NOW + Duration::from_secs(6)));
    changed.version = 9;
    update(&mut model, Msg::Snapshot(Arc::new(changed)));
    assert!(line(&model, 3).contains("etcd-1"), "{}", screen(&model));
    assert_eq!(selected(&model), "redis-cache");
}

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
        ("adb1:1<tab><tab><tab><^u>soon<enter>", "Every: `soon` is no duration"),
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
    press(&mut model, "adb1:5432<tab><tab><tab><left><left>");
    assert!(screen(&model).contains("[ 5s]‹10s›[30s]"), "{}", screen(&model));
    let intents = press(&mut model, "<^t>");
    assert!(matches!(asked(&intents).1, Command::Instant(endpoint) if endpoint.address.to_string() == "db1:5432"));
    update(&mut model, Msg::Replied(asked(&intents).0, Reply::Started(pictures::ATTEMPT)));
    assert!(screen(&model).contains("test: checking db1:5432"));
    let mut done = fleet();
    let mut checks = done.ad_hoc.as_ref().clone();
    let mut newest = checks.finished.last().expect("a finished check").clone();
    (newest.at, newest.address) = (NOW, "db1:5432".parse().expect("an address"));
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
    assert!(text.contains("line 2: `nonsense` has no port"), "{text}");
    assert!(press(&mut model, "<enter>").is_empty(), "all or nothing");
    press(&mut model, "<^u>");
    update(&mut model, Msg::Pasted("db1:5432 orders\ndb2:5432".to_owned()));
    let intents = press(&mut model, "<enter>");
    assert!(matches!(asked(&intents).1, Command::Add(two) if two[0].name == "orders" && two[1].name == "db2:5432"));
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
    press(&mut model, "je<tab><tab><right>");
    assert!(screen(&model).contains("changed: Every 10s → 30s"), "{}", screen(&model));
    press(&mut model, "<up><up><up><^w>9");
    assert!(screen(&model).contains("another address starts a new history"), "{}", screen(&model));
    press(&mut model, "<esc>y");
    let intents = press(&mut model, "e<tab><tab><right><enter>");
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
fn quitting_asks_because_checks_stop_and_escape_never_quits() {
    let mut model = dashboard();
    assert!(press(&mut model, "<esc><esc><esc>q").is_empty());
    assert!(screen(&model).contains("Checks stop when portpulse ends."));
    assert!(press(&mut model, "q").is_empty(), "any other key stays");
    assert!(press(&mut model, "q<enter>").is_empty());
    assert_eq!(press(&mut model, "qy"), [Intent::Quit]);
    assert_eq!(press(&mut model, ":q!<enter>"), [Intent::Quit]);
    let mut sure = pictures::model(Settings { confirm_quit: Switch::Off, ..settings() }, fleet(), 80, 24);
    assert_eq!(press(&mut sure, "q"), [Intent::Quit]);
}

#[test]
fn two_interrupts_within_two_seconds_quit_and_slower_ones_do_not() {
    let mut model = dashboard();
    assert!(press(&mut model, "<^c>").is_empty());
    update(&mut model, Msg::Clock(NOW + Duration::from_secs(3)));
    assert!(press(&mut model, "<^c>").is_empty());
    assert_eq!(press(&mut model, "<^c>"), [Intent::Quit]);
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
fn every_key_stands_in_the_help_and_can_be_searched() {
    let mut model = dashboard();
    press(&mut model, "?");
    let text = screen(&model);
    for word in
        ["MOVE", "FIND AND COMMAND", "INSTANT CHECK", "TARGETS", "VIEW", "c R check, all not up", "^z        suspend"]
    {
        assert!(text.contains(word), "{word} in {text}");
    }
    press(&mut model, "/undo");
    let text = screen(&model);
    assert!(text.contains("u undo last change") && !text.contains("suspend"), "{text}");
    press(&mut model, "<esc>?");
    assert!(model.overlay.is_none());
}

#[test]
fn a_frozen_screen_stands_still_until_it_is_told_to_go_on() {
    let mut model = dashboard();
    press(&mut model, "f");
    assert!(line(&model, 0).ends_with("FROZEN 14:32:07"), "{}", screen(&model));
    let before = (screen(&model), model.revision());
    update(&mut model, Msg::Clock(NOW + Duration::from_secs(30)));
    let mut changed = fleet();
    changed.targets.truncate(3);
    update(&mut model, Msg::Snapshot(Arc::new(changed)));
    assert_eq!((screen(&model), model.revision()), before);
    press(&mut model, "f");
    assert!(line(&model, 0).contains("3 targets  14:32:37"), "{}", screen(&model));
}

#[test]
fn a_message_stays_for_five_seconds() {
    let mut model = dashboard();
    press(&mut model, "T");
    assert_eq!(line(&model, 1), " theme cb");
    update(&mut model, Msg::Clock(NOW + Duration::from_secs(4)));
    assert_eq!(line(&model, 1), " theme cb");
    update(&mut model, Msg::Clock(NOW + Duration::from_secs(5)));
    assert!(line(&model, 1).contains("pg-primary refused"));
}

#[test]
fn the_bell_rings_once_for_a_storm_and_not_for_muted_targets() {
    let mut model = dashboard();
    let down = |id: u32| Notice::Down(pictures::outage(7, TargetId(id), "x", NOW, Reason::Refused));
    press(&mut model, "m");
    assert!(update(&mut model, Msg::Notice(down(2))).is_empty());
    assert_eq!(update(&mut model, Msg::Notice(down(1))), [Intent::Bell]);
    assert!(update(&mut model, Msg::Notice(down(3))).is_empty());
    update(&mut model, Msg::Clock(NOW + Duration::from_secs(10)));
    assert_eq!(update(&mut model, Msg::Notice(down(3))), [Intent::Bell]);
    press(&mut model, "b");
    update(&mut model, Msg::Clock(NOW + Duration::from_secs(30)));
    assert!(update(&mut model, Msg::Notice(down(3))).is_empty());
}

#[test]
fn copying_says_only_that_it_was_sent() {
    let mut model = dashboard();
    assert_eq!(press(&mut model, "jy"), [Intent::Copy("db1.prod.example:5432".to_owned())]);
    assert_eq!(line(&model, 1), " sent to the terminal clipboard: db1.prod.example:5432");
    let intents = press(&mut model, "Y");
    let [Intent::Copy(summary)] = intents.as_slice() else { panic!("{intents:?}") };
    assert_eq!(
        summary.as_str(),
        "pg-primary db1.prod.example:5432 DOWN since 2026-11-20 14:27:55 UTC+1 (Connection refused), 24h uptime 99.31%"
    );
}

#[test]
fn views_are_reached_by_number_and_left_by_two_keys() {
    let mut model = dashboard();
    for (key, view) in [("2", View::Outages), ("3", View::Checks), ("4", View::Events), ("1", View::Targets)] {
        press(&mut model, key);
        if view == View::Checks {
            press(&mut model, "<esc>");
            continue;
        }
        assert_eq!(model.view, view);
    }
    press(&mut model, "<enter>");
    assert_eq!(model.view, View::Detail);
    press(&mut model, "h");
    assert_eq!(model.view, View::Targets);
    press(&mut model, "l<esc>");
    assert_eq!(model.view, View::Targets);
}

#[test]
fn a_lost_engine_is_said_and_the_last_picture_stays() {
    let mut model = dashboard();
    update(&mut model, Msg::EngineLost);
    assert!(line(&model, 0).starts_with(" STOPPED: the monitor has ended"), "{}", screen(&model));
    assert!(screen(&model).contains("kafka-3"));
}

#[test]
fn a_picture_that_shows_nothing_new_is_not_drawn() {
    let mut model = dashboard();
    let before = model.revision();
    let mut same = fleet();
    same.version = 2;
    let last = same.targets.len() - 1;
    same.targets[last] = target(143, "worker-43", "10.2.0.73:8080", "2").open(5_000).build();
    update(&mut model, Msg::Snapshot(Arc::new(same.clone())));
    assert_eq!(model.revision(), before, "a row out of sight has changed");
    same.targets[5] = target(6, "etcd-1", "10.1.2.21:2379", &"2".repeat(30)).open(1_130).build();
    update(&mut model, Msg::Snapshot(Arc::new(same.clone())));
    assert_eq!(model.revision(), before, "a latency has changed by less than a twentieth");
    same.targets[5] = target(6, "etcd-1", "10.1.2.21:2379", &"2".repeat(30)).open(1_400).build();
    update(&mut model, Msg::Snapshot(Arc::new(same)));
    assert_ne!(model.revision(), before);
}

#[test]
fn a_confirmed_outage_moves_up_and_a_removed_target_takes_its_mark_along() {
    let mut model = dashboard();
    press(&mut model, "G<space>");
    let mut fewer = fleet();
    fewer.targets.retain(|view| view.state != State::Paused);
    update(&mut model, Msg::Snapshot(Arc::new(fewer)));
    assert!(model.targets.marks.is_empty());
    assert_eq!(model.targets.tally.total(), 60);
    assert_eq!(selected(&model), "worker-43");
}

#[test]
fn on_a_screen_too_small_for_the_question_nothing_is_answered() {
    let mut model = model(settings(), fleet(), 40, 9);
    press(&mut model, "d");
    assert!(screen(&model).contains("too small for this: Esc goes back"), "{}", screen(&model));
    assert!(press(&mut model, "yp<enter>").is_empty());
    press(&mut model, "<esc>");
    assert!(model.overlay.is_none());
    assert_eq!(press(&mut model, "qy"), [Intent::Quit]);
}

#[test]
fn a_form_on_a_low_screen_keeps_the_field_in_sight() {
    let mut model = model(settings(), fleet(), 80, 12);
    press(&mut model, "adb1:5432<up>the note");
    let text = screen(&model);
    assert!(text.contains("Note     the note▏") && text.contains("⏎ save"), "{text}");
    press(&mut model, "<tab>");
    assert!(screen(&model).contains("Target   db1:5432▏"), "{}", screen(&model));
}
