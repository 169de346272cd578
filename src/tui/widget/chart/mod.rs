//! Latency over time as columns of blocks, with failures on the axis where they cannot be read as 0 ms.

#[cfg(test)]
mod tests;

use super::Runs;

use crate::domain::{GapCause, Maintenance, Remark, Span, Wall};
use crate::engine::query::{Column, Unseen, Why};
use crate::tui::model::detail::Grid;
use crate::tui::{glyphs::Glyphs, theme::Role};
use crate::tui::{model::detail::Scale, text::Zone};
use std::time::Duration;

/// Columns in front of the plot: a label of four and the axis.
pub const GUTTER: usize = 5;
/// Lines under the plot: the axis and its clock.
const LINES_UNDER: usize = 2;
/// The upper ends of the steps above the first one of the logarithmic scale.
const STEPS: [&str; 6] = ["3", "10", "30", "100", "300", "1s"];
/// The same where there is room for whole decades only.
const DECADES: [&str; 3] = ["10", "100", "1s"];
/// The slowest check of a column, where it stands out.
pub const PEAK: &str = "'";
/// A check stands out when it took more than this many times as long as the middle one of its column.
const PEAK_LEAST: f64 = 2.0;
/// What one row of the linear scale may stand for, times a power of ten.
const NICE: [f64; 9] = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0];

/// A plot of at most this is read to the second.
const MINUTES: Duration = Duration::from_mins(10);
/// A plot of at least this begins with its day.
const A_DAY: Duration = Duration::from_hours(20);
/// A plot of at least this has a day at each label; with the time of the day in so many columns.
const DAYS: Duration = Duration::from_hours(48);
/// See [`DAYS`].
const DAYS_LEAST: usize = 80;

/// A chart before it is given a size.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    /// Oldest first.
    pub columns: &'a [Column],
    /// How many columns the plot has; those that nothing is known of are blank.
    pub width: usize,
    /// What they cover together.
    pub span: Span,
    /// How many columns one check stands for: where checks are rarer than columns, the columns between
    /// two checks are no gap.
    pub reach: usize,
    /// Stretches in which nobody saw the target.
    pub unseen: &'a [Unseen],
    /// Moments that somebody wrote about.
    pub remarks: &'a [Remark],
    /// When somebody worked on the target.
    pub maintenance: &'a [Maintenance],
    /// How high a latency is.
    pub scale: Scale,
    /// What is pointed at.
    pub pointer: Option<Pointer>,
    /// In which zone the axis reads.
    pub zone: Zone,
}

/// What is pointed at in a chart, in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// The column that is read.
    pub cursor: usize,
    /// The other end, where one was marked.
    pub mark: Option<usize>,
    /// The first and the last column of what zooming in would show.
    pub chosen: (usize, usize),
}

/// What stands in one column of the plot.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bar {
    /// Checks, or one before that still speaks.
    Checks(Heights),
    /// No checks that say anything, and why, where that is known.
    Nothing(Option<Why>),
}

/// How high a column is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Heights {
    millis: Option<f64>,
    peak: Option<f64>,
    failed: bool,
}

/// The rows of a plot: their labels from the bottom up, and what a row stands for.
struct Ruler {
    labels: Vec<String>,
    kind: RulerKind,
}

enum RulerKind {
    /// Rows for each decade above 1 ms.
    Decades(f64),
    /// Milliseconds for each row.
    Even(f64),
}

