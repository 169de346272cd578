//! Files that nmap itself writes about ports of this machine.

use super::{added, plan_of, skipped};
use portpulse::domain::Definition;
use portpulse::exchange::import::Foreign;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};

/// Whether nmap is here. Where it is not, that is said and, where `PORTPULSE_REQUIRE_ROOT_TESTS` is set, is a failure.
fn has_nmap() -> bool {
    let found = Command::new("nmap").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return true;
    }
    assert!(std::env::var_os("PORTPULSE_REQUIRE_ROOT_TESTS").is_none(), "nmap is not installed (package nmap)");
    // Nobody may be listening.
    let _ = writeln!(std::io::stderr(), "not run: nmap is not installed (package nmap)");
    false
}

#[test]
fn both_forms_give_the_ports_that_are_open() {
    if !has_nmap() {
        return;
    }
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let (open, other) = (bind(), bind());
    let closed = bind().local_addr().expect("an address").port();
    let [open, other] = [&open, &other].map(|port| port.local_addr().expect("an address").port());
    let ports = format!("{open},{other},{closed}");
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str| directory.path().join(name);
    let scan = Command::new("nmap")
        .args(["-n", "-Pn", "-sT", "-p", &ports, "127.0.0.1"])
        .args(["-oX".as_ref(), file("x").as_os_str(), "-oG".as_ref(), file("g").as_os_str()])
        .stdout(Stdio::null())
        .status();
    assert!(scan.expect("nmap").success());
    let mut wanted = [open, other].map(|port| format!("127.0.0.1:{port}"));
    wanted.sort();
    for name in ["x", "g"] {
        let bytes = std::fs::read(file(name)).expect("what nmap wrote");
        let plan = plan_of(&[Foreign { name: name.to_owned(), bytes }], None);
        let mut addresses: Vec<String> =
            added(&plan).iter().map(|Definition { endpoints, .. }| endpoints[0].address.to_string()).collect();
        addresses.sort();
        assert_eq!(addresses, wanted, "-o{name}");
        let [why] = &skipped(&plan)[..] else { panic!("{plan:?}") };
        assert!(why.ends_with("nmap found it closed, not open"), "{why}");
    }
}
