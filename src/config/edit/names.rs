//! The names of targets that maintenance is for: a target that gets another name, or goes, does so there, too.

use super::super::NAME_MAX;
use crate::domain::text::clean;
use crate::monitor::Named;
use toml_edit::{Array, DocumentMut, Item, RawString, TableLike, Value};

/// Writes the new name of a target wherever maintenance is for it.
pub(super) fn rename(document: &mut DocumentMut, old: &str, new: &str) {
    for list in lists(document) {
        for name in list.iter_mut().filter(|name| says(name, old)) {
            let decor = name.decor().clone();
            *name = Value::from(new);
            *name.decor_mut() = decor;
        }
    }
}

/// Takes the names of targets out of all maintenance. A list may become empty: then it is for none of them.
pub(super) fn forget(document: &mut DocumentMut, gone: &[String]) {
    for list in lists(document) {
        let is_gone = |name: &Value| gone.iter().any(|gone| says(name, gone));
        for place in (0..list.len()).rev() {
            if list.get(place).is_some_and(is_gone) {
                remove(list, place);
            }
        }
    }
}

/// Puts names back behind the others.
pub(super) fn put_back(document: &mut DocumentMut, named: &[Named]) {
    for Named { place, target } in named {
        let list = match document.get_mut("maintenance") {
            Some(Item::ArrayOfTables(tables)) => tables.get_mut(*place).and_then(|table| targets_of(table)),
            Some(Item::Value(Value::Array(tables))) => {
                tables.get_mut(*place).and_then(Value::as_inline_table_mut).and_then(|table| targets_of(table))
            }
            _ => None,
        };
        let Some(list) = list else { continue };
        let above = list.iter().last().map(|last| text(last.decor().prefix())).unwrap_or_default();
        let line = above.rfind('\n').map_or(if list.is_empty() { "" } else { " " }, |end| &above[end..]);
        let mut name = Value::from(target.as_str());
        name.decor_mut().set_prefix(line);
        list.push_formatted(name);
    }
}

fn targets_of(table: &mut dyn TableLike) -> Option<&mut Array> {
    // Maintenance that is for a tag alone has no list yet.
    if table.get("targets").is_none() {
        table.insert("targets", Item::Value(Value::Array(Array::new())));
    }
    table.get_mut("targets")?.as_array_mut()
}

/// Whether an entry is this name, as it is read.
fn says(entry: &Value, name: &str) -> bool {
    entry.as_str().is_some_and(|text| clean(text, NAME_MAX).trim() == name)
}

/// The lists of names, however their tables are written.
fn lists(document: &mut DocumentMut) -> Vec<&mut Array> {
    match document.get_mut("maintenance") {
        Some(Item::ArrayOfTables(tables)) => {
            tables.iter_mut().filter_map(|table| table.get_mut("targets")?.as_array_mut()).collect()
        }
        Some(Item::Value(Value::Array(tables))) => {
            let tables = tables.iter_mut().filter_map(Value::as_inline_table_mut);
            tables.filter_map(|table| table.get_mut("targets")?.as_array_mut()).collect()
        }
        _ => Vec::new(),
    }
}

/// Takes an entry out with the comment on its line. For the editing library, all that stands between two commas
/// belongs to the later entry: what ends the line of the entry before stays.
fn remove(list: &mut Array, place: usize) {
    let removed = list.remove(place);
    let above = text(removed.decor().prefix());
    let line_before = above.find('\n').map_or("", |end| &above[..end]);
    if let Some(next) = list.get_mut(place) {
        let below = text(next.decor().prefix());
        let below = below.find('\n').map_or(above.as_str(), |end| &below[end..]);
        let prefix = if below == above { above.clone() } else { format!("{line_before}{below}") };
        next.decor_mut().set_prefix(prefix);
    } else {
        let below = text(removed.decor().suffix()) + list.trailing().as_str().unwrap_or_default();
        let below = below.find('\n').map_or("", |end| &below[end..]);
        let trailing = format!("{line_before}{below}");
        list.set_trailing(trailing);
    }
}

fn text(raw: Option<&RawString>) -> String {
    raw.and_then(|raw| raw.as_str()).unwrap_or_default().to_owned()
}
