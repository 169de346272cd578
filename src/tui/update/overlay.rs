//! What keys and pastes do to whatever lies over a view.

use super::super::layout::Shape;
use super::super::message::Intent;
use super::super::model::form::Form;
use super::super::model::overlay::{Confirm, Delete, Help, Overlay, named};
use super::super::model::understood::{Rest, TARGETS_MAX, Understood};
use super::super::model::{Model, View};
use super::super::text::count;
use super::{act, change, command, filter, form, maintenance, note, targets};
use crate::domain::{Activity, TargetId};
use crate::engine::query::Extent;
use crate::monitor::Command;
use crate::tui::field;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;

/// A key while something lies over the view. The overlay is taken off, given the key, and put back
/// unless the key closed it.
pub fn press(model: &mut Model, key: KeyEvent, out: &mut Vec<Intent>) {
    if key.code == KeyCode::Char('c') && key.modifiers == KeyModifiers::CONTROL {
        return act::interrupt(model, out);
    }
    if Shape::of(model.size) == Shape::Problems && !matches!(model.overlay, Some(Overlay::Confirm(Confirm::Quit))) {
        return unseen(model, key);
    }
    let Some(overlay) = model.overlay.take() else { return };
    match overlay {
        Overlay::Help(help) => help_key(model, help, key),
        Overlay::Confirm(confirm) => answer(model, confirm, key, out),
        Overlay::Form(form) => form::press(model, form, key, out),
        Overlay::Command(line) => command::press(model, line, key, out),
        Overlay::Maintenance(prompt) => maintenance::press(model, prompt, key, out),
        Overlay::Filter(input) => filter_key(model, input, key),
        Overlay::Note(id) => note_key(model, id, key),
    }
}

/// What does not fit the screen takes no keys: nothing is answered that nobody can read. Esc closes it,
/// but for a form with something in it, which waits for a larger screen.
fn unseen(model: &mut Model, key: KeyEvent) {
    let holds_work = match &model.overlay {
        Some(Overlay::Form(form) | Overlay::Confirm(Confirm::Discard(form))) => form.is_changed(),
        _ => false,
    };
    if key.code == KeyCode::Esc && !holds_work {
        model.overlay = None;
    }
}

/// A paste while something lies over the view.
pub fn paste(model: &mut Model, text: &str) {
    if Shape::of(model.size) == Shape::Problems {
        return;
    }
    match &mut model.overlay {
        Some(Overlay::Form(form)) => form::paste(form, text),
        Some(Overlay::Command(line)) => field::paste(&mut line.input, text),
        Some(Overlay::Maintenance(prompt)) => field::paste(&mut prompt.input, text),
        Some(Overlay::Filter(input)) => {
            field::paste(input, text);
            let text = input.value().to_owned();
            filter::set(model, &text);
        }
        Some(Overlay::Help(Help { search: Some(search), .. })) => field::paste(search, text),
        Some(Overlay::Help(_) | Overlay::Confirm(_) | Overlay::Note(_)) | None => {}
    }
}

/// A paste outside of any field never runs keys: what looks like targets is offered to be added, the
/// rest is told and dropped.
pub fn offer_paste(model: &mut Model, text: &str) {
    let understood = Understood::of(text);
    let (targets, errors) = (understood.count(), understood.errors.len());
    if understood.rest == Rest::TooMany {
        let most = count(TARGETS_MAX as u64);
        return model.refuse(format!("that paste names more than {most} targets: paste them in parts"));
    }
    if targets == 0 {
        return model.refuse("that paste names no host:port; nothing was done with it");
    }
    if change::is_allowed(model) {
        model.overlay = Some(Overlay::Confirm(Confirm::AddPasted { text: text.to_owned(), targets, errors }));
    }
}

/// The store has told what a removal would lose.
pub fn extent_told(model: &mut Model, targets: &[TargetId], extent: Extent) {
    if let Some(Overlay::Confirm(Confirm::Delete(delete))) = &mut model.overlay {
        let asked = delete.targets.iter().map(|target| target.id);
        if asked.eq(targets.iter().copied()) {
            delete.extent = Some(extent);
        }
    }
}

/// Closes what lies on top without doing anything; a form that was changed asks first.
pub fn cancel(model: &mut Model) {
    match model.overlay.take() {
        Some(Overlay::Form(form)) if form.is_changed() => {
            model.overlay = Some(Overlay::Confirm(Confirm::Discard(form)));
        }
        Some(Overlay::Confirm(Confirm::Discard(form))) => model.overlay = Some(Overlay::Form(form)),
        _ => {}
    }
}

