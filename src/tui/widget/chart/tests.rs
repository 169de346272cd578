//! Charts as pictures.

use super::*;
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

/// From noon to one o'clock.
fn chart(columns: &[Column]) -> Chart<'_> {
    Chart {
        columns,
        width: columns.len(),
        span: Span { from: Wall(43_200_000), to: Wall(46_800_000) },
        reach: 1,
        unseen: &[],
        remarks: &[],
        maintenance: &[],
        scale: Scale::Logarithmic,
        pointer: None,
        zone: Zone::Utc,
    }
}

fn picture(values: &[f64], reach: usize, scale: Scale, lines: usize, glyphs: &Glyphs) -> Vec<String> {
    let columns = columns(values);
    let chart = Chart { width: columns.len(), reach, scale, ..chart(&columns) };
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
    let expected =
        [" 420|  =", " 360|  #", " 300|  #", " 240| .#", " 180| ##", " 120| ##", "  60|###", "    +---", "     12:00"];
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
    let chart = Chart { reach: 3, ..chart(&columns) };
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
