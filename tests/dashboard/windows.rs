//! The windows of the dashboard: an hour and a day are live, a week and a month come from history.

use crate::pictures::{NOW, fleet, model, press, settings};
use portpulse::domain::{Span, TargetId};
use portpulse::engine::query::{AsOf, Overview};
use portpulse::engine::{Answer, Query};
use portpulse::tui::model::Model;
use portpulse::tui::{Intent, Msg, update};
use portpulse::window::{Cell, Strip, Uptime};
use std::collections::BTreeMap;
use std::time::Duration;

const WEEK: Duration = Duration::from_hours(7 * 24);
const HOUR: Duration = Duration::from_hours(1);

/// What is asked about all targets.
fn asked(intents: &[Intent]) -> Vec<(u64, Duration, u16)> {
    let asked = intents.iter().filter_map(|intent| match intent {
        Intent::Query(number, Query::Overview { length, cells, .. }) => Some((*number, *length, *cells)),
        _ => None,
    });
    asked.collect()
}

/// A week of which 100 hours were seen of each target; one was down for ten of them.
fn week(cells: u16) -> Overview {
    let strip = |down: u64| {
        let (up, down) = (HOUR * (100 - down as u32), HOUR * down as u32);
        let mut strip = vec![Cell { up: HOUR, ..Cell::default() }; usize::from(cells)];
        strip[10] = Cell { down: HOUR * u32::from(!down.is_zero()), ..Cell::default() };
        Strip { cells: strip, uptime: Uptime { up, down, expected: HOUR * 100, blips: 0 } }
    };
    let strips: BTreeMap<_, _> = (1..200).map(|id| (TargetId(id), strip(if id == 9 { 10 } else { 0 }))).collect();
    Overview {
        at: NOW,
        length: WEEK,
        span: Span::before(NOW, WEEK),
        cells: usize::from(cells),
        until: Some(NOW),
        strips,
    }
}

fn row(model: &Model, name: &str) -> String {
    let screen = crate::screen(model);
    screen.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("no {name} in\n{screen}")).to_owned()
}

#[test]
fn a_week_and_a_month_are_asked_for_when_they_are_chosen_and_once_an_hour() {
    let mut model = model(settings(), fleet(), 150, 45);
    assert_eq!(asked(&press(&mut model, "t")).first().map(|(_, length, _)| *length), Some(WEEK));
    assert!(asked(&press(&mut model, "j")).is_empty(), "asked already");
    let month = asked(&press(&mut model, "t"));
    assert_eq!(month.iter().map(|(_, length, _)| *length).collect::<Vec<_>>(), [Duration::from_hours(31 * 24)]);
    assert!(asked(&update(&mut model, Msg::Clock(NOW + HOUR / 2))).is_empty());
    assert_eq!(asked(&update(&mut model, Msg::Clock(NOW + HOUR))).len(), 1);
    assert!(asked(&press(&mut model, "tt")).is_empty(), "an hour and a day are live");
    assert!(asked(&update(&mut model, Msg::Clock(NOW + HOUR * 9))).is_empty());
}

#[test]
fn a_week_shows_what_history_said_and_nothing_before_that() {
    let mut model = model(settings(), fleet(), 150, 45);
    let (number, _, cells) = asked(&press(&mut model, "t"))[0];
    assert!(row(&model, "git-ssh").contains(" -  "), "{}", row(&model, "git-ssh"));
    update(&mut model, Msg::Answered(number, Answer::Overview(Box::new(week(cells)))));
    assert!(row(&model, "git-ssh").contains(" 90.00"), "{}", row(&model, "git-ssh"));
    assert!(row(&model, "web-lb-a").contains("100.00"), "{}", row(&model, "web-lb-a"));
    assert!(crate::screen(&model).contains("OUTAGES 7d"));
    press(&mut model, "ttt");
    assert!(row(&model, "git-ssh").contains(" ~99.99"), "a day is live: {}", row(&model, "git-ssh"));
}

#[test]
fn what_is_told_of_the_present_is_not_shown_of_the_past() {
    let mut model = model(settings(), fleet(), 150, 45);
    let (of_the_present, _, cells) = asked(&press(&mut model, "t"))[0];
    let then = NOW - HOUR * 30;
    let wanted = press(&mut model, ":at -30h<enter>").into_iter().find_map(|intent| match intent {
        Intent::Query(number, Query::AsOf(at, depth)) if at == then => Some((number, depth)),
        _ => None,
    });
    let (number, depth) = wanted.expect("a question about that moment");
    let picture = Some(model.snapshot.clone());
    let as_of = AsOf { at: then, depth, picture, begins: None, before: None, after: None, forgotten: 0 };
    let intents = update(&mut model, Msg::Answered(number, Answer::AsOf(Box::new(as_of))));
    let (of_the_past, ..) = asked(&intents)[0];
    update(&mut model, Msg::Answered(of_the_present, Answer::Overview(Box::new(week(cells)))));
    assert!(row(&model, "git-ssh").contains(" -  "), "that is a week until now: {}", row(&model, "git-ssh"));
    let answer = Overview { at: then, until: Some(then), ..week(cells) };
    update(&mut model, Msg::Answered(of_the_past, Answer::Overview(Box::new(answer))));
    assert!(row(&model, "git-ssh").contains(" 90.00"), "{}", row(&model, "git-ssh"));
    assert!(asked(&press(&mut model, "<esc>")).len() == 1, "the present is asked about again");
    assert!(row(&model, "git-ssh").contains(" -  "), "{}", row(&model, "git-ssh"));
}

#[test]
fn what_happened_since_the_summaries_is_added_from_the_live_day() {
    let mut model = model(settings(), fleet(), 150, 45);
    let (number, _, cells) = asked(&press(&mut model, "t"))[0];
    // Of the last ten hours only the live strip tells: pg-primary was down for four minutes of them.
    let answer = Overview { until: Some(NOW - HOUR * 10), ..week(cells) };
    update(&mut model, Msg::Answered(number, Answer::Overview(Box::new(answer))));
    assert!(row(&model, "pg-primary").contains(" 99."), "{}", row(&model, "pg-primary"));
}

#[test]
fn without_any_summaries_the_live_day_is_all_there_is() {
    let mut model = model(settings(), fleet(), 150, 45);
    let (number, _, cells) = asked(&press(&mut model, "t"))[0];
    let answer = Overview { strips: BTreeMap::new(), until: None, ..week(cells) };
    update(&mut model, Msg::Answered(number, Answer::Overview(Box::new(answer))));
    assert!(row(&model, "web-lb-a").contains("100.00"), "{}", row(&model, "web-lb-a"));
}

#[test]
fn the_order_by_uptime_follows_the_window() {
    let mut model = model(settings(), fleet(), 150, 45);
    let (number, _, cells) = asked(&press(&mut model, "t"))[0];
    update(&mut model, Msg::Answered(number, Answer::Overview(Box::new(week(cells)))));
    press(&mut model, "ssss");
    assert_eq!(model.targets.shown.first(), Some(&TargetId(9)), "{}", crate::screen(&model));
}
