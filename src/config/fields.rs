//! A target as the lines that stand for it in a file.

use super::targets::NEVER;
use super::value::{FAMILIES, HANDSHAKES, name_of};
use super::{Defaults, duration};
use crate::domain::{Activity, Definition, Family};
use toml::Value;

/// One setting of a target.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// The name that it is written by.
    pub(super) key: &'static str,
    /// What is in effect.
    pub(super) value: Value,
    /// What would be in effect if the line were left out; `None` where it must not be.
    pub(super) default: Option<Value>,
}

impl Field {
    fn new(key: &'static str, value: impl Into<Value>, default: impl Into<Value>) -> Self {
        Self { key, value: value.into(), default: Some(default.into()) }
    }

    /// Whether the file has to say it.
    pub(super) fn is_needed(&self) -> bool {
        self.default.as_ref() != Some(&self.value)
    }
}

/// Every setting of a target, in the order in which people write them.
pub(super) fn of(definition: &Definition, defaults: &Defaults) -> Vec<Field> {
    let Some(endpoint) = definition.endpoints.first() else { return Vec::new() };
    let address = endpoint.address.to_string();
    let time = duration::text;
    let limit = |limit: Option<_>| limit.map_or_else(|| NEVER.to_owned(), time);
    let threshold = |count: std::num::NonZeroU8| i64::from(count.get());
    let tags: Vec<Value> = definition.tags.iter().map(|tag| Value::from(tag.as_str())).collect();
    let retry = defaults.retry_interval_for(definition.interval);
    vec![
        Field::new("name", definition.name.as_str(), address.as_str()),
        Field { key: "address", value: Value::from(address), default: None },
        Field::new("family", name_of(&FAMILIES, endpoint.family), name_of(&FAMILIES, Family::Auto)),
        Field::new("interval", time(definition.interval), time(defaults.interval)),
        Field::new("timeout", time(endpoint.timeout), time(defaults.timeout)),
        Field::new("retry_interval", time(definition.retry_interval), time(retry)),
        Field::new("down_after", threshold(definition.down_after), threshold(defaults.down_after)),
        Field::new("up_after", threshold(definition.up_after), threshold(defaults.up_after)),
        Field::new("degraded_above", limit(definition.degraded_above), limit(defaults.degraded_above)),
        Field::new("handshake", name_of(&HANDSHAKES, endpoint.handshake), name_of(&HANDSHAKES, defaults.handshake)),
        Field::new("note", definition.note.as_str(), ""),
        Field::new("tags", tags, Vec::<Value>::new()),
        Field::new("paused", definition.activity == Activity::Paused, false),
    ]
}