impl Chart<'_> {
    /// The chart in at most `lines` lines, axis included; empty where that is too few for a scale.
    pub fn draw(&self, lines: usize, glyphs: &Glyphs) -> Vec<Runs> {
        let bars = self.bars();
        let Some(ruler) = self.ruler(lines.saturating_sub(LINES_UNDER), &bars) else { return Vec::new() };
        let rows = ruler.labels.len();
        let mut drawn: Vec<Runs> = (0..rows)
            .rev()
            .map(|row| {
                let label = format!("{:>4}{}", ruler.labels[row], glyphs.axis_tick);
                let mut runs = Runs::default().with(label, Role::Muted);
                for (place, bar) in bars.iter().take(self.width).enumerate() {
                    let (glyph, role) = match cell(*bar, row, rows, &ruler, glyphs) {
                        (" ", _) if self.pointer.is_some_and(|pointer| pointer.cursor == place) => {
                            (glyphs.vertical, Role::Muted)
                        }
                        cell => cell,
                    };
                    runs.add(glyph, role);
                }
                runs
            })
            .collect();
        drawn.push(self.axis(glyphs));
        drawn.push(Runs::default().with(format!("     {}", self.clock(self.width)), Role::Muted));
        drawn
    }

    /// The line under the plot, with what is pointed at, what was written and when there was maintenance.
    fn axis(&self, glyphs: &Glyphs) -> Runs {
        let grid = Grid::new(self.span, self.columns.len());
        let written: Vec<usize> = self.remarks.iter().filter_map(|remark| Some(grid?.place(remark.about))).collect();
        let is_worked_on = |place| {
            let column = grid.map(|grid| grid.column(place));
            self.maintenance.iter().any(|one| column.is_some_and(|column| column.overlap(one.span).is_some()))
        };
        let mut line = Runs::default().with(format!("    {}", glyphs.bottom_left), Role::Muted);
        for place in 0..self.width {
            let (glyph, role) = match self.pointer {
                Some(pointer) if pointer.cursor == place => ("^", Role::Strong),
                _ if written.contains(&place) => (glyphs.remark, Role::Strong),
                Some(pointer) if pointer.mark == Some(place) => (glyphs.vertical, Role::Strong),
                Some(pointer) if (pointer.chosen.0..=pointer.chosen.1).contains(&place) => ("=", Role::Strong),
                _ if is_worked_on(place) => (glyphs.maintenance, Role::Text),
                _ => (glyphs.horizontal, Role::Muted),
            };
            line.add(glyph, role);
        }
        line
    }

    /// The columns, those between two rare checks filled from the check before them, unless nobody looked.
    fn bars(&self) -> Vec<Bar> {
        let grid = Grid::new(self.span, self.columns.len());
        let mut held = (None, 0);
        let fill = |(place, column): (usize, &Column)| {
            let why = grid.and_then(|grid| self.why(grid.middle(place)));
            let is_blind = why == Some(Why::Gap(GapCause::Blind));
            if column.open > 0 || (column.failed > 0 && !is_blind) {
                let millis = |time: Duration| (column.open > 0).then_some(time.as_secs_f64() * 1_000.0);
                let stands_out = column.max.as_secs_f64() > PEAK_LEAST * column.median.as_secs_f64();
                let peak = millis(column.max).filter(|_| stands_out);
                held = (Some(Heights { millis: millis(column.median), peak, failed: column.failed > 0 }), self.reach);
            } else if column.inconclusive > 0 || why.is_some() {
                held = (None, 0);
            }
            let shown = if held.1 > 0 { held.0 } else { None };
            held.0 = held.0.map(|heights| Heights { peak: None, ..heights });
            held.1 = held.1.saturating_sub(1);
            let fault = (column.inconclusive > 0).then_some(Why::Gap(GapCause::Blind));
            shown.map_or(Bar::Nothing(why.or(fault)), Bar::Checks)
        };
        self.columns.iter().enumerate().map(fill).collect()
    }

    /// Why nobody saw anything at a moment; a pause by hand says more than a machine that was off as well.
    fn why(&self, at: Wall) -> Option<Why> {
        let mut reasons = self.unseen.iter().filter(|unseen| unseen.span.contains(at)).map(|unseen| unseen.why);
        let first = reasons.next()?;
        Some(if reasons.any(|why| why == Why::Paused) { Why::Paused } else { first })
    }

    fn ruler(&self, rows: usize, bars: &[Bar]) -> Option<Ruler> {
        match self.scale {
            Scale::Logarithmic => {
                let (steps, per_decade): (&[&str], usize) =
                    if rows > STEPS.len() { (&STEPS, 2) } else { (&DECADES, 1) };
                let each = rows.checked_sub(1)? / steps.len();
                let mut labels = vec!["1ms".to_owned()];
                for step in steps {
                    labels.extend(std::iter::repeat_n(String::new(), each.checked_sub(1)?));
                    labels.push((*step).to_owned());
                }
                Some(Ruler { labels, kind: RulerKind::Decades((each * per_decade) as f64) })
            }
            Scale::Linear => {
                let millis = |bar: &Bar| if let Bar::Checks(heights) = bar { heights.millis } else { None };
                let highest = bars.iter().filter_map(millis).fold(0.1, f64::max);
                let per_row = nice(highest / rows as f64);
                let every = if rows > 8 { 2 } else { 1 };
                let shown = |row: &usize| (rows - row).is_multiple_of(every);
                let label = |row: usize| {
                    Some(row).filter(shown).map(|row| tick(per_row * row as f64, per_row)).unwrap_or_default()
                };
                (rows >= 3).then(|| Ruler { labels: (1..=rows).map(label).collect(), kind: RulerKind::Even(per_row) })
            }
        }
    }

    /// Absolute times under the plot: a quarter apart where there is room, at both ends in any case; with the
    /// day where the plot covers several, with seconds where it covers minutes.
    fn clock(&self, columns: usize) -> String {
        let quarters: &[usize] = if columns >= 48 { &[0, 1, 2, 3, 4] } else { &[0, 4] };
        let length = self.span.length();
        let mut line = String::new();
        for quarter in quarters {
            let at = self.span.from + length * u32::try_from(*quarter).unwrap_or_default() / 4;
            let is_end = matches!(quarter, 0 | 4);
            let label = match length {
                _ if length <= MINUTES => self.zone.clock(at),
                _ if length >= DAYS && (is_end || columns >= DAYS_LEAST) => self.zone.day_minute(at),
                _ if length >= DAYS => self.zone.day(at),
                _ if length >= A_DAY && *quarter == 0 => self.zone.day_minute(at),
                _ => self.zone.minute(at),
            };
            let place = match quarter {
                0 => 0,
                4 => columns.saturating_sub(label.len()),
                _ => (columns * quarter / 4).saturating_sub(label.len() / 2),
            };
            if place >= line.len() {
                line = format!("{line:place$}{label}");
            }
        }
        line
    }
}

