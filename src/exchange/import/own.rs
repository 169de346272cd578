//! Our own files: what `export targets --to json` writes, and configuration files.

use super::found::{Found, Limit, Spot};
use super::node::{Content, Node};
use super::{Entry, Mistake, csv::NEVER, evaluate};
use crate::config::{self, duration};
use crate::domain::{Activity, Address, Evaluation};
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;
use std::path::Path;
use std::time::Duration;

/// How many dots a line of a configuration may have: a note of nothing else has fewer, and a name of so many parts
/// would take gigabytes to read.
const DOTS_MAX: usize = 2_000;

/// What stands under `format` in our JSON.
pub(in crate::exchange) const FORMAT: &str = "portpulse-targets";

/// Whether a document is our own.
pub(super) fn is_it(root: &Node) -> bool {
    root.get("format").is_some_and(|format| format.as_text("").is_ok_and(|format| format == FORMAT))
}

/// Reads our JSON.
pub(super) fn read_json(root: &Node) -> Result<Vec<Entry>, Mistake> {
    root.entries("this file")?;
    root.list("targets")?.iter().map(|target| Ok(Entry::found(read_target(target)?))).collect()
}

fn read_target(target: &Node) -> Result<Found, Mistake> {
    target.entries("a target")?;
    let mut spots = Vec::new();
    for endpoint in target.list("endpoints")? {
        spots.push(read_endpoint(endpoint)?);
    }
    let evaluation = target.get("evaluate").map(|value| {
        let text = value.as_text("evaluate")?;
        evaluate::parse_evaluation(text).map_err(|why| Mistake::at(value.line, why))
    });
    let limit = target.get("degraded_above").map(|value| match &value.content {
        Content::Text(text) if text == NEVER => Ok(Limit::Never),
        _ => time(value, "degraded_above").map(Limit::Above),
    });
    let tags = target.get("tags").map(|tags| {
        tags.items("tags")?.iter().map(|tag| tag.as_text("a tag").map(str::to_owned)).collect::<Result<Vec<_>, _>>()
    });
    let count = |key| -> Result<Option<u64>, Mistake> { Ok(target.number(key)?.map(|count| count as u64)) };
    let paused = target.flag("paused")?;
    Ok(Found {
        line: target.line,
        name: target.text("name")?.map(str::to_owned),
        spots,
        evaluation: evaluation.transpose()?,
        interval: times(target, "interval")?,
        retry_interval: times(target, "retry_interval")?,
        down_after: count("down_after")?,
        up_after: count("up_after")?,
        degraded_above: limit.transpose()?,
        note: target.text("note")?.map(str::to_owned),
        tags: tags.transpose()?,
        activity: paused.map(|paused| if paused { Activity::Paused } else { Activity::Watching }),
        ..Found::default()
    })
}

fn read_endpoint(endpoint: &Node) -> Result<Spot, Mistake> {
    endpoint.entries("an endpoint")?;
    let Some(address) = endpoint.get("address") else {
        return Err(Mistake::at(endpoint.line, "an endpoint without `address`"));
    };
    let read = address.as_text("address")?.parse::<Address>();
    let mut spot = Spot::new(read.map_err(|error| Mistake::at(address.line, error.to_string()))?);
    spot.family = word(endpoint, "family")?;
    spot.timeout = times(endpoint, "timeout")?;
    spot.handshake = word(endpoint, "handshake")?;
    spot.addresses = word(endpoint, "addresses")?;
    spot.expect = word(endpoint, "expect")?;
    if let Some(weight) = endpoint.get("weight") {
        let read = weight.as_text("weight")?.parse();
        spot.weight = Some(read.map_err(|_| weight.wanted("weight", "a whole number above 0"))?);
    }
    Ok(spot)
}

/// One of the words of a choice.
fn word<T: DeserializeOwned>(table: &Node, key: &str) -> Result<Option<T>, Mistake> {
    let Some(value) = table.get(key) else { return Ok(None) };
    let read = StrDeserializer::<serde::de::value::Error>::new(value.as_text(key)?);
    T::deserialize(read).map(Some).map_err(|error| Mistake::at(value.line, format!("`{key}`: {error}")))
}

fn times(table: &Node, key: &str) -> Result<Option<Duration>, Mistake> {
    table.get(key).map(|value| time(value, key)).transpose()
}

fn time(value: &Node, key: &str) -> Result<Duration, Mistake> {
    let read = duration::parse(value.as_text(key)?, &(Duration::ZERO..=Duration::MAX));
    read.map_err(|_| value.wanted(key, "a duration such as \"10s\""))
}

/// Whether a text looks like a configuration file with targets.
pub(super) fn is_toml(text: &str) -> bool {
    text.lines().any(is_header)
}

fn is_header(line: &str) -> bool {
    let bare: String = line.split('#').next().unwrap_or_default().split_whitespace().collect();
    bare == "[[target]]"
}

/// Reads the targets of a configuration file, with its own defaults filled in.
pub(super) fn read_toml(text: &str) -> Result<Vec<Entry>, Mistake> {
    let dots = |line: &str| line.bytes().filter(|&byte| byte == b'.').count();
    if let Some(place) = text.lines().position(|line| dots(line) > DOTS_MAX) {
        return Err(Mistake::at(place + 1, "this is no line of a configuration"));
    }
    let loaded = config::load_text(Path::new(""), text).map_err(|errors| {
        let first = errors.first();
        let hint = first.hint.as_ref().map(|hint| format!(": {hint}")).unwrap_or_default();
        Mistake { line: first.location.as_ref().map(|place| place.line), what: format!("{}{hint}", first.what) }
    })?;
    let mut headers = text.lines().enumerate().filter(|(_, line)| is_header(line)).map(|(place, _)| place + 1);
    let entries = loaded.declared.targets.iter().map(|definition| {
        let mut found = Found::of(headers.next().unwrap_or(1), definition);
        if let Evaluation::Script(path) = &definition.evaluation {
            found.remark(format!("its script {} is not copied", path.display()));
        }
        Entry::found(found)
    });
    let entries: Vec<Entry> = entries.collect();
    Ok(entries.into_iter().chain(left_behind(text)).collect())
}

/// What a configuration file says beside its targets and stays behind.
fn left_behind(text: &str) -> impl Iterator<Item = Entry> {
    text.lines().enumerate().filter_map(|(place, line)| {
        let bare = line.split('#').next().unwrap_or_default().trim();
        let why = match bare {
            "[[maintenance]]" => "maintenance is not imported: copy the section if it is to be planned here, too",
            _ if bare.starts_with("[tag.") => "what it says is written into its targets; the section is not imported",
            _ => return None,
        };
        Some(Entry::skipped(place + 1, bare, why))
    })
}
