//! Where a key, a paste or a movement of the mouse goes: to what lies on top, to a field, or through the keymap.

use super::super::keymap::Key;
use super::super::message::Intent;
use super::super::model::{Model, View, checks::Focus, list::Step};
use super::{act, checks, overlay, targets};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// A key was pressed.
pub fn press(model: &mut Model, key: KeyEvent, out: &mut Vec<Intent>) {
    match (key.code, key.modifiers) {
        (KeyCode::Char('z'), KeyModifiers::CONTROL) => return out.push(Intent::Suspend),
        (KeyCode::Char('l'), KeyModifiers::CONTROL) => return out.push(Intent::Repaint),
        _ => {}
    }
    if model.overlay.is_some() {
        return overlay::press(model, key, out);
    }
    let place = model.place();
    if place == View::Checks && model.checks.focus == Focus::Field && !leaves_field(key) {
        return checks::type_key(model, key, out);
    }
    let keymap = &model.settings.keymap;
    let called = |key| keymap.action(place, key).or_else(|| keymap.action(model.view, key));
    if let Some(action) = Key::pressed(key).and_then(called) {
        act::act(model, action, out);
    }
}

/// What the field of the instant check does not keep for itself.
fn leaves_field(key: KeyEvent) -> bool {
    matches!(key.code, KeyCode::Esc | KeyCode::Tab | KeyCode::BackTab)
        || (key.code == KeyCode::Char('c') && key.modifiers == KeyModifiers::CONTROL)
}

/// A text was pasted.
pub fn paste(model: &mut Model, text: &str) {
    if model.overlay.is_some() {
        overlay::paste(model, text);
    } else if model.place() == View::Checks && model.checks.focus == Focus::Field {
        crate::tui::field::paste(&mut model.checks.input, text);
    } else {
        overlay::offer_paste(model, text);
    }
}

/// The mouse did something.
pub fn mouse(model: &mut Model, mouse: MouseEvent, out: &mut Vec<Intent>) {
    if model.overlay.is_some() || model.view != View::Targets {
        return;
    }
    match mouse.kind {
        MouseEventKind::ScrollDown => targets::step(model, Step::By(3)),
        MouseEventKind::ScrollUp => targets::step(model, Step::By(-3)),
        MouseEventKind::Down(MouseButton::Left) => {
            let list = model.dashboard().list;
            let inside = (list.left()..list.right()).contains(&mouse.column)
                && (list.top() + 1..list.bottom()).contains(&mouse.row);
            let place = model.targets.list.offset + usize::from(mouse.row.saturating_sub(list.top() + 1));
            let Some(id) = model.targets.shown.get(place).copied().filter(|_| inside) else { return };
            if model.targets.list.selected == Some(id) {
                super::go(model, View::Detail, out);
            } else {
                model.targets.list.selected = Some(id);
            }
        }
        _ => return,
    }
    model.touch();
}
