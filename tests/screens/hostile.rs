//! No foreign text reaches the terminal as it came: names, notes, answers of the resolver, errors.

use super::SIZES;
use super::history::{closed, detail};
use super::pictures::{NOW, failure, frame, settings, target};
use super::session::Session;
use portpulse::domain::{Event, Fault, Finding, Happening, Mono, Now, Reason, TargetId, text};
use portpulse::engine::Answer;
use portpulse::monitor::{Recording, Refusal, Reply, Sight, Snapshot};
use portpulse::tui::Msg;
use std::sync::Arc;
use std::time::Duration;

/// Moves the cursor, sets the clipboard, reorders, hides, joins, piles up, and is wide.
const HOSTILE: &str = "a\u{1b}[2J\u{1b}]52;c;eA==\u{7}\u{202e}b\u{200b}\u{200d}\u{feff}\u{e0041}\n\t\u{9b}31m数e\u{301}\u{301}\u{301}\u{301}\u{301}🏴\u{e0067}\u{fe0f}\u{2028}z";

/// Everything that can hold a foreign text holds this one.
fn hostile() -> Snapshot {
    let now = Now { mono: Mono(1), wall: NOW };
    let soiled = |id: u32| {
        target(id, HOSTILE, "db1:5432", "2x.?").down(Reason::Refused, 100 + u64::from(id)).with(|definition| {
            HOSTILE.clone_into(&mut definition.note);
            definition.tags = vec![HOSTILE.to_owned()];
        })
    };
    let event = |what| Event { at: NOW, target: Some((TargetId(1), HOSTILE.to_owned())), what };
    let why = || HOSTILE.to_owned();
    Snapshot {
        targets: vec![soiled(1).build(), soiled(2).open(1_000).build()].into(),
        events: Arc::new(vec![
            event(Happening::Note(why())),
            event(Happening::Blind { why: why() }),
            event(Happening::NotRecording { why: why() }),
            event(Happening::ConfigurationRefused { why: why() }),
            event(Happening::LocalFault(Fault::ResolverFailed)),
        ]),
        sight: Sight::Blind { since: NOW, why: why(), scope: why() },
        recording: Recording::Failing { since: NOW, why: why(), waiting: 1, lost: 1 },
        configuration_error: Some(why()),
        ..Snapshot::empty(now)
    }
}

/// Fails on the first cell with a character that could do anything but be looked at.
fn inspect(session: &Session, columns: u16, rows: u16, keys: &str) {
    let buffer = frame(&session.model, columns, rows);
    for cell in buffer.content() {
        let symbol = cell.symbol();
        let bad = symbol.chars().find(|c| text::is_hostile(*c));
        assert_eq!(bad, None, "{symbol:?} after {keys:?} at {columns}x{rows}");
        assert!(symbol.chars().count() <= 3, "a pile of marks: {symbol:?} after {keys:?}");
    }
}

#[test]
fn no_cell_ever_holds_a_hostile_character() {
    let keys = [
        "", "<enter>", "<enter>t", "2", "2j", "4", "4jj", "3", "3<tab>", "e", "d", "o", "q", "?", ":", "/a", "y", "Y",
        "p", "u",
    ];
    for (columns, rows) in SIZES {
        for keys in keys {
            let outages = vec![closed(5, TargetId(1), HOSTILE, NOW, 10, Reason::Reset)];
            let mut session = Session::new(settings(), hostile(), columns, rows).with_outages(outages);
            session.press(keys);
            inspect(&session, columns, rows, keys);
        }
    }
}

#[test]
fn answers_and_refusals_are_cleaned_too() {
    for (columns, rows) in SIZES {
        let mut session = Session::new(settings(), hostile(), columns, rows);
        session.press("<enter>");
        let number = session.model.requests.number(portpulse::tui::model::Pending::Detail(TargetId(1)));
        session.happens(Msg::Answered(number, Answer::Failed(HOSTILE.to_owned())));
        inspect(&session, columns, rows, "a failed query");
        let number = session.model.requests.number(portpulse::tui::model::Pending::Other);
        session.happens(Msg::Replied(number, Reply::Refused(Refusal::NotWritten(HOSTILE.to_owned()))));
        inspect(&session, columns, rows, "a refusal");
        let number = session.model.requests.number(portpulse::tui::model::Pending::Detail(TargetId(1)));
        let mut answer = detail(1, usize::from(columns));
        answer.outages.iter_mut().for_each(|outage| outage.name = HOSTILE.to_owned());
        session.happens(Msg::Answered(number, Answer::Detail(Box::new(answer))));
        inspect(&session, columns, rows, "an answer");
        session.press("<esc>").happens(Msg::Pasted(HOSTILE.to_owned()));
        inspect(&session, columns, rows, "a paste outside of any field");
    }
}

#[test]
fn what_is_typed_or_pasted_into_a_field_is_cleaned() {
    for opening in ["a", "/", ":", "3"] {
        let mut session = Session::new(settings(), hostile(), 80, 24);
        session.press(opening).happens(Msg::Pasted(HOSTILE.to_owned()));
        inspect(&session, 80, 24, opening);
        session.press("<enter>");
        inspect(&session, 80, 24, opening);
    }
}

#[test]
fn an_instant_check_with_a_strange_answer_is_only_looked_at() {
    let mut session = Session::new(settings(), hostile(), 80, 24);
    session.press("3xn--e1afmkfd.example:443<enter>");
    let outcome = portpulse::domain::Outcome::Failed(failure(Reason::DnsFailed));
    let finding = Finding { waited: Duration::ZERO, dns: None, tries: Vec::new(), outcome, address: None };
    let address = "xn--e1afmkfd.example:443".parse().expect("an address");
    session.finish(portpulse::domain::AdHoc { at: NOW, address, finding });
    inspect(&session, 80, 24, "an instant check");
    session.shows("no name");
}
