//! A process without descriptors to spare: its own fault, never a failure of a target or a name.

use crate::child;
use crate::dns::{Files, NameServer, Says};
use crate::prober::{Asker, endpoint, picture};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};

/// Takes every descriptor that is left.
fn take_all() -> Vec<File> {
    std::iter::from_fn(|| File::open("/dev/null").ok()).collect()
}

#[test]
fn without_descriptors_nothing_is_held_against_anybody() {
    if child::word().is_none() {
        assert!(
            child::start("descriptors::without_descriptors_nothing_is_held_against_anybody", "")
                .wait()
                .unwrap()
                .success()
        );
        return;
    }
    let hard = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: hard }).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = NameServer::start(&[("db1.example", Says::Addresses(vec![Ipv4Addr::LOCALHOST.into()]))]);
    let files = Files::new("", Some(&server));
    let (mut used, mut asker) = (Asker::new(files.limits()), Asker::new(files.limits()));
    let (literal, name) = (format!("127.0.0.1:{port}"), format!("db1.example:{port}"));
    assert_eq!(picture(used.check(endpoint(&name)).outcome), "open", "before");

    let taken = take_all();
    for address in [literal.as_str(), name.as_str(), "none.example:1"] {
        assert_eq!(picture(asker.check(endpoint(address)).outcome), "inconclusive: Descriptors", "{address}");
    }
    if cfg!(target_os = "linux") {
        assert_eq!(picture(used.check(endpoint(&literal)).outcome), "open", "with the socket of the check before");
    }
    assert_eq!(picture(used.check(endpoint(&name)).outcome), "inconclusive: Descriptors", "a query needs its own");
    assert_eq!(asker.self_check(Ipv4Addr::LOCALHOST.into()), Err(portpulse::domain::Fault::Descriptors));

    drop(taken);
    assert_eq!(picture(asker.check(endpoint(&literal)).outcome), "open", "after");
    assert_eq!(picture(asker.check(endpoint("none.example:1")).outcome), "no such name", "after");
}

#[test]
fn the_limit_is_raised_to_what_the_system_allows() {
    if child::word().is_none() {
        assert!(
            child::start("descriptors::the_limit_is_raised_to_what_the_system_allows", "").wait().unwrap().success()
        );
        return;
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: Some(512) }).unwrap();
    assert_eq!(portpulse::probe::raise_descriptor_limit().unwrap(), 512);
    let mut asker = Asker::new(portpulse::probe::Limits::default());
    asker.begin(endpoint("127.0.0.1:9"), portpulse::domain::job::Phases::Quiet);
    assert_eq!(asker.health().in_flight_max, (512 - 64) / 2);
}
