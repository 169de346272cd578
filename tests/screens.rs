//! What people see: every screen at four sizes as reviewed pictures, and keys in, screen out.

// `INSTA_UPDATE=always cargo test --test screens` writes the pictures anew; look at each before you keep it.
// Below the `~` of a picture stand the roles: one letter for each cell of a row that is not plain text.

#[path = "support/evidence.rs"]
mod evidence;
#[path = "screens/export.rs"]
mod export;
#[path = "screens/flows.rs"]
mod flows;
#[path = "screens/group.rs"]
mod group;
#[path = "support/history.rs"]
mod history;
#[path = "screens/hostile.rs"]
mod hostile;
#[path = "screens/maintenance.rs"]
mod maintenance;
#[path = "screens/outages.rs"]
mod outages;
#[path = "screens/past.rs"]
mod past;
#[path = "support/pictures.rs"]
mod pictures;
#[path = "support/session.rs"]
mod session;
#[path = "screens/states.rs"]
mod states;
#[path = "screens/time.rs"]
mod time;

use pictures::{NOW, failure, fleet, settings};
use portpulse::domain::{Mono, Now, Outcome, Phase, Reason, Try, Wall};
use portpulse::monitor::{Recording, Sight, Snapshot};
use portpulse::tui::glyphs::Charset;
use portpulse::tui::theme::Theme;
use portpulse::tui::{Msg, Settings};
use session::Session;
use std::time::Duration;

/// The sizes that the design draws, and one below the smallest table.
const SIZES: [(u16, u16); 4] = [(80, 24), (120, 35), (200, 50), (40, 10)];

/// Compares the picture of a scene at each size with the reviewed one, and what is left of it on a
/// terminal without colours that has only ASCII.
fn at_each_size(name: &str, scene: impl Fn(u16, u16) -> Session) {
    for (columns, rows) in SIZES {
        let mut session = scene(columns, rows);
        picture(&format!("{name}_{columns}x{rows}"), &session);
        (session.model.settings.charset, session.model.settings.theme) = (Charset::Ascii, Theme::Mono);
        session.happens(Msg::Resized(columns, rows));
        assert!(session.screen().is_ascii(), "{}", session.screen());
        picture(&format!("{name}_ascii_mono_{columns}x{rows}"), &session);
    }
}

fn picture(name: &str, session: &Session) {
    let mut insta = insta::Settings::clone_current();
    insta.set_prepend_module_to_snapshot(false);
    insta.set_omit_expression(true);
    insta.bind(|| insta::assert_snapshot!(name, session.picture()));
}

/// The fleet of the mock-ups on the dashboard.
fn dashboard(columns: u16, rows: u16) -> Session {
    Session::new(settings(), fleet(), columns, rows)
}

/// The same after these keys.
fn after(keys: &'static str) -> impl Fn(u16, u16) -> Session {
    move |columns, rows| {
        let mut session = dashboard(columns, rows);
        session.press(keys);
        session
    }
}

/// The same with a changed snapshot.
fn with(change: impl Fn(&mut Snapshot)) -> impl Fn(u16, u16) -> Session {
    move |columns, rows| {
        let mut session = dashboard(columns, rows);
        session.change(&change);
        session
    }
}

/// Without colours, on a terminal that has only ASCII.
fn plain() -> Settings {
    Settings { theme: Theme::Mono, charset: Charset::Ascii, ..settings() }
}

#[test]
fn the_dashboard() {
    at_each_size("dashboard", dashboard);
}

#[test]
fn the_empty_dashboard() {
    let now = Now { mono: Mono(1), wall: NOW };
    at_each_size("empty", |columns, rows| Session::new(settings(), Snapshot::empty(now), columns, rows));
}

#[test]
fn a_week_and_a_month_of_all_targets() {
    picture("dashboard_week_120x35", &after("t")(120, 35));
    picture("dashboard_month_120x35", &after("tt")(120, 35));
}

