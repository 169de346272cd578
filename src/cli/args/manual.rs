//! What can be written behind `portpulse man`, and what the help of `completions` says.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// What the help of `completions` says at its end.
pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  portpulse completions bash > ~/.local/share/bash-completion/completions/portpulse
  portpulse completions zsh > ~/.zfunc/_portpulse        with fpath+=~/.zfunc before compinit
  portpulse completions fish > ~/.config/fish/completions/portpulse.fish
  portpulse completions elvish >> ~/.config/elvish/rc.elv";

/// What the help of `man` says at its end.
pub(super) const EXAMPLES: &str = "\
Examples:
  portpulse man | man -l -
  portpulse man status | man -l -
  portpulse man --into ~/.local/share/man/man1     a page for each command: man portpulse-status";

/// Which manual page.
#[derive(Clone, Debug, Args)]
pub struct Man {
    /// Of which command
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
    /// Write the pages of all commands into this directory
    #[arg(long, value_name = "DIR", conflicts_with = "command", value_hint = ValueHint::DirPath)]
    pub into: Option<PathBuf>,
}
