//! The child processes: what they have, and that they never outlive their parent.

use super::stage::Stage;
use portpulse::script::COMMAND;
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_child_has_no_environment_and_no_descriptors_but_its_own() {
    let inherited = File::open("/dev/null").expect("a file");
    fcntl_setfd(&inherited, FdFlags::empty()).expect("it would be inherited");
    let stage = Stage::new();
    stage.write("good.js", "() => ({ status: 'UP', latency: 1 })");
    assert_eq!(stage.told("good.js").await, "UP 1");
    let engines = stage.engines();
    assert_eq!(engines.len(), 1);
    let engine = &engines[0];
    let entries = fs::read_dir(engine.join("fd")).expect("descriptors").flatten();
    let mut open: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    open.sort();
    assert_eq!(open, ["0", "1", "2"]);
    assert_eq!(fs::read(engine.join("environ")).expect("its environment").len(), 0);
    assert_eq!(fs::read_link(engine.join("cwd")).expect("its folder"), Path::new("/"));
    let limits = fs::read_to_string(engine.join("limits")).expect("its limits");
    for (name, most) in [("Max open files", 3), ("Max file size", 0), ("Max core file size", 0)] {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        assert_eq!(line.split_whitespace().next(), Some(most.to_string().as_str()), "{name}");
    }
}

#[tokio::test]
async fn a_child_that_has_died_meanwhile_is_replaced_and_none_is_left_at_the_end() {
    let stage = Stage::new();
    stage.write("good.js", "() => ({ status: 'UP', latency: 1 })");
    assert_eq!(stage.told("good.js").await, "UP 1");
    let first = stage.engines();
    let id = first[0].file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok()).expect("an id");
    kill_process(Pid::from_raw(id).expect("an id"), Signal::KILL).expect("it ends");
    assert_eq!(stage.told("good.js").await, "UP 1");
    stage.write("slow.js", "() => Array.prototype.reverse.call({ length: 2 ** 53 - 1 })");
    stage.told("slow.js").await;
    assert_eq!(stage.told("good.js").await, "UP 1");
    assert_eq!(stage.engines().len(), 1, "those before it are gone");
    let Stage { scripts, folder, .. } = stage;
    drop(scripts);
    let patience = Instant::now() + Duration::from_mins(1);
    while !Stage::engines_in(folder.path()).is_empty() {
        assert!(Instant::now() < patience, "a child is left");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn an_engine_in_an_endless_function_ends_with_its_parent() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portpulse"));
    command.arg(COMMAND).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    output.read_line(&mut line).expect("a line");
    assert_eq!(line, "ready\n");
    let endless = "() => Array.prototype.reverse.call({ length: 2 ** 53 - 1 })";
    writeln!(input, "{}", json!({ "source": endless, "pings": "[]" })).expect("it is asked");
    // What a parent that is killed leaves behind: the end of the pipe, closed by the kernel.
    drop(input);
    let patience = Instant::now() + Duration::from_mins(1);
    let status = loop {
        match child.try_wait().expect("a child") {
            Some(status) => break status,
            None if Instant::now() > patience => {
                child.kill().expect("it ends");
                panic!("it goes on without its parent");
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    assert_eq!(status.signal(), Some(9));
}

#[tokio::test]
async fn a_program_that_is_no_engine_is_told() {
    let folder = tempfile::TempDir::new().expect("a folder");
    fs::write(folder.path().join("good.js"), "() => 1").expect("a script");
    for (program, expected) in [
        ("/nonexistent/portpulse", "no script engine could be started: /nonexistent/portpulse: No such file"),
        ("/bin/echo", "no script engine could be started: it speaks another language"),
        ("/bin/true", "no script engine could be started: unexpected end of file"),
    ] {
        let scripts = portpulse::script::Scripts::with_program(Path::new(program), folder.path());
        let error = scripts.evaluate(Path::new("good.js"), &[]).await.expect_err(program);
        assert!(error.problem.to_string().starts_with(expected), "{error}");
    }
}
