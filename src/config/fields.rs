//! A target as the lines that stand for it in a file.

use super::layer::{Layer, Manner, OF_ENDPOINT};
use super::value::{ADDRESSES, EXPECTATIONS, FAMILIES, HANDSHAKES, NEVER, name_of};
use super::{Defaults, duration, evaluation};
use crate::domain::{Activity, Definition, Endpoint};
use std::num::NonZeroU32;
use std::path::Path;
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

/// By which key a target says what it watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// `address`, which has room for one that weighs nothing special.
    Address,
    /// `endpoints`.
    Endpoints,
}

/// How a target is written, as far as the definition leaves that open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Style {
    pub(super) spelling: Spelling,
    /// What holds for every endpoint that says nothing of its own.
    pub(super) shared: Defaults,
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

impl Style {
    /// How a target stands in a table that says this about all of its endpoints.
    pub(super) fn standing(spelling: Spelling, given: &Defaults, manner: &Manner) -> Self {
        let mut shared = given.clone();
        Layer { manner: manner.clone(), ..Layer::default() }.apply(&mut shared);
        Self { spelling, shared }
    }

    /// How a target is written that stands nowhere yet.
    pub(super) fn new(definition: &Definition, given: &Defaults) -> Self {
        Self::standing(Spelling::Address, given, &Manner::default()).fit(definition)
    }

    /// How a target is written in place of one that stood like this: what all endpoints have in common is said once.
    #[must_use]
    pub(super) fn fit(mut self, definition: &Definition) -> Self {
        let endpoints = &definition.endpoints;
        let shared = &mut self.shared;
        agree(endpoints, |it| it.timeout, &mut shared.timeout);
        agree(endpoints, |it| it.handshake, &mut shared.handshake);
        agree(endpoints, |it| it.family, &mut shared.family);
        agree(endpoints, |it| it.addresses, &mut shared.addresses);
        agree(endpoints, |it| it.expect, &mut shared.expect);
        let is_single = matches!(&endpoints[..], [endpoint] if endpoint.weight == NonZeroU32::MIN);
        if !is_single {
            self.spelling = Spelling::Endpoints;
        }
        self
    }
}

fn agree<T: PartialEq>(endpoints: &[Endpoint], pick: impl Fn(&Endpoint) -> T, shared: &mut T) {
    if let Some((first, others)) = endpoints.split_first()
        && others.iter().all(|other| pick(other) == pick(first))
    {
        *shared = pick(first);
    }
}

/// How an endpoint is checked, in the order of [`OF_ENDPOINT`].
fn manner_of(endpoint: &Endpoint) -> [Value; OF_ENDPOINT.len()] {
    [
        duration::text(endpoint.timeout).into(),
        name_of(&HANDSHAKES, endpoint.handshake).into(),
        name_of(&FAMILIES, endpoint.family).into(),
        name_of(&ADDRESSES, endpoint.addresses).into(),
        name_of(&EXPECTATIONS, endpoint.expect).into(),
    ]
}

/// What tells an endpoint from another one: its own settings, the address aside.
pub(super) fn differences(endpoint: &Endpoint, other: &Endpoint) -> Vec<(&'static str, Value)> {
    let weight = (endpoint.weight != other.weight).then(|| ("weight", i64::from(endpoint.weight.get()).into()));
    let manner = OF_ENDPOINT.into_iter().zip(manner_of(endpoint)).zip(manner_of(other));
    manner.filter(|((_, value), other)| value != other).map(|(own, _)| own).chain(weight).collect()
}

/// An endpoint as an entry of the list.
pub(super) fn entry(endpoint: &Endpoint, shared: &Defaults) -> Value {
    let address = Value::from(endpoint.address.to_string());
    let own = differences(endpoint, &shared.endpoint(endpoint.address.clone()));
    if own.is_empty() {
        return address;
    }
    let address = ("address", address);
    Value::Table(std::iter::once(address).chain(own).map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Every setting of a target, in the order in which people write them. `given` is what it has from the defaults and
/// from its tags, `directory` is where the file lies.
pub(super) fn of(definition: &Definition, given: &Defaults, style: &Style, directory: &Path) -> Vec<Field> {
    let Some(first) = definition.endpoints.first() else { return Vec::new() };
    let time = duration::text;
    let limit = |limit: Option<_>| limit.map_or_else(|| NEVER.to_owned(), time);
    let threshold = |count: std::num::NonZeroU8| i64::from(count.get());
    let tags: Vec<Value> = definition.tags.iter().map(|tag| Value::from(tag.as_str())).collect();
    let retry = given.retry_interval_for(definition.interval);
    let address = first.address.to_string();
    let nameless = (definition.endpoints.len() == 1).then(|| Value::from(address.as_str()));
    let place = match style.spelling {
        Spelling::Address => Field { key: "address", value: address.into(), default: None },
        Spelling::Endpoints => {
            let list: Vec<Value> = definition.endpoints.iter().map(|it| entry(it, &style.shared)).collect();
            Field { key: "endpoints", value: list.into(), default: None }
        }
    };
    let is_given = definition.evaluation == given.evaluation_for(definition.endpoints.len());
    let evaluation = evaluation::written(&definition.evaluation, directory).into_iter().map(|(key, value, usual)| {
        let default = if is_given { Some(value.clone()) } else { usual };
        Field { key, value, default }
    });
    let [said, usual] = [&style.shared, given].map(|it| manner_of(&it.endpoint(first.address.clone())));
    let shared = OF_ENDPOINT.into_iter().zip(said).zip(usual);
    let shared = shared.map(|((key, value), usual)| Field::new(key, value, usual));
    let mut fields = vec![Field { key: "name", value: definition.name.as_str().into(), default: nameless }, place];
    fields.extend(evaluation);
    fields.push(Field::new("interval", time(definition.interval), time(given.interval)));
    fields.extend(shared);
    fields.extend([
        Field::new("retry_interval", time(definition.retry_interval), time(retry)),
        Field::new("down_after", threshold(definition.down_after), threshold(given.down_after)),
        Field::new("up_after", threshold(definition.up_after), threshold(given.up_after)),
        Field::new("degraded_above", limit(definition.degraded_above), limit(given.degraded_above)),
        Field::new("note", definition.note.as_str(), ""),
        Field::new("tags", tags, Vec::<Value>::new()),
        Field::new("paused", definition.activity == Activity::Paused, false),
    ]);
    fields
}
