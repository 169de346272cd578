//! What the dashboard shows, at every size and in every charset, and when it is drawn again.

use crate::pictures::{NOW, fleet, model, press, render, settings, styles, target};
use crate::{dashboard, line, screen};
use portpulse::monitor::{Recording, Sight, Snapshot, Views};
use portpulse::tui::glyphs::Charset;
use portpulse::tui::settings::Settings;
use portpulse::tui::theme::Theme;
use portpulse::tui::{Intent, Msg, update};
use std::sync::Arc;
use std::time::Duration;

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
fn a_target_that_was_not_observed_has_no_uptime_in_the_panel() {
    let mut model = model(settings(), fleet(), 120, 35);
    assert!(screen(&model).contains("uptime 1h 100.00%  24h 97.02%"), "{}", screen(&model));
    press(&mut model, "/new-api<enter>");
    assert!(screen(&model).contains("uptime 1h no data  24h no data"), "{}", screen(&model));
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
fn a_target_that_three_checks_in_a_row_could_not_see_is_not_called_up() {
    let mut snapshot = fleet();
    let place = snapshot.targets.iter().position(|view| view.target.definition.name == "etcd-1").expect("etcd-1");
    let seen = |marks| target(900, "etcd-1", "10.1.2.21:2379", marks).build();
    snapshot.targets[place] = seen("2222222222??");
    assert!(screen(&model(settings(), snapshot.clone(), 80, 24)).contains("● UP    etcd-1"));
    snapshot.targets[place] = seen("222222222???");
    let text = screen(&model(settings(), snapshot, 80, 24));
    assert!(text.contains("? BLIND etcd-1"), "{text}");
    assert!(text.lines().next().is_some_and(|head| head.contains("?1 blind")), "{text}");
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
    let empty = model(settings(), Snapshot { targets: Views::default(), ..fleet() }, 80, 24);
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
    changed.targets = changed.targets.iter().take(3).cloned().collect();
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
