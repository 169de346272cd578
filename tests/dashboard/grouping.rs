//! Groups and tags in the form: several addresses as one target, and edits that lose nothing of them.

use crate::pictures::{fleet, model, press, settings};
use crate::{asked, dashboard, screen};
use portpulse::config::load_text;
use portpulse::domain::{Definition, Endpoint, Evaluation, Expect, Family, Fault, Outcome, Target};
use portpulse::monitor::Command;
use portpulse::tui::model::Model;
use portpulse::tui::settings::Settings;
use portpulse::tui::{Intent, Msg, update};
use std::num::{NonZeroU16, NonZeroU32};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What the keys in the form of a new target ask for.
fn added(model: &mut Model, keys: &str) -> Vec<Definition> {
    match asked(&press(model, keys)).1 {
        Command::Add(definitions) => definitions.clone(),
        other => panic!("{other:?}"),
    }
}

fn addresses(definition: &Definition) -> String {
    definition.endpoints.iter().map(|it| it.address.to_string()).collect::<Vec<_>>().join(" ")
}

/// A dashboard whose first target is what the text says, and its form open.
fn editing(text: &str) -> (Model, Definition) {
    let loaded = load_text(Path::new("p.toml"), text).unwrap_or_else(|errors| panic!("{errors}"));
    let definition = loaded.declared.targets[0].clone();
    let mut snapshot = fleet();
    let mut view = snapshot.targets[0].as_ref().clone();
    view.target = Arc::new(Target { definition: definition.clone(), ..view.target.as_ref().clone() });
    snapshot.targets = vec![Arc::new(view)].into();
    let settings = Settings { defaults: loaded.defaults, tags: loaded.tags, ..settings() };
    let mut model = model(settings, snapshot, 80, 24);
    press(&mut model, "e");
    (model, definition)
}

