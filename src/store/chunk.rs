//! Sealed checks: up to four hours of one endpoint in one small value, nothing lost.
//!
//! A chunk is four columns. *Shapes*: everything of a check that is no time, in a dictionary, as
//! runs; an hour without a change costs a few bits. *Moments*: milliseconds, as lateness against a
//! fixed rate. *Spans*: connect time or time to the failure, in microseconds, as differences to the
//! middle of those before of the same kind. *Look-ups*: likewise. All but the runs grow at their end
//! only, so that the checks that are not sealed yet are kept in the same form.
//!
//! Old checks may be *coarse*: their connect time and look-up are told in steps ([`super::codec::step_of`])
//! and read back as the middle of their step. Everything else of them is exact, the time to a failure
//! included, and so are the exact checks that may stand between them. A chunk with coarse checks says so
//! in its head.

use super::codec::{BitWriter, Rhythm, Trend, middle_of, step_of};
use super::varint;
use crate::domain::{Check, Clocked, Failure, Fault, NameFailure, Outcome, Place, Reason, Timing, Wall};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// A chunk covers less than this, so that a search for a moment knows how far back to look. Chunks of
/// a day would take 6 % fewer bytes, but sled reads 16 of them at once: all targets at one moment of
/// the past would take several times as long.
pub(super) const SPAN_MAX: Duration = Duration::from_hours(4);
/// A chunk of at least this many bytes is sealed. One check adds at most about 100 bytes, and values
/// above 6 KB are bad for sled: it moves pages over 128 KB (16 values) into files of their own.
pub(super) const BYTES_MAX: usize = 4 << 10;
/// How the columns are coded; another way gets another number.
pub(super) const CODEC: u8 = 2;
/// The same with coarse checks among the others: how many in a row are exact, then coarse, and so on, stands
/// before the columns.
pub(super) const CODEC_COARSE: u8 = 3;

/// How close to what was measured connect time and look-up of a check are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// To the microsecond.
    Exact,
    /// To one part in 256.
    Coarse,
}

impl Precision {
    /// The number that tells a duration.
    pub const fn told(self, micros: u64) -> u64 {
        match self {
            Self::Exact => micros,
            Self::Coarse => step_of(micros),
        }
    }

    /// The microseconds that a number tells.
    pub const fn heard(self, number: u64) -> u64 {
        match self {
            Self::Exact => number,
            Self::Coarse => middle_of(number),
        }
    }

    /// That of a place in a list of lengths that take turns, an exact one first.
    pub const fn of_turn(place: usize) -> Self {
        if place.is_multiple_of(2) { Self::Exact } else { Self::Coarse }
    }
}

/// Everything of a check that is neither time nor identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shape {
    pub kind: Kind,
    pub lookup: Lookup,
    pub address: Option<IpAddr>,
    pub tried: u8,
    pub answered: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Open { clocked: Clocked, syn_lost: u8 },
    Failed { reason: Reason, place: Place, errno: Option<i32>, name: Option<NameFailure>, syn_lost: u8 },
    Inconclusive(Fault),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Lookup {
    None,
    Made,
}

/// What is expected of the next check, learned from those before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Expected {
    pub rhythm: Rhythm,
    pub failed: Trend,
    pub exact: Trends,
    pub coarse: Trends,
}

/// What is expected of durations that are told in one precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Trends {
    pub connect: Trend,
    pub lookup: Trend,
}

impl Expected {
    pub fn from(first: Wall) -> Self {
        Self { rhythm: Rhythm::from(first.0), ..Self::default() }
    }

    pub const fn trends(&mut self, precision: Precision) -> &mut Trends {
        match precision {
            Precision::Exact => &mut self.exact,
            Precision::Coarse => &mut self.coarse,
        }
    }
}

/// Checks of one series in the order of time, packed as they come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Packer {
    count: u32,
    first: Wall,
    last: Wall,
    shapes: Vec<Shape>,
    shape_bytes: Vec<u8>,
    /// Place of a shape, and how many checks in a row have it.
    runs: Vec<(u32, u32)>,
    /// How many checks in a row are exact, then coarse, and so on.
    turns: Vec<u32>,
    moments: BitWriter,
    spans: BitWriter,
    lookups: BitWriter,
    expected: Expected,
}

