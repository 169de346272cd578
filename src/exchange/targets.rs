//! Targets for other programs, in forms that an import reads back: a round trip loses nothing that the form can hold.

use super::import::{JSON_FORMAT, NEVER, write_evaluation};
use super::{Format, Row, Writer};
use crate::config::edit::edit;
use crate::config::{ConfigErrors, duration};
use crate::domain::listing::{Listed, parse_line};
use crate::domain::{Activity, Address, Addresses, Definition, Endpoint, Expect, Family, Handshake};
use crate::monitor::Change;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::time::Duration;

/// In which form targets are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `host:port name #tag`, a line for each endpoint.
    Lines,
    /// A row for each endpoint, with everything about it.
    Csv,
    /// Everything, for programs.
    Json,
    /// A configuration file.
    Toml,
    /// A file for the service discovery of Prometheus.
    Prometheus,
}

impl Form {
    /// What people call them.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("lines", Self::Lines),
        ("csv", Self::Csv),
        ("json", Self::Json),
        ("toml", Self::Toml),
        ("prometheus", Self::Prometheus),
    ];
}

/// Why targets cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A configuration file cannot hold them.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// They cannot be brought into the form.
    #[error(transparent)]
    Form(#[from] io::Error),
}

/// Writes targets; `path` is the configuration file that they are from.
///
/// # Errors
/// When the form cannot hold one of them.
pub fn write(form: Form, targets: &[Definition], path: &Path) -> Result<String, WriteError> {
    match form {
        Form::Lines => Ok(targets.iter().map(lines).collect()),
        Form::Csv => Ok(csv(targets)?),
        Form::Json => Ok(json(&Document { format: JSON_FORMAT, targets: targets.iter().map(Target::of).collect() })?),
        Form::Toml => Ok(edit(path, "", &Change::Add(targets.to_vec()))?),
        Form::Prometheus => Ok(json(&targets.iter().flat_map(groups).collect::<Vec<_>>())?),
    }
}

/// A target as [`Form::Json`] writes it.
pub fn value(definition: &Definition) -> serde_json::Value {
    // It is made of words and numbers.
    serde_json::to_value(Target::of(definition)).unwrap_or_default()
}

fn json(value: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// A line for each endpoint. A name or tags that a line would not be read back with go into a comment above it.
fn lines(definition: &Definition) -> String {
    let mut out = String::new();
    let Definition { name, tags, endpoints, .. } = definition;
    if endpoints.len() > 1 {
        let _ = writeln!(out, "# {name}: {} endpoints", endpoints.len());
    }
    for Endpoint { address, .. } in endpoints {
        let is_named = endpoints.len() == 1 && *name != address.to_string();
        let name = is_named.then_some(name.as_str());
        let whole = line(address, name, tags);
        if whole.is_none() {
            let _ = writeln!(out, "# {} {}", definition.name, tags.join(" "));
        }
        let rest = || line(address, name, &[]).or_else(|| line(address, None, tags));
        let _ = writeln!(out, "{}", whole.or_else(rest).unwrap_or_else(|| address.to_string()));
    }
    out
}

/// The line that says this, if it is read back as the same.
fn line(address: &Address, name: Option<&str>, tags: &[String]) -> Option<String> {
    let mut text = address.to_string();
    for word in name.map(str::to_owned).into_iter().chain(tags.iter().map(|tag| format!("#{tag}"))) {
        text.push(' ');
        text.push_str(&word);
    }
    let meant = Listed { addresses: vec![address.clone()], name: name.map(str::to_owned), tags: tags.to_vec() };
    parse_line(&text).is_ok_and(|read| read == meant).then_some(text)
}

/// A row for each endpoint; rows one below the other with one name are one target.
fn csv(targets: &[Definition]) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut writer = Writer::begin::<Line<'_>>(Format::Csv, &mut bytes)?;
    for definition in targets {
        for endpoint in &definition.endpoints {
            writer.write(&Line::of(definition, endpoint))?;
        }
    }
    writer.finish()?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// A row of CSV.
#[derive(Serialize)]
struct Line<'d> {
    name: &'d str,
    host: String,
    port: u16,
    family: Family,
    interval: String,
    timeout: String,
    retry_interval: String,
    down_after: u8,
    up_after: u8,
    degraded_above: String,
    handshake: Handshake,
    addresses: Addresses,
    expect: Expect,
    weight: u32,
    evaluate: String,
    note: &'d str,
    tags: String,
    paused: bool,
}

impl Row for Line<'_> {
    const COLUMNS: &'static [&'static str] = &[
        "name",
        "host",
        "port",
        "family",
        "interval",
        "timeout",
        "retry_interval",
        "down_after",
        "up_after",
        "degraded_above",
        "handshake",
        "addresses",
        "expect",
        "weight",
        "evaluate",
        "note",
        "tags",
        "paused",
    ];
}

