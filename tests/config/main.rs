//! The configuration file: what it says, what is wrong with it, and how it is edited.

mod editing;
mod grouped;
mod groups;
mod hostile;
mod keeping;
mod maintenance;
mod mistakes;
mod reading;
mod round_trips;

use portpulse::config::{self, Loaded};
use std::path::Path;

fn read(text: &str) -> Loaded {
    config::load_text(Path::new("p.toml"), text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

/// Every mistake in one line each, without the path.
fn mistakes(text: &str) -> Vec<String> {
    match config::load_text(Path::new("p.toml"), text) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(|error| error.to_string().replace("p.toml:", "")).collect(),
    }
}
