//! Reads the targets of a configuration file.

use super::defaults::{DEGRADED_ABOVE, Defaults, INTERVAL, TIMEOUT};
use super::parse::threshold;
use super::reader::Reader;
use super::value::{self, FAMILIES, HANDSHAKES, Wrong};
use super::{NAME_MAX, NOTE_MAX, TAG_MAX, TAGS_MAX, TARGETS_MAX, duration};
use crate::domain::{Activity, Address, Definition, Family, Handshake};
use std::collections::HashMap;
use std::num::NonZeroU8;
use std::ops::Range;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The word for having no limit of latency.
pub(super) const NEVER: &str = "never";

const IN_TARGET: [&str; 13] = [
    "name",
    "address",
    "family",
    "interval",
    "timeout",
    "retry_interval",
    "down_after",
    "up_after",
    "degraded_above",
    "handshake",
    "note",
    "tags",
    "paused",
];

/// Reads what stands under `target`.
pub(super) fn read(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>, defaults: &Defaults) -> Vec<Definition> {
    let Some(list) = value.get_ref().as_array() else {
        let wrong = Wrong::new("targets are a list", "write [[target]] with double brackets above each");
        reader.refuse(value.span(), wrong);
        return Vec::new();
    };
    if let Some(excess) = list.get(TARGETS_MAX) {
        let what = format!("{} targets are too many", list.len());
        reader.refuse(excess.span(), Wrong::new(what, format!("at most {TARGETS_MAX}")));
        return Vec::new();
    }
    let mut names: HashMap<String, Range<usize>> = HashMap::new();
    let mut addresses: HashMap<Address, Range<usize>> = HashMap::new();
    let mut targets = Vec::with_capacity(list.len());
    for entry in list {
        let Some(table) = reader.table(entry, "[target]") else { continue };
        let Some(written) = Written::read(reader, table, entry.span(), defaults) else { continue };
        let address_span = written.address.as_ref().map_or_else(|| entry.span(), |(_, span)| span.clone());
        let name_span = written.name.as_ref().map_or_else(|| address_span.clone(), |(_, span)| span.clone());
        let Some(definition) = written.define(reader, defaults) else { continue };
        if let Some(endpoint) = definition.endpoints.first() {
            if let Some(first) = addresses.get(&endpoint.address) {
                let what = format!("{} is watched twice", endpoint.address);
                reader.refuse_second(address_span, first.clone(), what);
                continue;
            }
            addresses.insert(endpoint.address.clone(), address_span);
        }
        if let Some(first) = names.get(&definition.name) {
            reader.refuse_second(name_span, first.clone(), format!("two targets are named `{}`", definition.name));
            continue;
        }
        names.insert(definition.name.clone(), name_span);
        targets.push(definition);
    }
    targets
}

/// Refuses a retry interval that is slower than the interval.
pub(super) fn check_retry(retry: Duration, interval: Duration) -> Result<(), Wrong> {
    if retry <= interval {
        return Ok(());
    }
    let interval = duration::text(interval);
    Err(Wrong::new(
        format!("a retry interval of {} is slower than the interval of {interval}", duration::text(retry)),
        format!("write \"{interval}\" or less"),
    ))
}

/// What stands in one `[[target]]`, before defaults are filled in.
#[derive(Default)]
struct Written {
    name: Option<(String, Range<usize>)>,
    address: Option<(Address, Range<usize>)>,
    family: Family,
    interval: Option<Duration>,
    timeout: Option<Duration>,
    retry_interval: Option<(Duration, Range<usize>)>,
    down_after: Option<NonZeroU8>,
    up_after: Option<NonZeroU8>,
    /// Without a line of its own, the default already.
    degraded_above: Option<Duration>,
    handshake: Option<Handshake>,
    note: String,
    tags: Vec<String>,
    paused: bool,
}

