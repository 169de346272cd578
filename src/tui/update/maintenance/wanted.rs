//! Which maintenance somebody writes down: from when until when, and what it is called.

use crate::domain::{Span, Wall, Zone, parse_moment, parse_moment_after};
use std::time::Duration;

/// How many words a moment has at most: `19 Nov 02:14`.
const WORDS_MAX: usize = 3;
/// The longest that can be declared at once.
const LENGTH_MAX: Duration = Duration::from_hours(366 * 24);

/// Reads `30m TITLE`, `until 04:00 TITLE` and `02:00 to 03:30 TITLE`; the first two begin now. Between two moments
/// nothing need stand, and `@` may stand in front of each. A clock alone is the last time that one showed it, but
/// as an end the first time after the start. Returns the span and the title.
pub fn read(text: &str, now: Wall, zone: Zone) -> Result<(Span, String), String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (span, title) = match words.split_first() {
        Some((&"until" | &"to", rest)) => end(rest, now, now, zone)?,
        _ => match length(&words) {
            Some((length, title)) => (Span { from: now, to: now + length }, title),
            None => between(&words, now, zone)?,
        },
    };
    if span.to == span.from {
        return Err("that takes no time at all: write 30m".to_owned());
    }
    if span.to < span.from {
        return Err("that span runs backwards: write where it begins, then where it ends".to_owned());
    }
    if span.length() > LENGTH_MAX {
        return Err("a maintenance takes a year at most".to_owned());
    }
    Ok((span, title.join(" ")))
}

/// A span and the words behind it.
type Read<'w> = (Span, &'w [&'w str]);

/// A length in front of the words, such as `1h 30m`.
fn length<'w>(words: &'w [&'w str]) -> Option<(Duration, &'w [&'w str])> {
    let part = |word: &&&str| word.starts_with(|c: char| c.is_ascii_digit()) && humantime::parse_duration(word).is_ok();
    let parts = words.iter().take_while(part).count();
    let (front, title) = words.split_at(parts);
    Some((humantime::parse_duration(&front.join(" ")).ok()?, title))
}

fn between<'w>(words: &'w [&'w str], now: Wall, zone: Zone) -> Result<Read<'w>, String> {
    let Some((from, rest)) = moment(words, |text| parse_moment(text, now, zone).ok()) else {
        let first = crate::domain::text::clean(words.first().unwrap_or(&""), 40);
        if !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("{first} of what? write {first}m or {first}h"));
        }
        return Err(format!("`{first}` is no time: write 30m, until 04:00 or 02:00 to 03:30"));
    };
    let rest = match rest.split_first() {
        Some((&"to" | &"until" | &"-", rest)) => rest,
        _ => rest,
    };
    end(rest, from, now, zone)
}

/// The span from a moment to the one in front of the words.
fn end<'w>(words: &'w [&'w str], from: Wall, now: Wall, zone: Zone) -> Result<Read<'w>, String> {
    let found = moment(words, |text| parse_moment_after(text, from, now, zone).ok());
    let (to, title) = found.ok_or("until when? write 02:00 to 03:30, or until 04:00")?;
    Ok((Span { from, to }, title))
}

/// Takes a moment off the front: the longest that the words make.
fn moment<'w>(words: &'w [&'w str], read: impl Fn(&str) -> Option<Wall>) -> Option<(Wall, &'w [&'w str])> {
    (1..=words.len().min(WORDS_MAX)).rev().find_map(|count| {
        let (front, rest) = words.split_at(count);
        Some((read(front.join(" ").trim_start_matches('@'))?, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Friday, 20 November 2026, 14:32:07 UTC.
    const NOW: Wall = Wall(1_795_185_127_000);

    fn told(text: &str) -> Result<String, String> {
        read(text, NOW, Zone::Utc).map(|(span, title)| {
            let end = Zone::Utc.nearby(span.to, span.from);
            format!("{} to {end} [{title}]", Zone::Utc.day_clock(span.from))
        })
    }

    #[test]
    fn a_maintenance_can_be_written_in_many_ways() {
        for (text, meant) in [
            ("30m", "20 Nov 14:32:07 to 15:02:07 []"),
            ("1h 30m  new  disks", "20 Nov 14:32:07 to 16:02:07 [new disks]"),
            ("30m 5 nodes", "20 Nov 14:32:07 to 15:02:07 [5 nodes]"),
            ("until 16:00 patches", "20 Nov 14:32:07 to 16:00:00 [patches]"),
            ("until 04:00", "20 Nov 14:32:07 to 21 Nov 04:00:00 []"),
            ("02:00 to 03:30 patches", "20 Nov 02:00:00 to 03:30:00 [patches]"),
            ("02:00 03:30", "20 Nov 02:00:00 to 03:30:00 []"),
            ("@02:00 @03:30 patches", "20 Nov 02:00:00 to 03:30:00 [patches]"),
            ("23:00 to 01:00", "19 Nov 23:00:00 to 20 Nov 01:00:00 []"),
            ("today 22:00 to 23:00 patches", "20 Nov 22:00:00 to 23:00:00 [patches]"),
            ("2026-11-22 23:00 to 01:00 patches", "22 Nov 23:00:00 to 23 Nov 01:00:00 [patches]"),
            ("yesterday 02:00 to yesterday 03:00", "19 Nov 02:00:00 to 03:00:00 []"),
            ("-2h to -1h patches", "20 Nov 12:32:07 to 13:32:07 [patches]"),
            ("19 Nov 02:14 to 03:00 patches", "19 Nov 02:14:00 to 03:00:00 [patches]"),
            ("-2h until now", "20 Nov 12:32:07 to 14:32:07 []"),
        ] {
            assert_eq!(told(text).as_deref(), Ok(meant), "{text}");
        }
    }

    #[test]
    fn what_is_no_maintenance_says_what_would_be() {
        for (text, says) in [
            ("soon", "`soon` is no time: write 30m"),
            ("", "is no time: write 30m"),
            ("30", "30 of what? write 30m or 30h"),
            ("30 minutes", "30 of what?"),
            ("0m", "no time at all"),
            ("400d", "a year at most"),
            ("02:00", "until when?"),
            ("until", "until when?"),
            ("until soon", "until when?"),
            ("-1h to -2h", "runs backwards"),
            ("until -5m", "runs backwards"),
            ("99999999999999999999d", "is no time"),
        ] {
            let error = told(text).expect_err(text);
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
