//! A night that went wrong, as a store would have it: two databases out within a minute of each other, people who write down what they do, and a machine that was suspended.

#![allow(dead_code, reason = "each test that shares this file uses a part of it")]

use portpulse::domain::{
    CatalogEntry, Check, Clocked, Closing, Definition, Endpoint, EndpointId, Event, Failure, Gap, GapCause, Happening,
    Outage, OutageId, Outcome, Place, Reason, Record, Span, Target, TargetId, Timing, VantageId, Wall,
};
use std::net::IpAddr;
use std::time::Duration;

/// 2026-11-19 02:00 UTC.
pub const START: Wall = Wall(1_795_053_600_000);
/// An hour later: when it is told.
pub const NOW: Wall = Wall(START.0 + 3_600_000);
/// The outage that people will ask about.
pub const FIRST: OutageId = OutageId(7);

/// So many seconds after the start.
pub fn at(seconds: u64) -> Wall {
    START + Duration::from_secs(seconds)
}

/// A target of the night, when it was down, and why.
struct Role {
    id: u32,
    name: &'static str,
    address: &'static str,
    reached: [u8; 4],
    down: Option<(u64, Option<u64>, Reason)>,
}

const CAST: [Role; 3] = [
    Role {
        id: 1,
        name: "pg-primary",
        address: "db1.prod.example:5432",
        reached: [10, 4, 1, 12],
        down: Some((840, Some(1_860), Reason::Refused)),
    },
    Role {
        id: 2,
        name: "pg|replica [old](http://x) *1*",
        address: "db2.prod.example:5432",
        reached: [10, 4, 1, 13],
        down: Some((900, None, Reason::TimedOut)),
    },
    Role { id: 3, name: "ldap", address: "ldap.example:636", reached: [10, 9, 9, 9], down: None },
];

/// Everything that the store has of that night.
pub fn records() -> Vec<Record> {
    let mut records = Vec::new();
    for role in &CAST {
        let target = role.target();
        records.push(Record::Target(CatalogEntry { target, added_at: START, removed_at: None, paused_at: None }));
        records.extend(role.checks().map(Record::Check));
        records.extend(role.outage().map(Record::Outage));
    }
    let stalled =
        Gap { vantage: VantageId::HERE, from: at(2_400), to: at(2_520), cause: GapCause::Stalled, path: None };
    records.push(Record::Gap(stalled));
    records.extend(log().into_iter().map(Record::Event));
    records.push(Record::Alive(at(3_598)));
    records
}

/// The declarations that the targets of the night came from.
pub fn declared() -> Vec<Definition> {
    CAST.iter().map(|role| role.target().definition).collect()
}

impl Role {
    fn target(&self) -> Target {
        let address = self.address.parse().expect("an address");
        let timeout = Duration::from_secs(5);
        let endpoint = Endpoint { timeout, ..Endpoint::new(address) };
        let definition = Definition::new(self.name.to_owned(), endpoint);
        Target::plain(TargetId(self.id), EndpointId(self.id), definition)
    }

    /// Every minute, and every 10 seconds while it is down; none while the machine was suspended.
    fn checks(&self) -> impl Iterator<Item = Check> {
        let is_down =
            |second: u64| self.down.is_some_and(|(from, to, _)| second >= from && to.is_none_or(|to| second < to));
        let seconds = (0..3_600).step_by(10).filter(move |second| second % 60 == 0 || is_down(*second));
        seconds.filter(|second| !(2_400..2_520).contains(second)).map(move |second| {
            let outcome = match self.down {
                Some((_, _, reason)) if is_down(second) => Outcome::Failed(Failure {
                    reason,
                    place: Place::Later,
                    errno: None,
                    name: None,
                    after: Duration::from_millis(900),
                    syn_lost: u8::from(reason == Reason::TimedOut),
                }),
                _ => Outcome::Open(Timing {
                    connect: Duration::from_micros(if second < 840 { 6_100 } else { 18_300 } + second),
                    clocked: Clocked::Kernel,
                    syn_lost: 0,
                }),
            };
            Check {
                endpoint: EndpointId(self.id),
                vantage: VantageId::HERE,
                at: at(second),
                outcome,
                dns: Some(Duration::from_micros(700)),
                address: Some(IpAddr::from(self.reached)),
                tried: 1,
                answered: u8::from(outcome.is_open()),
            }
        })
    }

    fn outage(&self) -> Option<Outage> {
        let (from, to, reason) = self.down?;
        let inside = Span { from: at(from), to: to.map_or(NOW, at) };
        let failed = self.checks().filter(|check| inside.contains(check.at));
        let mut failures = [0; portpulse::domain::REASONS];
        failures[reason.index()] = u32::try_from(failed.count()).expect("few");
        Some(Outage {
            id: OutageId(FIRST.0 + u64::from(self.id) - 1),
            target: TargetId(self.id),
            name: self.name.to_owned(),
            started_at: at(from),
            detected_at: at(from + 20),
            last_failure_at: to.map_or(at(3_590), |to| at(to - 10)),
            closing: to.map(|to| Closing::Recovered { ended_at: at(to), confirmed_at: at(to + 60) }),
            reason,
            failures,
            inconclusive: u32::from(to.is_none()),
            unobserved: if to.is_none() { Duration::from_mins(2) } else { Duration::ZERO },
        })
    }
}

fn log() -> Vec<Event> {
    let primary = || Some((TargetId(1), "pg-primary".to_owned()));
    let wrote = |seconds: u64, about: u64, target, text: &str| Event {
        at: at(seconds),
        target,
        what: Happening::Remarked { about: at(about), text: text.to_owned() },
    };
    vec![
        Event { at: at(0), target: None, what: Happening::Started { targets: 3, away: None } },
        Event {
            at: at(860),
            target: primary(),
            what: Happening::Down { outage: FIRST, reason: Reason::Refused, since: at(840) },
        },
        wrote(1_000, 1_000, primary(), "restarted the *wrong* host"),
        Event {
            at: at(1_010),
            target: primary(),
            what: Happening::RemarkWithdrawn { about: at(1_000), text: "restarted the *wrong* host".to_owned() },
        },
        wrote(1_500, 1_500, primary(), "failover by hand, see <runbook> page_3"),
        Event {
            at: at(1_920),
            target: primary(),
            what: Happening::Up { outage: FIRST, lasted: Duration::from_mins(17) },
        },
        Event { at: at(2_520), target: None, what: Happening::Gap { lasted: Duration::from_mins(2) } },
        wrote(3_000, 830, None, "deploy of release 41 began"),
        wrote(3_100, 3_100, Some((TargetId(2), "pg|replica [old](http://x) *1*".to_owned())), "# not my fault"),
    ]
}
