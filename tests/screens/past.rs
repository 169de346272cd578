//! The whole table as it was: the way there, what it shows, what it refuses, and the way back.

use super::at_each_size;
use super::pictures::{NOW, fleet, press, settings};
use super::session::Session;
use portpulse::domain::{Now, Outage, OutageId, Reason, TargetId, Wall};
use portpulse::engine::Query;
use portpulse::engine::query::{AsOf, Depth};
use portpulse::monitor::{Mark, Notice, Snapshot, Soft, State};
use portpulse::tui::settings::{Settings, Switch};
use portpulse::tui::{Intent, Msg, update};
use std::sync::Arc;
use std::time::Duration;

/// An earlier state of the fleet: the problems of today were fine, others were down, failing or unwatched.
fn earlier(now: &Snapshot, at: Wall, depth: Depth) -> AsOf {
    let mut picture = Snapshot { at: Now { wall: at, ..now.at }, events: Arc::default(), ..now.clone() };
    let since = at - Duration::from_mins(12);
    let mut targets: Vec<_> = picture.targets.iter().cloned().collect();
    for (place, view) in targets.iter_mut().enumerate() {
        let view = Arc::make_mut(view);
        (view.state, view.soft, view.outage) = (State::Up, Soft::Steady, None);
        view.since = at - Duration::from_hours(50);
        match place {
            9 => {
                (view.state, view.since) = (State::Down, since);
                view.outage = Some(Arc::new(outage(view.target.id, since)));
            }
            10 => view.soft = Soft::Failing { count: 1, of: 3, reason: Reason::Refused, since },
            11..14 => view.recent = view.recent.iter().copied().chain([Mark::Gap]).collect(),
            _ => {}
        }
        if depth == Depth::States {
            (view.hour, view.day) = Default::default();
        }
    }
    picture.targets = targets.into();
    let hour = Duration::from_hours(1);
    let (before, after) = (Some(at - hour), Some(at + hour).filter(|after| *after < NOW));
    AsOf { at, depth, picture: Some(Arc::new(picture)), begins: None, before, after, forgotten: 0 }
}

fn outage(target: TargetId, since: Wall) -> Outage {
    Outage {
        id: OutageId(7),
        target,
        name: "gone".to_owned(),
        started_at: since,
        detected_at: since + Duration::from_secs(20),
        last_failure_at: since + Duration::from_mins(1),
        closing: None,
        reason: Reason::TimedOut,
        failures: [0, 4, 0, 0, 0, 0, 0, 0],
        inconclusive: 0,
        unobserved: Duration::ZERO,
    }
}

fn session(columns: u16, rows: u16) -> Session {
    Session::new(settings(), fleet(), columns, rows).with_past(Box::new(earlier))
}

fn after(keys: &'static str) -> impl Fn(u16, u16) -> Session {
    move |columns, rows| {
        let mut session = session(columns, rows);
        session.press(keys);
        session
    }
}

#[test]
fn the_dashboard_of_the_past() {
    at_each_size("past", after("["));
}

#[test]
fn a_target_in_the_past() {
    at_each_size("past_detail", after("[<enter>"));
}

#[test]
fn steps_lead_back_and_forward_and_the_present_is_where_they_end() {
    let mut session = session(120, 35);
    for (key, shown) in [
        ("[", "AS IT WAS at Fri 20 Nov 14:30:00 UTC+1"),
        ("[", "AS IT WAS at Fri 20 Nov 14:20:00 UTC+1"),
        ("t[", "AS IT WAS at Fri 20 Nov 14:00:00 UTC+1"),
        ("t[", "AS IT WAS at Fri 20 Nov 12:00:00 UTC+1"),
        ("t:at 14:20<enter>[", "AS IT WAS at Fri 20 Nov 14:19:00 UTC+1"),
        ("{", "AS IT WAS at Fri 20 Nov 13:19:00 UTC+1"),
        ("}", "AS IT WAS at Fri 20 Nov 14:19:00 UTC+1"),
        ("t]", "AS IT WAS at Fri 20 Nov 14:20:00 UTC+1"),
    ] {
        session.press(key).shows(shown);
    }
    session.press("}").hides("AS IT WAS").shows("nothing has changed since");
    session.press("[").shows("PAST 14:30:00");
    session.press("]").hides("AS IT WAS").hides("PAST");
    session.press("]").shows("there is nothing later");
}

