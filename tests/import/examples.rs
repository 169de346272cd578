//! The files of each system, as its documents print them: every setting that has a counterpart comes along.

use super::{added, example, plan_beside, plan_of, skipped, targets, text};
use portpulse::config::Defaults;
use portpulse::domain::{Activity, Definition, Endpoint, Evaluation, Expect, Family};
use portpulse::exchange::import::Source;
use portpulse::exchange::import::plan::{OnConflict, Outcome};
use portpulse::monitor::Change;
use std::num::NonZeroU8;
use std::path::PathBuf;
use std::time::Duration;

/// A target that says nothing but its name and its address.
fn plain(name: &str, address: &str) -> Definition {
    let definition = Defaults::default().definition(address.parse().expect("an address"));
    Definition { name: name.to_owned(), ..definition }
}

fn with(mut definition: Definition, change: impl Fn(&mut Endpoint)) -> Definition {
    definition.endpoints.iter_mut().for_each(change);
    definition
}

const fn count(count: u8) -> NonZeroU8 {
    NonZeroU8::new(count).expect("above 0")
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn kener_monitors_keep_family_timeout_and_function() {
    let plan = plan_of(&[example("kener.json")], None);
    let timed = |name, address, family, timeout| {
        with(plain(name, address), |endpoint| (endpoint.family, endpoint.timeout) = (family, secs(timeout)))
    };
    let db = timed("DB", "db1.example.com:80", Family::Ipv4, 2);
    let db = Definition { evaluation: Evaluation::Script(PathBuf::from("db.js")), interval: secs(300), ..db };
    let wanted = [
        timed("PostgreSQL Database", "db.example.com:5432", Family::Ipv4, 3),
        db,
        timed("IPv6 Web Server", "[2001:db8::1]:443", Family::Ipv6, 2),
    ];
    assert_eq!(added(&plan), wanted);
    assert_eq!(skipped(&plan).len(), 2, "{:?}", skipped(&plan));
}

#[test]
fn a_kener_monitor_with_several_hosts_is_one_target_that_is_up_when_all_are() {
    let file = text(
        "app.json",
        r#"{ "tag": "redis-cluster", "name": "Redis Cluster", "type": "TCP", "type_data": { "hosts": [
            { "type": "tcp", "host": "redis-node-1.example.com", "port": 6379, "timeout": 1000 },
            { "type": "IP6", "host": "redis-node-2.example.com", "port": 6379 } ] } }"#,
    );
    let [group] = &added(&plan_of(&[file], None))[..] else { panic!("one target") };
    let families: Vec<Family> = group.endpoints.iter().map(|endpoint| endpoint.family).collect();
    assert_eq!((group.name.as_str(), &group.evaluation), ("Redis Cluster", &Evaluation::All));
    assert_eq!(families, [Family::Ipv4, Family::Ipv6]);
    assert!(group.endpoints.iter().all(|endpoint| endpoint.timeout == secs(1)), "a second is its default (S41)");
}

#[test]
fn kairos_resources_keep_group_and_activity() {
    let redis = plain("Redis", "[2001:db8::6]:6379");
    let redis = Definition { tags: words(&["Data-Stores"]), activity: Activity::Paused, ..redis };
    assert_eq!(targets("kairos.yaml"), [plain("PostgreSQL", "postgres.internal:5432"), redis]);
    let rest = r#"{"name":"PostgreSQL","resourceType":"TCP","target":"postgres.internal:5432"}"#;
    let bare = r#"[{"displayName":"PostgreSQL","type":"tcp","endpoint":"postgres.internal:5432"}]"#;
    for (source, body) in [(None, rest), (Some(Source::Kairos), bare)] {
        assert_eq!(added(&plan_of(&[text("x", body)], source)), [plain("PostgreSQL", "postgres.internal:5432")]);
    }
}

