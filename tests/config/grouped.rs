//! Edits of groups, tags and short forms, as pictures: before, change, after.

use super::read;
use portpulse::config::{Defaults, edit::edit};
use portpulse::domain::{Activity, Definition, Endpoint, Evaluation, Family};
use portpulse::monitor::Change;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::Path;
use std::time::Duration;

fn endpoint(address: &str) -> Endpoint {
    Endpoint::new(address.parse().expect("an address"))
}

fn after(before: &str, change: &Change) -> String {
    edit(Path::new("p.toml"), before, change).unwrap_or_else(|errors| panic!("{errors}\n{before}"))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Changes the target of this name.
fn edited(before: &str, name: &str, change: impl FnOnce(&mut Definition)) -> String {
    let targets = read(before).declared.targets;
    let mut definition = targets.into_iter().find(|target| target.name == name).expect("a target of this name");
    change(&mut definition);
    let text = after(before, &Change::Edit(name.to_owned(), Box::new(definition.clone())));
    assert!(read(&text).declared.targets.contains(&definition), "{text}");
    text
}

#[test]
fn an_added_group_says_once_what_its_endpoints_have_in_common() {
    let mut group = Defaults::default().definition(endpoint("a:1").address);
    group.name = "g".to_owned();
    group.endpoints = vec![endpoint("a:1"), endpoint("b:1"), endpoint("c:1")];
    for endpoint in &mut group.endpoints {
        endpoint.timeout = Duration::from_secs(3);
    }
    group.endpoints[1].family = Family::Both;
    group.endpoints[2].weight = NonZeroU32::new(5).expect("five");
    group.evaluation = Evaluation::Weighted { degraded_from: 30 };
    assert_eq!(
        after("", &Change::Add(vec![group])),
        "[[target]]\nname = \"g\"\nendpoints = [\"a:1\", { address = \"b:1\", family = \"both\" }, \
         { address = \"c:1\", weight = 5 }]\nevaluate = \"weighted\"\ndegraded_from = \"30%\"\ntimeout = \"3s\"\n"
    );
}

const GROUP: &str = "\
[[target]]
name = \"g\"
# all in one rack
endpoints = [ # three
  # the first
  \"a:1\", # never moves
  { address = \"b:1\",   weight = 2 }, # heavy
  # a pair
  \"{c,d}:1\" # the end
]
evaluate = \"quorum\" # for now
quorum = 2
";

#[test]
fn an_edit_of_one_endpoint_keeps_the_lines_of_the_others() {
    let slower = edited(GROUP, "g", |it| it.endpoints[0].timeout = Duration::from_secs(2));
    assert_eq!(slower, GROUP.replace("\"a:1\",", "{ address = \"a:1\", timeout = \"2s\" },"));
    let heavier = edited(GROUP, "g", |it| it.endpoints[1].weight = NonZeroU32::new(7).expect("seven"));
    assert_eq!(heavier, GROUP.replace("weight = 2", "weight = 7"));
    let lighter = edited(GROUP, "g", |it| it.endpoints[1].weight = NonZeroU32::MIN);
    assert_eq!(lighter, GROUP.replace("{ address = \"b:1\",   weight = 2 }", "{ address = \"b:1\" }"));
    let split = edited(GROUP, "g", |it| it.endpoints[3].family = Family::Ipv6);
    assert_eq!(
        split,
        GROUP.replace("\"{c,d}:1\" # the end", "\"c:1\",\n  { address = \"d:1\", family = \"ipv6\" } # the end")
    );
}

#[test]
fn endpoints_come_and_go_with_their_own_comments() {
    let fewer = edited(GROUP, "g", |it| drop(it.endpoints.remove(1)));
    assert_eq!(fewer, GROUP.replace("  { address = \"b:1\",   weight = 2 }, # heavy\n", ""));
    let headless = edited(GROUP, "g", |it| drop(it.endpoints.remove(0)));
    assert_eq!(headless, GROUP.replace(" # three\n  # the first\n  \"a:1\", # never moves", ""));
    let more = edited(GROUP, "g", |it| it.endpoints.push(endpoint("e:1")));
    assert_eq!(more, GROUP.replace("\"{c,d}:1\" # the end", "\"{c,d}:1\", # the end\n  \"e:1\""));
    let turned = edited(GROUP, "g", |it| it.endpoints.swap(0, 1));
    assert!(turned.contains("\"a:1\", # never moves\n  # a pair"), "{turned}");
    let short = "[[target]]\nname = \"g\"\nendpoints = [\"a:1\", \"b:1\"] # both\n";
    assert_eq!(edited(short, "g", |it| it.endpoints.reverse()), short.replace("\"a:1\", \"b:1\"", "\"b:1\", \"a:1\""));
    assert_eq!(
        edited(short, "g", |it| it.endpoints.insert(0, endpoint("c:1"))),
        short.replace("[\"a:1\"", "[\"c:1\", \"a:1\"")
    );
}

#[test]
fn what_all_endpoints_share_is_changed_in_one_line() {
    let before = "[[target]]\nname = \"g\"\ntimeout = \"3s\" # near\nendpoints = [\"a:1\", { address = \"b:1\", timeout = \"4s\" }]\n";
    let changed = edited(before, "g", |it| it.endpoints.iter_mut().for_each(|it| it.timeout = Duration::from_secs(1)));
    assert_eq!(
        changed,
        before.replace("\"3s\"", "\"1s\"").replace("{ address = \"b:1\", timeout = \"4s\" }", "{ address = \"b:1\" }")
    );
    let one = edited(before, "g", |it| it.endpoints[0].timeout = Duration::from_secs(5));
    assert_eq!(one, before.replace("\"a:1\"", "{ address = \"a:1\", timeout = \"5s\" }"));
}

#[test]
fn a_single_target_becomes_a_group_in_its_place() {
    let before = "[[target]]\nname = \"g\"\naddress = \"a:1\" # the first\ntimeout = \"3s\"\n";
    let group = edited(before, "g", |it| {
        it.endpoints.push(Endpoint { timeout: Duration::from_secs(3), ..endpoint("b:1") });
        it.evaluation = Evaluation::Any;
    });
    assert_eq!(
        group,
        "[[target]]\nname = \"g\"\nendpoints = [\"a:1\", \"b:1\"] # the first\ntimeout = \"3s\"\nevaluate = \"any\"\n"
    );
    let single = edited(&group, "g", |it| {
        it.endpoints.pop();
        it.evaluation = Evaluation::All;
    });
    assert_eq!(single, before.replace("address = \"a:1\"", "endpoints = [\"a:1\"]"));
}

#[test]
fn a_policy_takes_its_settings_along() {
    let weighted = edited(GROUP, "g", |it| it.evaluation = Evaluation::Weighted { degraded_from: 20 });
    assert_eq!(
        weighted,
        GROUP.replace("\"quorum\" # for now\nquorum = 2\n", "\"weighted\" # for now\ndegraded_from = \"20%\"\n")
    );
    let script = edited(GROUP, "g", |it| it.evaluation = Evaluation::Script("x.js".into()));
    assert_eq!(script, GROUP.replace("evaluate = \"quorum\" # for now\nquorum = 2\n", "script = \"x.js\"\n"));
    let needed = NonZeroU16::new(3);
    let three = edited(GROUP, "g", |it| it.evaluation = Evaluation::Quorum { needed });
    assert_eq!(three, GROUP.replace("quorum = 2", "quorum = 3"));
    assert_eq!(
        edited(GROUP, "g", |it| it.evaluation = Evaluation::All),
        GROUP.replace("evaluate = \"quorum\" # for now\nquorum = 2\n", "")
    );
}

const TAGGED: &str = "\
[tag.db]
interval = \"30s\"
timeout = \"2s\"
evaluate = \"quorum\"
quorum = 2

[[target]]
address = \"a:1\"
tags = [\"db\"]

[[target]]
name = \"g\"
endpoints = [\"b:1\", \"c:1\"]
tags = [\"db\"]

# looks like the end
[tag.web]
interval = \"10s\"
# and is
";

#[test]
fn what_a_tag_gives_is_not_written_again() {
    assert_eq!(
        edited(TAGGED, "a:1", |it| it.note = "x".into()),
        TAGGED.replacen("tags = [\"db\"]\n", "tags = [\"db\"]\nnote = \"x\"\n", 1)
    );
    let slow = edited(TAGGED, "g", |it| it.interval = Duration::from_mins(1));
    let own = "endpoints = [\"b:1\", \"c:1\"]\ntags = [\"db\"]\n";
    assert_eq!(slow, TAGGED.replace(own, &format!("{own}interval = \"1m\"\n")));
    assert_eq!(edited(&slow, "g", |it| it.interval = Duration::from_secs(30)), TAGGED);
    let untagged = edited(TAGGED, "a:1", |it| it.tags.clear());
    let own = "interval = \"30s\"\ntimeout = \"2s\"\n";
    assert_eq!(untagged, TAGGED.replacen("tags = [\"db\"]\n", own, 1));
    let mut added = read(TAGGED).tags.over(&Defaults::default(), &names(&["db"])).definition(endpoint("z:1").address);
    added.tags = names(&["db"]);
    let text = after(TAGGED, &Change::Add(vec![added.clone()]));
    assert_eq!(text, TAGGED.replace("\n# looks", "\n[[target]]\naddress = \"z:1\"\ntags = [\"db\"]\n\n# looks"));
    assert_eq!(after(&text, &Change::Remove(names(&["z:1"]))), TAGGED);
}

const SHORT: &str = "\
# the databases
[[target]]
address = \"db1:1-3\" # three
interval = \"5s\" # often

# another
[[target]]
address = \"x:1\"
";

#[test]
fn a_short_form_is_written_out_where_one_of_its_targets_changes() {
    let one = |port: u16, more: &str| {
        format!("[[target]]\naddress = \"db1:{port}\" # three\ninterval = \"5s\" # often\n{more}")
    };
    let rest = "\n# another\n[[target]]\naddress = \"x:1\"\n";
    let written = |second: &str| format!("# the databases\n{}\n{second}{}{rest}", one(1, ""), one(3, ""));
    let paused = after(SHORT, &Change::SetActivity(names(&["db1:2"]), Activity::Paused));
    assert_eq!(paused, written(&(one(2, "paused = true\n") + "\n")));
    assert_eq!(after(SHORT, &Change::Remove(names(&["db1:2"]))), written(""));
    assert_eq!(after(SHORT, &Change::Remove(names(&["db1:2", "db1:1", "db1:3"]))), rest.trim_start());
    let other = edited(SHORT, "x:1", |it| it.note = "n".into());
    assert_eq!(other, format!("{SHORT}note = \"n\"\n"), "others leave it alone");
    let named = SHORT.replace("interval", "name = \"db\"\ninterval");
    let slow = edited(&named, "db:3", |it| it.interval = Duration::from_mins(1));
    assert_eq!(
        read(&slow).declared.targets.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["db:1", "db:2", "db:3", "x:1"]
    );
}

#[test]
fn a_table_with_endpoints_in_tables_is_left_alone_by_other_changes() {
    let before = "[[target]]\nname = \"g\"\n[[target.endpoints]]\naddress = \"a:1\"\n[[target.endpoints]]\naddress = \"b:1\"\n\n# x\n[[target]]\naddress = \"c:1\"\n";
    let noted = edited(before, "g", |it| it.note = "n".into());
    assert_eq!(noted, before.replacen("name = \"g\"\n", "name = \"g\"\nnote = \"n\"\n", 1));
    assert_eq!(after(before, &Change::Remove(names(&["g"]))), "# x\n[[target]]\naddress = \"c:1\"\n");
    let added = after(before, &Change::Add(vec![Defaults::default().definition(endpoint("d:1").address)]));
    assert_eq!(added, format!("{before}\n[[target]]\naddress = \"d:1\"\n"));
}

#[test]
fn endpoints_in_tables_of_their_own_are_edited_there() {
    let before = "[[target]]\nname = \"g\"\n\n# the first\n[[target.endpoints]]\naddress = \"a:1\" # it\n\n\
                  [[target.endpoints]]\naddress = \"b:2\"\ntimeout = \"2s\"\n\n[[target]]\naddress = \"c:3\"\n";
    let slow = |group: &mut Definition| {
        group.endpoints[0].weight = NonZeroU32::new(3).expect("three");
        group.endpoints.push(Endpoint { family: Family::Both, ..group.endpoints[0].clone() });
        group.endpoints[2].address = "d:4".parse().expect("an address");
        group.endpoints[2].weight = NonZeroU32::MIN;
    };
    let added = before.replace("# it\n", "# it\nweight = 3\n").replace(
        "timeout = \"2s\"\n\n",
        "timeout = \"2s\"\n\n[[target.endpoints]]\naddress = \"d:4\"\nfamily = \"both\"\n\n",
    );
    assert_eq!(edited(before, "g", slow), added);
    let fewer = |group: &mut Definition| drop(group.endpoints.remove(0));
    let text = edited(before, "g", fewer);
    assert!(text.contains("address = \"b:2\"") && !text.contains("a:1"), "{text}");
    let mut turned = read(before).declared.targets.remove(0);
    turned.endpoints.reverse();
    let change = Change::Edit("g".to_owned(), Box::new(turned));
    let refused = edit(Path::new("p.toml"), before, &change).expect_err("another order");
    assert!(refused.first().to_string().contains("[[target.endpoints]] in another order: edit the file by hand"));
}
