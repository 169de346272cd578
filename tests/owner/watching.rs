//! Commands that go on telling: `status --watch` and `logs -f`, over the end of whoever makes the checks.

use super::{Past, quit, told};
use crate::pty::{DEADLINE, Pty};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// Nobody answers there.
const TARGET: &str = "[[target]]\nname = \"db\"\naddress = \"127.0.0.1:1\"\n";

/// A command that runs, and the lines that it writes into a pipe.
pub(super) struct Telling {
    child: Child,
    lines: Receiver<String>,
}

impl Telling {
    pub fn start(past: &Past, arguments: &[&str]) -> Self {
        let mut child = past.command(arguments).stdout(Stdio::piped()).spawn().expect("it runs");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, lines) = channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        Self { child, lines }
    }

    /// The next line that is as wanted; it may have others in front of it.
    pub fn line(&mut self, mut wanted: impl FnMut(&str) -> bool) -> String {
        loop {
            let line = self.lines.recv_timeout(DEADLINE).expect("a line");
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

impl Drop for Telling {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
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
    for command in ["portpulse status --watch | head -2", "portpulse logs -f | head -2"] {
        let mut bash = Command::new("bash");
        bash.args(["-c", command]).env_clear().envs(past.home.environment());
        let (code, out, complaint) = told(&bash.output().expect("a shell"));
        assert_eq!((code, out.lines().count(), complaint.as_str()), (0, 2, ""), "{out}");
    }
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

#[test]
fn the_log_is_told_and_followed_over_the_end_of_its_owner() {
    let past = Past::watching(TARGET);
    let (code, _, complaint) = told(&past.run(&["logs"]));
    assert_eq!((code, complaint.contains("there is no history in")), (66, true), "{complaint}");
    let mut pty = past.watch(&[]);
    let out = past.text(&["logs", "--utc"]);
    let down = out.lines().find(|line| line.contains("  db  DOWN since ")).expect("a line");
    assert!(down.starts_with("20") && down.ends_with(": connection refused"), "{out}");
    assert!(out.contains("  portpulse  started, watching 1 target") && !out.contains('\u{1b}'), "{out}");
    assert!(!past.text(&["logs", "db"]).contains("portpulse"));
    let (code, _, complaint) = told(&past.run(&["logs", "dc"]));
    assert_eq!((code, complaint.contains("did you mean `db`?")), (2, true), "{complaint}");
    assert_eq!(told(&past.run(&["logs", "--since", "soon"])).0, 2);
    let objects = past.text(&["logs", "--json"]);
    let objects: Vec<Value> = objects.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let down = objects.iter().find(|line| line["event"] == "down").expect("a line");
    assert_eq!((&down["target"], &down["reason"], down["outage"].is_u64()), (&"db".into(), &"refused".into(), true));

    let mut log = Telling::start(&past, &["logs", "-f", "--json"]);
    let mut told = Vec::new();
    let mut until = |log: &mut Telling, event: &str| {
        let wanted = format!("\"event\":\"{event}\"");
        log.line(|line| {
            told.push(line.to_owned());
            line.contains(&wanted)
        })
    };
    until(&mut log, "down");
    pty.send("p");
    until(&mut log, "paused");
    quit(&mut pty);
    let mut pty = past.home.start(&[]);
    pty.wait_for("PAUSE");
    until(&mut log, "started");
    assert_eq!(log.interrupt(), Some(0));
    let count = told.len();
    assert!(told.iter().any(|line| line.contains("\"event\":\"stopped\"")), "{told:?}");
    told.sort();
    told.dedup();
    assert_eq!(told.len(), count, "each line is told once");
    quit(&mut pty);
}

#[test]
fn no_line_is_left_out_when_more_happens_at_once_than_a_picture_holds() {
    let targets = (1_000..1_300).map(|port| format!("[[target]]\naddress = \"127.7.7.7:{port}\"\n"));
    let past = Past::watching(&targets.collect::<String>());
    let mut pty = past.home.start(&[]);
    pty.wait_for("127.7.7.7:1000");
    let mut log = Telling::start(&past, &["logs", "-f", "--json"]);
    let mut down = BTreeSet::new();
    while down.len() < 300 {
        let line = log.line(|line| line.contains("\"event\":\"down\""));
        let object: Value = serde_json::from_str(&line).expect("JSON");
        assert!(down.insert(object["target"].to_string()), "{line} is told twice");
    }
    assert_eq!(log.interrupt(), Some(0));
    quit(&mut pty);
}
