//! The fleet of the mock-ups, and crowds for measurements.

use super::{Fixture, NOW, failure, target};
use portpulse::domain::{
    Clocked, Event, Finding, Happening, Mono, Now, OutageId, Outcome, Reason, TargetId, Timing, Try, record::AdHoc,
};
use portpulse::monitor::snapshot::{AdHocView, DAY_CELLS, Finished};
use portpulse::monitor::{Mark, Snapshot, Soft, State, TargetView};
use portpulse::window::{Cell, Strip, Uptime};
use std::sync::Arc;
use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The 61 targets of the mock-ups.
pub fn fleet() -> Snapshot {
    let mut targets = vec![
        target(1, "pg-primary", "db1.prod.example:5432", "33333333333333333333333333xxxx")
            .down(Reason::Refused, 4 * MINUTE + 12)
            .day(&[(20, 450), (47, 150)])
            .with(|definition| {
                definition.note.push_str("failover: https://wiki.example/pg-failover");
                definition.tags = vec!["db".to_owned(), "prod".to_owned()];
                definition.interval = Duration::from_secs(10);
            }),
        target(2, "kafka-3", "10.4.7.33:9092", "444444444444444555666xxxxxxxxx")
            .down(Reason::TimedOut, 41 * MINUTE + 5)
            .day(&[(24, 109), (46, 665), (47, 1800)]),
        target(3, "smtp-relay", "relay.corp.example:25", "5555555555555555555655555555xx")
            .failed(Reason::TimedOut)
            .state(State::Up, 18)
            .soft(Soft::Failing { count: 2, of: 3, reason: Reason::TimedOut, since: NOW - Duration::from_secs(18) }),
        target(4, "ldap-eu", "ldap.eu.example:636", "555555555555555666677767777777")
            .open(412_000)
            .state(State::Degraded, 9 * MINUTE + 6)
            .with(|definition| definition.degraded_above = Some(Duration::from_millis(250)))
            .day(&[(30, 17)]),
        target(5, "new-api", "api.example.com:8443", "").state(State::Pending, 0).view(|view| {
            view.checking = true;
            view.day = Arc::new(Strip { cells: vec![Cell::default(); DAY_CELLS], uptime: Uptime::default() });
        }),
        target(6, "etcd-1", "10.1.2.21:2379", &"2".repeat(30)).open(1_100),
        target(7, "etcd-2", "10.1.2.22:2379", &"1".repeat(30)).open(1_000),
        target(8, "etcd-3", "10.1.2.23:2379", &"2".repeat(30)).open(1_200),
        target(9, "git-ssh", "git.corp.example:22", &"3".repeat(30))
            .open(8_400)
            .state(State::Up, 3 * DAY + 4 * HOUR)
            .day(&[(11, 8), (24, -1), (25, -1)]),
        target(10, "mysql-ro", "db7.prod.example:3306", "222222222222222222222222232222")
            .open(2_600)
            .state(State::Up, 19 * DAY),
        target(11, "nfs-archive", "nas2.internal:2049", &"1".repeat(30)).open(900),
        target(12, "rabbit-1", "mq1.internal:5672", &"3".repeat(30)).open(3_300).state(State::Up, 8 * DAY),
        target(13, "redis-cache", "redis.internal:6379", &"1".repeat(30)).open(600).state(State::Up, 12 * DAY),
        target(14, "redis-sess", "[2001:db8:4::17]:6379", "111111111111111111111211111111")
            .open(800)
            .state(State::Up, 12 * DAY),
        target(15, "vpn-us", "vpn-us.example.net:1194", &"5".repeat(30))
            .open(96_000)
            .state(State::Up, 6 * HOUR + 10 * MINUTE)
            .day(&[(17, 43)]),
        target(16, "web-lb-a", "10.1.0.10:443", &"2".repeat(30)).open(1_900),
        target(17, "web-lb-b", "10.1.0.11:443", &"2".repeat(30)).open(2_100),
        target(18, "old-mongo", "10.9.0.4:27017", "..........................2...").state(State::Paused, 2 * DAY).view(
            |view| view.day = Arc::new(Strip { cells: vec![Cell::default(); DAY_CELLS], uptime: Uptime::default() }),
        ),
    ];
    for number in 1..=43_u32 {
        let name = format!("worker-{number:02}");
        let address = format!("10.2.0.{}:8080", 30 + number);
        targets.push(target(100 + number, &name, &address, &"2".repeat(30)).open(1_300 + 100 * u64::from(number % 15)));
    }
    Snapshot {
        targets: targets.into_iter().map(Fixture::build).collect(),
        events: Arc::new(events()),
        ad_hoc: Arc::new(AdHocView { running: Vec::new(), finished: ad_hoc() }),
        checks_per_second: 2.0,
        version: 1,
        ..Snapshot::empty(Now { mono: Mono(3_600_000), wall: NOW })
    }
}

