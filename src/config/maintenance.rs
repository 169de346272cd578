//! Reads planned maintenance: the tables `[[maintenance]]`.

use super::reader::Reader;
use super::value::{self, Wrong, find, nearest};
use super::{NAME_MAX, duration};
use crate::domain::maintenance::TITLE_MAX;
use crate::domain::schedule::{Scope, Weekly, When};
use crate::domain::text::clean;
use crate::domain::{Schedule, Span, Wall, Zone};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::{TZ_VARIANTS, Tz};
use std::collections::HashSet;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// How many tables there may be.
const WINDOWS_MAX: usize = 1_000;
/// How many names or tags one of them may list.
const LISTED_MAX: usize = 1_000;
/// How long a weekly one may last.
const LENGTH: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(7 * 24);
/// How long one that comes once may last: as long as one that is declared from the keyboard.
const ONCE_MAX: Duration = Duration::from_hours(366 * 24);
/// From 1970 to 9998: what any calendar can tell.
const MOMENTS: Range<i64> = 0..253_370_764_800_000;
/// For how many unknown names the nearest known one is looked for.
const HINTS_MAX: usize = 20;

const KEYS: [&str; 9] = ["title", "targets", "tags", "days", "start", "length", "from", "to", "zone"];
const WEEKLY: [(&str, &str); 3] =
    [("days", "days = [\"mon-fri\"]"), ("start", "start = \"23:30\""), ("length", "length = \"90m\"")];
const ONCE: [(&str, &str); 2] = [("from", "from = \"2026-12-01 22:00\""), ("to", "to = \"2026-12-02 02:00\"")];
const BOTH_WAYS: &str = "write days, start and length for one of every week, or from and to for one that comes once";

/// The word for the zone of this machine.
pub(super) const LOCAL: &str = "local";
/// How a clock may be written.
const CLOCKS: [&str; 2] = ["%H:%M", "%H:%M:%S"];
/// How a date with a clock may be written.
const DATES: [&str; 4] = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];

/// Reads what stands under `maintenance`. `names` are those of all targets, if these could be read.
pub(super) fn read(
    reader: &mut Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    names: Option<&HashSet<&str>>,
) -> Vec<Schedule> {
    let Some(list) = value.get_ref().as_array() else {
        let hint = "write [[maintenance]] with double brackets above each";
        reader.refuse(value.span(), Wrong::new("maintenance is a list", hint));
        return Vec::new();
    };
    if let Some(excess) = list.get(WINDOWS_MAX) {
        let what = format!("{} times of maintenance are too many", list.len());
        reader.refuse(excess.span(), Wrong::new(what, format!("at most {WINDOWS_MAX}")));
        return Vec::new();
    }
    let mut names = Names { known: names, unknown: 0 };
    let read_one = |entry| {
        let table = reader.table(entry, "[maintenance]")?;
        read_one(reader, entry, table, &mut names)
    };
    list.iter().filter_map(read_one).collect()
}

fn read_one(
    reader: &mut Reader<'_>,
    entry: &Spanned<DeValue<'_>>,
    table: &DeTable<'_>,
    names: &mut Names<'_>,
) -> Option<Schedule> {
    let (mut title, mut zone) = (String::new(), Zone::Local);
    let (mut targets, mut tags) = (None, None);
    for (key, value) in table {
        let inner = value.get_ref();
        match key.get_ref().as_ref() {
            "title" => reader.set(&mut title, value, value::text(inner, TITLE_MAX)),
            "zone" => reader.set(&mut zone, value, read_zone(inner)),
            "targets" => targets = Some(read_targets(reader, value, names)),
            "tags" => tags = Some(read_tags(reader, value)),
            name if KEYS.contains(&name) => {}
            _ => reader.unknown(key, "[[maintenance]]", &KEYS),
        }
    }
    let scope = match (targets, tags) {
        (None, None) => Scope::Everything,
        (targets, tags) => Scope::Some { targets: targets.unwrap_or_default(), tags: tags.unwrap_or_default() },
    };
    let when = read_when(reader, entry, table, zone)?;
    Some(Schedule { title, scope, when })
}

/// The names that can be listed.
struct Names<'n> {
    known: Option<&'n HashSet<&'n str>>,
    /// How many were met that cannot.
    unknown: usize,
}

