//! When maintenance is planned, for which targets: once, or every week by the clocks of a place.
//!
//! A weekly window begins when the clocks of its zone show its start, and lasts as long as it lasts: one that
//! begins at 23:00 and takes two hours goes on into the next day, and one of five hours is five hours long also
//! in the night in which the clocks change. Where clocks go forward over the start, it begins when they have;
//! where they go back, at the first of the two moments that they show.

use super::{Definition, Span, Wall, Zone};
use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};
use std::time::Duration;

/// A planned maintenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// What is being done; names it in the log and on the screen.
    pub title: String,
    /// For whom.
    pub scope: Scope,
    /// When.
    pub when: When,
}

/// Which targets a schedule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Everything,
    /// Those with one of these names or one of these tags.
    Some {
        /// Names as the configuration has them.
        targets: Vec<String>,
        /// Tags.
        tags: Vec<String>,
    },
}

/// When a schedule has its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// One time.
    Once(Span),
    /// Every week.
    Weekly(Weekly),
}

/// A time of every week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weekly {
    /// On which days it begins; each once, in any order.
    pub days: Vec<Weekday>,
    /// When on these days, by the clocks of the zone.
    pub start: NaiveTime,
    /// How long it lasts, whatever the clocks do; at most a week.
    pub length: Duration,
    /// Whose clocks.
    pub zone: Zone,
}

/// What began longer ago than this is over.
const WEEK: Duration = Duration::from_hours(7 * 24);

impl Schedule {
    /// Whether it is for this target.
    pub fn concerns(&self, definition: &Definition) -> bool {
        match &self.scope {
            Scope::Everything => true,
            Scope::Some { targets, tags } => {
                targets.contains(&definition.name) || tags.iter().any(|tag| definition.tags.contains(tag))
            }
        }
    }

    /// A target that it is for has another name now.
    pub fn rename_target(&mut self, old: &str, new: &str) {
        if let Scope::Some { targets, .. } = &mut self.scope {
            for name in targets.iter_mut().filter(|name| *name == old) {
                new.clone_into(name);
            }
        }
    }

    /// Whether it is for a target of this name because it lists it.
    pub fn names(&self, target: &str) -> bool {
        matches!(&self.scope, Scope::Some { targets, .. } if targets.iter().any(|name| name == target))
    }

    /// It is for a target of this name, too.
    pub fn name_target(&mut self, target: &str) {
        if let Scope::Some { targets, .. } = &mut self.scope {
            targets.push(target.to_owned());
        }
    }

    /// Targets are gone. One that was for nobody else is for nobody now, never for all.
    pub fn forget_targets(&mut self, gone: &[String]) {
        if let Scope::Some { targets, .. } = &mut self.scope {
            targets.retain(|name| !gone.contains(name));
        }
    }

    /// Its times that reach into a span, oldest first, each as a whole.
    pub fn times(&self, span: Span) -> Vec<Span> {
        match &self.when {
            When::Once(once) => once.overlap(span).map(|_| *once).into_iter().collect(),
            When::Weekly(weekly) => weekly.times(span),
        }
    }

    /// The first moment after this one at which a time of it begins or ends, if there is any.
    pub fn next_change(&self, after: Wall) -> Option<Wall> {
        let times = match &self.when {
            When::Once(once) => vec![*once],
            // Its clocks may leave a day out: within a fortnight there is another one.
            When::Weekly(weekly) => weekly.times(Span { from: after - WEEK, to: after + WEEK * 2 }),
        };
        times.into_iter().flat_map(|time| [time.from, time.to]).filter(|at| *at > after).min()
    }
}

impl Weekly {
    fn times(&self, span: Span) -> Vec<Span> {
        // A day more on both sides: a date is another one elsewhere.
        let first = self.zone.date(span.from - self.length).checked_sub_days(Days::new(1));
        let last = self.zone.date(span.to).checked_add_days(Days::new(1));
        let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
        let mut times: Vec<Span> = first
            .iter_days()
            .take_while(|day| *day <= last)
            .filter(|day| self.days.contains(&day.weekday()))
            .filter_map(|day| self.time_on(day))
            .filter(|time| time.overlap(span).is_some())
            .collect();
        times.dedup();
        times
    }

