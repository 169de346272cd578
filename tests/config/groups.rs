//! Groups, evaluations, short forms and tags: what a file says, and what is wrong with it.

use super::{mistakes, read};
use portpulse::config;
use portpulse::domain::{Addresses, Definition, Endpoint, Evaluation, Expect, Family, Handshake};
use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};
use std::time::Duration;

fn only(text: &str) -> Definition {
    let mut targets = read(text).declared.targets;
    assert_eq!(targets.len(), 1, "{text}");
    targets.remove(0)
}

/// The name of each target with its addresses.
fn listed(text: &str) -> Vec<String> {
    let addresses = |target: &Definition| target.endpoints.iter().map(|it| it.address.to_string()).collect::<Vec<_>>();
    read(text).declared.targets.iter().map(|it| format!("{} = {}", it.name, addresses(it).join(" "))).collect()
}

#[test]
fn an_endpoint_says_what_tells_it_from_the_others() {
    let group = only(
        r#"
[defaults]
timeout = "5s"
addresses = "every"
[[target]]
name = "redis"
family = "ipv4"
endpoints = [
  "redis-1:6379",
  { address = "redis-2:6379", timeout = "2s", family = "ipv6", weight = 3 },
  { address = "redis-{3,4}:6379", handshake = "full", addresses = "any", expect = "refused" },
]
"#,
    );
    let plain = |address: &str| Endpoint {
        timeout: Duration::from_secs(5),
        addresses: Addresses::Every,
        family: Family::Ipv4,
        ..Endpoint::new(address.parse().expect("an address"))
    };
    let special = |address| Endpoint {
        handshake: Handshake::Full,
        addresses: Addresses::Any,
        expect: Expect::Refused,
        ..plain(address)
    };
    let second = Endpoint {
        timeout: Duration::from_secs(2),
        family: Family::Ipv6,
        weight: NonZeroU32::new(3).expect("three"),
        ..plain("redis-2:6379")
    };
    assert_eq!(group.endpoints, [plain("redis-1:6379"), second, special("redis-3:6379"), special("redis-4:6379")]);
    assert_eq!((group.name.as_str(), group.evaluation), ("redis", Evaluation::All));
}

#[test]
fn a_group_of_one_is_named_after_it() {
    assert_eq!(listed("[[target]]\nendpoints = [\"a:1\"]"), ["a:1 = a:1"]);
}

#[test]
fn every_policy_has_its_settings() {
    let three = |count| Evaluation::Quorum { needed: NonZeroU16::new(count) };
    for (lines, expected) in [
        ("evaluate = \"all\"", Evaluation::All),
        ("evaluate = \"any\"", Evaluation::Any),
        ("evaluate = \"quorum\"", three(0)),
        ("evaluate = \"quorum\"\nquorum = \"majority\"", three(0)),
        ("evaluate = \"quorum\"\nquorum = 3", three(3)),
        ("evaluate = \"failover\"", Evaluation::Failover),
        ("evaluate = \"weighted\"", Evaluation::Weighted { degraded_from: 50 }),
        ("evaluate = \"weighted\"\ndegraded_from = 30", Evaluation::Weighted { degraded_from: 30 }),
        ("evaluate = \"weighted\"\ndegraded_from = \"100%\"", Evaluation::Weighted { degraded_from: 100 }),
        ("evaluate = \"timeouts\"", Evaluation::Timeouts),
        ("evaluate = \"percentile\"", Evaluation::PERCENTILE),
        (
            "p95_degraded_above = \"20ms\"\nevaluate = \"percentile\"\np99_down_above = \"40ms\"",
            Evaluation::Percentile { degraded_above: Duration::from_millis(20), down_above: Duration::from_millis(40) },
        ),
        ("script = \"redis.js\"", Evaluation::Script(PathBuf::from("redis.js"))),
    ] {
        let text = format!("[[target]]\nname = \"g\"\nendpoints = [\"a:1\", \"b:1\", \"c:1\"]\n{lines}\n");
        assert_eq!(only(&text).evaluation, expected, "{lines}");
    }
}

