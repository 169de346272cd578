//! Counts and shares as text, none of them rounded into something that is not true.

use crate::window::Uptime;

/// Coverage below this is told beside an uptime.
const COVERAGE_TOLD: f64 = 0.99;

/// A count in groups of three: `360`, `8 640`, `267 840`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 check`, `8 640 checks`.
pub fn plural(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A share of a whole in percent with one decimal: `4.4%`; `<0.1%` for something that is not nothing and
/// `>99.9%` for something that is not everything.
pub fn share(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0%".to_owned();
    }
    if part >= whole {
        return "100%".to_owned();
    }
    let tenths = (part as f64 / whole as f64 * 1_000.0).round() as u64;
    match tenths {
        0 => "<0.1%".to_owned(),
        1000.. => ">99.9%".to_owned(),
        _ => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}

/// An uptime in percent, at most six columns: `99.31`, `100.00`, `<100` where there was any outage that
/// rounding would hide, `-` without observation, and with `~` in front where part of the time was not seen.
pub fn uptime(uptime: &Uptime) -> String {
    let Some(share) = uptime.share() else { return "-".to_owned() };
    let partial = coverage(uptime).is_some();
    let rounds_to_all = share * 100.0 >= 99.995;
    match (rounds_to_all, uptime.down.is_zero(), partial) {
        (true, false, false) => "<100".to_owned(),
        (true, false, true) => "~<100".to_owned(),
        (true, true, true) => "~100.0".to_owned(),
        (_, _, true) => format!("~{:.2}", share * 100.0),
        (_, _, false) => format!("{:.2}", share * 100.0),
    }
}

/// An uptime where there is room for words: `99.31%`, or `no data` without observation.
pub fn uptime_in_words(uptime: &Uptime) -> String {
    match uptime.share() {
        Some(_) => format!("{}%", self::uptime(uptime)),
        None => "no data".to_owned(),
    }
}

/// The share of the time that was seen in whole percent, rounded down, where it is small enough to be told.
pub fn coverage(uptime: &Uptime) -> Option<u8> {
    uptime.coverage().filter(|coverage| *coverage < COVERAGE_TOLD).map(|coverage| (coverage * 100.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn counts_are_grouped() {
        assert_eq!([0, 999, 1_000, 267_840].map(count), ["0", "999", "1 000", "267 840"]);
        assert_eq!((plural(1, "check"), plural(8_640, "check")), ("1 check".into(), "8 640 checks".into()));
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing_or_to_everything() {
        assert_eq!([share(16, 360), share(0, 360), share(1, 100_000)], ["4.4%", "0%", "<0.1%"]);
        assert_eq!([share(99_999, 100_000), share(7, 7), share(0, 0)], [">99.9%", "100%", "0%"]);
    }

    #[test]
    fn an_uptime_never_rounds_up_to_a_hundred_and_says_when_it_saw_only_a_part() {
        let day = |down: u64, seen: u64| Uptime {
            up: Duration::from_secs(seen - down),
            down: Duration::from_secs(down),
            expected: Duration::from_hours(24),
            blips: 0,
        };
        let cases = [
            (day(0, 86_400), "100.00"),
            (day(1, 86_400), "<100"),
            (day(600, 86_400), "99.31"),
            (day(0, 40_000), "~100.0"),
            (day(1, 40_000), "~<100"),
            (day(400, 40_000), "~99.00"),
            (day(86_400, 86_400), "0.00"),
            (day(0, 0), "-"),
        ];
        for (value, text) in cases {
            assert_eq!(uptime(&value), text);
            assert!(text.len() <= 6);
        }
        assert_eq!(coverage(&day(0, 43_200)), Some(50));
        assert_eq!([day(600, 86_400), day(0, 0)].map(|value| uptime_in_words(&value)), ["99.31%", "no data"]);
    }
}
