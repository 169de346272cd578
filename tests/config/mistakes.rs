//! What is wrong with a file: each message names the place and what to write instead.

use super::mistakes;
use portpulse::config;
use std::path::Path;

const BARE_NUMBER: &str =
    "a duration is wanted, this is a bare number: write a number with its unit in quotes, such as \"10s\"";
const NO_DURATION: &str = "is no duration: write a number with its unit, such as \"500ms\", \"10s\" or \"1m\"";
const TWICE: &str = "change one of the two, or remove it";

fn assert_told(rows: &[(&str, String)]) {
    for (text, told) in rows {
        assert_eq!(mistakes(text), [told.as_str()], "{text}");
    }
}

#[test]
fn names_that_nobody_knows() {
    assert_told(&[
        ("interval = \"1m\"", "1:1: `interval` stands outside of a section: move it below [defaults]".into()),
        (
            "intervall = \"1m\"",
            "1:1: unknown key `intervall`: did you mean `interval`? it belongs below [defaults]".into(),
        ),
        ("[default]", "1:2: unknown key `default` in this file: did you mean `defaults`?".into()),
        ("[defaults]\n  intervall = 1", "2:3: unknown key `intervall` in [defaults]: did you mean `interval`?".into()),
        ("[history]\ncheck = 1", "2:1: unknown key `check` in [history]: did you mean `checks`?".into()),
        ("[serve]\nallowed = []", "2:1: unknown key `allowed` in [serve]: did you mean `allow`?".into()),
        ("[self_check]\ncanary = 1", "2:1: unknown key `canary` in [self_check]: did you mean `canaries`?".into()),
        (
            "[ui]\nzzzzzzzz = 1",
            "2:1: unknown key `zzzzzzzz` in [ui]: known here: theme, ascii, bell, mouse, utc, confirm_quit, sync"
                .into(),
        ),
        (
            "[[target]]\naddress = \"a:1\"\ntag = []",
            "3:1: unknown key `tag` in [[target]]: did you mean `tags`?".into(),
        ),
        (
            "[[target]]\naddress = \"a:1\"\nweight = 3",
            "3:1: `weight` is about one endpoint of a group: \
             write endpoints = [{ address = \"host:port\", weight = 3 }]"
                .into(),
        ),
        ("[tag.db]\nintervl = \"1m\"", "2:1: unknown key `intervl` in [tag.db]: did you mean `interval`?".into()),
        (
            "[tag.db]\nparallelism = 3",
            "2:1: unknown key `parallelism` in [tag.db]: known here: interval, timeout, retry_interval, down_after, \
             up_after, degraded_above, handshake, family, addresses, expect, evaluate, script, quorum, \
             degraded_from, p95_degraded_above, p99_down_above"
                .into(),
        ),
        (
            "[[target]]\nname = \"g\"\nendpoints = [\"a:1\", { address = \"b:1\", wieght = 2 }]",
            "3:40: unknown key `wieght` in an endpoint: did you mean `weight`?".into(),
        ),
    ]);
}

