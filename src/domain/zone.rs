//! Moments as text: absolute, and always in a zone that is named.

use super::{Span, Wall};
use chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, Offset, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use std::time::Duration;

/// The ends of a span that is longer than this are told to the minute.
const SECONDS_MATTER: Duration = Duration::from_hours(3);

/// In which zone moments are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// That of this machine, summer time included.
    #[default]
    Local,
    /// Coordinated Universal Time.
    Utc,
    /// A fixed offset from it.
    Fixed(FixedOffset),
    /// A place of the IANA time zone database, summer time included.
    Named(Tz),
}

/// The clocks of no zone leave out more than this.
const LEFT_OUT_MAX: TimeDelta = TimeDelta::hours(26);

impl Zone {
    /// `14:32:07`.
    pub fn clock(self, at: Wall) -> String {
        self.format(at, "%H:%M:%S")
    }

    /// `14:32`, as on an axis.
    pub fn minute(self, at: Wall) -> String {
        self.format(at, "%H:%M")
    }

    /// `20 Nov 14:27`.
    pub fn day_minute(self, at: Wall) -> String {
        self.format(at, "%d %b %H:%M")
    }

    /// `20 Nov 14:27:55`.
    pub fn day_clock(self, at: Wall) -> String {
        self.format(at, "%d %b %H:%M:%S")
    }

    /// `2026-11-20 14:27:55`.
    pub fn date_clock(self, at: Wall) -> String {
        self.format(at, "%Y-%m-%d %H:%M:%S")
    }

    /// `Fri 20 Nov 14:32:07`.
    pub fn weekday_clock(self, at: Wall) -> String {
        self.format(at, "%a %d %b %H:%M:%S")
    }

    /// The clock alone for a moment on the same day as `day`, else with the day in front of it.
    pub fn nearby(self, at: Wall, day: Wall) -> String {
        if self.same_day(at, day) { self.clock(at) } else { self.day_clock(at) }
    }

