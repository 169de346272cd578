//! The endpoints of a group that stand as `[[target.endpoints]]`, changed table by table: what still says the same
//! stays as it is, with its comments.

use super::super::Defaults;
use super::super::fields;
use super::list::meaning;
use super::table::value;
use crate::domain::Endpoint;
use toml_edit::{ArrayOfTables, Item, Table, Value};

/// Makes the tables say these endpoints; what none of them says of its own is as in `shared`. Endpoints that stay keep
/// their order, and new ones come last.
///
/// # Errors
/// With why that cannot be written this way; nothing has been changed then.
pub(super) fn rewrite(tables: &mut ArrayOfTables, endpoints: &[Endpoint], shared: &Defaults) -> Result<(), String> {
    let mut means = Vec::with_capacity(tables.len());
    for table in tables.iter() {
        let entry = Value::InlineTable(table.clone().into_inline_table());
        let [endpoint] = <[Endpoint; 1]>::try_from(meaning(&entry, shared))
            .map_err(|_| "has several endpoints in one [[target.endpoints]]".to_owned())?;
        means.push(endpoint);
    }
    let place = |endpoint: &Endpoint| means.iter().position(|known| known.address == endpoint.address);
    let places: Vec<usize> = endpoints.iter().map(|it| place(it).unwrap_or(usize::MAX)).collect();
    if !places.is_sorted() {
        return Err("has its endpoints as [[target.endpoints]] in another order".to_owned());
    }
    for (table, before) in tables.iter_mut().zip(&means) {
        if let Some(endpoint) = endpoints.iter().find(|it| it.address == before.address) {
            change(table, endpoint, before, shared);
        }
    }
    let mut known = means.iter();
    tables.retain(|_| known.next().is_some_and(|known| endpoints.iter().any(|it| it.address == known.address)));
    for endpoint in endpoints.iter().zip(&places).filter(|(_, place)| **place == usize::MAX).map(|(it, _)| it) {
        let mut table = Table::new();
        table.insert("address", Item::Value(Value::from(endpoint.address.to_string())));
        let needed = fields::differences(endpoint, &shared.endpoint(endpoint.address.clone()));
        for (key, new) in &needed {
            table.insert(key, Item::Value(value(new)));
        }
        table.decor_mut().set_prefix("\n");
        tables.push(table);
    }
    Ok(())
}

fn change(table: &mut Table, endpoint: &Endpoint, before: &Endpoint, shared: &Defaults) {
    let needed = fields::differences(endpoint, &shared.endpoint(endpoint.address.clone()));
    for (key, new) in fields::differences(endpoint, before) {
        if !needed.iter().any(|(needed, _)| *needed == key) {
            table.remove(key);
        } else if table.contains_key(key) {
            super::place::set(table, key, value(&new));
        } else {
            table.insert(key, Item::Value(value(&new)));
        }
    }
}
