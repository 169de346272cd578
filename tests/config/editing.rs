//! Edits of the text, as pictures: before, change, after.

use super::read;
use portpulse::config::edit::{edit, edit_all};
use portpulse::config::{self, Defaults};
use portpulse::domain::{Activity, Definition, Evaluation, Family};
use portpulse::monitor::Change;
use std::num::NonZeroU8;
use std::path::Path;
use std::time::Duration;

fn target(address: &str) -> Definition {
    Defaults::default().definition(address.parse().expect("an address"))
}

fn named(name: &str, address: &str) -> Definition {
    Definition { name: name.to_owned(), ..target(address) }
}

fn after(before: &str, change: &Change) -> String {
    edit(Path::new("p.toml"), before, change).unwrap_or_else(|errors| panic!("{errors}\n{before}"))
}

fn refused(before: &str, change: &Change) -> String {
    edit(Path::new("p.toml"), before, change).expect_err("a refusal").to_string()
}

/// Changes the only or first target of a text.
fn edited(before: &str, change: impl FnOnce(&mut Definition)) -> String {
    let mut definition = read(before).declared.targets.swap_remove(0);
    let name = definition.name.clone();
    change(&mut definition);
    let text = after(before, &Change::Edit(name, Box::new(definition.clone())));
    assert!(read(&text).declared.targets.contains(&definition), "{text}");
    text
}

#[test]
fn the_first_target_stands_below_the_comments_of_a_new_file() {
    let text = after("# mine\n", &Change::Add(vec![target("db1:5432"), named("cache", "redis:6379")]));
    assert_eq!(
        text,
        "# mine\n\n[[target]]\naddress = \"db1:5432\"\n\n[[target]]\nname = \"cache\"\naddress = \"redis:6379\"\n"
    );
    assert_eq!(after("", &Change::Add(vec![target("a:1")])), "[[target]]\naddress = \"a:1\"\n");
}

