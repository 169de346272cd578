//! History as the mock-ups of the design have it: an hour of latencies, a day, a month of outages.

#![allow(dead_code, reason = "each test that shares this file uses a part of it")]

use super::pictures::{NOW, outage, strip};
use portpulse::domain::{Closing, Outage, OutageId, Reason, Span, TargetId, Wall};
use portpulse::engine::query::{
    AddressChange, Addresses, Column, Detail, Overview, Percentiles, Sighting, SightingCount, Source, Summary, Uptimes,
};
use portpulse::window::Uptime;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// The hour of pg-primary in so many columns: quiet at 8 ms, a bump at 55 ms, a slow quarter, then down.
pub fn detail(target: u32, columns: usize) -> Detail {
    let chart = (0..columns).map(|place| column(place, columns)).collect();
    let target = TargetId(target);
    Detail {
        endpoint: None,
        target: Some(target),
        span: Some(Span::before(NOW, Duration::from_hours(1))),
        columns: chart,
        summary: Summary {
            checks: 360,
            failures: [14, 2, 0, 0, 0, 0, 0, 0],
            inconclusive: 1,
            latency: Some(Percentiles {
                p50: Duration::from_micros(6_100),
                p90: Duration::from_micros(8_700),
                p95: Duration::from_micros(9_800),
                p99: Duration::from_millis(14),
                max: Duration::from_millis(412),
                source: Source::Exact,
            }),
            dns_median: Some(Duration::from_micros(700)),
            syn_lost: 3,
        },
        strip: strip(columns, 86_400, &[(columns * 2 / 5, 400), (columns - 1, 252)]),
        unseen: Vec::new(),
        remarks: Vec::new(),
        outages: outages(target),
        maintenance: Vec::new(),
        addresses: Addresses {
            seen: vec![sighting("10.4.1.12", 3_595, 5, 300, 284), sighting("10.4.1.11", 3_600, 3_000, 60, 60)],
            changes: 1,
            newest: vec![AddressChange {
                at: NOW - Duration::from_secs(2_990),
                from: ip("10.4.1.11"),
                to: ip("10.4.1.12"),
            }],
        },
    }
}

/// How much of its time pg-primary was up.
pub fn uptimes(target: TargetId, until: Wall) -> Uptimes {
    Uptimes {
        target: Some(target),
        until,
        windows: [
            uptime(Duration::from_hours(1), 252, 3_600),
            uptime(DAY, 586, 86_400),
            uptime(DAY * 7, 780, 580_000),
            uptime(DAY * 31, 800, 1_100_000),
        ],
        oldest: Some(NOW - DAY * 31),
    }
}

fn ip(text: &str) -> std::net::IpAddr {
    text.parse().expect("an address")
}

/// An address that was seen from so many seconds ago to so many.
fn sighting(address: &str, first: u64, last: u64, checks: u32, open: u32) -> Sighting {
    let ago = |seconds| NOW - Duration::from_secs(seconds);
    let count = Some(SightingCount { checks, open });
    Sighting { address: ip(address), first: ago(first), last: ago(last), count }
}

fn column(place: usize, columns: usize) -> Column {
    let share = place as f64 / columns as f64;
    let wobble = [0, 900, 300, 1_400, 600][place % 5];
    let open = |micros: u64| {
        let median = Duration::from_micros(micros);
        Column { open: 5, min: median / 2, median, max: median * 2, ..Column::default() }
    };
    match share {
        0.30..0.32 => Column { failed: 2, reason: Some(Reason::TimedOut), ..Column::default() },
        0.20..0.21 => Column { max: Duration::from_millis(412), ..open(7_600) },
        0.36..0.38 => Column::default(),
        0.48..0.53 => open(52_000 + wobble * 10),
        0.80..0.97 => open(30_000 + wobble * 4),
        0.97.. => Column { failed: 5, reason: Some(Reason::Refused), ..Column::default() },
        _ => open(7_000 + wobble),
    }
}

/// Observed for so many seconds, of which so many were down.
fn uptime(expected: Duration, down: u64, seen: u64) -> Uptime {
    Uptime { up: Duration::from_secs(seen - down), down: Duration::from_secs(down), expected, blips: 1 }
}

/// An open outage and three that are over, one of them not seen to end.
pub fn outages(target: TargetId) -> Vec<Outage> {
    let ago = |seconds: u64| NOW - Duration::from_secs(seconds);
    let mut open = outage(1, target, "pg-primary", ago(252), Reason::Refused);
    open.failures[1] = 1;
    vec![
        open,
        closed(11, target, "pg-primary", ago(62_512), 334, Reason::TimedOut),
        Outage {
            closing: Some(Closing::EndNotSeen {
                earliest: ago(1_553_000),
                ended_at: ago(1_552_600),
                confirmed_at: ago(1_552_590),
            }),
            unobserved: Duration::from_secs(400),
            ..closed(10, target, "pg-primary", ago(1_553_400), 0, Reason::Refused)
        },
        Outage {
            closing: Some(Closing::Paused(ago(1_700_000))),
            ..closed(9, target, "pg-primary", ago(1_700_080), 0, Reason::DnsFailed)
        },
    ]
}

/// An outage that lasted so many seconds.
pub fn closed(id: u64, target: TargetId, name: &str, started_at: Wall, lasted: u64, reason: Reason) -> Outage {
    let ended_at = started_at + Duration::from_secs(lasted);
    Outage {
        id: OutageId(id),
        closing: Some(Closing::Recovered { ended_at, confirmed_at: ended_at + Duration::from_secs(10) }),
        ..outage(id, target, name, started_at, reason)
    }
}

/// The outages of the day in the mock-ups, newest first.
pub fn day() -> Vec<Outage> {
    let ago = |seconds: u64| NOW - Duration::from_secs(seconds);
    let vpn = TargetId(15);
    vec![
        outage(1, TargetId(1), "pg-primary", ago(252), Reason::Refused),
        outage(2, TargetId(2), "kafka-3", ago(2_465), Reason::TimedOut),
        closed(11, TargetId(1), "pg-primary", ago(62_512), 334, Reason::TimedOut),
        closed(12, vpn, "vpn-us", ago(70_196), 1_769, Reason::DnsFailed),
        closed(13, vpn, "vpn-us", ago(72_726), 270, Reason::Reset),
        closed(14, TargetId(900), "git-ssh-which-was-removed", ago(82_317), 60, Reason::HostUnreachable),
    ]
}

/// A week or a month of the fleet: every third target was down for a while, long ago.
pub fn overview(at: Wall, length: Duration, cells: u16) -> Overview {
    let cells = usize::from(cells);
    let span = Span::before(at, length);
    let seconds = length.as_secs();
    let one = |id: u32| {
        let down = if id.is_multiple_of(3) { vec![(cells / 4, 5_000)] } else { Vec::new() };
        let mut strip = strip(cells, seconds, &down);
        strip.uptime = uptime(length, down.len() as u64 * 5_000, seconds);
        (TargetId(id), strip)
    };
    Overview { at, length, span, cells, until: Some(at), strips: (0..200).map(one).collect() }
}
