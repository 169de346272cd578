//! Outages from the keyboard: finding one, opening it, what it leads to, notes and reports.

use super::dashboard;
use super::pictures::NOW;
use super::session::Session;
use portpulse::domain::{OutageId, Span, TargetId, Wall};
use portpulse::engine::Query;
use portpulse::exchange::file::Taken;
use portpulse::monitor::Command;
use portpulse::tui::model::incident::RowKey;
use portpulse::tui::model::{Pending, View};
use portpulse::tui::settings::Access;
use portpulse::tui::{Intent, Msg, update};
use std::path::Path;
use std::time::Duration;

/// The names of the listed outages, in order.
fn listed(session: &Session) -> Vec<String> {
    let screen = session.screen();
    let rows = screen.lines().skip_while(|line| !line.contains("STARTED")).skip(1);
    let names = rows.filter(|line| line.contains(" Nov ")).map(|line| line[1..].split_whitespace().nth(1));
    names.map(|name| name.expect("a name").to_owned()).collect()
}

#[test]
fn outages_are_ordered_by_start_length_target_and_reason() {
    let mut session = dashboard(80, 24);
    session.press("2");
    let expected = [
        ["pg-primary", "kafka-3", "pg-primary", "vpn-us", "vpn-us", "git-ssh-whic…"],
        ["kafka-3", "vpn-us", "pg-primary", "vpn-us", "pg-primary", "git-ssh-whic…"],
        ["git-ssh-whic…", "kafka-3", "pg-primary", "pg-primary", "vpn-us", "vpn-us"],
        ["pg-primary", "kafka-3", "pg-primary", "vpn-us", "vpn-us", "git-ssh-whic…"],
    ];
    for (order, names) in expected.into_iter().enumerate() {
        assert_eq!(listed(&session), names, "order {order}: {}", session.screen());
        session.press("S");
        let mut reversed = names;
        reversed.reverse();
        assert_eq!(listed(&session), reversed, "order {order} reversed: {}", session.screen());
        session.press("Ss");
    }
}

#[test]
fn outages_are_found_by_words_and_by_facts() {
    let mut session = dashboard(80, 24);
    session.press("2");
    for (filter, names) in [
        ("vpn", &["vpn-us", "vpn-us"][..]),
        ("reason:timeout", &["kafka-3", "pg-primary"]),
        ("reason:timed", &["kafka-3", "pg-primary"]),
        ("state:open", &["pg-primary", "kafka-3"]),
        ("state:over reason:dns", &["vpn-us"]),
        ("port:9092", &["kafka-3"]),
        ("!state:open !vpn", &["pg-primary", "git-ssh-whic…"]),
        ("host:db1 state:over", &["pg-primary"]),
    ] {
        session.press("/").press("<^u>").press(&filter.replace(' ', "<space>")).press("<enter>");
        assert_eq!(listed(&session), names, "{filter}: {}", session.screen());
    }
    session.press("/<^u>nowhere<enter>");
    session.shows("no outage matches the filter: Esc clears it");
    session.press("<esc>");
    assert_eq!(listed(&session).len(), 6);
}

#[test]
fn the_list_looks_back_a_day_a_week_and_a_month() {
    let mut session = dashboard(80, 24);
    session.press("2").shows("6 in 24h").shows("nobody watched");
    session.press("t").shows("6 in 7d").shows("3d12h").shows("no outage");
    session.press("t").shows("6 in 31d").shows("15d");
    session.press("t").shows("6 in 24h");
    session.press("1t").shows("vpn-us");
    assert_eq!(session.model.outages.length.name(), "24h", "the window of the dashboard is its own");
}

#[test]
fn an_outage_opens_its_evidence_and_that_its_target() {
    let mut session = dashboard(80, 24);
    session.press("2j");
    assert!(session.row("41m05s+").starts_with('>'), "{}", session.screen());
    session.press("<enter>");
    session.shows("portpulse › outage of kafka-3").shows("same network 10.4.7.0/24").shows("smtp-relay");
    session.press("<tab>");
    assert!(session.row("smtp-relay").starts_with('>'), "{}", session.screen());
    session.press("<backtab>");
    assert!(session.row("1st failure").starts_with('>'), "{}", session.screen());
    session.press("<enter>");
    session.shows("portpulse › kafka-3");
    let shown = session.model.detail.sight.look().span(NOW);
    assert_eq!((shown.from, shown.to), (NOW - Duration::from_secs(2_465 + 600), NOW));
    session.press("<esc><esc>");
    session.shows("portpulse › outage of kafka-3");
    session.press("<esc>");
    session.shows("portpulse › outages");
    session.press("d");
    session.shows("portpulse › kafka-3");
}

