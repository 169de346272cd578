//! Sealed checks are read back; damaged ones are noticed, never believed.

use super::chunk::{CODEC, CODEC_COARSE, Expected, Kind, Lookup, Precision, Shape};
use super::codec::{BitReader, Trend};
use super::glances::glance_of;
use super::{key::Series, varint};
use crate::domain::{Check, Failure, Glance, Outcome, Timing, Wall};
use std::cmp::Ordering;
use std::time::Duration;

/// What the head of a chunk says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// How many checks.
    pub count: u32,
    /// The oldest.
    pub first: Wall,
    /// The newest.
    pub last: Wall,
    /// How many of them are coarse.
    pub coarse: u32,
}

/// How many checks of a chunk in a row are exact, then coarse, and so on; nothing if all are exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Turns(Vec<u32>);

impl Turns {
    /// The precision of each check.
    pub fn each(&self) -> impl Iterator<Item = Precision> {
        let turns = self.0.iter().enumerate();
        turns
            .flat_map(|(place, length)| std::iter::repeat_n(Precision::of_turn(place), *length as usize))
            .chain(std::iter::repeat(Precision::Exact))
    }

    fn coarse(&self) -> u32 {
        self.0.iter().skip(1).step_by(2).sum()
    }

    /// Runs of shapes, cut where the precision changes.
    fn cut<'s>(&self, runs: Vec<(&'s Shape, u32)>) -> Vec<(&'s Shape, u32, Precision)> {
        let mut turns = self.0.iter().enumerate().map(|(place, length)| (Precision::of_turn(place), *length));
        let mut turn = (Precision::Exact, 0);
        let mut parts = Vec::new();
        for (shape, mut left) in runs {
            while left > 0 {
                if turn.1 == 0 {
                    turn = turns.next().unwrap_or((Precision::Exact, u32::MAX));
                }
                let length = left.min(turn.1);
                if length > 0 {
                    parts.push((shape, length, turn.0));
                }
                turn.1 -= length;
                left -= length;
            }
        }
        parts
    }
}

/// What the head of a chunk says, without reading the rest; `None` if it is damaged.
pub(super) fn head(mut chunk: &[u8]) -> Option<Head> {
    take_head(&mut chunk).map(|(head, _)| head)
}

/// Appends the checks of a chunk, oldest first, and says how exact they are; `None`, and nothing appended,
/// if it is damaged.
pub(super) fn unpack(of: Series, chunk: &[u8], checks: &mut Vec<Check>) -> Option<Turns> {
    let start = checks.len();
    let done = unpack_columns(of, chunk, checks);
    if done.is_none() {
        checks.truncate(start);
    }
    done
}

fn unpack_columns((endpoint, vantage): Series, chunk: &[u8], checks: &mut Vec<Check>) -> Option<Turns> {
    let mut input = chunk;
    let (head, turns) = take_head(&mut input)?;
    let shapes = take_shapes(&mut input)?;
    let runs = take_runs(take_column(&mut input)?, &shapes, head.count)?;
    let moments_column = take_column(&mut input)?;
    // Each moment takes a bit at least: so much for a count that asks for all memory.
    if moments_column.len() < (head.count as usize).div_ceil(8) {
        return None;
    }
    let mut moments = BitReader::new(moments_column);
    let mut spans = BitReader::new(take_column(&mut input)?);
    let mut lookups = BitReader::new(input);
    let mut expected = Expected::from(head.first);
    let mut at = head.first.0;
    checks.reserve(head.count as usize);
    for (shape, length, precision) in turns.cut(runs) {
        let Expected { rhythm, failed, exact, coarse } = &mut expected;
        let trends = if precision == Precision::Exact { exact } else { coarse };
        let &Shape { kind, lookup, address, tried, answered } = shape;
        checks.extend((0..length).map(|_| {
            let number = moments.take_rice(rhythm.parameter());
            at = rhythm.heard(number, || moments.take_rice(0));
            let outcome = match kind {
                Kind::Open { clocked, syn_lost } => {
                    let connect = take_duration(&mut spans, &mut trends.connect, precision);
                    Outcome::Open(Timing { connect, clocked, syn_lost })
                }
                Kind::Failed { reason, place, errno, name, syn_lost } => {
                    let after = take_duration(&mut spans, failed, Precision::Exact);
                    Outcome::Failed(Failure { reason, place, errno, name, after, syn_lost })
                }
                Kind::Inconclusive(fault) => Outcome::Inconclusive(fault),
            };
            let dns = match lookup {
                Lookup::Made => Some(take_duration(&mut lookups, &mut trends.lookup, precision)),
                Lookup::None => None,
            };
            Check { endpoint, vantage, at: Wall(at), outcome, dns, address, tried, answered }
        }));
    }
    let whole = Wall(at) == head.last;
    (whole && moments.is_spent() && spans.is_spent() && lookups.is_spent()).then_some(turns)
}

