//! Steps through time on the whole screen, and what is done with the answers.

use super::super::message::Intent;
use super::super::model::targets::{Direction, Tally};
use super::super::model::{Model, Moment, Pending, Travel};
use super::snapshot;
use crate::domain::{Event, Outage, Span, TargetId, Wall, parse_moment};
use crate::engine::query::{AsOf, Depth};
use crate::engine::{Answer, Query};
use crate::monitor::Snapshot;
use std::sync::Arc;

/// A step back or forward, as long as the window wants it.
pub fn step(model: &mut Model, direction: Direction, out: &mut Vec<Intent>) {
    let shown = model.travel.as_ref().map(|travel| travel.shown.at);
    match (model.destination.or(shown), direction) {
        (None, Direction::Forward) => model.refuse("this is now: there is nothing later"),
        (from, _) => {
            let from = from.unwrap_or(model.clock);
            let at = model.window.stepped(from, direction, model.settings.zone);
            go(model, at, out);
        }
    }
}

/// To the change of the table before, or to the one after. Only from a picture that is there: it knows them.
pub fn change(model: &mut Model, direction: Direction, out: &mut Vec<Intent>) {
    if model.destination.is_some() {
        return;
    }
    let to = match (&model.travel, direction) {
        (None, Direction::Forward) => return model.refuse("this is now: nothing has changed later"),
        (None, Direction::Reverse) => newest_change(&model.snapshot.events, model.clock),
        (Some(travel), Direction::Reverse) => travel.shown.before,
        (Some(travel), Direction::Forward) => travel.shown.after,
    };
    match (to, direction) {
        (Some(at), _) => go(model, at, out),
        (None, Direction::Reverse) => model.refuse("no earlier change is in the log"),
        (None, Direction::Forward) => {
            leave(model);
            model.say("back to now: nothing has changed since");
        }
    }
}

fn newest_change(events: &[Event], now: Wall) -> Option<Wall> {
    let changes = events.iter().filter(|event| event.what.is_change()).map(|event| event.at);
    changes.filter(|at| *at < now).max()
}

/// To the moment that was written.
pub fn go_to(model: &mut Model, text: &str, out: &mut Vec<Intent>) -> Result<(), String> {
    if text == "now" {
        leave(model);
        return Ok(());
    }
    let at = parse_moment(text, model.clock, model.settings.zone).map_err(|error| error.to_string())?;
    if at > model.clock {
        return Err(format!("{} has not come yet", model.settings.zone.weekday_clock(at)));
    }
    go(model, at, out);
    Ok(())
}

/// Wants a target that is not here to be shown in full, as it was at a moment.
pub fn seek(model: &mut Model, target: TargetId, at: Wall, span: Option<Span>, out: &mut Vec<Intent>) {
    if at >= model.clock {
        return model.refuse("that target is not watched any more");
    }
    model.sought = Some((target, span));
    go(model, at, out);
}

/// The moment has come: the target that was sought there is shown, if it is there.
fn found(model: &mut Model, out: &mut Vec<Intent>) {
    let Some((target, span)) = model.sought.take() else { return };
    if model.target(target).is_none() {
        return model.refuse("that target is not watched any more, and its history is not kept");
    }
    let at = model.now;
    super::detail::open(model, target, at, span, out);
    model.say(format!("{} as it was: it is not watched any more", model.settings.zone.weekday_clock(at)));
}

/// Wants a moment to be shown; the present and what comes after it is now.
fn go(model: &mut Model, at: Wall, out: &mut Vec<Intent>) {
    if at >= model.clock {
        return leave(model);
    }
    model.destination = Some(at);
    ask(model, out);
}

/// Asks for the moment that is wanted. While an answer is awaited nothing more is asked: whoever holds the
/// key down sees what is there in time, and leaves no queue of questions behind.
fn ask(model: &mut Model, out: &mut Vec<Intent>) {
    if model.requests.is_waiting(&Pending::Moment) {
        return;
    }
    let shown = model.travel.as_ref().map(|travel| (travel.shown.at, travel.shown.depth));
    match (model.destination, shown) {
        (Some(at), _) => super::query(model, Query::AsOf(at, Depth::States), Pending::Moment, out),
        (None, Some((at, Depth::States))) => {
            super::query(model, Query::AsOf(at, Depth::Days), Pending::Moment, out);
        }
        (None, _) => {}
    }
}

/// A moment of the past has come. One that nobody wants any more is dropped.
pub fn answered(model: &mut Model, found: AsOf, out: &mut Vec<Intent>) {
    let is_same = model.travel.as_ref().is_some_and(|travel| travel.shown.at == found.at);
    match (&found.picture, found.depth) {
        (None, _) if model.destination == Some(found.at) => {
            (model.destination, model.sought) = (None, None);
            let zone = model.settings.zone;
            let begins = found.begins.map_or_else(
                || "nothing is kept yet".to_owned(),
                |begins| format!("it begins {}", zone.weekday_clock(begins)),
            );
            model.refuse(format!("no history of {}: {begins}", zone.weekday_clock(found.at)));
        }
        (Some(picture), Depth::States) if model.destination.is_some() => {
            model.destination = model.destination.filter(|at| *at != found.at);
            let picture = Arc::clone(picture);
            show(model, found, &picture);
            if model.destination.is_none() {
                self::found(model, out);
            }
        }
        (Some(picture), Depth::Days) if is_same => {
            let picture = Arc::clone(picture);
            show(model, found, &picture);
        }
        _ => {}
    }
    ask(model, out);
}

/// The past cannot be read.
pub fn failed(model: &mut Model, why: &str) {
    (model.destination, model.sought) = (None, None);
    model.refuse(format!("the past cannot be read: {why}"));
}

/// What was known at the moment that is shown, of outages that are known today.
pub fn as_of(model: &Model, answer: Answer) -> Answer {
    let Moment::At(at) = model.moment() else { return answer };
    let known = |outages: Vec<Outage>| outages.iter().filter_map(|outage| outage.as_of(at)).collect();
    match answer {
        Answer::Outages(outages) => Answer::Outages(known(outages)),
        Answer::Detail(mut detail) => {
            detail.outages = known(std::mem::take(&mut detail.outages));
            Answer::Detail(detail)
        }
        other => other,
    }
}

fn show(model: &mut Model, found: AsOf, picture: &Snapshot) {
    if model.freeze.is_some() {
        super::act::freeze(model);
    }
    if model.travel.is_none() {
        // What was said about the present, such as that something can be undone, is no word about the past.
        model.message = None;
    }
    let live = Arc::clone(model.travel.as_ref().map_or(&model.snapshot, |travel| &travel.newest));
    // Instant checks belong to no past.
    let picture = Arc::new(Snapshot { ad_hoc: Arc::clone(&live.ad_hoc), ..picture.clone() });
    model.now = found.at;
    let mut travel = Travel { shown: found, newest: Arc::clone(&live), tally: Tally::default() };
    travel.follow(live);
    model.travel = Some(travel);
    snapshot::show_past(model, picture);
    renew(model);
}

/// Back to the present.
pub fn leave(model: &mut Model) {
    (model.destination, model.sought) = (None, None);
    if let Some(travel) = model.travel.take() {
        model.now = model.clock;
        // What was said about the past is no word about the present.
        model.message = None;
        snapshot::show(model, travel.newest);
        renew(model);
    }
}

/// What was asked of another moment is asked again.
fn renew(model: &mut Model) {
    (model.detail.asked, model.detail.asked_uptimes) = (None, None);
    (model.outages.asked, model.incident.asked) = (None, None);
    model.touch();
}
