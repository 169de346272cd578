//! `portpulse completions`: what a shell needs to complete commands and options, from the table of arguments.

use super::Exit;
use super::args::Arguments;
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::{self, Write};

/// Prints it.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(shell: Shell) -> io::Result<Exit> {
    // In one piece: the generator takes a reader that has gone for a mistake of ours.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), env!("CARGO_PKG_NAME"), &mut script);
    let mut out = io::stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Fine)
}
