//! What is wrong with portpulse itself, in words that cannot be overlooked.

use super::action::Action;
use super::model::{Engine, Model, View};
use super::settings::Company;
use super::text::wrap;
use crate::domain::text::clean;
use crate::monitor::{Recording, Sight};

/// The longest banner, in graphemes.
const BANNER_MAX: usize = 400;
/// How many lines one banner may have.
const LINES_MAX: usize = 3;

/// What is wrong, the gravest first, in lines that fit the screen.
pub fn banners(model: &Model) -> Vec<String> {
    let zone = model.settings.zone;
    let mut lines = Vec::new();
    if model.engine == Engine::Lost {
        lines.push("STOPPED: the monitor has ended and nothing is checked; quit and start portpulse again".to_owned());
    }
    lines.extend(company(model));
    lines.extend(travel(model));
    if let Sight::Blind { since, why, scope } = &model.snapshot.sight {
        let since = zone.nearby(*since, model.now);
        lines.push(format!("BLIND since {since} ({scope}): {why}; no outage opens or closes"));
    }
    if let Recording::Failing { since, why, waiting, lost } = &model.live().recording {
        let since = zone.nearby(*since, model.now);
        let counts = match (waiting, lost) {
            (0, 0) => String::new(),
            (waiting, 0) => format!("; {waiting} checks wait"),
            (waiting, lost) => format!("; {waiting} checks wait, {lost} lost"),
        };
        lines.push(format!("NOT RECORDING since {since}: {why}{counts}"));
    }
    if let Some(why) = &model.live().configuration_error {
        lines.push(format!("CONFIGURATION not taken over, the old one stays: {why}"));
    }
    if let Some(note) = model.events.unseen() {
        let at = zone.nearby(note.at, model.now);
        let key = model.settings.keymap.label(Action::ShowEvents, model.glyphs()).unwrap_or_else(|| ":view".to_owned());
        lines.push(format!("NOTE {at}: {} ({key}: events)", note.text));
    }
    let columns = usize::from(model.size.columns).saturating_sub(2);
    lines.iter().flat_map(|line| folded(&clean(line, BANNER_MAX), columns)).collect()
}

/// That nobody makes the checks, or that nobody knows whether somebody does.
fn company(model: &Model) -> Option<String> {
    let zone = model.settings.zone;
    match &model.settings.company {
        Company::Owner { .. } | Company::Attached { .. } => None,
        Company::Silent { process, since } => {
            let since = zone.nearby(*since, model.clock);
            Some(format!(
                "NO WORD from process {process}, which makes the checks, since {since}: this is how it was then"
            ))
        }
        Company::Gone { process, since, why } => {
            let since = zone.nearby(*since, model.clock);
            Some(format!("NOBODY CHECKS since {since}: process {process} is gone, and nobody goes on yet ({why})"))
        }
    }
}

/// That this is the past, which moment of it, and the way back.
fn travel(model: &Model) -> Option<String> {
    let (travel, zone) = (model.travel.as_ref()?, model.settings.zone);
    let at = travel.shown.at;
    let back = match (model.view, model.settings.keymap.label(Action::Back, model.glyphs())) {
        (View::Targets, Some(key)) => format!("{key}: back to now"),
        _ => ":at now: back to now".to_owned(),
    };
    let forgotten = match travel.shown.forgotten {
        0 => String::new(),
        1 => "; 1 target that was deleted since is missing".to_owned(),
        many => format!("; {many} targets that were deleted since are missing"),
    };
    let separator = model.glyphs().separator;
    Some(format!("AS IT WAS at {} {}{separator}{back}{forgotten}", zone.weekday_clock(at), zone.name(at)))
}

/// A text in as many lines as a banner may have; what is too long for them stays in the last one.
fn folded(text: &str, columns: usize) -> Vec<String> {
    let mut lines = wrap(text, columns);
    if lines.len() > LINES_MAX {
        let rest = lines.split_off(LINES_MAX - 1);
        lines.push(rest.join(" "));
    }
    lines
}
