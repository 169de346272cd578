//! Files that are no configuration, and texts that nobody would write.

use super::{mistakes, read};
use portpulse::config::{self, Defaults, edit::edit};
use portpulse::domain::{Activity, Definition, Family, Handshake, Span, Wall, text::clean};
use portpulse::monitor::Change;
use proptest::prelude::*;
use std::fs;
use std::num::NonZeroU8;
use std::path::Path;
use std::time::Duration;

fn load(bytes: &[u8]) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("p.toml");
    fs::write(&path, bytes).expect("a file");
    let told = config::load(&path).expect_err("a refusal").to_string();
    told.replace(&path.display().to_string(), "p.toml")
}

#[test]
fn files_that_are_no_text() {
    assert_eq!(load(b"[ui]\n\0"), "p.toml: is no text file: there is a NUL byte in line 2: save it as UTF-8 text");
    assert_eq!(load(b"[ui]\n# gr\xfc\xdfe\n"), "p.toml:2:5: this is not UTF-8: save the file as UTF-8");
    let utf16: Vec<u8> = "\u{feff}[ui]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(load(&utf16).contains("is no text file"));
}

#[test]
fn files_that_are_no_files_or_too_large() {
    let directory = tempfile::tempdir().expect("a directory");
    let told = |path: &Path| config::load(path).expect_err("a refusal").to_string();
    assert!(told(directory.path()).ends_with("is no ordinary file: name a TOML file"));
    assert!(told(Path::new("/dev/zero")).ends_with("is no ordinary file: name a TOML file"));
    let large = directory.path().join("large.toml");
    fs::File::create(&large).and_then(|file| file.set_len(1 << 30)).expect("a large file");
    assert!(told(&large).ends_with("is larger than 16 MiB: name a smaller one"));
}

#[test]
fn texts_that_are_nested_or_repeated_beyond_reason() {
    for text in [
        format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("x = {}", "{a=".repeat(100_000)),
        format!("{} = 1", vec!["a"; 100_000].join(".")),
        format!("[{}]", vec!["a"; 100_000].join(".")),
        format!("[ui]\n{} = 1", "a".repeat(1_000_000)),
        "=".repeat(3_000_001),
        "x = [".to_owned() + &"1,".repeat(3_000_000) + "]",
    ] {
        let told = mistakes(&text);
        assert!(!told.is_empty() && told[0].len() < 400, "{told:?}");
    }
    let many = "[[target]]\naddress = \"a:1\"\n".repeat(100_001);
    assert_eq!(mistakes(&many), ["200001:1: 100001 targets are too many: at most 100000"]);
}

#[test]
fn a_message_never_repeats_what_could_disturb_a_terminal() {
    let text = "[ui]\n\"a\\u001b[2Jb\" = 1\n# \u{202e} \u{1b}]0;x\u{7}\ntheme = \"\\u001b[31m\"\n";
    let Err(errors) = config::load_text(Path::new("p\u{1b}.toml"), text) else { panic!("it is wrong") };
    for error in errors.iter() {
        for line in [error.to_string(), error.report()] {
            assert!(line.chars().all(|c| c == '\n' || clean(&c.to_string(), 1) == c.to_string()), "{line:?}");
        }
    }
}

/// A definition that the keyboard could have made.
fn definition() -> impl Strategy<Value = Definition> {
    let figures =
        (1_000u64..3_600_000, 1u64..=100, 10u64..600_000, 1u8.., 1u8.., proptest::option::of(1u64..600_000_000));
    let words = ("\\PC{1,20}", "\\PC{0,30}", proptest::collection::btree_set("[a-zäöü\"\\\\#=]{1,8}", 0..4));
    let choices = (any::<bool>(), any::<bool>(), 0usize..3, "[a-z][a-z0-9]{0,8}", 1u16..);
    (figures, words, choices).prop_map(|(figures, words, choices)| {
        let (interval, retry, timeout, down_after, up_after, degraded) = figures;
        let (name, note, tags) = words;
        let (paused, full, family, host, port) = choices;
        let address = format!("{host}:{port}").parse().expect("an address");
        let mut definition = Defaults::default().definition(address);
        let name = clean(&name, 100).trim().to_owned();
        if !name.is_empty() {
            definition.name = name;
        }
        clean(&note, 100).trim().clone_into(&mut definition.note);
        definition.tags = tags.into_iter().collect();
        definition.interval = Duration::from_millis(interval);
        definition.retry_interval = Duration::from_millis((interval * retry / 100).max(1_000));
        definition.down_after = NonZeroU8::new(down_after).expect("not zero");
        definition.up_after = NonZeroU8::new(up_after).expect("not zero");
        definition.degraded_above = degraded.map(Duration::from_micros);
        definition.activity = if paused { Activity::Paused } else { Activity::Watching };
        let endpoint = &mut definition.endpoints[0];
        endpoint.timeout = Duration::from_millis(timeout);
        endpoint.handshake = if full { Handshake::Full } else { Handshake::Silent };
        endpoint.family = [Family::Auto, Family::Ipv4, Family::Ipv6][family];
        definition
    })
}

const BASE: &str = "# top\n[defaults]\ninterval = \"30s\"\ndegraded_above = \"1s\"\n\n# zero\n[[target]]\nname = \"#0\"\naddress = \"zero.example:1\"\n\n[ui]\nbell = false\n# end\n";

