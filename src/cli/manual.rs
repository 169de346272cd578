//! `portpulse man`: manual pages, from the table of arguments.

use super::args::{Arguments, Man};
use super::{Exit, complain};
use clap::CommandFactory;
use std::fs;
use std::io::{self, Write};

/// Prints a page, or writes all of them.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(man: &Man) -> io::Result<Exit> {
    let mut all = Arguments::command();
    if let Some(directory) = &man.into {
        let written = fs::create_dir_all(directory).and_then(|()| clap_mangen::generate_to(all, directory));
        return Ok(match written {
            Ok(()) => Exit::Fine,
            Err(error) => complain(&format!("{}: {error}", directory.display()), Exit::System),
        });
    }
    // From now on every command knows its whole name.
    all.build();
    let mut command = &all;
    for name in &man.command {
        match command.find_subcommand(name) {
            Some(found) => command = found,
            None => return Ok(complain(&format!("there is no command `{name}`"), Exit::Usage)),
        }
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    let mut out = io::stdout().lock();
    out.write_all(&page)?;
    out.flush()?;
    Ok(Exit::Fine)
}
