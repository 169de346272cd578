//! `portpulse maintenance`: somebody works on a target, or is done.

use super::registry::Registry;
use super::{ids, meant, told};
use crate::cli::args::Maintenance;
use crate::cli::{Exit, complain};
use crate::domain::Zone;
use crate::engine::clock;
use crate::monitor::Command;
use crate::tui::update::maintenance::wanted;
use std::io;

/// Declares it, or ends it.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(maintenance: &Maintenance) -> io::Result<Exit> {
    let now = clock::system().wall;
    let declared = match wanted::read(&maintenance.when.join(" "), now, Zone::Local) {
        _ if maintenance.end => None,
        Ok((span, title)) => Some((span, maintenance.title.clone().unwrap_or(title))),
        Err(why) => return Ok(complain(&why, Exit::Usage)),
    };
    let opened = Registry::open(&maintenance.place).and_then(|registry| {
        meant(&registry, std::slice::from_ref(&maintenance.target)).map(|views| (registry, views))
    });
    let (mut registry, views) = match opened {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    if registry.owner().is_none() {
        let why = "nobody makes the checks now who could keep it: start `portpulse` or `portpulse serve`, or write \
                   [[maintenance]] into the configuration file";
        return Ok(complain(why, Exit::Failed));
    }
    let targets = ids(&views);
    let (command, done) = match declared {
        None => (Command::EndMaintenance(targets), "maintenance ended".to_owned()),
        Some((span, title)) => {
            let done = format!("maintenance {}", Zone::Local.span(span, now));
            (Command::Maintain { targets, span, title }, done)
        }
    };
    match registry.ask(command) {
        Ok(_) => {
            let definitions = views.iter().map(|view| &view.target.definition);
            told::tell(&registry, maintenance.place.json, &done, definitions)
        }
        Err(exit) => Ok(exit),
    }
}
