//! Moving, finding, sorting, leaving, and what reaches the user beside the screen.

use crate::pictures::{self, NOW, fleet, press, settings, target};
use crate::{dashboard, line, screen, selected};
use portpulse::domain::{Reason, TargetId};
use portpulse::monitor::{Notice, State};
use portpulse::tui::model::View;
use portpulse::tui::settings::{Settings, Switch};
use portpulse::tui::{Intent, Msg, update};
use std::sync::Arc;
use std::time::Duration;

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
fn what_is_selected_marked_and_looked_at_stays_so_under_other_ids() {
    let mut model = dashboard();
    press(&mut model, "jj<space>jjj");
    let marked: Vec<String> =
        model.targets.marks.iter().filter_map(|id| Some(model.target(*id)?.target.definition.name.clone())).collect();
    let before = selected(&model).to_owned();
    press(&mut model, "<enter>");
    assert_eq!(model.view, View::Detail);
    let mut later = fleet();
    let other = |view: &Arc<portpulse::monitor::TargetView>| {
        let mut view = portpulse::monitor::TargetView::clone(view);
        Arc::make_mut(&mut view.target).id.0 = 2_000 - view.target.id.0;
        Arc::new(view)
    };
    later.targets = later.targets.iter().map(other).collect();
    update(&mut model, Msg::Snapshot(Arc::new(later)));
    assert_eq!((selected(&model), model.view), (before.as_str(), View::Detail));
    assert_eq!(model.detail.target, model.selected().map(|view| view.target.id));
    let still: Vec<String> =
        model.targets.marks.iter().filter_map(|id| Some(model.target(*id)?.target.definition.name.clone())).collect();
    assert_eq!((still.len(), still), (1, marked));
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
fn a_confirmed_outage_moves_up_and_a_removed_target_takes_its_mark_along() {
    let mut model = dashboard();
    press(&mut model, "G<space>");
    let mut fewer = fleet();
    fewer.targets = fewer.targets.iter().filter(|view| view.state != State::Paused).cloned().collect();
    update(&mut model, Msg::Snapshot(Arc::new(fewer)));
    assert!(model.targets.marks.is_empty());
    assert_eq!(model.targets.tally.total(), 60);
    assert_eq!(selected(&model), "worker-43");
}
