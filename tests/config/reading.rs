//! What a file says.

use super::read;
use portpulse::config::{self, Ascii, Defaults, Theme, Ui, Zone};
use portpulse::domain::{Activity, Family, Handshake};
use portpulse::monitor::Settings;
use std::time::Duration;

/// Takes the `#` away from every setting that is commented out.
fn uncommented(text: &str) -> String {
    let setting = |line: &str| line.strip_prefix('#').is_some_and(|rest| !rest.is_empty() && !rest.starts_with(' '));
    let lines = text.lines().map(|line| if setting(line) { line.trim_start_matches('#') } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_default_file_says_exactly_what_is_built_in() {
    let nothing = read("");
    assert_eq!(nothing.declared.settings, Settings::default());
    assert_eq!(nothing.defaults, Defaults::default());
    assert_eq!(nothing.ui, Ui::default());
    let all = uncommented(config::DEFAULT_FILE);
    for key in ["interval =", "parallelism =", "outages =", "sync =", "canaries =", "evaluate =", "expect ="] {
        assert!(all.lines().any(|line| line.starts_with(key)), "{key} is not in the default file");
    }
    assert_eq!(read(config::DEFAULT_FILE), nothing);
    assert_eq!(read(&all), nothing);
}

#[test]
fn the_examples_of_the_default_file_can_be_used_as_they_stand() {
    let examples = config::DEFAULT_FILE.lines().skip_while(|line| *line != "# [tag.db]");
    let shown = examples.scan(false, |inside, line| {
        *inside = line.starts_with("# [") || (*inside && line.starts_with("# "));
        Some((*inside, line))
    });
    let lines: Vec<&str> = shown.filter(|(inside, _)| *inside).map(|(_, line)| line).collect();
    let loaded = read(&lines.iter().map(|line| &line[2..]).collect::<Vec<_>>().join("\n"));
    let names: Vec<&str> = loaded.declared.targets.iter().map(|target| target.name.as_str()).collect();
    assert_eq!(names, ["orders", "redis"]);
    assert_eq!(loaded.declared.targets[1].endpoints.len(), 3);
    assert_eq!(loaded.declared.settings.maintenance.len(), 2);
    let tagged = read("[tag.db]\ninterval = \"10s\"\ndegraded_above = \"50ms\"");
    assert_eq!(loaded.tags, tagged.tags);
}

const EVERYTHING: &str = r#"
[defaults]
interval = "30s"
timeout = "5s"
retry_interval = "5s"
down_after = 2
up_after = 1
parallelism = 500
handshake = "full"
degraded_above = "250ms"

[history]
checks = "7d"
exact = "48h"
outages = "90d"
summaries = "2d"

[ui]
theme = "cb"
ascii = "always"
bell = false
utc = true

[keys]
quit = "x"
  down = ["j", "ctrl-n"]

[self_check]
canaries = ["gateway:22"]

[[target]]
name = "Postgres"
address = "db.internal:5432"
family = "ipv6"
interval = "2s"
timeout = "1s"
down_after = 9
degraded_above = "never"
handshake = "silent"
note = "page 3"
tags = ["db", "prod"]
paused = true

[[target]]
address = "[2001:DB8::1]:22"
"#;

#[test]
fn everything_can_be_said() {
    let loaded = read(EVERYTHING);
    let [postgres, ssh] = loaded.declared.targets.as_slice() else { panic!("two targets") };
    assert_eq!(postgres.name, "Postgres");
    assert_eq!(postgres.endpoints[0].address.to_string(), "db.internal:5432");
    assert_eq!(postgres.endpoints[0].family, Family::Ipv6);
    assert_eq!(postgres.endpoints[0].timeout, Duration::from_secs(1));
    assert_eq!(postgres.endpoints[0].handshake, Handshake::Silent);
    assert_eq!(postgres.interval, Duration::from_secs(2));
    assert_eq!(postgres.retry_interval, Duration::from_secs(2), "never slower than the interval");
    assert_eq!((postgres.down_after.get(), postgres.up_after.get()), (9, 1));
    assert_eq!(postgres.degraded_above, None);
    assert_eq!(postgres.activity, Activity::Paused);
    assert_eq!((postgres.note.as_str(), postgres.tags.join(" ")), ("page 3", "db prod".to_owned()));
    assert_eq!(ssh.name, "[2001:db8::1]:22", "named after its address");
    assert_eq!(ssh.endpoints[0].handshake, Handshake::Full);
    assert_eq!(ssh.degraded_above, Some(Duration::from_millis(250)));
    assert_eq!(loaded.declared.settings.parallelism, Some(500));
    assert_eq!(loaded.declared.settings.keep_checks, Duration::from_hours(7 * 24));
    assert_eq!(loaded.declared.settings.keep_exact, Some(Duration::from_hours(48)));
    assert_eq!(loaded.declared.settings.keep_summaries, Duration::from_hours(2 * 24));
    assert_eq!(loaded.declared.settings.canaries[0].timeout, Duration::from_secs(5));
    assert_eq!((loaded.ui.theme, loaded.ui.ascii, loaded.ui.zone), (Theme::ColourBlind, Ascii::Always, Zone::Utc));
    let bindings = &loaded.keys.bindings;
    assert_eq!((bindings[0].action.as_str(), bindings[0].keys.join(" ")), ("quit", "x".to_owned()));
    assert_eq!((bindings[1].action.as_str(), bindings[1].keys.join(" ")), ("down", "j ctrl-n".to_owned()));
    let wrong = bindings[1].error(&loaded.path, "`ctrl-n` is taken by `next`", "choose another key");
    assert_eq!(wrong.to_string(), "p.toml:26:3: `ctrl-n` is taken by `next`: choose another key");
}

#[test]
fn what_is_shown_says_the_same() {
    let loaded = read(EVERYTHING);
    let shown = read(&config::show(&loaded));
    assert_eq!(shown.declared, loaded.declared);
    assert_eq!((shown.defaults, shown.ui), (loaded.defaults, loaded.ui));
    assert_eq!(shown.keys.bindings.len(), loaded.keys.bindings.len());
}

#[test]
fn names_notes_and_tags_lose_what_could_disturb_a_terminal() {
    let loaded = read(
        "[[target]]\naddress = \"a:1\"\nname = \" a\\u001B[2J\\u202Eb \"\nnote = \"two\\nlines\"\ntags = [\"x\\u0007\"]",
    );
    let target = &loaded.declared.targets[0];
    assert_eq!(target.name, "a\u{fffd}[2J\u{fffd}b");
    assert_eq!(target.note, "two lines");
    assert_eq!(target.tags, ["x\u{fffd}"]);
}

#[test]
fn a_byte_order_mark_and_foreign_line_ends_change_nothing() {
    let plain = "[ui]\nbell = false\n[[target]]\naddress = \"a:1\"\n";
    let foreign = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
    assert_eq!(read(&foreign), read(plain));
}