#[test]
fn gatus_endpoints_keep_their_conditions() {
    let redis = Definition { interval: secs(30), ..plain("redis", "127.0.0.1:6379") };
    let postgres = with(plain("postgres", "postgres.internal:5432"), |endpoint| endpoint.timeout = secs(5));
    let postgres = Definition {
        interval: secs(30),
        down_after: count(5),
        up_after: count(3),
        degraded_above: Some(Duration::from_millis(500)),
        tags: words(&["core", "team=data"]),
        activity: Activity::Paused,
        ..postgres
    };
    let telnet = with(plain("telnet", "10.0.0.9:23"), |endpoint| endpoint.expect = Expect::Closed);
    assert_eq!(targets("gatus.yaml"), [redis, postgres, telnet, plain("mail", "smtp.example.com:587")]);
    let plan = plan_of(&[example("gatus.yaml")], None);
    assert_eq!(
        skipped(&plan),
        ["37: its url begins with `https://`, which is no TCP port", "40: its url holds a variable: write its value"]
    );
}

#[test]
fn uptime_kuma_monitors_keep_retries_groups_and_tags() {
    let maria = with(plain("MariaDB", "mariadb.example.com:3306"), |endpoint| endpoint.timeout = secs(48));
    let maria = Definition {
        interval: secs(30),
        retry_interval: secs(30),
        down_after: count(6),
        tags: words(&["Databases", "env=prod"]),
        ..maria
    };
    let telnet = with(plain("Telnet", "10.0.0.9:23"), |endpoint| endpoint.expect = Expect::Closed);
    let telnet = Definition {
        interval: secs(60),
        retry_interval: secs(60),
        down_after: count(1),
        activity: Activity::Paused,
        ..telnet
    };
    assert_eq!(targets("uptime-kuma.json"), [maria, telnet]);
    let plain = plain("MariaDB", "mariadb.example.com:3306");
    assert_eq!(targets("kuma-cli.yaml"), [Definition { interval: secs(30), down_after: count(6), ..plain }]);
}

#[test]
fn prometheus_targets_keep_their_labels_and_jobs_their_interval() {
    let tagged = |address: &str| Definition { tags: words(&["foo=bar"]), ..plain(address, address) };
    for name in ["file_sd.json", "file_sd.yml"] {
        assert_eq!(targets(name), [tagged("localhost:9090"), tagged("example.org:443")], "{name}");
    }
    let of_job =
        |address: &str| Definition { interval: secs(30), tags: words(&["team=data"]), ..plain(address, address) };
    let known = [of_job("db.internal:5432"), of_job("[2001:db8::1]:443")];
    assert_eq!(targets("prometheus.yml"), known);
    let own = with(plain("cache.internal:6379", "cache.internal:6379"), |endpoint| endpoint.timeout = secs(5));
    let both = plan_of(&[example("prometheus.yml"), example("blackbox.yml")], None);
    assert_eq!(added(&both)[..2], known);
    assert_eq!(added(&both)[2..], [own], "the modules are in a file of their own");
    assert!(skipped(&both)[1].contains("http_2xx checks no TCP"), "{:?}", skipped(&both));
}

#[test]
fn nmap_gives_open_ports_in_either_form() {
    let first = plain("localhost:18080", "127.0.0.1:18080");
    assert_eq!(targets("nmap.xml"), [first.clone(), plain("db7:5432", "10.0.0.7:5432")]);
    assert_eq!(targets("nmap.gnmap"), [first]);
    let plan = plan_of(&[example("nmap.xml")], None);
    assert_eq!(skipped(&plan), ["9: nmap found it closed, not open", "13: its protocol is udp, not tcp"]);
}

#[test]
fn ssh_hosts_behind_another_host_are_paused() {
    let behind = Definition { activity: Activity::Paused, ..plain("db-1", "10.0.1.11:22") };
    assert_eq!(targets("ssh_config"), [plain("bastion", "bastion.example.com:2222"), behind]);
}

#[test]
fn lines_and_tables_are_read_as_people_write_them() {
    let tagged = Definition { tags: words(&["db", "prod"]), ..plain("orders primary", "db1:5432") };
    let same = |address: &str| plain(address, address);
    let wanted = [tagged, same("[2001:db8::1]:22"), same("cache:6379"), same("web:80"), same("web:443")];
    assert_eq!(targets("lines.txt"), wanted);
    let orders = with(plain("Orders", "db1.example.com:5432"), |endpoint| endpoint.timeout = secs(5));
    let orders = Definition { interval: secs(30), tags: words(&["Data-Bases"]), ..orders };
    let mail = Definition { interval: secs(300), ..plain("Mail", "smtp.example.com:25") };
    assert_eq!(targets("plain.csv"), [orders, mail]);
    assert_eq!(targets("uptimerobot.csv"), [plain("Postgres", "db1.example.com:5432")]);
}

