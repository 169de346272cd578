//! Disks that are full or read-only: real ones, mounted in a mount namespace of the test's own.

use super::faults::until;
use super::world::*;
use portpulse::domain::*;
use portpulse::store::{Opened, Options, Status, open};
use std::fs;
use std::io::Write;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const INSIDE: &str = "PORTPULSE_OWN_MOUNTS";

/// Runs a test again inside a mount namespace; says whether this is that run.
fn is_inside(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if !rustix::process::geteuid().is_root() {
        assert!(std::env::var_os("PORTPULSE_REQUIRE_ROOT_TESTS").is_none(), "{test} needs root");
        let _ = writeln!(std::io::stderr(), "{test} did not run: it mounts a file system, which needs root");
        return false;
    }
    let done = Command::new("unshare")
        .args(["--mount", "--propagation", "private"])
        .arg(std::env::current_exe().expect("a path"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare of util-linux");
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
    false
}

fn mount(arguments: &[&str], place: &Path) {
    let done = Command::new("mount").args(arguments).arg(place).status().expect("mount of util-linux");
    assert!(done.success(), "mount {arguments:?}");
}

/// A file system that is mounted for as long as this lives.
struct Disk(PathBuf);

impl Disk {
    fn mount(directory: &Path, options: &str) -> Self {
        let place = directory.join("disk");
        fs::create_dir(&place).expect("a directory");
        mount(&["-t", "tmpfs", "-o", options, "tmpfs"], &place);
        Self(place)
    }

    fn small(directory: &Path) -> Self {
        Self::mount(directory, "size=24m")
    }
}

impl Deref for Disk {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // It would go with the namespace, but the directory below it goes before.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Takes all room but so many bytes.
fn fill(disk: &Path, but: u64) -> PathBuf {
    let about = rustix::fs::statvfs(disk).expect("a disk");
    let length = (about.f_bavail * about.f_frsize).saturating_sub(but);
    let path = disk.join("filler");
    let mut file = fs::File::create(&path).expect("a file");
    let chunk = vec![1; 1 << 16];
    let mut left = length;
    while left > 0 {
        let part = left.min(chunk.len() as u64);
        file.write_all(&chunk[..part as usize]).expect("room");
        left -= part;
    }
    path
}

fn checks(range: std::ops::Range<i64>) -> Vec<Check> {
    let mut random = fastrand::Rng::with_seed(5);
    range.map(|n| check(&mut random, EndpointId(1), Wall(START.0 + n * 1_000))).collect()
}

fn is_failing(status: &Status) -> bool {
    matches!(status, Status::Failing { .. })
}

async fn save_all(opened: &Opened, checks: &[Check]) {
    for some in checks.chunks(50) {
        opened.store.save(some.iter().cloned().map(Record::Check).collect());
        // The pace of a program at work: all at once would be one batch.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Fills the disk below a store, saves meanwhile, makes room, and finds everything there.
async fn disk_full(options: Options, left: u64, reason: &str) {
    let directory = tempfile::tempdir().expect("a directory");
    let disk = Disk::small(directory.path());
    let path = disk.join("history");
    let mut opened = open(&path, options.clone()).expect("a store");
    let all = checks(0..60_000);
    save_all(&opened, &all[..5_000]).await;
    opened.store.save(vec![Record::Outage(outage(1, TargetId(1), START))]);
    opened.store.flush().await.expect("a flush");

    let filler = fill(&disk, left);
    save_all(&opened, &all[5_000..]).await;
    until(&mut opened, |status| matches!(status, Status::Failing { why, .. } if why.contains(reason))).await;
    fs::remove_file(filler).expect("it is there");
    until(&mut opened, |status| *status == Status::Recording).await;

    let got = checks_of(&opened.store, EndpointId(1)).await.expect("an answer");
    assert!(got == all, "{} of {} checks are there", got.len(), all.len());
    opened.store.close().await.expect("a clean end");
    let again = open(&path, options).expect("a store");
    assert_eq!(again.notes, Vec::<String>::new());
    let got = checks_of(&again.store, EndpointId(1)).await.expect("an answer");
    assert!(got == all, "{} of {} checks are there the next time", got.len(), all.len());
    assert_eq!(open_ids(&again.resumed), [1]);
    again.store.close().await.expect("a clean end");
}

#[tokio::test]
async fn nothing_is_written_below_the_room_that_others_need() {
    if is_inside("store::root::nothing_is_written_below_the_room_that_others_need") {
        disk_full(Options { free_space_min: 8 << 20, ..options() }, 4 << 20, "less than 8 MiB are free").await;
    }
}

#[tokio::test]
async fn a_disk_that_is_full_to_the_last_byte_loses_nothing() {
    if is_inside("store::root::a_disk_that_is_full_to_the_last_byte_loses_nothing") {
        disk_full(options(), 600 << 10, "the disk is full").await;
    }
}

/// As when others fill the disk while sled is writing: no file of ours tells before.
#[tokio::test]
async fn a_disk_that_shrinks_around_the_store_loses_nothing() {
    if !is_inside("store::root::a_disk_that_shrinks_around_the_store_loses_nothing") {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let disk = Disk::small(directory.path());
    let path = disk.join("history");
    let mut opened = open(&path, options()).expect("a store");
    let all = checks(0..40_000);
    save_all(&opened, &all[..5_000]).await;
    opened.store.flush().await.expect("a flush");
    let about = rustix::fs::statvfs(&*disk).expect("a disk");
    let used = (about.f_blocks - about.f_bfree) * about.f_frsize;
    mount(&["-o", &format!("remount,size={}", used + (300 << 10))], &disk);
    save_all(&opened, &all[5_000..]).await;
    until(&mut opened, |status| matches!(status, Status::Failing { why, .. } if why.contains("the disk is full")))
        .await;
    mount(&["-o", "remount,size=64m"], &disk);
    until(&mut opened, |status| *status == Status::Recording).await;
    let got = checks_of(&opened.store, EndpointId(1)).await.expect("an answer");
    assert!(got == all, "{} of {} checks are there", got.len(), all.len());
    opened.store.close().await.expect("a clean end");
}

#[tokio::test]
async fn a_disk_without_room_for_another_file_is_told_and_keeps_what_there_is() {
    if !is_inside("store::root::a_disk_without_room_for_another_file_is_told_and_keeps_what_there_is") {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let disk = Disk::small(directory.path());
    let path = disk.join("history");
    let all = checks(0..3_000);
    let opened = open(&path, options()).expect("a store");
    save_all(&opened, &all).await;
    opened.store.flush().await.expect("a flush");
    // As a kill leaves it: after a clean end, sled has its snapshot and needs no other file.
    let killed = disk.join("history-killed");
    let done = Command::new("cp").arg("-a").args([&path, &killed]).status().expect("cp of coreutils");
    assert!(done.success());
    let path = killed;
    opened.store.close().await.expect("a clean end");
    let about = rustix::fs::statvfs(&*disk).expect("a disk");
    mount(&["-o", &format!("remount,nr_inodes={}", about.f_files - about.f_ffree)], &disk);
    // sled wants to write a snapshot when it opens.
    let error = open(&path, options()).expect_err("there is no room for a file").to_string();
    assert!(error.contains("disk/history") && error.contains("the disk is full"), "{error}");
    mount(&["-o", "remount,nr_inodes=1000"], &disk);
    let again = open(&path, options()).expect("there is room again");
    assert_eq!(again.notes, Vec::<String>::new());
    assert!(checks_of(&again.store, EndpointId(1)).await.expect("an answer") == all);
    again.store.close().await.expect("a clean end");
}

#[tokio::test]
async fn a_disk_that_becomes_read_only_is_told_and_survived() {
    if !is_inside("store::root::a_disk_that_becomes_read_only_is_told_and_survived") {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let disk = Disk::small(directory.path());
    let path = disk.join("history");
    let mut opened = open(&path, options()).expect("a store");
    let all = checks(0..2_000);
    save_all(&opened, &all[..1_000]).await;
    opened.store.flush().await.expect("a flush");
    // What is open for writing keeps a file system from becoming read-only, but a bind mount
    // over the directory does what a failing disk does: the names lead elsewhere.
    mount(&["-t", "tmpfs", "-o", "ro,size=1m", "tmpfs"], &path);
    save_all(&opened, &all[1_000..]).await;
    until(&mut opened, is_failing).await;
    let done = Command::new("umount").arg(&path).status().expect("umount of util-linux");
    assert!(done.success());
    until(&mut opened, |status| *status == Status::Recording).await;
    assert!(checks_of(&opened.store, EndpointId(1)).await.expect("an answer") == all);
    opened.store.close().await.expect("a clean end");
}

#[test]
fn a_read_only_directory_is_refused_with_its_name() {
    if !is_inside("store::root::a_read_only_directory_is_refused_with_its_name") {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let disk = Disk::mount(directory.path(), "ro,size=1m");
    let error = open(&disk.join("history"), options()).expect_err("it is read-only").to_string();
    assert!(error.contains("disk/history") && error.contains("Read-only") && error.contains("--data DIR"), "{error}");
}
