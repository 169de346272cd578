//! A month that never was: checks, outages, gaps and events of the demo's targets.

use super::cast::{Part, Trouble};
use crate::domain::{
    CatalogEntry, Check, Clocked, Closing, Definition, EndpointId, Event, Failure, Gap, GapCause, Happening, Outage,
    OutageId, Outcome, Place, Reason, Record, Span, Target, TargetId, Timing, VantageId, Wall,
};
use fastrand::Rng;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// The same month in every demo.
const SEED: u64 = 31;
/// When nobody watched, and for how long.
const AWAY: (Duration, Duration) = (Duration::from_hours(9 * 24 + 5), Duration::from_hours(3));
/// One check in so many fails for no reason that anybody ever found.
const BLIP_IN: u32 = 6_000;
/// When the last run ended: longer ago than any interval, so that every target is checked at once.
const ENDED: Duration = Duration::from_secs(61);

/// Everything that a store would hold, had portpulse watched these for a month until `now`.
pub fn month(cast: &[(Part, Definition)], now: Wall) -> Vec<Record> {
    let mut rng = Rng::with_seed(SEED);
    let away = Span { from: now - AWAY.0, to: now - AWAY.0 + AWAY.1 };
    let cause = GapCause::NotRunning;
    let gap = Gap { vantage: VantageId::HERE, from: away.from, to: away.to, cause, path: None };
    let mut records = vec![Record::Gap(gap)];
    let mut events = Vec::new();
    let mut last_outage = 0;
    for (number, (part, definition)) in (1..).zip(cast) {
        let target = Target::plain(TargetId(number), EndpointId(number), definition.clone());
        let life = Life { part, target: &target, now, away };
        let mut outages: Vec<Outage> = life.outages();
        records.extend(life.checks(&outages, &mut rng).into_iter().map(Record::Check));
        for outage in &mut outages {
            last_outage += 1;
            outage.id = OutageId(last_outage);
            events.extend(events_of(outage));
        }
        records.extend(outages.into_iter().map(Record::Outage));
        let added_at = now - part.watched_for();
        records.push(Record::Target(CatalogEntry { target, added_at, removed_at: None, paused_at: None }));
    }
    events.sort_by_key(|event| event.at);
    records.extend(events.into_iter().map(Record::Event));
    records.push(Record::Alive(now - ENDED));
    records
}

/// Quick checks that confirm an outage after its first failure.
const RETRIES: usize = 2;
/// How long the check took that confirmed its end.
const KNOWN_AFTER: Duration = Duration::from_secs(1);

/// What happened to one target.
struct Life<'l> {
    part: &'l Part,
    target: &'l Target,
    now: Wall,
    away: Span,
}