/// A table that says when and for whom, mostly in a way that can be read.
fn maintenance() -> impl Strategy<Value = String> {
    let weekly = "days = \"(mon|tue-fri|daily|sun-sun|[a-z]{3})\"\nstart = (\"[0-2]?[0-9]:[0-5][0-9]\"|0[0-9]:30:00)\nlength = \"[0-9]{1,2}[mh]\"";
    let moment =
        "\"(2026-1[0-2]-[0-2][0-9]( [0-1][0-9]:00|T[0-2][0-9]:00:00[Zz])?|[+-]26214[0-4]-01-01 00:00|0000-01-01)\"";
    let once = (moment, moment).prop_map(|(from, to)| format!("from = {from}\nto = {to}"));
    let zone = "(zone = \"(UTC|local|Europe/(Berlin|Paris)|Pacific/Apia|Africa/Monrovia|[A-Z]{3})\")?";
    let scope = "(targets = \\[(\"#0\")?\\]|tags = \\[\"[a-z]{1,2}\"\\]|)";
    let when = prop_oneof![weekly.prop_map(String::from), once];
    (when, zone, scope).prop_map(|(when, zone, scope)| format!("[[maintenance]]\n{when}\n{zone}\n{scope}\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = config::load_text(Path::new("p.toml"), &text).map_err(|errors| errors.first().report());
    }

    #[test]
    fn no_nearly_right_text_makes_reader_or_editor_panic(
        lines in proptest::collection::vec(
            "(\\[\\[target\\]\\]|\\[ui\\]|\\[keys\\]|address = \"[a-z:0-9\\[]{0,6}\"|(interval|timeout) = \"?[0-9a-z.-]{0,4}\"?|tags = \\[\"?[a-z]{0,3}\"?\\]?|# ?\\PC{0,5}|[a-z.]{0,6} ?= ?\\PC{0,6}|target = \\[\\])",
            0..12,
        ),
        ends in "\n|\r\n",
    ) {
        let text = lines.join(&ends);
        let _ = config::load_text(Path::new("p.toml"), &text).map_err(|errors| errors.first().report());
        let change = Change::Add(vec![Defaults::default().definition("zero.example:1".parse().expect("an address"))]);
        if let Ok(edited) = edit(Path::new("p.toml"), &text, &change) {
            prop_assert_eq!(read(&edited).declared.targets.len(), read(&text).declared.targets.len() + 1);
        }
    }

    #[test]
    fn whatever_is_planned_makes_nothing_panic_and_is_shown_so_that_it_reads_back(
        tables in proptest::collection::vec(maintenance(), 1..4),
        now in prop_oneof![any::<i64>(), 1_700_000_000_000..1_900_000_000_000_i64],
    ) {
        let text = format!("{BASE}{}", tables.concat());
        let read_text = |text: &str| config::load_text(Path::new("p.toml"), text);
        let Ok(loaded) = read_text(&text) else { return Ok(()) };
        let shown = config::show(&loaded);
        prop_assert_eq!(&read(&shown).declared, &loaded.declared, "{}", &shown);
        for schedule in &loaded.declared.settings.maintenance {
            let next = schedule.next_change(Wall(now));
            prop_assert!(next.is_none_or(|next| next > Wall(now)));
            let _ = schedule.times(Span { from: Wall(now), to: Wall(now.saturating_add(86_400_000)) });
        }
        let without = edit(Path::new("p.toml"), &text, &Change::Remove(vec!["#0".to_owned()])).map(|text| read(&text));
        let left = without.map(|loaded| (loaded.declared.targets.len(), loaded.declared.settings.maintenance.len()));
        prop_assert_eq!(left.map_err(|errors| errors.to_string()), Ok((0, loaded.declared.settings.maintenance.len())));
    }

    #[test]
    fn what_is_added_edited_and_removed_reads_back(first in definition(), mut second in definition()) {
        let path = Path::new("p.toml");
        prop_assume!(first.name != "#0" && second.name != "#0");
        let added = edit(path, BASE, &Change::Add(vec![first.clone()])).expect("added");
        prop_assert_eq!(&read(&added).declared.targets[1], &first);
        second.name.push('!');
        let change = Change::Edit(first.name.clone(), Box::new(second.clone()));
        let edited = edit(path, &added, &change).expect("edited");
        prop_assert_eq!(&read(&edited).declared.targets[1], &second);
        let shown = config::show(&read(&edited));
        prop_assert_eq!(&read(&shown).declared, &read(&edited).declared);
        let removed = edit(path, &edited, &Change::Remove(vec![second.name.clone()])).expect("removed");
        prop_assert_eq!(removed, BASE);
    }
}

#[test]
fn short_forms_that_say_too_much_in_little_room() {
    let groups = |count: u32| -> String {
        let group = |number| format!("[[target]]\nname = \"g{number}\"\nendpoints = [\"h{number}:1-255\"]\n");
        (0..count).map(group).collect()
    };
    assert_eq!(mistakes(&groups(2_000)), ["5881:1: 500055 endpoints in all and more are too many: at most 500000"]);
    let target = |number| format!("[[target]]\naddress = \"h{number}:1-1024\"\n");
    let targets: String = (0..99).map(target).collect();
    assert_eq!(mistakes(&targets), ["195:1: 100352 targets and more are too many: at most 100000"]);
}