#[test]
fn what_failed_together_leads_to_its_own_target() {
    let mut session = dashboard(80, 24);
    session.press("2j<enter>gd");
    session.shows("portpulse › smtp-relay");
}

#[test]
fn the_selection_walks_over_the_headings_and_keeps_its_line() {
    let mut session = dashboard(80, 24);
    session.press("2j<enter>g");
    let selected = |session: &Session| session.model.incident.list.selected.expect("a line");
    assert_eq!(selected(&session), RowKey::Together(OutageId(21)));
    session.press("jj");
    assert!(matches!(selected(&session), RowKey::Entry(..)), "{:?}", selected(&session));
    session.press("k");
    assert_eq!(selected(&session), RowKey::Together(OutageId(22)));
    session.press("<tab>jjj");
    let here = selected(&session);
    session.press(":note!<space>@13:45<space>a<space>note<space>from<space>before<enter>");
    session.happens(Msg::Clock(Wall(NOW.0 + 6_000)));
    assert_eq!(selected(&session), here, "a line that came before it moves nothing");
    session.shows("a note from before");
    session.press("G");
    let last = session.screen();
    session.press("jjj<pgdn>");
    assert_eq!(session.screen(), last, "the end is the end");
}

#[test]
fn evidence_is_asked_for_at_its_pace_while_it_can_grow_and_no_more_after() {
    let mut session = dashboard(80, 24);
    session.press("2j<enter>");
    let asked = |model: &mut _, seconds: u64| {
        let intents = update(model, Msg::Clock(NOW + Duration::from_secs(seconds)));
        intents.iter().filter(|intent| matches!(intent, Intent::Query(_, Query::Outage(_)))).count()
    };
    assert_eq!(asked(&mut session.model, 4), 0);
    assert_eq!(asked(&mut session.model, 6), 1);
    assert!(session.model.requests.is_waiting(&Pending::Outage(OutageId(2))));
    assert_eq!(asked(&mut session.model, 20), 0, "one question at a time");
    let mut over = dashboard(80, 24);
    over.press("2jj<enter>");
    assert_eq!((1..40).map(|step| asked(&mut over.model, 5 * step)).sum::<usize>(), 0, "it ended hours ago");
}

#[test]
fn notes_are_written_on_one_timeline_or_on_all_and_about_any_moment() {
    let mut session = dashboard(80, 24);
    session.press("j:note<space>restarted<space>it<enter>");
    session.shows("noted on the timeline of pg-primary");
    session.press("2j:note!<space>@14:00<space>deploy<enter>");
    session.press(":note<space>@19<space>nov<space>02:14<space>disk<enter>");
    session.press(":note<space>@25:00<space>never<enter>").shows("`25:00` is no moment");
    session.press(":note<space>@2030-01-01<space>later<enter>").shows("that is still to come");
    session.press(":note<enter>").shows("write what there is to say");
    let at =
        |text: &str| Some(portpulse::domain::parse_moment(text, NOW, session.model.settings.zone).expect("a moment"));
    let note = |target: Option<u32>, about, text: &str| Command::Remark {
        target: target.map(TargetId),
        about,
        text: text.to_owned(),
    };
    assert_eq!(
        session.commands,
        [
            note(Some(1), None, "restarted it"),
            note(None, at("14:00"), "deploy"),
            note(Some(2), at("19 Nov 02:14"), "disk"),
        ]
    );
    session.press("4").shows("note: restarted it").shows("all targets").shows("note about 14:00:00: deploy");
}

#[test]
fn marked_targets_get_a_note_each() {
    let mut session = dashboard(80, 24);
    session.press("<space><space>:note<space>rack<space>4<enter>");
    assert_eq!(session.commands.len(), 2, "{:?}", session.commands);
    session.shows("noted on the timeline of 2 targets");
}

#[test]
fn a_note_is_taken_back_after_a_question() {
    let mut session = dashboard(120, 35);
    session.press("2j<enter>:note<space>@13:55<space>wrong<space>host<enter>");
    session.shows("* note: wrong host").shows("NOTES");
    session.press("gx").shows("that is no note");
    session.press("<tab>x").shows("Take back?").shows("wrong host");
    session.press("n").shows("kept the note");
    assert_eq!(session.commands.len(), 1);
    session.press("xy").shows("took the note back");
    session.hides("* note: wrong host").hides("NOTES");
    session.press("4gjx").shows("that note was taken back already");
}

