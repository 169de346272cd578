//! What only a network can do: drop, reject, lose, mislead, run out. Needs root for its namespaces.

use crate::netns::Wire;
use crate::prober::{Asker, endpoint, picture, within};
use portpulse::domain::{Clocked, Fault, Finding, Outcome};
use portpulse::probe::Limits;
use std::net::{IpAddr, Ipv6Addr, TcpListener};
use std::time::Duration;

/// Two hosts, a listener at port 8000 of the far one in both families, and a prober at the near one.
struct Scene {
    asker: Asker,
    _listener: TcpListener,
    wire: Wire,
}

impl Scene {
    fn set() -> Option<Self> {
        let wire = Wire::lay()?;
        let listener = wire.far.inside(|| TcpListener::bind((Ipv6Addr::UNSPECIFIED, 8_000)).unwrap());
        let prober = wire.near.inside(|| portpulse::probe::spawn(Limits::default()).unwrap());
        Some(Self { asker: Asker::over(prober), _listener: listener, wire })
    }

    fn finding(&mut self, address: &str) -> Finding {
        self.asker.check(endpoint(address))
    }

    fn check(&mut self, address: &str) -> String {
        picture(self.finding(address).outcome)
    }

    /// Looks at ourselves, and at a canary that should be open.
    fn sight(&mut self, toward: &str) -> (Result<(), Fault>, String) {
        let toward: IpAddr = toward.parse().unwrap();
        (self.asker.self_check(toward), self.check("10.78.0.99:8000"))
    }
}

#[test]
fn open_refused_dropped_and_rejected() {
    let Some(mut scene) = Scene::set() else { return };
    assert_eq!(scene.check("10.77.0.2:8000"), "open");
    assert_eq!(scene.check("[fd77::2]:8000"), "open");
    assert_eq!(scene.check("10.77.0.2:8001"), "Refused");
    assert_eq!(scene.check("[fd77::2]:8001"), "Refused");
    scene.wire.far.filter(
        "input",
        &["tcp dport 1 drop", "tcp dport 2 reject with tcp reset", "tcp dport 3 reject with icmpx port-unreachable"],
    );
    for host in ["10.77.0.2", "[fd77::2]"] {
        assert_eq!(scene.check(&format!("{host}:1")), "TimedOut");
        assert_eq!(scene.check(&format!("{host}:2")), "Refused");
        assert_eq!(scene.check(&format!("{host}:3")), "Refused");
    }
}

#[test]
fn what_a_router_or_firewall_on_the_way_says_is_the_path() {
    let Some(mut scene) = Scene::set() else { return };
    scene.wire.far.filter(
        "input",
        &[
            "tcp dport 1 reject with icmp net-unreachable",
            "tcp dport 2 reject with icmp host-unreachable",
            "tcp dport 3 reject with icmp admin-prohibited",
            "tcp dport 4 reject with icmp net-prohibited",
            "tcp dport 5 reject with icmp prot-unreachable",
            "tcp dport 6 reject with icmpv6 no-route",
            "tcp dport 7 reject with icmpv6 addr-unreachable",
            "tcp dport 8 reject with icmpv6 admin-prohibited",
        ],
    );
    for (address, said) in [
        ("10.77.0.2:1", "NetworkUnreachable"),
        ("10.77.0.2:2", "HostUnreachable"),
        ("10.77.0.2:3", "HostUnreachable"),
        ("10.77.0.2:4", "NetworkUnreachable"),
        ("10.77.0.2:5", "HostUnreachable"),
        ("[fd77::2]:6", "NetworkUnreachable"),
        ("[fd77::2]:7", "HostUnreachable"),
        ("[fd77::2]:8", "HostUnreachable"),
    ] {
        assert_eq!(scene.check(address), said, "{address}");
    }
}

