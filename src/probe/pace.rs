//! When a check may start: a limit on starts per second, on connections in flight and per host.

use super::Limits;
use crate::domain::job::Phases;
use crate::domain::{Attempt, Host, Job};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

// A check waits in one of two places. While its host has as many checks as it may, the check waits
// in the host's own queue; otherwise it is ready and waits only for a start. Ready checks start in
// the order in which they were ordered, and a check that leaves its host's queue takes the place
// among them that its order gave it. An instant check stands before all others, does not wait for
// its host, and has a few connections of its own above the limit: somebody is looking at it.
//
// A check holds its place at the host for as long as an answer is to be expected, and no longer: a
// host that lies dark is no busier for a few packets more, while with 200 ports at a timeout of 10 s
// and two at a time, each would have its turn every 17 minutes.
//
// Starts are paced by one moment, the time at which the bucket would be empty again (GCRA): a start
// pushes it one step on, and is allowed while it is less than `BURST` ahead.

/// How far starts may run ahead of their rate.
const BURST: Duration = Duration::from_millis(50);
/// How long a check keeps others of its host waiting.
const HOLDS_HOST: Duration = Duration::from_millis(500);
/// How many checks may wait; what comes on top is answered as overload.
const WAITING_MAX: usize = 16_384;
/// Connections that only instant checks may use.
const INSTANT_RESERVE: u32 = 16;

/// A check in the queue, or just started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub job: Job,
    /// When it was ordered, by our clock.
    pub ordered: Instant,
    sequence: u64,
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Start this.
    Start(Box<Turn>),
    /// Nothing before this moment.
    Wait(Instant),
    /// Nothing before a check arrives or ends.
    Idle,
}

#[derive(Debug, Default)]
struct HostQueue {
    /// Checks that are ready, or running and not yet for long.
    active: u32,
    waiting: VecDeque<Turn>,
}

/// The queue of checks and the pace at which it may be served. Pure: time comes in as an argument.
#[derive(Debug)]
pub(super) struct Pace {
    /// Ready checks by rank: instant ones first, then by order.
    ready: BTreeMap<(bool, u64), Turn>,
    hosts: HashMap<Host, HostQueue>,
    /// Running checks that hold a place at their host.
    holding: HashMap<Attempt, Host>,
    /// When they started, oldest first; some have ended since.
    started: VecDeque<(Instant, Attempt)>,
    /// Checks in the hosts' queues.
    held: usize,
    sequence: u64,
    emptied: Option<Instant>,
    step: Duration,
    per_host: u32,
    in_flight_max: u32,
}

impl Turn {
    fn is_instant(&self) -> bool {
        self.job.phases == Phases::Told
    }

    fn rank(&self) -> (bool, u64) {
        (!self.is_instant(), self.sequence)
    }
}

impl Pace {
    pub fn new(limits: &Limits, in_flight_max: u32) -> Self {
        Self {
            ready: BTreeMap::new(),
            hosts: HashMap::new(),
            holding: HashMap::new(),
            started: VecDeque::new(),
            held: 0,
            sequence: 0,
            emptied: None,
            step: Duration::from_secs(1) / limits.starts_per_second.max(1),
            per_host: limits.per_host.max(1),
            in_flight_max,
        }
    }

    /// How many checks wait.
    pub fn waiting(&self) -> usize {
        self.ready.len() + self.held
    }

    /// Takes a check into the queue, or gives it back when the queue is full.
    pub fn arrive(&mut self, job: Job, now: Instant) -> Result<(), Job> {
        if self.waiting() >= WAITING_MAX {
            return Err(job);
        }
        self.sequence += 1;
        let turn = Turn { job, ordered: now, sequence: self.sequence };
        if !turn.is_instant() {
            let host = self.hosts.entry(turn.job.endpoint.address.host.clone()).or_default();
            if host.active >= self.per_host {
                host.waiting.push_back(turn);
                self.held += 1;
                return Ok(());
            }
            host.active += 1;
        }
        self.ready.insert(turn.rank(), turn);
        Ok(())
    }