#[test]
fn values_of_the_wrong_kind_or_size() {
    assert_told(&[
        ("[defaults]\ntimeout = 10", "2:11: a duration needs its unit: write \"10s\" if seconds are meant".into()),
        ("[defaults]\ntimeout = nan", format!("2:11: {BARE_NUMBER}")),
        ("[defaults]\ntimeout = 1e12", format!("2:11: {BARE_NUMBER}")),
        ("[defaults]\ntimeout = 1000000000000", format!("2:11: {BARE_NUMBER}")),
        ("[defaults]\ntimeout = \"-5s\"", format!("2:11: `-5s` {NO_DURATION}")),
        ("[history]\nexact = \"never\"", format!("2:9: `never` {NO_DURATION}, or \"all\"")),
        ("[history]\nchecks = \"31\"", format!("2:10: `31` {NO_DURATION}")),
        ("[defaults]\ntimeout = \"0s\"", "2:11: `0s` is out of range: write 10ms to 10m".into()),
        ("[defaults]\ninterval = \"999999999999s\"", "2:12: `999999999999s` is out of range: write 1s to 1d".into()),
        (
            "[defaults]\ninterval = \"5s\"\nretry_interval = \"10s\"",
            "3:18: a retry interval of 10s is slower than the interval of 5s: write \"5s\" or less".into(),
        ),
        ("[defaults]\ndown_after = 0", "2:14: `0` is out of range: write a whole number from 1 to 255".into()),
        ("[defaults]\ndown_after = -1", "2:14: `-1` is out of range: write a whole number from 1 to 255".into()),
        (
            "[defaults]\ndown_after = 1.5",
            "2:14: a whole number is wanted, this is a bare number: write a whole number from 1 to 255".into(),
        ),
        (
            "[defaults]\nparallelism = 0",
            "2:15: `0` is out of range: write a whole number from 1 to 100000, or \"auto\"".into(),
        ),
        (
            "[defaults]\nhandshake = \"ful\"",
            "2:13: `ful` is none of the choices: did you mean \"full\"? there are \"silent\", \"full\"".into(),
        ),
        ("[ui]\nbell = \"yes\"", "2:8: true or false is wanted, this is a text: write true or false".into()),
        ("ui = 3", "1:6: `ui` is a section: write [ui] in a line of its own and its settings below".into()),
        (
            "[keys]\nquit = 3",
            "2:8: a list is wanted: write a key such as \"x\", or a list such as [\"x\", \"ctrl-x\"]".into(),
        ),
        ("[serve]\nmax_series = 9", "2:14: `9` is out of range: write a whole number from 100 to 10000000".into()),
        (
            "[serve]\nallow = [\"10.0.0.0/8\", \"10.0.0.0/33\"]",
            "2:24: `10.0.0.0/33` is neither a network nor a name with ports: write \"10.0.0.0/8:5432\", \"[2001:db8::]/32\", \"db1.internal:1-1023\" or \"*.internal\"".into(),
        ),
        ("[self_check]\ncanaries = [\"a:1\", \"b\"]", "2:20: `b` has no port: write b:PORT".into()),
    ]);
}

#[test]
fn targets_that_cannot_be_watched() {
    assert_told(&[
        (
            "[target]\naddress = \"a:1\"",
            "1:1: targets are a list: write [[target]] with double brackets above each".into(),
        ),
        (
            "[[target]]\nname = \"a\"",
            "1:1: this target has no address: write address = \"host:port\", or endpoints = [...] for a group".into(),
        ),
        ("[[target]]\naddress = \"db1\"", "2:11: `db1` has no port: write db1:PORT".into()),
        ("[[target]]\naddress = \"http://db1\"", "2:11: `http://` is not a TCP target: write host:port".into()),
        (
            "[[target]]\naddress = \"a:1\"\nname = \" \"",
            "3:8: an empty name: write a name, or leave it out to use the address".into(),
        ),
        (
            "[[target]]\naddress = \"a:1\"\ntags = [\"a b\"]",
            "3:9: a tag is one word: write it without spaces, such as \"prod\"".into(),
        ),
        (
            "[[target]]\naddress = \"a:1\"\ntags = \"a\"",
            "3:8: a list is wanted: write a list such as [\"db\", \"prod\"]".into(),
        ),
        (
            "[[target]]\naddress = \"a:1\"\ninterval = \"5s\"\nretry_interval = \"6s\"",
            "4:18: a retry interval of 6s is slower than the interval of 5s: write \"5s\" or less".into(),
        ),
        (
            "[[target]]\naddress = \"a:1\"\n\n[[target]]\naddress = \"A.:1\"",
            format!("5:11: a:1 is watched twice: the first is in line 2: {TWICE}"),
        ),
        (
            "[[target]]\naddress = \"a:1\"\nname = \"x\"\n[[target]]\naddress = \"b:1\"\nname = \"x\"",
            format!("6:8: two targets are named `x`: the first is in line 3: {TWICE}"),
        ),
        (
            "[[target]]\naddress = \"a:1\"\n[[target]]\naddress = \"b:1\"\nname = \"a:1\"",
            format!("5:8: two targets are named `a:1`: the first is in line 2: {TWICE}"),
        ),
    ]);
}

#[test]
fn texts_that_are_no_toml() {
    assert_told(&[
        (
            "[ui]\nbell = true\nbell = false",
            "3:1: duplicate key: it stands further up already: remove one of the two".into(),
        ),
        (
            "[defaults]\ninterval = 1m",
            "2:12: string values must be quoted, expected literal string: put it in double quotes".into(),
        ),
        ("[ui]\nbell", "2:5: key with no value, expected `=`: write name = value".into()),
    ]);
}

