//! Commands that go on telling: `status --watch` and `logs -f`, over the end of whoever makes the checks.

use super::{Past, quit, told};
use crate::pty::{DEADLINE, Pty};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Nobody answers there.
const TARGET: &str = "[[target]]\nname = \"db\"\naddress = \"127.0.0.1:1\"\n";

/// A command that runs, and the lines that it writes into a pipe.
pub(super) struct Telling {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Telling {
    pub fn start(past: &Past, arguments: &[&str]) -> Self {
        let mut child = past.command(arguments).stdout(Stdio::piped()).spawn().expect("it runs");
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, lines }
    }

    /// The next line that is as wanted; it may have others in front of it.
    pub fn line(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).expect("text") > 0, "it has ended");
            if wanted(&line) {
                return line;
            }
        }
    }

    /// What it ends with when Ctrl-C is pressed.
    pub fn interrupt(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("it is there");
        self.child.wait().expect("an end").code()
    }
}

#[test]
fn what_is_different_is_told_again_and_in_the_end_that_nobody_watches() {
    let past = Past::watching(TARGET);
    let mut pty = past.watch(&[]);
    let mut json = Telling::start(&past, &["status", "--watch", "--json"]);
    let mut plain = Telling::start(&past, &["status", "--watch"]);
    let first: Value = serde_json::from_str(&json.line(|_| true)).expect("JSON");
    assert_eq!(first["targets"][0]["state"], "down");
    assert!(plain.line(|line| line.contains("DOWN")).starts_with("DOWN   db "));
    pty.send("p");
    let next: Value = serde_json::from_str(&json.line(|_| true)).expect("JSON");
    assert_eq!(next["targets"][0]["state"], "paused", "what is the same is not told again: {next}");
    assert!(plain.line(|line| line.contains("PAUSE")).starts_with("PAUSE  db "));
    quit(&mut pty);
    let last: Value = serde_json::from_str(&json.line(|_| true)).expect("JSON");
    assert_eq!((&last["watched_by"], last["age_s"].is_u64()), (&Value::Null, true));
    assert!(plain.line(|line| line.contains("nobody watches now")).starts_with("1 paused; as it was "));
    assert_eq!((json.interrupt(), plain.interrupt()), (Some(3), Some(3)));

    let mut kept = Telling::start(&past, &["status", "--watch"]);
    kept.line(|line| line.contains("nobody watches now"));
    let mut pty = past.home.start(&[]);
    kept.line(|line| line.contains("watched by process"));
    assert_eq!(kept.interrupt(), Some(0), "all that is watched is paused");
    quit(&mut pty);
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_although_nothing_is_new() {
    let past = Past::watching(TARGET);
    let mut pty = past.watch(&[]);
    let mut bash = Command::new("bash");
    bash.args(["-c", "portpulse status --watch | head -2"]).env_clear().envs(past.home.environment());
    let (code, out, complaint) = told(&bash.output().expect("a shell"));
    assert_eq!((code, out.lines().count(), complaint.as_str()), (0, 2, ""), "{out}");
    quit(&mut pty);
}

#[test]
fn on_a_terminal_it_is_painted_over_in_colour_and_no_line_is_broken() {
    let long = "a-name-that-no-window-has-room-for-beside-an-address-and-a-latency";
    let past = Past::watching(&format!("[[target]]\nname = \"{long}\"\naddress = \"127.0.0.1:1\"\n"));
    let mut pty = past.watch(&[]);
    let mut watching = Pty::start(past.home.command("portpulse", &["status", "--watch"]), 60, 10);
    watching.wait_for("DOWN   a-name-that");
    let (code, out, _) = told(&past.run(&["status"]));
    assert_eq!((code, out.contains(long)), (2, true), "a pipe takes all of it: {out}");
    pty.send("p");
    watching.wait("one row", |screen| screen.contains("PAUSE  a-name-that") && !screen.contains("DOWN"));
    assert!(watching.contents().lines().all(|line| line.len() <= 60), "{}", watching.contents());
    assert!(watching.contents().contains("127.0.0.1:1  "), "{}", watching.contents());
    watching.send("\u{3}");
    assert_eq!(watching.wait_for_end(DEADLINE), 0);
    quit(&mut pty);
}
