//! Sealed checks are read back; damaged ones are noticed, never believed.

use super::chunk::{Before, CODEC, Kind, Lookup, Shape};
use super::{key::Series, varint};
use crate::domain::{Check, Failure, Outcome, Timing, Wall};
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
}

/// What the head of a chunk says, without reading the rest; `None` if it is damaged.
pub(super) fn head(mut chunk: &[u8]) -> Option<Head> {
    take_head(&mut chunk)
}

/// Appends the checks of a chunk, oldest first; `None`, and nothing appended, if it is damaged.
pub(super) fn unpack(of: Series, chunk: &[u8], checks: &mut Vec<Check>) -> Option<()> {
    let start = checks.len();
    let done = unpack_columns(of, chunk, checks);
    if done.is_none() {
        checks.truncate(start);
    }
    done
}

fn unpack_columns((endpoint, vantage): Series, chunk: &[u8], checks: &mut Vec<Check>) -> Option<()> {
    let mut input = chunk;
    let head = take_head(&mut input)?;
    let mut shapes: Vec<Shape> = Vec::new();
    for _ in 0..varint::take(&mut input)? {
        let (shape, rest) = postcard::take_from_bytes(input).ok()?;
        shapes.push(shape);
        input = rest;
    }
    let mut runs = Vec::new();
    for _ in 0..varint::take(&mut input)? {
        let shape = shapes.get(usize::try_from(varint::take(&mut input)?).ok()?)?;
        runs.push((shape, varint::take(&mut input)?));
    }
    let mut moments = take_column(&mut input)?;
    let mut spans = take_column(&mut input)?;
    let mut lookups = input;
    let mut before = Before { at: head.first.0, ..Before::default() };
    let start = checks.len();
    for (shape, length) in runs {
        for _ in 0..length {
            before.step = before.step.wrapping_add(varint::unzigzag(varint::take(&mut moments)?));
            before.at = before.at.wrapping_add(before.step);
            let outcome = match shape.kind {
                Kind::Open { clocked, syn_lost } => {
                    let connect = take_difference(&mut spans, &mut before.connect)?;
                    Outcome::Open(Timing { connect, clocked, syn_lost })
                }
                Kind::Failed { reason, place, errno, name, syn_lost } => {
                    let after = take_difference(&mut spans, &mut before.failed)?;
                    Outcome::Failed(Failure { reason, place, errno, name, after, syn_lost })
                }
                Kind::Inconclusive(fault) => Outcome::Inconclusive(fault),
            };
            let dns = match shape.lookup {
                Lookup::Made => Some(take_difference(&mut lookups, &mut before.dns)?),
                Lookup::None => None,
            };
            let &Shape { address, tried, answered, .. } = shape;
            checks.push(Check { endpoint, vantage, at: Wall(before.at), outcome, dns, address, tried, answered });
        }
    }
    let whole = checks.len() - start == head.count as usize && Wall(before.at) == head.last;
    (whole && moments.is_empty() && spans.is_empty() && lookups.is_empty()).then_some(())
}

fn take_difference(column: &mut &[u8], before: &mut u64) -> Option<Duration> {
    *before = before.wrapping_add(varint::unzigzag(varint::take(column)?).cast_unsigned());
    Some(Duration::from_micros(*before))
}

fn take_column<'c>(input: &mut &'c [u8]) -> Option<&'c [u8]> {
    let length = usize::try_from(varint::take(input)?).ok()?;
    let (column, rest) = input.split_at_checked(length)?;
    *input = rest;
    Some(column)
}

fn take_head(input: &mut &[u8]) -> Option<Head> {
    let (&CODEC, rest) = input.split_first()? else { return None };
    *input = rest;
    let count = u32::try_from(varint::take(input)?).ok()?;
    let first = varint::unzigzag(varint::take(input)?);
    let last = first.wrapping_add(varint::take(input)?.cast_signed());
    Some(Head { count, first: Wall(first), last: Wall(last) })
}