#[test]
fn a_script_lies_beside_the_file() {
    let text =
        "[[target]]\naddress = \"a:1\"\nscript = \"x/y.js\"\n[[target]]\naddress = \"b:1\"\nscript = \"/s/z.js\"\n";
    let loaded = config::load_text(Path::new("/etc/portpulse/p.toml"), text).expect("it reads");
    let script = |place: usize| loaded.declared.targets[place].evaluation.clone();
    assert_eq!(script(0), Evaluation::Script(PathBuf::from("/etc/portpulse/x/y.js")));
    assert_eq!(script(1), Evaluation::Script(PathBuf::from("/s/z.js")));
    let shown = config::show(&loaded);
    assert!(shown.contains("script = \"x/y.js\"") && shown.contains("script = \"/s/z.js\""), "{shown}");
}

#[test]
fn a_short_form_stands_for_several_targets_or_several_endpoints() {
    for (lines, expected) in [
        ("address = \"db1:5432,6432\"", &["db1:5432 = db1:5432", "db1:6432 = db1:6432"][..]),
        ("address = \"db1:5432,6432\"\nname = \"db\"", &["db:5432 = db1:5432", "db:6432 = db1:6432"]),
        ("address = \"{a,b}:1\"\nname = \"x\"", &["x a:1 = a:1", "x b:1 = b:1"]),
        ("address = \"a:1-1\"\nname = \"x\"", &["x = a:1"]),
        ("endpoints = [\"{a,b}:1-2\", \"c:9\"]\nname = \"x\"", &["x = a:1 a:2 b:1 b:2 c:9"]),
    ] {
        assert_eq!(listed(&format!("[[target]]\n{lines}\n")), expected, "{lines}");
    }
    let loaded =
        read("[self_check]\ncanaries = [\"{gw1,gw2}:22\"]\n[defaults]\nexpect = \"closed\"\naddresses = \"every\"");
    let canaries = &loaded.declared.settings.canaries;
    assert_eq!(canaries.len(), 2);
    assert!(canaries.iter().all(Endpoint::is_plain), "what targets are to be says nothing about canaries");
}

const TAGGED: &str = r#"
[defaults]
interval = "2m"
timeout = "9s"

[tag.db]
interval = "30s"
degraded_above = "50ms"
family = "ipv4"

[tag.prod]
interval = "10s"
down_after = 5
expect = "refused"
evaluate = "quorum"
quorum = 2
"#;

#[test]
fn a_target_comes_before_its_tags_and_those_before_the_defaults() {
    for (lines, interval, down_after, family, expect) in [
        ("", 120, 3, Family::Auto, Expect::Open),
        ("tags = [\"x\"]", 120, 3, Family::Auto, Expect::Open),
        ("tags = [\"db\"]", 30, 3, Family::Ipv4, Expect::Open),
        ("tags = [\"db\", \"prod\"]", 10, 5, Family::Ipv4, Expect::Refused),
        ("tags = [\"prod\", \"db\"]", 30, 5, Family::Ipv4, Expect::Refused),
        ("tags = [\"prod\", \"db\"]\ninterval = \"1m\"\nfamily = \"both\"", 60, 5, Family::Both, Expect::Refused),
    ] {
        let target = only(&format!("{TAGGED}[[target]]\naddress = \"a:1\"\n{lines}\n"));
        let endpoint = &target.endpoints[0];
        let got = (target.interval.as_secs(), target.down_after.get(), endpoint.family, endpoint.expect);
        assert_eq!(got, (interval, down_after, family, expect), "{lines}");
        assert_eq!(endpoint.timeout, Duration::from_secs(9));
        assert_eq!(target.retry_interval, Duration::from_secs(10));
    }
    let group =
        "[[target]]\nname = \"g\"\ntags = [\"prod\"]\nendpoints = [\"a:1\", { address = \"b:1\", expect = \"open\" }]";
    let group = only(&format!("{TAGGED}{group}"));
    assert_eq!(group.evaluation, Evaluation::Quorum { needed: NonZeroU16::new(2) });
    assert_eq!(group.endpoints.iter().map(|it| it.expect).collect::<Vec<_>>(), [Expect::Refused, Expect::Open]);
}

