//! Every state can be told from every other without colour and without Unicode.

use super::pictures::{Fixture, NOW, fleet, frame, settings, target};
use super::plain;
use super::session::Session;
use portpulse::domain::maintenance::Origin;
use portpulse::domain::{Maintenance, Mono, Now, Reason, Span};
use portpulse::monitor::{Snapshot, Soft, State, TargetView};
use portpulse::tui::Msg;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Somebody works on it for half an hour.
fn maintained(view: &mut TargetView) {
    let span = Span { from: NOW, to: NOW + Duration::from_mins(30) };
    let maintenance = Maintenance { span, title: String::new(), origin: Origin::Declared };
    view.maintenance = Some(Arc::new(maintenance));
}

/// A target in each state that there is, under the same name and address.
fn every_state() -> Vec<(&'static str, Fixture)> {
    let new = || target(1, "same", "same.example:22", "");
    let failing = Soft::Failing { count: 2, of: 3, reason: Reason::Refused, since: NOW };
    vec![
        ("up", new().open(1_000)),
        ("slow", new().open(1_000).state(State::Degraded, 100)),
        ("failing", new().failed(Reason::Refused).soft(failing)),
        ("down", new().down(Reason::Refused, 100)),
        ("recovering", new().down(Reason::Refused, 100).soft(Soft::Recovering { count: 1, of: 2 })),
        ("new", new().state(State::Pending, 0)),
        (
            "gap",
            target(1, "same", "same.example:22", "55.").open(1_000).view(|view| {
                view.recent = [portpulse::monitor::Mark::Gap].into();
            }),
        ),
        ("maintenance", new().down(Reason::Refused, 100).view(maintained)),
        ("paused", new().state(State::Paused, 100)),
    ]
}

/// Sign and word of the row, and the roles they are in.
fn look(fixture: Fixture) -> (String, String) {
    let now = Now { mono: Mono(1), wall: NOW };
    let snapshot = Snapshot { targets: vec![fixture.build()].into(), ..Snapshot::empty(now) };
    let session = Session::new(plain(), snapshot, 80, 24);
    let row = session.row(" same ");
    let state: String = row.chars().skip(1).take(7).collect();
    assert!(row.is_ascii(), "{row:?}");
    (state.trim().to_owned(), row)
}

#[test]
fn signs_and_words_differ_in_mono_ascii() {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (name, fixture) in every_state() {
        let (state, row) = look(fixture);
        let sign = state.chars().next().expect("a sign");
        assert!(!sign.is_alphanumeric(), "{name}: {row}");
        if let Some(other) = seen.insert(state.clone(), name) {
            panic!("{name} looks like {other}: {state:?}");
        }
    }
    assert_eq!(seen.len(), every_state().len());
}

#[test]
fn open_failed_unseen_and_our_own_fault_differ_in_the_marks_of_checks() {
    let (_, row) = look(target(1, "same", "same.example:22", "2x.?").failed(Reason::Refused));
    assert!(row.contains(".x ?"), "{row:?}");
}

/// What can lie on a screen of any size.
const SCENES: [&str; 13] = ["", "<enter>t", "2", "4", "3", "ia.example:1<enter>", "a", "e", "d", "q", "?", ":e", "/x"];

#[test]
fn every_view_survives_every_size_and_leaves_nothing_behind() {
    for keys in SCENES {
        let mut session = Session::new(settings(), fleet(), 80, 24);
        session.press(keys);
        for (columns, rows) in
            (1..=205).step_by(34).flat_map(|columns| (1..=56).step_by(6).map(move |rows| (columns, rows)))
        {
            session.happens(Msg::Resized(columns, rows));
            let drawn = frame(&session.model, columns, rows);
            assert_eq!((drawn.area.width, drawn.area.height), (columns, rows));
        }
        session.happens(Msg::Resized(80, 24));
        let mut fresh = Session::new(settings(), fleet(), 80, 24);
        fresh.press(keys);
        assert_eq!(session.screen(), fresh.screen(), "after {keys:?} and many sizes");
    }
}

#[test]
fn what_was_never_open_is_not_called_up() {
    let soft = Soft::Failing { count: 1, of: 3, reason: Reason::Refused, since: NOW };
    let never = target(1, "same", "same.example:22", "").failed(Reason::Refused).state(State::Pending, 0).soft(soft);
    let (_, row) = look(never);
    assert!(row.contains("1/3") && !row.contains("100"), "{row}");
}

#[test]
fn a_target_that_fails_after_a_pause_keeps_the_uptime_that_it_had() {
    let soft = Soft::Failing { count: 2, of: 3, reason: Reason::Refused, since: NOW };
    let paused =
        target(1, "same", "same.example:22", "222xx").failed(Reason::Refused).state(State::Pending, 0).soft(soft);
    let (_, row) = look(paused);
    assert!(row.contains("100.00"), "{row:?}");
}
