//! Changing targets: by key and by command, refused when read-only, remembered so that it can be undone.

use super::super::message::Intent;
use super::super::model::form::Form;
use super::super::model::overlay::{Confirm, Delete, Overlay};
use super::super::model::{Change, Model, Pending, View};
use super::super::settings::Access;
use super::super::standing::Standing;
use super::super::text::plural;
use super::{ask, query};
use crate::domain::{Activity, Definition, Target, TargetId};
use crate::engine::Query;
use crate::monitor::{Command, Reply};
use tui_input::Input;

/// The targets that an action is for: the marked ones on the dashboard, else the selected one.
pub fn acting(model: &Model) -> Vec<TargetId> {
    if model.view == View::Targets && !model.targets.marks.is_empty() {
        return model.targets.marks.iter().copied().collect();
    }
    model.targets.list.selected.into_iter().collect()
}

/// Whether changes are allowed; if not, says so.
pub fn is_allowed(model: &mut Model) -> bool {
    match model.settings.access {
        _ if model.travel.is_some() => {
            model.refuse("this is the past, nothing was changed: go back to now first, with Esc or `:at now`");
            false
        }
        Access::Full => true,
        Access::ReadOnly => {
            model.refuse("read-only: nothing was changed; `:readonly` allows changes again");
            false
        }
    }
}

/// Opens the form for new targets.
pub fn open_add(model: &mut Model) {
    if is_allowed(model) {
        model.overlay =
            Some(Overlay::Form(Box::new(Form::add(model.settings.defaults.clone(), model.settings.tags.clone()))));
    }
}

/// Opens the form for the selected target.
pub fn open_edit(model: &mut Model) {
    if !is_allowed(model) {
        return;
    }
    match model.selected() {
        Some(view) => {
            let form = Form::edit(&view.target, &model.settings.defaults, &model.settings.tags);
            model.overlay = Some(Overlay::Form(Box::new(form)));
        }
        None => model.refuse("no target is selected"),
    }
}

/// Adds targets, all or none; what of a paste is left out was told apart.
pub fn add(model: &mut Model, definitions: Vec<Definition>, left_out: Option<String>, out: &mut Vec<Intent>) {
    let mut what = match definitions.as_slice() {
        [only] => only.name.clone(),
        many => plural(many.len() as u64, "target"),
    };
    what.extend(left_out.into_iter().map(|rest| format!(", {rest}")));
    ask(model, Command::Add(definitions), Pending::Add(what), out);
}

/// Changes a definition.
pub fn edit(model: &mut Model, target: &Target, definition: Definition, out: &mut Vec<Intent>) {
    let what = format!("edited {}", definition.name);
    let inverse = vec![Command::Edit(target.id, Box::new(target.definition.clone()))];
    let change = Change { what, inverse };
    ask(model, Command::Edit(target.id, Box::new(definition)), Pending::Change(change), out);
}

/// Changes the definitions of all targets that the action is for, as one change that is undone at once.
pub fn edit_all(model: &mut Model, what: &str, change: impl Fn(&mut Definition), out: &mut Vec<Intent>) {
    if !is_allowed(model) {
        return;
    }
    let targets = known(model, &acting(model));
    if targets.is_empty() {
        return model.refuse("no target is selected");
    }
    let count = targets.len() as u64;
    let mut inverse: Vec<Command> = Vec::new();
    let mut commands = Vec::new();
    for target in targets {
        let mut definition = target.definition.clone();
        change(&mut definition);
        if definition != target.definition {
            commands.push(Command::Edit(target.id, Box::new(definition)));
            inverse.push(Command::Edit(target.id, Box::new(target.definition)));
        }
    }
    let Some(last) = commands.pop() else { return model.say("it is so already") };
    for command in commands {
        ask(model, command, Pending::Other, out);
    }
    let what = format!("{what} for {}", plural(count, "target"));
    ask(model, last, Pending::Change(Change { what, inverse }), out);
}

/// Opens the question before a removal, and asks how much history it would cost.
pub fn open_delete(model: &mut Model, out: &mut Vec<Intent>) {
    if !is_allowed(model) {
        return;
    }
    let ids = acting(model);
    let targets = known(model, &ids);
    if targets.is_empty() {
        return model.refuse("no target is selected");
    }
    let ids: Vec<TargetId> = targets.iter().map(|target| target.id).collect();
    query(model, Query::Extent(ids.clone()), Pending::Extent(ids), out);
    let question = Delete { targets, extent: None, typed: Input::default() };
    model.overlay = Some(Overlay::Confirm(Confirm::Delete(question)));
}

/// Removes targets.
pub fn delete(model: &mut Model, targets: Vec<Target>, out: &mut Vec<Intent>) {
    let ids = targets.iter().map(|target| target.id).collect();
    ask(model, Command::Remove(ids), Pending::Remove(targets), out);
}

/// Pauses the targets that the action is for, or resumes them if all of them are paused.
pub fn toggle_pause(model: &mut Model, out: &mut Vec<Intent>) {
    let targets = known(model, &acting(model));
    let all_paused = targets.iter().all(|target| target.definition.activity == Activity::Paused);
    set_activity(model, &targets, if all_paused { Activity::Watching } else { Activity::Paused }, out);
}

