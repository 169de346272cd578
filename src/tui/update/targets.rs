//! What keys do on the dashboard, and in which order its rows stand.

use super::super::action::Action;
use super::super::dashboard::past;
use super::super::filter::Filter;
use super::super::message::Intent;
use super::super::model::list::Step;
use super::super::model::overlay::Overlay;
use super::super::model::targets::{Column, Direction, Tally};
use super::super::model::{Model, View, Window};
use super::super::order;
use super::super::standing::Standing;
use super::{change, go, maintenance, travel};
use crate::monitor::TargetView;
use std::sync::Arc;
use std::time::Duration;

/// An order by a number that never stands still is made anew no more often than this, and not
/// within this time after the selection has moved: rows must not jump under the cursor.
const REORDERED_APART: Duration = Duration::from_secs(5);

/// An action on the dashboard; the detail view shares those that are about its target.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Intent>) {
    if let Some(by) = step_of(action, page(model)) {
        return step(model, by);
    }
    match action {
        Action::Open if model.selected().is_some() => go(model, View::Detail, out),
        Action::NextProblem => problem(model, Direction::Forward),
        Action::PreviousProblem => problem(model, Direction::Reverse),
        Action::Edit => change::open_edit(model),
        Action::Delete => change::open_delete(model, out),
        Action::Pause => change::toggle_pause(model, out),
        Action::Maintenance => maintenance::key(model, out),
        Action::CheckNow => change::check_now(model, out),
        Action::CheckProblems => change::check_problems(model, out),
        Action::Mute => mute(model),
        Action::Copy => copy(model, out),
        Action::CopySummary => copy_summary(model, out),
        Action::Note => model.overlay = model.targets.list.selected.map(Overlay::Note),
        Action::Filter => super::filter::open(model),
        Action::Sort => {
            let column = model.targets.order.column.next();
            sort_by(model, column);
        }
        Action::Reverse => {
            model.targets.order.direction = model.targets.order.direction.other();
            arrange(model);
        }
        Action::Mark => mark(model),
        Action::MarkAll => mark_all(model),
        Action::StepBack => travel::step(model, Direction::Reverse, out),
        Action::StepForward => travel::step(model, Direction::Forward, out),
        Action::PreviousChange => travel::change(model, Direction::Reverse, out),
        Action::NextChange => travel::change(model, Direction::Forward, out),
        Action::Window => {
            set_window(model, model.window.next());
        }
        _ => {}
    }
}

/// Lets the dashboard look back so far.
pub fn set_window(model: &mut Model, window: Window) {
    model.window = window;
    if model.targets.order.column == Column::Uptime {
        arrange(model);
    }
    super::detail::follow_window(model);
    model.say(format!("window {}", window.name()));
}

/// How an action moves a selection on pages of that many rows, if it does.
pub fn step_of(action: Action, page: usize) -> Option<Step> {
    let rows = |rows: usize| isize::try_from(rows.max(1)).unwrap_or(isize::MAX);
    Some(match action {
        Action::Down => Step::By(1),
        Action::Up => Step::By(-1),
        Action::First => Step::First,
        Action::Last => Step::Last,
        Action::HalfPageDown => Step::By(rows(page / 2)),
        Action::HalfPageUp => Step::By(-rows(page / 2)),
        Action::PageDown => Step::By(rows(page)),
        Action::PageUp => Step::By(-rows(page)),
        _ => return None,
    })
}

/// How many targets are in sight.
pub fn page(model: &Model) -> usize {
    usize::from(model.dashboard().list.height.saturating_sub(1))
}

/// Moves the selection.
pub fn step(model: &mut Model, step: Step) {
    let page = page(model);
    model.targets.ordered_at = model.clock;
    model.targets.list.step(&model.targets.shown, step, page);
}

/// Goes to the next target that is a problem, round about.
fn problem(model: &mut Model, direction: Direction) {
    let shown = &model.targets.shown;
    let here = model.targets.list.place(shown).unwrap_or(0);
    let places = (1..=shown.len()).map(|by| match direction {
        Direction::Forward => (here + by) % shown.len(),
        Direction::Reverse => (here + shown.len() - by) % shown.len(),
    });
    let is_problem = |id| model.target(id).is_some_and(|view| Standing::of(view).is_problem());
    let found = places.filter_map(|place| shown.get(place).copied()).find(|id| is_problem(*id));
    match found {
        Some(id) => {
            model.targets.list.selected = Some(id);
            model.targets.ordered_at = model.clock;
        }
        None => model.say("no problem in sight"),
    }
}

/// Marks the selected row, or takes its mark off, and goes on to the next.
fn mark(model: &mut Model) {
    if let Some(id) = model.targets.list.selected {
        if !model.targets.marks.remove(&id) {
            model.targets.marks.insert(id);
        }
        step(model, Step::By(1));
    }
}

