//! Ways that are out for some addresses and fine for others: what has no route from here is no outage, and hides none.

use crate::table::definition;
use crate::world::{Network, Time, World, finding};
use portpulse::domain::{
    Clocked, Failure, Fault, Finding, GapCause, Happening, Host, Job, Outcome, Path, Place, Reason, TargetId, Timing,
    Try,
};
use portpulse::monitor::{Command, Settings, Sight, State};
use std::net::IpAddr;
use std::time::Duration;

const MINUTE: Time = 60_000;
const BOTH: &str = "both.example";

/// `10.0.0.1` always answers, `10.0.0.2` and the name until they begin to refuse; whatever is not in
/// `10.0.0.0/8` has no route from here.
struct Roads {
    refusing_from: Time,
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn has_route(to: IpAddr) -> bool {
    matches!(to, IpAddr::V4(v4) if v4.octets()[0] == 10)
}

impl Roads {
    fn attempt(&self, to: IpAddr, at: Time) -> Outcome {
        let failed = |reason, place| {
            let after = Duration::from_millis(1);
            Outcome::Failed(Failure { reason, place, errno: None, name: None, after, syn_lost: 0 })
        };
        match to {
            _ if !has_route(to) => failed(Reason::NetworkUnreachable, Place::AtCall),
            _ if to != ip("10.0.0.1") && at >= self.refusing_from => failed(Reason::Refused, Place::Later),
            _ => Outcome::Open(Timing { connect: Duration::from_millis(3), clocked: Clocked::Kernel, syn_lost: 0 }),
        }
    }
}

impl Network for Roads {
    fn answer(&mut self, job: &Job, at: Time) -> (Finding, Time) {
        let Host::Name(_) = &job.endpoint.address.host else {
            let to = job.endpoint.address.host.literal().expect("a literal");
            return (finding(Some(to), None, self.attempt(to, at)), 4);
        };
        let tries: Vec<Try> = ["10.0.0.3", "2001:db8::3"]
            .map(|address| Try { address: ip(address), outcome: self.attempt(ip(address), at) })
            .into();
        let (outcome, address) = (tries[0].outcome, Some(tries[0].address));
        let dns = Some(Duration::from_millis(1));
        (Finding { waited: Duration::ZERO, dns, tries, outcome, address }, 5)
    }

    fn self_check(&mut self, _: Path, _: Time) -> Result<(), Fault> {
        Ok(())
    }