/// Appends what the checks of a chunk say about time, oldest first, without reading their figures; `None`, and
/// nothing appended, if it is damaged.
pub(super) fn glance_at(of: Series, chunk: &[u8], glances: &mut Vec<Glance>) -> Option<()> {
    let start = glances.len();
    let done = glance_at_columns(of, chunk, glances);
    if done.is_none() {
        glances.truncate(start);
    }
    done
}

fn glance_at_columns(of: Series, chunk: &[u8], glances: &mut Vec<Glance>) -> Option<()> {
    let mut input = chunk;
    let (head, _) = take_head(&mut input)?;
    let shapes = take_shapes(&mut input)?;
    let runs = take_runs(take_column(&mut input)?, &shapes, head.count)?;
    let moments_column = take_column(&mut input)?;
    if moments_column.len() < (head.count as usize).div_ceil(8) {
        return None;
    }
    let mut moments = BitReader::new(moments_column);
    let mut rhythm = Expected::from(head.first).rhythm;
    let mut at = head.first.0;
    glances.reserve(head.count as usize);
    for (shape, length) in runs {
        let like = glance_of(of, shape);
        glances.extend((0..length).map(|_| {
            let number = moments.take_rice(rhythm.parameter());
            at = rhythm.heard(number, || moments.take_rice(0));
            Glance { at: Wall(at), ..like }
        }));
    }
    (Wall(at) == head.last && moments.is_spent()).then_some(())
}

fn take_shapes(input: &mut &[u8]) -> Option<Vec<Shape>> {
    let mut shapes = Vec::new();
    for _ in 0..varint::take(input)? {
        let (shape, rest) = postcard::take_from_bytes(input).ok()?;
        shapes.push(shape);
        *input = rest;
    }
    Some(shapes)
}

/// The runs of a chunk of so many checks.
fn take_runs<'s>(column: &[u8], shapes: &'s [Shape], count: u32) -> Option<Vec<(&'s Shape, u32)>> {
    let mut column = BitReader::new(column);
    let mut left = count;
    let mut runs = Vec::new();
    let mut recent: Vec<&Shape> = Vec::new();
    let mut fresh = shapes.iter();
    while left > 0 {
        let rank = if recent.is_empty() { 0 } else { column.take_gamma()? as usize };
        let shape = match rank.cmp(&recent.len()) {
            Ordering::Less => recent.remove(rank),
            Ordering::Equal => fresh.next()?,
            Ordering::Greater => return None,
        };
        recent.insert(0, shape);
        let length = column.take_gamma()?;
        left = left.checked_sub(length)?;
        runs.push((shape, length));
    }
    (column.is_spent() && fresh.next().is_none()).then_some(runs)
}

fn take_duration(column: &mut BitReader<'_>, trend: &mut Trend, precision: Precision) -> Duration {
    let number = column.take_rice(trend.parameter());
    Duration::from_micros(precision.heard(trend.heard(number)))
}

fn take_column<'c>(input: &mut &'c [u8]) -> Option<&'c [u8]> {
    let length = usize::try_from(varint::take(input)?).ok()?;
    let (column, rest) = input.split_at_checked(length)?;
    *input = rest;
    Some(column)
}

fn take_head(input: &mut &[u8]) -> Option<(Head, Turns)> {
    let (codec, rest) = input.split_first().filter(|(codec, _)| [CODEC, CODEC_COARSE].contains(codec))?;
    *input = rest;
    let count = u32::try_from(varint::take(input)?).ok()?;
    let first = varint::unzigzag(varint::take(input)?);
    let last = first.wrapping_add(varint::take(input)?.cast_signed());
    let turns = if *codec == CODEC_COARSE { take_turns(input, count)? } else { Turns::default() };
    Some((Head { count, first: Wall(first), last: Wall(last), coarse: turns.coarse() }, turns))
}

/// The turns of a chunk of so many checks.
fn take_turns(input: &mut &[u8], count: u32) -> Option<Turns> {
    let mut lengths = Vec::new();
    let mut left = count;
    for _ in 0..varint::take(input)? {
        let length = u32::try_from(varint::take(input)?).ok()?;
        left = left.checked_sub(length)?;
        lengths.push(length);
    }
    (left == 0).then_some(Turns(lengths))
}
