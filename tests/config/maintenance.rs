//! Planned maintenance: what a file says of it, what is wrong with it, and how it follows the targets.

use super::{mistakes, read};
use portpulse::config::{self, edit::edit};
use portpulse::domain::schedule::{Scope, Weekly, When};
use portpulse::domain::{Schedule, Wall, Zone};
use portpulse::monitor::{Change, Named};
use std::path::Path;
use std::time::Duration;

const TARGETS: &str =
    "[[target]]\nname = \"db1\"\naddress = \"a:1\"\n[[target]]\nname = \"redis\"\naddress = \"b:1\"\n";

fn only(table: &str) -> Schedule {
    let mut all = read(&format!("{TARGETS}[[maintenance]]\n{table}")).declared.settings.maintenance;
    assert_eq!(all.len(), 1, "{table}");
    all.remove(0)
}

fn weekly(table: &str) -> Weekly {
    match only(table).when {
        When::Weekly(weekly) => weekly,
        When::Once(span) => panic!("{span:?}"),
    }
}

/// One time of maintenance, in UTC.
fn once(table: &str) -> (String, String) {
    let utc = |at: Wall| Zone::Utc.rfc3339(at);
    match only(table).when {
        When::Once(span) => (utc(span.from), utc(span.to)),
        When::Weekly(weekly) => panic!("{weekly:?}"),
    }
}

#[test]
fn a_time_of_every_week_has_days_a_start_a_length_and_the_clocks_of_a_place() {
    let schedule = only(
        "title = \"patch\\u001b night\"\ntargets = [\"db1\", \"redis\", \"db1\"]\ntags = [\"staging\"]\n\
         days = [\"Tue\", \"thursday\"]\nstart = \"23:30\"\nlength = \"90m\"\nzone = \"Europe/Berlin\"",
    );
    assert!(schedule.title.starts_with("patch") && !schedule.title.contains('\u{1b}'), "{:?}", schedule.title);
    let (targets, tags) = (vec!["db1".to_owned(), "redis".to_owned()], vec!["staging".to_owned()]);
    assert_eq!(schedule.scope, Scope::Some { targets, tags });
    let When::Weekly(Weekly { days, start, length, zone }) = schedule.when else { panic!("{schedule:?}") };
    assert_eq!(days.iter().map(ToString::to_string).collect::<Vec<_>>(), ["Tue", "Thu"]);
    assert_eq!((start.to_string(), length), ("23:30:00".to_owned(), Duration::from_mins(90)));
    assert_eq!(zone, Zone::Named(chrono_tz::Europe::Berlin));
}

#[test]
fn days_can_be_said_in_one_word() {
    for (days, said) in [
        ("\"daily\"", "Mon Tue Wed Thu Fri Sat Sun"),
        ("[\"weekdays\"]", "Mon Tue Wed Thu Fri"),
        ("[\"weekends\", \"MON\"]", "Mon Sat Sun"),
        ("[\"fri-mon\", \"sat\"]", "Mon Fri Sat Sun"),
        ("[\"wed-wed\"]", "Wed"),
    ] {
        let weekly = weekly(&format!("days = {days}\nstart = \"00:00\"\nlength = \"7d\""));
        assert_eq!(weekly.days.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), said, "{days}");
        assert_eq!(weekly.zone, Zone::Local, "that of this machine, unless another is named");
    }
}

#[test]
fn one_time_has_a_beginning_and_an_end() {
    let berlin = ("2026-12-01T21:00:00Z".to_owned(), "2026-12-02T01:00:00Z".to_owned());
    for table in [
        "from = \"2026-12-01 22:00\"\nto = \"2026-12-02 02:00\"\nzone = \"Europe/Berlin\"",
        "from = \"2026-12-01T22:00:00\"\nto = \"2026-12-02T02:00\"\nzone = \"Europe/Berlin\"",
        "from = 2026-12-01T22:00:00\nto = 2026-12-02 02:00:00\nzone = \"Europe/Berlin\"",
        "from = 2026-12-01T22:00:00+01:00\nto = \"2026-12-02 02:00:00+01:00\"\nzone = \"Asia/Tokyo\"",
        "from = \"2026-12-01T21:00:00Z\"\nto = \"2026-12-02 01:00\"\nzone = \"utc\"",
    ] {
        assert_eq!(once(table), berlin, "{table}");
    }
    let day = once("from = \"2026-12-01\"\nto = 2026-12-02\nzone = \"UTC\"");
    assert_eq!(day, ("2026-12-01T00:00:00Z".to_owned(), "2026-12-02T00:00:00Z".to_owned()), "days begin at midnight");
}