#[test]
fn a_moment_can_be_written() {
    let mut session = session(80, 24);
    for (written, shown) in [
        (":at 02:14<enter>", "AS IT WAS at Fri 20 Nov 02:14:00 UTC+1"),
        (":at 14:40<enter>", "AS IT WAS at Thu 19 Nov 14:40:00 UTC+1"),
        (":at yesterday 02:00<enter>", "AS IT WAS at Thu 19 Nov 02:00:00 UTC+1"),
        (":at 2026-11-19 02:00:30<enter>", "AS IT WAS at Thu 19 Nov 02:00:30 UTC+1"),
        (":at -2h<enter>", "AS IT WAS at Fri 20 Nov 12:32:07 UTC+1"),
        (":at 2026-11-19T02:00:00Z<enter>", "AS IT WAS at Thu 19 Nov 03:00:00 UTC+1"),
        (":at later<enter>", "write 02:14, yesterday 02:14"),
        (":at 2027-01-01<enter>", "has not come yet"),
    ] {
        session.press(written).shows(shown);
    }
    session.shows("AS IT WAS at Thu 19 Nov 03:00:00");
    session.press(":at now<enter>").hides("AS IT WAS");
    session.press(":at y<tab> 02:00<enter>").shows("AS IT WAS at Thu 19 Nov 02:00:00");
}

#[test]
fn escape_leads_to_the_present_before_it_takes_anything_else_off() {
    let mut session = session(80, 24);
    session.press("/a<enter>[").shows("AS IT WAS").shows(" / a");
    session.press("<esc>").hides("AS IT WAS").shows(" / a");
    session.press("<esc>").hides(" / a");
    session.press("[<enter>").shows("AS IT WAS").shows(":at now");
    session.press("<esc>").shows("AS IT WAS");
    session.press("<esc>").hides("AS IT WAS");
}

#[test]
fn what_was_not_observed_is_no_state() {
    let mut session = session(120, 35);
    session.press("[/state:gap<enter>").shows("4 of 61 shown");
    let row = session.row("rabbit-1");
    assert!(row.contains("GAP") && row.contains("no data"), "{row}");
}

#[test]
fn nothing_is_changed_in_the_past() {
    let mut session = session(80, 24);
    session.press("[");
    for key in ["a", "e", "d", "u", "p", ":pause<enter>", ":every 10s<enter>", ":add db:1<enter>"] {
        session.press(key).shows("this is the past, nothing was changed: go back to now first");
        assert!(session.model.overlay.is_none(), "{key}");
    }
    for key in ["c", "R"] {
        session.press(key).shows("this is the past, nothing is checked");
    }
    session.press("f").shows("the past stands still already");
    assert!(session.commands.is_empty(), "{:?}", session.commands);
    session.press("<esc>a");
    assert!(session.model.overlay.is_some(), "the present can be changed");
}

#[test]
fn the_past_offers_no_key_that_it_refuses_and_leaves_no_word_behind() {
    let mut session = session(120, 35);
    session.press("[<enter>").shows("[ earlier").hides("e edit").hides("p pause").hides("c check");
    session.press("<esc>2").shows("then").hides("now ");
    let half_past = NOW - Duration::from_secs(127);
    let intents = press(&mut session.model, "<enter>");
    let is_asked = |intent: &Intent| matches!(intent, Intent::Query(_, Query::OutageAsOf(_, at)) if *at == half_past);
    assert!(intents.iter().any(is_asked), "{intents:?}");
    session.shows("PAST").hides("x remove note");
    session.press("<esc><esc>p").shows("this is the past");
    session.press("<esc>").hides("this is the past").hides("PAST");
    session.press("<enter>").shows("e edit");
    session.press("<esc>p").shows("u undoes");
    session.press("[").shows("PAST").hides("u undoes");
}

