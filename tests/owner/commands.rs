//! What the keys do, from a shell: through whoever makes the checks, and on the file where nobody does.

use super::{Past, quit, told};
use crate::home::BRISK;
use crate::pty::{DEADLINE, Pty};
use serde_json::Value;
use std::fs;
use std::net::TcpListener;

/// A file with remarks, which have to stay.
const TARGETS: &str = "# the first\n[[target]]\nname = \"one\" # keep\naddress = \"127.0.0.1:1\"\ntags = [\"prod\"]\n\n\
                       # the second\n[[target]]\nname = \"two\"\naddress = \"127.0.0.1:2\"\n";

fn file(past: &Past) -> String {
    fs::read_to_string(past.home.configuration()).expect("a file")
}

/// What a command answers for programs.
#[track_caller]
fn json(past: &Past, arguments: &[&str]) -> Value {
    serde_json::from_str(&past.text(&[arguments, &["--json"]].concat())).expect("JSON")
}

/// What `list` knows, name by name.
fn names(past: &Past) -> Vec<String> {
    let listed = json(past, &["list"]);
    let targets = listed["targets"].as_array().expect("targets").iter();
    targets.map(|target| target["name"].as_str().expect("a name").to_owned()).collect()
}

/// Everything that can be done, through an owner or not: what is told and what the file says is the same.
fn everything(past: &Past, by: &Value) {
    let added = json(past, &["add", "db{1,2}.invalid:5432", "--tag", "prod", "--interval", "20s", "--note", "a b"]);
    assert_eq!((&added["done"], &added["by"]), (&"added".into(), by));
    assert_eq!(
        (&added["targets"][1]["name"], &added["targets"][1]["interval"]),
        (&"db2.invalid:5432".into(), &"20s".into())
    );
    past.text(&["add", "127.0.0.1", "3", "--name", "three", "--down-after", "5"]);
    past.text(&["add", "127.0.0.1:4 four #x #y"]);
    let group = json(past, &["add", "127.0.0.1:5,6,7", "--group", "many", "--evaluate", "quorum:2"]);
    assert_eq!(group["targets"].as_array().map(Vec::len), Some(1));
    assert_eq!(names(past), ["one", "two", "db1.invalid:5432", "db2.invalid:5432", "three", "four", "many"]);

    let edited =
        json(past, &["edit", "127.0.0.1:4", "--name", "vier", "--tag", "z", "--untag", "x", "--timeout", "3s"]);
    let vier = &edited["targets"][0];
    assert_eq!((&vier["name"], &vier["endpoints"][0]["timeout"]), (&"vier".into(), &"3s".into()));
    assert_eq!(vier["tags"], serde_json::json!(["y", "z"]));
    past.text(&["edit", "many", "--address", "127.0.0.1:5,6", "--evaluate", "any", "--degraded-above", "never"]);
    past.text(&["pause", "two", "vier"]);
    assert_eq!(file(past).matches("paused = true").count(), 2);
    past.text(&["resume", "vier"]);
    let out = past.text(&["remove", "db1.invalid:5432", "three", "--yes"]);
    assert!(out.starts_with("removed  db1.invalid:5432\nremoved  three (127.0.0.1:3)\n"), "{out}");
    assert_eq!(names(past), ["one", "two", "db2.invalid:5432", "vier", "many"]);

    for (arguments, code, why) in [
        (&["add", "127.0.0.1:1"][..], 1, "127.0.0.1:1 is already watched as `one`"),
        (&["add", "127.0.0.1:9", "--name", "one"], 1, "there is already a target named `one`: choose another name"),
        (&["edit", "vier", "--name", "one"], 1, "there is already a target named `one`: choose another name"),
        (&["edit", "vier", "--address", "127.0.0.1:1"], 1, "127.0.0.1:1 is already watched as `one`"),
        (&["edit", "vier", "--address", "127.0.0.1:8,9"], 2, "--evaluate: several addresses are a group"),
        (&["edit", "virr", "--name", "x"], 2, "knows no target `virr`; did you mean `vier`?"),
        (&["pause", "virr"], 2, "did you mean `vier`?"),
        (&["remove", "virr", "--yes"], 2, "did you mean `vier`?"),
        (&["remove", "vier"], 2, "there is no terminal to ask on: say --yes"),
        (&["add", "127.0.0.1"], 2, "`127.0.0.1` has no port: write 127.0.0.1:PORT"),
        (&["edit", "vier"], 2, "required arguments were not provided"),
        (&["pause"], 2, "required arguments were not provided"),
        (&["add", "127.0.0.1:8,9", "--group", "g", "--evaluate", "quorum:3"], 2, "a quorum of 3 among 2 can never be"),
        (&["add", "127.0.0.1:8", "--interval", "10"], 2, "write a number with its unit"),
    ] {
        let before = file(past);
        let (found, out, complaint) = told(&past.run(arguments));
        assert_eq!((found, out.as_str(), complaint.contains(why)), (code, "", true), "{arguments:?}: {complaint}");
        assert_eq!(file(past), before, "{arguments:?}");
    }
    let text = file(past);
    let kept = ["# the first\n", "name = \"one\" # keep\n", "# the second\n"];
    assert!(text.starts_with(BRISK) && kept.iter().all(|kept| text.contains(kept)), "{text}");
    let again = past.text(&["list"]);
    let rows: Vec<&str> = again.lines().collect();
    assert!(rows[0].starts_with("NAME ") && rows[1].starts_with("one ") && rows[1].ends_with("#prod"), "{again}");
    assert!(rows[2].contains("127.0.0.1:2 ") && rows[2].ends_with("(paused)"), "{again}");
    assert!(rows[5].starts_with("many ") && rows[5].contains(" 127.0.0.1:5 +1 "), "{again}");
}

