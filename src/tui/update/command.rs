//! What keys do in the command line, and what each command does.

use super::super::command::{Verb, complete, named, nearest};
use super::super::message::Intent;
use super::super::model::form::{Form, parse_duration};
use super::super::model::overlay::{CommandLine, Completion, Help, Overlay};
use super::super::model::targets::Column;
use super::super::model::{Model, Pending, View, Window};
use super::super::settings::{Access, Switch};
use super::super::text::Zone;
use super::super::theme::Theme;
use super::{act, ask, change, export, form, maintenance, note, quit, report, targets, travel};
use crate::domain::{Activity, Address};
use crate::monitor::Command;
use crate::tui::field;
use crossterm::event::{KeyCode, KeyEvent};
use std::time::Duration;

/// How many commands are remembered.
const HISTORY_MAX: usize = 100;

/// A key in the command line.
pub fn press(model: &mut Model, mut line: CommandLine, key: KeyEvent, out: &mut Vec<Intent>) {
    match key.code {
        KeyCode::Esc => return,
        KeyCode::Backspace if line.input.value().is_empty() => return,
        KeyCode::Enter => return run(model, line.input.value().trim(), out),
        KeyCode::Tab => step_completion(model, &mut line, 1),
        KeyCode::BackTab => step_completion(model, &mut line, -1),
        KeyCode::Up => recall(model, &mut line, 1),
        KeyCode::Down => recall(model, &mut line, -1),
        _ => {
            if field::key(&mut line.input, key) == field::Typed::Changed {
                line.completion = None;
                line.recalled = None;
            }
        }
    }
    model.overlay = Some(Overlay::Command(line));
}

/// Puts the next way to complete the line into it.
fn step_completion(model: &Model, line: &mut CommandLine, by: isize) {
    let stem = line.completion.as_ref().map_or_else(|| line.input.value().to_owned(), |known| known.stem.clone());
    let mut tags: Vec<&str> =
        model.snapshot.targets.iter().flat_map(|view| &view.target.definition.tags).map(String::as_str).collect();
    tags.sort_unstable();
    tags.dedup();
    let candidates = complete(&stem, tags.into_iter());
    let count = candidates.len();
    if count == 0 {
        return;
    }
    let place = match &line.completion {
        None if by > 0 => 0,
        None => count - 1,
        Some(known) => (known.place + count).saturating_add_signed(by) % count,
    };
    if let Some(text) = candidates.get(place) {
        let closed = if count == 1 && !text.contains(' ') { format!("{text} ") } else { text.clone() };
        field::replace(&mut line.input, &closed);
        line.completion = (count > 1).then_some(Completion { stem, place });
    }
}

/// Puts an earlier command into the line.
fn recall(model: &Model, line: &mut CommandLine, by: isize) {
    let history = &model.command_history;
    let next = match (line.recalled, by) {
        (None, 1) => Some(0),
        (None | Some(0), _) if by < 0 => None,
        (Some(back), _) => Some(back.saturating_add_signed(by).min(history.len().saturating_sub(1))),
        (None, _) => None,
    };
    line.recalled = next.filter(|back| *back < history.len());
    let text = line.recalled.and_then(|back| history.iter().rev().nth(back)).map_or("", String::as_str);
    field::replace(&mut line.input, text);
    line.completion = None;
}

/// Runs a command.
pub fn run(model: &mut Model, text: &str, out: &mut Vec<Intent>) {
    let text = text.trim_start_matches(':').trim();
    if text.is_empty() {
        return;
    }
    // What an earlier command was refused for is no answer to this one.
    model.message = None;
    if model.command_history.last().is_none_or(|last| last != text) {
        model.command_history.push(text.to_owned());
        if model.command_history.len() > HISTORY_MAX {
            model.command_history.remove(0);
        }
    }
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    match named(name) {
        None => model.refuse(format!("there is no command :{name}; the nearest is :{}", nearest(name))),
        Some(spec) => match change_targets(model, spec.verb, rest, out) {
            Err(why) => model.refuse(format!("{}: {why}", format!(":{} {rest}", spec.name).trim())),
            Ok(Ran::Done) => {}
            Ok(Ran::NotMine) => {
                if let Err(why) = change_screen(model, spec.verb, rest, out) {
                    model.refuse(format!("{}: {why}", format!(":{} {rest}", spec.name).trim()));
                }
            }
        },
    }
}

/// Whether a verb was among those of a function.
enum Ran {
    Done,
    NotMine,
}

fn change_targets(model: &mut Model, verb: Verb, rest: &str, out: &mut Vec<Intent>) -> Result<Ran, String> {
    match verb {
        Verb::Add if rest.is_empty() => change::open_add(model),
        Verb::Add => add(model, rest, out),
        Verb::Edit => change::open_edit(model),
        Verb::Delete => change::open_delete(model, out),
        Verb::Pause => change::set_activity(model, &change::acting_targets(model), Activity::Paused, out),
        Verb::Resume => change::set_activity(model, &change::acting_targets(model), Activity::Watching, out),
        Verb::Check => check(model, rest, out)?,
        Verb::Every => {
            let interval = duration(rest, Duration::from_secs(1), Duration::from_hours(24))?;
            let retry = model.settings.defaults.retry_interval.min(interval);
            let set = |definition: &mut crate::domain::Definition| {
                definition.interval = interval;
                definition.retry_interval = definition.retry_interval.max(retry).min(interval);
            };
            change::edit_all(model, &format!("every {rest}"), set, out);
        }
        Verb::Timeout => {
            let timeout = duration(rest, Duration::from_millis(10), Duration::from_mins(10))?;
            let set = |definition: &mut crate::domain::Definition| {
                definition.endpoints.iter_mut().for_each(|endpoint| endpoint.timeout = timeout);
            };
            change::edit_all(model, &format!("timeout {rest}"), set, out);
        }
        Verb::Fails => {
            let fails = rest.parse().map_err(|_| format!("`{rest}` is no number from 1 to 255"))?;
            change::edit_all(
                model,
                &format!("DOWN after {fails} fails"),
                |definition| definition.down_after = fails,
                out,
            );
        }
        Verb::Tag => tag(model, rest, out)?,
        Verb::Maintenance => maintenance::command(model, rest, out)?,
        _ => return Ok(Ran::NotMine),
    }
    Ok(Ran::Done)
}

