//! `:report`: which span is meant, and the file that it goes to.

use super::super::message::Intent;
use super::super::model::{Model, Moment, Pending, View, incident, outages};
use crate::domain::{Span, Wall, parse_moment};
use crate::engine::Query;
use crate::engine::incident::{AROUND, Findings};
use crate::exchange::file::Taken;
use crate::exchange::report::{file_name, markdown};
use std::path::PathBuf;
use std::time::Duration;

/// How far back a report looks that is not told where to begin.
const LENGTH: Duration = Duration::from_hours(24);
/// How many words a moment has at most: `19 Nov 02:14`.
const WORDS_MAX: usize = 3;

/// Asks for what the report of a span tells.
///
/// `[from [to]] [file]`: as many words as make a moment, twice, and what is left is the file. Without a span it
/// is that of the outage in sight or selected, with what belongs to its evidence; elsewhere the last day.
pub fn ask(model: &mut Model, rest: &str, out: &mut Vec<Intent>) -> Result<(), String> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (from, words) = moment(model, &words);
    let (to, words) = if from.is_some() { moment(model, words) } else { (None, words) };
    let path = words.join(" ");
    if !path.is_empty() && !path.contains(['.', '/']) {
        return Err(parse_moment(&path, model.clock, model.settings.zone)
            .err()
            .map_or_else(String::new, |error| format!("{error}, or a file such as night.md")));
    }
    let span = match from {
        Some(from) => Span { from, to: to.unwrap_or(end(model)) },
        None => usual(model),
    };
    if span.from >= span.to {
        return Err("that span runs backwards: write where it begins, then where it ends".to_owned());
    }
    let pending = Pending::Report((!path.is_empty()).then(|| PathBuf::from(path)));
    super::query(model, Query::Report(span), pending, out);
    match model.moment() {
        Moment::At(at) if span.to <= after(at) => {
            model.say(format!("writing the report, up to {}", model.settings.zone.weekday_clock(at)));
        }
        _ => model.say("writing the report"),
    }
    Ok(())
}

/// Takes a moment off the front: the longest that the words make.
fn moment<'w>(model: &Model, words: &'w [&'w str]) -> (Option<Wall>, &'w [&'w str]) {
    for count in (1..=words.len().min(WORDS_MAX)).rev() {
        let (front, rest) = words.split_at(count);
        if let Ok(at) = parse_moment(&front.join(" "), model.clock, model.settings.zone) {
            return (Some(at), rest);
        }
    }
    (None, words)
}

fn usual(model: &Model) -> Span {
    let outage = match model.view {
        View::Outage => incident::outage(model),
        View::Outages => outages::selected(model),
        _ => None,
    };
    match outage {
        None => Span { from: model.now - LENGTH, to: end(model) },
        Some(outage) => {
            let end = outage.ended_at().map_or(self::end(model), |end| end + AROUND);
            Span { from: outage.started_at - AROUND, to: end }
        }
    }
}

/// Where a span ends that has no end: at the moment that is shown. History ends what ends now at its own present,
/// and the clock of the screen may be a second behind that, in which somebody wrote a note.
fn end(model: &Model) -> Wall {
    match model.moment() {
        Moment::Now => model.clock + AROUND,
        Moment::At(at) => after(at),
    }
}

fn after(moment: Wall) -> Wall {
    moment + Duration::from_millis(1)
}

/// What the report tells has come: it is written down.
pub fn answered(model: &mut Model, path: Option<PathBuf>, findings: &Findings, out: &mut Vec<Intent>) {
    let zone = model.settings.zone;
    let taken = if path.is_some() { Taken::Refuse } else { Taken::Next };
    let path = path.unwrap_or_else(|| PathBuf::from(file_name(findings.span, zone)));
    out.push(Intent::WriteFile { path, text: markdown(findings, zone), taken });
}

/// The file is there, or it is not.
pub fn wrote(model: &mut Model, result: Result<PathBuf, String>) {
    match result {
        Ok(path) => model.say(format!("wrote {}", path.display())),
        Err(why) => model.refuse(why),
    }
}