#[test]
fn commands_change_the_file_where_nobody_makes_the_checks() {
    let past = Past::watching(TARGETS);
    everything(&past, &Value::Null);
    assert!(past.text(&["resume", "--all"]).ends_with("portpulse.toml; nobody makes the checks now\n"));
    assert!(!past.history().exists(), "no history is begun");
    let (code, _, complaint) = told(&past.run(&["check-now", "one"]));
    assert_eq!((code, complaint.contains("nobody makes the checks now: start `portpulse`")), (3, true), "{complaint}");
    let (code, _, complaint) = told(&past.run(&["maintenance", "one", "30m"]));
    assert_eq!((code, complaint.contains("who could keep it: start `portpulse`")), (1, true), "{complaint}");
    fs::write(past.home.configuration(), "[[target]\n").expect("a file");
    for arguments in [&["list"][..], &["add", "127.0.0.1:9"], &["pause", "one"]] {
        let (code, _, complaint) = told(&past.run(arguments));
        assert_eq!((code, complaint.contains("portpulse.toml:1")), (78, true), "{complaint}");
    }
}

#[test]
fn the_first_target_can_be_added_where_there_is_no_file() {
    let past = Past::watching("");
    fs::remove_file(past.home.configuration()).expect("it is there");
    assert_eq!(names(&past), Vec::<String>::new());
    past.text(&["add", "127.0.0.1:1"]);
    assert_eq!(names(&past), ["127.0.0.1:1"]);
}

#[test]
fn commands_that_write_the_file_at_once_wait_for_each_other() {
    let past = Past::watching(TARGETS);
    std::thread::scope(|scope| {
        for port in 10..30 {
            let past = &past;
            scope.spawn(move || past.text(&["add", &format!("127.0.0.1:{port}")]));
        }
    });
    assert_eq!(names(&past).len(), 22, "what was acknowledged is there");
}

#[test]
fn commands_go_through_whoever_makes_the_checks() {
    let past = Past::watching(TARGETS);
    let mut pty = past.watch(&[]);
    let process = pty.pid().as_raw_nonzero().get();
    everything(&past, &process.into());
    pty.wait("what was added and edited, and not what was removed", |screen| {
        screen.contains("vier") && screen.contains("many") && !screen.contains("three")
    });
    quit(&mut pty);
}

#[test]
fn what_is_checked_at_once_is_told_when_it_is_known() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let open = listener.local_addr().expect("an address").to_string();
    let past =
        Past::watching(&format!("[[target]]\nname = \"web\"\naddress = \"{open}\"\ninterval = \"1h\"\n{TARGETS}"));
    let mut pty = past.watch(&[]);
    pty.wait_for("▼2 down");
    let checked_at = |about: &Value| about["targets"][0]["checked_at"].as_str().expect("a moment").to_owned();
    let before: Value = serde_json::from_str(&told(&past.run(&["status", "web", "--json"])).1).expect("JSON");
    let after = json(&past, &["check-now", "web"]);
    assert!(checked_at(&before) < checked_at(&after), "it waits for the new result: {after}");
    let (code, out, complaint) = told(&past.run(&["check-now", "web", "one"]));
    assert_eq!((code, complaint.as_str(), out.lines().count()), (2, "", 4), "{out}");
    past.text(&["pause", "web"]);
    let (code, out, complaint) = told(&past.run(&["check-now", "web"]));
    assert_eq!((code, out.as_str(), complaint.contains("`web` is paused")), (3, "", true), "{complaint}");

    assert!(past.text(&["maintenance", "one", "30m", "--title", "new disks"]).starts_with("maintenance "));
    pty.wait_for("new disks until");
    let (code, _, complaint) = told(&past.run(&["maintenance", "two", "soon"]));
    assert_eq!((code, complaint.contains("`soon` is no time: write 30m")), (2, true), "{complaint}");
    past.text(&["maintenance", "one", "--end"]);
    pty.wait("no maintenance", |screen| !screen.contains("new disks until"));
    let (code, _, complaint) = told(&past.run(&["maintenance", "one", "--end"]));
    assert_eq!((code, complaint.as_str()), (1, "portpulse: there is no such maintenance\n"));
    quit(&mut pty);
}

#[test]
fn an_owner_that_takes_no_changes_refuses_them_and_checks() {
    let past = Past::watching(TARGETS);
    let mut pty = past.watch(&["--read-only"]);
    pty.wait_for("▼2 down");
    let before = file(&past);
    let why = "portpulse: read-only: the portpulse that makes the checks takes no changes\n";
    for arguments in
        [&["add", "127.0.0.1:9"][..], &["pause", "one"], &["remove", "one", "-y"], &["maintenance", "one", "30m"]]
    {
        assert_eq!(told(&past.run(arguments)), (1, String::new(), why.to_owned()), "{arguments:?}");
    }
    assert_eq!(file(&past), before);
    let (code, out, _) = told(&past.run(&["check-now", "one"]));
    assert_eq!((code, out.contains("refused")), (2, true), "{out}");
    quit(&mut pty);
}

#[test]
fn on_a_terminal_a_removal_is_asked_about() {
    let past = Past::watching(TARGETS);
    for (answer, code, left) in [("\r", 1, 2), ("n\r", 1, 2), ("y\r", 0, 1)] {
        let mut pty = Pty::start(past.home.command("portpulse", &["remove", "two"]), 80, 24);
        pty.wait_for("Remove two (127.0.0.1:2)? History is kept for a day. [y/N]");
        pty.send(answer);
        assert_eq!(pty.wait_for_end(DEADLINE), code, "{}", pty.contents());
        assert_eq!(names(&past).len(), left);
    }
}
