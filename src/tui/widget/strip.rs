//! A window of time in one line, where the height of a cell is the share of its time that was down.

use super::Runs;
use crate::tui::{glyphs::Glyphs, theme::Role};
use crate::window::Cell;
use std::time::Duration;

/// The cells in `columns` columns, oldest at the left.
pub fn strip(cells: &[Cell], columns: usize, glyphs: &Glyphs) -> Runs {
    let mut runs = Runs::default();
    for cell in resample(cells, columns) {
        let seen = cell.up + cell.down;
        let (glyph, role) = if is_maintenance(&cell) {
            (glyphs.maintenance, Role::Muted)
        } else if seen.is_zero() {
            (glyphs.strip_gap, Role::Muted)
        } else if cell.down.is_zero() {
            (glyphs.strip[0], Role::Text)
        } else if cell.up.is_zero() {
            (glyphs.strip[7], Role::Failed)
        } else {
            (glyphs.strip[step(cell.down, seen)], Role::Failed)
        };
        runs.add(glyph, role);
    }
    runs
}

/// Whether somebody worked on the target all the time of a cell that was seen: what was found outside of that, and an outage above
/// all, tells more.
pub fn is_maintenance(cell: &Cell) -> bool {
    (cell.up + cell.down).is_zero() && !cell.maintenance.is_zero()
}

/// Which of the six middle glyphs stands for this share: the lowest for any down time at all.
fn step(down: Duration, seen: Duration) -> usize {
    let share = down.as_secs_f64() / seen.as_secs_f64();
    ((share * 6.0).ceil() as usize).clamp(1, 6)
}

/// The same window in another number of cells, time divided as it falls.
fn resample(cells: &[Cell], columns: usize) -> Vec<Cell> {
    if cells.is_empty() || cells.len() == columns {
        let missing = if cells.is_empty() { columns } else { 0 };
        return cells.iter().copied().chain(std::iter::repeat_n(Cell::default(), missing)).collect();
    }
    let ratio = cells.len() as f64 / columns as f64;
    let column = |place: usize| {
        let (from, to) = (place as f64 * ratio, (place + 1) as f64 * ratio);
        let inside = cells.iter().enumerate().skip(from as usize).take_while(|(index, _)| (*index as f64) < to);
        inside.fold(Cell::default(), |sum, (index, cell)| {
            let part = (to.min((index + 1) as f64) - from.max(index as f64)).clamp(0.0, 1.0);
            Cell {
                up: sum.up + cell.up.mul_f64(part),
                down: sum.down + cell.down.mul_f64(part),
                maintenance: sum.maintenance + cell.maintenance.mul_f64(part),
            }
        })
    };
    (0..columns).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::glyphs::Charset;

    fn cell(up: u64, down: u64) -> Cell {
        Cell { up: Duration::from_secs(up), down: Duration::from_secs(down), ..Cell::default() }
    }

    #[test]
    fn the_height_is_the_share_of_time_down() {
        let cells = [cell(60, 0), cell(599, 1), cell(30, 30), cell(1, 59), cell(0, 5), cell(0, 0)];
        assert_eq!(strip(&cells, 6, Charset::Unicode.glyphs()).plain(), "▁▂▄▇█·");
        assert_eq!(strip(&cells, 6, Charset::Ascii.glyphs()).plain(), "_::=# ");
    }

    #[test]
    fn only_what_is_all_maintenance_has_its_own_sign() {
        let works = |cell: Cell| Cell { maintenance: Duration::from_mins(1), ..cell };
        let cells = [works(cell(0, 0)), works(cell(30, 0)), works(cell(0, 30)), works(cell(30, 30)), cell(0, 0)];
        assert_eq!(strip(&cells, 5, Charset::Unicode.glyphs()).plain(), "◇▁█▄·");
        assert_eq!(strip(&cells, 5, Charset::Ascii.glyphs()).plain(), "%_#: ");
    }

    #[test]
    fn fewer_columns_lose_no_outage_and_more_columns_invent_none() {
        let mut cells = vec![cell(1_800, 0); 48];
        cells[20] = cell(1_700, 100);
        assert_eq!(strip(&cells, 24, Charset::Unicode.glyphs()).plain(), "▁▁▁▁▁▁▁▁▁▁▂▁▁▁▁▁▁▁▁▁▁▁▁▁");
        let narrow: Duration = resample(&cells, 26).iter().map(|cell| cell.down).sum();
        assert!((narrow.as_secs_f64() - 100.0).abs() < 0.001, "{narrow:?}");
        let wide: Duration = resample(&cells, 110).iter().map(|cell| cell.down).sum();
        assert!((wide.as_secs_f64() - 100.0).abs() < 0.001, "{wide:?}");
        assert_eq!(strip(&[], 3, Charset::Unicode.glyphs()).plain(), "···");
    }
}