/// What the keys in an open form change the target into.
fn edited(model: &mut Model, keys: &str) -> Definition {
    match asked(&press(model, keys)).1 {
        Command::Edit(_, definition) => (**definition).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn several_addresses_are_a_target_each_or_one_group() {
    let each = added(&mut dashboard(), "a{db1,db2}:5432,6432<enter>");
    assert_eq!(
        each.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["db1:5432", "db1:6432", "db2:5432", "db2:6432"]
    );
    let named = added(&mut dashboard(), "adb1:1,2<tab>db<enter>");
    assert_eq!(named.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["db:1", "db:2"]);

    let mut model = dashboard();
    press(&mut model, "ar1:6379 r2:6379 r3:6379<tab>redis<tab>");
    let text = screen(&model);
    assert!(text.contains("✓ 3 targets: r1:6379 …") && text.contains("each address is a target of"), "{text}");
    press(&mut model, "<right><right><right>");
    let text = screen(&model);
    assert!(text.contains("✓ 3 endpoints: r1:6379 …") && text.contains("a group needs one"), "{text}");
    assert!(text.contains("degraded with a quorum, else down"), "{text}");
    let [group] = added(&mut model, "quorum<space>2<enter>").try_into().expect("one target");
    assert_eq!((group.name.as_str(), addresses(&group).as_str()), ("redis", "r1:6379 r2:6379 r3:6379"));
    assert_eq!(group.evaluation, Evaluation::Quorum { needed: NonZeroU16::new(2) });
}

#[test]
fn what_cannot_be_a_group_is_said_and_leads_to_the_field() {
    let many = "aa:1-300<tab>g<tab>all<enter>";
    for (keys, says) in [
        ("ar1:1 r2:1<tab><tab>any<enter>", "a group needs a name"),
        ("ar1:1 r2:1<tab>g<tab>some<enter>", "`some` is no policy"),
        ("ar1:1 r2:1<tab>g<tab>quorum<space>3<enter>", "a quorum of 3 among 2 can never be"),
        (many, "300 endpoints are too many: at most 255"),
        ("a{r1,{r2}}:1<enter>", "braces cannot be nested"),
    ] {
        let mut model = dashboard();
        assert!(press(&mut model, keys).is_empty(), "{keys}");
        assert!(screen(&model).contains(says), "{keys}: {}", screen(&model));
    }
}

const GROUP: &str = r#"
[[target]]
name = "redis"
endpoints = [
  "r1:6379",
  { address = "r2:6379", timeout = "2s", weight = 3, family = "ipv6" },
  { address = "r3:6379", expect = "refused" },
]
evaluate = "weighted"
degraded_from = 30
"#;

#[test]
fn an_edit_keeps_what_no_field_shows_of_each_endpoint() {
    let (mut model, before) = editing(GROUP);
    let text = screen(&model);
    assert!(text.contains("Target   r1:6379 r2:6379 r3:6379") && text.contains("Group    weighted 30%"), "{text}");
    let noted = edited(&mut model, "<up><up>call<space>us<enter>");
    assert_eq!(noted, Definition { note: "call us".to_owned(), ..before });

    let (mut model, before) = editing(GROUP);
    let slower = edited(&mut model, "<tab><tab><tab><tab>5s<enter>");
    let timeouts: Vec<u64> = slower.endpoints.iter().map(|it| it.timeout.as_secs()).collect();
    assert_eq!(timeouts, [5, 2, 5], "what an endpoint says of its own is its own");
    assert_eq!(slower.endpoints[1], before.endpoints[1]);

    let (mut model, before) = editing(GROUP);
    press(&mut model, "<up><^u>r3:6379<space>r2:6379<space>r4:6379<space>r5:6379");
    assert!(screen(&model).contains("a new address starts a history of its own"), "{}", screen(&model));
    let moved = edited(&mut model, "<enter>");
    let new = |address: &str| Endpoint::new(address.parse().expect("an address"));
    let expected = [before.endpoints[2].clone(), before.endpoints[1].clone(), new("r4:6379"), new("r5:6379")];
    assert_eq!(moved.endpoints, expected);
    assert_eq!(moved.evaluation, Evaluation::Weighted { degraded_from: 30 });

    let (mut model, before) = editing(GROUP);
    let replaced = edited(&mut model, "<up><^u>r1:6379<space>r9:6379<space>r3:6379<enter>");
    assert_eq!(replaced.endpoints[1].weight, NonZeroU32::new(3).expect("three"), "the only one that went hands it on");
    assert_eq!(replaced.endpoints[1].family, before.endpoints[1].family);
}

#[test]
fn a_single_target_becomes_a_group_and_back() {
    let single = "[[target]]\nname = \"g\"\naddress = \"a:1\"\nfamily = \"ipv4\"\nexpect = \"closed\"\n";
    let (mut model, _) = editing(single);
    assert!(press(&mut model, "<up><end><space>b:1<enter>").is_empty());
    assert!(screen(&model).contains("several addresses are a group"), "{}", screen(&model));
    let group = edited(&mut model, "any<enter>");
    assert_eq!((addresses(&group).as_str(), &group.evaluation), ("a:1 b:1", &Evaluation::Any));
    assert!(group.endpoints.iter().all(|it| (it.family, it.expect) == (Family::Ipv4, Expect::Closed)));

    let (mut model, _) = editing("[[target]]\nname = \"g\"\nendpoints = [\"a:1\", \"b:1\"]\nevaluate = \"any\"\n");
    let back = edited(&mut model, "<up><^u>b:1<tab><tab>no<enter>");
    assert_eq!((addresses(&back).as_str(), &back.evaluation), ("b:1", &Evaluation::All));
}

#[test]
fn a_script_stays_unless_a_policy_is_chosen() {
    let text = "[[target]]\nname = \"g\"\naddress = \"a:1\"\nscript = \"x/y.js\"\n";
    let (mut model, before) = editing(text);
    assert!(screen(&model).contains("Group    script y.js"), "{}", screen(&model));
    let noted = edited(&mut model, "<up><up>n<enter>");
    assert_eq!(noted.evaluation, before.evaluation);
    let (mut model, _) = editing(text);
    assert_eq!(edited(&mut model, "<tab>all<enter>").evaluation, Evaluation::All);
    let (mut model, before) = editing(text);
    press(&mut model, "<tab><left>");
    assert!(screen(&model).contains("Group    percentile"), "{}", screen(&model));
    assert_eq!(edited(&mut model, "<right><tab>t<enter>").evaluation, before.evaluation);
}

const TAGGED: &str = r#"
[tag.db]
interval = "30s"
timeout = "2s"
family = "ipv6"
[[target]]
name = "x"
address = "a:1"
tags = ["db"]
"#;

#[test]
fn figures_follow_the_tags_until_somebody_types_one() {
    let (mut model, _) = editing(TAGGED);
    press(&mut model, "<esc>an:1<tab><tab><tab>db");
    let text = screen(&model);
    assert!(text.contains("‹30s›") && text.contains("Timeout  2s"), "{text}");
    let [new] = added(&mut model, "<enter>").try_into().expect("one target");
    assert_eq!((new.interval, new.endpoints[0].timeout), (Duration::from_secs(30), Duration::from_secs(2)));
    assert_eq!(new.endpoints[0].family, Family::Ipv6);

    let (mut model, _) = editing(TAGGED);
    press(&mut model, "<esc>a");
    let [beside] = added(&mut model, "n:1<space>#db<enter>").try_into().expect("one target");
    assert_eq!((beside.interval, beside.tags), (Duration::from_secs(30), vec!["db".to_owned()]));

    let (mut model, _) = editing(TAGGED);
    let untagged = edited(&mut model, "<tab><tab><^u><tab><tab>9s<enter>");
    assert_eq!((untagged.interval, untagged.endpoints[0].timeout), (Duration::from_mins(1), Duration::from_secs(9)));
    assert_eq!(untagged.endpoints[0].family, Family::Auto);
}

#[test]
fn a_paste_shows_line_by_line_what_was_understood() {
    let mut model = dashboard();
    press(&mut model, "a");
    let lines = "db1:5432 orders #db\nnonsense\n\n{a,b}:1,2\nc:1\nd:1\ne:99999\nf:1\ng:1\nh:1";
    update(&mut model, Msg::Pasted(lines.to_owned()));
    let text = screen(&model);
    for line in [
        "[10 pasted lines]",
        "✓ 10 targets: db1:5432 …",
        "line 1 ✓ db1:5432 named orders #db",
        "line 2 ✗ `nonsense` has no port: write nonsense:PORT",
        "line 4 ✓ a:1 a:2 b:1 and 1 more",
        "line 7 ✗ `99999` is no port: use 1 to 65535",
        "and 3 more lines understood",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn a_test_of_the_form_is_about_every_address_in_it() {
    let mut model = dashboard();
    let intents = press(&mut model, "ar1:6379 r2:6379 r3:6379<^t>");
    let tested: Vec<(u64, String)> = intents
        .iter()
        .filter_map(|intent| match intent {
            Intent::Ask(number, Command::Instant(endpoint)) => Some((*number, endpoint.address.to_string())),
            _ => None,
        })
        .collect();
    assert_eq!(
        tested.iter().map(|(_, address)| address.as_str()).collect::<Vec<_>>(),
        ["r1:6379", "r2:6379", "r3:6379"]
    );
    assert!(screen(&model).contains("test: 0 of 3 open, 3 being checked"), "{}", screen(&model));
}

#[test]
fn a_target_whose_script_failed_is_found_by_that_reason() {
    let mut snapshot = fleet();
    let mut view = snapshot.targets[0].as_ref().clone();
    let mut latest = view.latest.as_deref().expect("a check").clone();
    latest.check.outcome = Outcome::Inconclusive(Fault::Script);
    view.latest = Some(Arc::new(latest));
    let name = view.target.definition.name.clone();
    let others: Vec<_> = snapshot.targets.iter().skip(1).cloned().collect();
    snapshot.targets = [vec![Arc::new(view)], others].concat().into();
    let mut model = model(settings(), snapshot, 80, 24);
    press(&mut model, "/reason:script<enter>");
    let shown: Vec<&str> = model
        .targets
        .shown
        .iter()
        .filter_map(|id| model.target(*id))
        .map(|view| view.target.definition.name.as_str())
        .collect();
    assert_eq!(shown, [name.as_str()]);
}
