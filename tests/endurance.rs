//! No key, picture or size is too much: nothing panics, nothing hostile reaches a cell, and every key does something.

#[path = "support/evidence.rs"]
mod evidence;
#[path = "support/history.rs"]
mod history;
#[path = "support/pictures.rs"]
mod pictures;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use pictures::{NOW, crowd, fleet, frame, model, press, settings, target};
use portpulse::domain::text::is_hostile;
use portpulse::domain::{Closing, EndpointId, Outage, Reason, TargetId};
use portpulse::engine::Query;
use portpulse::engine::query::{self, Answer, Extent};
use portpulse::monitor::{Notice, Recording, Refusal, Reply, Sight, Snapshot, State, Views};
use portpulse::tui::action::{ACTIONS, Action};
use portpulse::tui::glyphs::Charset;
use portpulse::tui::model::{Model, View};
use portpulse::tui::settings::Settings;
use portpulse::tui::theme::Theme;
use portpulse::tui::{Intent, Msg, update};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// Something that happens to the screen.
#[derive(Clone, Debug)]
enum Event {
    Key(KeyEvent),
    Paste(String),
    Size(u16, u16),
    Picture(u8),
    Second(u32),
    Answers(u8),
    Click(u16, u16),
}

fn event() -> impl Strategy<Value = Event> {
    let letters = prop::sample::select(
        "jkgGnNlhqzfstSTMbaedupcRmyYoLirx/:?*1234 y3@\u{202e}\u{1b}é数".chars().collect::<Vec<char>>(),
    );
    let codes = prop::sample::select(vec![
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::F(5),
        KeyCode::Null,
    ]);
    let controls = prop::sample::select("acdefklntuwz".chars().collect::<Vec<char>>());
    prop_oneof![
        10 => letters.prop_map(|c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))),
        6 => codes.prop_map(|code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE))),
        2 => controls.prop_map(|c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))),
        1 => "[ -~\n\u{1b}\u{202e}]{0,40}|db1:1-9\ndb2:5".prop_map(Event::Paste),
        3 => (0_u16..300, 0_u16..100).prop_map(|(columns, rows)| Event::Size(columns, rows)),
        2 => any::<u8>().prop_map(Event::Picture),
        2 => (0_u32..10_000).prop_map(Event::Second),
        2 => any::<u8>().prop_map(Event::Answers),
        1 => (0_u16..300, 0_u16..100).prop_map(|(column, row)| Event::Click(column, row)),
    ]
}

fn picture(kind: u8) -> Snapshot {
    let mut snapshot = fleet();
    match kind % 8 {
        0 => snapshot.targets = Views::default(),
        1 => snapshot.targets = snapshot.targets.iter().take(usize::from(kind)).cloned().collect(),
        2 => snapshot = crowd(u32::from(kind) * 3, u64::from(kind)),
        3 => {
            snapshot.sight = Sight::Blind { since: NOW, why: "no route\u{7}".to_owned(), scope: "IPv4".to_owned() };
        }
        4 => {
            snapshot.recording =
                Recording::Failing { since: NOW, why: "disk full".repeat(40), waiting: u64::MAX, lost: u64::MAX };
        }
        5 => {
            let targets: Vec<_> = snapshot.targets.iter().cloned().collect();
            snapshot.targets = targets.into_iter().rev().collect();
        }
        6 => {
            let name = "数据库".repeat(20);
            let view = target(7_000, &name, "host.example:1", "x.?12345678");
            let first = view.down(Reason::DnsFailed, 5_000_000).build();
            snapshot.targets = std::iter::once(first).chain(snapshot.targets.iter().cloned()).collect();
        }
        _ => snapshot.configuration_error = Some("line 1: \u{1b}[31m".to_owned()),
    }
    snapshot
}