#[test]
fn a_clock_can_be_written_without_quotes() {
    let start =
        |written: &str| weekly(&format!("days = \"mon\"\nstart = {written}\nlength = \"1h\"")).start.to_string();
    assert_eq!((start("07:30:00"), start("\"07:30:15\"")), ("07:30:00".to_owned(), "07:30:15".to_owned()));
}

#[test]
fn nobody_named_is_all_and_an_empty_list_is_nobody() {
    let when = "days = \"mon\"\nstart = \"01:00\"\nlength = \"1h\"\n";
    assert_eq!(only(when).scope, Scope::Everything);
    let nobody = only(&format!("targets = []\n{when}"));
    let targets = read(TARGETS).declared.targets;
    assert!(targets.iter().all(|target| !nobody.concerns(target)));
}

#[test]
fn what_is_shown_says_the_same() {
    let text = format!(
        "{TARGETS}[[maintenance]]\ntitle = \"say \\\"x\\\"\"\ntargets = [\"db1\"]\ndays = [\"sat-mon\"]\nstart = \"23:30\"\n\
         length = \"1h30m\"\nzone = \"America/St_Johns\"\n[[maintenance]]\nfrom = \"2026-12-01 22:00\"\n\
         to = \"2026-12-02 02:00\"\nzone = \"Europe/Berlin\"\n[[maintenance]]\ntags = [\"a\", \"b\"]\ndays = \"daily\"\n\
         start = \"00:00\"\nlength = \"1m\"\n[[maintenance]]\ntargets = []\ndays = \"fri\"\nstart = \"12:00:01\"\n\
         length = \"1d\"\nzone = \"UTC\"\n"
    );
    let loaded = read(&text);
    assert_eq!(loaded.declared.settings.maintenance.len(), 4);
    assert_eq!(read(&config::show(&loaded)).declared, loaded.declared);
}

/// What is wrong with a table below the targets, told from its own first line.
fn told(table: &str) -> Vec<String> {
    let above = TARGETS.lines().count();
    let number = |told: String| match told.split_once(':') {
        Some((line, rest)) => format!("{}:{rest}", line.parse::<usize>().expect("a line") - above),
        None => told,
    };
    mistakes(&format!("{TARGETS}[[maintenance]]\n{table}\n")).into_iter().map(number).collect()
}

const HOURLY: &str = "days = \"mon\"\nstart = \"01:00\"\nlength = \"1h\"\n";

#[test]
fn who_it_is_for_has_to_be_there() {
    assert_eq!(told(&format!("{HOURLY}targets = [\"db2\"]")), ["5:12: no target is named `db2`: did you mean `db1`?"]);
    assert_eq!(
        told(&format!("{HOURLY}targets = [\"zzzzzzz\", 3]")),
        [
            "5:12: no target is named `zzzzzzz`: write the name of a [[target]], or take it out",
            "5:23: a text is wanted, this is a bare number: write it in quotes"
        ]
    );
    assert_eq!(
        told(&format!("{HOURLY}targets = \"db1\"")),
        ["5:11: a list is wanted: write a list of names such as [\"db1\", \"redis\"]"]
    );
    assert_eq!(
        told(&format!("{HOURLY}tags = [\"a b\"]")),
        ["5:9: a tag is one word: write it without spaces, such as \"prod\""]
    );
    assert_eq!(
        told(&format!("{HOURLY}target = [\"db1\"]")),
        ["5:1: unknown key `target` in [[maintenance]]: did you mean `targets`?"]
    );
    let text = "[[target]]\naddress = \"a\"\n[[maintenance]]\ntargets = [\"a\"]\n";
    assert_eq!(
        mistakes(&format!("{text}{HOURLY}")),
        ["2:11: `a` has no port: write a:PORT"],
        "one mistake is told once"
    );
}

