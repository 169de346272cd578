//! How much of its time a running check has used.

use std::time::Duration;

/// The bar's cells; they stand for the time that the check may take.
const CELLS: usize = 22;

/// `[######................]`, in ASCII everywhere: it is about the end of the bar, not its beauty.
pub fn progress(passed: Duration, allowed: Duration) -> String {
    let share = if allowed.is_zero() { 1.0 } else { passed.as_secs_f64() / allowed.as_secs_f64() };
    let done = ((share * CELLS as f64) as usize).min(CELLS);
    format!("[{}{}]", "#".repeat(done), ".".repeat(CELLS - done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills_and_never_overflows() {
        let bar = |millis| progress(Duration::from_millis(millis), Duration::from_secs(3));
        assert_eq!(bar(0), "[......................]");
        assert_eq!(bar(1_400), "[##########............]");
        assert_eq!(bar(9_000), "[######################]");
        assert_eq!(progress(Duration::ZERO, Duration::ZERO), bar(3_000));
    }
}
