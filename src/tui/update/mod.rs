//! What every message does to the model, and what is wanted because of it.

mod act;
mod change;
pub mod checks;
mod command;
mod configured;
pub mod detail;
pub mod events;
mod export;
pub mod filter;
mod form;
pub mod incident;
mod keys;
pub mod maintenance;
mod note;
mod notice;
pub mod outages;
mod overlay;
mod overview;
mod pasted;
mod picture;
mod renamed;
mod report;
mod snapshot;
pub mod targets;
mod travel;

use super::layout::Shape;
use super::message::{Intent, Msg};
use super::model::overlay::{Confirm, Overlay};
use super::model::{BEAT_OF_A_CHECK, Engine, MESSAGE_LASTS, Model, Pending, Size, View};
use super::settings::{Company, Switch};
use crate::domain::Wall;
use crate::engine::{Answer, Query};
use crate::monitor::{Command, Reply};

/// Changes the model by one message and says what is wanted. Pure: no clock, no I/O.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Intent> {
    let mut out = Vec::new();
    match msg {
        Msg::Key(key) => {
            if key.kind != crossterm::event::KeyEventKind::Release {
                keys::press(model, key, &mut out);
                model.touch();
            }
        }
        Msg::Pasted(text) => {
            keys::paste(model, &text);
            model.touch();
        }
        Msg::Mouse(mouse) => keys::mouse(model, mouse, &mut out),
        Msg::Resized(columns, rows) => {
            model.size = Size { columns, rows };
            model.touch();
        }
        Msg::Snapshot(snapshot) => snapshot::arrive(model, snapshot),
        Msg::Notice(notice) => notice::arrive(model, &notice, &mut out),
        Msg::Replied(number, reply) => replied(model, number, reply, &mut out),
        Msg::Answered(number, answer) => answered(model, number, answer, &mut out),
        Msg::Configured(settings) => configured::arrive(model, *settings, &mut out),
        Msg::Clock(at) => clock(model, at),
        Msg::Wrote(result) => report::wrote(model, result),
        Msg::Exporting(how_far) => export::goes_on(model, &how_far),
        Msg::Exported(result) => export::wrote(model, result),
        Msg::EngineLost => {
            model.engine = Engine::Lost;
            model.touch();
        }
    }
    settle(model, &mut out);
    out
}

/// Asks the engine for a change.
pub fn ask(model: &mut Model, command: Command, pending: Pending, out: &mut Vec<Intent>) {
    let number = model.requests.number(pending);
    out.push(Intent::Ask(number, command));
}

/// Asks the engine about history.
pub fn query(model: &mut Model, query: Query, pending: Pending, out: &mut Vec<Intent>) {
    let number = model.requests.number(pending);
    out.push(Intent::Query(number, query));
}

/// Goes to a view from which going back leads here.
pub fn go(model: &mut Model, view: View, out: &mut Vec<Intent>) {
    if model.view != view {
        model.trail.push(model.view);
        show(model, view, out);
    }
}

/// Goes back to where one came from.
pub fn back(model: &mut Model, out: &mut Vec<Intent>) {
    let view = model.trail.pop().unwrap_or_default();
    if model.view != view {
        show(model, view, out);
    }
}

/// Shows a view.
fn show(model: &mut Model, view: View, out: &mut Vec<Intent>) {
    model.view = view;
    match view {
        View::Targets => {}
        View::Detail | View::Chart | View::OutagesOfTarget => detail::enter(model, out),
        View::Outages => outages::enter(model, out),
        View::Outage => incident::enter(model, out),
        View::Checks => checks::enter(model, out),
        View::Events => events::enter(model, out),
    }
}

/// Ends the program, or asks first because the checks end with it.
fn quit(model: &mut Model, out: &mut Vec<Intent>) {
    match model.settings.confirm_quit {
        // The checks are made elsewhere: nothing ends.
        _ if !matches!(model.settings.company, Company::Owner { .. }) => out.push(Intent::Quit),
        Switch::On => model.overlay = Some(Overlay::Confirm(Confirm::Quit)),
        Switch::Off => out.push(Intent::Quit),
    }
}

/// Makes everything that is in sight agree with the rest of the model.
fn settle(model: &mut Model, out: &mut Vec<Intent>) {
    overview::settle(model, out);
    targets::settle(model);
    if model.is_visible(View::Detail) || (model.view == View::Targets && model.shape() == Shape::Panel) {
        detail::settle(model, out);
    }
    if model.is_visible(View::Outages) {
        outages::settle(model, out);
    }
    if model.is_visible(View::Outage) {
        incident::settle(model, out);
    }
    if model.is_visible(View::Checks) {
        checks::settle(model, out);
    }
    if model.is_visible(View::Events) {
        events::settle(model);
    }
    picture::compose(model);
}

/// Time has passed: a second, or less while the screen shows a clock that runs faster.
fn clock(model: &mut Model, at: Wall) {
    model.clock = at;
    if model.message.as_ref().is_some_and(|message| at.since(message.at) >= MESSAGE_LASTS || at < message.at) {
        model.message = None;
        model.touch();
    }
    if model.freeze.is_none() && model.travel.is_none() {
        model.now = at;
        if model.view != View::Targets || model.beat() == BEAT_OF_A_CHECK {
            model.touch();
        }
    }
}

/// The engine has answered a command.
fn replied(model: &mut Model, number: u64, reply: Reply, out: &mut Vec<Intent>) {
    let Some(pending) = model.requests.answered(number) else { return };
    model.touch();
    match (pending, reply) {
        (Pending::Instant, reply) => checks::replied(model, reply, out),
        (Pending::Test(address), reply) => form::tested(model, &address, reply),
        (Pending::Note(what), reply) => note::replied(model, &what, reply),
        (pending, reply) => change::replied(model, pending, reply),
    }
}

/// The store has answered a question.
fn answered(model: &mut Model, number: u64, answer: Answer, out: &mut Vec<Intent>) {
    let Some(pending) = model.requests.answered(number) else { return };
    let answer = travel::as_of(model, answer);
    let is_known = matches!((&answer, &model.detail.history), (Answer::Detail(new), Some(old)) if new == old);
    if !is_known {
        model.touch();
    }
    match (pending, answer) {
        (Pending::Detail(target) | Pending::Uptimes(target), Answer::Failed(why)) => {
            detail::failed(model, target, &why);
        }
        (Pending::Outages, Answer::Failed(why)) => outages::failed(model, &why),
        (Pending::Outage(id), Answer::Failed(why)) => incident::failed(model, id, &why),
        (Pending::Moment, Answer::Failed(why)) => travel::failed(model, &why),
        (Pending::Moment, Answer::AsOf(found)) => travel::answered(model, *found, out),
        (_, Answer::Failed(why)) => model.refuse(format!("history cannot be read: {why}")),
        (Pending::Detail(target), Answer::Detail(history)) => detail::answered(model, target, history),
        (Pending::Uptimes(target), Answer::Uptimes(uptimes)) => detail::uptimes_answered(model, target, uptimes),
        (Pending::Extent(targets), Answer::Extent(extent)) => overlay::extent_told(model, &targets, extent),
        (Pending::Outages, Answer::Outages(found)) => outages::answered(model, found, out),
        (Pending::Outage(id), Answer::Outage(found)) => incident::answered(model, id, found),
        (Pending::Report(path), Answer::Report(findings)) => report::answered(model, path, &findings, out),
        (Pending::Overview, Answer::Overview(found)) => overview::answered(model, found),
        (_, _) => {}
    }
}
