//! Keys: big-endian, so that the order of bytes is the order of things.

use super::day::Day;
use crate::domain::{EndpointId, Gap, GapCause, OutageId, TargetId, VantageId, Wall};
use serde::{Deserialize, Serialize};

/// The place of a record in the journal, and with it the order of arrival of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Position {
    /// The (first) journal row that holds it; rows count from 1.
    pub row: u64,
    /// Its place in the row.
    pub index: u32,
}

/// History of checks is kept for each of these apart.
pub(super) type Series = (EndpointId, VantageId);

pub(super) fn journal(row: u64) -> [u8; 8] {
    row.to_be_bytes()
}

pub(super) fn read_journal(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(key.try_into().ok()?))
}

pub(super) fn target(id: TargetId) -> [u8; 4] {
    id.0.to_be_bytes()
}

pub(super) fn former(of: TargetId, until: Wall) -> [u8; 12] {
    join(&[&of.0.to_be_bytes(), &moment(until)])
}

pub(super) fn series((endpoint, vantage): Series) -> [u8; 6] {
    join(&[&endpoint.0.to_be_bytes(), &vantage.0.to_be_bytes()])
}

pub(super) fn read_series(key: &[u8]) -> Option<Series> {
    let (endpoint, rest) = key.split_first_chunk::<4>()?;
    let (vantage, _) = rest.split_first_chunk::<2>()?;
    Some((EndpointId(u32::from_be_bytes(*endpoint)), VantageId(u16::from_be_bytes(*vantage))))
}

/// `number` counts the chunks of a series and keeps apart two that start at the same moment,
/// which a wall clock that steps back can bring about.
pub(super) fn chunk(of: Series, first: Wall, number: u32) -> [u8; 18] {
    join(&[&series(of), &moment(first), &number.to_be_bytes()])
}

/// The start of the oldest check in a chunk.
pub(super) fn read_chunk(key: &[u8]) -> Option<(Series, Wall)> {
    let of = read_series(key)?;
    let first = key.get(6..14)?.try_into().ok()?;
    Some((of, Wall((u64::from_be_bytes(first) ^ SIGN).cast_signed())))
}

/// The number of a chunk in its series.
pub(super) fn read_chunk_number(key: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(key.get(14..18)?.try_into().ok()?))
}

pub(super) fn outage(of: TargetId, id: OutageId) -> [u8; 12] {
    join(&[&of.0.to_be_bytes(), &id.0.to_be_bytes()])
}

/// Whoever tells of a gap again, because it has grown, tells of the same vantage, start, cause and path.
pub(super) fn gap(gap: &Gap) -> [u8; 12] {
    let cause = match gap.cause {
        GapCause::NotRunning => 0,
        GapCause::Stalled => 1,
        GapCause::Blind => 2,
        GapCause::Damaged => 3,
    };
    let path = gap.path.map_or(0, |path| 1 + path as u8);
    join(&[&moment(gap.from), &gap.vantage.0.to_be_bytes(), &[cause], &[path]])
}

/// Days before 1970 sort before those after.
pub(super) fn day(day: Day) -> [u8; 4] {
    (day.0.cast_unsigned() ^ (1 << 31)).to_be_bytes()
}

pub(super) fn read_day(key: &[u8]) -> Option<Day> {
    let day = key.first_chunk::<4>()?;
    Some(Day((u32::from_be_bytes(*day) ^ (1 << 31)).cast_signed()))
}

pub(super) fn hours(of: Series, of_day: Day) -> [u8; 10] {
    join(&[&series(of), &day(of_day)])
}

pub(super) fn read_hours(key: &[u8]) -> Option<(Series, Day)> {
    Some((read_series(key)?, read_day(key.get(6..)?)?))
}

/// A value holds the uptimes of several targets, and this is the first of them.
pub(super) fn uptimes(of_day: Day, first: TargetId) -> [u8; 8] {
    join(&[&day(of_day), &target(first)])
}

pub(super) fn outdated(of_day: Day, endpoint: EndpointId) -> [u8; 8] {
    join(&[&day(of_day), &endpoint.0.to_be_bytes()])
}

pub(super) fn read_outdated(key: &[u8]) -> Option<(Day, EndpointId)> {
    let endpoint = key.get(4..8)?.try_into().ok()?;
    Some((read_day(key)?, EndpointId(u32::from_be_bytes(endpoint))))
}

pub(super) fn arrival(position: Position) -> [u8; 12] {
    join(&[&position.row.to_be_bytes(), &position.index.to_be_bytes()])
}

const SIGN: u64 = 1 << 63;

/// Moments before 1970 sort before those after.
fn moment(at: Wall) -> [u8; 8] {
    (at.0.cast_unsigned() ^ SIGN).to_be_bytes()
}

fn join<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut out = [0; N];
    for (place, byte) in out.iter_mut().zip(parts.iter().copied().flatten()) {
        *place = *byte;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_sort_by_series_then_moment_then_number() {
        let key = |endpoint, at, number| chunk((EndpointId(endpoint), VantageId::HERE), Wall(at), number);
        let sorted = [
            key(1, i64::MIN, 9),
            key(1, -1, 0),
            key(1, 0, 0),
            key(1, 0, 1),
            key(1, 256, 0),
            key(1, i64::MAX, 0),
            key(2, i64::MIN, 0),
        ];
        assert!(sorted.is_sorted());
        for (key, at) in [(sorted[0], i64::MIN), (sorted[1], -1), (sorted[4], 256), (sorted[5], i64::MAX)] {
            assert_eq!(read_chunk(&key), Some(((EndpointId(1), VantageId::HERE), Wall(at))));
        }
    }
}