#[test]
fn what_is_shown_of_groups_and_tags_says_the_same() {
    let text = format!(
        "{TAGGED}[tag.\"ä\"]\nscript = \"x.js\"\n[[target]]\nname = \"g\"\ntags = [\"prod\", \"ä\"]\n\
         endpoints = [\"a:1\", {{ address = \"b:1\", weight = 2, timeout = \"1s\" }}]\n\
         [[target]]\naddress = \"a:1,2\"\nevaluate = \"weighted\"\ndegraded_from = 10\ntags = [\"db\"]\n"
    );
    let loaded = read(&text);
    let shown = config::show(&loaded);
    let again = read(&shown);
    assert_eq!(again.declared, loaded.declared, "{shown}");
    assert_eq!((again.defaults, again.tags), (loaded.defaults, loaded.tags), "{shown}");
    let fast = read("[defaults]\ninterval = \"5s\"\n[[target]]\naddress = \"a:1\"\ninterval = \"1m\"\n");
    assert_eq!(read(&config::show(&fast)).declared, fast.declared);
}

/// A group of these endpoints, with more lines below.
fn group(endpoints: &str, more: &str) -> String {
    format!("[[target]]\nname = \"g\"\nendpoints = {endpoints}\n{more}")
}

#[test]
fn what_is_wrong_with_a_group_is_told_with_its_place() {
    let many: Vec<String> = (1..=256).map(|port| format!("\"a:{port}\"")).collect();
    let rows: &[(String, &str)] = &[
        (
            "[[target]]\naddress = \"a:1\"\nendpoints = [\"b:1\"]".into(),
            "3:1: `address` and `endpoints` exclude each other: write `address` for one, `endpoints` for a group",
        ),
        (
            "[[target]]\nendpoints = [\"a:1\", \"b:1\"]".into(),
            "2:1: a group of 2 needs a name: write name = \"...\": no address can stand for all",
        ),
        (
            group("[]", ""),
            "3:13: a group of nothing: write a list such as [\"redis-1:6379\", { address = \"redis-2:6379\", timeout = \"2s\" }]",
        ),
        (
            group("\"a:1\"", ""),
            "3:13: a list is wanted: write a list such as [\"redis-1:6379\", { address = \"redis-2:6379\", timeout = \"2s\" }]",
        ),
        (group(&format!("[{}]", many.join(", ")), ""), "3:13: 256 entries are too many: at most 255"),
        (group("[\"b:1\", \"a:1-300\"]", ""), "3:21: 301 endpoints and more are too many: at most 255"),
        (
            group("[\n  \"a:1\",\n  { address = \"{b,A}:1\" },\n]", ""),
            "5:3: a:1 stands twice in this group: the first is in line 4: change one of the two, or remove it",
        ),
        (group("[\"a:1\", 3]", ""), "3:21: an address is wanted, this is a bare number: write \"host:port\" in quotes"),
        (group("[\"a:1\", { weight = 3 }]", ""), "3:21: this endpoint has no address: write address = \"host:port\""),
        (
            group("[{ address = \"a:1\", weight = 0 }]", ""),
            "3:42: `0` is out of range: write a whole number from 1 to 1000000",
        ),
        (
            group("[{ address = \"a:1\", interval = \"1s\" }]", ""),
            "3:33: unknown key `interval` in an endpoint: known here: address, weight, timeout, handshake, family, \
             addresses, expect",
        ),
        (
            group("[{ address = \"a:1\", family = \"ipv7\" }]", ""),
            "3:42: `ipv7` is none of the choices: did you mean \"ipv4\"? there are \"auto\", \"ipv4\", \"ipv6\", \"both\"",
        ),
        (
            group("[\"a:1\", \"b:1\"]\n[[target]]\nname = \"h\"\nendpoints = [\"a:1\", \"b:1\"]", ""),
            "6:13: this group of 2 is watched twice: the first is in line 3: change one of the two, or remove it",
        ),
        ("[[target]]\naddress = \"{a,b:1\"".into(), "2:11: `{a,b:1`: a brace stands alone: write {a,b}"),
        (
            "[[target]]\naddress = \"a:1-2000\"".into(),
            "2:11: that is 2000 addresses in one line; at most 1024: write \"host:port\"",
        ),
    ];
    for (text, told) in rows {
        assert_eq!(mistakes(text), [*told], "{text}");
    }
}