    /// The next check to start while so many connections are in flight.
    pub fn next(&mut self, now: Instant, in_flight: u32) -> Next {
        let next_place = self.let_go_of_hosts(now);
        let Some(first) = self.ready.first_entry() else {
            return next_place
                .filter(|_| self.held > 0 && in_flight < self.in_flight_max)
                .map_or(Next::Idle, Next::Wait);
        };
        let reserve = if first.get().is_instant() { INSTANT_RESERVE } else { 0 };
        if in_flight >= self.in_flight_max.saturating_add(reserve) {
            return Next::Idle;
        }
        let emptied = self.emptied.map_or(now, |emptied| emptied.max(now));
        if emptied > now + BURST {
            return Next::Wait(emptied - BURST);
        }
        self.emptied = Some(emptied + self.step);
        let turn = first.remove();
        if !turn.is_instant() {
            self.holding.insert(turn.job.attempt, turn.job.endpoint.address.host.clone());
            self.started.push_back((now, turn.job.attempt));
        }
        Next::Start(Box::new(turn))
    }

    /// Gives the places of checks that run for long to others. Returns when the next one will be free.
    fn let_go_of_hosts(&mut self, now: Instant) -> Option<Instant> {
        while let Some(&(started, attempt)) = self.started.front() {
            let until = started + HOLDS_HOST;
            if until > now && self.holding.contains_key(&attempt) {
                return Some(until);
            }
            self.started.pop_front();
            self.leave_host(attempt);
        }
        None
    }

    fn leave_host(&mut self, attempt: Attempt) {
        if let Some(host) = self.holding.remove(&attempt) {
            self.make_room(&host);
        }
    }

    /// A check that [`Pace::next`] started has ended: its host has room again.
    pub fn ended(&mut self, job: &Job) {
        self.leave_host(job.attempt);
    }

    /// Lets the next check of a host take the place of one that was ready or running.
    fn make_room(&mut self, host: &Host) {
        let Some(queue) = self.hosts.get_mut(host) else { return };
        if let Some(turn) = queue.waiting.pop_front() {
            self.held -= 1;
            self.ready.insert(turn.rank(), turn);
            return;
        }
        queue.active = queue.active.saturating_sub(1);
        if queue.active == 0 {
            self.hosts.remove(host);
        }
    }

