//! `portpulse add`: fills in the form of the screen and sends it off.

use super::registry::{Registry, load};
use super::told;
use crate::cli::args::{Add, Figures, addresses, lines};
use crate::cli::{Exit, complain};
use crate::config::{Loaded, duration, policy};
use crate::domain::Definition;
use crate::monitor::Command;
use crate::tui::field;
use crate::tui::model::form::{Field, Form};
use std::io;

/// How a group is judged while the form is filled in.
const SOME_GROUP: &str = "all";

/// Adds what was named.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(add: &Add) -> io::Result<Exit> {
    match change(add) {
        Ok((registry, definitions)) => told::tell(&registry, add.place.json, "added", definitions.iter()),
        Err(exit) => Ok(exit),
    }
}

fn change(add: &Add) -> Result<(Registry, Vec<Definition>), Exit> {
    // A line of its own needs no number.
    addresses(&add.targets).map_err(|error| complain(&error.to_string(), Exit::Usage))?;
    let mut registry = Registry::open(&add.place)?;
    let loaded = load(&registry.configuration)?;
    let definitions = definitions(add, &loaded).map_err(|why| complain(&why, Exit::Usage))?;
    registry.ask(Command::Add(definitions.clone()))?;
    Ok((registry, definitions))
}

/// What the command line stands for.
fn definitions(add: &Add, loaded: &Loaded) -> Result<Vec<Definition>, String> {
    let mut form = Form::add(loaded.defaults.clone(), loaded.tags.clone());
    form.set_lines(Some(lines(&add.targets).join("\n")));
    put(&mut form, Field::Tags, &add.tags.join(" "));
    form.follow_tags();
    if let Some(name) = add.group.as_ref().or(add.name.as_ref()) {
        put(&mut form, Field::Name, name);
    }
    if add.group.is_some() {
        put(&mut form, Field::Group, SOME_GROUP);
    }
    fill_in(&mut form, &add.figures);
    let mut definitions = form.definitions().map_err(|(_, why)| why)?;
    if add.group.is_some() {
        for definition in &mut definitions {
            let count = definition.endpoints.len();
            let given = loaded.tags.over(&loaded.defaults, &definition.tags);
            definition.evaluation = add.evaluate.clone().unwrap_or_else(|| given.evaluation_for(count));
            policy::check(&definition.evaluation, count).map_err(|why| format!("--evaluate: {why}"))?;
        }
    }
    Ok(definitions)
}

/// Writes what was said into the fields.
pub(super) fn fill_in(form: &mut Form, figures: &Figures) {
    let said = [
        (Field::Every, figures.interval.map(duration::text)),
        (Field::Timeout, figures.timeout.map(duration::text)),
        (Field::DownAfter, figures.down_after.map(|count| count.to_string())),
        (Field::UpAfter, figures.up_after.map(|count| count.to_string())),
        (Field::SlowAt, figures.degraded_above.map(|limit| limit.0.map_or_else(|| "off".to_owned(), duration::text))),
        (Field::Note, figures.note.clone()),
    ];
    for (field, text) in said {
        if let Some(text) = text {
            put(form, field, &text);
        }
    }
}

pub(super) fn put(form: &mut Form, which: Field, text: &str) {
    field::replace(form.input_mut(which), text);
}