#[test]
fn a_target_of_the_past_has_no_now() {
    let mut session = session(120, 35);
    session.press("[<enter>]").shows("the moment that is shown ends here");
    session.press("[").shows("Esc then").hides("Esc now");
    session.press("<esc>").shows("PAST 14:30:00");
}

#[test]
fn an_outage_that_was_found_later_is_none_yet() {
    let mut session = session(80, 24);
    session.press("2<enter>").shows("outage of pg-primary").shows("TIMELINE");
    session.press(":at 14:20<enter>").shows("PAST 14:20:00").hides("STARTED").hides("ongoing");
    session.shows("At this moment it was not found yet.");
    session.press(":at now<enter>").shows("outage of pg-primary").shows("ongoing").shows("TIMELINE");
}

#[test]
fn the_present_goes_on_underneath() {
    let settings = Settings { bell: Switch::On, ..settings() };
    let mut session = Session::new(settings, fleet(), 120, 35).with_past(Box::new(earlier));
    session.press("m [");
    let (marks, muted) = (session.model.targets.marks.clone(), session.model.muted.clone());
    assert!(!marks.is_empty() && !muted.is_empty());
    let (past, title) = (session.row("kafka-3"), session.model.title());
    session.shows("now ▼2 △1");
    session.change(|snapshot| {
        let mut targets: Vec<_> = snapshot.targets.iter().cloned().collect();
        let view = Arc::make_mut(&mut targets[20]);
        (view.state, view.outage) = (State::Down, Some(Arc::new(outage(view.target.id, NOW))));
        snapshot.targets = targets.into();
    });
    session.shows("now ▼3 △1").shows("▼ 1 DOWN");
    assert_eq!(session.row("kafka-3"), past);
    assert_ne!(session.model.title(), title, "the title tells of the present");
    let down = outage(TargetId(21), NOW);
    assert!(session.happens(Msg::Notice(Notice::Down(down))).wanted.contains(&Intent::Bell));
    session.passes(Duration::from_mins(2)).shows("PAST 14:30:00");
    assert_eq!((&session.model.targets.marks, &session.model.muted), (&marks, &muted));
    session.press("<esc>").shows("▼ 3 DOWN").shows("14:34:07");
}

#[test]
fn before_the_first_check_there_is_no_table() {
    let nothing = |_: &Snapshot, at, depth| {
        let begins = Some(NOW - Duration::from_hours(24));
        AsOf { at, depth, picture: None, begins, before: None, after: None, forgotten: 0 }
    };
    let mut session = Session::new(settings(), fleet(), 80, 24).with_past(Box::new(nothing));
    session.press(":at -40d<enter>").hides("AS IT WAS").shows("it begins Thu 19 Nov 14:32:07");
}

#[test]
fn targets_that_are_forgotten_are_said_to_be_missing() {
    let forgotten = |now: &Snapshot, at, depth| AsOf { forgotten: 2, ..earlier(now, at, depth) };
    let mut session = Session::new(settings(), fleet(), 120, 35).with_past(Box::new(forgotten));
    session.press("[").shows("2 targets that were deleted since are missing");
}