#[test]
fn our_own_routes_are_told_from_the_path() {
    let Some(mut scene) = Scene::set() else { return };
    for (kind, host) in [("unreachable", 1), ("prohibit", 2), ("blackhole", 3), ("throw", 4)] {
        scene.wire.near.ip(&format!("route add {kind} 10.79.0.{host}"));
        scene.wire.near.ip(&format!("-6 route add {kind} fd79::{host}"));
    }
    for (host, v4, v6) in [
        (1, "HostUnreachable at call", "HostUnreachable at call"),
        (2, "inconclusive: Denied", "inconclusive: Denied"),
        (3, "inconclusive: Route", "inconclusive: Route"),
    ] {
        assert_eq!(scene.check(&format!("10.79.0.{host}:1")), v4);
        assert_eq!(scene.check(&format!("[fd79::{host}]:1")), v6);
    }
    scene.wire.near.ip("route del default");
    scene.wire.near.ip("-6 route del default");
    assert_eq!(scene.check("10.78.0.1:8000"), "NetworkUnreachable at call");
    assert_eq!(scene.check("10.79.0.4:8000"), "NetworkUnreachable at call");
    assert_eq!(scene.check("[fd78::1]:8000"), "NetworkUnreachable at call");
    assert_eq!(scene.check("10.77.0.2:8000"), "open", "what needs no router is still judged");
}

#[test]
fn nobody_at_that_address_of_the_wire_is_an_unreachable_host() {
    let Some(mut scene) = Scene::set() else { return };
    let finding = scene.asker.check(within(8_000, "10.77.0.77:1"));
    assert_eq!(picture(finding.outcome), "HostUnreachable", "after the kernel has asked for it three times");
}

#[test]
fn the_self_check_names_what_is_the_matter_with_us() {
    let Some(mut scene) = Scene::set() else { return };
    assert_eq!(scene.sight("10.78.0.1"), (Ok(()), "open".to_owned()));
    assert_eq!(scene.asker.self_check("fd78::1".parse().unwrap()), Ok(()));
    assert_eq!(scene.asker.self_check("fe80::1".parse().unwrap()), Ok(()), "routes need a zone");

    scene.wire.near.ip("route add prohibit 10.79.0.2");
    assert_eq!(scene.asker.self_check("10.79.0.2".parse().unwrap()), Err(Fault::Denied));
    scene.wire.near.ip("route del default");
    assert_eq!(scene.sight("10.78.0.1"), (Err(Fault::Route), "NetworkUnreachable at call".to_owned()));
    scene.wire.near.ip("link set v0 down");
    assert_eq!(scene.asker.self_check("10.77.0.2".parse().unwrap()), Err(Fault::Route));
    assert_eq!(scene.asker.self_check("fd77::2".parse().unwrap()), Err(Fault::Route));
    scene.wire.near.set("ipv6/conf/all/disable_ipv6", "1");
    assert_eq!(scene.asker.self_check("fd77::2".parse().unwrap()), Err(Fault::LocalAddress), "no ::1 either");
    scene.wire.near.ip("link set lo down");
    assert!(scene.asker.self_check("10.77.0.2".parse().unwrap()).is_err());
}

#[test]
fn our_own_firewall_looks_like_the_target_and_the_canary_tells() {
    let Some(mut scene) = Scene::set() else { return };
    // Towards the network only: the loopback part of the self-check and the route are fine, and
    // nothing but a canary beside the target can tell.
    for (rule, target) in
        [("oif v0 meta l4proto tcp drop", "TimedOut"), ("oif v0 meta l4proto tcp reject with tcp reset", "Refused")]
    {
        scene.wire.near.filter("output", &[rule]);
        assert_eq!(scene.check("10.77.0.2:8000"), target);
        assert_eq!(scene.sight("10.77.0.2"), (Ok(()), target.to_owned()), "{rule}");
    }
    // Everywhere: the self-check itself is refused.
    for rule in ["meta l4proto tcp drop", "meta l4proto tcp reject with tcp reset"] {
        scene.wire.near.filter("output", &[rule]);
        assert_eq!(scene.sight("10.77.0.2").0, Err(Fault::Denied), "{rule}");
    }
    // A rejection by our own firewall comes back within the call, and is said to.
    scene.wire.near.filter("output", &["oif v0 meta l4proto tcp reject with icmp host-unreachable"]);
    assert!(scene.check("10.77.0.2:8000").starts_with("HostUnreachable"));
}