/// Marks all rows that are shown, or takes all marks off if they are.
fn mark_all(model: &mut Model) {
    let targets = &mut model.targets;
    if targets.shown.iter().all(|id| targets.marks.contains(id)) {
        targets.marks.clear();
    } else {
        targets.marks.extend(targets.shown.iter().copied());
    }
}

fn mute(model: &mut Model) {
    let targets = change::acting_targets(model);
    let all_muted = targets.iter().all(|target| model.muted.contains(&target.id));
    for target in &targets {
        if all_muted {
            model.muted.remove(&target.id);
        } else {
            model.muted.insert(target.id);
        }
    }
    match (targets.as_slice(), all_muted) {
        ([], _) => model.refuse("no target is selected"),
        (_, true) => model.say("its bell rings again"),
        (_, false) => model.say("no bell until it is up again"),
    }
}

fn copy(model: &mut Model, out: &mut Vec<Intent>) {
    let addresses: Vec<String> = change::acting_targets(model)
        .iter()
        .flat_map(|target| target.definition.endpoints.iter().map(|endpoint| endpoint.address.to_string()))
        .collect();
    copy_text(model, addresses.join("\n"), out);
}

/// A line that can be put into a message to somebody else.
fn copy_summary(model: &mut Model, out: &mut Vec<Intent>) {
    let zone = model.settings.zone;
    let Some(view) = model.selected() else { return };
    let definition = &view.target.definition;
    let address = definition.endpoints.first().map(|endpoint| endpoint.address.to_string()).unwrap_or_default();
    let reason = view.outage.as_ref().map(|outage| format!(" ({})", outage.reason.sentence())).unwrap_or_default();
    let state = super::super::standing::word(view, super::super::glyphs::Charset::Ascii.glyphs());
    let since = super::super::standing::since(view);
    let uptime = super::super::text::uptime_in_words(&view.day.uptime);
    let text = format!(
        "{} {address} {state} since {} {}{reason}, 24h uptime {uptime}",
        definition.name,
        zone.date_clock(since),
        zone.name(since)
    );
    copy_text(model, text, out);
}

/// Sends a text to the terminal's clipboard; whether the terminal takes it, nobody can know.
pub fn copy_text(model: &mut Model, text: String, out: &mut Vec<Intent>) {
    if text.is_empty() {
        return model.refuse("nothing to copy");
    }
    let lines = text.lines().count();
    let shown = if lines > 1 { format!("{lines} lines") } else { text.clone() };
    model.say(format!("sent to the terminal clipboard: {shown}"));
    out.push(Intent::Copy(text));
}

/// Orders by another column.
pub fn sort_by(model: &mut Model, column: Column) {
    model.targets.order.column = column;
    model.targets.order.direction = Direction::Forward;
    arrange(model);
}

/// Lets other targets through.
pub fn set_filter(model: &mut Model, text: &str) {
    model.targets.filter = Filter::new(text);
    arrange(model);
}

/// Chooses which targets are shown and in which order. The selection stays on its target.
pub fn arrange(model: &mut Model) {
    let was = model.targets.list.place(&model.targets.shown);
    let filter = &model.targets.filter;
    let mut hidden = Tally::default();
    let mut views: Vec<&Arc<TargetView>> = Vec::with_capacity(model.snapshot.targets.len());
    let mut down = Vec::new();
    let first = model.snapshot.targets.first().map(|view| view.target.definition.interval);
    let mut every = first;
    for view in &model.snapshot.targets {
        every = every.filter(|every| *every == view.target.definition.interval);
        if Standing::of(view) == Standing::Down {
            down.push((std::cmp::Reverse(view.since), view.target.id));
        }
        if filter.admits(view) {
            views.push(view);
        } else {
            hidden.add(view);
        }
    }
    order::sort(&mut views, model.targets.order, |view| past::uptime(model, view).share());
    model.targets.shown = views.into_iter().map(|view| view.target.id).collect();
    model.targets.hidden = hidden;
    down.sort_unstable();
    model.targets.down = down.into_iter().map(|(_, id)| id).collect();
    model.targets.every = every;
    model.targets.ordered_at = model.clock;
    let page = page(model);
    model.targets.list.settle(&model.targets.shown, was, page);
}

/// Whether a change of a target whose standing stayed moves its row or hides it.
pub fn moves(model: &Model, before: &TargetView, after: &TargetView) -> bool {
    let filter = &model.targets.filter;
    (filter.follows_state() && filter.admits(before) != filter.admits(after))
        || (model.targets.order.column == Column::Since && before.since != after.since)
}

/// Whether an order that follows live numbers may be made anew.
pub fn is_due(model: &Model) -> bool {
    order::is_live(model.targets.order) && model.clock.since(model.targets.ordered_at) >= REORDERED_APART
}

/// Keeps the selection valid and in sight.
pub fn settle(model: &mut Model) {
    let page = page(model);
    let targets = &mut model.targets;
    if let Some(id) = targets.wanted
        && targets.shown.contains(&id)
    {
        targets.list.selected = Some(id);
        targets.wanted = None;
    }
    targets.list.settle(&targets.shown, None, page);
}
