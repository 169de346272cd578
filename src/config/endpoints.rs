//! Reads the endpoints of a group: addresses, and tables for those that differ from the others.

use super::defaults::Defaults;
use super::layer::{Manner, OF_ENDPOINT};
use super::reader::Reader;
use super::value::{self, Wrong};
use crate::domain::{Address, ENDPOINTS_MAX, Endpoint, Family, Host};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// How a list of endpoints is written.
const EXAMPLE: &str = "a list such as [\"redis-1:6379\", { address = \"redis-2:6379\", timeout = \"2s\" }]";
/// How much one endpoint may count.
const WEIGHT: RangeInclusive<u32> = 1..=1_000_000;

/// Reads a list of endpoints; what none of them says is as in `given`. `None` when there is none to go on with.
pub(super) fn read(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>, given: &Defaults) -> Option<Vec<Endpoint>> {
    let list = reader.list(value, EXAMPLE, ENDPOINTS_MAX)?;
    if list.is_empty() {
        reader.refuse(value.span(), Wrong::new("a group of nothing", format!("write {EXAMPLE}")));
    }
    let mut seen: HashMap<Address, Range<usize>> = HashMap::new();
    let mut endpoints = Vec::with_capacity(list.len());
    for entry in list {
        for endpoint in read_entry(reader, entry, given) {
            if let Some(first) = seen.get(&endpoint.address) {
                let what = format!("{} stands twice in this group", endpoint.address);
                reader.refuse_second(entry.span(), first.clone(), what);
            } else {
                seen.insert(endpoint.address.clone(), entry.span());
                endpoints.push(endpoint);
            }
        }
        if endpoints.len() > ENDPOINTS_MAX {
            let what = format!("{} endpoints and more are too many", endpoints.len());
            reader.refuse(entry.span(), Wrong::new(what, format!("at most {ENDPOINTS_MAX}")));
            return None;
        }
    }
    (!endpoints.is_empty()).then_some(endpoints)
}

/// Reads one entry, which stands for several endpoints where its address is a short form.
pub(super) fn read_entry(reader: &mut Reader<'_>, entry: &Spanned<DeValue<'_>>, given: &Defaults) -> Vec<Endpoint> {
    let Some(table) = entry.get_ref().as_table() else {
        return match value::addresses(entry.get_ref()) {
            Ok(addresses) => addresses.into_iter().map(|address| given.endpoint(address)).collect(),
            Err(wrong) => {
                reader.refuse(entry.span(), wrong);
                Vec::new()
            }
        };
    };
    read_table(reader, table, entry.span(), given)
}

/// Refuses a family that a literal beside it is not of: it could never be reached.
pub(super) fn check_family(reader: &mut Reader<'_>, table: &DeTable<'_>, family: Family, addresses: &[Address]) {
    let Some((_, value)) = value::find(table, "family") else { return };
    let Some(other) = addresses.iter().find(|address| !family.admits(&address.host)) else { return };
    let own = if matches!(other.host, Host::V4(_)) { "ipv4" } else { "ipv6" };
    let hint = format!("leave `family` out: it chooses among the addresses of a name, and this is an address of {own}");
    reader.refuse(value.span(), Wrong::new(format!("{other} is no address of this family"), hint));
}

fn read_table(reader: &mut Reader<'_>, table: &DeTable<'_>, span: Range<usize>, given: &Defaults) -> Vec<Endpoint> {
    let mut addresses = Vec::new();
    let mut manner = Manner::default();
    let mut weight = NonZeroU32::MIN;
    for (key, value) in table {
        let inner = value.get_ref();
        match key.get_ref().as_ref() {
            "address" => reader.set(&mut addresses, value, value::addresses(inner)),
            "weight" => {
                let count = value::count(inner, &WEIGHT);
                reader.set(&mut weight, value, count.map(|count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)));
            }
            name if manner.read(reader, name, value) => {}
            _ => {
                let known: Vec<&str> = ["address", "weight"].into_iter().chain(OF_ENDPOINT).collect();
                reader.unknown(key, "an endpoint", &known);
            }
        }
    }
    if value::find(table, "address").is_none() {
        reader.refuse(span, Wrong::new("this endpoint has no address", "write address = \"host:port\""));
    }
    if let Some(family) = manner.family {
        check_family(reader, table, family, &addresses);
    }
    let endpoint = |address| {
        let mut endpoint = Endpoint { weight, ..given.endpoint(address) };
        manner.apply(&mut endpoint);
        endpoint
    };
    addresses.into_iter().map(endpoint).collect()
}