#[test]
fn an_added_target_stands_behind_the_last_one_and_says_only_what_differs() {
    let before = "\
[defaults]
interval = \"30s\" # calm

# the first
[[target]]
address = \"a:1\" # never moves

# --- looks ---
[ui]
bell = false
# the end
";
    let mut added = read(before).defaults.definition("b:2".parse().expect("an address"));
    added.name = "say \"b\" \\ ü".to_owned();
    added.interval = Duration::from_millis(5_500);
    added.retry_interval = Duration::from_secs(5);
    added.degraded_above = Some(Duration::from_millis(80));
    added.tags = vec!["x".to_owned(), "y".to_owned()];
    added.activity = Activity::Paused;
    let text = after(before, &Change::Add(vec![added.clone()]));
    assert_eq!(
        text,
        before.replace(
            "moves\n",
            "moves\n
[[target]]
name = 'say \"b\" \\ ü'
address = \"b:2\"
interval = \"5s500ms\"
retry_interval = \"5s\"
degraded_above = \"80ms\"
tags = [\"x\", \"y\"]
paused = true
"
        )
    );
    assert_eq!(read(&text).declared.targets[1], added);
}

#[test]
fn the_end_of_the_file_is_the_place_for_more() {
    let before = "[[target]]\naddress = \"a:1\"\n\n# more to come";
    let text = after(before, &Change::Add(vec![target("b:2")]));
    assert_eq!(text, format!("{before}\n\n[[target]]\naddress = \"b:2\"\n"));
}

#[test]
fn an_edit_changes_its_lines_and_no_others() {
    let before = "\
[defaults]
timeout = \"3s\"

# about a
[[target]]  # here
  # its name
  name   =  'a'   # short
  address= \"a:1\"
  interval = \"2m\" # slow box
  down_after = 0x05

[[target]]
address = \"b:2\"
";
    let text = edited(before, |target| {
        target.interval = Duration::from_secs(5);
        target.retry_interval = Duration::from_secs(5);
        target.down_after = NonZeroU8::new(4).expect("four");
        target.note = "call us".to_owned();
        target.endpoints[0].family = Family::Ipv4;
    });
    let expected = before
        .replace("\"2m\" # slow", "\"5s\" # slow")
        .replace("0x05\n", "4\n  family = \"ipv4\"\n  note = \"call us\"\n");
    assert_eq!(text, expected);
}

#[test]
fn what_becomes_the_default_is_taken_out() {
    let before = "[[target]]\nname = \"a\"\naddress = \"a:1\"\ninterval = \"5s\"\npaused = true\ntimeout = \"10s\" # on purpose\n";
    let text = edited(before, |target| {
        target.interval = Duration::from_mins(1);
        target.retry_interval = Duration::from_secs(10);
        target.activity = Activity::Watching;
    });
    assert_eq!(text, "[[target]]\nname = \"a\"\naddress = \"a:1\"\ntimeout = \"10s\" # on purpose\n");
}

#[test]
fn a_retry_interval_that_came_from_the_interval_is_kept_when_that_changes() {
    let text = edited("[[target]]\naddress = \"a:1\"\ninterval = \"5s\"\n", |target| {
        target.interval = Duration::from_mins(2);
    });
    assert_eq!(text, "[[target]]\naddress = \"a:1\"\ninterval = \"2m\"\nretry_interval = \"5s\"\n");
}

#[test]
fn a_target_named_after_its_address_is_renamed_and_moved() {
    let before = "[[target]]\naddress = \"a:1\"\n";
    assert_eq!(edited(before, |target| target.name = "db".to_owned()), format!("{before}name = \"db\"\n"));
    let moved = edited(before, |it| it.endpoints[0].address = "b:2".parse().expect("an address"));
    assert_eq!(moved, "[[target]]\naddress = \"b:2\"\nname = \"a:1\"\n");
}

#[test]
fn several_are_paused_and_resumed_at_once() {
    let names = || vec!["a:1".to_owned(), "c:3".to_owned()];
    let paused = after(THREE, &Change::SetActivity(names(), Activity::Paused));
    let expected = THREE
        .replace("\"a:1\" # one\n", "\"a:1\" # one\npaused = true\n")
        .replace("\"c:3\"\n", "\"c:3\"\npaused = true\n");
    assert_eq!(paused, expected);
    assert_eq!(after(&paused, &Change::SetActivity(names(), Activity::Watching)), THREE);
}

const THREE: &str = "\
# --- databases, see the runbook ---

# the primary
# (do not touch)
[[target]]
address = \"a:1\" # one

# the replica
[[target]]
address = \"b:2\"

[ui]
bell = false

# --- caches ---

[[target]]
address = \"c:3\"
# the end
";

#[test]
fn a_removed_target_takes_its_own_comment_along_and_no_other() {
    let without = |names: &[&str]| after(THREE, &Change::Remove(names.iter().map(|name| (*name).to_owned()).collect()));
    assert_eq!(
        without(&["a:1"]),
        THREE.replace("# the primary\n# (do not touch)\n[[target]]\naddress = \"a:1\" # one\n\n", "")
    );
    assert_eq!(without(&["b:2"]), THREE.replace("\n# the replica\n[[target]]\naddress = \"b:2\"\n", ""));
    assert_eq!(without(&["c:3"]), THREE.replace("\n[[target]]\naddress = \"c:3\"\n", ""));
    assert_eq!(
        without(&["c:3", "a:1", "b:2"]),
        "# --- databases, see the runbook ---\n\n[ui]\nbell = false\n\n# --- caches ---\n# the end\n"
    );
}

#[test]
fn a_removed_target_can_be_put_back() {
    let before = "[[target]]\naddress = \"a:1\"\n\n[[target]]\nname = \"b\"\naddress = \"b:2\"\n";
    let gone = after(before, &Change::Remove(vec!["b".to_owned()]));
    assert_eq!(after(&gone, &Change::Add(vec![named("b", "b:2")])), before);
    let none = after(&gone, &Change::Remove(vec!["a:1".to_owned()]));
    assert_eq!((none.as_str(), read(&none).declared.targets.len()), ("", 0));
}

#[test]
fn a_foreign_file_keeps_its_byte_order_mark_and_its_line_ends() {
    let before = "\u{feff}# mine\r\n[ui]\r\nbell = false # no\r\n\r\n[[target]]\r\naddress = \"a:1\"\r\n";
    let text = after(before, &Change::Add(vec![target("b:2")]));
    assert_eq!(text, format!("{before}\r\n[[target]]\r\naddress = \"b:2\"\r\n"));
    assert_eq!(after(&text, &Change::Remove(vec!["b:2".to_owned()])), before);
}

#[test]
fn what_cannot_be_done_is_refused_with_what_to_do() {
    let a = "[[target]]\naddress = \"a:1\"\n";
    let inline = "target = [{ address = \"a:1\" }]\n";
    let mut group = target("b:2");
    group.endpoints.extend(target("b:2").endpoints);
    let mut slow = target("b:2");
    slow.interval = Duration::from_hours(1000);
    for (before, change, told) in [
        (a, Change::Add(vec![target("a:1")]), "p.toml: has a target named `a:1` already: choose another name"),
        (
            a,
            Change::Add(vec![named("x", "a:1")]),
            "p.toml: cannot take that: a:1 is watched twice: the first is in line 2: change one of the two, or remove it",
        ),
        (
            a,
            Change::Edit("b".to_owned(), Box::new(target("b:2"))),
            "p.toml: has no target named `b` any more: it was edited meanwhile: look again",
        ),
        (
            a,
            Change::Remove(vec!["a:1".to_owned(), "b".to_owned()]),
            "p.toml: has no target named `b` any more: it was edited meanwhile: look again",
        ),
        (
            a,
            Change::Add(vec![group]),
            "p.toml: cannot take that: b:2 stands twice in this group: the first is in line 6: change one of the two, or remove it",
        ),
        (a, Change::Add(vec![slow]), "p.toml: cannot take that: `41d16h` is out of range: write 1s to 1d"),
        (
            inline,
            Change::Add(vec![target("b:2")]),
            "p.toml: writes its targets as target = [...]: write each below a line [[target]], or edit the file by hand",
        ),
        (
            "[ui]\nbel = 1\n",
            Change::Add(vec![target("b:2")]),
            "p.toml:2:1: unknown key `bel` in [ui]: did you mean `bell`?",
        ),
    ] {
        assert_eq!(refused(before, &change), told, "{before}");
    }
}

#[test]
fn the_default_file_can_be_edited() {
    let text = after(config::DEFAULT_FILE, &Change::Add(vec![target("a:1")]));
    assert_eq!(text, format!("{}\n[[target]]\naddress = \"a:1\"\n", config::DEFAULT_FILE));
    assert_eq!(after(&text, &Change::Remove(vec!["a:1".to_owned()])), config::DEFAULT_FILE);
}

#[test]
fn a_target_that_a_file_cannot_hold_is_named() {
    let mut lost = named("lost", "db1:5432");
    lost.evaluation = Evaluation::Script("good.js".into());
    let change = Change::Add(vec![named("held", "db2:5432"), lost]);
    let refused = edit(Path::new("/etc/p.toml"), "", &change).expect_err("a refusal").to_string();
    assert!(refused.contains("something else about `lost`"), "{refused}");
}

#[test]
fn many_edits_at_once_say_the_same_as_one_after_the_other() {
    let before = "# ours\n[[target]]\naddress = \"{a,b}:1\" # two\n\n[[target]]\nname = \"c\"\naddress = \"c:1\"\n";
    let slower = |target: Definition, seconds| {
        let interval = Duration::from_secs(seconds);
        Change::Edit(target.name.clone(), Box::new(Definition { interval, ..target }))
    };
    let targets = || read(before).declared.targets.into_iter();
    let mut changes: Vec<Change> =
        targets().zip([30, 40, 50]).map(|(target, seconds)| slower(target, seconds)).collect();
    // The same target twice, and an addition between.
    changes.push(slower(targets().next().expect("a target"), 35));
    changes.push(Change::Add(vec![Defaults::default().definition("d:1".parse().expect("an address"))]));
    changes.push(Change::SetActivity(vec!["d:1".to_owned(), "c".to_owned()], Activity::Paused));
    let path = Path::new("p.toml");
    let singly = changes.iter().try_fold(before.to_owned(), |text, change| edit(path, &text, change));
    assert_eq!(edit_all(path, before, &changes), singly);
    let all = &changes[..3];
    let singly = all.iter().try_fold(before.to_owned(), |text, change| edit(path, &text, change));
    assert_eq!(edit_all(path, before, all), singly);
}
