//! The real binary on its command line: what it prints, where, and how it ends.

#[path = "support/night.rs"]
mod night;

use portpulse::store;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn portpulse(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portpulse"));
    command.args(arguments).env("XDG_CONFIG_HOME", "/nonexistent/config").env_remove("NO_COLOR");
    command
}

fn run(arguments: &[&str]) -> Output {
    portpulse(arguments).output().expect("it runs")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ends by itself")
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    (listener, address)
}

/// A port on which nothing listens.
fn closed() -> String {
    listener().1
}

#[test]
fn an_open_port_is_a_line_and_a_success() {
    let (_listener, address) = listener();
    let output = run(&["check", &address]);
    let text = out(&output);
    assert!(text.starts_with(&format!("{address}  open ")), "{text}");
    assert!(text.trim_end().ends_with("127.0.0.1"), "{text}");
    assert_eq!((text.lines().count(), code(&output), complaint(&output).as_str()), (1, 0, ""));
}

#[test]
fn host_and_port_may_stand_apart() {
    let (listener, _) = listener();
    let port = listener.local_addr().expect("an address").port().to_string();
    assert_eq!(code(&run(&["check", "127.0.0.1", &port, "--handshake", "full"])), 0);
}

#[test]
fn a_refused_port_is_a_failure_without_colour_or_explanation_in_a_pipe() {
    let address = closed();
    let output = run(&["check", &address]);
    let text = out(&output);
    assert!(text.starts_with(&format!("{address}  failed        refused ")), "{text}");
    assert!(!text.contains('\u{1b}'), "{text:?}");
    assert_eq!((text.lines().count(), code(&output)), (1, 1));
}

#[test]
fn several_rounds_are_summed_up() {
    let (_listener, open) = listener();
    let closed = closed();
    let output = run(&["check", &open, &closed, "--count", "3", "--interval", "20ms"]);
    let text = out(&output);
    assert!(text.contains(&format!("{open}: 3 checks, 3 open, 0 failed, 0 inconclusive, 0.0% lost")), "{text}");
    assert!(text.contains(&format!("{open}: total min ")), "{text}");
    assert!(text.contains(&format!("{closed}: 3 checks, 0 open, 3 failed (refused 3)")), "{text}");
    assert_eq!((text.lines().count(), code(&output)), (9, 1));
}

#[test]
fn programs_get_json() {
    let (_listener, address) = listener();
    let output = run(&["check", &address, "--json", "-c", "2", "-i", "10ms"]);
    let lines: Vec<Value> = out(&output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), code(&output)), (3, 0));
    assert_eq!((&lines[0]["type"], &lines[0]["outcome"]), (&Value::from("check"), &Value::from("open")));
    assert!(lines[0]["total_ms"].as_f64().is_some_and(|total| total > 0.0 && total < 5_000.0), "{}", lines[0]);
    assert!(lines[0]["at"].as_str().is_some_and(|at| at.ends_with('Z') && at.len() == 24), "{}", lines[0]);
    assert_eq!((&lines[2]["type"], &lines[2]["open"]), (&Value::from("summary"), &Value::from(2)));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let (_listener, address) = listener();
    let program = env!("CARGO_BIN_EXE_portpulse");
    let line = format!("set -o pipefail; {program} check {address} -c 1000 -i 10ms | head -1");
    let output = Command::new("bash").args(["-c", &line]).output().expect("a shell");
    assert_eq!((out(&output).lines().count(), code(&output), complaint(&output).as_str()), (1, 0, ""));
}