    /// Takes a waiting check out of the queue.
    pub fn cancel(&mut self, attempt: Attempt) -> Option<Turn> {
        let rank = self.ready.iter().find(|(_, turn)| turn.job.attempt == attempt).map(|(rank, _)| *rank);
        if let Some(turn) = rank.and_then(|rank| self.ready.remove(&rank)) {
            if !turn.is_instant() {
                self.make_room(&turn.job.endpoint.address.host);
            }
            return Some(turn);
        }
        for queue in self.hosts.values_mut() {
            if let Some(place) = queue.waiting.iter().position(|turn| turn.job.attempt == attempt) {
                self.held -= 1;
                return queue.waiting.remove(place);
            }
        }
        None
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;
    use crate::domain::{Endpoint, Now};

    fn job(attempt: u64, address: &str, phases: Phases) -> Job {
        let endpoint = Endpoint { timeout: Duration::from_secs(1), ..Endpoint::new(address.parse().unwrap()) };
        Job { attempt: Attempt(attempt), endpoint, ordered: Now::default(), phases }
    }

    fn pace(starts_per_second: u32, in_flight_max: u32) -> Pace {
        Pace::new(&Limits { starts_per_second, ..Limits::default() }, in_flight_max)
    }

    /// Starts all that may start now.
    fn started(pace: &mut Pace, now: Instant, mut in_flight: u32) -> Vec<Turn> {
        let mut turns = Vec::new();
        while let Next::Start(turn) = pace.next(now, in_flight) {
            in_flight += 1;
            turns.push(*turn);
        }
        turns
    }

    fn numbers(turns: &[Turn]) -> Vec<u64> {
        turns.iter().map(|turn| turn.job.attempt.0).collect()
    }

    #[test]
    fn two_at_a_time_per_host_and_the_order_is_kept() {
        let now = Instant::now();
        let mut pace = pace(1_000_000, 100);
        for (attempt, address) in [(1, "a:1"), (2, "a:2"), (3, "a:3"), (4, "b:1"), (5, "a:4"), (6, "b:2")] {
            pace.arrive(job(attempt, address, Phases::Quiet), now).unwrap();
        }
        let first = started(&mut pace, now, 0);
        assert_eq!(numbers(&first), [1, 2, 4, 6]);
        assert_eq!(pace.waiting(), 2);
        pace.arrive(job(7, "c:1", Phases::Quiet), now).unwrap();
        pace.ended(&first[0].job);
        assert_eq!(numbers(&started(&mut pace, now, 3)), [3, 7], "the older one first");
        pace.ended(&first[1].job);
        assert_eq!(numbers(&started(&mut pace, now, 3)), [5]);
        assert_eq!(pace.waiting(), 0);
    }

    #[test]
    fn two_hundred_dark_ports_of_one_host_all_have_their_turn_within_a_minute() {
        let begin = Instant::now();
        let mut pace = pace(1_000, 1_000);
        for attempt in 0..200 {
            pace.arrive(job(attempt, &format!("a:{}", attempt + 1), Phases::Quiet), begin).unwrap();
        }
        let (mut now, mut running) = (begin, Vec::new());
        while running.len() < 200 {
            match pace.next(now, 0) {
                Next::Start(turn) => running.push((now, *turn)),
                Next::Wait(moment) => now = moment,
                Next::Idle => panic!("{} of 200 had their turn", running.len()),
            }
        }
        assert!(now - begin < Duration::from_mins(1), "{:?}", now - begin);
        let in_a_second = |from: Duration| {
            running.iter().filter(|(at, _)| (from..from + Duration::from_secs(1)).contains(&(*at - begin))).count()
        };
        assert_eq!((in_a_second(Duration::ZERO), in_a_second(Duration::from_secs(9))), (4, 4), "and no storm");
        for (_, turn) in &running {
            pace.ended(&turn.job);
        }
        assert!(pace.hosts.is_empty() && pace.holding.is_empty(), "nothing is left of it");
    }

    #[test]
    fn starts_never_exceed_the_rate_by_more_than_the_burst() {
        let begin = Instant::now();
        let mut pace = pace(1_000, 10_000);
        for attempt in 0..500 {
            pace.arrive(job(attempt, &format!("host{attempt}:1"), Phases::Quiet), begin).unwrap();
        }
        let mut total = started(&mut pace, begin, 0).len();
        assert_eq!(total, 51, "50 ms ahead of the rate");
        let Next::Wait(next) = pace.next(begin, 0) else { panic!("the bucket is empty") };
        assert_eq!(next - begin, Duration::from_millis(1));
        for milli in 1..=100 {
            total += started(&mut pace, begin + Duration::from_millis(milli), 0).len();
        }
        assert_eq!(total, 151);
    }

    #[test]
    fn a_full_house_waits_and_an_instant_check_jumps_everything() {
        let now = Instant::now();
        let mut pace = pace(1_000_000, 2);
        for attempt in 1..=4 {
            pace.arrive(job(attempt, "a:1", Phases::Quiet), now).unwrap();
        }
        assert_eq!(numbers(&started(&mut pace, now, 0)), [1, 2]);
        assert_eq!(pace.next(now, 2), Next::Idle);
        pace.arrive(job(9, "a:1", Phases::Told), now).unwrap();
        assert_eq!(numbers(&started(&mut pace, now, 2)), [9]);
    }

    #[test]
    fn a_check_can_be_called_off_wherever_it_waits() {
        let now = Instant::now();
        let mut pace = pace(1_000_000, 100);
        for attempt in 1..=4 {
            pace.arrive(job(attempt, "a:1", Phases::Quiet), now).unwrap();
        }
        assert!(pace.cancel(Attempt(3)).is_some(), "from its host's queue");
        assert!(pace.cancel(Attempt(1)).is_some(), "from the ready ones");
        assert!(pace.cancel(Attempt(1)).is_none());
        assert_eq!(numbers(&started(&mut pace, now, 0)), [2, 4], "the host's next one takes the place");
        assert_eq!(pace.waiting(), 0);
    }

    #[test]
    fn more_than_can_wait_is_given_back() {
        let now = Instant::now();
        let mut pace = pace(1, 1);
        for attempt in 0..WAITING_MAX as u64 {
            pace.arrive(job(attempt, "a:1", Phases::Quiet), now).unwrap();
        }
        assert!(pace.arrive(job(99_999, "b:1", Phases::Quiet), now).is_err());
    }
}