#[test]
fn a_setting_without_its_policy_is_told() {
    for (lines, told) in [
        (
            "evaluate = \"some\"",
            "4:12: `some` is none of the choices: write one of \"all\", \"any\", \"quorum\", \"failover\", \"weighted\", \
             \"timeouts\", \"percentile\"",
        ),
        ("evaluate = \"script\"", "4:12: `script` is no policy: write script = \"FILE.js\" in place of `evaluate`"),
        (
            "evaluate = \"any\"\nscript = \"a.js\"",
            "5:1: `evaluate` and `script` exclude each other: keep one of the two",
        ),
        (
            "quorum = 2",
            "4:1: `quorum` has no use without evaluate = \"quorum\": write evaluate = \"quorum\", or take `quorum` out",
        ),
        (
            "evaluate = \"any\"\nquorum = 2",
            "5:1: `quorum` has no use beside evaluate = \"any\": write evaluate = \"quorum\", or take `quorum` out",
        ),
        (
            "script = \"a.js\"\ndegraded_from = 2",
            "5:1: `degraded_from` has no use beside a script: write evaluate = \"weighted\", or take `degraded_from` out",
        ),
        (
            "evaluate = \"quorum\"\np99_down_above = \"1s\"",
            "5:1: `p99_down_above` has no use beside evaluate = \"quorum\": write evaluate = \"percentile\", or take \
             `p99_down_above` out",
        ),
        (
            "evaluate = \"quorum\"\nquorum = 3",
            "5:10: a quorum of 3 among 2 can never be: ask for at most 2, or leave `quorum` out for more than half",
        ),
        (
            "evaluate = \"quorum\"\nquorum = 0",
            "5:10: `0` is out of range: write a whole number from 1 to 255, or \"majority\"",
        ),
        (
            "evaluate = \"weighted\"\ndegraded_from = 0",
            "5:17: a share is wanted: write it in percent, such as \"50%\", from 1 to 100",
        ),
        (
            "evaluate = \"weighted\"\ndegraded_from = \"half\"",
            "5:17: a share is wanted: write it in percent, such as \"50%\", from 1 to 100",
        ),
        ("script = \"\"", "4:10: this is no path of a script: write it relative to this file, such as \"redis.js\""),
    ] {
        assert_eq!(mistakes(&group("[\"a:1\", \"b:1\"]", lines)), [told], "{lines}");
    }
    let single = "[tag.x]\nevaluate = \"quorum\"\nquorum = 3\n[[target]]\ntags = [\"x\"]\naddress = \"a:1\"";
    assert_eq!(only(single).evaluation, Evaluation::All, "what tags say about groups is for groups");
    assert_eq!(
        mistakes("[[target]]\naddress = \"a:1\"\nevaluate = \"quorum\"\nquorum = 2"),
        ["4:10: a quorum of 2 among 1 can never be: ask for at most 1, or leave `quorum` out for more than half"]
    );
    let from_tag = "[tag.x]\nevaluate = \"quorum\"\nquorum = 3\n[[target]]\nname = \"g\"\ntags = [\"x\"]\nendpoints = [\"a:1\", \"b:1\"]";
    assert_eq!(
        mistakes(from_tag),
        ["7:13: a quorum of 3 among 2 can never be: ask for at most 2, or leave `quorum` out for more than half"]
    );
}

#[test]
fn what_is_wrong_with_a_tag_is_told_with_its_place() {
    for (text, told) in [
        (
            "tag = 3",
            "1:7: `tag` gives settings to all targets with a tag: write [tag.NAME] in a line of its own and its settings below",
        ),
        (
            "[tag]\ninterval = \"1m\"",
            "2:1: `interval` stands in [tag] itself: write [tag.NAME] in a line of its own and its settings below",
        ),
        ("[tag.\"a b\"]", "1:6: a tag is one word: write it without spaces, such as \"prod\""),
        (
            "[tag.a]\ninterval = \"5s\"\nretry_interval = \"6s\"",
            "3:18: a retry interval of 6s is slower than the interval of 5s: write \"5s\" or less",
        ),
        ("[tag.a]\naddress = \"a:1\"", "2:1: unknown key `address` in [tag.a]: did you mean `addresses`?"),
    ] {
        assert_eq!(mistakes(text), [told], "{text}");
    }
}
