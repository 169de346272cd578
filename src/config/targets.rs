//! Reads the targets of a configuration file.

use super::defaults::Defaults;
use super::layer::{Layer, Manner, SETTINGS};
use super::reader::Reader;
use super::tags::Tags;
use super::value::{self, Wrong, find};
use super::{ENDPOINTS_TOTAL_MAX, NAME_MAX, NOTE_MAX, TAGS_MAX, TARGETS_MAX, endpoints, evaluation};
use crate::domain::{Activity, Address, Definition, Endpoint, listing};
use std::collections::HashMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What only a target can say.
const OWN: [&str; 6] = ["name", "address", "endpoints", "note", "tags", "paused"];

/// A target, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Read {
    /// What it is.
    pub(super) definition: Definition,
    /// Which of the tables it stands in, from 0; several share one whose address is a short form.
    pub(super) table: usize,
    /// What that table says about all of its endpoints.
    pub(super) manner: Manner,
}

/// Reads what stands under `target`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    defaults: &Defaults,
    tags: &Tags,
) -> Vec<Read> {
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
    let mut known = Known::default();
    let mut targets = Vec::with_capacity(list.len());
    let mut endpoints = 0;
    for (place, entry) in list.iter().enumerate() {
        let Some(table) = reader.table(entry, "[target]") else { continue };
        let written = Written::read(reader, table);
        let Some(place_span) = place_span(reader, table, &entry.span()) else { continue };
        let manner = written.layer.manner.clone();
        let name_span = find(table, "name").map_or_else(|| place_span.clone(), |(_, value)| value.span());
        for definition in written.define(reader, table, defaults, tags) {
            endpoints += definition.endpoints.len();
            if known.take(reader, &definition, &place_span, &name_span) {
                targets.push(Read { definition, table: place, manner: manner.clone() });
            }
        }
        for (count, max, noun) in
            [(targets.len(), TARGETS_MAX, "targets"), (endpoints, ENDPOINTS_TOTAL_MAX, "endpoints in all")]
        {
            if count > max {
                let what = format!("{count} {noun} and more are too many");
                reader.refuse(entry.span(), Wrong::new(what, format!("at most {max}")));
                return Vec::new();
            }
        }
    }
    targets
}

/// Names and addresses that were seen, with their places.
#[derive(Default)]
struct Known {
    names: HashMap<String, Range<usize>>,
    addresses: HashMap<Vec<Address>, Range<usize>>,
}

impl Known {
    /// Takes a target in, unless its name or its addresses are taken.
    fn take(
        &mut self,
        reader: &mut Reader<'_>,
        definition: &Definition,
        place: &Range<usize>,
        name: &Range<usize>,
    ) -> bool {
        let addresses: Vec<Address> = definition.endpoints.iter().map(|endpoint| endpoint.address.clone()).collect();
        if let Some(first) = self.addresses.get(&addresses) {
            let what = match addresses.as_slice() {
                [address] => format!("{address} is watched twice"),
                many => format!("this group of {} is watched twice", many.len()),
            };
            reader.refuse_second(place.clone(), first.clone(), what);
            return false;
        }
        self.addresses.insert(addresses, place.clone());
        if let Some(first) = self.names.get(&definition.name) {
            let what = format!("two targets are named `{}`", definition.name);
            reader.refuse_second(name.clone(), first.clone(), what);
            return false;
        }
        self.names.insert(definition.name.clone(), name.clone());
        true
    }
}

/// What stands in one `[[target]]`, before anything is filled in.
#[derive(Default)]
struct Written {
    name: Option<String>,
    /// What `address` stands for.
    addresses: Vec<Address>,
    layer: Layer,
    note: String,
    tags: Vec<String>,
    paused: bool,
}

