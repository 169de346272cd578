//! `portpulse edit`: fills in the form of the screen that edits a target, and sends it off.

use super::add::{fill_in, put};
use super::registry::{Registry, load};
use super::{the_one, told};
use crate::cli::args::{Edit, addresses, lines};
use crate::cli::{Exit, complain};
use crate::config::{Loaded, policy};
use crate::domain::{Definition, Target};
use crate::monitor::Command;
use crate::tui::model::form::{Field, Form};
use std::io;

/// Changes the target that was named.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(edit: &Edit) -> io::Result<Exit> {
    match change(edit) {
        Ok((registry, definition)) => told::tell(&registry, edit.place.json, "edited", std::iter::once(&definition)),
        Err(exit) => Ok(exit),
    }
}

fn change(edit: &Edit) -> Result<(Registry, Definition), Exit> {
    let misused = |why: String| complain(&why, Exit::Usage);
    addresses(&edit.addresses).map_err(|error| misused(error.to_string()))?;
    let mut registry = Registry::open(&edit.place)?;
    let view = the_one(&registry, &edit.target)?;
    let loaded = load(&registry.configuration)?;
    let definition = edited(edit, &view.target, &loaded).map_err(misused)?;
    registry.ask(Command::Edit(view.target.id, Box::new(definition.clone())))?;
    Ok((registry, definition))
}

/// The target with what was said of it.
fn edited(edit: &Edit, target: &Target, loaded: &Loaded) -> Result<Definition, String> {
    let mut form = Form::edit(target, &loaded.defaults, &loaded.tags);
    if !edit.addresses.is_empty() {
        form.set_lines(Some(lines(&edit.addresses).join("\n")));
    }
    if let Some(name) = &edit.name {
        put(&mut form, Field::Name, name);
    }
    if let Some(evaluation) = &edit.evaluate {
        put(&mut form, Field::Group, &policy::text(evaluation));
    }
    let kept = target.definition.tags.iter().filter(|tag| !edit.untag.contains(tag));
    let new = edit.tags.iter().filter(|tag| !target.definition.tags.contains(tag));
    let tags: Vec<&str> = kept.chain(new).map(String::as_str).collect();
    put(&mut form, Field::Tags, &tags.join(" "));
    form.follow_tags();
    fill_in(&mut form, &edit.figures);
    let definitions = form.definitions().map_err(|(field, why)| match field {
        Field::Group => format!("--evaluate: {why}"),
        _ => why,
    })?;
    definitions.into_iter().next().ok_or_else(|| "nothing to watch".to_owned())
}