#[test]
fn a_note_of_the_log_is_taken_back_there_too() {
    let mut session = dashboard(80, 24);
    session.press(":note!<space>oops<enter>4x").shows("The note of 20 Nov 14:32:07 on all targets:");
    session.press("y").shows("took back the note: oops");
    assert!(matches!(session.commands.last(), Some(Command::WithdrawRemark { target: None, .. })));
}

#[test]
fn who_may_only_look_writes_no_notes() {
    let mut session = dashboard(80, 24);
    session.model.settings.access = Access::ReadOnly;
    session.press(":note<space>hello<enter>").shows("read-only");
    assert!(session.commands.is_empty());
}

#[test]
fn a_long_note_is_read_in_full() {
    let mut session = dashboard(80, 24);
    let words = "word<space>".repeat(60);
    session.press(&format!("2j<enter>:note<space>@13:55<space>first<space>{words}finis<enter>")).hides("finis");
    session.press("g<tab>").shows("finis");
}

/// The one file that the screen wants.
fn file(session: &Session) -> (&Path, &str, Taken) {
    match session.wanted.as_slice() {
        [Intent::WriteFile { path, text, taken }] => (path, text, *taken),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_report_covers_what_is_asked_for_and_goes_to_a_file_of_its_own() {
    let zone = super::pictures::settings().zone;
    let at = |text: &str| portpulse::domain::parse_moment(text, NOW, zone).expect("a moment");
    let ago = |seconds: u64| NOW - Duration::from_secs(seconds);
    for (keys, name, from, to) in [
        (":report<enter>", "portpulse-report-2026-11-19T1432.md", ago(86_400), NOW),
        ("2j:report<enter>", "portpulse-report-2026-11-20T1341.md", ago(2_465 + 600), NOW),
        ("2jj<enter>:report<enter>", "portpulse-report-2026-11-19T2100.md", ago(62_512 + 600), ago(62_178 - 600)),
        (":report<space>-2h<enter>", "portpulse-report-2026-11-20T1232.md", ago(7_200), NOW),
        (":report<space>02:00<space>03:00<space>night.md<enter>", "night.md", at("02:00"), at("03:00")),
        (
            ":report<space>yesterday<space>22:00<space>19<space>Nov<space>23:00<space>a<space>b.md<enter>",
            "a b.md",
            at("yesterday 22:00"),
            at("19 Nov 23:00"),
        ),
        (":report<space>/tmp/x.md<enter>", "/tmp/x.md", ago(86_400), NOW),
    ] {
        let mut session = dashboard(80, 24);
        session.press(keys);
        let (path, text, taken) = file(&session);
        let span = Span { from, to };
        assert_eq!(path, Path::new(name), "{keys}");
        assert_eq!(taken, if name.starts_with("portpulse") { Taken::Next } else { Taken::Refuse }, "{keys}");
        let told = format!("- Span: {} to {}, ", zone.rfc3339(span.from), zone.rfc3339(span.to));
        assert!(text.contains(&told), "{keys}: {told} is not in\n{text}");
    }
}

#[test]
fn a_report_says_where_it_is_or_why_not() {
    let mut session = dashboard(80, 24);
    session.press(":report<space>03:00<space>02:00<enter>").shows("runs backwards");
    session.press(":report<space>tomorrow<enter>").shows("`tomorrow` is no moment");
    assert!(session.wanted.is_empty(), "{:?}", session.wanted);
    session.happens(Msg::Wrote(Ok("/home/x/night.md".into()))).shows("wrote /home/x/night.md");
    session.happens(Msg::Wrote(Err("/night.md: permission denied".to_owned()))).shows("permission denied");
}

#[test]
fn thousands_of_outages_can_be_walked_through() {
    let many: Vec<_> = (0..5_000_u64)
        .map(|id| {
            super::history::closed(
                100 + id,
                TargetId(1),
                "pg-primary",
                NOW - Duration::from_secs(500 + 60 * id),
                30,
                portpulse::domain::Reason::Refused,
            )
        })
        .collect();
    let mut session = dashboard(80, 24).with_outages(many);
    session.press("2").shows("5 002 in 24h");
    session.press("G<pgup>");
    assert_eq!(session.model.view, View::Outages);
    assert!(session.model.outages.list.offset > 4_900, "{}", session.model.outages.list.offset);
    session.press("g").shows("14:27:55");
}
