//! Monitors of Uptime Kuma: a backup of 1.x, or what kuma-cli writes.

use super::found::Found;
use super::node::{Content, Node};
use super::{Entry, Mistake, go};
use crate::domain::endpoint::parse_port;
use crate::domain::{Activity, Address, AddressError, Expect};
use std::collections::HashMap;
use std::time::Duration;

/// How many groups may lie around each other.
const GROUPS_MAX: usize = 8;

/// Whether a document looks like monitors of Uptime Kuma.
pub(super) fn is_it(root: &Node) -> bool {
    let is_kuma = |monitor: &&Node| {
        let is_port = monitor.get("type").is_some_and(|kind| kind.as_text("").is_ok_and(|kind| kind == "port"));
        is_port || monitor.get_any(&["maxretries", "upsideDown", "hostname"]).is_some()
    };
    root.get("monitorList").is_some()
        || root.get("monitors").is_some_and(|list| list.one_or_more().iter().take(100).any(is_kuma))
}

/// Reads the monitors; what tells people about them is never looked at, because it holds secrets.
pub(super) fn read(root: &Node) -> Result<Vec<Entry>, Mistake> {
    root.entries("this file")?;
    let Some(list) = root.get_any(&["monitorList", "monitors"]) else {
        return Err(Mistake::at(root.line, "there is no `monitorList` and no `monitors` in it"));
    };
    let monitors = list.items("monitors")?;
    let mut groups = HashMap::new();
    for monitor in monitors {
        monitor.entries("a monitor")?;
        if let (Some("group"), Some(id)) = (monitor.text("type")?, monitor.text("id")?) {
            groups.insert(id, &**monitor);
        }
    }
    monitors.iter().map(|monitor| read_monitor(monitor, &groups)).collect()
}

fn read_monitor(monitor: &Node, groups: &HashMap<&str, &Node>) -> Result<Entry, Mistake> {
    let name = monitor.text("name")?;
    let skip = |why: String| Ok(Entry::skipped(monitor.line, name.unwrap_or_default(), why));
    let kind = monitor.text("type")?.unwrap_or("missing");
    if kind == "group" {
        return skip("it is a group: its monitors have its name as a tag".into());
    }
    if kind != "port" {
        return skip(format!("its type is {kind}, which is no TCP port"));
    }
    let address = match read_address(monitor)? {
        Ok(address) => address,
        Err(error) => return skip(format!("{error}")),
    };
    let retries = monitor.number("maxretries")?;
    let mut tags = path(monitor, groups)?;
    for tag in monitor.list("tags")? {
        tags.push(read_tag(tag)?);
    }
    let active = monitor.flag("active")?;
    let mut found = Found {
        name: name.map(str::to_owned),
        interval: seconds(monitor, "interval")?,
        retry_interval: seconds(monitor, "retryInterval")?,
        down_after: retries.map(|retries| (retries as u64).saturating_add(1)),
        note: monitor.text("description")?.map(str::to_owned),
        tags: (!tags.is_empty()).then_some(tags),
        activity: active.map(|active| if active { Activity::Watching } else { Activity::Paused }),
        ..Found::at(monitor.line, address)
    };
    // It writes 0 where its own default is meant.
    let timeout = seconds(monitor, "timeout")?.filter(|timeout| !timeout.is_zero());
    found.set_timeout(timeout);
    found.retry_interval = found.retry_interval.filter(|retry| !retry.is_zero());
    if monitor.flag("upsideDown")? == Some(true) {
        found.set_expect(Expect::Closed);
    }
    Ok(Entry::found(found))
}

fn read_address(monitor: &Node) -> Result<Result<Address, AddressError>, Mistake> {
    let host = monitor.text("hostname")?.unwrap_or_default().trim();
    let port = monitor.text("port")?.unwrap_or_default().trim();
    if host.is_empty() {
        return Ok(Err(AddressError::Empty));
    }
    if port.is_empty() {
        return Ok(Err(AddressError::NoPort(host.to_owned())));
    }
    Ok(host.parse().and_then(|host| Ok(Address { host, port: parse_port(port)? })))
}

/// The names of the groups around a monitor, outermost first.
fn path(monitor: &Node, groups: &HashMap<&str, &Node>) -> Result<Vec<String>, Mistake> {
    let mut names = Vec::new();
    let mut parent = monitor.text("parent")?;
    while let Some(group) = parent.and_then(|id| groups.get(id)).filter(|_| names.len() < GROUPS_MAX) {
        names.extend(group.text("name")?.map(str::to_owned));
        parent = group.text("parent")?;
    }
    names.reverse();
    Ok(names)
}

/// A tag with its value, where it has one.
fn read_tag(tag: &Node) -> Result<String, Mistake> {
    if let Content::Text(text) = &tag.content {
        return Ok(text.clone());
    }
    tag.entries("a tag")?;
    let name = tag.text("name")?.unwrap_or_default();
    let value = tag.text("value")?.filter(|value| !value.is_empty());
    Ok(value.map_or_else(|| name.to_owned(), |value| format!("{name}={value}")))
}

fn seconds(monitor: &Node, key: &str) -> Result<Option<Duration>, Mistake> {
    let Some(value) = monitor.get(key) else { return Ok(None) };
    let read = go::seconds(value.as_number(key)?);
    read.map(Some).ok_or_else(|| value.wanted(key, "a number of seconds"))
}