#[test]
fn an_interruption_prints_the_summary_so_far() {
    let (_listener, address) = listener();
    let mut child =
        portpulse(&["check", &address, "-c", "10000", "-i", "20ms"]).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    for _ in 0..3 {
        reader.read_line(&mut line).expect("a line");
    }
    kill_process(Pid::from_child(&child), Signal::INT).expect("a signal");
    let mut rest = String::new();
    reader.read_to_string(&mut rest).expect("the rest");
    assert!(rest.contains(" open, 0 failed, 0 inconclusive, 0.0% lost"), "{rest}");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn wrong_usage_says_what_to_write() {
    for (arguments, told) in [
        (&["check", "db1"][..], "`db1` has no port: write db1:PORT"),
        (&["check", "127.0.0.1:0"], "`0` is no port: use 1 to 65535"),
        (&["check", "db1:9-1"], "the range 9-1 runs backwards"),
        (&["check", "db1:1-1024", "--count", "1000"], "1024000 attempts are too many: at most 1000000"),
        (&["check", "db1:22", "--timeout", "5"], "write a number with its unit"),
        (&["check", "db1:22", "--handshake", "half"], "use one of silent, full"),
        (&["check", "-4", "[::1]:22"], "[::1]:22 is of the other family"),
        (&["check"], "required arguments were not provided"),
        (&["--theme", "pink"], "use one of ansi, cb, mono, true"),
        (&["--group", "g"], "required arguments were not provided"),
        (&["a:1", "--evaluate", "any"], "required arguments were not provided"),
        (&["a:1", "--group", "g", "--evaluate", "quorom"], "`quorom` is no policy: did you mean quorum?"),
        (&["{a,b}:1", "--group", "g", "--evaluate", "quorum:3"], "a quorum of 3 among 2 can never be"),
        (&["a:1-256", "--group", "g"], "256 endpoints are too many: at most 255"),
        (&["check", "{a,{b}}:1"], "braces cannot be nested"),
        (&["chekc"], "`chekc` has no port: write chekc:PORT"),
        (&["--ascii", "demo"], "`demo` is a command: it comes first, and its options behind it: portpulse demo"),
        (&["--data", "/nonexistent", "store", "verify"], "`store` is a command: it comes first"),
    ] {
        let output = run(arguments);
        assert!(complaint(&output).contains(told), "{arguments:?}: {}", complaint(&output));
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{arguments:?}");
    }
}

#[test]
fn help_is_no_error_and_tells_the_exit_codes() {
    let commands = "check config report status list add edit remove pause resume check-now maintenance logs serve";
    let whole = std::iter::once(vec!["--help"]);
    for arguments in whole.chain(commands.split(' ').map(|command| vec![command, "--help"])) {
        let output = run(&arguments);
        assert!(out(&output).contains("Exit codes:"), "{arguments:?}");
        assert_eq!(code(&output), 0);
    }
}

fn config_check(text: &str) -> (String, String, i32) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("p.toml");
    fs::write(&path, text).expect("a file");
    let path = path.display().to_string();
    let output = run(&["config", "check", &path]);
    (out(&output).replace(&path, "p.toml"), complaint(&output).replace(&path, "p.toml"), code(&output))
}

#[test]
fn a_right_configuration_is_praised() {
    let text = "[[target]]\naddress = \"a:1\"\n[[target]]\naddress = \"b:1\"\n[keys]\nquit = [\"q\", \"ctrl-x\"]\n";
    let praise = "p.toml: ok: 2 targets, 0 canaries, 1 key binding\n";
    assert_eq!(config_check(text), (praise.to_owned(), String::new(), 0));
}

#[test]
fn a_wrong_configuration_is_shown_with_carets() {
    let (praise, complaint, code) = config_check("[defaults]\nintervall = \"1m\"\ntimeout = 5\n");
    let expected = [
        "error: unknown key `intervall` in [defaults]",
        " --> p.toml:2:1",
        "  |",
        "2 | intervall = \"1m\"",
        "  | ^^^^^^^^^ did you mean `interval`?",
        "",
        "error: a duration needs its unit",
        " --> p.toml:3:11",
        "  |",
        "3 | timeout = 5",
        "  |           ^ write \"5s\" if seconds are meant",
        "",
    ];
    assert_eq!((praise.as_str(), complaint, code), ("", expected.join("\n"), 78));
}

#[test]
fn keys_are_judged_too() {
    for (text, place) in [
        ("[keys]\nquitt = \"x\"\n", "p.toml:2:1"),
        ("[ui]\n\n[keys]\nquit = \"f13\"\n", "p.toml:4:1"),
        ("[keys]\nhelp = \"q\"\n", "p.toml:2:1"),
    ] {
        let (_, complaint, code) = config_check(text);
        assert!(complaint.contains(place), "{complaint}");
        assert_eq!(code, 78);
    }
}