fn limit(limit: Option<Duration>) -> String {
    limit.map_or_else(|| NEVER.to_owned(), duration::text)
}

impl<'d> Line<'d> {
    fn of(definition: &'d Definition, endpoint: &Endpoint) -> Self {
        Self {
            name: &definition.name,
            host: endpoint.address.host.to_string(),
            port: endpoint.address.port.get(),
            family: endpoint.family,
            interval: duration::text(definition.interval),
            timeout: duration::text(endpoint.timeout),
            retry_interval: duration::text(definition.retry_interval),
            down_after: definition.down_after.get(),
            up_after: definition.up_after.get(),
            degraded_above: limit(definition.degraded_above),
            handshake: endpoint.handshake,
            addresses: endpoint.addresses,
            expect: endpoint.expect,
            weight: endpoint.weight.get(),
            evaluate: write_evaluation(&definition.evaluation),
            note: &definition.note,
            tags: definition.tags.join(" "),
            paused: definition.activity == Activity::Paused,
        }
    }
}

/// All of our JSON.
#[derive(Serialize)]
struct Document<'d> {
    format: &'static str,
    targets: Vec<Target<'d>>,
}

/// A target in JSON.
#[derive(Serialize)]
struct Target<'d> {
    name: &'d str,
    endpoints: Vec<Place>,
    evaluate: String,
    interval: String,
    retry_interval: String,
    down_after: u8,
    up_after: u8,
    degraded_above: String,
    note: &'d str,
    tags: &'d [String],
    paused: bool,
}

/// An endpoint in JSON.
#[derive(Serialize)]
struct Place {
    address: String,
    family: Family,
    timeout: String,
    handshake: Handshake,
    addresses: Addresses,
    expect: Expect,
    weight: u32,
}

impl<'d> Target<'d> {
    fn of(definition: &'d Definition) -> Self {
        let place = |endpoint: &Endpoint| Place {
            address: endpoint.address.to_string(),
            family: endpoint.family,
            timeout: duration::text(endpoint.timeout),
            handshake: endpoint.handshake,
            addresses: endpoint.addresses,
            expect: endpoint.expect,
            weight: endpoint.weight.get(),
        };
        Self {
            name: &definition.name,
            endpoints: definition.endpoints.iter().map(place).collect(),
            evaluate: write_evaluation(&definition.evaluation),
            interval: duration::text(definition.interval),
            retry_interval: duration::text(definition.retry_interval),
            down_after: definition.down_after.get(),
            up_after: definition.up_after.get(),
            degraded_above: limit(definition.degraded_above),
            note: &definition.note,
            tags: &definition.tags,
            paused: definition.activity == Activity::Paused,
        }
    }
}

/// A group of targets, as Prometheus discovers them.
#[derive(Serialize)]
struct Group {
    targets: Vec<String>,
    labels: BTreeMap<String, String>,
}

/// One group for all endpoints of a target that have a timeout in common.
fn groups(definition: &Definition) -> Vec<Group> {
    let mut groups: Vec<(Duration, Group)> = Vec::new();
    for endpoint in &definition.endpoints {
        let address = endpoint.address.to_string();
        if let Some((_, group)) = groups.iter_mut().find(|(timeout, _)| *timeout == endpoint.timeout) {
            group.targets.push(address);
        } else {
            let labels = labels(definition, endpoint.timeout);
            groups.push((endpoint.timeout, Group { targets: vec![address], labels }));
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Tags that are `name=value` become labels; the name, the note and the other tags are labels of their own.
fn labels(definition: &Definition, timeout: Duration) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut words = Vec::new();
    let mut put = |label: &str, value: String| labels.insert(label.to_owned(), value);
    put("name", definition.name.clone());
    if !definition.note.is_empty() {
        put("note", definition.note.clone());
    }
    if definition.activity == Activity::Paused {
        put("paused", "true".to_owned());
    }
    put("__scrape_interval__", whole(definition.interval));
    // Prometheus refuses a target whose timeout is longer than its interval.
    if timeout <= definition.interval {
        put("__scrape_timeout__", whole(timeout));
    }
    for tag in &definition.tags {
        match tag.split_once('=').filter(|(label, value)| is_label(label) && !value.is_empty()) {
            Some((label, value)) if !labels.contains_key(label) => {
                labels.insert(label.to_owned(), value.to_owned());
            }
            _ => words.push(tag.as_str()),
        }
    }
    if !words.is_empty() {
        labels.insert("tags".to_owned(), words.join(","));
    }
    labels
}

/// To the millisecond, which is as fine as Prometheus has it.
fn whole(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1);
    duration::text(Duration::from_millis(millis))
}

/// Whether a word can be a label of a target that means nothing else.
fn is_label(word: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_own = matches!(word, "name" | "note" | "tags" | "paused" | "job" | "instance");
    !is_own
        && !word.starts_with("__")
        && word.chars().all(is_plain)
        && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}
