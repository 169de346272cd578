//! Evidence of an outage as a store might have it: checks before, in and after it, a suspended machine, notes, neighbours.

#![allow(dead_code, reason = "each test that shares this file uses a part of it")]

use super::pictures::outage;
use portpulse::domain::remark::remarks;
use portpulse::domain::{
    Check, Clocked, EndpointId, Event, Failure, Fault, Gap, GapCause, Happening, Outage, Outcome, Place, Reason, Span,
    TargetId, Timing, VantageId, Wall,
};
use portpulse::engine::incident::{AROUND, Affected, Elided, Entry, Findings, Incident, Struck};
use portpulse::window::{Summary, Uptime};
use std::time::Duration;

/// The evidence of an outage, with the remarks of this log.
pub fn incident(outage: &Outage, log: &[Event], now: Wall) -> Incident {
    let end = outage.ended_at().unwrap_or(now);
    let span = Span { from: outage.started_at - AROUND, to: end + AROUND };
    let mut timeline: Vec<Entry> = (1..=10).rev().map(|minute| open(outage.started_at - minutes(minute))).collect();
    timeline.push(Entry::Check(check(outage.started_at - minutes(11) / 20, Outcome::Inconclusive(Fault::Descriptors))));
    timeline.extend((0..9).map(|place| failed(outage, outage.started_at + seconds(10 * place))));
    timeline.push(Entry::Elided(Elided {
        span: Span { from: outage.started_at + seconds(90), to: end - seconds(30) },
        checks: 1_240,
        failed: 1_239,
    }));
    timeline.extend([20, 10].map(|before| failed(outage, end - seconds(before))));
    if outage.closing.is_some() {
        timeline.extend((0..4).map(|minute| open(end + minutes(minute))));
        let from = end + minutes(4);
        let vantage = VantageId::HERE;
        timeline.push(Entry::Gap(Gap { vantage, from, to: from + minutes(2), cause: GapCause::Stalled, path: None }));
    }
    let target = Some((outage.target, outage.name.clone()));
    let what = Happening::Down { outage: outage.id, reason: outage.reason, since: outage.started_at };
    timeline.push(Entry::Event(Event { at: outage.detected_at, target, what }));
    let written =
        remarks(log).into_iter().filter(|remark| remark.concerns(outage.target) && span.contains(remark.about));
    timeline.extend(written.map(Entry::Remark));
    timeline.sort_by_key(Entry::at);
    let addresses = vec!["10.4.7.33:9092".parse().expect("an address")];
    Incident { outage: outage.clone(), addresses, span, timeline, together: together(outage), missed: Vec::new() }
}

/// Two others of the same network that failed for the same reason, one before it and one after it.
fn together(first: &Outage) -> Vec<Struck> {
    let struck = |id: u64, target: u32, name: &str, address: &str, started_at| {
        let address: portpulse::domain::Address = address.parse().expect("an address");
        let reached = address.host.literal();
        let outage = outage(id, TargetId(target), name, started_at, first.reason);
        Struck { outage, address: Some(address), reached, others: 0 }
    };
    vec![
        struck(21, 3, "smtp-relay", "10.4.7.25:25", first.started_at - seconds(12)),
        struck(22, 5, "rabbitmq-with-a-long-name", "10.4.7.56:5672", first.started_at + seconds(48)),
    ]
}

/// What a report tells of that outage and its neighbours.
pub fn findings(outage: &Outage, span: Span, now: Wall) -> Findings {
    let whole = Summary { checks: 60, failures: [26, 0, 0, 0, 0, 0, 0, 0], ..Summary::default() };
    let address = Some("10.4.7.33:9092".parse().expect("an address"));
    let struck = Struck { outage: outage.clone(), address, reached: None, others: 0 };
    Findings {
        span: Span { to: span.to.min(now), ..span },
        asked_at: now,
        watched: 61,
        outages: vec![struck],
        left_out: 0,
        targets: vec![Affected {
            target: outage.target,
            name: outage.name.clone(),
            phases: [Summary::default(); 3],
            whole,
            uptime: Uptime { up: minutes(40), down: minutes(20), expected: minutes(60), blips: 0 },
            lost: Vec::new(),
        }],
        remarks: Vec::new(),
        gaps: Vec::new(),
        unwatched: Vec::new(),
        maintenance: Vec::new(),
    }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn minutes(count: u64) -> Duration {
    seconds(60 * count)
}

fn check(at: Wall, outcome: Outcome) -> Check {
    Check {
        endpoint: EndpointId(2),
        vantage: VantageId::HERE,
        at,
        outcome,
        dns: None,
        address: Some([10, 4, 7, 33].into()),
        tried: 1,
        answered: u8::from(outcome.is_open()),
    }
}

fn open(at: Wall) -> Entry {
    let connect = Duration::from_micros(2_600 + (at.0 / 1_000 % 97).unsigned_abs() * 11);
    let timing = Timing { connect, clocked: Clocked::Kernel, syn_lost: u8::from(at.0 / 60_000 % 7 == 0) };
    Entry::Check(Check { dns: Some(Duration::from_micros(700)), ..check(at, Outcome::Open(timing)) })
}

fn failed(outage: &Outage, at: Wall) -> Entry {
    let after = if outage.reason == Reason::TimedOut { seconds(5) } else { Duration::from_millis(3) };
    let failure = Failure { reason: outage.reason, place: Place::Later, errno: None, name: None, after, syn_lost: 0 };
    Entry::Check(check(at, Outcome::Failed(failure)))
}