#[test]
fn the_configuration_is_where_the_environment_says() {
    let output = run(&["config", "path"]);
    assert_eq!(out(&output), "/nonexistent/config/portpulse/portpulse.toml\n");
    let output = run(&["config", "check"]);
    assert!(out(&output).ends_with("there is no such file yet; everything is as built in\n"));
    assert_eq!(code(&output), 0);
    let output = run(&["config", "check", "/nonexistent/p.toml"]);
    assert_eq!(
        (complaint(&output).as_str(), code(&output)),
        ("portpulse: /nonexistent/p.toml: there is no such file\n", 78)
    );
}

#[test]
fn what_config_show_prints_is_a_right_configuration() {
    for arguments in [&["config", "show"][..], &["config", "show", "--default"]] {
        let shown = out(&run(arguments));
        let loaded = portpulse::config::load_text(Path::new("shown"), &shown).expect("it reads");
        let nothing = portpulse::config::load_text(Path::new("shown"), "").expect("it reads");
        assert_eq!(loaded, nothing);
    }
}

/// A directory with the history of a night.
fn night() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let opened = store::open(directory.path(), store::Options::default()).expect("a directory of our own");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        opened.store.import(night::records()).await.expect("it is kept");
        opened.store.close().await.expect("it is on disk");
    });
    directory
}

/// `portpulse report` on that history, from 02:00 to 03:00 of the night.
fn report(directory: &Path, more: &[&str]) -> Output {
    let data = directory.display().to_string();
    let span = ["--from", "2026-11-19 02:00", "--to", "2026-11-19T03:00:00Z", "--utc"];
    run(&[&["report", "--data", &data], &span[..], more].concat())
}

#[test]
fn a_report_goes_to_standard_output_or_to_a_new_file() {
    let directory = night();
    let output = report(directory.path(), &[]);
    let text = out(&output);
    assert_eq!((code(&output), complaint(&output).as_str()), (0, ""));
    assert!(text.starts_with("# What portpulse saw from 2026-11-19 02:00:00 to 2026-11-19 03:00:00\n"), "{text}");
    assert!(text.contains("2 of 3 watched targets failed, in 2 outages."), "{text}");
    let file = directory.path().join("night.md").display().to_string();
    let output = report(directory.path(), &["--output", &file]);
    assert_eq!((code(&output), out(&output).as_str(), complaint(&output).as_str()), (0, "", ""));
    let unlike = |line: &&str| !line.starts_with("- Written: ");
    let written = fs::read_to_string(&file).expect("a report");
    assert!(written.lines().filter(unlike).eq(text.lines().filter(unlike)), "{written}");
    let again = report(directory.path(), &["-o", &file]);
    assert!(complaint(&again).contains("there is such a file already"), "{}", complaint(&again));
    assert_eq!((code(&again), fs::read_to_string(&file).expect("a report")), (71, written));
}

#[test]
fn a_report_begins_no_history_and_does_not_wait_for_ever_for_its_owner() {
    let home = tempfile::tempdir().expect("a directory");
    let nowhere = home.path().join("data");
    let output = report(&nowhere, &[]);
    assert!(complaint(&output).contains("there is no history in"), "{}", complaint(&output));
    assert_eq!((code(&output), nowhere.exists()), (66, false));
    let directory = night();
    let _held = store::open(directory.path(), store::Options::default()).expect("a store");
    let output = report(directory.path(), &[]);
    assert!(complaint(&output).contains(&format!("(process {})", std::process::id())), "{}", complaint(&output));
    assert_eq!(code(&output), 75);
}

#[test]
fn a_span_that_cannot_be_meant_is_refused() {
    for (arguments, told) in [
        (&["report", "--from", "25:00"][..], "`25:00` is no moment"),
        (&["report", "--from", "2026-01-02", "--to", "2026-01-01"], "the span runs backwards"),
        (&["report", "--since", "02:00"], "unexpected argument"),
    ] {
        let output = run(arguments);
        assert!(complaint(&output).contains(told), "{arguments:?}: {}", complaint(&output));
        assert_eq!(code(&output), 2, "{arguments:?}");
    }
}
