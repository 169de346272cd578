//! One history and several portpulses: the second attaches, does what the first can, and goes on when that one is gone.

use super::{Past, quit, told};
use crate::pty::{DEADLINE, Pty};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Two targets that nobody answers for.
const TARGETS: &str =
    "[[target]]\nname = \"one\"\naddress = \"127.0.0.1:1\"\n[[target]]\nname = \"two\"\naddress = \"127.0.0.1:2\"\n";

/// A `portpulse serve` that ends with the test.
struct Service(Child);

impl Service {
    fn start(past: &Past, arguments: &[&str]) -> Self {
        let mut command = past.command(&[&["serve"], arguments].concat());
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs"))
    }

    /// Waits until it can be asked.
    fn ready(self, past: &Past) -> Self {
        let deadline = Instant::now() + DEADLINE;
        while past.run(&["status"]).status.code() != Some(2) {
            assert!(Instant::now() < deadline, "it does not serve");
            std::thread::sleep(Duration::from_millis(50));
        }
        self
    }

    fn signal(&self, signal: Signal) {
        let process = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(process, signal).expect("it is there");
    }

    fn end(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.0.wait().expect("an end").code()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The outages that are open, by their ids.
fn open_outages(past: &Past) -> Vec<u64> {
    let (code, out, complaint) = told(&past.run(&["export", "outages", "--format", "json"]));
    assert_eq!(code, 0, "{complaint}");
    let rows = out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mut open: Vec<u64> =
        rows.filter(|row| row["ended_at"].is_null()).filter_map(|row| row["id"].as_u64()).collect();
    open.sort_unstable();
    open
}

fn attach(past: &Past) -> Pty {
    let mut pty = past.home.start(&[]);
    pty.wait("the screen of another", |screen| screen.contains('@') && screen.contains("▼ DOWN"));
    pty
}

#[test]
fn a_second_portpulse_attaches_and_takes_over_when_the_first_is_killed() {
    let past = Past::watching(TARGETS);
    let mut first = past.watch(&[]);
    first.wait_for("▼2 down");
    let mut second = attach(&past);
    second.wait_for(&format!("@{}", first.pid().as_raw_nonzero()));
    first.wait_for("+1");
    second.send("p");
    first.wait_for("‖");
    let file = fs::read_to_string(past.home.configuration()).expect("a file");
    assert_eq!(file.matches("paused = true").count(), 1, "{file}");
    let before = open_outages(&past);
    assert_eq!(before.len(), 1);
    // A copy is made of what is on the disk: the outage is.
    past.text(&["store", "backup", "copy.bak"]);

    first.signal(Signal::KILL);
    first.wait_for_end(DEADLINE);
    second.wait_for("this portpulse makes the checks now");
    second.wait("no owner beside it", |screen| !screen.contains('@'));
    assert_eq!(open_outages(&past), before, "the outage goes on under its number");
    let mut third = attach(&past);
    third.send("q");
    assert_eq!(third.wait_for_end(DEADLINE), 0, "nothing stops, and so nothing is asked");
    second.send("4");
    second.wait_for("took over the checks from process");
    quit(&mut second);
}

#[test]
fn who_quits_while_others_watch_hands_over_or_ends_it_for_all() {
    let past = Past::watching(TARGETS);
    let mut first = past.watch(&[]);
    let mut second = attach(&past);
    first.wait_for("+1");
    first.send("q");
    first.wait_for("it goes on");
    first.send("y");
    assert_eq!(first.wait_for_end(DEADLINE), 0);
    second.wait_for("this portpulse makes the checks now");

    let mut third = attach(&past);
    second.wait_for("+1");
    second.send("q");
    second.wait_for("s stop for all");
    second.send("s");
    assert_eq!(second.wait_for_end(DEADLINE), 0);
    third.wait_for("STOPPED");
    third.send("q");
    assert_eq!(third.wait_for_end(DEADLINE), 0);
    assert!(third.contents().contains("has ended them for all"), "{}", third.contents());
}

#[test]
fn a_service_makes_the_checks_and_refuses_changes_when_it_is_told_to() {
    let past = Past::watching(TARGETS);
    let service = Service::start(&past, &["--read-only"]).ready(&past);
    let mut screen = attach(&past);
    screen.send("p");
    screen.wait_for("takes no changes");
    screen.send("i");
    screen.send("127.0.0.1:3\r");
    screen.wait_for("refused");
    screen.signal(Signal::TERM);
    assert_eq!(screen.wait_for_end(DEADLINE), 128 + 15);
    assert_eq!(service.end(), Some(0), "asked to end, it ends well");
    assert!(!fs::read_to_string(past.home.configuration()).expect("a file").contains("paused"));
}

#[test]
fn a_service_stands_by_while_a_screen_makes_the_checks() {
    let past = Past::watching(TARGETS);
    let mut screen = past.watch(&[]);
    let service = Service::start(&past, &[]);
    screen.wait_for("+1");
    screen.send("q");
    screen.wait_for("it goes on");
    screen.send("y");
    assert_eq!(screen.wait_for_end(DEADLINE), 0);
    let service = service.ready(&past);
    let mut screen = attach(&past);
    service.signal(Signal::KILL);
    screen.wait_for("this portpulse makes the checks now");
    quit(&mut screen);
}

#[test]
fn an_owner_that_is_stopped_is_told_and_heard_again() {
    let past = Past::watching(TARGETS);
    let service = Service::start(&past, &[]).ready(&past);
    let mut screen = attach(&past);
    service.signal(Signal::STOP);
    screen.wait_for("NO WORD from process");
    service.signal(Signal::CONT);
    screen.wait("the owner again", |screen| !screen.contains("NO WORD") && screen.contains('@'));
    assert_eq!(service.end(), Some(0));
    screen.wait_for("this portpulse makes the checks now");
    quit(&mut screen);
}

#[test]
fn a_configuration_that_is_being_edited_keeps_nobody_from_taking_over() {
    let past = Past::watching(TARGETS);
    let service = Service::start(&past, &[]).ready(&past);
    let mut screen = attach(&past);
    let file = past.home.configuration();
    let text = fs::read_to_string(&file).expect("a file");
    fs::write(&file, format!("{text}\n[[target]]\nname = \"half")).expect("a file");
    service.signal(Signal::KILL);
    screen.wait_for("this portpulse makes the checks now");
    screen.wait_for("CONFIGURATION not taken over");
    screen.wait_for("▼2 down");
    fs::write(&file, format!("{text}\n[[target]]\naddress = \"127.0.0.1:4\"\n")).expect("a file");
    screen.wait_for("3 targets");
    quit(&mut screen);
}