impl Written {
    fn read(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Self {
        let mut written = Self::default();
        for (key, value) in table {
            let inner = value.get_ref();
            match key.get_ref().as_ref() {
                "name" => {
                    let name = value::text(inner, NAME_MAX).and_then(|name| {
                        if name.is_empty() {
                            Err(Wrong::new("an empty name", "write a name, or leave it out to use the address"))
                        } else {
                            Ok(Some(name))
                        }
                    });
                    reader.set(&mut written.name, value, name);
                }
                "address" => reader.set(&mut written.addresses, value, value::addresses(inner)),
                // Read when it is known what the tags give.
                "endpoints" => {}
                "note" => reader.set(&mut written.note, value, value::text(inner, NOTE_MAX)),
                "tags" => written.tags = read_tags(reader, value),
                "paused" => reader.set(&mut written.paused, value, value::switch(inner)),
                name if written.layer.read(reader, name, value) => {}
                "weight" => {
                    let hint = "write endpoints = [{ address = \"host:port\", weight = 3 }]";
                    reader.refuse(key.span(), Wrong::new("`weight` is about one endpoint of a group", hint));
                }
                _ => {
                    let known: Vec<&str> = OWN.into_iter().chain(SETTINGS).collect();
                    reader.unknown(key, "[[target]]", &known);
                }
            }
        }
        written.layer.read_evaluation(reader, table);
        written
    }

    /// Fills in what the defaults and the tags give.
    fn define(self, reader: &mut Reader<'_>, table: &DeTable<'_>, defaults: &Defaults, tags: &Tags) -> Vec<Definition> {
        let mut given = tags.over(defaults, &self.tags);
        self.layer.apply(&mut given);
        self.layer.check_retry(reader, table, given.interval);
        if let Some(family) = self.layer.manner.family {
            endpoints::check_family(reader, table, family, &self.addresses);
        }
        let Some((key, value)) = find(table, "endpoints") else {
            let names = listing::names(self.name.as_deref(), &self.addresses);
            let endpoints = self.addresses.iter().map(|address| vec![given.endpoint(address.clone())]);
            let definitions = names.into_iter().zip(endpoints).map(|(name, one)| self.definition(&given, name, one));
            let definitions: Vec<Definition> = definitions.collect();
            check_evaluation(reader, table, definitions.first(), &Range::default());
            return definitions;
        };
        let Some(endpoints) = endpoints::read(reader, value, &given) else { return Vec::new() };
        let name = match (self.name.clone(), endpoints.as_slice()) {
            (Some(name), _) => name,
            (None, [endpoint]) => endpoint.address.to_string(),
            (None, many) => {
                let what = format!("a group of {} needs a name", many.len());
                reader.refuse(key.span(), Wrong::new(what, "write name = \"...\": no address can stand for all"));
                return Vec::new();
            }
        };
        let definition = self.definition(&given, name, endpoints);
        check_evaluation(reader, table, Some(&definition), &value.span());
        vec![definition]
    }

    fn definition(&self, given: &Defaults, name: String, endpoints: Vec<Endpoint>) -> Definition {
        let own = self.layer.evaluation.clone();
        Definition {
            name,
            evaluation: own.unwrap_or_else(|| given.evaluation_for(endpoints.len())),
            endpoints,
            interval: given.interval,
            retry_interval: given.retry_interval_for(given.interval),
            down_after: given.down_after,
            up_after: given.up_after,
            degraded_above: given.degraded_above,
            note: self.note.clone(),
            tags: self.tags.clone(),
            activity: if self.paused { Activity::Paused } else { Activity::Watching },
        }
    }
}

/// Where it stands what is watched; exactly one of two keys says it.
fn place_span(reader: &mut Reader<'_>, table: &DeTable<'_>, entry: &Range<usize>) -> Option<Range<usize>> {
    match (find(table, "address"), find(table, "endpoints")) {
        (None, None) => {
            let hint = "write address = \"host:port\", or endpoints = [...] for a group";
            reader.refuse(entry.clone(), Wrong::new("this target has no address", hint));
            None
        }
        (Some((address, _)), Some((endpoints, _))) => {
            let later = if address.span().start > endpoints.span().start { address } else { endpoints };
            let hint = "write `address` for one, `endpoints` for a group";
            reader.refuse(later.span(), Wrong::new("`address` and `endpoints` exclude each other", hint));
            None
        }
        (Some((_, value)), None) | (None, Some((_, value))) => Some(value.span()),
    }
}

/// Refuses an evaluation that the endpoints can never satisfy; where the table does not say it itself, `elsewhere`
/// is the place.
fn check_evaluation(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    definition: Option<&Definition>,
    elsewhere: &Range<usize>,
) {
    let check = |it: &Definition| evaluation::check(&it.evaluation, it.endpoints.len());
    if let Some(Err(wrong)) = definition.map(check) {
        reader.refuse(find(table, "quorum").map_or_else(|| elsewhere.clone(), |(_, value)| value.span()), wrong);
    }
}

fn read_tags(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for entry in reader.list(value, "a list such as [\"db\", \"prod\"]", TAGS_MAX).into_iter().flatten() {
        match value::tag(entry.get_ref()) {
            Ok(tag) if tags.contains(&tag) => {}
            Ok(tag) => tags.push(tag),
            Err(wrong) => reader.refuse(entry.span(), wrong),
        }
    }
    tags
}
