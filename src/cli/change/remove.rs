//! `portpulse remove`: asks, and stops watching.

use super::registry::Registry;
use super::told::{described, tell};
use super::{ids, meant};
use crate::cli::args::Remove;
use crate::cli::{Exit, complain};
use crate::monitor::{Command, TargetView};
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::Arc;

/// How many are named in the question.
const NAMED_MAX: usize = 5;

/// Removes what was named.
///
/// # Errors
/// When the terminal cannot be read or written to.
pub fn run(remove: &Remove) -> io::Result<Exit> {
    let opened = Registry::open(&remove.place)
        .and_then(|registry| meant(&registry, &remove.targets).map(|views| (registry, views)));
    let (mut registry, views) = match opened {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    if !remove.yes {
        if !io::stdin().is_terminal() {
            let why = "remove asks before it does anything, and there is no terminal to ask on: say --yes";
            return Ok(complain(why, Exit::Usage));
        }
        if !asked(&views)? {
            return Ok(complain("nothing was removed", Exit::Failed));
        }
    }
    match registry.ask(Command::Remove(ids(&views))) {
        Ok(_) => tell(&registry, remove.place.json, "removed", views.iter().map(|view| &view.target.definition)),
        Err(exit) => Ok(exit),
    }
}

/// Whether somebody wants that. What is not `y` or `yes` is no.
fn asked(views: &[Arc<TargetView>]) -> io::Result<bool> {
    let mut names: Vec<String> = views.iter().take(NAMED_MAX).map(|view| described(&view.target.definition)).collect();
    if views.len() > NAMED_MAX {
        names.push(format!("{} more", views.len() - NAMED_MAX));
    }
    let mut out = io::stderr();
    write!(out, "Remove {}? History is kept for a day. [y/N] ", names.join(", "))?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