impl Life<'_> {
    /// When it was checked.
    fn turns(&self) -> impl Iterator<Item = Wall> {
        let interval = self.target.definition.interval;
        let watched = self.part.watched_for();
        let count = u32::try_from(watched.as_millis() / interval.as_millis().max(1)).unwrap_or(u32::MAX);
        // Each has a phase of its own, as in a real life.
        let phase = interval.mul_f64(f64::from(self.target.id.0 % 10) / 10.0);
        let start = self.now - watched + phase;
        (0..count)
            .map(move |turn| start + interval * turn)
            .filter(|at| self.now.since(*at) > ENDED && !self.away.contains(*at))
    }

    fn outages(&self) -> Vec<Outage> {
        let troubles = self.part.past.iter();
        let mut outages: Vec<Outage> = troubles.filter_map(|trouble| self.outage(trouble)).collect();
        outages.sort_by_key(|outage| outage.started_at);
        outages
    }

    /// The checks that followed soon on the first failure of an outage, and on the first success after it.
    fn retries(&self, outage: &Outage) -> impl Iterator<Item = Wall> + use<> {
        let retry = self.target.definition.retry_interval;
        let confirming = outage.ended_at().map(|ended_at| ended_at + retry);
        (1..).take(RETRIES).zip([outage.started_at; RETRIES]).map(move |(n, at)| at + retry * n).chain(confirming)
    }

    /// The outage as the checks show it: from the first that failed to the first that did not.
    fn outage(&self, trouble: &Trouble) -> Option<Outage> {
        let from = self.now - trouble.ago;
        let to = trouble.lasted.map_or(self.now, |lasted| from + lasted);
        let turns: Vec<Wall> = self.turns().filter(|&at| Span { from, to }.contains(at)).collect();
        let definition = &self.target.definition;
        let started_at = *turns.first()?;
        let detected_at = started_at + 2 * definition.retry_interval + self.failure(trouble.reason).after;
        let ended_at = trouble.lasted.and_then(|_| self.turns().find(|&at| at >= to));
        let mut failures = [0; crate::domain::REASONS];
        failures[trouble.reason.index()] = u32::try_from(turns.len() + RETRIES).unwrap_or(u32::MAX);
        Some(Outage {
            id: OutageId(0),
            target: self.target.id,
            name: definition.name.clone(),
            started_at,
            detected_at,
            last_failure_at: *turns.last()?,
            closing: ended_at
                .map(|ended_at| Closing::Recovered { ended_at, confirmed_at: ended_at + definition.retry_interval }),
            reason: trouble.reason,
            failures,
            inconclusive: 0,
            unobserved: Duration::ZERO,
        })
    }

    fn checks(&self, outages: &[Outage], rng: &mut Rng) -> Vec<Check> {
        let out = |at: Wall| {
            outages.iter().find(|o| o.started_at <= at && o.ended_at().is_none_or(|end| at < end)).map(|o| o.reason)
        };
        let mut starts: Vec<Wall> =
            self.turns().chain(outages.iter().flat_map(|outage| self.retries(outage))).collect();
        starts.sort_unstable();
        starts
            .into_iter()
            .map(|at| {
                let blip = (rng.u32(0..BLIP_IN) == 0).then_some(Reason::TimedOut);
                let outcome = match out(at).or(blip) {
                    Some(reason) => Outcome::Failed(self.failure(reason)),
                    None => Outcome::Open(self.timing(at, rng)),
                };
                Check {
                    endpoint: EndpointId(self.target.id.0),
                    vantage: VantageId::HERE,
                    at,
                    outcome,
                    dns: None,
                    address: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                    tried: 1,
                    answered: u8::from(outcome.is_open()),
                }
            })
            .collect()
    }

    fn failure(&self, reason: Reason) -> Failure {
        let after = match reason {
            Reason::TimedOut => self.target.definition.endpoints.first().map_or(Duration::ZERO, |e| e.timeout),
            _ => self.part.latency,
        };
        Failure { reason, place: Place::Later, errno: None, name: None, after, syn_lost: 0 }
    }

    /// Slower by day than by night, and now and then by much.
    fn timing(&self, at: Wall, rng: &mut Rng) -> Timing {
        let hour = (at.0.rem_euclid(86_400_000) as f64) / 3_600_000.0;
        let daily = 1.0 + 0.5 * ((hour - 8.0) / 24.0 * std::f64::consts::TAU).sin();
        let noise = 0.7 + 0.7 * rng.f64() + if rng.u32(0..90) == 0 { 5.0 * rng.f64() } else { 0.0 };
        Timing { connect: self.part.latency.mul_f64(daily * noise), clocked: Clocked::Kernel, syn_lost: 0 }
    }
}

/// What the log said about an outage.
fn events_of(outage: &Outage) -> impl Iterator<Item = Event> + use<> {
    let target = Some((outage.target, outage.name.clone()));
    let (id, reason, since) = (outage.id, outage.reason, outage.started_at);
    let what = Happening::Down { outage: id, reason, since };
    let down = Event { at: outage.detected_at, target: target.clone(), what };
    let up = outage.closing.map(|closing| {
        let what = Happening::Up { outage: id, lasted: outage.lasted(closing.ended_at()) };
        Event { at: closing.known_at() + KNOWN_AFTER, target, what }
    });
    std::iter::once(down).chain(up)
}

#[cfg(test)]
mod tests {
    use super::super::cast::CAST;
    use super::*;
    use std::collections::HashMap;

    const NOW: Wall = Wall(1_795_132_800_000);

    fn month_of_the_cast() -> Vec<Record> {
        let address = |port: usize| format!("127.0.0.1:{}", port + 1000).parse().expect("an address");
        let cast: Vec<(Part, Definition)> =
            CAST.iter().enumerate().map(|(port, part)| (*part, part.definition(address(port)))).collect();
        month(&cast, NOW)
    }

    #[test]
    fn the_checks_bear_every_outage_out() {
        let records = month_of_the_cast();
        let mut checks: HashMap<u32, Vec<Check>> = HashMap::new();
        for record in &records {
            if let Record::Check(check) = record {
                checks.entry(check.endpoint.0).or_default().push(check.clone());
            }
        }
        let mut outages = 0;
        for record in &records {
            let Record::Outage(outage) = record else { continue };
            outages += 1;
            let of = &checks[&outage.target.0];
            let end = outage.ended_at().unwrap_or(NOW);
            let inside = Span { from: outage.started_at, to: end };
            assert!(of.iter().filter(|check| inside.contains(check.at)).all(|check| check.outcome.reason().is_some()));
            assert!(of.iter().any(|check| check.at == outage.started_at), "{outage:?}");
            assert_eq!(outage.failure_count() as usize, of.iter().filter(|check| inside.contains(check.at)).count());
        }
        assert_eq!(outages, CAST.iter().map(|part| part.past.len()).sum::<usize>());
    }

    #[test]
    fn it_is_a_month_and_the_same_every_time() {
        let records = month_of_the_cast();
        assert_eq!(records, month_of_the_cast());
        let oldest = records.iter().filter_map(|record| match record {
            Record::Check(check) => Some(check.at),
            _ => None,
        });
        assert!(NOW.since(oldest.min().expect("checks")) > Duration::from_hours(30 * 24));
    }
}
