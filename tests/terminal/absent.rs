//! A history that cannot be opened keeps nobody from watching.

use super::home::{BRISK, Home};
use super::pty::Pty;
use super::quit;
use std::fs;
use std::io::Write;

#[test]
fn without_a_usable_directory_it_watches_and_says_that_nothing_is_kept_until_it_can_be_again() {
    let home = Home::with(BRISK);
    let place = home.path().join("place");
    fs::write(&place, "a file where a directory is wanted").expect("a file");
    let data = place.join("history").display().to_string();
    let mut pty = home.start(&["--data", &data]);
    pty.wait_for("NOT RECORDING since");
    pty.wait_for("Not a directory");
    pty.send("a127.0.0.1:1\r");
    pty.wait_for("▼ DOWN");
    pty.send(":backup copy.bak\r");
    pty.wait_for("no history is kept in this run");
    fs::remove_file(&place).expect("a file");
    pty.wait_for("quit and start portpulse anew");
    quit(&mut pty);
    let mut pty = home.start(&["--data", &data]);
    pty.wait_for("127.0.0.1:1");
    assert!(!pty.contents().contains("NOT RECORDING"), "{}", pty.contents());
    quit(&mut pty);
}

#[test]
fn what_is_shown_and_what_is_kept_goes_into_files() {
    let home = Home::with(BRISK);
    let mut pty = home.start(&[]);
    pty.send("a127.0.0.1:1\r");
    pty.wait_for("▼ DOWN");
    pty.send(":export checks rows.csv\r");
    pty.wait_for("rows, ");
    pty.send(":export figures.json\r");
    pty.wait_for("1 row, ");
    pty.send(":backup copy.bak\r");
    pty.wait_for("copy.bak: ");
    pty.send(":backup copy.bak\r");
    pty.wait_for("such a file already");
    quit(&mut pty);
    let rows = fs::read_to_string(home.path().join("rows.csv")).expect("a file");
    assert!(rows.lines().count() >= 4 && rows.matches(",failed,refused,").count() >= 3, "{rows}");
    let figures = fs::read_to_string(home.path().join("figures.json")).expect("a file");
    let figures: serde_json::Value = serde_json::from_str(figures.trim()).expect("an object");
    assert!(figures["failed"].as_u64() >= Some(3) && figures["down_s"].as_f64() > Some(0.0), "{figures}");
    assert!(fs::metadata(home.path().join("copy.bak")).expect("a file").len() > 100);
}

/// Starts portpulse with its history on a file system of its own.
fn on_a_disk(home: &Home, options: &str) -> Pty {
    let disk = home.path().join("disk");
    fs::create_dir_all(&disk).expect("a directory");
    let place = disk.display();
    let script = format!("mount -t tmpfs -o {options} tmpfs {place} && exec portpulse --data {place}/history");
    let command = home.command("unshare", &["--mount", "--propagation", "private", "sh", "-c", &script]);
    Pty::start(command, 80, 24)
}

#[test]
fn a_disk_that_is_full_or_read_only_at_the_start_is_told_and_refuses_nobody() {
    if !rustix::process::geteuid().is_root() {
        assert!(std::env::var_os("PORTPULSE_REQUIRE_ROOT_TESTS").is_none(), "this test needs root");
        let _ = writeln!(std::io::stderr(), "did not run: it mounts a file system, which needs root");
        return;
    }
    for (options, why) in [("size=4k", "NOT RECORDING since"), ("ro", "Read-only file system")] {
        let home = Home::with(BRISK);
        let mut pty = on_a_disk(&home, options);
        pty.wait_for("NOT RECORDING since");
        pty.wait_for(why);
        pty.send("a127.0.0.1:1\r");
        pty.wait_for("▼ DOWN");
        quit(&mut pty);
    }
}