#[test]
fn what_wrote_a_file_can_be_said_and_white_space_at_its_ends_is_no_matter() {
    for (name, source) in [
        ("kener.json", Source::Kener),
        ("kairos.yaml", Source::Kairos),
        ("gatus.yaml", Source::Gatus),
        ("uptime-kuma.json", Source::UptimeKuma),
        ("kuma-cli.yaml", Source::UptimeKuma),
        ("file_sd.json", Source::Prometheus),
        ("prometheus.yml", Source::Prometheus),
        ("nmap.xml", Source::Nmap),
        ("nmap.gnmap", Source::Nmap),
        ("ssh_config", Source::SshConfig),
        ("lines.txt", Source::Lines),
        ("plain.csv", Source::Csv),
    ] {
        let file = example(name);
        let told = plan_of(std::slice::from_ref(&file), None).told;
        assert_eq!(plan_of(std::slice::from_ref(&file), Some(source)).told, told, "{name}");
        let crlf = String::from_utf8(file.bytes).expect("text").replace('\n', "\r\n");
        assert_eq!(plan_of(&[text(name, &format!("\u{feff}{crlf}"))], None).told, told, "{name} from Windows");
    }
}

#[test]
fn no_secret_of_any_file_is_copied() {
    for name in ["kener.json", "gatus.yaml", "uptime-kuma.json", "kuma-cli.yaml", "prometheus.yml"] {
        let file = example(name);
        assert!(String::from_utf8_lossy(&file.bytes).contains("s3cr3t"), "{name} has one");
        let plan = plan_of(&[file], None);
        let all = format!("{:?} {:?}", plan.changes, plan.told);
        assert!(!all.contains("s3cr3t") && !all.contains("hooks.slack"), "{name}: {all}");
    }
}

#[test]
fn a_name_that_may_hold_a_secret_is_neither_written_nor_told() {
    let lines = "db1:5432 token=s3cr3t\ndb2:5432 token-service\ndb3:x api_key: s3cr3t\ndb4:1 db4\ndb4:1 pwd=s3cr3t\n";
    let plan = plan_of(&[text("list", lines)], Some(Source::Lines));
    let names: Vec<String> = added(&plan).into_iter().map(|definition| definition.name).collect();
    assert_eq!(names, ["db1:5432", "token-service", "db4"]);
    assert_eq!(plan.told[0].remarks, ["left out its name, which may hold a secret"]);
    assert_eq!(plan.count(Outcome::Skipped), 2);
    assert!(!format!("{:?} {:?}", plan.changes, plan.told).contains("s3cr3t"), "{:?}", plan.told);
}

#[test]
fn a_target_that_is_there_is_left_alone_or_takes_what_the_file_says() {
    let mine = Definition { note: "call Ada".to_owned(), ..plain("mine", "mariadb.example.com:3306") };
    let mine = with(mine, |endpoint| endpoint.timeout = secs(2));
    let there = [plain("first", "first:1"), mine.clone()];
    let files = [example("kuma-cli.yaml")];
    let left = plan_beside(&there, &files, None, OnConflict::Skip);
    assert!(left.changes.is_empty() && skipped(&left)[0].contains("`mine` is there already"), "{left:?}");
    let changed = plan_beside(&there, &files, None, OnConflict::Update);
    let wanted = Definition { name: "MariaDB".to_owned(), interval: secs(30), down_after: count(6), ..mine };
    assert_eq!(changed.changes, [Change::Edit("mine".to_owned(), Box::new(wanted.clone()))]);
    let again_there = [there[0].clone(), wanted];
    let again = plan_beside(&again_there, &files, None, OnConflict::Update);
    assert!(again.changes.is_empty() && again.count(Outcome::Skipped) == 1, "{again:?}");
    let skips = plan_beside(&again_there, &files, None, OnConflict::Skip);
    assert!(skipped(&skips)[0].contains("it is there already, just the same"), "{skips:?}");
}

