//! The last line: the keys of this view as they are bound now, and where in the list one is.

use super::super::action::{ACTIONS, Action, Hint};
use super::super::model::checks::Focus;
use super::super::model::{Message, Model, Overlay, Tone, View};
use super::super::text::width;
use super::super::theme::Role;
use super::pen::{put, put_right};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The keys of a view in so many columns; those that do not fit are left out from the end.
pub fn footer(model: &Model, view: View, columns: usize) -> String {
    let mut line = String::new();
    for (hint, spec) in ACTIONS.iter().flat_map(|spec| spec.hints.iter().map(move |hint| (hint, spec))) {
        let Hint { view: shown_in, word, columns: least } = hint;
        // Nobody can write a note in the past.
        let word = if model.travel.is_some() { word.trim_start_matches("note, ") } else { word };
        let is_refused = model.travel.is_some() && spec.action.is_of_the_present();
        if *shown_in != view || model.size.columns < *least || is_refused {
            continue;
        }
        let Some(key) = model.settings.keymap.label(spec.action, model.glyphs()) else { continue };
        let gap = if line.is_empty() { " " } else { "  " };
        if width(&line) + gap.len() + width(&key) + 1 + width(word) > columns {
            break;
        }
        line.extend([gap, &key, " ", word]);
    }
    line
}

/// The keys that do something while nothing is watched.
fn first_keys(model: &Model) -> String {
    let actions = [
        (Action::Add, "add"),
        (Action::Instant, "check"),
        (Action::Command, "cmd"),
        (Action::Help, "help"),
        (Action::Quit, "quit"),
    ];
    keys(model, &actions)
}

/// Some actions with their keys.
fn keys(model: &Model, actions: &[(Action, &str)]) -> String {
    let label = |action| model.settings.keymap.label(action, model.glyphs());
    let words: Vec<String> =
        actions.iter().filter_map(|(action, word)| Some(format!("{} {word}", label(*action)?))).collect();
    format!(" {}", words.join("  "))
}

/// The keys that lead through time, and those that the past leaves.
fn past_keys(model: &Model, room: usize) -> String {
    let actions = [
        (Action::StepBack, "earlier"),
        (Action::StepForward, "later"),
        (Action::PreviousChange, "change before"),
        (Action::NextChange, "after"),
        (Action::Back, "now"),
        (Action::Open, "detail"),
        (Action::NextProblem, "problem"),
        (Action::Filter, "filter"),
        (Action::Window, "step"),
        (Action::Command, "cmd"),
        (Action::Help, "help"),
    ];
    let fitting = (0..=actions.len()).rev().filter_map(|count| actions.get(..count));
    fitting.map(|actions| keys(model, actions)).find(|line| width(line) <= room).unwrap_or_default()
}

/// The keys of the field of the instant check, which takes all letters for itself.
fn field_keys(model: &Model) -> String {
    let glyphs = model.glyphs();
    let (enter, down) = (glyphs.enter, glyphs.arrow_down);
    format!(" {enter} run  {down} history  ^t timeout  ^u clear  ^c stop  Esc back")
}

/// Which rows are in sight, and how many are marked.
pub fn position(model: &Model) -> String {
    let targets = &model.targets;
    let total = targets.shown.len();
    let rows = super::super::dashboard::in_sight(model).len();
    let from = targets.list.offset.min(total.saturating_sub(rows));
    let marked = if targets.marks.is_empty() { String::new() } else { format!("{} marked  ", targets.marks.len()) };
    match total {
        0 => format!("{marked}0 of 0"),
        _ => format!("{marked}{}-{} of {total}", from + 1, from + rows),
    }
}

/// How many lines of a detail are out of sight below, and how to come to them.
fn below(model: &Model) -> String {
    let hidden = super::detail::overflow(model).saturating_sub(model.detail.offset);
    let key = model.settings.keymap.label(Action::PageDown, model.glyphs());
    key.filter(|_| hidden > 0 && model.place() == View::Detail)
        .map_or_else(String::new, |key| format!("{key} {hidden} more "))
}

/// Draws the line. Views without a line for messages have them here.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let message = model.message.as_ref().filter(|_| model.view != View::Targets || model.snapshot.targets.is_empty());
    if let Some(Message { text, tone, .. }) = message {
        let role = if *tone == Tone::Refused { Role::Error } else { Role::Strong };
        let text = super::super::text::clip(&format!(" {text}"), usize::from(area.width), model.glyphs().ellipsis);
        put(buffer, area.x, area.y, area.width, &text, model.style(role));
        return;
    }
    let style = model.style(Role::Muted);
    let is_list = model.view == View::Targets && !model.snapshot.targets.is_empty();
    let position = match model.view {
        View::Targets if is_list => position(model) + " ",
        View::Detail => below(model),
        _ => String::new(),
    };
    let room = usize::from(area.width).saturating_sub(width(&position) + 1);
    let text = match model.overlay {
        Some(Overlay::Filter(_)) => {
            format!(" {} keep filter   Esc clear   !x exclude   state:down tag:db port:5432", model.glyphs().enter)
        }
        _ if model.view == View::Targets && !is_list => first_keys(model),
        _ if model.place() == View::Checks && model.checks.focus == Focus::Field => field_keys(model),
        _ if model.travel.is_some() && model.place() == View::Targets => past_keys(model, room),
        _ => footer(model, model.place(), room),
    };
    put(buffer, area.x, area.y, area.width, &text, style);
    if !matches!(model.overlay, Some(Overlay::Filter(_))) {
        put_right(buffer, area.x, area.y, area.width, &position, style);
    }
}
