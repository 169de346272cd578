//! The list of the endpoints of a group, changed entry by entry: what still says the same stays as it is.
//!
//! A comment belongs to the entry on whose line it ends, or to the one below it. For the editing library, all
//! that stands between two commas belongs to the later entry; so the list is taken apart into rows, each with
//! the comments that are its own, and put together again.

use super::super::Defaults;
use super::super::endpoints::read_entry;
use super::super::fields;
use super::super::reader::Reader;
use super::table::value;
use crate::domain::Endpoint;
use std::path::Path;
use toml::de::DeValue;
use toml_edit::{Array, InlineTable, Value};

/// An entry with what stands around it.
struct Row {
    /// From the end of the line before up to the entry.
    above: String,
    value: Value,
    /// From the entry to its comma.
    after: String,
    /// From its comma to the end of its line.
    behind: String,
    /// What it stands for.
    means: Vec<Endpoint>,
}

/// Makes the list say these endpoints, in this order; what none of them says of its own is as in `shared`.
pub(super) fn rewrite(array: &mut Array, endpoints: &[Endpoint], shared: &Defaults) {
    let (old, closing) = take_apart(array, shared);
    let first = old.first().map(|row| row.above.clone()).unwrap_or_default();
    let line = old.last().map(|row| row.above.clone()).unwrap_or_default();
    let line = line.rfind('\n').map_or_else(|| " ".to_owned(), |end| line[end..].to_owned());
    let mut old: Vec<Row> = old.into_iter().flat_map(|row| split(row, endpoints)).collect();
    let mut rows: Vec<Row> = Vec::new();
    let mut rest = endpoints;
    while let Some(endpoint) = rest.first() {
        let whole = old.iter().position(|row| !row.means.is_empty() && rest.starts_with(&row.means));
        let same = |row: &Row| matches!(&row.means[..], [only] if only.address == endpoint.address);
        if let Some(place) = whole {
            let row = old.remove(place);
            rest = rest.get(row.means.len()..).unwrap_or_default();
            rows.push(row);
            continue;
        }
        let mut row = match old.iter().position(same) {
            Some(place) => old.remove(place),
            None => Row {
                above: line.clone(),
                value: Value::from(""),
                after: String::new(),
                behind: String::new(),
                means: Vec::new(),
            },
        };
        change(&mut row, endpoint, shared);
        rows.push(row);
        rest = rest.get(1..).unwrap_or_default();
    }
    put_together(array, rows, &first, &closing);
}

/// A row for each endpoint of a short form that does not hold any more; the comments stay around them.
fn split(row: Row, endpoints: &[Endpoint]) -> Vec<Row> {
    let count = row.means.len();
    if count < 2 || endpoints.windows(count).any(|window| window == row.means) {
        return vec![row];
    }
    let mut line = row.above.as_str();
    line = &line[line.rfind('\n').unwrap_or(0)..];
    let one = |(place, endpoint): (usize, &Endpoint)| {
        let address = Value::from(endpoint.address.to_string());
        let mut value = row.value.clone();
        match &mut value {
            Value::InlineTable(table) => drop(table.insert("address", address)),
            text => *text = address,
        }
        let is_last = place + 1 == count;
        Row {
            above: if place == 0 { row.above.clone() } else { line.to_owned() },
            value,
            after: if is_last { row.after.clone() } else { String::new() },
            behind: if is_last { row.behind.clone() } else { String::new() },
            means: vec![endpoint.clone()],
        }
    };
    row.means.iter().enumerate().map(one).collect()
}

/// Makes an entry say this endpoint.
fn change(row: &mut Row, endpoint: &Endpoint, shared: &Defaults) {
    match (&mut row.value, row.means.first()) {
        (Value::InlineTable(table), Some(before)) => change_table(table, endpoint, before, shared),
        (slot, _) => *slot = value(&fields::entry(endpoint, shared)),
    }
}

fn change_table(table: &mut InlineTable, endpoint: &Endpoint, before: &Endpoint, shared: &Defaults) {
    let changed = fields::differences(endpoint, before);
    let needed = fields::differences(endpoint, &shared.endpoint(endpoint.address.clone()));
    let mut is_reshaped = false;
    for (key, new) in &changed {
        if !needed.iter().any(|(needed, _)| needed == key) {
            table.remove(key);
            is_reshaped = true;
        } else if let Some(slot) = table.get_mut(key) {
            let decor = slot.decor().clone();
            *slot = value(new);
            *slot.decor_mut() = decor;
        } else {
            table.insert(*key, value(new));
            is_reshaped = true;
        }
    }
    if is_reshaped {
        table.fmt();
    }
}

fn take_apart(array: &Array, shared: &Defaults) -> (Vec<Row>, String) {
    let mut rows: Vec<Row> = Vec::new();
    for entry in array {
        let decor =
            |raw: Option<&toml_edit::RawString>| raw.and_then(|raw| raw.as_str()).unwrap_or_default().to_owned();
        let mut above = decor(entry.decor().prefix());
        if let (Some(row), Some(end)) = (rows.last_mut(), above.find('\n')) {
            row.behind = above.drain(..end).collect();
        }
        let after = decor(entry.decor().suffix());
        let mut value = entry.clone();
        value.decor_mut().clear();
        let means = meaning(&value, shared);
        rows.push(Row { above, value, after, behind: String::new(), means });
    }
    let mut closing = array.trailing().as_str().unwrap_or_default().to_owned();
    if let Some(row) = rows.last_mut() {
        if !array.trailing_comma() {
            closing = std::mem::take(&mut row.after) + &closing;
        }
        if let Some(end) = closing.find('\n') {
            row.behind = closing.drain(..end).collect();
        }
    }
    (rows, closing)
}

fn put_together(array: &mut Array, rows: Vec<Row>, first: &str, closing: &str) {
    let has_comma = array.trailing_comma();
    array.clear();
    let mut behind = String::new();
    for (place, row) in rows.into_iter().enumerate() {
        let above = match (row.above.contains('\n'), place) {
            (true, _) => row.above,
            (false, 0) => first.to_owned(),
            (false, _) => " ".to_owned(),
        };
        let mut value = row.value;
        value.decor_mut().set_prefix(behind + &above);
        value.decor_mut().set_suffix(row.after);
        array.push_formatted(value);
        behind = row.behind;
    }
    array.set_trailing_comma(has_comma);
    array.set_trailing(behind + closing);
}

/// What an entry stands for among endpoints that are checked like this; nothing that cannot be read is in a file
/// that could be.
pub(super) fn meaning(entry: &Value, shared: &Defaults) -> Vec<Endpoint> {
    let text = entry.to_string();
    let mut reader = Reader::new(Path::new(""), &text);
    DeValue::parse(&text).map(|entry| read_entry(&mut reader, &entry, shared)).unwrap_or_default()
}