impl Written {
    /// Reads one table; `None` when it has no usable address.
    fn read(reader: &mut Reader<'_>, table: &DeTable<'_>, span: Range<usize>, defaults: &Defaults) -> Option<Self> {
        let mut written = Self { degraded_above: defaults.degraded_above, ..Self::default() };
        let mut has_address = false;
        for (key, value) in table {
            let inner = value.get_ref();
            match key.get_ref().as_ref() {
                "name" => {
                    let name = value::text(inner, NAME_MAX).and_then(|name| {
                        if name.is_empty() {
                            Err(Wrong::new("an empty name", "write a name, or leave it out to use the address"))
                        } else {
                            Ok(Some((name, value.span())))
                        }
                    });
                    reader.set(&mut written.name, value, name);
                }
                "address" => {
                    has_address = true;
                    let address = value::address(inner).map(|address| Some((address, value.span())));
                    reader.set(&mut written.address, value, address);
                }
                "endpoints" => {
                    has_address = true;
                    let hint = "write one [[target]] with an `address` for each";
                    reader.refuse(key.span(), Wrong::new("`endpoints` comes with groups, later", hint));
                }
                "family" => reader.set(&mut written.family, value, value::choice(inner, &FAMILIES)),
                "handshake" => {
                    reader.set(&mut written.handshake, value, value::choice(inner, &HANDSHAKES).map(Some));
                }
                "note" => reader.set(&mut written.note, value, value::text(inner, NOTE_MAX)),
                "tags" => written.tags = read_tags(reader, value),
                "paused" => reader.set(&mut written.paused, value, value::switch(inner)),
                _ if written.read_figure(reader, key.get_ref(), value) => {}
                _ => reader.unknown(key, "[[target]]", &IN_TARGET),
            }
        }
        if !has_address {
            reader.refuse(span, Wrong::new("this target has no address", "write address = \"host:port\""));
        }
        written.address.is_some().then_some(written)
    }

    /// Reads one of the figures that `[defaults]` knows, too; says whether it was one.
    fn read_figure(&mut self, reader: &mut Reader<'_>, key: &str, value: &Spanned<DeValue<'_>>) -> bool {
        let inner = value.get_ref();
        match key {
            "interval" => reader.set(&mut self.interval, value, value::duration(inner, &INTERVAL).map(Some)),
            "timeout" => reader.set(&mut self.timeout, value, value::duration(inner, &TIMEOUT).map(Some)),
            "retry_interval" => {
                let retry = value::duration(inner, &INTERVAL).map(|retry| Some((retry, value.span())));
                reader.set(&mut self.retry_interval, value, retry);
            }
            "down_after" => reader.set(&mut self.down_after, value, threshold(inner).map(Some)),
            "up_after" => reader.set(&mut self.up_after, value, threshold(inner).map(Some)),
            "degraded_above" => {
                let limit = value::duration_or(NEVER, inner, &DEGRADED_ABOVE);
                reader.set(&mut self.degraded_above, value, limit);
            }
            _ => return false,
        }
        true
    }

    /// Fills in the defaults.
    fn define(self, reader: &mut Reader<'_>, defaults: &Defaults) -> Option<Definition> {
        let (address, _) = self.address?;
        let mut definition = defaults.definition(address);
        if let Some((name, _)) = self.name {
            definition.name = name;
        }
        if let Some(interval) = self.interval {
            definition.interval = interval;
            definition.retry_interval = defaults.retry_interval_for(interval);
        }
        if let Some((retry, span)) = self.retry_interval {
            if let Err(wrong) = check_retry(retry, definition.interval) {
                reader.refuse(span, wrong);
            }
            definition.retry_interval = retry;
        }
        for endpoint in &mut definition.endpoints {
            endpoint.family = self.family;
            endpoint.timeout = self.timeout.unwrap_or(endpoint.timeout);
            endpoint.handshake = self.handshake.unwrap_or(endpoint.handshake);
        }
        definition.down_after = self.down_after.unwrap_or(definition.down_after);
        definition.up_after = self.up_after.unwrap_or(definition.up_after);
        definition.degraded_above = self.degraded_above;
        definition.note = self.note;
        definition.tags = self.tags;
        definition.activity = if self.paused { Activity::Paused } else { Activity::Watching };
        Some(definition)
    }
}

fn read_tags(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for entry in reader.list(value, "a list such as [\"db\", \"prod\"]", TAGS_MAX).into_iter().flatten() {
        let tag = value::text(entry.get_ref(), TAG_MAX).and_then(|tag| {
            if tag.is_empty() || tag.contains(char::is_whitespace) {
                Err(Wrong::new("a tag is one word", "write it without spaces, such as \"prod\""))
            } else {
                Ok(tag)
            }
        });
        match tag {
            Ok(tag) if tags.contains(&tag) => {}
            Ok(tag) => tags.push(tag),
            Err(wrong) => reader.refuse(entry.span(), wrong),
        }
    }
    tags
}
