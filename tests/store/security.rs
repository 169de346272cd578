//! A history is for its user alone, and nobody else can put anything in its way.

use super::world::*;
use portpulse::domain::*;
use portpulse::store::{OpenError, open};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("a file").permissions().mode() & 0o777
}

fn assert_private(root: &Path) {
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in fs::read_dir(&folder).expect("a directory").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                assert_eq!(mode(&entry), 0o600, "{}", entry.display());
            }
        }
    }
}

/// Opens a store, saves something, looks at its files, and closes it.
async fn live(path: &Path) {
    let opened = open(path, options()).expect("a store");
    opened.store.save((0..500).map(|n| Record::Check(refused(EndpointId(n), START))).collect());
    opened.store.flush().await.expect("a flush");
    assert_private(path);
    opened.store.close().await.expect("a clean end");
    assert_private(path);
}

#[tokio::test]
async fn the_files_are_for_nobody_else() {
    let directory = scratch();
    let path = directory.path().join("history");
    live(&path).await;
    live(&path).await;
    fs::write(path.join("sled/db"), "no longer what it was").expect("a file");
    live(&path).await;
    assert!(path.join("sled.damaged-1").exists());
}

#[tokio::test]
async fn a_directory_that_holds_only_history_is_closed_to_others() {
    let directory = scratch();
    let path = directory.path().join("history");
    fs::create_dir(&path).expect("a directory");
    for open_to_others in [0o755, 0o777] {
        fs::set_permissions(&path, Permissions::from_mode(open_to_others)).expect("ours");
        live(&path).await;
    }
}

#[tokio::test]
async fn a_directory_that_holds_other_things_is_left_as_it_is_or_refused() {
    let directory = scratch();
    fs::write(directory.path().join("letter"), "dear reader").expect("a file");
    fs::set_permissions(directory.path(), Permissions::from_mode(0o770)).expect("ours");
    let error = open(directory.path(), options()).expect_err("others may write").to_string();
    assert!(error.contains("other users may write in it") && error.contains("--data DIR"), "{error}");
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).expect("ours");
    let opened = open(directory.path(), options()).expect("others may only read");
    assert_eq!((mode(directory.path()), mode(&directory.path().join("sled"))), (0o755, 0o700));
    opened.store.close().await.expect("a clean end");
}

#[test]
fn a_directory_of_another_user_is_refused() {
    let directory = scratch();
    let name = "store::security::a_directory_of_another_user_is_refused";
    if !rustix::process::geteuid().is_root() {
        assert!(std::env::var_os("PORTPULSE_REQUIRE_ROOT_TESTS").is_none(), "{name} needs root");
        return say(&format!("{name} did not run: it gives a directory away, which needs root"));
    }
    chown(directory.path(), Some(12_345), None).expect("root may");
    let error = open(directory.path(), options()).expect_err("it is not ours").to_string();
    assert!(error.contains("another user (number 12345)") && error.contains("--data DIR"), "{error}");
    assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 0);
}

#[test]
fn links_are_not_followed() {
    let directory = scratch();
    let real = directory.path().join("real");
    fs::create_dir(&real).expect("a directory");
    let link = directory.path().join("link");
    symlink(&real, &link).expect("a link");
    assert_eq!(open(&link, options()).expect_err("a link"), OpenError::Link { path: link });
    let victim = directory.path().join("victim");
    fs::write(&victim, "precious").expect("a file");
    for name in ["LOCK", "FORMAT", "WITNESS", "sled", "sled/db", "sled/conf", "sled/snap.1", "sled/blobs"] {
        let path = directory.path().join(name.replace('/', " "));
        let place = path.join(name);
        fs::create_dir_all(place.parent().expect("a parent")).expect("a directory");
        symlink(&victim, &place).expect("a link");
        let error = open(&path, options()).expect_err(name);
        assert_eq!(error, OpenError::Link { path: place });
        assert!(error.to_string().contains("symbolic link"), "{error}");
        assert_eq!(fs::read_to_string(&victim).expect("a file"), "precious");
    }
}

/// Drafts and copies that a store makes beside its files, while it begins and while it mends.
#[tokio::test]
async fn links_in_the_place_of_what_comes_and_goes_are_not_followed_either() {
    let directory = scratch();
    let victims = directory.path().join("victims");
    fs::create_dir(&victims).expect("a directory");
    fs::write(victims.join("db"), "precious").expect("a file");
    let path: PathBuf = directory.path().join("history");
    live(&path).await;
    fs::write(path.join("sled/db"), "no longer what it was").expect("a file");
    for name in ["sled.copy", "sled.new", "sled.found", "sled.renewed", "FORMAT.new"] {
        symlink(&victims, path.join(name)).expect("a link");
    }
    // Those that are in the way go, or keep it from opening; none leads anywhere.
    if let Ok(opened) = open(&path, options()) {
        opened.store.close().await.expect("a clean end");
    }
    assert_eq!(fs::read_to_string(victims.join("db")).expect("a file"), "precious");
    assert_eq!(fs::read_dir(&victims).expect("a directory").count(), 1);
}

#[test]
fn a_pipe_keeps_nobody_waiting() {
    for name in ["LOCK", "FORMAT", "WITNESS"] {
        let directory = scratch();
        let done = Command::new("mkfifo").arg(directory.path().join(name)).status().expect("mkfifo of coreutils");
        assert!(done.success());
        let error = open(directory.path(), options()).expect_err(name).to_string();
        assert!(error.contains(name) && error.contains("not a file"), "{error}");
    }
}