#[test]
fn a_target_in_full() {
    at_each_size("detail", after("j<enter>ttt"));
}

#[test]
fn outages_on_a_low_screen_keep_their_reasons_and_figures() {
    picture("outages_60x10", &after("2")(60, 10));
    picture("outage_60x10", &after("2j<enter>")(60, 10));
}

#[test]
fn the_past_of_a_target() {
    at_each_size("detail_past", after("j<enter>tttt[["));
}

#[test]
fn a_target_under_the_cursor() {
    at_each_size("detail_cursor", after("j<enter>ttt<tab><home><space><pgdn><pgdn>l"));
    picture("detail_chart_alone_80x24", &after("j<enter>ttt<tab>z")(80, 24));
    picture("detail_low_60x10", &after("j<enter>ttt")(60, 10));
    picture("detail_cursor_60x10", &after("j<enter>ttt<tab>hhhhh")(60, 10));
}

#[test]
fn the_outages_of_a_target() {
    at_each_size("detail_outages", after("j<enter>t<tab><tab>jj"));
}

#[test]
fn what_nobody_saw_of_a_target() {
    at_each_size("detail_unseen", |columns, rows| {
        let mut session = after("j<enter>ttt")(columns, rows);
        time::hide(&mut session);
        session
    });
}

#[test]
fn a_target_on_a_linear_scale() {
    picture("detail_linear_80x24", &after("j<enter>tttL")(80, 24));
}

#[test]
fn a_target_with_several_addresses_of_which_one_fails() {
    let several = with(|snapshot| {
        let view = std::sync::Arc::make_mut(&mut snapshot.targets[0]);
        let latest = std::sync::Arc::make_mut(view.latest.as_mut().expect("a finished check"));
        let open = Outcome::Open(portpulse::domain::Timing {
            connect: Duration::from_micros(6_100),
            clocked: portpulse::domain::Clocked::Kernel,
            syn_lost: 1,
        });
        let address = |text: &str| text.parse().expect("an address");
        latest.finding.tries = vec![
            Try { address: address("10.4.1.12"), outcome: open },
            Try { address: address("10.4.1.13"), outcome: Outcome::Failed(failure(Reason::TimedOut)) },
            Try { address: address("2001:db8:7::33"), outcome: Outcome::Failed(failure(Reason::NetworkUnreachable)) },
        ];
        (latest.finding.outcome, latest.check.outcome) = (open, open);
    });
    let mut session = several(80, 24);
    session.press("j<enter>ttt");
    picture("detail_addresses_80x24", &session);
}

#[test]
fn a_target_whose_history_is_not_read_yet() {
    let mut session = dashboard(80, 24);
    session.press("j<enter>");
    session.model.detail.history = None;
    picture("detail_unread_80x24", &session);
}

#[test]
fn outages_of_all_targets() {
    at_each_size("outages", after("2j"));
    picture("outages_none_80x24", &{
        let quiet = |snapshot: &mut Snapshot| snapshot.targets = snapshot.targets.iter().skip(2).cloned().collect();
        let mut session = with(quiet)(80, 24).with_outages(Vec::new());
        session.press("2");
        session
    });
}

#[test]
fn outages_of_a_month_by_reason() {
    picture("outages_month_80x24", &after("2ttsss/!state:removed<enter>")(80, 24));
}

#[test]
fn one_outage_with_its_evidence() {
    at_each_size("outage", |columns, rows| {
        let mut session = dashboard(columns, rows);
        session.press(":note!<space>@13:52<space>deploy<space>of<space>release<space>41<enter>");
        session
            .press("2j<enter>")
            .press(":note<space>@13:51:30<space>called<space>the<space>network<space>team<enter>");
        session.happens(Msg::Clock(Wall(NOW.0 + 6_000)));
        session
    });
    picture("outage_over_80x24", &after("2jj<enter>G")(80, 24));
    picture("outage_unread_80x24", &{
        let mut session = after("2j<enter>")(80, 24);
        session.model.incident.known = None;
        session
    });
}