#[test]
fn several_mistakes_are_told_in_the_order_of_their_lines() {
    let text = "[ui]\ntheme = 1\n[defaults]\ntimeout = \"x\"\n[[target]]\naddress = \"a\"\nnotes = \"b\"\n";
    let places = mistakes(text).iter().map(|told| told[..told.find(": ").unwrap_or(0)].to_owned()).collect::<Vec<_>>();
    assert_eq!(places, ["2:9", "4:11", "6:11", "7:1"]);
    let many = mistakes(&format!("[ui]\ntheme = 1\n{}", "[[target]]\n".repeat(500)));
    assert_eq!(many.len(), 20, "the first twenty are enough");
    assert!(many[0].starts_with("2:9: ") && many[19].starts_with("21:1: "), "{many:?}");
}

#[test]
fn a_report_points_at_the_mistake() {
    let text = "[[target]]\naddress = \"x:1\"\nname = \"größe\"; note = \"x\"\n";
    let errors = config::load_text(Path::new("/etc/p.toml"), text).expect_err("a semicolon");
    let report = [
        "error: unexpected key or value, expected newline, `#`",
        " --> /etc/p.toml:3:15",
        "  |",
        "3 | name = \"größe\"; note = \"x\"",
        "  |               ^ see https://toml.io for how TOML is written",
        "",
    ];
    assert_eq!(errors.first().report(), report.join("\n"));
}

#[test]
fn a_family_that_a_literal_is_not_of() {
    let told = |place: &str, address: &str, own: &str| {
        let hint = "leave `family` out: it chooses among the addresses of a name, and this is an address of";
        format!("{place}: {address} is no address of this family: {hint} {own}")
    };
    assert_told(&[
        ("[[target]]\naddress = \"10.0.0.1:80\"\nfamily = \"ipv6\"", told("3:10", "10.0.0.1:80", "ipv4")),
        ("[[target]]\naddress = \"[::1]:80\"\nfamily = \"ipv4\"", told("3:10", "[::1]:80", "ipv6")),
        (
            "[[target]]\nname = \"g\"\nendpoints = [\"a:1\", { address = \"10.0.0.1:80\", family = \"ipv6\" }]",
            told("3:57", "10.0.0.1:80", "ipv4"),
        ),
    ]);
    // What is said for many is about their names.
    let text = "[defaults]\nfamily = \"ipv6\"\n[[target]]\naddress = \"10.0.0.1:80\"\n[[target]]\naddress = \"a:1\"";
    let loaded = config::load_text(Path::new("p.toml"), text).expect("a right file");
    let families: Vec<_> = loaded.declared.targets.iter().map(|target| target.endpoints[0].family).collect();
    assert_eq!(families, [portpulse::domain::Family::Auto, portpulse::domain::Family::Ipv6]);
}

#[test]
fn a_script_that_is_not_there_is_told_where_somebody_asks() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("p.toml");
    std::fs::write(home.path().join("here.js"), "() => 1").expect("a script");
    let text =
        "[[target]]\naddress = \"a:1\"\nscript = \"here.js\"\n[[target]]\naddress = \"b:1\"\nscript = \"gone.js\"\n";
    std::fs::write(&path, text).expect("a file");
    let loaded = config::load(&path).expect("a monitor starts with it");
    let errors = config::check_scripts(&loaded).expect_err("one is missing");
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("p.toml:6:10: there is no such script: ") && told[0].contains("gone.js"), "{told:?}");
}

#[test]
fn a_key_of_a_million_tables_is_refused_before_it_is_read() {
    let text = format!("a{} = 1", ".a".repeat(600_000));
    let what = "p.toml: has 600000 dots outside of texts: that is no configuration: at most 500000";
    let errors = config::load_text(Path::new("p.toml"), &text).expect_err("too many");
    assert_eq!(errors.first().to_string(), what);
    let text = format!("[[target]]\naddress = \"a:1\"\nnote = \"{}\"", "x.".repeat(400));
    config::load_text(Path::new("p.toml"), &text).expect("a text may have dots");
}