fn happen(model: &mut Model, event: Event, asked: &mut Vec<Intent>) {
    let message = match event {
        Event::Key(key) => Msg::Key(key),
        Event::Paste(text) => Msg::Pasted(text),
        Event::Size(columns, rows) => Msg::Resized(columns, rows),
        Event::Picture(kind) => Msg::Snapshot(Arc::new(picture(kind))),
        Event::Second(second) => Msg::Clock(NOW + Duration::from_secs(second.into())),
        Event::Click(column, row) => {
            let kind = if row % 2 == 0 { MouseEventKind::Down(MouseButton::Left) } else { MouseEventKind::ScrollDown };
            Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
        }
        Event::Answers(kind) => {
            for intent in std::mem::take(asked) {
                let message = answer(kind, &intent);
                asked.extend(message.map(|message| update(model, message)).unwrap_or_default());
            }
            return;
        }
    };
    asked.extend(update(model, message));
}

fn answer(kind: u8, intent: &Intent) -> Option<Msg> {
    match intent {
        Intent::Ask(number, _) => Some(Msg::Replied(
            *number,
            match kind % 4 {
                0 => Reply::Done,
                1 => Reply::Added(vec![TargetId(1)]),
                2 => Reply::Started(pictures::ATTEMPT),
                _ => Reply::Refused(Refusal::NotWritten("read-only file system\u{9b}".to_owned())),
            },
        )),
        Intent::Query(number, _) => Some(Msg::Answered(
            *number,
            match kind % 4 {
                0 => Answer::Failed("damaged".to_owned()),
                1 => Answer::Extent(Extent { checks: u64::MAX, outages: 1 }),
                2 => Answer::Outages(vec![pictures::outage(1, TargetId(1), "pg", NOW, Reason::Reset)]),
                _ => Answer::Detail(Box::default()),
            },
        )),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_can_happen_panics_or_lets_anything_hostile_through(
        events in prop::collection::vec(event(), 1..60),
        look in 0_usize..8,
    ) {
        let charset = if look % 2 == 0 { Charset::Unicode } else { Charset::Ascii };
        let settings = Settings { theme: Theme::ALL[look / 2], charset, ..settings() };
        let mut model = model(settings, fleet(), 80, 24);
        let mut asked = Vec::new();
        for event in events {
            happen(&mut model, event, &mut asked);
            let buffer = frame(&model, model.size.columns, model.size.rows);
            for cell in buffer.content() {
                prop_assert!(!cell.symbol().chars().any(is_hostile), "{:?}", cell.symbol());
            }
            prop_assert!(frame(&model, 40, 12).area.width == 40, "a terminal that has shrunk meanwhile");
        }
    }
}

#[test]
fn every_size_is_drawn() {
    let columns = [0, 1, 2, 3, 5, 10, 19, 20, 21, 38, 59, 60, 61, 79, 80, 99, 100, 101, 140, 159, 160, 161, 200, 300];
    let rows = [0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 15, 16, 23, 24, 29, 30, 31, 39, 40, 41, 50, 100];
    for keys in ["", "a", "?", ":", "d", "q", "o", "/x", "2", "3", "4", "l"] {
        let mut model = model(settings(), fleet(), 80, 24);
        press(&mut model, keys);
        for (columns, rows) in columns.into_iter().flat_map(|columns| rows.map(|rows| (columns, rows))) {
            update(&mut model, Msg::Resized(columns, rows));
            frame(&model, columns, rows);
        }
    }
}

/// Everything that a model remembers but how often it changed.
fn memory(model: &Model) -> String {
    let text = format!("{model:?}");
    text.rfind("revision").map_or(text.clone(), |end| text[..end].to_owned())
}

#[test]
fn every_key_of_the_table_does_something_in_each_of_its_views() {
    let mut idle = Vec::new();
    for (spec, view) in ACTIONS.iter().flat_map(|spec| spec.views.iter().map(move |view| (spec, *view))) {
        let is_here = matches!(
            (spec.action, view),
            (Action::ShowOutages, View::Outages)
                | (Action::ShowChecks, View::Checks)
                | (Action::ShowEvents, View::Events)
        );
        if is_here {
            continue;
        }
        for key in spec.keys {
            let mut model = in_view(view);
            let before = memory(&model);
            let key = match *key {
                name if name.chars().count() > 1 && !name.starts_with('^') => {
                    format!("<{}>", name.replace("shift-tab", "backtab"))
                }
                control if control.starts_with('^') => format!("<{control}>"),
                plain => plain.to_owned(),
            };
            let intents = press(&mut model, &key);
            if intents.is_empty() && memory(&model) == before {
                idle.push(format!("{} ({key}) in {view:?}", spec.name));
            }
        }
    }
    assert_eq!(idle, Vec::<String>::new());
}

fn closed(outage: Outage) -> Outage {
    Outage { closing: Some(Closing::Paused(NOW)), ..outage }
}

/// Each target with a second endpoint, so that there is something to turn to.
fn fleet_of_groups() -> Snapshot {
    let mut fleet = fleet();
    let mut targets: Vec<_> = fleet.targets.iter().cloned().collect();
    for target in targets.iter_mut().map(|view| Arc::make_mut(&mut Arc::make_mut(view).target)) {
        let (endpoint, id) = (target.definition.endpoints[0].clone(), target.id.0);
        target.definition.endpoints.push(endpoint);
        target.endpoint_ids.push(EndpointId(1_000 + id));
        target.round_id = Some(EndpointId(2_000 + id));
    }
    fleet.targets = targets.into();
    fleet
}

/// A view in the middle of its list, with something to do for every key.
fn in_view(view: View) -> Model {
    let (columns, rows) = match view {
        View::Detail => (80, 11),
        View::Chart => (80, 24),
        _ => (200, 50),
    };
    let mut model = model(settings(), fleet_of_groups(), columns, rows);
    update(&mut model, Msg::Notice(Notice::Sighted));
    press(&mut model, "jj<space>kk");
    let asked = match view {
        View::Targets => press(&mut model, "<tab>1"),
        View::Detail => press(&mut model, "jjl"),
        View::Outages => press(&mut model, "2"),
        View::Outage => press(&mut model, "2<enter>"),
        View::Checks => press(&mut model, "3<down><down>"),
        View::Events => press(&mut model, "4"),
        View::Chart => press(&mut model, "l<tab>"),
        View::OutagesOfTarget => press(&mut model, "l<tab><tab>"),
    };
    for intent in asked {
        if let Intent::Query(number, query) = intent {
            let outages: Vec<Outage> = (1..40)
                .map(|id| closed(pictures::outage(id, TargetId(1), "pg-primary", NOW, Reason::Refused)))
                .collect();
            let answer = match query {
                Query::Outage(id) => {
                    let asked = portpulse::tui::model::outages::find(&model, id).expect("it is known").clone();
                    Answer::Outage(Some(Box::new(evidence::incident(&asked, &[], NOW))))
                }
                Query::Detail { target, span, columns, .. } => {
                    let known = history::detail(target.0, usize::from(columns));
                    Answer::Detail(Box::new(query::Detail { span: Some(span), outages, ..known }))
                }
                Query::Uptimes { target, until } => Answer::Uptimes(Box::new(history::uptimes(target, until))),
                _ => Answer::Outages(outages),
            };
            update(&mut model, Msg::Answered(number, answer));
        }
    }
    // From there one can go up and down, back and forward, and scroll to either side.
    press(
        &mut model,
        match view {
            View::Targets => "jjjjjjjjjj",
            View::Detail => "<^d>",
            View::Chart => "hhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
            _ => "gjj",
        },
    );
    model
}

#[test]
fn ten_thousand_targets_make_no_row_out_of_sight() {
    let model = model(settings(), crowd(10_000, 0), 200, 50);
    assert_eq!(model.targets.shown.len(), 10_000);
    assert!(model.targets.picture.rows.len() <= 50);
    assert!(model.snapshot.targets.iter().all(|view| view.state == State::Up));
}
