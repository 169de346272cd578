//! Answers how all targets did over a week or a month, from summaries alone.

use super::query::Overview;
use crate::domain::{Span, Wall};
use crate::store::{ReadError, Reader};
use crate::window::{HOUR, hour_of};
use std::time::Duration;

/// All targets over so long until a moment, in so many cells of whole hours.
pub(super) fn overview(reader: &Reader<'_>, length: Duration, cells: u16, at: Wall) -> Result<Overview, ReadError> {
    let span = cells_until(at, length, cells);
    let from = hour_of(at - length);
    let (strips, until) = reader.overview(span, usize::from(cells), from, at)?;
    Ok(Overview { at, length, span, cells: usize::from(cells), until, strips: strips.into_iter().collect() })
}

/// Whole cells, of whole hours each, that end with the one that `now` is in.
fn cells_until(now: Wall, length: Duration, cells: u16) -> Span {
    let hours = (length.as_secs() / 3_600).div_ceil(u64::from(cells.max(1))).max(1);
    let cell = HOUR * u32::try_from(hours).unwrap_or(u32::MAX);
    let millis = i64::try_from(cell.as_millis()).unwrap_or(i64::MAX);
    let to = Wall(now.0.div_euclid(millis).saturating_add(1).saturating_mul(millis));
    Span::before(to, cell * u32::from(cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_whole_hours_and_the_last_one_holds_the_present() {
        let hours = |hours: i64| Wall(hours * 3_600_000);
        for (cells, from, to) in [(56, 9, 177), (28, 12, 180), (7, 24, 192), (50, -20, 180)] {
            let span = cells_until(Wall(hours(176).0 + 5), HOUR * 168, cells);
            assert_eq!(span, Span { from: hours(from), to: hours(to) }, "{cells} cells");
        }
    }
}
