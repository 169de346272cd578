//! `portpulse export targets`: the targets of the configuration, for other programs.

use super::args::ExportTargets;
use super::choose::choose;
use super::{Exit, complain, config};
use crate::domain::Evaluation;
use crate::exchange::targets;
use std::io::{self, Write};
use std::path;

/// Writes them out.
///
/// # Errors
/// When standard output cannot be written to, or the directory that the program runs in is gone.
pub fn run(export: &ExportTargets) -> io::Result<Exit> {
    config::on_file(export.config.as_ref(), |loaded| {
        let all = loaded.declared.targets.clone();
        let mut chosen = match choose(all, &export.targets, |it| it, "the configuration") {
            Ok(chosen) => chosen,
            Err(why) => return Ok(complain(&why, Exit::Usage)),
        };
        // What is written is read in another directory, where a path relative to this one leads nowhere.
        for definition in &mut chosen {
            if let Evaluation::Script(script) = &mut definition.evaluation {
                *script = path::absolute(&*script)?;
            }
        }
        match targets::write(export.to, &chosen, &path::absolute(&loaded.path)?) {
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
