//! The configuration of Gatus: its TCP endpoints with their conditions.

use super::found::{Found, Limit};
use super::node::{Content, Node};
use super::{Entry, Mistake, go};
use crate::domain::{Activity, Address, Expect};
use std::time::Duration;

/// Whether a document looks like a configuration of Gatus.
pub(super) fn is_it(root: &Node) -> bool {
    root.get_any(&["endpoints", "external-endpoints", "suites"]).is_some()
}

/// Reads its endpoints. Variables of its environment are not those of this one, so what holds one is left out.
pub(super) fn read(root: &Node) -> Result<Vec<Entry>, Mistake> {
    root.entries("this file")?;
    let endpoints = root.list("endpoints")?.iter().map(|endpoint| read_endpoint(endpoint));
    let mut entries = endpoints.collect::<Result<Vec<_>, _>>()?;
    for list in ["external-endpoints", "suites"] {
        for other in root.list(list)? {
            let name = other.text("name")?.unwrap_or_default();
            entries.push(Entry::skipped(other.line, name, format!("{list} check no port")));
        }
    }
    Ok(entries)
}

fn read_endpoint(endpoint: &Node) -> Result<Entry, Mistake> {
    endpoint.entries("an endpoint")?;
    let name = endpoint.text("name")?.map(|name| name.replace("$$", "$"));
    let shown = name.clone().unwrap_or_default();
    let skip = |why: String| Ok(Entry::skipped(endpoint.line, &shown, why));
    let Some(url) = endpoint.text("url")? else { return skip("it has no url".into()) };
    if url.replace("$$", "").contains('$') {
        return skip("its url holds a variable: write its value".into());
    }
    let url = url.replace("$$", "$");
    let (scheme, rest) = url.split_once("://").unwrap_or(("", &url));
    if !matches!(scheme, "tcp" | "tls" | "starttls") {
        return skip(format!("its url begins with `{scheme}://`, which is no TCP port"));
    }
    let address: Address = match rest.trim_end_matches('/').parse() {
        Ok(address) => address,
        Err(error) => return skip(format!("{error}")),
    };
    let mut found = Found { name, ..Found::at(endpoint.line, address) };
    if scheme != "tcp" {
        found.remark(format!("`{scheme}://` is checked as a TCP port, without its certificate"));
    }
    read_conditions(endpoint, &mut found)?;
    read_cadence(endpoint, &mut found)?;
    let group = endpoint.text("group")?.map(str::to_owned);
    let labels = endpoint.get("extra-labels").map(labels).transpose()?.unwrap_or_default();
    let tags: Vec<String> = group.into_iter().chain(labels).collect();
    found.tags = (!tags.is_empty()).then_some(tags);
    let enabled = endpoint.flag("enabled")?;
    found.activity = enabled.map(|enabled| if enabled { Activity::Watching } else { Activity::Paused });
    if endpoint.get("maintenance-windows").is_some() {
        found.remark("left out its maintenance windows: write them into the configuration");
    }
    Ok(Entry::found(found))
}

/// The labels of a table as tags, `name=value`.
pub(super) fn labels(table: &Node) -> Result<Vec<String>, Mistake> {
    let entries = table.entries("labels")?.iter();
    let told = entries.filter(|(_, value)| !matches!(value.content, Content::Null));
    told.map(|(label, value)| Ok(format!("{label}={}", value.as_text(label)?))).collect()
}

fn read_conditions(endpoint: &Node, found: &mut Found) -> Result<(), Mistake> {
    for condition in endpoint.list("conditions")? {
        let text = condition.as_text("a condition")?;
        let words: Vec<&str> = text.split_whitespace().collect();
        let limit = |text: &str| text.parse::<f64>().ok().and_then(|millis| go::seconds(millis / 1_000.0));
        match words.as_slice() {
            ["[CONNECTED]", "==", "true"] | ["[CONNECTED]", "!=", "false"] => {}
            ["[CONNECTED]", "==", "false"] | ["[CONNECTED]", "!=", "true"] => found.set_expect(Expect::Closed),
            ["[RESPONSE_TIME]", "<" | "<=", millis] if limit(millis).is_some() => {
                found.degraded_above = limit(millis).map(Limit::Above);
                found.remark("a slow answer, which it counts as a failure, is degraded here");
            }
            _ => found.remark(format!("left out the condition `{text}`")),
        }
    }
    Ok(())
}

fn read_cadence(endpoint: &Node, found: &mut Found) -> Result<(), Mistake> {
    found.interval = duration(endpoint, "interval")?;
    if let Some(client) = endpoint.get("client") {
        client.entries("client")?;
        let timeout = duration(client, "timeout")?;
        found.set_timeout(timeout);
    }
    for alert in endpoint.list("alerts")? {
        alert.entries("an alert")?;
        let count = |key| Ok(alert.number(key)?.map(|count| count as u64));
        found.down_after = found.down_after.or(count("failure-threshold")?);
        found.up_after = found.up_after.or(count("success-threshold")?);
    }
    Ok(())
}

fn duration(table: &Node, key: &str) -> Result<Option<Duration>, Mistake> {
    let Some(value) = table.get(key) else { return Ok(None) };
    let read = go::duration(value.as_text(key)?);
    read.map(Some).ok_or_else(|| value.wanted(key, "a duration such as 30s"))
}
