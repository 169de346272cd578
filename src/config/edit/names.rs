//! The names of targets that maintenance is for: a target that gets another name, or goes, does so there, too.

use toml_edit::{Array, DocumentMut, Item, RawString, Value};

/// Writes the new name of a target wherever maintenance is for it.
pub(super) fn rename(document: &mut DocumentMut, old: &str, new: &str) {
    for list in lists(document) {
        for name in list.iter_mut().filter(|name| name.as_str() == Some(old)) {
            let decor = name.decor().clone();
            *name = Value::from(new);
            *name.decor_mut() = decor;
        }
    }
}

/// Takes the names of targets out of all maintenance. A list may become empty: then it is for none of them.
pub(super) fn forget(document: &mut DocumentMut, gone: &[String]) {
    for list in lists(document) {
        let is_gone = |name: &Value| name.as_str().is_some_and(|name| gone.iter().any(|gone| gone == name));
        for place in (0..list.len()).rev() {
            if list.get(place).is_some_and(is_gone) {
                remove(list, place);
            }
        }
    }
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
