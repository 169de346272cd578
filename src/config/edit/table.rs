//! The lines of one target: written anew, or changed where they stand.

use super::super::fields::{self, Field, Spelling, Style};
use super::super::parse::Contents;
use super::super::{Defaults, evaluation};
use super::{Refusal, list, place, tables};
use crate::domain::Definition;
use std::path::Path;
use toml_edit::{DocumentMut, Item, Table, Value};

/// Writes a target that stands nowhere yet.
pub(super) fn append(document: &mut DocumentMut, before: &Contents, definition: &Definition, directory: &Path) {
    let given = given(before, definition);
    let mut table = Table::new();
    let fields = fields::of(definition, &given, &Style::new(definition, &given), directory);
    for field in fields.iter().filter(|field| field.is_needed()) {
        table.insert(field.key, Item::Value(value(&field.value)));
    }
    place::append(document, table);
}

/// Changes what has changed, takes out what has become the default, leaves the rest.
pub(super) fn rewrite(
    document: &mut DocumentMut,
    before: &Contents,
    place: usize,
    definition: &Definition,
    directory: &Path,
) -> Result<(), Refusal> {
    let Some(old) = before.targets.get(place) else { return Ok(()) };
    let Some(table) = place::targets_mut(document).and_then(|targets| targets.get_mut(old.table)) else {
        return Ok(());
    };
    let spelling = if table.contains_key("endpoints") { Spelling::Endpoints } else { Spelling::Address };
    let old_given = given(before, &old.definition);
    let old_style = Style::standing(spelling, &old_given, &old.manner);
    let old_fields = fields::of(&old.definition, &old_given, &old_style, directory);
    let new_given = given(before, definition);
    let style = Style::standing(spelling, &new_given, &old.manner).fit(definition);
    let new_fields = fields::of(definition, &new_given, &style, directory);
    let is_judged_alike = old.definition.evaluation == definition.evaluation;

    let indent = indent(table);
    if style.spelling != spelling {
        place::rename(table, "address", "endpoints");
    }
    for key in old_fields.iter().map(|field| field.key).filter(|key| evaluation::KEYS.contains(key)) {
        if !is_judged_alike && !new_fields.iter().any(|field| field.key == key) {
            table.remove(key);
        }
    }
    for field in &new_fields {
        let is_same = if evaluation::KEYS.contains(&field.key) {
            is_judged_alike
        } else {
            old_fields.iter().any(|other| other.key == field.key && other.value == field.value)
        };
        if field.key == "endpoints" && spelling == Spelling::Endpoints {
            if !is_same || old_style.shared != style.shared {
                rewrite_list(table, definition, &style.shared)?;
            }
            continue;
        }
        put(table, field, is_same, &indent);
    }
    Ok(())
}

fn put(table: &mut Table, field: &Field, is_same: bool, indent: &str) {
    match (is_same, table.contains_key(field.key), field.is_needed()) {
        (true, true, _) | (_, false, false) => {}
        (false, true, false) => {
            table.remove(field.key);
        }
        (false, true, true) => place::set(table, field.key, value(&field.value)),
        (_, false, true) => {
            table.insert(field.key, Item::Value(value(&field.value)));
            if let Some(mut key) = table.key_mut(field.key) {
                key.leaf_decor_mut().set_prefix(indent);
            }
        }
    }
}

fn rewrite_list(table: &mut Table, definition: &Definition, shared: &Defaults) -> Result<(), Refusal> {
    match table.get_mut("endpoints") {
        Some(Item::Value(Value::Array(array))) => {
            list::rewrite(array, &definition.endpoints, shared);
            Ok(())
        }
        Some(Item::ArrayOfTables(tables)) => {
            let rewritten = tables::rewrite(tables, &definition.endpoints, shared);
            rewritten.map_err(|why| (format!("`{}` {why}", definition.name), "edit the file by hand"))
        }
        _ => Ok(()),
    }
}

/// What a target has from the defaults and from its tags.
fn given(contents: &Contents, definition: &Definition) -> Defaults {
    contents.tags.over(&contents.defaults, &definition.tags)
}

/// The same value for the editing library.
pub(super) fn value(value: &toml::Value) -> Value {
    let text = value.to_string();
    text.parse().unwrap_or_else(|_| Value::from(text))
}

/// The white space in front of the last setting of a table.
fn indent(table: &Table) -> String {
    let last = table.iter().last().and_then(|(key, _)| table.key(key));
    let above = last.and_then(|key| key.leaf_decor().prefix()).and_then(|raw| raw.as_str()).unwrap_or_default();
    above.rsplit('\n').next().filter(|line| line.trim().is_empty()).unwrap_or_default().to_owned()
}
