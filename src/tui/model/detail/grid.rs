//! The columns of a chart as stretches of time: which moment stands where, and what a cursor spans.

use crate::domain::{Span, Wall};
use std::time::Duration;

/// Without a mark, zooming in shows one part in so many of the chart, with the cursor in the middle.
const AROUND: u32 = 6;
/// Nothing is seen in less time than this.
pub(super) const CLOSEST: Duration = Duration::from_mins(1);

/// A span in columns of equal length; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// What the columns cover together.
    pub span: Span,
    /// How many there are.
    pub count: usize,
}

impl Grid {
    /// So many columns over a span; `None` for none, or over no time.
    pub fn new(span: Span, count: usize) -> Option<Self> {
        (count > 0 && span.from < span.to).then_some(Self { span, count })
    }

    /// The column of a moment; the nearest one for a moment outside.
    pub fn place(self, at: Wall) -> usize {
        let length = self.span.length().as_millis().max(1);
        let place = at.since(self.span.from).as_millis() * self.count as u128 / length;
        usize::try_from(place).unwrap_or(usize::MAX).min(self.count - 1)
    }

    /// The time of a column.
    pub fn column(self, place: usize) -> Span {
        Span { from: self.border(place), to: self.border(place + 1) }
    }

    /// The middle of a column.
    pub fn middle(self, place: usize) -> Wall {
        let column = self.column(place);
        column.from + column.length() / 2
    }

    /// From the beginning of the column of one moment to the end of that of the other.
    pub fn between(self, one: Wall, other: Wall) -> Span {
        let (one, other) = (self.place(one), self.place(other));
        Span { from: self.border(one.min(other)), to: self.border(one.max(other) + 1) }
    }

    /// What lies around a moment, inside of the span.
    pub fn around(self, at: Wall) -> Span {
        let length = (self.span.length() / AROUND).max(CLOSEST).min(self.span.length());
        let middle = self.middle(self.place(at));
        let from = (middle - length / 2).max(self.span.from).min(self.span.to - length);
        Span { from, to: from + length }
    }

    /// The first moment of a column; the end of the span for the one after the last.
    fn border(self, place: usize) -> Wall {
        let length = self.span.length().as_millis();
        let passed = (length * place.min(self.count) as u128).div_ceil(self.count as u128);
        self.span.from + Duration::from_millis(u64::try_from(passed).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn grid(length: i64, count: usize) -> Grid {
        Grid::new(Span { from: Wall(1_000), to: Wall(1_000 + length) }, count).expect("columns")
    }

    #[test]
    fn every_moment_has_its_column_and_columns_leave_no_hole() {
        for (length, count) in [(HOUR, 72), (HOUR, 7), (100, 33), (5, 9)] {
            let grid = grid(length, count);
            for place in 0..count {
                let column = grid.column(place);
                assert_eq!(column.to, grid.column(place + 1).from);
                for at in column.from.0..column.to.0.min(column.from.0 + 50) {
                    assert_eq!(grid.place(Wall(at)), place, "{at} of {length} in {count}");
                }
            }
            assert_eq!((grid.column(0).from, grid.column(count - 1).to), (grid.span.from, grid.span.to));
        }
    }

    #[test]
    fn moments_outside_belong_to_the_ends() {
        let grid = grid(HOUR, 60);
        assert_eq!((grid.place(Wall(-5)), grid.place(Wall(i64::MAX))), (0, 59));
        assert_eq!(Grid::new(grid.span, 0), None);
    }

    #[test]
    fn what_zooming_shows_is_whole_columns_or_a_sixth_that_stays_inside() {
        let grid = grid(HOUR, 60);
        let minute = |n: i64| Wall(1_000 + n * 60_000);
        let span = |from, to| Span { from: minute(from), to: minute(to) };
        assert_eq!(grid.between(grid.middle(20), grid.middle(10)), span(10, 21));
        assert_eq!(grid.around(grid.middle(0)), span(0, 10));
        assert_eq!(grid.around(grid.middle(59)), span(50, 60));
        assert_eq!(grid.around(minute(30)).length(), Duration::from_mins(10));
    }
}
