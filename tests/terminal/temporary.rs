//! Runs that keep history only until their end: they need no place for it, and leave nothing behind.

use super::home::{BRISK, Home};
use super::pty::{DEADLINE, Pty};
use super::quit;
use rustix::process::Signal;
use std::fs;

/// Starts portpulse where nothing temporary can be kept.
fn without_place(home: &Home, arguments: &[&str]) -> Pty {
    let file = home.path().join("file");
    fs::write(&file, "").expect("a file");
    let mut command = home.command("portpulse", arguments);
    command.env("TMPDIR", file.as_os_str());
    Pty::start(command, 100, 30)
}

#[test]
fn targets_of_the_command_line_are_watched_without_a_place_for_their_history() {
    let home = Home::with(BRISK);
    let mut pty = without_place(&home, &["127.0.0.1:1"]);
    pty.wait_for("NOT RECORDING since");
    pty.wait_for("no place for a temporary history");
    pty.wait_for("▼ DOWN");
    quit(&mut pty);
}

#[test]
fn the_demo_is_shown_without_a_place_for_its_history() {
    let home = Home::with(BRISK);
    let mut pty = without_place(&home, &["demo"]);
    pty.wait_for("NOT RECORDING since");
    pty.wait_for("▼ DOWN");
    pty.send("q");
    assert_eq!(pty.wait_for_end(DEADLINE), 0, "{}", pty.contents());
}

#[test]
fn what_a_demo_leaves_behind_that_was_killed_is_removed_by_the_next() {
    let home = Home::with(BRISK);
    let there = || fs::read_dir(home.temporary()).expect("a folder").count();
    let mut first = home.start(&["demo"]);
    first.wait_for("▼ DOWN");
    let mut killed = home.start(&["demo"]);
    killed.wait_for("▼ DOWN");
    killed.signal(Signal::KILL);
    killed.wait_for_end(DEADLINE);
    assert_eq!(there(), 2);
    let mut next = home.start(&["127.0.0.1:1"]);
    next.wait_for("▼ DOWN");
    assert_eq!(there(), 2, "that of the one that lives, and its own");
    quit(&mut next);
    assert_eq!(there(), 1);
    first.send("q");
    assert_eq!(first.wait_for_end(DEADLINE), 0, "{}", first.contents());
    assert_eq!(there(), 0);
}