    /// `2026-11-20T14:27:55+01:00`, as RFC 3339 has it.
    pub fn rfc3339(self, at: Wall) -> String {
        self.at(at).to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// `2026-11-20T14:27:55.042+01:00`, the same with milliseconds.
    pub fn rfc3339_millis(self, at: Wall) -> String {
        self.at(at).to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// `20 Nov`.
    pub fn day(self, at: Wall) -> String {
        self.format(at, "%d %b")
    }

    /// `13:32:07 to 13:40:00`, with the days where they are others than that of `now`, and without seconds
    /// for a long one.
    pub fn span(self, span: Span, now: Wall) -> String {
        let time = |at| if span.length() < SECONDS_MATTER { self.clock(at) } else { self.minute(at) };
        let moment = |at, day| {
            if self.same_day(at, day) { time(at) } else { format!("{} {}", self.day(at), time(at)) }
        };
        format!("{} to {}", moment(span.from, now), moment(span.to, span.from))
    }

    /// Whether both moments fall on one day of this zone.
    pub fn same_day(self, one: Wall, other: Wall) -> bool {
        self.format(one, "%F") == self.format(other, "%F")
    }

    /// How the zone is called at a moment: `UTC`, `UTC+1`, `UTC-3:30`. Abbreviations such as CST mean several
    /// zones, an offset means one.
    pub fn name(self, at: Wall) -> String {
        let seconds = self.at(at).offset().fix().local_minus_utc();
        if seconds == 0 {
            return "UTC".to_owned();
        }
        let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs() / 60);
        match minutes % 60 {
            0 => format!("UTC{sign}{}", minutes / 60),
            rest => format!("UTC{sign}{}:{rest:02}", minutes / 60),
        }
    }

    fn format(self, at: Wall, pattern: &str) -> String {
        self.at(at).format(pattern).to_string()
    }

    /// How far its clocks are ahead of UTC at a moment, in milliseconds.
    pub fn ahead(self, at: Wall) -> i64 {
        i64::from(self.at(at).offset().fix().local_minus_utc()) * 1_000
    }

    /// What a calendar and a clock of this zone show.
    pub(super) fn date_time(self, at: Wall) -> NaiveDateTime {
        self.at(at).naive_local()
    }

    /// The moment at which a calendar and a clock of this zone show this: the earlier one in the hour that
    /// comes twice when the clocks go back, `None` in the one that is left out when they go forward.
    pub(super) fn moment(self, shown: NaiveDateTime) -> Option<Wall> {
        let found = match self {
            Self::Local => Local.from_local_datetime(&shown).earliest()?.fixed_offset(),
            Self::Utc => shown.and_utc().fixed_offset(),
            Self::Fixed(offset) => shown.and_local_timezone(offset).earliest()?,
            Self::Named(zone) => zone.from_local_datetime(&shown).earliest()?.fixed_offset(),
        };
        Some(Wall(found.timestamp_millis()))
    }

    /// The date that a calendar of this zone shows.
    pub(super) fn date(self, at: Wall) -> NaiveDate {
        self.date_time(at).date()
    }

    /// The moment at which a calendar and a clock of this zone show this or, where the clocks leave it out, the
    /// first moment after what they leave out.
    pub fn moment_from(self, shown: NaiveDateTime) -> Option<Wall> {
        if let Some(moment) = self.moment(shown) {
            return Some(moment);
        }
        let (mut left_out, mut shows) = (shown, shown.checked_add_signed(LEFT_OUT_MAX)?);
        while shows - left_out > TimeDelta::seconds(1) {
            let middle = left_out + (shows - left_out) / 2;
            if self.moment(middle).is_some() { shows = middle } else { left_out = middle }
        }
        let found = self.moment(shows)?;
        // Clocks change at whole seconds.
        Some(Wall(found.0.div_euclid(1_000) * 1_000))
    }

    /// The moment in this zone; one outside of what a calendar can hold becomes 1970.
    fn at(self, at: Wall) -> DateTime<FixedOffset> {
        let moment = DateTime::<Utc>::from_timestamp_millis(at.0).unwrap_or_default();
        match self {
            Self::Local => Local.from_utc_datetime(&moment.naive_utc()).fixed_offset(),
            Self::Utc => moment.fixed_offset(),
            Self::Fixed(offset) => moment.with_timezone(&offset),
            Self::Named(zone) => moment.with_timezone(&zone).fixed_offset(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Friday, 20 November 2026, 13:32:07 UTC.
    const NOON: Wall = Wall(1_795_181_527_000);

    #[test]
    fn moments_are_absolute_in_the_zone_that_was_asked_for() {
        let paris = Zone::Fixed(FixedOffset::east_opt(3_600).expect("an offset"));
        assert_eq!(paris.weekday_clock(NOON), "Fri 20 Nov 14:32:07");
        assert_eq!(Zone::Utc.date_clock(NOON), "2026-11-20 13:32:07");
        assert_eq!((paris.minute(NOON), paris.name(NOON)), ("14:32".into(), "UTC+1".into()));
        assert_eq!(Zone::Utc.name(NOON), "UTC");
        assert_eq!(paris.rfc3339(NOON), "2026-11-20T14:32:07+01:00");
        assert_eq!(Zone::Utc.rfc3339(NOON), "2026-11-20T13:32:07Z");
        let newfoundland = Zone::Fixed(FixedOffset::west_opt(12_600).expect("an offset"));
        assert_eq!(newfoundland.name(NOON), "UTC-3:30");
    }

    #[test]
    fn the_day_is_told_only_where_it_is_another() {
        assert_eq!(Zone::Utc.nearby(NOON, NOON), "13:32:07");
        assert_eq!(Zone::Utc.nearby(Wall(NOON.0 - 86_400_000), NOON), "19 Nov 13:32:07");
    }

    #[test]
    fn a_span_names_only_the_days_that_are_not_todays() {
        let span = |from: i64, to: i64| Span { from: Wall(NOON.0 + from * 60_000), to: Wall(NOON.0 + to * 60_000) };
        assert_eq!(Zone::Utc.span(span(-60, -1), NOON), "12:32:07 to 13:31:07");
        assert_eq!(Zone::Utc.span(span(-1_440, -1_400), NOON), "19 Nov 13:32:07 to 14:12:07");
        assert_eq!(Zone::Utc.span(span(-1_440, -60), NOON), "19 Nov 13:32 to 20 Nov 12:32");
    }

    #[test]
    fn a_moment_that_no_calendar_holds_is_no_panic() {
        assert_eq!(Zone::Utc.clock(Wall(i64::MAX)), "00:00:00");
        assert!(!Zone::Local.clock(Wall(i64::MIN)).is_empty());
    }
}
