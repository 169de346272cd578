//! What keys and answers do in the instant checks.

use super::super::action::Action;
use super::super::field;
use super::super::message::Intent;
use super::super::model::checks::{CheckKey, Focus, finished, selected, timeout};
use super::super::model::form::Form;
use super::super::model::list::{List, Step};
use super::super::model::overlay::{Confirm, Overlay};
use super::super::model::{Model, Pending};
use super::super::view;
use super::targets::step_of;
use crate::domain::{Address, Endpoint, listing};
use crate::monitor::{Command, Reply};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::time::Duration;

/// How many checks one line may start.
const CHECKS_MAX: usize = 16;
/// What the key for the timeout steps through.
const TIMEOUTS: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
];

/// The view opens with the field ready to be typed into.
pub fn enter(model: &mut Model, _out: &mut Vec<Intent>) {
    model.checks.focus = Focus::Field;
    model.checks.list = List::default();
}

/// The selection stays on its check; where that is gone it is the newest.
pub fn settle(model: &mut Model, _out: &mut Vec<Intent>) {
    let (keys, page) = (keys(model), view::checks::rows(model));
    if model.checks.list.place(&keys).is_none() {
        model.checks.list = List::default();
    } else {
        model.checks.list.reveal(&keys, page);
    }
}

/// A key while the field has the keys.
pub fn type_key(model: &mut Model, key: KeyEvent, out: &mut Vec<Intent>) {
    match (key.code, key.modifiers) {
        (KeyCode::Enter, _) => run_line(model, out),
        (KeyCode::Down, _) if !model.snapshot.ad_hoc.finished.is_empty() => model.checks.focus = Focus::History,
        (KeyCode::Down | KeyCode::Up, _) => {}
        (KeyCode::Char('t'), KeyModifiers::CONTROL) => {
            let now = timeout(model);
            model.checks.timeout = TIMEOUTS.into_iter().find(|next| *next > now).or(TIMEOUTS.first().copied());
        }
        _ => {
            field::key(&mut model.checks.input, key);
        }
    }
}

/// An action that belongs to this view.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    match action {
        Action::NextPane | Action::PreviousPane | Action::Instant => {
            model.checks.focus = match model.checks.focus {
                Focus::Field if !model.snapshot.ad_hoc.finished.is_empty() => Focus::History,
                Focus::Field | Focus::History => Focus::Field,
            }
        }
        Action::Interrupt => interrupt(model, out),
        Action::ClearHistory if !model.snapshot.ad_hoc.finished.is_empty() => {
            model.overlay = Some(Overlay::Confirm(Confirm::ClearHistory));
        }
        Action::Repeat | Action::Keep | Action::Copy | Action::Open => with_selected(model, action, out),
        _ => step(model, action),
    }
}

/// The engine has answered to an instant check.
pub fn replied(model: &mut Model, reply: Reply, _out: &mut Vec<Intent>) {
    if let Reply::Refused(refusal) = reply {
        model.refuse(refusal.to_string());
    }
}

/// Moves through the history; up from its first row leads back into the field.
fn step(model: &mut Model, action: Action) {
    let (keys, page) = (keys(model), view::checks::rows(model));
    let Some(step) = step_of(action, page) else { return };
    let list = &mut model.checks.list;
    let first = keys.first().copied();
    if step == Step::By(-1) && (list.selected.is_none() || list.selected == first) {
        model.checks.focus = Focus::Field;
        return;
    }
    list.selected = list.selected.or(first);
    list.step(&keys, step, page);
    if list.selected == first {
        *list = List::default();
    }
}

/// Stops the newest running check, else empties the field, else closes the view.
fn interrupt(model: &mut Model, out: &mut Vec<Intent>) {
    if let Some(running) = model.snapshot.ad_hoc.running.last() {
        let command = Command::CancelInstant(running.attempt);
        super::ask(model, command, Pending::Instant, out);
    } else if model.checks.input.value().is_empty() {
        super::act::act(model, Action::Back, out);
    } else {
        model.checks.input.reset();
    }
}

fn with_selected(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    let Some(address) = selected(model).map(|check| check.address.clone()) else { return };
    match action {
        Action::Repeat => run(model, address, out),
        Action::Keep => keep(model, &address),
        Action::Open => {
            field::replace(&mut model.checks.input, &address.to_string());
            model.checks.focus = Focus::Field;
        }
        _ => super::targets::copy_text(model, address.to_string(), out),
    }
}

/// Opens the form of a new target, filled in.
fn keep(model: &mut Model, address: &Address) {
    if super::change::is_allowed(model) {
        let mut form = Form::add(model.settings.defaults.clone(), model.settings.tags.clone());
        form.set_target(&address.to_string());
        model.overlay = Some(Overlay::Form(Box::new(form)));
    }
}

/// Checks what stands in the field: one address, or as many as a list of ports means.
fn run_line(model: &mut Model, out: &mut Vec<Intent>) {
    match listing::parse_line(model.checks.input.value()) {
        Err(error) => model.refuse(error.to_string()),
        Ok(listed) if listed.addresses.len() > CHECKS_MAX => {
            model.refuse(format!("that is {} checks at once; at most {CHECKS_MAX}", listed.addresses.len()));
        }
        Ok(listed) => {
            for address in listed.addresses {
                run(model, address, out);
            }
            model.checks.input.reset();
        }
    }
}

fn run(model: &mut Model, address: Address, out: &mut Vec<Intent>) {
    let endpoint = Endpoint { timeout: timeout(model), ..model.settings.defaults.look(address) };
    model.checks.list = List::default();
    super::ask(model, Command::Instant(endpoint), Pending::Instant, out);
}

fn keys(model: &Model) -> Vec<CheckKey> {
    finished(model).iter().map(|(key, _)| *key).collect()
}