fn read_targets(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>, names: &mut Names<'_>) -> Vec<String> {
    let mut targets: Vec<String> = Vec::new();
    let mut listed = HashSet::new();
    for entry in reader.list(value, "a list of names such as [\"db1\", \"redis\"]", LISTED_MAX).into_iter().flatten() {
        let name = match value::text(entry.get_ref(), NAME_MAX) {
            Ok(name) => name,
            Err(wrong) => {
                reader.refuse(entry.span(), wrong);
                continue;
            }
        };
        if let Some(known) = names.known.filter(|known| !known.contains(name.as_str())) {
            names.unknown += 1;
            let near = if names.unknown > HINTS_MAX { None } else { nearest(&name, known.iter().copied()) };
            let hint = near.map_or_else(
                || "write the name of a [[target]], or take it out".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            reader.refuse(entry.span(), Wrong::new(format!("no target is named `{}`", clean(&name, 40)), hint));
        } else if listed.insert(name.clone()) {
            targets.push(name);
        }
    }
    targets
}

fn read_tags(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for entry in reader.list(value, "a list of tags such as [\"staging\"]", LISTED_MAX).into_iter().flatten() {
        match value::tag(entry.get_ref()) {
            Ok(tag) => tags.push(tag),
            Err(wrong) => reader.refuse(entry.span(), wrong),
        }
    }
    tags.sort_unstable();
    tags.dedup();
    tags
}

fn read_when(reader: &mut Reader<'_>, entry: &Spanned<DeValue<'_>>, table: &DeTable<'_>, zone: Zone) -> Option<When> {
    let first = |keys: &[(&str, &str)]| keys.iter().find_map(|(key, _)| find(table, key)).map(|(key, _)| key);
    match (first(&WEEKLY), first(&ONCE)) {
        (Some(_), None) => {
            need(reader, entry, table, &WEEKLY);
            read_weekly(reader, table, zone)
        }
        (None, Some(_)) => {
            need(reader, entry, table, &ONCE);
            read_once(reader, table, zone)
        }
        (None, None) => {
            reader.refuse(entry.span(), Wrong::new("this maintenance has no time", BOTH_WAYS));
            None
        }
        (Some(weekly), Some(once)) => {
            let later = if weekly.span().start > once.span().start { weekly } else { once };
            let what = format!("`{}` and `{}` exclude each other", weekly.get_ref(), once.get_ref());
            reader.refuse(later.span(), Wrong::new(what, BOTH_WAYS));
            None
        }
    }
}

/// Notes each of the keys that is not there, with an example.
fn need(reader: &mut Reader<'_>, entry: &Spanned<DeValue<'_>>, table: &DeTable<'_>, keys: &[(&str, &str)]) {
    for (key, example) in keys.iter().filter(|(key, _)| find(table, key).is_none()) {
        reader.refuse(entry.span(), Wrong::new(format!("`{key}` is missing"), format!("write {example}")));
    }
}

/// What stands under a key, if it can be read.
fn get<T>(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    key: &str,
    read: impl FnOnce(&DeValue<'_>) -> Result<T, Wrong>,
) -> Option<T> {
    let (_, value) = find(table, key)?;
    read(value.get_ref()).map_err(|wrong| reader.refuse(value.span(), wrong)).ok()
}

fn read_weekly(reader: &mut Reader<'_>, table: &DeTable<'_>, zone: Zone) -> Option<When> {
    let days = find(table, "days").and_then(|(_, value)| read_days(reader, value));
    let start = get(reader, table, "start", read_clock);
    let length = get(reader, table, "length", |value| value::duration(value, &LENGTH));
    Some(When::Weekly(Weekly { days: days?, start: start?, length: length?, zone }))
}

fn read_once(reader: &mut Reader<'_>, table: &DeTable<'_>, zone: Zone) -> Option<When> {
    let from = get(reader, table, "from", |value| read_moment(value, zone));
    let to = get(reader, table, "to", |value| read_moment(value, zone));
    let span = Span { from: from?, to: to? };
    let is_written_alike = || get_text(table, "from") == get_text(table, "to");
    let wrong = if span.to == span.from && !is_written_alike() {
        let hint = "clocks go forward over it there: begin before that, or end after it";
        Wrong::new("no clock of its zone shows the time of this maintenance", hint)
    } else if span.to <= span.from {
        Wrong::new("this maintenance ends before it begins", "let `to` be later than `from`")
    } else if span.length() > ONCE_MAX {
        Wrong::new("this maintenance is too long", format!("at most {}", duration::text(ONCE_MAX)))
    } else {
        return Some(When::Once(span));
    };
    let (_, to) = find(table, "to")?;
    reader.refuse(to.span(), wrong);
    None
}

fn get_text(table: &DeTable<'_>, key: &str) -> Option<String> {
    find(table, key).and_then(|(_, value)| written(value.get_ref()))
}

fn read_days(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Option<Vec<Weekday>> {
    let entries = match value.get_ref() {
        DeValue::String(_) => std::slice::from_ref(value),
        _ => reader.list(value, "a list of days such as [\"tue\", \"thu\"] or [\"mon-fri\"]", LISTED_MAX)?,
    };
    let mut days: Vec<Weekday> = Vec::new();
    let mut is_readable = true;
    for entry in entries {
        if let Some(more) = entry.get_ref().as_str().and_then(days_of) {
            days.extend(more);
            continue;
        }
        is_readable = false;
        let word = entry.get_ref().as_str().map(|word| format!("`{}`", clean(word, 40)));
        let what = format!("{} is no day of the week", word.as_deref().unwrap_or("this"));
        let hint = "write \"mon\" to \"sun\", \"mon-fri\", \"weekdays\", \"weekends\" or \"daily\"";
        reader.refuse(entry.span(), Wrong::new(what, hint));
    }
    if is_readable && days.is_empty() {
        reader.refuse(value.span(), Wrong::new("no day is listed", "write days = [\"tue\", \"thu\"]"));
    }
    days.sort_by_key(Weekday::num_days_from_monday);
    days.dedup();
    (!days.is_empty()).then_some(days)
}

/// The days that a word stands for.
fn days_of(word: &str) -> Option<Vec<Weekday>> {
    use Weekday::{Fri, Mon, Sat, Sun};
    let range = |first: Weekday, last: Weekday| {
        let mut days = vec![first];
        while let Some(day) = days.last().copied().filter(|day| *day != last) {
            days.push(day.succ());
        }
        days
    };
    match word.trim().to_ascii_lowercase().as_str() {
        "daily" => Some(range(Mon, Sun)),
        "weekdays" => Some(range(Mon, Fri)),
        "weekends" => Some(range(Sat, Sun)),
        word => match word.split_once('-') {
            Some((first, last)) => Some(range(first.trim().parse().ok()?, last.trim().parse().ok()?)),
            None => word.parse().ok().map(|day| vec![day]),
        },
    }
}

/// What a text says, or what is written without quotes: TOML knows dates and clocks of its own.
fn written(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.trim().to_owned()),
        DeValue::Datetime(moment) => Some(moment.to_string()),
        _ => None,
    }
}

fn read_clock(value: &DeValue<'_>) -> Result<NaiveTime, Wrong> {
    let text = written(value).unwrap_or_default();
    let clock = CLOCKS.iter().find_map(|pattern| NaiveTime::parse_from_str(&text, pattern).ok());
    clock.ok_or_else(|| Wrong::new("a time of day is wanted", "write it as \"23:30\", from \"00:00\" to \"23:59\""))
}

fn read_moment(value: &DeValue<'_>, zone: Zone) -> Result<Wall, Wrong> {
    let text = written(value).unwrap_or_default();
    let exact = DateTime::parse_from_rfc3339(&text).ok().map(|exact| Wall(exact.timestamp_millis()));
    let shown = || DATES.iter().find_map(|pattern| NaiveDateTime::parse_from_str(&text, pattern).ok());
    let day = || NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN));
    let moment = exact.or_else(|| shown().or_else(day).and_then(|shown| zone.moment_from(shown)));
    let hint = "write \"2026-12-01 22:00\", or with an offset \"2026-12-01T22:00:00+01:00\"";
    moment.filter(|moment| MOMENTS.contains(&moment.0)).ok_or_else(|| Wrong::new("a date with a time is wanted", hint))
}

fn read_zone(value: &DeValue<'_>) -> Result<Zone, Wrong> {
    let name = value::text(value, NAME_MAX)?;
    if name.eq_ignore_ascii_case("utc") {
        return Ok(Zone::Utc);
    }
    if name == LOCAL {
        return Ok(Zone::Local);
    }
    if let Ok(zone) = name.parse::<Tz>() {
        return Ok(Zone::Named(zone));
    }
    let city = format!("/{}", name.to_lowercase().replace(' ', "_"));
    let known = || TZ_VARIANTS.iter().map(|zone| zone.name());
    let in_full = known().find(|known| format!("/{}", known.to_lowercase()).ends_with(&city));
    let hint = in_full.or_else(|| nearest(&name, known())).map_or_else(
        || "write a name of the IANA time zone database such as \"Europe/Berlin\", \"UTC\" or \"local\"".to_owned(),
        |near| format!("did you mean \"{near}\"?"),
    );
    Err(Wrong::new(format!("`{}` is no time zone", clean(&name, 40)), hint))
}
