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

/// Where sockets of running portpulses may be, the best place first: below `$XDG_RUNTIME_DIR`, below the place
/// that it has where a login sets it (a job of cron knows nothing of it), and below `/tmp`.
pub fn runtime_directories() -> Vec<PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    let named = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    let usual = PathBuf::from(format!("/run/user/{user}"));
    let mut directories: Vec<PathBuf> = named.into_iter().chain([usual]).map(|base| base.join(DIRECTORY)).collect();
    directories.push(PathBuf::from(format!("/tmp/{DIRECTORY}-{user}")));
    directories.dedup();
    directories
}

fn base() -> Result<impl BaseStrategy, NoHome> {
    etcetera::choose_base_strategy().map_err(|_| NoHome)
}
