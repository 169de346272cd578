//! Stretches of time as text: latencies of milliseconds and outages of days.

use std::time::Duration;

/// A latency in three significant figures and at most six columns: `0.03ms`, `0.6ms`, `8.4ms`, `96ms`,
/// `412ms`, `1.4s`, `30s`.
pub fn latency(latency: Duration) -> String {
    match u64::try_from(latency.as_micros()).unwrap_or(u64::MAX) {
        0..5 => "<.01ms".to_owned(),
        micros @ 5..95 => format!("0.{:02}ms", (micros + 5) / 10),
        micros @ 95..9_950 => tenths((micros + 50) / 100, "ms"),
        micros @ 9_950..999_500 => format!("{}ms", (micros + 500) / 1_000),
        micros @ 999_500..9_950_000 => tenths((micros + 50_000) / 100_000, "s"),
        micros => format!("{}s", micros.saturating_add(500_000) / 1_000_000),
    }
}

fn tenths(tenths: u64, unit: &str) -> String {
    format!("{}.{}{unit}", tenths / 10, tenths % 10)
}

/// A duration in at most two units and at most five columns below 10,000 days: `18s`, `4m12s`, `41m`, `6h10m`,
/// `17h`, `3d04h`, `31d`. Rounded down.
pub fn short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        600..3_600 => format!("{}m", seconds / 60),
        36_000..86_400 => format!("{}h", seconds / 3_600),
        864_000.. => format!("{}d", seconds / 86_400),
        _ => full(duration),
    }
}

/// A duration in its two largest units, rounded down: `18s`, `4m12s`, `41m05s`, `12h03m`, `31d04h`.
pub fn full(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// A setting, exact to the millisecond and without empty parts: `250ms`, `1.5s`, `10s`, `1m30s`, `1h`.
pub fn period(duration: Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), duration.subsec_millis());
    let micros = duration.subsec_micros() % 1_000;
    if seconds == 0 {
        return match (millis, micros) {
            (0, 0) => "0s".to_owned(),
            (_, 0) => format!("{millis}ms"),
            (0, _) => format!("{micros}us"),
            _ => format!("{millis}ms {micros}us"),
        };
    }
    let parts = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m")];
    let mut text: String =
        parts.iter().filter(|(whole, _)| *whole > 0).map(|(whole, unit)| whole.to_string() + unit).collect();
    if millis > 0 {
        let fraction = format!("{millis:03}");
        text = format!("{text}{}.{}s", seconds % 60, fraction.trim_end_matches('0'));
    } else if !seconds.is_multiple_of(60) {
        text = format!("{text}{}s", seconds % 60);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_keep_three_figures_and_never_show_a_rounded_up_unit() {
        let cases = [
            (0, "<.01ms"),
            (30, "0.03ms"),
            (94, "0.09ms"),
            (95, "0.1ms"),
            (640, "0.6ms"),
            (8_400, "8.4ms"),
            (9_949, "9.9ms"),
            (9_950, "10ms"),
            (96_000, "96ms"),
            (412_000, "412ms"),
            (999_499, "999ms"),
            (999_500, "1.0s"),
            (1_449_000, "1.4s"),
            (9_950_000, "10s"),
            (30_000_000, "30s"),
        ];
        for (micros, text) in cases {
            assert_eq!(latency(Duration::from_micros(micros)), text, "{micros} µs");
        }
        assert!(latency(Duration::MAX).ends_with('s'));
    }

    #[test]
    fn a_short_duration_fits_the_column_and_a_full_one_keeps_both_units() {
        let cases = [
            (0, "0s", "0s"),
            (18, "18s", "18s"),
            (252, "4m12s", "4m12s"),
            (2_465, "41m", "41m05s"),
            (22_200, "6h10m", "6h10m"),
            (61_200, "17h", "17h00m"),
            (273_600, "3d04h", "3d04h"),
            (2_692_800, "31d", "31d04h"),
        ];
        for (seconds, narrow, wide) in cases {
            assert_eq!(
                (short(Duration::from_secs(seconds)), full(Duration::from_secs(seconds))),
                (narrow.into(), wide.into())
            );
        }
        for seconds in (0..40_000_000).step_by(997) {
            assert!(short(Duration::from_secs(seconds)).len() <= 5, "{seconds}");
        }
    }

    #[test]
    fn settings_are_exact() {
        let cases = [(0, "0s"), (250, "250ms"), (1_500, "1.5s"), (10_000, "10s"), (60_000, "1m"), (90_000, "1m30s")];
        for (millis, text) in cases {
            assert_eq!(period(Duration::from_millis(millis)), text);
        }
        assert_eq!(period(Duration::from_hours(25)), "1d1h");
    }
}
