//! Notes on timelines: `:note`, `:note!`, and taking one back.

use super::super::message::Intent;
use super::super::model::{Model, Pending, View, incident, outages};
use super::super::text::plural;
use super::{ask, change};
use crate::domain::{Remark, TargetId, Wall, parse_moment};
use crate::monitor::{Command, Reply};

/// On whose timeline a note stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// On that of the target that is in sight, selected or marked.
    Meant,
    /// On that of all.
    All,
}

/// Writes a note. `@` in front of it says which moment it is about, else it is about now.
pub fn write(model: &mut Model, words: &str, whose: Whose, out: &mut Vec<Intent>) -> Result<(), String> {
    if !change::is_allowed(model) {
        return Ok(());
    }
    let (about, text) = moment(model, words)?;
    if text.is_empty() {
        return Err("write what there is to say".to_owned());
    }
    let text = text.to_owned();
    let targets: Vec<TargetId> = match whose {
        Whose::All => {
            let what = "noted on the timeline of all targets".to_owned();
            ask(model, Command::Remark { target: None, about, text }, Pending::Note(what), out);
            return Ok(());
        }
        Whose::Meant => meant(model),
    };
    let what = match targets.as_slice() {
        [] => return Err("no target is selected; `:note!` writes on the timeline of all".to_owned()),
        [only] => model.target(*only).map_or_else(|| "it".to_owned(), |view| view.target.definition.name.clone()),
        many => plural(many.len() as u64, "target"),
    };
    for target in targets {
        let command = Command::Remark { target: Some(target), about, text: text.clone() };
        ask(model, command, Pending::Note(format!("noted on the timeline of {what}")), out);
    }
    Ok(())
}

/// The targets whose timelines are meant: in the views of outages those of the outage.
pub fn meant(model: &Model) -> Vec<TargetId> {
    let outage = match model.view {
        View::Outage => incident::outage(model),
        View::Outages => outages::selected(model),
        _ => return change::acting(model),
    };
    outage.map(|outage| outage.target).into_iter().collect()
}

/// Takes `@MOMENT` off the front of a note: as many of the first words as make a moment, at most three.
fn moment<'w>(model: &Model, words: &'w str) -> Result<(Option<Wall>, &'w str), String> {
    let Some(dated) = words.strip_prefix('@') else { return Ok((None, words)) };
    let ends = dated.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(end, _)| end);
    let ends: Vec<usize> = ends.chain([dated.len()]).take(3).collect();
    let read = |end: usize| parse_moment(&dated[..end], model.clock, model.settings.zone);
    let longest = ends.iter().rev().find_map(|&end| Some((read(end).ok()?, end)));
    match longest {
        Some((at, _)) if at > model.clock => Err("that is still to come: a note is about what has been".to_owned()),
        Some((at, end)) => Ok((Some(at), dated[end..].trim())),
        None => Err(read(ends[0]).err().map_or_else(String::new, |error| error.to_string())),
    }
}

/// Takes a note back.
pub fn withdraw(model: &mut Model, remark: Remark, out: &mut Vec<Intent>) {
    let Remark { about, target, text } = remark;
    let target = target.map(|(id, _)| id);
    let pending = Pending::Note("took the note back".to_owned());
    ask(model, Command::WithdrawRemark { target, about, text }, pending, out);
}

/// The engine has written it, or refused to. What shows notes is asked for again at once.
pub fn replied(model: &mut Model, what: &str, reply: Reply) {
    if let Reply::Refused(refusal) = reply {
        return model.refuse(refusal.to_string());
    }
    model.incident.asked = None;
    model.say(what);
}
