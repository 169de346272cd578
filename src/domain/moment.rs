//! Moments as people type them: a clock, a day, a date, or how long ago.

use super::{Wall, Zone};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime};

/// Why a text is no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    /// Nothing that is understood.
    #[error("`{0}` is no moment: write 02:14, yesterday 02:14, 2026-11-19 02:14, -2h, or RFC 3339")]
    Unknown(String),
    /// The clocks were set forward over it.
    #[error("no clock here ever showed {0}: they went forward over that hour")]
    LeftOut(String),
}

/// Ways to write a clock.
const CLOCKS: &[&str] = &["%H:%M:%S", "%H:%M"];
/// Ways to write a date with its year.
const DATES: &[&str] = &["%Y-%m-%d", "%d %b %Y"];

/// Reads a moment. Whatever names no offset of its own is meant in `zone`.
///
/// `now`; `-2h`, `-1d6h` and other durations before now; `02:14` and `02:14:05`, the last time that a clock
/// showed it; `today` and `yesterday`, alone for midnight or with a clock behind; `2026-11-19`, the same with
/// a clock behind a blank or a `T`; `19 Nov 02:14`, as the screen writes it, the last such day; RFC 3339.
pub fn parse_moment(text: &str, now: Wall, zone: Zone) -> Result<Wall, MomentError> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let unknown = || MomentError::Unknown(super::text::clean(text, 40));
    if words == "now" {
        return Ok(now);
    }
    if let Some(ago) = words.strip_prefix('-') {
        return humantime::parse_duration(ago.trim_start()).map(|ago| now - ago).map_err(|_| unknown());
    }
    if let Ok(exact) = DateTime::parse_from_rfc3339(&words) {
        return Ok(Wall(exact.timestamp_millis()));
    }
    let shown = zone.date_time(now);
    let meant = read(&words, shown).ok_or_else(unknown)?;
    zone.moment(meant).ok_or_else(|| MomentError::LeftOut(meant.to_string()))
}

/// Reads a moment like [`parse_moment`], but that a clock alone is the first time after `start` that one shows it.
pub fn parse_moment_after(text: &str, start: Wall, now: Wall, zone: Zone) -> Result<Wall, MomentError> {
    let Some(clock) = clock(text.trim()) else { return parse_moment(text, now, zone) };
    let begins = zone.date_time(start);
    let days = u64::from(clock <= begins.time());
    let shown = begins.date().checked_add_days(Days::new(days)).map(|day| day.and_time(clock));
    let meant = shown.ok_or_else(|| MomentError::Unknown(super::text::clean(text, 40)))?;
    zone.moment(meant).ok_or_else(|| MomentError::LeftOut(meant.to_string()))
}

/// What the calendar and the clock show at the moment that is meant.
fn read(words: &str, now: NaiveDateTime) -> Option<NaiveDateTime> {
    if let Some(clock) = clock(words) {
        let today = now.date().and_time(clock);
        return if today <= now {
            Some(today)
        } else {
            Some(now.date().checked_sub_days(Days::new(1))?.and_time(clock))
        };
    }
    if let Some(day) = day(words, now) {
        return Some(day.and_time(NaiveTime::MIN));
    }
    let (before, after) = words.rsplit_once([' ', 't'])?;
    Some(day(before, now)?.and_time(clock(after)?))
}

fn clock(word: &str) -> Option<NaiveTime> {
    CLOCKS.iter().find_map(|pattern| NaiveTime::parse_from_str(word, pattern).ok())
}

fn day(words: &str, now: NaiveDateTime) -> Option<NaiveDate> {
    match words {
        "today" => Some(now.date()),
        "yesterday" => now.date().checked_sub_days(Days::new(1)),
        _ => DATES.iter().find_map(|pattern| NaiveDate::parse_from_str(words, pattern).ok()).or_else(|| {
            let of = |year: i32| NaiveDate::parse_from_str(&format!("{words} {year}"), "%d %b %Y").ok();
            let year = chrono::Datelike::year(&now);
            of(year).filter(|day| *day <= now.date()).or_else(|| of(year - 1))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;

    /// Friday, 20 November 2026, 13:32:07 UTC.
    const NOW: Wall = Wall(1_795_181_527_000);

    fn paris() -> Zone {
        Zone::Fixed(FixedOffset::east_opt(3_600).expect("an offset"))
    }

    #[test]
    fn a_moment_can_be_written_in_many_ways() {
        for (text, meant) in [
            ("now", "2026-11-20T14:32:07+01:00"),
            ("-2h", "2026-11-20T12:32:07+01:00"),
            ("-1d6h", "2026-11-19T08:32:07+01:00"),
            ("02:14", "2026-11-20T02:14:00+01:00"),
            ("14:32:07", "2026-11-20T14:32:07+01:00"),
            ("14:33", "2026-11-19T14:33:00+01:00"),
            ("today", "2026-11-20T00:00:00+01:00"),
            ("  Yesterday   02:00 ", "2026-11-19T02:00:00+01:00"),
            ("2026-11-19", "2026-11-19T00:00:00+01:00"),
            ("2026-11-19 02:14", "2026-11-19T02:14:00+01:00"),
            ("2026-11-19T02:14:05", "2026-11-19T02:14:05+01:00"),
            ("2026-11-19T02:14:05Z", "2026-11-19T03:14:05+01:00"),
            ("2026-11-19 02:14:05-05:00", "2026-11-19T08:14:05+01:00"),
            ("19 Nov 02:14", "2026-11-19T02:14:00+01:00"),
            ("24 dec 18:00:01", "2025-12-24T18:00:01+01:00"),
            ("29 Feb 2024 12:00", "2024-02-29T12:00:00+01:00"),
        ] {
            let read = parse_moment(text, NOW, paris()).map(|at| paris().rfc3339(at));
            assert_eq!(read.as_deref(), Ok(meant), "{text}");
        }
    }

    #[test]
    fn a_clock_behind_another_moment_is_the_next_one() {
        for (text, meant) in [
            ("16:00", "2026-11-20T16:00:00+01:00"),
            ("14:32:07", "2026-11-21T14:32:07+01:00"),
            ("04:00", "2026-11-21T04:00:00+01:00"),
            ("2026-11-22 04:00", "2026-11-22T04:00:00+01:00"),
            ("now", "2026-11-20T14:32:07+01:00"),
        ] {
            let read = parse_moment_after(text, NOW, NOW, paris()).map(|at| paris().rfc3339(at));
            assert_eq!(read.as_deref(), Ok(meant), "{text}");
        }
        assert!(parse_moment_after("soon", NOW, NOW, paris()).is_err());
    }

    #[test]
    fn what_is_no_moment_says_what_would_be() {
        for text in ["", "-", "-2", "25:00", "tomorrow", "2026-13-01", "30 Feb 10:00", "02:14 yesterday", "99999999999"]
        {
            let error = parse_moment(text, NOW, Zone::Utc).expect_err(text);
            assert!(error.to_string().contains("write 02:14"), "{error}");
        }
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in
            ["-99999999999999999y", "-18446744073709551615s", "+262143-01-01 00:00", "\u{0}", "é é", "9999-12-31 23:59"]
        {
            let _ = parse_moment(text, Wall(i64::MIN), Zone::Local);
            let _ = parse_moment(text, Wall(i64::MAX), paris());
            let _ = parse_moment_after("23:59", Wall(i64::MAX), Wall(i64::MIN), paris());
        }
    }
}
