//! Maintenance by hand: begun, planned, declared after the fact, ended early; each can be undone.

pub mod wanted;

use super::super::message::Intent;
use super::super::model::overlay::{Confirm, Maintain, MaintenancePrompt, Overlay, named};
use super::super::model::{Change, Model, Pending, View, detail, incident, outages};
use super::super::text::{maintenance::until, short};
use super::{ask, change, note};
use crate::domain::{Maintenance, Outage, Span, Target, TargetId};
use crate::monitor::{Command, TargetView};
use crate::tui::field;
use crossterm::event::{KeyCode, KeyEvent};
use std::sync::Arc;
use tui_input::Input;

/// What stands in the line at first.
const USUAL: &str = "30m";

/// The key: asks for how long those that are meant are in maintenance, or ends it if all of them are. In the views
/// of outages the time of the outage is declared.
pub fn key(model: &mut Model, out: &mut Vec<Intent>) {
    if let Err(why) = command(model, "", out) {
        model.refuse(why);
    }
}

/// The command: `30m [TITLE]`, `02:00 to 03:30 [TITLE]`, `end`, or nothing for what the key does.
pub fn command(model: &mut Model, rest: &str, out: &mut Vec<Intent>) -> Result<(), String> {
    if !change::is_allowed(model) {
        return Ok(());
    }
    if rest.is_empty()
        && let Some(outage) = outage(model).cloned()
    {
        return of_outage(model, &outage);
    }
    let targets = change::known(model, &note::meant(model));
    if targets.is_empty() {
        return Err(nobody(model).to_owned());
    }
    match rest {
        "" => {
            let is_in_maintenance = |target: &Target| is_in_maintenance(model, target.id);
            let (working, idle): (Vec<_>, Vec<_>) = targets.into_iter().partition(is_in_maintenance);
            if idle.is_empty() { end(model, &working, out) } else { open(model, idle) }
        }
        "end" => end(model, &targets, out),
        rest => {
            let (span, title) = wanted::read(rest, model.clock, model.settings.zone)?;
            declare(model, Maintain { targets, span, title }, out);
        }
    }
    Ok(())
}

/// The outage that is in sight or selected, where outages have the keys.
fn outage(model: &Model) -> Option<&Outage> {
    match model.place() {
        View::Outage => incident::outage(model),
        View::Outages => outages::selected(model),
        View::OutagesOfTarget => {
            let selected = model.detail.outages.selected;
            detail::outages(model).into_iter().find(|outage| Some(outage.id) == selected)
        }
        _ => None,
    }
}

fn nobody(model: &Model) -> &'static str {
    match model.view {
        View::Outage | View::Outages => "that target is not watched any more: nothing was declared",
        _ => "no target is selected",
    }
}

fn is_in_maintenance(model: &Model, id: TargetId) -> bool {
    model.target(id).is_some_and(|view| view.maintenance.is_some())
}

/// The whole time of an outage, up to now while it is open.
fn of_outage(model: &mut Model, outage: &Outage) -> Result<(), String> {
    let targets = change::known(model, &[outage.target]);
    if targets.is_empty() {
        return Err(nobody(model).to_owned());
    }
    let span = Span { from: outage.started_at, to: outage.ended_at().unwrap_or(model.clock) };
    let maintain = Maintain { targets, span, title: String::new() };
    model.overlay = Some(Overlay::Confirm(Confirm::Maintain(maintain)));
    Ok(())
}

fn open(model: &mut Model, targets: Vec<Target>) {
    let prompt = MaintenancePrompt { targets, input: Input::new(USUAL.to_owned()), refusal: None };
    model.overlay = Some(Overlay::Maintenance(prompt));
}

/// A key in the line. What is not understood stays there, with why.
pub fn press(model: &mut Model, mut prompt: MaintenancePrompt, key: KeyEvent, out: &mut Vec<Intent>) {
    match key.code {
        KeyCode::Esc => return,
        KeyCode::Enter => match wanted::read(prompt.input.value(), model.clock, model.settings.zone) {
            Ok((span, title)) => return declare(model, Maintain { targets: prompt.targets, span, title }, out),
            Err(why) => prompt.refusal = Some(why),
        },
        _ => {
            if field::key(&mut prompt.input, key) == field::Typed::Changed {
                prompt.refusal = None;
            }
        }
    }
    model.overlay = Some(Overlay::Maintenance(prompt));
}

