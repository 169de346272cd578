//! Recent checks, one column each: a bar on a scale that is the same for every target.

use super::Runs;
use crate::monitor::Mark;
use crate::tui::{glyphs::Glyphs, theme::Role};
use std::time::Duration;

/// The upper end of each bar but the highest, in microseconds. A fixed scale keeps rows comparable, and
/// a spike elsewhere redraws nothing.
const ENDS: [u128; 7] = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000];

/// The newest marks in `columns` columns, the newest at the right; blank where no check has run yet.
pub fn spark(marks: &[Mark], columns: usize, glyphs: &Glyphs) -> Runs {
    let shown = &marks[marks.len().saturating_sub(columns)..];
    let mut runs = Runs::default().with(" ".repeat(columns - shown.len()), Role::Text);
    for mark in shown {
        match mark {
            Mark::Open(latency) => runs.add(glyphs.bars[level(*latency)], Role::Bar),
            Mark::Failed(_) => runs.add(glyphs.failed, Role::Failed),
            Mark::Inconclusive => runs.add(glyphs.inconclusive, Role::Muted),
            Mark::Gap => runs.add(glyphs.gap, Role::Muted),
        }
    }
    runs
}

fn level(latency: Duration) -> usize {
    ENDS.iter().position(|end| latency.as_micros() <= *end).unwrap_or(ENDS.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;
    use crate::tui::glyphs::Charset;

    fn marks(millis: &[u64]) -> Vec<Mark> {
        millis.iter().map(|ms| Mark::Open(Duration::from_millis(*ms))).collect()
    }

    #[test]
    fn each_step_of_the_scale_has_its_bar() {
        let scale = marks(&[1, 3, 10, 30, 100, 300, 1_000, 1_001]);
        assert_eq!(spark(&scale, 8, Charset::Unicode.glyphs()).plain(), "▁▂▃▄▅▆▇█");
        assert_eq!(spark(&scale, 8, Charset::Ascii.glyphs()).plain(), "_.--==##");
    }

    #[test]
    fn a_failure_and_a_missing_check_are_never_an_empty_bar() {
        let mut marks = marks(&[0, 2]);
        marks.extend([Mark::Failed(Reason::Refused), Mark::Gap, Mark::Inconclusive]);
        let runs = spark(&marks, 7, Charset::Unicode.glyphs());
        assert_eq!(runs.plain(), "  ▁▂×·?");
        let roles: Vec<Role> = runs.0.iter().map(|run| run.role).collect();
        assert_eq!(roles, [Role::Text, Role::Bar, Role::Failed, Role::Muted]);
        assert_eq!(spark(&marks, 3, Charset::Ascii.glyphs()).plain(), "x ?");
    }
}
