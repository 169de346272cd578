//! Durations as people write them: a number and its unit.

use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Units that a duration is written in, largest first, with their length in nanoseconds.
const UNITS: [(&str, u128); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Why a text is no usable duration; the message says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Not a number with a unit.
    #[error("write a number with its unit, such as \"500ms\", \"10s\" or \"1m\"")]
    Unreadable,
    /// A duration, but too short or too long here.
    #[error("write {} to {}", text(*.0.start()), text(*.0.end()))]
    OutOfRange(RangeInclusive<Duration>),
}

/// Reads `10s`, `1m30s`, `500ms` and the like.
///
/// # Errors
/// When it is no duration, or outside of `range`.
pub fn parse(text: &str, range: &RangeInclusive<Duration>) -> Result<Duration, DurationError> {
    let duration = humantime::parse_duration(text).map_err(|error| match error {
        humantime::DurationError::NumberOverflow => DurationError::OutOfRange(range.clone()),
        _ => DurationError::Unreadable,
    })?;
    if range.contains(&duration) { Ok(duration) } else { Err(DurationError::OutOfRange(range.clone())) }
}

/// Writes a duration so that [`parse`] reads the same one: `1m`, `1m30s`, `500ms`.
pub fn text(duration: Duration) -> String {
    let mut rest = duration.as_nanos();
    let mut out = String::new();
    for (unit, length) in UNITS {
        let count = rest / length;
        if count > 0 {
            let _ = write!(out, "{count}{unit}");
            rest %= length;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for (duration, written) in [
            (Duration::from_mins(1), "1m"),
            (Duration::from_secs(90), "1m30s"),
            (Duration::from_millis(1_500), "1s500ms"),
            (Duration::from_hours(744), "31d"),
            (Duration::from_micros(250), "250us"),
            (Duration::from_nanos(1_000_000_001), "1s1ns"),
        ] {
            assert_eq!(text(duration), written);
            assert_eq!(parse(written, &(Duration::ZERO..=Duration::MAX)), Ok(duration));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_to_write() {
        let range = Duration::from_secs(1)..=Duration::from_hours(24);
        for (written, say) in [
            ("", "with its unit"),
            ("10", "with its unit"),
            ("-5s", "with its unit"),
            ("nan", "with its unit"),
            ("5 parsecs", "with its unit"),
            ("0s", "write 1s to 1d"),
            ("1000000000000s", "write 1s to 1d"),
            ("99999999999999999999s", "write 1s to 1d"),
            ("500ms", "write 1s to 1d"),
        ] {
            let got = parse(written, &range).map_err(|error| error.to_string());
            assert!(got.as_ref().is_err_and(|error| error.contains(say)), "{written:?} gave {got:?}");
        }
    }
}