#[test]
fn when_it_is_has_to_be_said_in_one_of_two_ways() {
    const BOTH_WAYS: &str =
        "write days, start and length for one of every week, or from and to for one that comes once";
    for (table, expected) in [
        ("title = \"x\"", vec![format!("1:1: this maintenance has no time: {BOTH_WAYS}")]),
        (
            "days = \"mon\"\nfrom = \"2026-12-01 22:00\"",
            vec![format!("3:1: `days` and `from` exclude each other: {BOTH_WAYS}")],
        ),
        (
            "days = \"mon\"",
            vec![
                "1:1: `start` is missing: write start = \"23:30\"".to_owned(),
                "1:1: `length` is missing: write length = \"90m\"".to_owned(),
            ],
        ),
        ("to = \"2026-12-01\"", vec!["1:1: `from` is missing: write from = \"2026-12-01 22:00\"".to_owned()]),
        (
            "from = \"2026-12-01 22:00\"\nto = \"2026-12-01 22:00\"",
            vec!["3:6: this maintenance ends before it begins: let `to` be later than `from`".to_owned()],
        ),
        (
            "from = \"2026-03-29 02:15\"\nto = \"2026-03-29 02:45\"\nzone = \"Europe/Berlin\"",
            vec![
                "3:6: no clock of its zone shows the time of this maintenance: clocks go forward over it there: begin \
                 before that, or end after it"
                    .to_owned(),
            ],
        ),
        (
            "from = \"2026-12-01\"\nto = \"2028-12-01\"",
            vec!["3:6: this maintenance is too long: at most 366d".to_owned()],
        ),
        (
            "from = \"2026-13-01 22:00\"\nto = 22:00:00",
            ["2:8", "3:6"]
                .map(|place| {
                    format!(
                        "{place}: a date with a time is wanted: write \"2026-12-01 22:00\", or with an offset \
                         \"2026-12-01T22:00:00+01:00\""
                    )
                })
                .to_vec(),
        ),
    ] {
        assert_eq!(told(table), expected, "{table}");
    }
}

#[test]
fn days_clocks_lengths_and_zones_are_read_strictly() {
    const DAYS: &str = "write \"mon\" to \"sun\", \"mon-fri\", \"weekdays\", \"weekends\" or \"daily\"";
    const CLOCK: &str = "a time of day is wanted: write it as \"23:30\", from \"00:00\" to \"23:59\"";
    let of =
        |days: &str, start: &str, length: &str| told(&format!("days = {days}\nstart = {start}\nlength = {length}"));
    let day = |days| of(days, "\"01:00\"", "\"1h\"");
    assert_eq!(day("[\"mon\", \"someday\"]"), [format!("2:16: `someday` is no day of the week: {DAYS}")]);
    assert_eq!(day("[\"mon-\"]"), [format!("2:9: `mon-` is no day of the week: {DAYS}")]);
    assert_eq!(day("[1]"), [format!("2:9: this is no day of the week: {DAYS}")]);
    assert_eq!(day("[]"), ["2:8: no day is listed: write days = [\"tue\", \"thu\"]"]);
    for clock in ["\"24:00\"", "\"7\"", "730", "\"\"", "2026-12-01"] {
        assert_eq!(of("\"mon\"", clock, "\"1h\""), [format!("3:9: {CLOCK}")], "{clock}");
    }
    let length = |length| of("\"mon\"", "\"01:00\"", length);
    assert_eq!(length("\"8d\""), ["4:10: `8d` is out of range: write 1m to 7d"]);
    assert_eq!(length("90"), ["4:10: a duration needs its unit: write \"90s\" if seconds are meant"]);
    for (zone, hint) in [
        ("Berlin", "did you mean \"Europe/Berlin\"?"),
        ("new york", "did you mean \"America/New_York\"?"),
        ("europe/berlin", "did you mean \"Europe/Berlin\"?"),
        ("Europe/Berln", "did you mean \"Europe/Berlin\"?"),
        ("+01:00", "write a name of the IANA time zone database such as \"Europe/Berlin\", \"UTC\" or \"local\""),
    ] {
        let told = told(&format!("{HOURLY}zone = \"{zone}\""));
        assert_eq!(told, [format!("5:8: `{zone}` is no time zone: {hint}")]);
    }
}

