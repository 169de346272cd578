//! Names: hosts file, a name server of our own, a dead one, and what each failure is held against.

use crate::child;
use crate::dns::{Files, NameServer, Says};
use crate::loopback::Deaf;
use crate::prober::{Asker, endpoint, picture, rows, within};
use portpulse::domain::job::Phases;
use portpulse::domain::{Endpoint, Family, Outcome, Place};
use portpulse::probe::Limits;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn loopback() -> Says {
    Says::Addresses(vec![Ipv4Addr::LOCALHOST.into()])
}

/// A name server that takes questions and never answers, and files that lead there.
fn dead_resolver(hosts: &str) -> (UdpSocket, Files) {
    let sink = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = sink.local_addr().unwrap().port();
    (sink, Files::asking(hosts, port))
}

#[test]
fn a_name_of_the_hosts_file_needs_no_resolver_and_an_edit_is_seen() {
    let (_listener, port) = listener();
    let (_sink, files) = dead_resolver("127.0.0.1 db1\n");
    let mut asker = Asker::new(files.limits());
    let found = asker.check(endpoint(&format!("db1:{port}")));
    assert_eq!((picture(found.outcome).as_str(), found.dns), ("open", None));
    files.write("hosts", "127.0.0.2 db1\n");
    let moved = asker.check(endpoint(&format!("db1:{port}")));
    assert_eq!(rows(&moved), ["127.0.0.2 Refused"]);
}

#[test]
fn what_the_name_server_says_is_held_against_the_name_or_against_us() {
    let (_listener, port) = listener();
    let server = NameServer::start(&[
        ("db1.example", loopback()),
        ("under_score.example", loopback()),
        ("empty.example", Says::Addresses(vec![])),
        ("blocked.example", Says::Addresses(vec![Ipv4Addr::UNSPECIFIED.into()])),
        ("broken.example", Says::Code(2)),
        ("refused.example", Says::Code(5)),
        ("silent.example", Says::Nothing),
    ]);
    let files = Files::new("", Some(&server));
    let mut asker = Asker::new(files.limits());
    for (name, said) in [
        ("db1.example", "open"),
        ("under_score.example", "open"),
        ("none.example", "no such name"),
        ("empty.example", "no address"),
        ("blocked.example", "no address"),
        ("broken.example", "inconclusive: ResolverFailed"),
        ("refused.example", "inconclusive: ResolverFailed"),
        ("silent.example", "inconclusive: ResolverTimedOut"),
    ] {
        let finding = asker.check(within(4_000, &format!("{name}:{port}")));
        assert_eq!(picture(finding.outcome), said, "{name}");
        assert!(finding.dns.is_some(), "{name}: the look-up is timed");
        if let Outcome::Failed(failure) = finding.outcome {
            assert_eq!(failure.place, Place::Lookup);
        }
    }
}

#[test]
fn the_family_decides_what_is_asked_and_tried() {
    let (_listener, port) = listener();
    let server = NameServer::start(&[("db1.example", loopback())]);
    let files = Files::new("", Some(&server));
    let mut asker = Asker::new(files.limits());
    let of = |family| Endpoint { family, ..endpoint(&format!("db1.example:{port}")) };
    assert_eq!(picture(asker.check(of(Family::Ipv4)).outcome), "open");
    assert_eq!((server.asked("db1.example 1"), server.asked("db1.example 28")), (1, 0));
    assert_eq!(picture(asker.check(of(Family::Ipv6)).outcome), "no address");
    assert_eq!((server.asked("db1.example 1"), server.asked("db1.example 28")), (1, 1));
    assert_eq!(picture(asker.check(of(Family::Auto)).outcome), "open");
    assert_eq!((server.asked("db1.example 1"), server.asked("db1.example 28")), (2, 2));
}

#[test]
fn those_who_ask_at_the_same_moment_share_one_query() {
    let server = NameServer::start(&[("slow.example", Says::Nothing)]);
    let files = Files::new("", Some(&server));
    let mut alone = Asker::new(files.limits());
    alone.check(within(900, "slow.example:1"));
    let by_one = server.asked("slow.example 1");
    let mut asker = Asker::new(Limits { per_host: 50, ..files.limits() });
    let attempts: Vec<_> =
        (1..=50).map(|port| asker.begin(within(900, &format!("slow.example:{port}")), Phases::Quiet)).collect();
    for attempt in attempts {
        assert_eq!(picture(asker.done(attempt).outcome), "inconclusive: ResolverTimedOut");
    }
    let by_fifty = server.asked("slow.example 1") - by_one;
    assert!(by_fifty <= by_one + 2, "{by_one} queries for one, {by_fifty} for fifty");
}

#[test]
fn search_domains_and_dots_of_resolv_conf_count_and_an_edit_is_seen() {
    let (_listener, port) = listener();
    let server = NameServer::start(&[("db1.inner.example", loopback())]);
    let files = Files::new("", Some(&server));
    let mut asker = Asker::new(files.limits());
    let asked = || endpoint(&format!("db1:{port}"));
    files.write("resolv.conf", "nameserver 127.0.0.1\nsearch outer.example\n");
    assert_eq!(picture(asker.check(asked()).outcome), "no such name");
    files.write("resolv.conf", "nameserver 127.0.0.1\nsearch outer.example inner.example\n");
    assert_eq!(picture(asker.check(asked()).outcome), "open");
}

#[test]
fn trouble_with_one_name_of_the_search_list_leaves_the_question_open() {
    let server = NameServer::start(&[("db1.inner.example", Says::Code(2))]);
    let files = Files::new("", Some(&server));
    files.write("resolv.conf", "nameserver 127.0.0.1\nsearch inner.example\n");
    let mut asker = Asker::new(files.limits());
    assert_eq!(picture(asker.check(endpoint("db1:1")).outcome), "inconclusive: ResolverFailed");
}

