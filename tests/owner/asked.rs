//! What commands get from the portpulse that runs is what they get when it does not.

use super::pty::DEADLINE;
use super::{Past, quit, told};
use portpulse::domain::Zone;
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// All that can be asked about what was before the end of the past.
fn everything(past: &Past) -> Vec<String> {
    let until = past.until();
    let from = Zone::Utc.rfc3339_millis(past.end - Duration::from_hours(20 * 24));
    let span = ["--from", &from, "--to", &until];
    let mut all: Vec<String> = [
        &["export", "checks"][..],
        &["export", "checks", "target 1", "--format", "json"],
        &["export", "outages"],
        &["export", "summary", "--step", "1h"],
        &["report", "--utc"],
    ]
    .iter()
    .map(|what| past.text(&[what, &span[..]].concat()))
    .collect();
    // When it was written, and whether the outage of a target that is gone was seen to end.
    let report = all.pop().expect("a report");
    all.push(report.lines().filter(|line| !line.starts_with("- Written: ")).collect::<Vec<_>>().join("\n"));
    all
}

/// Fails with the first line that is not the same.
#[track_caller]
fn assert_same(some: &[String], others: &[String]) {
    let differing = some
        .concat()
        .lines()
        .zip(others.concat().lines())
        .find(|(one, other)| one != other)
        .map(|(one, other)| format!("{one}\n{other}"));
    assert_eq!(differing, None);
    assert!(some == others, "one is longer");
}

#[test]
fn commands_say_the_same_while_portpulse_runs_and_after() {
    let past = Past::new();
    let mut pty = past.watch(&[]);
    let meanwhile = everything(&past);
    assert!(meanwhile[0].lines().count() > super::CHECKS as usize && meanwhile[4].contains("target 1"));
    let about: Value = serde_json::from_str(&past.text(&["store", "--json"])).expect("JSON");
    assert_eq!((&about["targets"], &about["removed_targets"], &about["damaged"]), (&1.into(), &2.into(), &0.into()));
    assert!(about["checks"].as_u64() > Some(super::CHECKS) && about["disk_bytes"].as_u64() > Some(100_000), "{about}");
    assert!(past.text(&["store"]).contains("history     "));
    assert!(past.text(&["store", "verify"]).contains("everything can be read"));
    past.text(&["report", "--output", "night.md"]);
    assert!(fs::read_to_string(past.home.path().join("night.md")).expect("a file").starts_with("# What portpulse saw"));

    assert!(past.text(&["store", "backup", "copy.bak"]).starts_with("copied      "));
    let copy = past.home.path().join("copy.bak");
    assert_eq!(fs::metadata(&copy).expect("a file").permissions().mode() & 0o777, 0o600);
    let (code, _, complaint) = told(&past.run(&["store", "backup", "copy.bak"]));
    assert_eq!((code, complaint.contains("such a file already")), (71, true), "{complaint}");
    let (code, _, complaint) = told(&past.run(&["store", "backup", "nowhere/copy.bak"]));
    assert_eq!((code, complaint.contains("nowhere/copy.bak: No such file")), (71, true), "{complaint}");
    let (code, _, complaint) = told(&past.run(&["export", "checks", "targte 1"]));
    assert_eq!((code, complaint.contains("did you mean `target 1`?")), (2, true), "{complaint}");
    quit(&mut pty);
    assert!(past.sockets().is_empty(), "{:?}", past.sockets());

    let after = everything(&past);
    assert_same(&meanwhile, &after);
    fs::rename(past.history(), past.home.path().join("old")).expect("it moves");
    past.text(&["store", "restore", "copy.bak"]);
    assert_same(&everything(&past), &after);
}

#[test]
fn what_needs_the_history_to_itself_says_so_while_portpulse_runs() {
    let past = Past::empty();
    let mut pty = past.watch(&[]);
    let process = format!("(process {})", pty.pid().as_raw_nonzero());
    past.text(&["store", "backup", "copy.bak"]);
    for (arguments, why) in [
        (&["store", "compact"][..], "Compacting writes all of it anew, and needs it to itself"),
        (&["store", "restore", "copy.bak"], "Nothing is restored over a history that is there"),
    ] {
        let (code, out, complaint) = told(&past.run(arguments));
        assert_eq!((code, out.as_str()), (75, ""), "{complaint}");
        assert!(complaint.contains(&process) && complaint.contains(why), "{complaint}");
    }
    quit(&mut pty);
}

#[test]
fn many_ask_at_once_and_each_gets_all_of_it() {
    let past = Past::new();
    let mut pty = past.watch(&[]);
    let until = past.until();
    let export = ["export", "checks", "--to", &until];
    let expected = past.text(&export);
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (past, export, expected) = (&past, &export, &expected);
            scope.spawn(move || assert!(past.text(export) == *expected));
            scope.spawn(move || past.text(&["store", "backup", &format!("copy-{number}")]));
            scope.spawn(move || past.text(&["store", "verify"]));
        }
    });
    pty.send("?");
    pty.wait_for("next problem");
    pty.send("\u{1b}");
    pty.wait("the dashboard", |screen| !screen.contains("next problem"));
    quit(&mut pty);
    for number in 0..4 {
        let (copy, data) = (format!("copy-{number}"), format!("again-{number}"));
        past.text(&["store", "restore", &copy, "--data", &data]);
        assert!(past.text(&[&export[..], &["--data", &data]].concat()) == expected);
    }
}

#[test]
fn an_owner_that_is_killed_in_the_middle_is_told_and_its_successor_takes_its_place() {
    let past = Past::new();
    let mut pty = past.watch(&[]);
    // Nobody reads what it writes: it waits in the middle, after many checks and before the last.
    let mut export = past.command(&["export", "checks"]);
    let mut export = export.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut out = export.stdout.take().expect("a pipe");
    let mut first = [0; 100];
    out.read_exact(&mut first).expect("rows");
    pty.signal(Signal::KILL);
    pty.wait_for_end(DEADLINE);
    let mut rows = first.to_vec();
    out.read_to_end(&mut rows).expect("rows");
    let output = export.wait_with_output().expect("it ends");
    let (code, _, complaint) = told(&output);
    assert_eq!(
        (code, complaint.as_str()),
        (71, "portpulse: the portpulse that owns the history has ended: try again\n")
    );
    assert!(rows.split(|byte| *byte == b'\n').count() < super::CHECKS as usize);

    assert_eq!(past.sockets().len(), 1, "nobody has removed it");
    past.text(&["store"]);
    let mut pty = past.watch(&[]);
    assert_eq!(past.sockets().len(), 1);
    past.text(&["store", "backup", "copy.bak"]);
    quit(&mut pty);
}

#[test]
fn a_socket_that_is_taken_away_is_made_anew() {
    let past = Past::empty();
    let mut pty = past.watch(&[]);
    fs::remove_dir_all(past.home.path().join("run/portpulse")).expect("it is there");
    let deadline = Instant::now() + DEADLINE;
    while past.sockets().is_empty() {
        assert!(Instant::now() < deadline, "it stays away");
        pty.read_for(Duration::from_millis(100));
    }
    past.text(&["store"]);
    quit(&mut pty);
}