fn change_screen(model: &mut Model, verb: Verb, rest: &str, out: &mut Vec<Intent>) -> Result<(), String> {
    match verb {
        Verb::Filter => targets::set_filter(model, rest),
        Verb::Sort => {
            let column = Column::ALL.into_iter().find(|column| column.name() == rest);
            targets::sort_by(model, column.ok_or_else(|| one_of(Column::ALL.map(Column::name)))?);
        }
        Verb::At => travel::go_to(model, rest, out)?,
        Verb::Window => {
            let window = Window::ALL.into_iter().find(|window| window.name() == rest);
            act::set_window(model, window.ok_or_else(|| one_of(Window::ALL.map(Window::name)))?);
        }
        Verb::View => {
            let view = View::ALL.into_iter().find(|view| view.name() == rest);
            act::jump(model, view.ok_or_else(|| one_of(View::ALL.map(View::name)))?, out);
        }
        Verb::Theme => {
            model.settings.theme = Theme::named(rest).ok_or_else(|| one_of(Theme::ALL.map(Theme::name)))?;
        }
        Verb::Ascii => model.settings.charset = model.settings.charset.other(),
        Verb::Utc => {
            model.settings.zone = if model.settings.zone == Zone::Utc { Zone::Local } else { Zone::Utc };
            model.say(format!("times are in {}", model.settings.zone.name(model.now)));
        }
        Verb::Bell => {
            model.settings.bell = switch(rest, model.settings.bell)?;
            model.say(format!("bell {}", model.settings.bell.word()));
        }
        Verb::Mouse => act::set_mouse(model, switch(rest, model.settings.mouse)?, out),
        Verb::Note => note::write(model, rest, note::Whose::Meant, out)?,
        Verb::NoteAll => note::write(model, rest, note::Whose::All, out)?,
        Verb::Report => report::ask(model, rest, out)?,
        Verb::Export => export::ask(model, rest, out)?,
        Verb::BackUp => export::back_up(model, rest, out)?,
        Verb::ReadOnly => {
            model.settings.access = match model.settings.access {
                Access::Full => Access::ReadOnly,
                Access::ReadOnly => Access::Full,
            };
            model.say(if model.settings.access == Access::ReadOnly {
                "changes are refused"
            } else {
                "changes are allowed"
            });
        }
        Verb::Keys => model.overlay = Some(Overlay::Help(Help::default())),
        Verb::Quit => quit(model, out),
        Verb::QuitNow => out.push(Intent::Quit),
        _ => {}
    }
    Ok(())
}

/// Adds what the line says; if it cannot be, the form opens with it and with the reason.
fn add(model: &mut Model, rest: &str, out: &mut Vec<Intent>) {
    if change::is_allowed(model) {
        let mut form = Form::add(model.settings.defaults.clone(), model.settings.tags.clone());
        form.set_target(rest);
        form::save(model, Box::new(form), out);
    }
}

fn check(model: &mut Model, rest: &str, out: &mut Vec<Intent>) -> Result<(), String> {
    if !rest.is_empty() {
        let address: Address = rest.parse().map_err(|error: crate::domain::AddressError| error.to_string())?;
        let endpoint = model.settings.defaults.look(address);
        ask(model, Command::Instant(endpoint), Pending::Instant, out);
    }
    act::jump(model, View::Checks, out);
    Ok(())
}

fn tag(model: &mut Model, rest: &str, out: &mut Vec<Intent>) -> Result<(), String> {
    let mut on = Vec::new();
    let mut off = Vec::new();
    for word in rest.split_whitespace() {
        match (word.strip_prefix('+'), word.strip_prefix('-')) {
            (Some(tag), _) if !tag.is_empty() => on.push(tag.to_owned()),
            (_, Some(tag)) if !tag.is_empty() => off.push(tag.to_owned()),
            _ => return Err(format!("write +{word} or -{word}")),
        }
    }
    if on.is_empty() && off.is_empty() {
        return Err("write +tag or -tag".to_owned());
    }
    let set = |definition: &mut crate::domain::Definition| {
        definition.tags.retain(|tag| !off.contains(tag));
        for tag in &on {
            if !definition.tags.contains(tag) {
                definition.tags.push(tag.clone());
            }
        }
    };
    change::edit_all(model, &format!("tags {rest}"), set, out);
    Ok(())
}

fn duration(text: &str, least: Duration, most: Duration) -> Result<Duration, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("{text} of what? write {text}s or {text}m"));
    }
    let found = parse_duration(text).ok_or_else(|| format!("`{text}` is no duration: write 30s, 1m30s, 250ms"))?;
    if (least..=most).contains(&found) {
        return Ok(found);
    }
    let period = super::super::text::period;
    Err(format!("write a time from {} to {}", period(least), period(most)))
}

fn switch(text: &str, now: Switch) -> Result<Switch, String> {
    match text {
        "" => Ok(now.other()),
        "on" => Ok(Switch::On),
        "off" => Ok(Switch::Off),
        _ => Err("write on or off".to_owned()),
    }
}

fn one_of<const N: usize>(names: [&str; N]) -> String {
    format!("write one of {}", names.join(", "))
}
