//! Files that mean harm, or were meant for something else: each gets a clear error with its line, and quickly.

use super::{added, example, plan_of, text};
use portpulse::exchange::import::{FILE_MAX, Foreign, Source, read};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::fmt::Write as _;

/// What is said about a file that cannot be used.
fn refusal(name: &str, bytes: &[u8], source: Option<Source>) -> String {
    let file = Foreign { name: name.to_owned(), bytes: bytes.to_vec() };
    match read(&[file], source) {
        Err(bad) => bad.to_string(),
        Ok(entries) => panic!("{name} was read: {} entries", entries.concat().len()),
    }
}

fn bomb() -> String {
    let mut text = "a: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for n in 1..12 {
        writeln!(text, "a{n}: &a{n} [{}]", format!("*a{},", n - 1).repeat(10)).expect("a string");
    }
    text + "endpoints: *a11\n"
}

#[test]
fn each_names_the_file_and_the_line() {
    let xml = "<!DOCTYPE nmaprun [\n<!ENTITY a \"aaaa\">\n<!ENTITY b \"&a;&a;\">\n]>\n<nmaprun>&b;</nmaprun>";
    let external =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE nmaprun [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<nmaprun/>";
    let deep_xml = format!("<nmaprun>{}", "\n<a>".repeat(100));
    let deep_json = format!("{{\"endpoints\": {}1{}}}", "\n[".repeat(100_000), "]".repeat(100_000));
    let deep_yaml = format!("endpoints:\n{}", (1..100).fold(String::new(), |text, n| text + &" ".repeat(n) + "-\n"));
    let merges = "a: &a {x: 1}\nendpoints:\n- <<: *b\n";
    for (name, bytes, line, say) in [
        ("bomb.xml", xml, 1, "declares entities"),
        ("file.xml", external, 2, "declares entities"),
        ("deep.xml", deep_xml.as_str(), 65, "nested"),
        ("page.html", "<!doctype html>\n<html></html>", 2, "not from nmap"),
        ("bomb.yaml", bomb().as_str(), 6, "aliases"),
        ("deep.json", deep_json.as_str(), 66, "nested"),
        ("deep.yaml", deep_yaml.as_str(), 65, "nested"),
        ("merge.yaml", merges, 3, "no YAML"),
        ("nul.txt", "db1:1\ndb2:2\0\n", 2, "NUL"),
        ("list.yaml", "endpoints: 5\n", 1, "a list is wanted"),
        ("name.yaml", "endpoints:\n- name: [a]\n  url: tcp://a:1\n", 2, "a text is wanted"),
        ("item.yaml", "endpoints:\n- 5\n", 2, "a table is wanted"),
        ("interval.yaml", "endpoints:\n- name: a\n  url: tcp://a:1\n  interval: soon\n", 4, "a duration"),
        (
            "flag.json",
            "{\"monitorList\": [\n{\"type\": \"port\", \"hostname\": \"a\", \"port\": 1,\n\"active\": []}]}",
            3,
            "true or false",
        ),
        (
            "seconds.json",
            "{\"monitorList\": [{\"type\": \"port\", \"hostname\": \"a\", \"port\": 1,\n\"interval\": -5}]}",
            2,
            "seconds",
        ),
        ("cut.json", "{\"monitorList\": [\n{\"type\": \"po", 2, "no JSON"),
        (
            "own.json",
            "{\"format\": \"portpulse-targets\", \"targets\": [\n{\"endpoints\": [{\"address\": \"x\"}]}]}",
            2,
            "has no port",
        ),
        ("dots.toml", &format!("[[target]]\n{}=1\n", "a.".repeat(3_000)), 2, "no line of a configuration"),
        ("patterns", &format!("Host a\nHost {}\n", "b ".repeat(6_000)), 2, "more than 5000 patterns"),
        ("own.toml", "[[target]]\naddress = \"a:1\"\nnaem = \"x\"\n", 3, "did you mean `name`"),
    ] {
        let told = refusal(name, bytes.as_bytes(), None);
        assert!(told.starts_with(&format!("{name}:{line}: ")) && told.contains(say), "{told}");
        assert!(told.chars().count() < 400 && !told.contains('\n'), "{told}");
    }
}

#[test]
fn what_is_no_text_or_too_much_is_told_without_a_line() {
    let large = vec![b'a'; FILE_MAX as usize + 1];
    for (name, bytes, say) in [
        ("large", &large[..], "larger than 32 MiB"),
        ("utf16", b"\xff\xfed\0b\0", "UTF-16"),
        ("empty", b"", "empty"),
        ("blank", b"\xef\xbb\xbf\r\n", "empty"),
        ("prose", b"once upon a time\nthere was a port\n", "--from"),
        ("other.json", b"{\"a\": 1}", "--from"),
    ] {
        let told = refusal(name, bytes, None);
        assert!(told.starts_with(&format!("{name}: ")) && told.contains(say), "{told}");
    }
    let told = refusal("program", b"\x7fELF\x02\x01\x01\xff\xfe", None);
    assert!(told.starts_with("program:1: ") && told.contains("UTF-8"), "{told}");
}

#[test]
fn a_range_that_is_too_much_or_backwards_is_told_as_that() {
    for (line, say) in [("127.0.0.1:1-65535", "65535 addresses"), ("db1:90-80", "runs backwards")] {
        let plan = plan_of(&[text("list", &format!("# mine\n{line}\n"))], None);
        let told = super::skipped(&plan);
        assert!(told.len() == 1 && told[0].starts_with("2: ") && told[0].contains(say), "{told:?}");
    }
}

#[test]
fn a_mistake_in_one_file_stops_all_of_them() {
    let files = [text("good", "db1:5432\n"), text("bad.json", "{")];
    let told = read(&files, None).expect_err("the second is bad").to_string();
    assert!(told.starts_with("bad.json:1: "), "{told}");
}

#[test]
fn every_source_meets_every_kind_of_text_with_an_error_or_entries() {
    let bodies = [
        "db1:5432\n",
        "{}",
        "[]",
        "a: b\n",
        "<nmaprun/>",
        "host,port\na,1\n",
        "Host a\n Port x\n",
        "[[target]]\n",
        "{\"monitors\": {}}",
        "[[[[1]]]]",
        "\"\"",
        "- - -\n",
        "? a\n",
        "%YAML 1.1\n---\na: !!binary x\n",
        "Host: \t\n",
        "Host: 1.1.1.1 ()\tPorts: /////, 1/open/tcp\n",
        "\u{202e}\u{feff}x:1\n",
        ",,,\n,,,\n",
        "host\tport\n\t\n",
        "{\"resources\": [{\"resourceType\": \"TCP\", \"target\": \"\\u0000:1\"}]}",
        "<nmaprun><host><port/></host></nmaprun>",
        "Host *\nHostName %h%h%h\n",
        "Match exec \"touch /tmp/x\"\nHost a\n",
        "{\"type_data\": {\"hosts\": [{}]}}",
    ];
    for body in bodies {
        for source in Source::NAMES.iter().map(|(_, source)| Some(*source)).chain([None]) {
            if let Err(bad) = read(&[text("x", body)], source) {
                assert!(bad.to_string().starts_with('x'), "{bad}");
            }
        }
    }
}

#[test]
fn hostile_names_are_harmless_in_the_configuration_and_in_the_report() {
    let body = "{\"monitorList\": [{\"type\": \"port\", \"hostname\": \"a\", \"port\": 1,\
                \"name\": \"\\u001b[2J\\u202edb\\u0000\\u200b\", \"description\": \"x\\u0007\\ny\"},\
                {\"type\": \"\\u001b[31mhttp\", \"name\": \"\\u001b]0;x\\u0007\"}]}";
    let plan = plan_of(&[text("x", body)], None);
    let [target] = &added(&plan)[..] else { panic!("one target") };
    assert_eq!(target.name, "\u{fffd}[2J\u{fffd}db\u{fffd}\u{fffd}");
    assert_eq!(target.note, "x\u{fffd} y");
    let told = format!("{}{}", plan.told[1].name, plan.told[1].reason.as_deref().unwrap_or_default());
    assert!(!told.chars().any(char::is_control), "{told:?}");
}

#[test]
fn an_address_with_control_characters_is_no_address_and_says_so_harmlessly() {
    let plan = plan_of(&[text("x", "db1:1\nd\u{1b}[2Jb:1\n")], None);
    let told = &plan.told[1];
    assert!(!format!("{}{:?}", told.name, told.reason).contains('\u{1b}'), "{told:?}");
}

const EXAMPLES: [&str; 14] = [
    "kener.json",
    "kairos.yaml",
    "gatus.yaml",
    "uptime-kuma.json",
    "kuma-cli.yaml",
    "file_sd.json",
    "file_sd.yml",
    "prometheus.yml",
    "blackbox.yml",
    "nmap.xml",
    "nmap.gnmap",
    "ssh_config",
    "plain.csv",
    "uptimerobot.csv",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes exchanged, taken out and cut off: an error that names the file, or entries whose lines are in it.
    #[test]
    fn a_damaged_file_is_an_error_or_entries(
        name in select(EXAMPLES.to_vec()),
        damage in proptest::collection::vec((any::<Index>(), any::<u8>(), any::<bool>()), 0..8),
        end in any::<Index>(),
    ) {
        let mut file = example(name);
        for (place, byte, is_taken_out) in damage {
            let place = place.index(file.bytes.len());
            if is_taken_out {
                file.bytes.remove(place);
            } else {
                file.bytes[place] = byte;
            }
        }
        file.bytes.truncate(file.bytes.len() - end.index(file.bytes.len()) / 4);
        let lines = file.bytes.split(|&byte| byte == b'\n').count();
        let bad = read(std::slice::from_ref(&file), None).err();
        let told = if bad.is_none() { plan_of(&[file], None).told } else { Vec::new() };
        prop_assert!(told.iter().all(|told| (1..=lines).contains(&told.line)), "{:?}", told);
        if let Some(bad) = bad {
            prop_assert!(bad.to_string().starts_with(name), "{}", bad);
            prop_assert!(bad.mistake.line.is_none_or(|line| line <= lines), "{}", bad);
        }
    }
}