fn events() -> Vec<Event> {
    let event = |seconds: u64, target: Option<(u32, &str)>, what| Event {
        at: NOW - Duration::from_secs(seconds),
        target: target.map(|(id, name)| (TargetId(id), name.to_owned())),
        what,
    };
    vec![
        event(3127, None, Happening::Started { targets: 61, away: Some(Duration::from_secs(12 * MINUTE)) }),
        event(
            2465,
            Some((2, "kafka-3")),
            Happening::Down {
                outage: OutageId(2),
                reason: Reason::TimedOut,
                since: NOW - Duration::from_secs(41 * MINUTE + 5),
            },
        ),
        event(
            546,
            Some((4, "ldap-eu")),
            Happening::Slow { latency: Duration::from_millis(412), limit: Duration::from_millis(250) },
        ),
        event(
            252,
            Some((1, "pg-primary")),
            Happening::Down {
                outage: OutageId(1),
                reason: Reason::Refused,
                since: NOW - Duration::from_secs(4 * MINUTE + 12),
            },
        ),
        event(18, Some((3, "smtp-relay")), Happening::Failing { count: 1, of: 3, reason: Reason::TimedOut }),
    ]
}

fn ad_hoc() -> Vec<Finished> {
    let finding = |dns: Option<u64>, address: Option<&str>, outcome: Outcome| {
        let address = address.map(|address| address.parse().expect("an address"));
        let tries = address.into_iter().map(|address| Try { address, outcome }).collect();
        Finding { waited: Duration::ZERO, dns: dns.map(Duration::from_micros), tries, outcome, address }
    };
    let open = |micros| {
        Outcome::Open(Timing { connect: Duration::from_micros(micros), clocked: Clocked::Kernel, syn_lost: 0 })
    };
    let failed = |reason| Outcome::Failed(failure(reason));
    let row = |seconds: u64, address: &str, finding| {
        let (at, address) = (NOW - Duration::from_secs(seconds), address.parse().expect("an address"));
        Finished { attempt: None, check: AdHoc { at, address, finding } }
    };
    vec![
        row(217, "github.com:443", finding(Some(9_000), Some("140.82.121.4"), open(11_000))),
        row(185, "[2001:db8::5]:22", finding(None, Some("2001:db8::5"), failed(Reason::HostUnreachable))),
        row(129, "10.4.7.33:9092", finding(None, Some("10.4.7.33"), failed(Reason::TimedOut))),
        row(87, "nosuch.example:443", finding(Some(41_000), None, failed(Reason::DnsFailed))),
        row(55, "pg1.prod.internal:5432", finding(Some(600), Some("10.4.1.11"), failed(Reason::Refused))),
        row(17, "pg2.prod.internal:5432", finding(Some(700), Some("10.4.1.13"), open(6_100))),
    ]
}

/// Many targets that are up, for measurements; `turn` varies their latencies a little, as real ones do.
pub fn crowd(count: u32, turn: u64) -> Snapshot {
    let targets = (0..count).map(|number| member(number, turn)).collect();
    Snapshot { targets, version: turn + 1, ..Snapshot::empty(Now { mono: Mono(turn * 1_000), wall: NOW }) }
}

/// One target of a crowd after its `turn`-th check.
pub fn member(number: u32, turn: u64) -> Arc<TargetView> {
    let latency = |turn: u64| {
        let base = 400 + u64::from(number).wrapping_mul(7_919) % 60_000;
        let spread = u64::from(number).wrapping_mul(31).wrapping_add(turn.wrapping_mul(2_654_435_761)) >> 7;
        base + base * (spread % 21) / 100
    };
    let marks: Vec<Mark> = (0..30).map(|back| Mark::Open(Duration::from_micros(latency(turn + 29 - back)))).collect();
    let address = format!("host-{number:05}.example.net:{}", 1_000 + number % 60_000);
    target(number, &format!("service-{number:05}"), &address, "")
        .open(latency(turn))
        .view(|view| view.recent = Arc::from(marks.into_iter().rev().collect::<Vec<_>>()))
        .build()
}
