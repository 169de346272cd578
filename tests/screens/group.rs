//! A target with several endpoints: its row, its endpoints and why the verdict is what it is.

use super::at_each_size;
use super::pictures::{failure, fleet, settings};
use super::session::Session;
use portpulse::domain::{
    Check, Clocked, Endpoint, EndpointId, Evaluation, Finding, Grade, Outcome, Reason, Target, Timing,
};
use portpulse::monitor::snapshot::{Latest, MemberView, RoundView};
use portpulse::monitor::{Mark, Snapshot, State, TargetView};
use std::sync::Arc;
use std::time::Duration;

/// The ids of the endpoints of the group.
const IDS: [EndpointId; 3] = [EndpointId(901), EndpointId(902), EndpointId(903)];

fn open(micros: u64, clocked: Clocked) -> Outcome {
    Outcome::Open(Timing { connect: Duration::from_micros(micros), clocked, syn_lost: 0 })
}

/// The first target of the fleet as a group of three, of which the second times out.
fn with_a_group(mut fleet: Snapshot) -> Snapshot {
    let mut targets: Vec<Arc<TargetView>> = fleet.targets.iter().cloned().collect();
    let view = Arc::make_mut(targets.first_mut().expect("a target"));
    let mut definition = view.target.definition.clone();
    "redis cluster".clone_into(&mut definition.name);
    definition.evaluation = Evaluation::Quorum { needed: None };
    let endpoint = |number| Endpoint::new(format!("redis-{number}.example:6379").parse().expect("an address"));
    definition.endpoints = (1..=3).map(endpoint).collect();
    let id = view.target.id;
    view.target = Arc::new(Target { id, endpoint_ids: IDS.to_vec(), round_id: Some(EndpointId(900)), definition });
    (view.state, view.outage) = (State::Degraded, None);
    let before = view.latest.as_deref().expect("a check").check.clone();
    let found = |check: Check| Arc::new(Latest { finding: Finding::remembered(&check), check });
    let timed_out = Outcome::Failed(failure(Reason::TimedOut));
    let outcomes = [open(1_200, Clocked::Kernel), timed_out, open(1_900, Clocked::Kernel)];
    let member = |(endpoint, outcome): (EndpointId, Outcome)| MemberView {
        endpoint,
        latest: Some(found(Check { endpoint, outcome, ..before.clone() })),
        recent: vec![
            if outcome.is_open() {
                Mark::Open(Duration::from_micros(1_300))
            } else {
                Mark::Failed(Reason::TimedOut)
            };
            12
        ],
    };
    view.round = Some(Arc::new(RoundView {
        members: IDS.into_iter().zip(outcomes).map(member).collect(),
        why: "quorum: 2 of 3 open, majority is 2".to_owned(),
    }));
    let outcome = open(1_550, Clocked::Round(Grade::Degraded));
    view.latest = Some(found(Check { endpoint: EndpointId(900), outcome, tried: 3, answered: 2, ..before }));
    fleet.targets = targets.into();
    fleet
}

fn session(columns: u16, rows: u16) -> Session {
    let mut session = Session::new(settings(), with_a_group(fleet()), columns, rows);
    session.press("/redis cl<enter>");
    session
}

#[test]
fn a_group_in_one_row() {
    at_each_size("group", session);
}

#[test]
fn a_group_opens_to_its_endpoints() {
    at_each_size("group_detail", |columns, rows| {
        let mut session = session(columns, rows);
        session.press("<enter>");
        session
    });
}

#[test]
fn each_endpoint_has_a_chart_of_its_own() {
    let mut session = session(120, 35);
    session.press("<enter>").shows("VERDICT").shows("quorum: 2 of 3 open, majority is 2").hides("of redis-1.example");
    for number in 1..=3 {
        session.press("}").shows(&format!("of redis-{number}.example:6379"));
    }
    session.press("}").hides("of redis-1.example");
    session.press("{").shows("of redis-3.example:6379");
    // Another target has none of these endpoints.
    session.press("<esc>/<^u><enter>j<enter>").hides("of redis-3.example");
}

#[test]
fn a_filter_finds_the_reason_of_an_endpoint() {
    let mut session = Session::new(settings(), with_a_group(fleet()), 120, 35);
    session.press("/reason:timeout name:redis<enter>").shows("redis cluster");
    session.press("/<^u>reason:refused name:redis<enter>").hides("redis cluster");
}