/// Pauses or resumes those of these targets that are not so already.
pub fn set_activity(model: &mut Model, targets: &[Target], activity: Activity, out: &mut Vec<Intent>) {
    if !is_allowed(model) {
        return;
    }
    let change: Vec<&Target> = targets.iter().filter(|target| target.definition.activity != activity).collect();
    let (verb, back) = match activity {
        Activity::Paused => ("paused", Activity::Watching),
        Activity::Watching => ("resumed", Activity::Paused),
    };
    let Some(first) = change.first() else { return model.say(format!("nothing to be {verb}")) };
    let what = match change.len() {
        1 => format!("{verb} {}", first.definition.name),
        many => format!("{verb} {}", plural(many as u64, "target")),
    };
    let ids: Vec<TargetId> = change.iter().map(|target| target.id).collect();
    let inverse = vec![Command::SetActivity(ids.clone(), back)];
    ask(model, Command::SetActivity(ids, activity), Pending::Change(Change { what, inverse }), out);
}

/// Checks the targets that the action is for, whatever their turn.
pub fn check_now(model: &mut Model, out: &mut Vec<Intent>) {
    let ids = acting(model);
    check(model, ids, out);
}

/// Checks everything that is not up.
pub fn check_problems(model: &mut Model, out: &mut Vec<Intent>) {
    let is_due = |standing| !matches!(standing, Standing::Up | Standing::Paused);
    let ids =
        model.snapshot.targets.iter().filter(|view| is_due(Standing::of(view))).map(|view| view.target.id).collect();
    check(model, ids, out);
}

fn check(model: &mut Model, ids: Vec<TargetId>, out: &mut Vec<Intent>) {
    if model.travel.is_some() {
        return model.refuse("this is the past, nothing is checked: go back to now first, with Esc or `:at now`");
    }
    let what = match (ids.as_slice(), ids.first().and_then(|id| model.target(*id))) {
        ([], _) => return model.say("nothing to check"),
        ([_], Some(view)) => format!("checking {} now", view.target.definition.name),
        (many, _) => format!("checking {} now", plural(many.len() as u64, "target")),
    };
    ask(model, Command::CheckNow(ids), Pending::CheckNow(what), out);
}

/// Takes the newest change of this session back.
pub fn undo(model: &mut Model, out: &mut Vec<Intent>) {
    if !is_allowed(model) {
        return;
    }
    let Some(Change { what, mut inverse }) = model.undo.pop() else {
        return model.say("nothing to undo in this session");
    };
    let Some(last) = inverse.pop() else { return };
    for command in inverse {
        ask(model, command, Pending::Other, out);
    }
    ask(model, last, Pending::Undo(format!("undone: {what}")), out);
}

/// The engine has carried out a change, or refused to.
pub fn replied(model: &mut Model, pending: Pending, reply: Reply) {
    match (pending, reply) {
        (Pending::Add(what), Reply::Added(ids)) => {
            model.targets.wanted = ids.first().copied();
            model.undo.push(Change { what: format!("added {what}"), inverse: vec![Command::Remove(ids)] });
            done(model, &format!("added {what}; the first check runs"));
        }
        (Pending::Change(change), Reply::Done) => {
            let what = change.what.clone();
            model.undo.push(change);
            renew(model);
            done(model, &what);
        }
        (Pending::Remove(targets), Reply::Done) => {
            let what = match targets.as_slice() {
                [only] => format!("deleted {}", only.definition.name),
                many => format!("deleted {}", plural(many.len() as u64, "target")),
            };
            model.undo.push(Change { what: what.clone(), inverse: vec![Command::Restore(targets)] });
            done(model, &what);
        }
        (Pending::Undo(what), Reply::Done | Reply::Added(_)) => {
            renew(model);
            model.say(what);
        }
        (Pending::CheckNow(what), Reply::Done) => model.say(what),
        (_, Reply::Refused(refusal)) => refused(model, refusal.to_string()),
        _ => {}
    }
}

/// What history says of a target may be another now: it is asked for again.
const fn renew(model: &mut Model) {
    (model.detail.asked, model.detail.asked_uptimes) = (None, None);
    model.incident.asked = None;
}

/// Closes the form that asked, and tells how to take it back.
fn done(model: &mut Model, what: &str) {
    if let Some(Overlay::Form(form)) = &model.overlay
        && form.saving == super::super::model::form::Saving::Sent
    {
        model.overlay = None;
    }
    let key = model.settings.keymap.label(super::super::action::Action::Undo, model.glyphs());
    model.say(key.map_or_else(|| what.to_owned(), |key| format!("{what}  ({key} undoes)")));
}

/// A form keeps what was typed and says why it was refused.
fn refused(model: &mut Model, why: String) {
    match &mut model.overlay {
        Some(Overlay::Form(form)) if form.saving == super::super::model::form::Saving::Sent => {
            form.saving = super::super::model::form::Saving::Typing;
            form.refusal = Some(crate::domain::text::clean(&why, 400));
        }
        _ => model.refuse(why),
    }
}

/// Those of the targets that are still watched.
pub fn known(model: &Model, ids: &[TargetId]) -> Vec<Target> {
    ids.iter().filter_map(|id| model.target(*id)).map(|view| view.target.as_ref().clone()).collect()
}

/// The targets that the action is for, with their definitions.
pub fn acting_targets(model: &Model) -> Vec<Target> {
    known(model, &acting(model))
}
