//! What keys, pastes and answers do in the form that adds or edits targets.

use super::super::message::Intent;
use super::super::model::form::{Field, Form, NO_GROUP, PRESETS, Purpose, Saving, TESTS_MAX, Test, parse_duration};
use super::super::model::overlay::{Confirm, Overlay};
use super::super::model::{Model, Pending};
use super::super::text::period;
use super::{ask, change, pasted};
use crate::domain::text::clean;
use crate::domain::{Address, Evaluation};
use crate::monitor::{Command, Reply};
use crate::tui::field;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The longest paste that a form takes, in bytes.
const PASTE_MAX: usize = 1 << 20;

/// A key in the form.
pub fn press(model: &mut Model, mut form: Box<Form>, key: KeyEvent, out: &mut Vec<Intent>) {
    let control = key.modifiers == KeyModifiers::CONTROL;
    match key.code {
        KeyCode::Enter => return save(model, form, out),
        KeyCode::Esc => {
            if form.is_changed() {
                model.overlay = Some(Overlay::Confirm(Confirm::Discard(form)));
            }
            return;
        }
        KeyCode::Char('t') if control => test(model, &mut form, out),
        KeyCode::Tab | KeyCode::Down => enter(&mut form, 1),
        KeyCode::BackTab | KeyCode::Up => enter(&mut form, Field::ALL.len() - 1),
        KeyCode::Left if form.focus == Field::Every => step_preset(&mut form, Towards::Shorter),
        KeyCode::Right if form.focus == Field::Every => step_preset(&mut form, Towards::Longer),
        KeyCode::Left if form.focus == Field::Group => step_group(&mut form, Towards::Shorter),
        KeyCode::Right if form.focus == Field::Group => step_group(&mut form, Towards::Longer),
        KeyCode::Backspace if form.focus == Field::Target && form.lines().is_some() => form.set_lines(None),
        KeyCode::Char('u') if control && form.focus == Field::Target && form.lines().is_some() => form.set_lines(None),
        KeyCode::Char(_) if form.focus == Field::Target && form.lines().is_some() => {}
        _ => type_key(&mut form, key),
    }
    model.overlay = Some(Overlay::Form(form));
}