/// Says it to the engine. Time that is over is asked about first: that changes figures which people have seen.
fn declare(model: &mut Model, maintain: Maintain, out: &mut Vec<Intent>) {
    if maintain.span.from < model.clock {
        model.overlay = Some(Overlay::Confirm(Confirm::Maintain(maintain)));
    } else {
        confirmed(model, maintain, out);
    }
}

/// Says it to the engine.
pub fn confirmed(model: &mut Model, maintain: Maintain, out: &mut Vec<Intent>) {
    let Maintain { targets, span, title } = maintain;
    let (zone, now, whose) = (model.settings.zone, model.clock, named(&targets));
    let what = if span.contains(now) {
        // A clock that one meant for today may come tomorrow only.
        let length =
            if zone.same_day(span.to, now) { String::new() } else { format!(", for {}", short(span.length())) };
        format!("maintenance of {whose} {}{length}", until(span.to, now, zone))
    } else {
        let verb = if span.to <= now { "declared" } else { "planned" };
        format!("{verb} maintenance of {whose}, {}", zone.span(span, now))
    };
    let targets = ids(&targets);
    // One that goes on and began at the same moment is replaced, and comes back.
    let mut replaced = going_on(model, &targets);
    replaced.retain(|(known, _)| known.span.from == span.from);
    let is_new = |id: &&TargetId| !replaced.iter().any(|(_, ids)| ids.contains(id));
    let new: Vec<TargetId> = targets.iter().filter(is_new).copied().collect();
    let mut inverse: Vec<Command> = replaced.into_iter().map(again).collect();
    if !new.is_empty() {
        inverse.push(Command::WithdrawMaintenance { targets: new, from: span.from });
    }
    ask(model, Command::Maintain { targets, span, title }, Pending::Change(Change { what, inverse }), out);
}

/// Maintenance of some targets, each with those that it is on.
type Known = Vec<(Arc<Maintenance>, Vec<TargetId>)>;

fn going_on(model: &Model, targets: &[TargetId]) -> Known {
    of_targets(model, targets, |view| view.maintenance.as_ref())
}

/// What is planned of some targets and begins first.
fn planned_next(model: &Model, targets: &[TargetId]) -> Known {
    let mut found = of_targets(model, targets, |view| view.planned.as_ref());
    let first = found.iter().map(|(known, _)| known.span.from).min();
    found.retain(|(known, _)| Some(known.span.from) == first);
    found
}

fn of_targets(model: &Model, targets: &[TargetId], which: fn(&TargetView) -> Option<&Arc<Maintenance>>) -> Known {
    let mut found = Known::new();
    for view in targets.iter().filter_map(|id| model.target(*id)) {
        let Some(known) = which(view) else { continue };
        match found.iter_mut().find(|(other, _)| other == known) {
            Some((_, ids)) => ids.push(view.target.id),
            None => found.push((Arc::clone(known), vec![view.target.id])),
        }
    }
    found
}

/// Lets it hold as it did.
fn again((known, targets): (Arc<Maintenance>, Vec<TargetId>)) -> Command {
    Command::Maintain { targets, span: known.span, title: known.title.clone() }
}

/// Ends what goes on with these; where nothing does, takes back what is planned next.
fn end(model: &mut Model, targets: &[Target], out: &mut Vec<Intent>) {
    let (ended, planned) = (going_on(model, &ids(targets)), planned_next(model, &ids(targets)));
    let targets: Vec<TargetId> = ended.iter().flat_map(|(_, ids)| ids).copied().collect();
    if targets.is_empty() {
        return take_back(model, planned, out);
    }
    let what = format!("ended the maintenance of {}", named(&change::known(model, &targets)));
    let change = Change { what, inverse: ended.into_iter().map(again).collect() };
    ask(model, Command::EndMaintenance(targets), Pending::Change(change), out);
}

/// Takes back what is planned and begins at one moment.
fn take_back(model: &mut Model, planned: Known, out: &mut Vec<Intent>) {
    let Some(span) = planned.first().map(|(first, _)| first.span) else {
        return model.refuse("no maintenance goes on there or is planned by hand");
    };
    let targets: Vec<TargetId> = planned.iter().flat_map(|(_, ids)| ids).copied().collect();
    let when = model.settings.zone.span(span, model.clock);
    let what = format!("took back the maintenance of {}, {when}", named(&change::known(model, &targets)));
    let change = Change { what, inverse: planned.into_iter().map(again).collect() };
    let command = Command::WithdrawMaintenance { targets, from: span.from };
    ask(model, command, Pending::Change(change), out);
}

fn ids(targets: &[Target]) -> Vec<TargetId> {
    targets.iter().map(|target| target.id).collect()
}