fn help_key(model: &mut Model, mut help: Help, key: KeyEvent) {
    match (key.code, &mut help.search) {
        (KeyCode::Esc | KeyCode::Char('?' | 'q'), None) => return,
        (KeyCode::Esc, search) => *search = None,
        (KeyCode::Char('/'), None) => help.search = Some(Input::default()),
        (KeyCode::Down | KeyCode::Enter, _) | (KeyCode::Char('j'), None) => help.offset += 1,
        (KeyCode::Up, _) | (KeyCode::Char('k'), None) => help.offset = help.offset.saturating_sub(1),
        (KeyCode::PageDown, _) => help.offset += 10,
        (KeyCode::PageUp, _) => help.offset = help.offset.saturating_sub(10),
        (_, Some(search)) => {
            field::key(search, key);
            help.offset = 0;
        }
        (_, None) => {}
    }
    help.offset = help.offset.min(super::super::help::lines(model, &help).len().saturating_sub(1));
    model.overlay = Some(Overlay::Help(help));
}

fn note_key(model: &mut Model, id: TargetId, key: KeyEvent) {
    if !matches!(key.code, KeyCode::Esc | KeyCode::Enter | KeyCode::Left | KeyCode::Char('q' | 'o' | 'h')) {
        model.overlay = Some(Overlay::Note(id));
    }
}

/// The filter is applied as it is typed; Enter keeps it, Esc takes it off.
fn filter_key(model: &mut Model, mut input: Input, key: KeyEvent) {
    match key.code {
        KeyCode::Enter => return,
        KeyCode::Esc => return filter::set(model, ""),
        KeyCode::Down if model.place() == View::Targets => targets::step(model, super::super::model::list::Step::By(1)),
        KeyCode::Up if model.place() == View::Targets => targets::step(model, super::super::model::list::Step::By(-1)),
        _ => {
            if field::key(&mut input, key) == field::Typed::Changed {
                filter::set(model, input.value());
            }
        }
    }
    model.overlay = Some(Overlay::Filter(input));
}

/// A question: only the named keys do anything, all others keep things as they are.
fn answer(model: &mut Model, confirm: Confirm, key: KeyEvent, out: &mut Vec<Intent>) {
    let plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
    let yes = plain && key.code == KeyCode::Char('y');
    match confirm {
        Confirm::Quit if yes => out.push(Intent::Quit),
        Confirm::Quit if plain && key.code == KeyCode::Char('s') && model.has_company() => out.push(Intent::QuitForAll),
        Confirm::ClearHistory if yes => {
            super::ask(model, Command::ClearInstant, super::super::model::Pending::Other, out);
        }
        Confirm::AddPasted { text, .. } if yes => {
            let mut form = Form::add(model.settings.defaults.clone(), model.settings.tags.clone());
            form.set_lines(Some(text));
            form::save(model, Box::new(form), out);
        }
        Confirm::WithdrawRemark(remark) if yes => note::withdraw(model, remark, out),
        Confirm::Maintain(wanted) if yes => maintenance::confirmed(model, wanted, out),
        Confirm::Discard(form) => {
            if !yes {
                model.overlay = Some(Overlay::Form(form));
            }
        }
        Confirm::Delete(delete) => answer_delete(model, delete, key, out),
        Confirm::Quit => model.say("still watching"),
        Confirm::ClearHistory | Confirm::AddPasted { .. } => {}
        Confirm::WithdrawRemark(_) => model.say("kept the note"),
        Confirm::Maintain(_) => model.say("nothing was declared"),
    }
}

fn answer_delete(model: &mut Model, mut delete: Delete, key: KeyEvent, out: &mut Vec<Intent>) {
    let count = delete.targets.len();
    match key.code {
        KeyCode::Char('p') => return change::set_activity(model, &delete.targets, Activity::Paused, out),
        KeyCode::Char('y') if count == 1 => return change::delete(model, delete.targets, out),
        KeyCode::Enter if count > 1 && delete.typed.value().trim() == count.to_string() => {
            return change::delete(model, delete.targets, out);
        }
        KeyCode::Char(digit) if count > 1 && digit.is_ascii_digit() => {
            field::key(&mut delete.typed, key);
        }
        KeyCode::Backspace if count > 1 => {
            field::key(&mut delete.typed, key);
        }
        _ => {
            return model.say(format!("kept {}", named(&delete.targets)));
        }
    }
    model.overlay = Some(Overlay::Confirm(Confirm::Delete(delete)));
}
