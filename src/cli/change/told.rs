//! What a command that has changed something says of it.

use super::registry::Registry;
use crate::cli::Exit;
use crate::domain::Definition;
use crate::exchange::targets;
use serde_json::json;
use std::io::{self, Write};

/// Says what was done to which targets: a line for each and where, or one JSON object.
///
/// # Errors
/// When standard output cannot be written to.
pub(super) fn tell<'d>(
    registry: &Registry,
    as_json: bool,
    done: &str,
    definitions: impl Iterator<Item = &'d Definition>,
) -> io::Result<Exit> {
    let mut out = io::stdout().lock();
    if as_json {
        let targets: Vec<_> = definitions.map(targets::value).collect();
        let configuration = registry.configuration.display().to_string();
        let by = registry.owner();
        // Who makes the checks may have another file.
        let file = by.is_none().then_some(configuration);
        writeln!(out, "{}", json!({ "done": done, "by": by, "config": file, "targets": targets }))?;
    } else {
        for definition in definitions {
            writeln!(out, "{done}  {}", described(definition))?;
        }
        match registry.owner() {
            Some(process) => writeln!(out, "by process {process}, which makes the checks")?,
            None => writeln!(out, "in {}; nobody makes the checks now", registry.configuration.display())?,
        }
    }
    out.flush()?;
    Ok(Exit::Fine)
}

/// A target by its name, and by its address if that is another word.
pub(super) fn described(definition: &Definition) -> String {
    let places = places(definition);
    if places == definition.name { places } else { format!("{} ({places})", definition.name) }
}

/// The address of a target; of a group the first, and how many more there are.
pub(super) fn places(definition: &Definition) -> String {
    match definition.endpoints.as_slice() {
        [] => String::new(),
        [only] => only.address.to_string(),
        [first, rest @ ..] => format!("{} +{}", first.address, rest.len()),
    }
}