#[test]
fn events() {
    at_each_size("events", after("4j"));
}

#[test]
fn an_instant_check_that_runs() {
    at_each_size("check_running", |columns, rows| {
        let mut session = dashboard(columns, rows);
        session.press("ikafka.example.net:9092<enter>");
        let addresses = ["10.4.7.33", "10.4.7.34", "2001:db8:7::33"].map(|text| text.parse().expect("an address"));
        let outcome = Outcome::Failed(failure(Reason::NetworkUnreachable));
        session.phase(Phase::Resolved { addresses: addresses.to_vec(), took: Duration::from_millis(12) });
        session.phase(Phase::Tried(Try { address: addresses[2], outcome }));
        session.passes(Duration::from_millis(1_400));
        session
    });
}

#[test]
fn instant_checks_that_ended() {
    at_each_size("check_history", after("3<tab>j"));
    picture("check_typing_80x24", &after("3db1:5432,6432")(80, 24));
    picture("check_mistake_80x24", &after("3db1:99999")(80, 24));
    picture("check_clear_80x24", &after("3<tab>x")(80, 24));
}

#[test]
fn the_form_of_a_new_target() {
    at_each_size("add", after("adb1.prod.example:5432"));
}

#[test]
fn the_form_of_a_known_target() {
    at_each_size("edit", after("je"));
}

#[test]
fn the_question_before_a_removal() {
    at_each_size("delete", after("jd"));
    picture("delete_many_80x24", &after("<space>j<space>j<space>d")(80, 24));
}

#[test]
fn the_filter() {
    at_each_size("filter", after("/db|redis"));
    picture("filter_nothing_80x24", &after("/nowhere<enter>")(80, 24));
}

#[test]
fn the_command_line() {
    at_each_size("command", after(":e<tab>"));
}

#[test]
fn the_help() {
    at_each_size("help", after("?"));
}

#[test]
fn the_question_before_leaving() {
    at_each_size("quit", after("q"));
}

#[test]
fn the_note_in_full() {
    picture("note_80x24", &after("jo")(80, 24));
}

#[test]
fn blindness() {
    let since = Wall(NOW.0 - 95_000);
    let why = "this machine has no route to anything".to_owned();
    let sight = Sight::Blind { since, why, scope: "everything".to_owned() };
    at_each_size("blind", with(move |snapshot| snapshot.sight = sight.clone()));
}

#[test]
fn history_that_is_not_recorded() {
    let why = "no space left on device (os error 28)".to_owned();
    let recording = Recording::Failing { since: Wall(NOW.0 - 600_000), why, waiting: 1_200, lost: 0 };
    at_each_size("not_recording", with(move |snapshot| snapshot.recording = recording.clone()));
}

#[test]
fn a_configuration_that_is_wrong() {
    let why = "portpulse.toml, line 7, column 1: unknown key `intervall`; did you mean `interval`?";
    at_each_size("configuration", with(|snapshot| snapshot.configuration_error = Some(why.to_owned())));
}

#[test]
fn a_frozen_screen() {
    at_each_size("frozen", |columns, rows| {
        let mut session = after("f")(columns, rows);
        session.passes(Duration::from_secs(61));
        session
    });
}

#[test]
fn without_colours_or_in_ascii() {
    let mono = Settings { theme: Theme::Mono, ..settings() };
    picture("dashboard_mono_80x24", &Session::new(mono, fleet(), 80, 24));
    let blind = Settings { theme: Theme::ColourBlind, ..settings() };
    picture("dashboard_cb_80x24", &Session::new(blind, fleet(), 80, 24));
    let ascii = Settings { charset: Charset::Ascii, ..settings() };
    picture("dashboard_ascii_80x24", &Session::new(ascii, fleet(), 80, 24));
}
