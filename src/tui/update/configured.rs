//! The configuration says something else about the screen: what was edited is taken over, the rest stays.
//!
//! Keys and commands change the same settings for the run. So a setting follows the file only when
//! the file says something else of that very setting than it did before: somebody who edits a key
//! binding does not lose the theme that they have just chosen with a key.

use super::super::message::Intent;
use super::super::model::Model;
use super::super::settings::{Company, Settings, Switch};

/// Takes over what differs from what the configuration said last, and says what that was.
///
/// Who may change what, and where targets come from, are the command line's to say. An open form
/// keeps the defaults that it shows.
pub fn arrive(model: &mut Model, settings: Settings, out: &mut Vec<Intent>) {
    let before = std::mem::replace(&mut model.configured, settings.clone());
    let Settings {
        theme,
        charset,
        bell,
        confirm_quit,
        mouse,
        synchronized,
        zone,
        keymap,
        defaults,
        tags,
        access: _,
        watching: _,
        company,
    } = settings;
    meet(model, company);
    let now = &mut model.settings;
    let has_changed = [
        ("theme", take_over(&mut now.theme, theme, &before.theme)),
        ("ascii", take_over(&mut now.charset, charset, &before.charset)),
        ("bell", take_over(&mut now.bell, bell, &before.bell)),
        ("mouse", take_over(&mut now.mouse, mouse, &before.mouse)),
        ("utc", take_over(&mut now.zone, zone, &before.zone)),
        ("confirm_quit", take_over(&mut now.confirm_quit, confirm_quit, &before.confirm_quit)),
        ("sync", take_over(&mut now.synchronized, synchronized, &before.synchronized)),
        ("keys", take_over(&mut now.keymap, keymap, &before.keymap)),
        ("defaults", take_over(&mut now.defaults, defaults, &before.defaults)),
        ("tags", take_over(&mut now.tags, tags, &before.tags)),
    ];
    if mouse != before.mouse {
        out.push(Intent::CaptureMouse(mouse == Switch::On));
    }
    let names: Vec<&str> = has_changed.iter().filter(|(_, has_changed)| *has_changed).map(|(name, _)| *name).collect();
    if !names.is_empty() {
        model.say(format!("from the configuration: {}", names.join(", ")));
    }
}

/// Takes a setting over if the file has changed it.
fn take_over<T: PartialEq>(now: &mut T, new: T, before: &T) -> bool {
    let has_changed = new != *before;
    if has_changed {
        *now = new;
    }
    has_changed
}

/// Takes notice of who makes the checks now, and says so when it is somebody else.
fn meet(model: &mut Model, company: Company) {
    let before = std::mem::replace(&mut model.settings.company, company);
    let now = model.settings.company.clone();
    match (&before, &now) {
        (Company::Gone { process, .. }, Company::Owner { .. }) => {
            model.say(format!("this portpulse makes the checks now: process {process} is gone"));
        }
        (Company::Gone { process: before, .. }, Company::Attached { process, .. }) => {
            model.say(format!("attached to process {process}: process {before} is gone"));
        }
        _ => {}
    }
}
