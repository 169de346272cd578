//! `portpulse pause` and `portpulse resume`.

use super::registry::Registry;
use super::{ids, meant, told};
use crate::cli::Exit;
use crate::cli::args::Chosen;
use crate::domain::{Activity, Definition};
use crate::monitor::Command;
use std::io;

/// Pauses or resumes what was chosen.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(chosen: &Chosen, activity: Activity) -> io::Result<Exit> {
    match change(chosen, activity) {
        Ok((registry, definitions)) => {
            let done = if activity == Activity::Paused { "paused" } else { "resumed" };
            told::tell(&registry, chosen.place.json, done, definitions.iter())
        }
        Err(exit) => Ok(exit),
    }
}

fn change(chosen: &Chosen, activity: Activity) -> Result<(Registry, Vec<Definition>), Exit> {
    let mut registry = Registry::open(&chosen.place)?;
    let views = meant(&registry, &chosen.targets)?;
    registry.ask(Command::SetActivity(ids(&views), activity))?;
    let definitions = views.iter().map(|view| Definition { activity, ..view.target.definition.clone() });
    Ok((registry, definitions.collect()))
}
