//! A prober whose process stands still: what ran meanwhile proves nothing.

use crate::child;
use crate::loopback::Deaf;
use crate::prober::{Asker, endpoint, picture, within};
use portpulse::domain::job::Phases;
use portpulse::probe::Limits;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn a_time_out_over_a_stop_of_our_own_is_no_failure() {
    if let Some(folder) = child::word() {
        return stopped(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let mut child = child::start("stall::a_time_out_over_a_stop_of_our_own_is_no_failure", path);
    let begun = Instant::now();
    while !folder.path().join("asked").exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the child does not start");
        thread::sleep(Duration::from_millis(5));
    }
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::STOP).unwrap();
    // Long enough to be a stop, and longer than the check had left.
    thread::sleep(Duration::from_millis(2_500));
    kill_process(pid, Signal::CONT).unwrap();
    assert!(child.wait().unwrap().success());
    let said = fs::read_to_string(folder.path().join("said")).unwrap();
    assert_eq!(said, "inconclusive: Stalled, then open and TimedOut");
}

/// The process that is stopped in the middle of a check.
fn stopped(folder: &Path) {
    let deaf = Deaf::new();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut asker = Asker::new(Limits::default());
    let before = calls(&deaf.address);
    let attempt = asker.begin(within(2_000, &deaf.address), Phases::Quiet);
    let begun = Instant::now();
    while calls(&deaf.address) <= before {
        assert!(begun.elapsed() < Duration::from_secs(1), "the check does not begin");
        thread::sleep(Duration::from_millis(5));
    }
    fs::write(folder.join("asked"), "").unwrap();
    let over_the_stop = picture(asker.done(attempt).outcome);
    let open = picture(asker.check(endpoint(&listener.local_addr().unwrap().to_string())).outcome);
    let timed_out = picture(asker.check(within(300, &deaf.address)).outcome);
    fs::write(folder.join("said"), format!("{over_the_stop}, then {open} and {timed_out}")).unwrap();
}

/// How many have called this address of IPv4 and wait for an answer (`SYN_SENT`, 2).
fn calls(address: &str) -> usize {
    let port: u16 = address.rsplit(':').next().unwrap().parse().unwrap();
    let to = format!(":{port:04X}");
    let connections = fs::read_to_string("/proc/self/net/tcp").unwrap();
    let is_call = |line: &&str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.get(2).is_some_and(|remote| remote.ends_with(&to)) && fields.get(3) == Some(&"02")
    };
    connections.lines().filter(is_call).count()
}
