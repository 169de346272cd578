//! A month of checks as real ones are, and how many bits an ideal coder would need for them.
//!
//! Three kinds of network: local (0.2 to 0.8 ms, 15 % noise), regional (5 to 40 ms, 4 %) and far (80
//! to 250 ms, 1.5 %), with a slow drift over the day and one spike in a hundred. Half of the targets
//! are names: their look-ups take 150 to 600 µs, one in twenty far longer. Some fail once in a while,
//! and each has an outage in a fortnight or so. Checks start up to a few milliseconds late.
//!
//! Whoever draws a number knows its probability, so that with each check comes what it tells, in
//! bits: minus the logarithm of that. No coder needs less on average, whatever it knows of the past.

use portpulse::domain::{Check, Clocked, EndpointId, Failure, Outcome, Place, Reason, Timing, VantageId, Wall};
use std::f64::consts::{LN_2, PI, TAU};
use std::net::IpAddr;
use std::time::Duration;

/// The first turn.
pub const START: Wall = Wall(1_750_032_000_000);
/// A check every minute.
pub const INTERVAL: Duration = Duration::from_mins(1);

const SPIKE: f64 = 0.01;
const SLOW_LOOKUP: f64 = 0.05;
const STRAY_TIMEOUT: f64 = 0.001;
const OUTAGE_BEGINS: f64 = 1.0 / (14.0 * 1_440.0);
const OUTAGE_ENDS: f64 = 1.0 / 20.0;
const MOVES: f64 = 1.0 / 3_000.0;
/// The mean lateness of a start.
const LATE_MILLIS: f64 = 1.2;
/// The mean of what a time-out takes beyond the 10 s that it is set to.
const BEYOND_MICROS: f64 = 400.0;

/// One target and what it has been through.
pub struct Host {
    pub id: u32,
    random: fastrand::Rng,
    /// Middle latency in microseconds, and the noise around it.
    middle: f64,
    noise: f64,
    drift: f64,
    phase: f64,
    naming: Naming,
    condition: Condition,
    reason: Reason,
    home: u8,
    /// How many checks there were.
    pub turn: u64,
    /// What the checks so far have told, in bits.
    pub bits: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    Literal,
    Name,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    Well,
    Out,
}

impl Host {
    pub fn new(id: u32) -> Self {
        let mut random = fastrand::Rng::with_seed(u64::from(id) + 1);
        let (least, most, noise) = match id % 10 {
            0..3 => (200.0, 800.0, 0.15),
            3..8 => (5_000.0, 40_000.0, 0.04),
            _ => (80_000.0, 250_000.0, 0.015),
        };
        Self {
            id,
            middle: least + (most - least) * random.f64(),
            noise,
            drift: 0.05 * random.f64(),
            phase: TAU * random.f64(),
            naming: if id.is_multiple_of(2) { Naming::Name } else { Naming::Literal },
            condition: Condition::Well,
            reason: if random.bool() { Reason::Refused } else { Reason::TimedOut },
            home: 1,
            turn: 0,
            bits: 0.0,
            random,
        }
    }

    /// Whether something happens that does so with this probability.
    fn happens(&mut self, probability: f64) -> bool {
        let happens = self.random.f64() < probability;
        self.bits -= if happens { probability } else { 1.0 - probability }.log2();
        happens
    }

    /// Any whole number in a range.
    fn uniform(&mut self, least: u64, most: u64) -> u64 {
        self.bits += ((most - least) as f64).log2();
        self.random.u64(least..most)
    }

    /// A whole number that falls off exponentially from 0.
    fn exponential(&mut self, mean: f64) -> u64 {
        let number = (-mean * (1.0 - self.random.f64()).ln()) as u64;
        self.bits += (number as f64 / mean - (1.0 - (-1.0 / mean).exp()).ln()) / LN_2;
        number
    }

    /// A whole number on the bell curve.
    fn normal(&mut self, middle: f64, deviation: f64) -> u64 {
        let radius = (-2.0 * (1.0 - self.random.f64()).ln()).sqrt();
        let number = (middle + deviation * radius * (TAU * self.random.f64()).cos()).round().max(1.0);
        let distance = (number - middle) / deviation;
        self.bits += (distance * distance / 2.0 + (deviation * (2.0 * PI).sqrt()).ln()) / LN_2;
        number as u64
    }

    fn latency(&mut self) -> Duration {
        let day = TAU * self.turn as f64 / 1_440.0;
        let middle = self.middle * (1.0 + self.drift * (day + self.phase).sin());
        let micros = if self.happens(SPIKE) {
            self.uniform((2.0 * middle) as u64, (6.0 * middle) as u64)
        } else {
            self.normal(middle, self.noise * middle)
        };
        Duration::from_micros(micros)
    }

    fn failure(&mut self, reason: Reason) -> Outcome {
        let (after, errno, syn_lost) = match reason {
            Reason::TimedOut => {
                (Duration::from_secs(10) + Duration::from_micros(self.exponential(BEYOND_MICROS)), None, 3)
            }
            _ => (self.latency(), Some(111), 0),
        };
        Outcome::Failed(Failure { reason, place: Place::Later, errno, name: None, after, syn_lost })
    }

    /// The next check.
    pub fn check(&mut self) -> Check {
        let due =
            START + INTERVAL * self.turn as u32 + Duration::from_millis(u64::from(self.id) * 7_919 % 60_000 / 50 * 50);
        let at = due + Duration::from_millis(self.exponential(LATE_MILLIS));
        let turns = if self.condition == Condition::Out { OUTAGE_ENDS } else { OUTAGE_BEGINS };
        if self.happens(turns) {
            self.condition = if self.condition == Condition::Out { Condition::Well } else { Condition::Out };
        }
        let outcome = if self.condition == Condition::Out {
            self.failure(self.reason)
        } else if self.happens(STRAY_TIMEOUT) {
            self.failure(Reason::TimedOut)
        } else {
            Outcome::Open(Timing { connect: self.latency(), clocked: Clocked::Kernel, syn_lost: 0 })
        };
        let dns = (self.naming == Naming::Name).then(|| {
            if self.happens(MOVES) {
                self.home = 3 - self.home;
            }
            let (least, most) = if self.happens(SLOW_LOOKUP) { (2_000, 30_000) } else { (150, 600) };
            Duration::from_micros(self.uniform(least, most))
        });
        self.turn += 1;
        let [_, _, high, low] = self.id.to_be_bytes();
        Check {
            endpoint: EndpointId(self.id),
            vantage: VantageId::HERE,
            at,
            outcome,
            dns,
            address: Some(IpAddr::from([10, self.home, high, low])),
            tried: 1,
            answered: u8::from(outcome.is_open()),
        }
    }
}
