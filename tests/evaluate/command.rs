//! `portpulse evaluate` on the command line.

use portpulse::evaluate::POLICIES;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portpulse"));
    command.arg("evaluate").args(arguments).current_dir(folder).output().expect("it runs")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stage(source: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("rule.js"), source).expect("a script");
    folder
}

#[test]
fn made_up_rounds_are_told_in_lines() {
    let folder = stage(include_str!("kener/quorum.js"));
    let output = run(folder.path(), &["rule.js"]);
    let text = out(&output);
    assert!(text.starts_with("all open, 3 hosts                  UP          latency    11.000 ms   took "), "{text}");
    assert!(text.contains("\none left, 3 hosts                  DOWN        latency    12.000 ms   took "), "{text}");
    assert_eq!((output.status.code(), text.lines().count()), (Some(0), 12));
}

#[test]
fn recorded_rounds_are_told_as_json_and_a_script_that_fails_on_one_is_a_failure() {
    let folder = stage("(pings) => {\n  return { status: 'UP', latency: pings[1].latency }\n}");
    let ping = r#"{"status": "open", "latency": 0.1, "host": "db1", "port": 5432}"#;
    fs::write(folder.path().join("seen.json"), format!("[[{ping}, {ping}], [{ping}]]")).expect("results");
    let output = run(folder.path(), &["rule.js", "--results", "seen.json", "--json"]);
    let text = out(&output);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), output.status.code()), (2, Some(1)));
    assert_eq!(
        (&lines[0]["status"], &lines[0]["latency_ms"], &lines[0]["error"]),
        (&"UP".into(), &0.1.into(), &Value::Null)
    );
    assert_eq!(
        (&lines[1]["round"], &lines[1]["status"], &lines[1]["line"]),
        (&"round 2".into(), &Value::Null, &2.into())
    );
    assert_eq!(lines[1]["error"], "rule.js:2: TypeError: cannot read property 'latency' of undefined");
    assert!(lines.iter().all(|line| line["took_ms"].as_f64().is_some_and(|took| took > 0.0)));
}

#[test]
fn what_cannot_be_read_is_told_before_anything_is_tried() {
    let folder = stage("() => 1");
    fs::write(folder.path().join("seen.json"), "[\n  {\"status\": \"ajar\"}\n]").expect("results");
    let output = run(folder.path(), &["rule.js", "--results", "seen.json"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.starts_with("portpulse: seen.json: unknown variant `ajar`") && told.contains(" line 2 "), "{told}");
    assert_eq!((output.status.code(), out(&output)), (Some(2), String::new()));
    let missing = run(folder.path(), &["nothing.js"]);
    assert!(out(&missing).contains("no verdict  nothing.js: cannot be read: No such file"), "{}", out(&missing));
    assert_eq!(missing.status.code(), Some(1));
    assert_eq!(run(folder.path(), &[]).status.code(), Some(2));
}

#[test]
fn the_help_tells_every_policy_and_its_danger() {
    let folder = stage("");
    let text = out(&run(folder.path(), &["--help"]));
    for policy in POLICIES.iter().filter(|policy| policy.name != "script") {
        let line = text.lines().find(|line| line.starts_with(&format!("  {} ", policy.name))).expect(policy.name);
        assert!(line.len() <= 79, "{line}");
    }
    assert!(text.contains("wholly dark"), "the rule that never goes down is told as such: {text}");
}
