//! Where things are kept when nobody says otherwise: the XDG base directories.

use etcetera::BaseStrategy;
use std::path::PathBuf;

/// The name of the directory in each base directory.
const DIRECTORY: &str = "portpulse";
/// The name of the configuration file.
const FILE: &str = "portpulse.toml";

/// There is no home directory to look in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no home directory: set HOME, or name the places with --config FILE and --data DIR")]
pub struct NoHome;

/// `$XDG_CONFIG_HOME/portpulse/portpulse.toml`, by default below `~/.config`.
///
/// # Errors
/// Without a home directory.
pub fn config_file() -> Result<PathBuf, NoHome> {
    base().map(|base| base.config_dir().join(DIRECTORY).join(FILE))
}

/// `$XDG_DATA_HOME/portpulse`, by default below `~/.local/share`.
///
/// # Errors
/// Without a home directory.
pub fn data_directory() -> Result<PathBuf, NoHome> {
    base().map(|base| base.data_dir().join(DIRECTORY))
}

fn base() -> Result<impl BaseStrategy, NoHome> {
    etcetera::choose_base_strategy().map_err(|_| NoHome)
}
