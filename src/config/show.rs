//! Writes settings down as a file that says the same.

use super::value::{HANDSHAKES, name_of};
use super::{Ascii, Defaults, Loaded, SynchronizedOutput, Theme, Ui, Zone, duration, fields, targets};
use crate::monitor::Settings;
use std::fmt::Write as _;
use toml::Value;

/// Every setting as it is in effect, defaults included, as the text of a configuration file.
pub fn show(loaded: &Loaded) -> String {
    let Settings { keep_checks, keep_exact, keep_outages, keep_summaries, canaries, .. } = &loaded.declared.settings;
    let mut out = String::new();
    section(&mut out, "[defaults]", defaults(&loaded.defaults, &loaded.declared.settings));
    let kept = [
        ("checks", duration::text(*keep_checks).into()),
        ("exact", keep_exact.map_or_else(|| "all".to_owned(), duration::text).into()),
        ("outages", duration::text(*keep_outages).into()),
        ("summaries", duration::text(*keep_summaries).into()),
    ];
    section(&mut out, "[history]", kept);
    section(&mut out, "[ui]", ui(&loaded.ui));
    section(&mut out, "[keys]", loaded.keys.bindings.iter().map(|it| (it.action.as_str(), texts(&it.keys))));
    let canaries: Vec<String> = canaries.iter().map(|canary| canary.address.to_string()).collect();
    section(&mut out, "[self_check]", [("canaries", texts(&canaries))]);
    for target in &loaded.declared.targets {
        let fields = fields::of(target, &loaded.defaults);
        let needed = fields.iter().filter(|field| field.key == "name" || field.is_needed());
        section(&mut out, "[[target]]", needed.map(|field| (field.key, field.value.clone())));
    }
    out
}

fn section<'k>(out: &mut String, header: &str, lines: impl IntoIterator<Item = (&'k str, Value)>) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(header);
    out.push('\n');
    for (key, value) in lines {
        let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let key = if bare { key.to_owned() } else { Value::from(key).to_string() };
        let _ = writeln!(out, "{key} = {value}");
    }
}

fn texts(list: &[String]) -> Value {
    Value::Array(list.iter().map(|text| Value::from(text.as_str())).collect())
}

fn defaults(defaults: &Defaults, settings: &Settings) -> [(&'static str, Value); 8] {
    let time = |it| Value::from(duration::text(it));
    let limit = defaults.degraded_above.map_or_else(|| Value::from(targets::NEVER), time);
    [
        ("interval", time(defaults.interval)),
        ("timeout", time(defaults.timeout)),
        ("retry_interval", time(defaults.retry_interval)),
        ("down_after", i64::from(defaults.down_after.get()).into()),
        ("up_after", i64::from(defaults.up_after.get()).into()),
        ("degraded_above", limit),
        ("handshake", name_of(&HANDSHAKES, defaults.handshake).into()),
        ("parallelism", settings.parallelism.map_or_else(|| Value::from("auto"), |count| i64::from(count).into())),
    ]
}

fn ui(ui: &Ui) -> [(&'static str, Value); 7] {
    [
        ("theme", name_of(&Theme::NAMES, ui.theme).into()),
        ("ascii", name_of(&Ascii::NAMES, ui.ascii).into()),
        ("bell", ui.bell.into()),
        ("mouse", ui.mouse.into()),
        ("utc", (ui.zone == Zone::Utc).into()),
        ("confirm_quit", ui.confirm_quit.into()),
        ("sync", name_of(&SynchronizedOutput::NAMES, ui.sync).into()),
    ]
}