#[test]
fn a_firewall_that_drops_one_family_of_queries_costs_a_moment_and_no_more() {
    let (_listener, port) = listener();
    let server = NameServer::start(&[("db1.example", Says::Half(vec![Ipv4Addr::LOCALHOST.into()]))]);
    let files = Files::new("", Some(&server));
    let begun = Instant::now();
    let found = Asker::new(files.limits()).check(within(4_000, &format!("db1.example:{port}")));
    let took = begun.elapsed();
    assert_eq!(picture(found.outcome), "open");
    assert!(took < Duration::from_millis(900), "{took:?}");
    assert!(found.dns.is_some_and(|dns| dns < Duration::from_millis(250)), "the wait is not the resolver's: {found:?}");
}

#[test]
fn a_slow_resolver_that_leaves_no_time_is_not_held_against_the_target() {
    let deaf = Deaf::new();
    let port = deaf.address.rsplit(':').next().unwrap();
    let late = |millis| Says::Late(Duration::from_millis(millis), vec![Ipv4Addr::LOCALHOST.into()]);
    let server = NameServer::start(&[("late.example", late(600)), ("prompt.example", late(100))]);
    let files = Files::new("", Some(&server));
    let mut asker = Asker::new(files.limits());
    let v4 = |name: &str| Endpoint { family: Family::Ipv4, ..within(900, &format!("{name}:{port}")) };
    assert_eq!(picture(asker.check(v4("late.example")).outcome), "inconclusive: ResolverTimedOut");
    assert_eq!(picture(asker.check(v4("prompt.example")).outcome), "TimedOut");
}

#[test]
fn a_dead_resolver_opens_the_breaker_and_delays_nobody_else() {
    let (_listener, port) = listener();
    let (_sink, files) = dead_resolver("127.0.0.1 here\n");
    let mut asker = Asker::new(files.limits());
    for name in ["a.example", "b.example", "c.example"] {
        let finding = asker.check(within(300, &format!("{name}:1")));
        assert_eq!(picture(finding.outcome), "inconclusive: ResolverTimedOut");
    }
    let begun = Instant::now();
    let denied = asker.check(within(5_000, "d.example:1"));
    assert_eq!((picture(denied.outcome).as_str(), denied.dns), ("inconclusive: ResolverTimedOut", None));
    assert_eq!(picture(asker.check(endpoint(&format!("here:{port}"))).outcome), "open");
    assert_eq!(picture(asker.check(endpoint(&format!("127.0.0.1:{port}"))).outcome), "open");
    // Whoever had waited for the resolver would have waited for five.
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn a_resolver_that_comes_back_is_found_by_the_trial() {
    let (_listener, port) = listener();
    let server = NameServer::start(&[("db1.example", Says::Nothing)]);
    for name in ["a.example", "b.example", "c.example"] {
        server.set(name, Says::Nothing);
    }
    let files = Files::new("", Some(&server));
    let mut asker = Asker::new(files.limits());
    for name in ["a.example", "b.example", "c.example"] {
        asker.check(within(200, &format!("{name}:1")));
    }
    server.set("db1.example", loopback());
    let begun = Instant::now();
    while picture(asker.check(endpoint(&format!("db1.example:{port}"))).outcome) != "open" {
        assert!(begun.elapsed() < Duration::from_secs(3), "one trial a second");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_closed_port_where_the_resolver_should_be_is_our_trouble() {
    let gone = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let files = Files::asking("", gone.port());
    let finding = Asker::new(files.limits()).check(within(4_000, "db1.example:1"));
    assert_eq!(picture(finding.outcome), "inconclusive: ResolverTimedOut");
}

#[test]
fn the_system_is_asked_where_the_switch_names_more() {
    let (_listener, port) = listener();
    let server = NameServer::start(&[]);
    let files = Files::new("", Some(&server));
    files.write("nsswitch.conf", "hosts: files libvirt dns\n");
    let mut asker = Asker::new(files.limits());
    let v4 = Endpoint { family: Family::Ipv4, ..endpoint(&format!("localhost:{port}")) };
    let found = asker.check(v4);
    assert_eq!(picture(found.outcome), "open");
    assert_eq!(server.asked("localhost 1"), 0);
}

/// Starts a process that asks for a hundred names and then ends, and sees how long the end takes.
pub fn assert_ends_at_once(files: &Files) {
    let place = format!("{} {}", files.folder.path().display(), files.limits().name_server_port);
    let mut child = child::start("names::the_program_ends_at_once_with_a_dead_resolver", &place);
    let ending = files.folder.path().join("ending");
    let begun = Instant::now();
    while !ending.exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the child does not start");
        thread::sleep(Duration::from_millis(2));
    }
    let ended = Instant::now();
    assert!(child.wait().unwrap().success());
    // Each of its names still had half a minute.
    assert!(ended.elapsed() <= Duration::from_secs(2), "{:?}", ended.elapsed());
}

#[test]
fn the_program_ends_at_once_with_a_dead_resolver() {
    let Some(place) = child::word() else {
        let (_sink, files) = dead_resolver("");
        return assert_ends_at_once(&files);
    };
    let (folder, port) = place.split_once(' ').unwrap();
    let names = PathBuf::from(folder);
    let mut asker = Asker::new(Limits { names, name_server_port: port.parse().unwrap(), ..Limits::default() });
    for number in 0..100 {
        asker.begin(within(30_000, &format!("name{number}.example:1")), Phases::Quiet);
    }
    // Most of the names have been asked for by then; were it none, the end would have as much to give up.
    thread::sleep(Duration::from_millis(300));
    fs::write(format!("{folder}/ending"), "").unwrap();
}
