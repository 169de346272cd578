//! Writes settings down as a file that says the same.

use super::fields::{self, Style};
use super::layer::{Layer, Limit, Manner};
use super::maintenance::LOCAL;
use super::reader::directory;
use super::value::{ADDRESSES, EXPECTATIONS, FAMILIES, HANDSHAKES, NEVER, name_of};
use super::{Ascii, Defaults, Loaded, SynchronizedOutput, Theme, Ui, Zone, duration, evaluation};
use crate::domain::schedule::{Scope, Weekly, When};
use crate::domain::{self, Schedule};
use crate::monitor::Settings;
use std::fmt::Write as _;
use std::path::Path;
use toml::Value;

/// Every setting as it is in effect, defaults included, as the text of a configuration file.
pub fn show(loaded: &Loaded) -> String {
    let Settings { keep_checks, keep_exact, keep_outages, keep_summaries, canaries, .. } = &loaded.declared.settings;
    let mut out = String::new();
    let directory = directory(&loaded.path);
    let parallelism = loaded.declared.settings.parallelism.map_or_else(|| Value::from("auto"), Value::from);
    let defaults = said(&all_of(&loaded.defaults), directory);
    section(&mut out, "[defaults]", defaults.into_iter().chain([("parallelism", parallelism)]));
    for (name, layer) in loaded.tags.iter() {
        section(&mut out, &format!("[tag.{}]", key(name)), said(layer, directory));
    }
    let kept = [
        ("checks", duration::text(*keep_checks).into()),
        ("exact", keep_exact.map_or_else(|| "all".to_owned(), duration::text).into()),
        ("outages", duration::text(*keep_outages).into()),
        ("summaries", duration::text(*keep_summaries).into()),
    ];
    section(&mut out, "[history]", kept);
    section(&mut out, "[ui]", ui(&loaded.ui));
    section(&mut out, "[keys]", loaded.keys.bindings.iter().map(|it| (it.action.as_str(), texts(&it.keys))));
    let allowed: Vec<String> = loaded.serve.allow.iter().map(ToString::to_string).collect();
    let series = i64::from(loaded.serve.max_series).into();
    section(&mut out, "[serve]", [("allow", texts(&allowed)), ("max_series", series)]);
    let canaries: Vec<String> = canaries.iter().map(|canary| canary.address.to_string()).collect();
    section(&mut out, "[self_check]", [("canaries", texts(&canaries))]);
    for schedule in &loaded.declared.settings.maintenance {
        section(&mut out, "[[maintenance]]", planned(schedule));
    }
    for target in &loaded.declared.targets {
        let given = loaded.tags.over(&loaded.defaults, &target.tags);
        let fields = fields::of(target, &given, &Style::new(target, &given), directory);
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
    for (name, value) in lines {
        let _ = writeln!(out, "{} = {value}", key(name));
    }
}

/// A name as a key: bare, if it can be.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { name.to_owned() } else { Value::from(name).to_string() }
}

fn texts(list: &[String]) -> Value {
    Value::Array(list.iter().map(|text| Value::from(text.as_str())).collect())
}

/// A section that leaves nothing out.
fn all_of(defaults: &Defaults) -> Layer {
    let manner = Manner {
        timeout: Some(defaults.timeout),
        handshake: Some(defaults.handshake),
        family: Some(defaults.family),
        addresses: Some(defaults.addresses),
        expect: Some(defaults.expect),
    };
    Layer {
        manner,
        interval: Some(defaults.interval),
        // As built in, and slower than the interval, it cannot be written and need not be.
        retry_interval: Some(defaults.retry_interval).filter(|retry| *retry <= defaults.interval),
        down_after: Some(defaults.down_after),
        up_after: Some(defaults.up_after),
        degraded_above: Some(Limit::of(defaults.degraded_above)),
        evaluation: Some(defaults.evaluation.clone()),
    }
}

/// What a section says, as lines.
fn said(layer: &Layer, directory: &Path) -> Vec<(&'static str, Value)> {
    let Layer { manner, interval, retry_interval, down_after, up_after, degraded_above, evaluation } = layer;
    let time = |it| Value::from(duration::text(it));
    let limit = |limit: Limit| limit.above().map_or_else(|| Value::from(NEVER), time);
    let lines = [
        ("interval", interval.map(time)),
        ("timeout", manner.timeout.map(time)),
        ("retry_interval", retry_interval.map(time)),
        ("down_after", down_after.map(|count| i64::from(count.get()).into())),
        ("up_after", up_after.map(|count| i64::from(count.get()).into())),
        ("degraded_above", degraded_above.map(limit)),
        ("handshake", manner.handshake.map(|it| name_of(&HANDSHAKES, it).into())),
        ("family", manner.family.map(|it| name_of(&FAMILIES, it).into())),
        ("addresses", manner.addresses.map(|it| name_of(&ADDRESSES, it).into())),
        ("expect", manner.expect.map(|it| name_of(&EXPECTATIONS, it).into())),
    ];
    let evaluation = evaluation.iter().flat_map(|evaluation| evaluation::written(evaluation, directory));
    let lines = lines.into_iter().filter_map(|(key, value)| value.map(|value| (key, value)));
    lines.chain(evaluation.map(|(key, value, _)| (key, value))).collect()
}

/// A planned maintenance, as lines.
fn planned(Schedule { title, scope, when }: &Schedule) -> Vec<(&'static str, Value)> {
    let mut lines: Vec<(&str, Value)> = vec![("title", title.as_str().into())];
    if let Scope::Some { targets, tags } = scope {
        lines.extend([("targets", texts(targets)), ("tags", texts(tags))]);
    }
    match when {
        When::Once(span) => {
            let moment = |at| Value::from(domain::Zone::Utc.rfc3339_millis(at));
            lines.extend([("from", moment(span.from)), ("to", moment(span.to))]);
        }
        When::Weekly(Weekly { days, start, length, zone }) => {
            let days: Vec<String> = days.iter().map(|day| day.to_string().to_lowercase()).collect();
            let zone = match zone {
                domain::Zone::Named(zone) => zone.name(),
                domain::Zone::Utc => "UTC",
                domain::Zone::Local | domain::Zone::Fixed(_) => LOCAL,
            };
            lines.extend([
                ("days", texts(&days)),
                ("start", start.to_string().into()),
                ("length", duration::text(*length).into()),
                ("zone", zone.into()),
            ]);
        }
    }
    lines
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
