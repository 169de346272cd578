//! Latency over time as columns of blocks, with failures on the axis where they cannot be read as 0 ms.

use super::Runs;
use crate::domain::Span;
use crate::engine::query::Column;
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
    /// How high a latency is.
    pub scale: Scale,
    /// In which zone the axis reads.
    pub zone: Zone,
}

/// What stands in one column of the plot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bar {
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
                for bar in bars.iter().take(self.width) {
                    let (glyph, role) = cell(*bar, row, rows, &ruler, glyphs);
                    runs.add(glyph, role);
                }
                runs
            })
            .collect();
        let axis = glyphs.horizontal.repeat(self.width);
        drawn.push(Runs::default().with(format!("    {}{axis}", glyphs.bottom_left), Role::Muted));
        drawn.push(Runs::default().with(format!("     {}", self.clock(self.width)), Role::Muted));
        drawn
    }

    /// The columns, those between two rare checks filled from the check before them.
    fn bars(&self) -> Vec<Option<Bar>> {
        let mut held = (None, 0);
        let fill = |column: &Column| {
            if column.open + column.failed > 0 {
                let millis = |time: Duration| (column.open > 0).then_some(time.as_secs_f64() * 1_000.0);
                let stands_out = column.max.as_secs_f64() > PEAK_LEAST * column.median.as_secs_f64();
                let peak = millis(column.max).filter(|_| stands_out);
                held = (Some(Bar { millis: millis(column.median), peak, failed: column.failed > 0 }), self.reach);
            } else if column.inconclusive > 0 {
                held = (None, 0);
            }
            let shown = if held.1 > 0 { held.0 } else { None };
            held.0 = held.0.map(|bar| Bar { peak: None, ..bar });
            held.1 = held.1.saturating_sub(1);
            shown
        };
        self.columns.iter().map(fill).collect()
    }

    fn ruler(&self, rows: usize, bars: &[Option<Bar>]) -> Option<Ruler> {
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
                let highest = bars.iter().flatten().filter_map(|bar| bar.millis).fold(0.1, f64::max);
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

    /// Absolute times under the plot: a quarter apart where there is room, at both ends in any case.
    fn clock(&self, columns: usize) -> String {
        let quarters: &[usize] = if columns >= 48 { &[0, 1, 2, 3, 4] } else { &[0, 4] };
        let length = self.span.length();
        let days = length >= Duration::from_hours(20);
        let mut line = String::new();
        for quarter in quarters {
            let at = self.span.from + length * u32::try_from(*quarter).unwrap_or_default() / 4;
            let label = match (quarter, days) {
                (0, true) => self.zone.day_minute(at),
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
fn cell(bar: Option<Bar>, row: usize, rows: usize, ruler: &Ruler, glyphs: &Glyphs) -> (&'static str, Role) {
    let Some(bar) = bar else {
        return if row == 0 { (glyphs.gap, Role::Muted) } else { (" ", Role::Text) };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Wall;
    use crate::tui::glyphs::Charset;

    /// A column for each number: its latency in ms; -1 failed, -2 both, nothing at all for 0.
    fn columns(values: &[f64]) -> Vec<Column> {
        let column = |value: &f64| {
            let median = Duration::from_secs_f64(value.abs() / 1_000.0);
            match *value {
                -1.0 => Column { failed: 1, ..Column::default() },
                -2.0 => Column { failed: 1, open: 1, median, ..Column::default() },
                0.0 => Column::default(),
                _ => Column { open: 1, min: median, median, max: median, ..Column::default() },
            }
        };
        values.iter().map(column).collect()
    }

    fn picture(values: &[f64], reach: usize, scale: Scale, lines: usize, glyphs: &Glyphs) -> Vec<String> {
        let columns = columns(values);
        // Noon to one o'clock.
        let span = Span { from: Wall(43_200_000), to: Wall(46_800_000) };
        let chart = Chart { columns: &columns, width: columns.len(), span, reach, scale, zone: Zone::Utc };
        chart.draw(lines, glyphs).iter().map(|runs| runs.plain().trim_end().to_owned()).collect()
    }

    #[test]
    fn the_logarithmic_scale_has_a_row_for_each_half_decade() {
        let values = [0.5, 1.0, 3.2, 10.0, 31.6, 100.0, 316.0, 1_000.0, 9_000.0, -1.0, -2.0, 0.0];
        assert_eq!(
            picture(&values, 1, Scale::Logarithmic, 9, Charset::Unicode.glyphs()),
            [
                "  1s┤       ██",
                " 300┤      ███",
                " 100┤     ████",
                "  30┤    █████",
                "  10┤   ██████",
                "   3┤  ███████ ▅",
                " 1ms┤▄████████××·",
                "    └────────────",
                "     12:00  13:00",
            ]
        );
    }

    #[test]
    fn a_tall_chart_labels_only_the_steps_and_a_low_one_only_the_decades() {
        let tall = picture(&[4.2], 1, Scale::Logarithmic, 15, Charset::Unicode.glyphs());
        assert_eq!(tall.len(), 15);
        assert_eq!(tall[8..13], ["  10┤", "    ┤▄", "   3┤█", "    ┤█", " 1ms┤█"].map(str::to_owned));
        let low = picture(&[100.0], 1, Scale::Logarithmic, 6, Charset::Unicode.glyphs());
        assert_eq!(low[..4], ["  1s┤", " 100┤█", "  10┤█", " 1ms┤█"].map(str::to_owned));
        assert!(picture(&[100.0], 1, Scale::Logarithmic, 4, Charset::Unicode.glyphs()).is_empty());
    }

    #[test]
    fn the_linear_scale_ends_just_above_the_highest_column() {
        let chart = picture(&[60.0, 210.0, 412.0], 1, Scale::Linear, 9, Charset::Ascii.glyphs());
        let expected = [
            " 420|  =",
            " 360|  #",
            " 300|  #",
            " 240| .#",
            " 180| ##",
            " 120| ##",
            "  60|###",
            "    +---",
            "     12:00",
        ];
        assert_eq!(chart, expected);
    }

    #[test]
    fn labels_of_the_linear_scale_are_as_fine_as_its_rows() {
        let labels = |millis: f64| {
            let drawn = picture(&[millis], 1, Scale::Linear, 5, Charset::Unicode.glyphs());
            drawn[..3].iter().map(|line| line.split('┤').next().unwrap_or_default().trim().to_owned()).collect()
        };
        let cases = [(0.02, ["0.12", "0.08", "0.04"]), (0.4, ["0.45", "0.30", "0.15"]), (4.0, ["4.5", "3.0", "1.5"])];
        for (millis, expected) in cases {
            let drawn: Vec<String> = labels(millis);
            assert_eq!(drawn, expected, "{millis} ms");
        }
        assert_eq!(labels(2_900.0), ["3.0s", "2.0s", "1.0s"]);
    }

    #[test]
    fn columns_between_rare_checks_are_no_gap_but_longer_silence_is() {
        let chart =
            picture(&[1.0, 0.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0], 2, Scale::Logarithmic, 9, Charset::Unicode.glyphs());
        assert_eq!(chart[6], " 1ms┤████··××");
    }

    #[test]
    fn a_check_that_stands_out_of_its_column_is_marked_above_the_bar() {
        let mut columns = columns(&[5.0, 5.0, 5.0, 5.0]);
        for (column, slowest) in columns.iter_mut().zip([6, 9, 40, 3_000]) {
            column.max = Duration::from_millis(slowest);
        }
        let span = Span { from: Wall(43_200_000), to: Wall(46_800_000) };
        let chart = Chart { columns: &columns, width: 4, span, reach: 3, scale: Scale::Logarithmic, zone: Zone::Utc };
        let drawn: Vec<String> = chart.draw(9, Charset::Unicode.glyphs()).iter().map(Runs::plain).collect();
        let expected = ["  1s┤   '", " 300┤    ", " 100┤  ' ", "  30┤    ", "  10┤▃▃▃▃", "   3┤████", " 1ms┤████"];
        assert_eq!(drawn[..7], expected.map(str::to_owned));
    }

    #[test]
    fn the_clock_is_absolute_and_stays_inside_the_plot() {
        let wide = picture(&[1.0; 72], 1, Scale::Logarithmic, 9, Charset::Unicode.glyphs());
        assert_eq!(wide[8], "     12:00           12:15             12:30             12:45          13:00");
        assert_eq!(wide[8].len(), GUTTER + 72);
    }
}
