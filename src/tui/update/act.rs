//! What each action does: those of every view here, the others in the file of their view.

use super::super::action::Action;
use super::super::layout::Shape;
use super::super::message::Intent;
use super::super::model::overlay::{CommandLine, Help, Overlay};
use super::super::model::{Freeze, Model, Pane, View, Window};
use super::super::settings::Switch;
use super::{back, change, checks, detail, events, filter, go, incident, outages, quit, targets, travel};
use std::sync::Arc;
use std::time::Duration;

/// Two interrupts within this time quit at once.
const INTERRUPT_TWICE: Duration = Duration::from_secs(2);

/// Carries out an action.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    match action {
        Action::Back => escape(model, out),
        Action::Leave => leave(model, out),
        Action::Quit => close(model, out),
        Action::Interrupt => interrupt(model, out),
        Action::Suspend => out.push(Intent::Suspend),
        Action::Repaint => out.push(Intent::Repaint),
        Action::ShowTargets => jump(model, View::Targets, out),
        Action::ShowOutages => jump(model, View::Outages, out),
        Action::ShowChecks | Action::Instant => jump(model, View::Checks, out),
        Action::ShowEvents => jump(model, View::Events, out),
        Action::NextPane | Action::PreviousPane => pane(model, action, out),
        Action::Zoom => zoom(model, out),
        Action::Freeze if model.travel.is_some() => model.refuse("the past stands still already"),
        Action::Freeze => freeze(model),
        Action::Theme => {
            model.settings.theme = model.settings.theme.next();
            model.say(format!("theme {}", model.settings.theme.name()));
        }
        Action::Mouse => set_mouse(model, model.settings.mouse.other(), out),
        Action::Bell => {
            model.settings.bell = model.settings.bell.other();
            model.say(format!("bell {}", model.settings.bell.word()));
        }
        Action::Add => change::open_add(model),
        Action::Undo => change::undo(model, out),
        Action::Help => model.overlay = Some(Overlay::Help(Help::default())),
        Action::Command => model.overlay = Some(Overlay::Command(CommandLine::default())),
        other => in_place(model, other, out),
    }
}

/// Hands an action to the view or pane that has the keys.
fn in_place(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    match model.place() {
        View::Targets => targets::act(model, action, out),
        View::Detail | View::Chart | View::OutagesOfTarget => detail::act(model, action, out),
        View::Outages => outages::act(model, action, out),
        View::Outage => incident::act(model, action, out),
        View::Checks => checks::act(model, action, out),
        View::Events => events::act(model, action, out),
    }
}

/// Goes to a view directly; going back leads to the targets.
pub fn jump(model: &mut Model, view: View, out: &mut Vec<Intent>) {
    model.trail.clear();
    if view == View::Targets {
        back(model, out);
        model.pane = Pane::List;
    } else if model.view != view {
        model.view = View::Targets;
        go(model, view, out);
    } else {
        model.trail.push(View::Targets);
    }
}

/// Takes off one thing at a time, and never quits: what was zoomed into, the view, the pane, the past, marks,
/// the filter.
fn escape(model: &mut Model, out: &mut Vec<Intent>) {
    let is_detail = matches!(model.place(), View::Detail | View::Chart | View::OutagesOfTarget);
    if is_detail && detail::step_out(model) {
        return;
    }
    if matches!(model.view, View::Outages | View::Events) && !filter::text(model).is_empty() {
        filter::set(model, "");
    } else if model.view != View::Targets {
        back(model, out);
    } else if model.pane != Pane::List {
        model.pane = Pane::List;
    } else if model.travel.is_some() {
        travel::leave(model);
    } else if !model.targets.marks.is_empty() {
        model.targets.marks.clear();
    } else if !model.targets.filter.is_empty() {
        targets::set_filter(model, "");
    } else if model.zoom == Switch::On {
        model.zoom = Switch::Off;
    }
}

fn leave(model: &mut Model, out: &mut Vec<Intent>) {
    if model.view == View::Targets {
        model.pane = Pane::List;
    } else if model.view != View::Detail || !detail::step_out(model) {
        back(model, out);
    }
}

/// Closes the view; on the dashboard it asks whether to quit.
fn close(model: &mut Model, out: &mut Vec<Intent>) {
    if model.view == View::Targets {
        quit(model, out);
    } else {
        back(model, out);
    }
}

/// The first interrupt closes like `q`, a second soon after quits at once.
pub fn interrupt(model: &mut Model, out: &mut Vec<Intent>) {
    let again = model.interrupted_at.is_some_and(|at| model.clock.since(at) <= INTERRUPT_TWICE && model.clock >= at);
    model.interrupted_at = Some(model.clock);
    if again {
        out.push(Intent::Quit);
    } else if model.overlay.is_some() {
        super::overlay::cancel(model);
    } else if model.place() == View::Checks {
        checks::act(model, Action::Interrupt, out);
    } else {
        close(model, out);
    }
}

/// Steps through the panes of a wide dashboard; elsewhere the view has its own fields.
fn pane(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    if model.view != View::Targets {
        return in_place(model, action, out);
    }
    if model.shape() != Shape::Panes {
        return;
    }
    let panes = [Pane::List, Pane::Detail, Pane::Events, Pane::Checks];
    let place = panes.iter().position(|pane| *pane == model.pane).unwrap_or(0);
    let step = if action == Action::NextPane { 1 } else { panes.len() - 1 };
    model.pane = panes[(place + step) % panes.len()];
    if model.pane == Pane::Checks {
        checks::enter(model, out);
    }
}

/// Gives the pane the whole screen, or takes it back.
fn zoom(model: &mut Model, out: &mut Vec<Intent>) {
    match (model.view, model.place()) {
        (View::Detail, _) if detail::spread(model) => {}
        (View::Targets, View::Targets) => model.zoom = model.zoom.other(),
        (View::Targets, place) => go(model, place, out),
        _ => back(model, out),
    }
}

/// Stops the screen, or lets it go on with the newest picture.
pub fn freeze(model: &mut Model) {
    match model.freeze.take() {
        None => model.freeze = Some(Freeze { since: model.clock, newest: Arc::clone(&model.snapshot) }),
        Some(freeze) => {
            model.now = model.clock;
            super::snapshot::show(model, freeze.newest);
        }
    }
}

/// Lets the view look back so far.
pub fn set_window(model: &mut Model, window: Window) {
    match model.place() {
        View::Detail | View::Chart | View::OutagesOfTarget => detail::set_length(model, window),
        // An hour is what the dashboard is for.
        View::Outages if window == Window::Hour => model.refuse("outages are listed over 24h, 7d or 31d"),
        View::Outages => model.outages.length = window,
        _ => targets::set_window(model, window),
    }
}

/// Captures the mouse, or gives it back to the terminal's own selection.
pub fn set_mouse(model: &mut Model, mouse: Switch, out: &mut Vec<Intent>) {
    model.settings.mouse = mouse;
    out.push(Intent::CaptureMouse(mouse == Switch::On));
    let why = if mouse == Switch::On { ": the terminal selects text only with Shift held" } else { "" };
    model.say(format!("mouse {}{why}", mouse.word()));
}
