//! The time of a target: how long, how far back, how close; what the cursor reads, and what is asked for it.

use super::dashboard;
use super::pictures::{NOW, fleet};
use super::session::Session;
use portpulse::domain::{GapCause, Remark, Span, Wall};
use portpulse::engine::Query;
use portpulse::engine::query::{Column, Source, Unseen, Why};
use portpulse::tui::model::View;
use portpulse::tui::{Intent, Msg, update};
use std::sync::Arc;
use std::time::Duration;

/// The detail of pg-primary over an hour.
fn hour(columns: u16, rows: u16) -> Session {
    let mut session = dashboard(columns, rows);
    session.press("j<enter>ttt");
    session
}

fn ago(minutes: u64) -> Wall {
    NOW - Duration::from_mins(minutes)
}

/// Which part of time is shown.
fn shown(session: &Session) -> Span {
    session.model.detail.sight.look().span(session.model.now)
}

fn span(from: u64, to: u64) -> Span {
    Span { from: ago(from), to: ago(to) }
}

/// A snapshot in which the check of pg-primary is newer by so much, and the time is that much later.
fn newer(session: &mut Session, by: Duration) -> Vec<Intent> {
    let mut snapshot = fleet();
    let at = session.model.clock + by;
    snapshot.version = session.model.snapshot.version + 1;
    let view = Arc::make_mut(&mut snapshot.targets[0]);
    Arc::make_mut(view.latest.as_mut().expect("a finished check")).check.at = at;
    let mut intents = update(&mut session.model, Msg::Clock(at));
    intents.extend(update(&mut session.model, Msg::Snapshot(Arc::new(snapshot))));
    intents
}

fn questions(intents: &[Intent]) -> (usize, usize) {
    let count = |is_such: fn(&Query) -> bool| {
        intents.iter().filter(|intent| matches!(intent, Intent::Query(_, query) if is_such(query))).count()
    };
    (count(|query| matches!(query, Query::Detail { .. })), count(|query| matches!(query, Query::Uptimes { .. })))
}

/// Takes half of the hour out of the history that is shown, for three reasons and for none.
pub fn hide(session: &mut Session) {
    let Some(history) = session.model.detail.history.as_mut() else { return };
    let spans = [(60, 50, Why::Gap(GapCause::NotRunning)), (50, 45, Why::Paused), (39, 37, Why::Gap(GapCause::Blind))];
    history.unseen = spans.map(|(from, to, why)| Unseen { span: span(from, to), why }).to_vec();
    let half = history.columns.len() / 2;
    history.columns[..half].fill(Column::default());
    session.model.touch();
}

#[test]
fn each_length_has_its_axis() {
    let mut session = dashboard(80, 24);
    session.press("j<enter>");
    session.shows("1h [24h] 7d").shows("19 Nov 14:32    20:32");
    session.press("t").shows("24h [7d] 31d").shows("13 Nov 14:32   15 Nov").shows(" 7d   ");
    session.press("t").shows("7d [31d]  t next").shows("20 Oct 14:32").shows(" 31d  p50 6.1ms");
    session.press("t").shows("[1h] 24h").shows("13:32           13:47");
}

#[test]
fn steps_lead_back_and_forward_and_the_past_is_never_taken_for_the_present() {
    let mut session = hour(80, 24);
    session.press("[");
    assert_eq!(shown(&session), span(90, 30));
    session.shows("13:02:07 to 14:02:07").shows("1h long").hides("[1h]");
    session.press("[").shows("12:32:07 to 13:32:07");
    session.press("]]").shows("[1h] 24h").hides("long  ");
    session.press("]").shows("there is nothing newer");
    session.press("[[<esc>").shows("[1h] 24h").shows("portpulse › pg-primary");
    session.press("<esc>").hides("portpulse › ");
}

#[test]
fn nothing_is_shown_from_before_the_oldest_check() {
    let mut session = dashboard(80, 24);
    session.press("j<enter>tt[").shows("nothing is known from before 20 Oct 14:32:07").shows("[31d]");
}

#[test]
fn what_stands_still_is_asked_for_once_and_does_not_move() {
    let mut session = hour(80, 24);
    session.press("[");
    let before = session.screen();
    for _ in 0..90 {
        assert_eq!(questions(&newer(&mut session, Duration::from_secs(1))), (0, 0));
    }
    let after = session.screen();
    let body = |screen: &str| screen.lines().skip(2).take(13).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(body(&before), body(&after));
    session.press("]");
    assert_eq!(shown(&session).to, session.model.now, "back at the present");
}

#[test]
fn a_newer_check_is_asked_for_as_soon_as_it_can_be_seen() {
    for (keys, wait) in [("ttt", 1), ("", 5), ("t", 30), ("tt", 60)] {
        let mut session = dashboard(80, 24);
        session.press("j<enter>").press(keys);
        let mut asked = (0, 0);
        for _ in 0..wait - 1 {
            let (details, uptimes) = questions(&newer(&mut session, Duration::from_secs(1)));
            asked = (asked.0 + details, asked.1 + uptimes);
        }
        assert_eq!(asked, (0, 0), "{wait} s");
        let intents = newer(&mut session, Duration::from_secs(1));
        assert_eq!(questions(&intents).0, 1, "{wait} s");
        let (details, _) = questions(&newer(&mut session, Duration::from_mins(2)));
        assert_eq!(details, 0, "one question at a time");
    }
}