/// A text was pasted into the form: several lines in the field for the target stay several lines.
pub fn paste(form: &mut Form, text: &str) {
    let several = text.trim().lines().nth(1).is_some();
    if form.focus == Field::Target && several {
        let mut end = text.len().min(PASTE_MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        form.set_lines(Some(text.get(..end).unwrap_or_default().to_owned()));
    } else if form.focus != Field::Target || form.lines().is_none() {
        let focus = form.focus;
        begin(form);
        field::paste(form.input_mut(focus), text);
        form.read();
        form.follow_tags();
    }
    form.refusal = None;
}

/// Sends off what the form stands for; whatever is wrong is said in the form, and nothing is lost.
pub fn save(model: &mut Model, mut form: Box<Form>, out: &mut Vec<Intent>) {
    if form.saving == Saving::Sent {
        model.overlay = Some(Overlay::Form(form));
        return;
    }
    match (form.definitions(), form.purpose.clone()) {
        (Err((field, why)), _) => {
            form.focus = field;
            form.refusal = Some(clean(&why, 400));
        }
        (Ok(mut definitions), Purpose::Add) => match pasted::sift(model, &form, &mut definitions) {
            Some(left_out) if definitions.is_empty() => form.refusal = Some(format!("nothing to add: {left_out}")),
            left_out => {
                form.saving = Saving::Sent;
                change::add(model, definitions, left_out, out);
            }
        },
        (Ok(mut definitions), Purpose::Edit(target)) => match definitions.pop() {
            Some(definition) if definition != target.definition => {
                form.saving = Saving::Sent;
                change::edit(model, &target, definition, out);
            }
            _ => return model.say("nothing was changed"),
        },
    }
    model.overlay = Some(Overlay::Form(form));
}

/// The engine has taken the test, or refused it.
pub fn tested(model: &mut Model, address: &Address, reply: Reply) {
    let Some(Overlay::Form(form)) = &mut model.overlay else { return };
    match (reply, form.tests.iter_mut().find(|test| test.address == *address)) {
        (Reply::Started(attempt), Some(test)) => test.attempt = Some(attempt),
        (Reply::Refused(refusal), _) => {
            form.tests.clear();
            form.refusal = Some(refusal.to_string());
        }
        _ => {}
    }
}

/// Checks each address of the form once, without saving anything.
fn test(model: &mut Model, form: &mut Form, out: &mut Vec<Intent>) {
    match form.definitions() {
        Ok(definitions) => {
            form.tests.clear();
            form.refusal = None;
            for endpoint in definitions.into_iter().flat_map(|definition| definition.endpoints).take(TESTS_MAX) {
                let address = endpoint.address.clone();
                form.tests.push(Test { address: address.clone(), attempt: None });
                ask(model, Command::Instant(endpoint), Pending::Test(address), out);
            }
        }
        Err((field, why)) => {
            form.focus = field;
            form.refusal = Some(clean(&why, 400));
        }
    }
}

/// Goes on to the field so many places further.
const fn enter(form: &mut Form, by: usize) {
    form.focus = form.focus.step(by);
    form.typing = None;
}

/// Something is written into the field: a figure that stood there when it was entered gives way.
fn begin(form: &mut Form) {
    let focus = form.focus;
    if focus.is_figure() && form.typing != Some(focus) {
        field::replace(form.input_mut(focus), "");
    }
    form.typing = Some(focus);
}

fn type_key(form: &mut Form, key: KeyEvent) {
    let focus = form.focus;
    if matches!(key.code, KeyCode::Char(_)) && key.modifiers.difference(KeyModifiers::SHIFT).is_empty() {
        begin(form);
    }
    form.typing = Some(focus);
    if field::key(form.input_mut(focus), key) == field::Typed::Changed {
        form.refusal = None;
        match focus {
            Field::Target => form.read(),
            Field::Tags => form.follow_tags(),
            _ => {}
        }
        if matches!(focus, Field::Target | Field::Timeout) {
            form.tests.clear();
        }
    }
}

/// Which way an arrow steps through the presets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Towards {
    Shorter,
    Longer,
}

/// Goes on to the policy beside the one that stands in the field; what stood there at first is among them.
fn step_group(form: &mut Form, towards: Towards) {
    let mut choices: Vec<String> = std::iter::once(NO_GROUP.to_owned())
        .chain(Evaluation::POLICIES.iter().map(|policy| policy.word().to_owned()))
        .collect();
    let word = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
    let first = form.before(Field::Group).to_owned();
    match choices.iter_mut().find(|choice| **choice == word(&first)) {
        Some(choice) => *choice = first,
        None => choices.push(first),
    }
    let now = word(form.text(Field::Group).trim());
    let place = choices.iter().position(|choice| word(choice) == now).unwrap_or_default();
    let next = match towards {
        Towards::Shorter => place.checked_sub(1),
        Towards::Longer => Some(place + 1),
    };
    if let Some(next) = next.and_then(|next| choices.get(next)) {
        field::replace(form.input_mut(Field::Group), next);
        form.typing = None;
        form.refusal = None;
    }
}

fn step_preset(form: &mut Form, towards: Towards) {
    let now = parse_duration(form.text(Field::Every)).unwrap_or_default();
    let next = match towards {
        Towards::Shorter => PRESETS.iter().rev().find(|preset| **preset < now),
        Towards::Longer => PRESETS.iter().find(|preset| **preset > now),
    };
    if let Some(next) = next {
        field::replace(form.input_mut(Field::Every), &period(*next));
        form.typing = None;
        form.refusal = None;
    }
}