#[test]
fn no_free_port_is_our_fault() {
    let Some(mut scene) = Scene::set() else { return };
    scene.wire.near.set("ipv4/ip_local_port_range", "40000 40001");
    let holders: Vec<TcpListener> = scene
        .wire
        .near
        .inside(|| (40_000..=40_001).map(|port| TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).unwrap()).collect());
    assert_eq!(scene.check("10.77.0.2:8000"), "inconclusive: LocalAddress");
    drop(holders);
    assert_eq!(scene.check("10.77.0.2:8000"), "open");
}

#[test]
fn a_closed_port_of_our_own_in_the_ephemeral_range_is_never_open() {
    let Some(mut scene) = Scene::set() else { return };
    scene.wire.near.set("ipv4/ip_local_port_range", "40002 40003");
    for _ in 0..40 {
        assert_eq!(scene.check("127.0.0.1:40002"), "Refused");
        assert_eq!(scene.check("[::1]:40002"), "Refused");
    }
}

#[test]
fn a_lost_syn_is_told_from_a_slow_service() {
    let Some(mut scene) = Scene::set() else { return };
    // Every other SYN is lost, the first of them first; the kernel sends it again after a second.
    scene.wire.far.filter("input", &["tcp flags syn tcp dport 8000 numgen inc mod 2 == 0 drop"]);
    let finding = scene.asker.check(within(5_000, "10.77.0.2:8000"));
    let Outcome::Open(timing) = finding.outcome else { panic!("{finding:?}") };
    assert_eq!((timing.syn_lost, timing.clocked), (1, Clocked::Stopwatch));
    assert!(timing.connect >= Duration::from_secs(1) && timing.connect < Duration::from_secs(2), "{timing:?}");

    scene.wire.far.nft("flush ruleset");
    let finding = scene.finding("10.77.0.2:8000");
    let Outcome::Open(timing) = finding.outcome else { panic!("{finding:?}") };
    assert_eq!((timing.syn_lost, timing.clocked), (0, Clocked::Kernel), "the same socket has forgotten it");

    scene.wire.far.filter("input", &["tcp flags syn tcp dport 8000 drop"]);
    let Outcome::Failed(failure) = scene.asker.check(within(2_500, "10.77.0.2:8000")).outcome else { panic!() };
    assert_eq!(failure.syn_lost, if has_linear_retries(&scene.wire) { 2 } else { 1 }, "{failure:?}");
}

/// Since Linux 6.5 SYNs are sent again every second at first, not after 1, 3 and 7 seconds.
fn has_linear_retries(wire: &Wire) -> bool {
    wire.near.inside(|| std::path::Path::new("/proc/sys/net/ipv4/tcp_syn_linear_timeouts").exists())
}

#[test]
fn a_black_hole_in_one_family_is_shown_and_does_not_spoil_the_other() {
    let Some(wire) = Wire::lay() else { return };
    let _listener = wire.far.inside(|| TcpListener::bind((Ipv6Addr::UNSPECIFIED, 8_000)).unwrap());
    let files = crate::dns::Files::new("10.77.0.2 dual\nfd77::2 dual\n", None);
    let mut asker = Asker::over(wire.near.inside(|| portpulse::probe::spawn(files.limits()).unwrap()));
    wire.far.filter("input", &["meta nfproto ipv6 tcp dport 8000 drop"]);
    let finding = asker.check(within(700, "dual:8000"));
    assert_eq!(crate::prober::rows(&finding), ["10.77.0.2 open", "fd77::2 TimedOut"]);
    assert_eq!(picture(finding.outcome), "open");
    wire.far.nft("flush ruleset");
    wire.near.set("ipv6/conf/all/disable_ipv6", "1");
    let finding = asker.check(within(700, "dual:8001"));
    assert_eq!(picture(finding.outcome), "Refused", "{:?}", crate::prober::rows(&finding));
}

#[test]
fn the_program_ends_at_once_while_the_system_waits_for_a_dead_resolver() {
    let Some(wire) = Wire::lay() else { return };
    // Whatever resolver the system is set up with: there is nobody behind the far host.
    let files = crate::dns::Files::new("", None);
    files.write("nsswitch.conf", "hosts: files sss dns\n");
    wire.near.inside(|| crate::names::assert_ends_at_once(&files));
}