#[test]
fn the_cursor_reads_what_stands_in_its_column() {
    let mut session = hour(80, 24);
    session.press("<tab>");
    session.shows("14:31:17 to 14:32:07   5 checks   5 failed, the last one: refused");
    session.press("<home>").shows("13:32:07 to 13:32:57   5 checks   5 open: min 3.5ms median 7.0ms max 14ms");
    session.press("llllll").shows("13:37:07 to 13:37:57");
    session.press("h<left>").shows("13:35:27 to 13:36:17");
    session.press("<end>").shows("in the outage since 14:27:55");
    assert_eq!(session.model.view, View::Detail, "h and left do not leave");
    session.press("<esc>").hides("5 checks   ");
}

#[test]
fn what_nobody_saw_says_why() {
    let mut session = hour(80, 24);
    hide(&mut session);
    let row = session.row(" 1ms┤");
    assert!(row.starts_with("  1ms┤············‖‖‖‖‖‖·······???·"), "{row}");
    session.press("<tab><home>").shows("portpulse did not run 13:32:07 to 13:42:07");
    session.press("<^d>lll").shows("paused 13:42:07 to 13:47:07");
}

#[test]
fn what_somebody_wrote_stands_on_the_axis_and_is_read() {
    let mut session = hour(80, 24);
    let history = session.model.detail.history.as_mut().expect("history");
    history.remarks = vec![Remark { about: ago(30), target: None, text: "deployed 2.1 everywhere".to_owned() }];
    let axis = session.row("└─");
    assert_eq!(axis.chars().position(|mark| mark == '◆'), Some(6 + 36), "{axis}");
    session.press("<tab><home>").press(&"l".repeat(36)).shows("◆ deployed 2.1 everywhere");
}

#[test]
fn zooming_in_nests_and_each_escape_undoes_one_level() {
    let mut session = hour(80, 24);
    session.press("<tab><home><space>").press(&"l".repeat(35));
    session.shows("30m00s marked");
    session.press("<enter>");
    assert_eq!(shown(&session), span(60, 30));
    session.shows("13:32:07 to 14:02:07").shows(" 30m  p50");
    session.press("<home><enter>");
    assert_eq!(shown(&session), span(60, 55), "without a mark: a sixth around the cursor");
    session.press("<esc>");
    assert_eq!(shown(&session), span(60, 30));
    session.press("<esc>").shows("[1h]").shows("Space mark");
    session.press("<esc>").hides("Space mark").shows("portpulse › pg-primary");
    session.press("<esc>").hides("portpulse › ");
}

#[test]
fn nothing_is_closer_than_a_minute() {
    let mut session = hour(80, 24);
    session.press("<tab><enter><enter><enter><enter>");
    session.shows("there is nothing to see from closer");
    assert!(shown(&session).length() >= Duration::from_mins(1));
}

#[test]
fn an_outage_is_told_in_full_and_zoomed_into() {
    let mut session = hour(80, 24);
    session.press("<tab><tab>j").shows(">● over     19 Nov 21:10:15");
    session.shows("started 2026-11-19 21:10:15").shows("ended 21:15:49, confirmed 21:15:59");
    session.press("j").shows("ended unseen between").shows("6m40s of it unwatched");
    session.press("k<enter>").shows("19 Nov 21:00:15 to 21:25:49").shows("Space mark");
    session.press("<esc><esc>").shows("[1h]");
}

#[test]
fn other_targets_are_compared_at_the_same_time() {
    let mut session = hour(80, 24);
    session.press("[[k").shows("portpulse › kafka-3").shows("12:32:07 to 13:32:07");
    session.press("<esc><esc><enter>").shows("[1h] 24h");
}

#[test]
fn what_does_not_fit_can_be_scrolled_to() {
    for (columns, rows) in [(80, 24), (60, 10)] {
        let mut session = hour(columns, rows);
        session.hides("failover:").shows("PgDn ");
        session.press("<pgdn><pgdn><pgdn><pgdn>").shows("failover:").hides(" more");
        session.press("<pgup><pgup><pgup><pgup>").shows("LATENCY").shows(" more");
    }
}

#[test]
fn a_low_screen_gives_all_of_it_to_what_has_the_keys() {
    let mut session = hour(60, 10);
    session.press("<tab>").shows("1ms┤").shows("5 failed, the last one: refused").hides("every 10s");
    session.press("<tab>").shows("started 2026-11-20 14:27:55").hides("1ms┤");
    let mut session = hour(80, 24);
    session.press("<tab>z").shows("300┤").hides("every 10s");
    session.press("z").shows("every 10s");
}

#[test]
fn latencies_that_are_kept_coarse_are_marked() {
    let mut session = hour(120, 35);
    session.shows("p50 6.1ms").shows("max 412ms");
    let history = session.model.detail.history.as_mut().expect("a history");
    history.summary.latency.as_mut().expect("connections").source = Source::Coarse;
    session.model.touch();
    session.shows("p50 ~6.1ms").shows("max ~412ms").shows("~ latency to 0.4 %");
}