/// A check as history keeps it: durations to the microsecond.
pub(super) fn exact(mut check: Check) -> Check {
    match &mut check.outcome {
        Outcome::Open(timing) => timing.connect = whole(timing.connect),
        Outcome::Failed(failure) => failure.after = whole(failure.after),
        Outcome::Inconclusive(_) => {}
    }
    check.dns = check.dns.map(whole);
    check
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn whole(duration: Duration) -> Duration {
    Duration::from_micros(micros(duration))
}

impl Packer {
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Whether any of them is coarse.
    pub const fn has_coarse(&self) -> bool {
        self.turns.len() > 1
    }

    /// The oldest check in it.
    pub const fn first(&self) -> Wall {
        self.first
    }

    /// The newest check in it.
    pub const fn last(&self) -> Wall {
        self.last
    }

    /// Whether a check of that moment still belongs into this chunk: not before the last one (the
    /// wall clock has stepped back), not too long after the first, and not too much.
    pub fn has_room(&self, at: Wall) -> bool {
        self.is_empty() || (at >= self.last() && at.since(self.first) < SPAN_MAX && self.bytes() < BYTES_MAX)
    }

    /// About how many bytes the chunk takes.
    fn bytes(&self) -> usize {
        let runs = 3 * self.runs.len() + 2 * self.turns.len();
        self.shape_bytes.len() + runs + self.moments.len() + self.spans.len() + self.lookups.len()
    }

    /// Appends a check for which there is room.
    pub fn push(&mut self, check: &Check) {
        self.push_as(check, Precision::Exact);
    }

    /// Appends a check for which there is room. One that was coarse before stays as it is.
    pub fn push_as(&mut self, check: &Check, precision: Precision) {
        if self.count == 0 {
            self.first = check.at;
            self.expected = Expected::from(check.at);
        }
        self.last = check.at;
        self.push_moment(check.at);
        self.push_turn(precision);
        let kind = match check.outcome {
            Outcome::Open(Timing { connect, clocked, syn_lost }) => {
                put_duration(&mut self.spans, &mut self.expected.trends(precision).connect, precision, connect);
                Kind::Open { clocked, syn_lost }
            }
            Outcome::Failed(Failure { reason, place, errno, name, after, syn_lost }) => {
                put_duration(&mut self.spans, &mut self.expected.failed, Precision::Exact, after);
                Kind::Failed { reason, place, errno, name, syn_lost }
            }
            Outcome::Inconclusive(fault) => Kind::Inconclusive(fault),
        };
        let lookup = match check.dns {
            Some(dns) => {
                put_duration(&mut self.lookups, &mut self.expected.trends(precision).lookup, precision, dns);
                Lookup::Made
            }
            None => Lookup::None,
        };
        let &Check { address, tried, answered, .. } = check;
        self.push_shape(Shape { kind, lookup, address, tried, answered });
        self.count += 1;
    }

    fn push_moment(&mut self, at: Wall) {
        let rhythm = &mut self.expected.rhythm;
        let parameter = rhythm.parameter();
        let (number, step) = rhythm.told(at.0);
        self.moments.put_rice(number, parameter);
        if let Some(step) = step {
            self.moments.put_rice(step, 0);
        }
    }

    fn push_turn(&mut self, precision: Precision) {
        while self.turns.len().checked_sub(1).map(Precision::of_turn) != Some(precision) {
            self.turns.push(0);
        }
        if let Some(length) = self.turns.last_mut() {
            *length += 1;
        }
    }

    fn push_shape(&mut self, shape: Shape) {
        let place = self.shapes.iter().position(|known| *known == shape).unwrap_or_else(|| {
            // A shape is a handful of numbers: postcard cannot fail on it, and an empty one would
            // only make the chunk unreadable, which the checks of `unpack` notice.
            self.shape_bytes.extend(postcard::to_stdvec(&shape).unwrap_or_default());
            self.shapes.push(shape);
            self.shapes.len() - 1
        }) as u32;
        match self.runs.last_mut() {
            Some((last, length)) if *last == place => *length += 1,
            _ => self.runs.push((place, 1)),
        }
    }

    /// The chunk, of a packer that was itself read from a disk; `None` if no packing leads to it.
    pub fn bytes_if_whole(&self) -> Option<Vec<u8>> {
        let is_run = |(place, length): &(u32, u32)| *length > 0 && (*place as usize) < self.shapes.len();
        self.runs.iter().all(is_run).then(|| self.bytes_sealed())
    }

    /// The chunk.
    pub fn bytes_sealed(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes() + 48);
        out.push(if self.has_coarse() { CODEC_COARSE } else { CODEC });
        varint::put(&mut out, u64::from(self.count));
        varint::put(&mut out, varint::zigzag(self.first.0));
        varint::put(&mut out, self.last.0.wrapping_sub(self.first.0).cast_unsigned());
        if self.has_coarse() {
            varint::put(&mut out, self.turns.len() as u64);
            self.turns.iter().for_each(|length| varint::put(&mut out, u64::from(*length)));
        }
        varint::put(&mut out, self.shapes.len() as u64);
        out.extend_from_slice(&self.shape_bytes);
        for column in [&self.runs_coded(), &self.moments, &self.spans] {
            varint::put(&mut out, column.len() as u64);
            column.finish(&mut out);
        }
        self.lookups.finish(&mut out);
        out
    }

    /// Each run as the rank of its shape and its length. The shape that was left last has rank 1;
    /// one that was not there before ranks behind all others.
    fn runs_coded(&self) -> BitWriter {
        let mut column = BitWriter::default();
        let mut recent: Vec<u32> = Vec::new();
        for &(place, length) in &self.runs {
            let rank = recent.iter().position(|known| *known == place);
            let rank = rank.map_or(recent.len(), |rank| {
                recent.remove(rank);
                rank
            });
            recent.insert(0, place);
            if recent.len() > 1 {
                column.put_gamma(rank as u32);
            }
            column.put_gamma(length);
        }
        column
    }
}

fn put_duration(column: &mut BitWriter, trend: &mut Trend, precision: Precision, duration: Duration) {
    let parameter = trend.parameter();
    column.put_rice(trend.told(precision.told(micros(duration))), parameter);
}