/// Keys that are held down are not answered one by one: what was asked for meanwhile is one question.
#[test]
fn one_question_at_a_time() {
    let mut session = Session::new(settings(), fleet(), 80, 24);
    let model = &mut session.model;
    let press = super::pictures::press;
    let asked = |intents: &[Intent]| {
        let queries = intents.iter().filter_map(|intent| match intent {
            Intent::Query(number, portpulse::engine::Query::AsOf(at, depth)) => Some((*number, *at, *depth)),
            _ => None,
        });
        queries.collect::<Vec<_>>()
    };
    let answer = |number, at, depth| {
        let found = portpulse::engine::Answer::AsOf(Box::new(earlier(&fleet(), at, depth)));
        Msg::Answered(number, found)
    };
    let first = asked(&press(model, "["));
    assert_eq!(asked(&press(model, "[[[")), [], "an answer is awaited");
    let [(number, at, Depth::States)] = first[..] else { panic!("{first:?}") };
    let next = asked(&update(model, answer(number, at, Depth::States)));
    let [(number, last, Depth::States)] = next[..] else { panic!("{next:?}") };
    assert_eq!(at.since(last), Duration::from_mins(30));
    let next = asked(&update(model, answer(number, last, Depth::States)));
    let [(number, days, Depth::Days)] = next[..] else { panic!("{next:?}") };
    assert_eq!(days, last, "the rest of a picture is asked for where one stays");
    assert_eq!(asked(&press(model, "<esc>")), []);
    assert_eq!(asked(&update(model, answer(number, last, Depth::Days))), []);
    assert!(model.travel.is_none(), "what nobody waits for any more is dropped");
}

/// A screen from whose table the second outage's target is gone, and a past in which it was there.
fn after_a_removal() -> Session {
    let whole = fleet();
    let past = move |_: &Snapshot, at, depth| earlier(&whole, at, depth);
    let mut session = Session::new(settings(), fleet(), 80, 24).with_past(Box::new(past));
    session.change(|snapshot| {
        let left = snapshot.targets.iter().filter(|view| view.target.definition.name != "kafka-3");
        snapshot.targets = left.cloned().collect();
    });
    session
}

#[test]
fn a_target_that_is_not_watched_any_more_is_opened_from_its_outage_as_it_was() {
    let mut session = after_a_removal();
    session.press("2jd").shows("portpulse › kafka-3").shows("it is not watched any more");
    let at = session.model.travel.as_ref().map(|travel| travel.shown.at).expect("a look back");
    assert!(at < NOW, "{at:?}");
    session.press(":at<space>now<enter>").hides("portpulse › kafka-3");
}

#[test]
fn a_target_whose_history_is_gone_is_said_to_be() {
    let past = |now: &Snapshot, at, depth| earlier(now, at, depth);
    let mut session = after_a_removal().with_past(Box::new(past));
    session.press("2jd").shows("its history is not kept").hides("portpulse › kafka-3");
}

#[test]
fn a_report_of_the_past_ends_at_the_moment_that_is_shown_and_says_so() {
    let mut session = session(80, 24);
    session.press(":at<space>13:10<enter>");
    let intents = press(&mut session.model, ":report<enter>");
    let at = session.model.travel.as_ref().map(|travel| travel.shown.at).expect("a look back");
    let asked = intents.iter().find_map(|intent| match intent {
        Intent::Query(_, Query::Report(span)) => Some(*span),
        _ => None,
    });
    let span = asked.expect("a report");
    assert_eq!((span.from, span.to), (at - Duration::from_hours(24), at + Duration::from_millis(1)));
    session.shows("up to Fri 20 Nov 13:10:00");
}

#[test]
fn the_windows_have_names_and_intervals_have_units() {
    let mut session = session(80, 24);
    session.press(":window<space>7d<enter>").shows("window 7d");
    session.press(":window<space>2w<enter>").shows("write one of 1h, 24h, 7d, 31d");
    session.press("<enter>:window<space>31d<enter>");
    assert_eq!(session.model.detail.sight.length().name(), "31d");
    session.press("<esc>2:window<space>1h<enter>").shows("outages are listed over 24h, 7d or 31d");
    session.press("<esc>:every<space>5<enter>").shows("5 of what? write 5s or 5m");
    session.press(":timeout<space>3<enter>").shows("3 of what? write 3s or 3m");
    assert!(session.commands.is_empty());
}