#[test]
fn too_many_are_too_many() {
    assert_eq!(
        mistakes("maintenance = 3"),
        ["1:15: maintenance is a list: write [[maintenance]] with double brackets above each"]
    );
    let many = format!("[[maintenance]]\n{HOURLY}").repeat(1_001);
    assert_eq!(mistakes(&many), ["4001:1: 1001 times of maintenance are too many: at most 1000"]);
}

fn after(before: &str, change: &Change) -> String {
    let text = edit(Path::new("p.toml"), before, change).unwrap_or_else(|errors| panic!("{errors}\n{before}"));
    read(&text);
    text
}

#[test]
fn a_target_that_is_renamed_is_so_in_its_maintenance() {
    let lists = "[[maintenance]]\ntargets = [\"redis\", # first\n  \"db1\",  # second\n  \" db1\",\n]\n";
    let before = format!("{TARGETS}{lists}{HOURLY}[[maintenance]]\ntargets = [\"redis\"]\n{HOURLY}");
    let mut renamed = read(&before).declared.targets.swap_remove(0);
    renamed.name = "db2".to_owned();
    let change = Change::Edit("db1".to_owned(), Box::new(renamed));
    assert_eq!(after(&before, &change), before.replace("\" db1", "\"db1").replace("db1", "db2"));
}

#[test]
fn a_target_that_goes_does_so_from_its_maintenance_which_is_never_for_all_then() {
    let table = |targets: &str| format!("[[maintenance]]\ntargets = {targets}\n{HOURLY}");
    let change = Change::Remove(vec!["db1".to_owned()]);
    let rest = "[[target]]\nname = \"redis\"\naddress = \"b:1\"\n";
    for (list, left) in [
        ("[\"db1\", \"redis\"]", "[\"redis\"]"),
        ("[\"redis\", \"db1\"]", "[\"redis\"]"),
        ("[\"redis\", \"db1\",]", "[\"redis\",]"),
        ("[\"db1\"]", "[]"),
        ("[\n  \"redis\", # stays\n  \"db1\", # goes\n]", "[\n  \"redis\", # stays\n]"),
        ("[\n  \"redis\", # stays\n  \"db1\" # goes\n]", "[\n  \"redis\" # stays\n]"),
        ("[\n  \"db1\", # goes\n  # of redis\n  \"redis\", # stays\n]", "[\n  # of redis\n  \"redis\", # stays\n]"),
    ] {
        let text = after(&format!("{TARGETS}{}", table(list)), &change);
        assert_eq!(text, format!("{rest}{}", table(left)), "{list}");
        let named = vec![Named { place: 0, target: "db1".to_owned() }];
        let back = after(&text, &Change::Restore(vec![read(TARGETS).declared.targets.swap_remove(0)], named));
        let settings = read(&back).declared.settings;
        assert!(settings.maintenance[0].names("db1"), "{list}\n{back}");
    }
    let inline = "maintenance = [{ targets = [\"db1\"], days = \"mon\", start = \"01:00\", length = \"1h\" }]\n";
    let text = after(&format!("{inline}{TARGETS}"), &change);
    assert!(text.starts_with(&inline.replace("\"db1\"", "")), "{text}");
    let settings = read(&text).declared.settings;
    assert_eq!(settings.maintenance[0].scope, Scope::Some { targets: Vec::new(), tags: Vec::new() });
}
