//! `portpulse export targets`: the targets of the configuration, for other programs.

use super::args::ExportTargets;
use super::choose::choose;
use super::{Exit, complain, config};
use crate::exchange::targets;
use std::io::{self, Write};

/// Writes them out.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(export: &ExportTargets) -> io::Result<Exit> {
    config::on_file(export.config.as_ref(), |loaded| {
        let all = loaded.declared.targets.clone();
        let chosen = match choose(all, &export.targets, |it| it, "the configuration") {
            Ok(chosen) => chosen,
            Err(why) => return Ok(complain(&why, Exit::Usage)),
        };
        match targets::write(export.to, &chosen, &loaded.path) {
            Ok(text) => {
                let mut out = io::stdout().lock();
                out.write_all(text.as_bytes())?;
                out.flush()?;
                Ok(Exit::Fine)
            }
            Err(error) => Ok(complain(&error.to_string(), Exit::System)),
        }
    })
}