#[test]
fn a_group_is_never_replaced_by_one_of_its_endpoints() {
    let group = |addresses: &[&str]| {
        let endpoints = addresses.iter().flat_map(|address| plain("", address).endpoints).collect();
        Definition { endpoints, ..plain("g-all", "a:1") }
    };
    let there = [plain("alone", "a:1"), group(&["a:1", "b:1", "c:1"])];
    let lines = [text("list", "b:1 renamed\na:1 other\n")];
    let left = plan_beside(&there, &lines, None, OnConflict::Skip);
    assert_eq!(
        skipped(&left),
        [
            "1: b:1 is an endpoint of `g-all`, a group of 3",
            "2: `alone` is there already: --on-conflict update changes it"
        ]
    );
    let changed = plan_beside(&there, &lines, None, OnConflict::Update);
    assert_eq!(skipped(&changed), ["1: b:1 is an endpoint of `g-all`, a group of 3"]);
    let other = Definition { name: "other".to_owned(), ..there[0].clone() };
    assert_eq!(changed.changes, [Change::Edit("alone".to_owned(), Box::new(other))]);
    let table = |rows: &str| [text("table", &format!("name,host,port,evaluate\n{rows}"))];
    let part = table("g,b,1,any\ng,c,1,any\n");
    let part = plan_beside(&there, &part, None, OnConflict::Update);
    assert_eq!(skipped(&part), ["2: b:1 is an endpoint of `g-all`, a group of 3"]);
    let all = table("g,c,1,any\ng,b,1,any\ng,a,1,any\ng,d,1,any\n");
    let grown = plan_beside(&there[1..], &all, None, OnConflict::Update);
    let wanted =
        Definition { name: "g".to_owned(), evaluation: Evaluation::Any, ..group(&["c:1", "b:1", "a:1", "d:1"]) };
    assert_eq!(grown.changes, [Change::Edit("g-all".to_owned(), Box::new(wanted))]);
}

#[test]
fn a_policy_that_can_never_be_leaves_out_its_target_and_no_other() {
    let rows = "name,host,port,evaluate\ng,a,1,quorum 9\ng,b,1,quorum 9\nh,c,1,weighted 0\nok,d,1,quorum 1\n";
    let plan = plan_of(&[text("table", rows)], None);
    let [quorum, weighted] = &skipped(&plan)[..] else { panic!("{plan:?}") };
    assert_eq!(quorum, "2: a quorum of 9 among 2 can never be");
    assert!(weighted.starts_with("4: `weighted 0` is no evaluation"), "{weighted}");
    assert_eq!(added(&plan).len(), 1);
}

#[test]
fn what_a_configuration_says_beside_its_targets_is_told_to_stay_behind() {
    let lines = "[[target]]\naddress = \"a:1\"\ntags = [\"db\"]\n[tag.db] # all\ninterval = \"10s\"\n[[maintenance]]\n\
                 days = \"daily\"\nstart = \"02:00\"\nlength = \"1h\"\n";
    let plan = plan_of(&[text("portpulse.toml", lines)], None);
    let [tag, maintenance] = &skipped(&plan)[..] else { panic!("{plan:?}") };
    assert!(tag.starts_with("4: what it says is written into its targets"), "{tag}");
    assert!(maintenance.starts_with("6: maintenance is not imported"), "{maintenance}");
    assert_eq!(added(&plan)[0].interval, secs(10));
}

#[test]
fn an_address_is_watched_once_and_a_name_belongs_to_one() {
    let file = text("list", "db1:5432 main\ndb2:5432 main\ndb1:5432 again\nDB1:5432\n");
    let plan = plan_beside(&[plain("main (db2:5432)", "other:1")], &[file], None, OnConflict::Skip);
    let names: Vec<String> = added(&plan).into_iter().map(|definition| definition.name).collect();
    assert_eq!(names, ["main", "main (db2:5432 2)"]);
    assert_eq!(skipped(&plan), ["3: db1:5432 stands in list:1 already", "4: db1:5432 stands in list:1 already"]);
}
