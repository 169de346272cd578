//! Durations as programs in Go write them: `30s`, `1m30s`, `1.5h`; Prometheus adds days, weeks and years.

use std::time::Duration;

const UNITS: [(&str, f64); 11] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("μs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3_600.0),
    ("d", 86_400.0),
    ("w", 604_800.0),
    ("y", 31_536_000.0),
];

/// The duration, or `None` if it is none.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let part = seconds(number.parse::<f64>().ok()? * length)?;
        sum = sum.checked_add(part)?;
        rest = tail;
    }
    Some(sum)
}

/// So many seconds, exact to the microsecond; `None` for what is no length of time.
pub(super) fn seconds(count: f64) -> Option<Duration> {
    let exact = Duration::try_from_secs_f64(count).ok()?;
    let micros = u64::try_from((exact.as_nanos() + 500) / 1_000).ok()?;
    Some(Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_nonsense_is_none() {
        for (text, millis) in
            [("30s", 30_000), ("1m30s", 90_000), ("1.5h", 5_400_000), ("300ms", 300), ("1d", 86_400_000)]
        {
            assert_eq!(duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "30", "s", "-5s", "1x", "1..5s", "99999999999999999999y", "1 s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
