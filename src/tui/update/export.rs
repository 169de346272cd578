//! `:export` and `:backup`: what is meant by what is shown, and the files that it goes to.

use super::super::message::{Exporting, Intent, Written};
use super::super::model::form::parse_duration;
use super::super::model::{Model, View, incident, outages};
use crate::domain::{Span, TargetId, Wall};
use crate::engine::incident::AROUND;
use crate::exchange::Format;
use crate::exchange::export::{Export, Exported, STEP};
use crate::words::{count, plural};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Writes rows of what is shown into a new file.
///
/// `[checks|outages|summary] [STEP] [csv|json] FILE`: without the first, what the view is about; with a step such
/// as `1h`, a row of the summary for each; without the format, what the file is called after its last dot.
/// `stop` ends what is being written.
pub fn ask(model: &mut Model, rest: &str, out: &mut Vec<Intent>) -> Result<(), String> {
    if rest == "stop" {
        model.say("what is being exported ends here");
        out.push(Intent::StopExports);
        return Ok(());
    }
    let (what, rest) = word(rest, &Exported::NAMES);
    let (step, rest) = step(rest);
    let (format, file) = word(rest, &Format::NAMES);
    let path = PathBuf::from(file);
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let of_the_ending = Format::NAMES.iter().find(|(name, _)| ending.eq_ignore_ascii_case(name));
    let Some(format) = format.or(of_the_ending.map(|(_, format)| *format)).filter(|_| !file.is_empty()) else {
        return Err("write the name of a new file, such as night.csv or night.json".to_owned());
    };
    let shown = shown(model);
    let targets = shown.targets;
    if targets.is_empty() {
        return Err("no target is shown of which anything could be written".to_owned());
    }
    if step.is_some_and(|step| !STEP.contains(&step)) {
        return Err("a step is from 1s to 400d, such as 1h".to_owned());
    }
    let what = what.unwrap_or(shown.what);
    if step.is_some() && what != Exported::Summary {
        return Err("a step is for summary: checks and outages have a row each".to_owned());
    }
    model.say(writing(&path, targets.len()));
    out.push(Intent::Export { path, export: Export { what, targets, span: shown.span, step, format } });
    Ok(())
}

/// Copies the whole history into a new file.
pub fn back_up(model: &mut Model, rest: &str, out: &mut Vec<Intent>) -> Result<(), String> {
    if matches!(rest, "" | "-") {
        return Err("write the name of a new file, such as month.bak".to_owned());
    }
    model.say(format!("copying the history to {rest}"));
    out.push(Intent::BackUp(Path::new(rest).to_owned()));
    Ok(())
}

/// Says how far a file has come, unless something else is said.
pub fn goes_on(model: &mut Model, Exporting { path, targets, done, rows }: &Exporting) {
    let about = writing(path, *targets);
    if model.message.as_ref().is_none_or(|message| message.text.starts_with(&about)) {
        let (done, rows) = (count(*done as u64), plural(*rows, "row"));
        model.say(format!("{about}: {done} done, {rows}; :export stop ends it"));
    }
}

fn writing(path: &Path, targets: usize) -> String {
    format!("writing {} of {}", path.display(), plural(targets as u64, "target"))
}

/// The file is there, or it is not.
pub fn wrote(model: &mut Model, result: Result<Written, String>) {
    match result {
        Ok(Written { path, rows, bytes }) => {
            let rows = rows.map(|rows| format!("{}, ", plural(rows, "row"))).unwrap_or_default();
            model.say(format!("wrote {}: {rows}{} bytes", path.display(), count(bytes)));
        }
        Err(why) => model.refuse(why),
    }
}

/// Takes a word off the front if it is one of these.
fn word<'r, T: Copy>(rest: &'r str, names: &[(&str, T)]) -> (Option<T>, &'r str) {
    let (front, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match names.iter().find(|(name, _)| *name == front) {
        Some((_, value)) => (Some(*value), behind.trim_start()),
        None => (None, rest),
    }
}

/// Takes the length of a step off the front, if there is one with a unit.
fn step(rest: &str) -> (Option<Duration>, &str) {
    let Some((front, behind)) = rest.split_once(char::is_whitespace) else { return (None, rest) };
    let is_number = front.bytes().all(|byte| byte.is_ascii_digit());
    match parse_duration(front).filter(|step| !is_number && !step.is_zero()) {
        Some(step) => (Some(step), behind.trim_start()),
        None => (None, rest),
    }
}

/// What the screen shows: whose history, of which time, and which rows it is made of.
struct Shown {
    targets: Vec<TargetId>,
    span: Span,
    what: Exported,
}

fn shown(model: &Model) -> Shown {
    match model.view {
        View::Detail | View::Chart | View::OutagesOfTarget => {
            let span = model.detail.sight.look().span(model.now);
            Shown { targets: model.detail.target.into_iter().collect(), span, what: Exported::Checks }
        }
        View::Outage => {
            let outage = incident::outage(model);
            let span = outage.map(|outage| Span {
                from: outage.started_at - AROUND,
                to: outage.ended_at().map_or(after(model.now), |end| after(end + AROUND)),
            });
            let span = span.unwrap_or(Span { from: model.now, to: after(model.now) });
            let targets = outage.map(|outage| outage.target).into_iter().collect();
            Shown { targets, span, what: Exported::Checks }
        }
        View::Outages => {
            let mut targets: Vec<TargetId> = outages::shown(model).iter().map(|outage| outage.target).collect();
            targets.sort_unstable();
            targets.dedup();
            Shown { targets, span: back(model, model.outages.length.length()), what: Exported::Outages }
        }
        View::Targets | View::Checks | View::Events => {
            let marks = &model.targets.marks;
            let targets = if marks.is_empty() { model.targets.shown.clone() } else { marks.iter().copied().collect() };
            Shown { targets, span: back(model, model.window.length()), what: Exported::Summary }
        }
    }
}

/// The time before the moment that is shown, and that moment.
fn back(model: &Model, length: Duration) -> Span {
    Span { from: model.now - length, to: after(model.now) }
}

fn after(moment: Wall) -> Wall {
    moment + Duration::from_millis(1)
}
