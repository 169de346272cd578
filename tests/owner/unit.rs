//! The units of the service manager: it understands them, and is told when the service is ready and when it ends.

use super::Past;
use crate::pty::DEADLINE;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};

/// Both units, and how they are verified.
const UNITS: [(&str, &[&str]); 2] = [("system", &[]), ("user", &["--user"])];

fn unit(kind: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/systemd/{kind}/portpulse.service"));
    fs::read_to_string(path).expect("a unit")
}

/// `systemd-analyze`, or a word about why a test says nothing.
#[expect(clippy::print_stdout, reason = "whoever reads the results has to know")]
fn analyze(past: &Past, arguments: &[&str]) -> Option<std::process::Output> {
    let mut command = Command::new("systemd-analyze");
    command.args(arguments).env_clear().envs(past.home.environment()).current_dir(past.home.path());
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            println!("systemd-analyze: {error}: the units are not verified here");
            None
        }
    }
}

#[test]
fn the_service_manager_understands_both_units() {
    let past = Past::empty();
    for (kind, more) in UNITS {
        let text = unit(kind);
        let start = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command");
        let (program, arguments) = start.split_once(' ').expect("arguments");
        assert!(program.ends_with("/portpulse") && arguments == "serve", "{start}");
        // It is not installed where it will be.
        let here = text.replace(program, env!("CARGO_BIN_EXE_portpulse"));
        fs::write(past.home.path().join("portpulse.service"), here).expect("a file");
        let verify = [more, &["verify", "--man=no", "./portpulse.service"]].concat();
        let Some(output) = analyze(&past, &verify) else { return };
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && !told.contains("portpulse.service:"), "{kind}: {told}");
    }
    // Older ones cannot judge a file.
    let judge = ["security", "--offline=true", "--threshold=20", "--no-pager", "./portpulse.service"];
    fs::write(past.home.path().join("portpulse.service"), unit("system")).expect("a file");
    if let Some(output) = analyze(&past, &judge)
        && !String::from_utf8_lossy(&output.stderr).contains("unrecognized option")
    {
        assert!(output.status.success(), "it is less confined than it was: {output:?}");
    }
}

#[test]
fn the_service_manager_is_told_when_it_is_ready_and_when_it_ends() {
    let past = Past::empty();
    let path = past.home.path().join("notify");
    let manager = UnixDatagram::bind(&path).expect("a socket");
    manager.set_read_timeout(Some(DEADLINE)).expect("a socket");
    let heard = || {
        let mut text = [0; 100];
        let length = manager.recv(&mut text).expect("a word");
        String::from_utf8_lossy(&text[..length]).into_owned()
    };
    let mut serve = past.command(&["serve"]);
    serve.env("NOTIFY_SOCKET", &path).stdout(Stdio::null()).stderr(Stdio::null());
    let mut service = serve.spawn().expect("it runs");
    assert_eq!(heard(), "READY=1");
    assert_eq!(past.sockets().len(), 1, "whoever is started after it finds it");
    kill_process(Pid::from_child(&service), Signal::TERM).expect("it is there");
    assert_eq!(heard(), "STOPPING=1");
    assert_eq!(service.wait().expect("an end").code(), Some(0));
}