/// What a cell of the plot shows. The lowest row tells what was no connection at all.
fn cell(bar: Bar, row: usize, rows: usize, ruler: &Ruler, glyphs: &Glyphs) -> (&'static str, Role) {
    let bar = match bar {
        Bar::Checks(heights) => heights,
        Bar::Nothing(_) if row > 0 => return (" ", Role::Text),
        Bar::Nothing(Some(Why::Paused)) => return (glyphs.gap_paused, Role::Muted),
        Bar::Nothing(Some(Why::Gap(GapCause::Blind))) => return (glyphs.inconclusive, Role::Muted),
        Bar::Nothing(_) => return (glyphs.gap, Role::Muted),
    };
    if row == 0 && bar.failed {
        return (glyphs.failed, Role::Failed);
    }
    let Some(millis) = bar.millis else { return (" ", Role::Text) };
    let eighths = |millis| ruler.eighths(millis).clamp(1, rows * 8);
    let is_peak = |peak| (eighths(peak) - 1) / 8 == row;
    match eighths(millis).saturating_sub(row * 8) {
        0 if bar.peak.is_some_and(is_peak) => (PEAK, Role::Bar),
        0 => (" ", Role::Text),
        part => (glyphs.chart[part.min(8) - 1], Role::Bar),
    }
}

impl Ruler {
    /// How high a latency is, in eighths of a row.
    fn eighths(&self, millis: f64) -> usize {
        let height = match self.kind {
            RulerKind::Decades(_) if millis < 1.0 => millis,
            RulerKind::Decades(rows_each) => 1.0 + rows_each * millis.log10(),
            RulerKind::Even(per_row) => millis / per_row,
        };
        (height * 8.0).round() as usize
    }
}

/// The next length of a row that divides well.
fn nice(wanted: f64) -> f64 {
    let power = 10_f64.powf(wanted.log10().floor());
    NICE.iter().map(|step| step * power).find(|step| *step >= wanted).unwrap_or(power * 10.0)
}

/// A label of the linear scale in at most four columns: in milliseconds below a second, with as many
/// decimals as the rows need to differ.
fn tick(millis: f64, per_row: f64) -> String {
    if millis >= 1_000.0 {
        return format!("{:.1}s", millis / 1_000.0);
    }
    let is_whole = |decimals: &u8| {
        let scaled = per_row * 10_f64.powi(i32::from(*decimals));
        (scaled - scaled.round()).abs() < 1e-6
    };
    let text = format!("{millis:.*}", usize::from((0..3).find(is_whole).unwrap_or(3)));
    if text.len() > 4 { text.trim_start_matches('0').to_owned() } else { text }
}
