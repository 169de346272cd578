//! Where things are kept when nobody says otherwise: the XDG base directories.

use etcetera::BaseStrategy;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

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

/// What the service manager makes for a service of the whole machine.
const SERVICE: &str = "/run/portpulse";

/// Where sockets of running portpulses may be, the best place first: below `$XDG_RUNTIME_DIR`, below the place
/// that it has where a login sets it (a job of cron knows nothing of it), in the directory of the service if it is
/// this user's, and below `/tmp`.
pub fn runtime_directories() -> Vec<PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    let named = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    let usual = PathBuf::from(format!("/run/user/{user}"));
    let mut directories: Vec<PathBuf> = named.into_iter().chain([usual]).map(|base| base.join(DIRECTORY)).collect();
    directories.extend(of_service(Path::new(SERVICE), user));
    directories.push(PathBuf::from(format!("/tmp/{DIRECTORY}-{user}")));
    directories.dedup();
    directories
}

/// Nobody but the service manager makes it, and for one user only.
fn of_service(directory: &Path, user: u32) -> Option<PathBuf> {
    let is_ours = directory.symlink_metadata().is_ok_and(|about| about.is_dir() && about.uid() == user);
    is_ours.then(|| directory.to_owned())
}

fn base() -> Result<impl BaseStrategy, NoHome> {
    etcetera::choose_base_strategy().map_err(|_| NoHome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_of_the_service_is_for_its_user_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let user = rustix::process::geteuid().as_raw();
        assert_eq!(of_service(directory.path(), user), Some(directory.path().to_owned()));
        assert_eq!(of_service(directory.path(), user + 1), None);
        assert_eq!(of_service(&directory.path().join("none"), user), None, "it is not made here");
    }
}