    fn time_on(&self, day: NaiveDate) -> Option<Span> {
        let from = self.zone.moment_from(day.and_time(self.start))?;
        Some(Span { from, to: from + self.length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Zone = Zone::Named(chrono_tz::Europe::Berlin);

    fn utc(text: &str) -> Wall {
        Wall(text.parse::<chrono::DateTime<chrono::Utc>>().expect("a moment").timestamp_millis())
    }

    fn weekly(days: &[Weekday], start: &str, hours: u64, zone: Zone) -> Weekly {
        let start = NaiveTime::parse_from_str(start, "%H:%M").expect("a time");
        Weekly { days: days.to_vec(), start, length: Duration::from_hours(hours), zone }
    }

    /// The times between two moments, in UTC.
    fn times(weekly: &Weekly, from: &str, to: &str) -> Vec<String> {
        let times = weekly.times(Span { from: utc(from), to: utc(to) });
        times.into_iter().map(|time| Zone::Utc.span(time, Wall(0))).collect()
    }

    #[test]
    fn every_week_means_the_same_time_by_the_clocks_of_the_place() {
        let patches = weekly(&[Weekday::Tue, Weekday::Thu], "23:30", 2, BERLIN);
        // Summer time ends on Sunday, 25 October 2026.
        assert_eq!(
            times(&patches, "2026-10-20T00:00:00Z", "2026-10-30T00:00:00Z"),
            [
                "20 Oct 21:30:00 to 23:30:00",
                "22 Oct 21:30:00 to 23:30:00",
                "27 Oct 22:30:00 to 28 Oct 00:30:00",
                "29 Oct 22:30:00 to 30 Oct 00:30:00",
            ]
        );
    }

    #[test]
    fn a_window_over_midnight_is_found_from_the_day_after() {
        let patches = weekly(&[Weekday::Fri], "23:00", 5, Zone::Utc);
        let friday = ["20 Nov 23:00 to 21 Nov 04:00"];
        assert_eq!(times(&patches, "2026-11-21T03:59:59Z", "2026-11-21T04:30:00Z"), friday);
        assert_eq!(times(&patches, "2026-11-20T22:00:00Z", "2026-11-20T23:00:01Z"), friday);
        assert!(times(&patches, "2026-11-21T04:00:00Z", "2026-11-27T23:00:00Z").is_empty());
    }

    #[test]
    fn a_start_that_the_clocks_leave_out_comes_when_they_have_gone_forward() {
        // On 29 March 2026 Berlin goes from 02:00 straight to 03:00, which is 01:00 UTC.
        let nightly = weekly(&[Weekday::Sun], "02:30", 1, BERLIN);
        assert_eq!(times(&nightly, "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z"), ["29 Mar 01:00:00 to 02:00:00"]);
        let around = weekly(&[Weekday::Sun], "00:30", 4, BERLIN);
        assert_eq!(times(&around, "2026-03-28T22:00:00Z", "2026-03-30T00:00:00Z"), ["28 Mar 23:30 to 29 Mar 03:30"]);
    }

    #[test]
    fn a_start_that_the_clocks_show_twice_is_the_first_of_the_two() {
        // On 25 October 2026 Berlin shows 02:00 to 03:00 twice, from 00:00 UTC and from 01:00 UTC.
        let nightly = weekly(&[Weekday::Sun], "02:30", 1, BERLIN);
        assert_eq!(times(&nightly, "2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z"), ["25 Oct 00:30:00 to 01:30:00"]);
    }

    #[test]
    fn a_place_far_from_ours_has_its_own_days() {
        let monday = weekly(&[Weekday::Mon], "00:15", 1, Zone::Named(chrono_tz::Pacific::Kiritimati));
        assert_eq!(times(&monday, "2026-11-15T00:00:00Z", "2026-11-16T00:00:00Z"), ["15 Nov 10:15:00 to 11:15:00"]);
        let lord_howe = weekly(&[Weekday::Sun], "02:15", 1, Zone::Named(chrono_tz::Australia::Lord_Howe));
        // Its clocks go forward by half an hour, at 02:00 on 4 October 2026 (15:30 UTC of the day before).
        assert_eq!(times(&lord_howe, "2026-10-03T00:00:00Z", "2026-10-04T12:00:00Z"), ["03 Oct 15:30:00 to 16:30:00"]);
    }

    #[test]
    fn the_next_change_is_a_beginning_or_an_end() {
        let when = When::Weekly(weekly(&[Weekday::Fri], "23:00", 5, Zone::Utc));
        let schedule = Schedule { title: String::new(), scope: Scope::Everything, when };
        assert_eq!(schedule.next_change(utc("2026-11-20T22:00:00Z")), Some(utc("2026-11-20T23:00:00Z")));
        assert_eq!(schedule.next_change(utc("2026-11-20T23:00:00Z")), Some(utc("2026-11-21T04:00:00Z")));
        assert_eq!(schedule.next_change(utc("2026-11-21T04:00:00Z")), Some(utc("2026-11-27T23:00:00Z")));
        let past = Span { from: Wall(0), to: Wall(10) };
        let once = Schedule { when: When::Once(past), ..schedule };
        assert_eq!(once.next_change(Wall(20)), None);
        let far = Wall(20) + WEEK * 9;
        let once = Schedule { when: When::Once(Span { from: far, to: far + WEEK }), ..once };
        assert_eq!(once.next_change(Wall(20)), Some(far), "however far away it is");
    }
}