    fn self_check_toward(&mut self, toward: IpAddr, _: Time) -> Result<(), Fault> {
        if has_route(toward) || toward.is_loopback() { Ok(()) } else { Err(Fault::Route) }
    }
}

fn world(addresses: &[&str], refusing_from: Time) -> World<Roads> {
    let file = addresses.iter().map(|address| definition(address)).collect();
    let mut world = World::new(Roads { refusing_from }, Settings::default(), file);
    world.start();
    world
}

#[test]
fn a_target_without_a_route_blinds_nobody_else() {
    let mut world = world(&["10.0.0.1:1", "10.0.0.2:2", "203.0.113.1:3"], 30 * MINUTE);
    for minute in 1..60 {
        world.run_until(minute * MINUTE);
        assert_eq!(world.snapshot().sight, Sight::Clear, "minute {minute}");
    }
    let outages: Vec<_> = world.kept.outages.values().map(|outage| outage.name.as_str()).collect();
    assert_eq!(outages, ["10.0.0.2:2"], "the one that refuses, and not the one that our routes do not reach");
    assert!(world.kept.gaps.iter().all(|gap| gap.cause != GapCause::Blind), "{:?}", world.kept.gaps);
    let snapshot = world.snapshot();
    assert!(snapshot.targets[0].hour.uptime.coverage() > Some(0.97), "{:?}", snapshot.targets[0].hour.uptime);
    let unreached = &snapshot.targets[2];
    assert_eq!(unreached.state, State::Pending);
    assert!(unreached.hour.uptime.coverage() < Some(0.05), "nobody saw it: {:?}", unreached.hour.uptime);
}

#[test]
fn a_route_that_vanishes_blinds_only_what_needs_it() {
    // Nothing but the unreachable one and a silent rest: then we are blind, as far as anybody can tell.
    let mut world = world(&["203.0.113.1:3", "203.0.113.2:3"], Time::MAX);
    world.run_until(20 * MINUTE);
    assert!(matches!(world.snapshot().sight, Sight::Blind { .. }));
    assert!(world.kept.outages.is_empty());
}

#[test]
fn a_name_with_both_families_is_judged_by_the_one_that_has_a_route() {
    let mut world = world(&["10.0.0.1:1", &format!("{BOTH}:2")], 30 * MINUTE);
    world.run_until(40 * MINUTE);
    assert_eq!(world.snapshot().sight, Sight::Clear, "a machine without IPv6 is not blind");
    assert_eq!(world.kept.outages.len(), 1, "refused where there is a route");
}

/// One host, whose first port answers a second late; in the end our side is out.
struct Late {
    out_from: Time,
}

impl Network for Late {
    fn answer(&mut self, job: &Job, at: Time) -> (Finding, Time) {
        let (outcome, took) = if at < self.out_from {
            let open = Timing { connect: Duration::from_millis(3), clocked: Clocked::Kernel, syn_lost: 0 };
            (Outcome::Open(open), if job.endpoint.address.port.get() == 1 { 1_000 } else { 3 })
        } else {
            let (reason, place, after) = (Reason::TimedOut, Place::Later, Duration::from_secs(10));
            (Outcome::Failed(Failure { reason, place, errno: None, name: None, after, syn_lost: 0 }), 10_000)
        };
        (finding(job.endpoint.address.host.literal(), None, outcome), took)
    }

    fn self_check(&mut self, _: Path, at: Time) -> Result<(), Fault> {
        if at < self.out_from { Ok(()) } else { Err(Fault::Route) }
    }
}

#[test]
fn a_late_answer_of_a_host_that_has_answered_since_takes_no_proof_away() {
    let mut world = World::new(
        Late { out_from: 5 * MINUTE + 3_000 },
        Settings::default(),
        vec![definition("10.0.0.1:1"), definition("10.0.0.1:2")],
    );
    world.start();
    world.run_until(5 * MINUTE);
    let asked_at = world.wall();
    world.ask(Command::CheckNow(vec![TargetId(1), TargetId(2)]));
    world.run_until(10 * MINUTE);
    let gap = world.kept.gaps.first().expect("we were blind");
    assert!(gap.cause == GapCause::Blind && gap.from >= asked_at, "it reaches back to the newest proof: {gap:?}");
}

/// Every check waits two minutes for its turn.
struct Queue;

impl Network for Queue {
    fn answer(&mut self, job: &Job, _: Time) -> (Finding, Time) {
        let open = Outcome::Open(Timing { connect: Duration::from_millis(3), clocked: Clocked::Kernel, syn_lost: 0 });
        let mut found = finding(job.endpoint.address.host.literal(), None, open);
        found.waited = Duration::from_mins(2);
        (found, 2 * MINUTE + 4)
    }

    fn self_check(&mut self, _: Path, _: Time) -> Result<(), Fault> {
        Ok(())
    }
}

#[test]
fn checks_that_wait_long_for_their_turn_are_told_once() {
    let mut world = World::new(Queue, Settings::default(), vec![definition("10.0.0.1:1"), definition("10.0.0.2:1")]);
    world.start();
    world.run_until(20 * MINUTE);
    let told = world.kept.events.iter().filter(|event| event.what == Happening::LocalFault(Fault::Overload));
    assert_eq!(told.count(), 1, "{:?}", world.kept.events);
    assert!(world.snapshot().skipped_turns > 10);
}
