//! Where the table of a target stands among the others, and what of the text between them is its own.

use crate::domain::Definition;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Key, Table, Value};

/// The tables of the targets.
pub(super) fn targets_mut(document: &mut DocumentMut) -> Option<&mut ArrayOfTables> {
    document.get_mut("target").and_then(Item::as_array_of_tables_mut)
}

/// Puts a table for a target behind the last one; at the end of the file, behind the comments there, too.
pub(super) fn append(document: &mut DocumentMut, mut table: Table) {
    let last = positions(document).into_iter().max();
    let is_last = match targets_mut(document).and_then(|targets| targets.iter().last()) {
        Some(target) => target.position() == last,
        None => true,
    };
    let is_alone = last.is_none() && document.is_empty();
    let mut above = String::new();
    if is_last {
        above = text_of(document.trailing());
        document.set_trailing("");
        if !above.is_empty() && !above.ends_with('\n') {
            above.push('\n');
        }
    }
    if !(is_alone && above.is_empty()) {
        above.push('\n');
    }
    table.decor_mut().set_prefix(above);
    if let Some(targets) = targets_mut(document) {
        targets.push(table);
    } else {
        let mut targets = ArrayOfTables::new();
        targets.push(table);
        document.insert("target", Item::ArrayOfTables(targets));
    }
}

/// Writes a table for each of the targets that one stands for, in its place; all say what that one said.
pub(super) fn unfold(document: &mut DocumentMut, place: usize, definitions: &[&Definition]) {
    let Some(targets) = targets_mut(document) else { return };
    let Some(original) = targets.get(place).cloned() else { return };
    targets.remove(place);
    for (offset, definition) in definitions.iter().enumerate() {
        let mut table = original.clone();
        if offset > 0 {
            table.decor_mut().set_prefix("\n");
        }
        let address = definition.endpoints.first().map(|endpoint| endpoint.address.to_string()).unwrap_or_default();
        if table.contains_key("name") {
            set(&mut table, "name", definition.name.as_str().into());
        }
        set(&mut table, "address", address.into());
        targets.insert(place + offset, table);
    }
}

/// Puts a value in place of another one, beside the same comments.
pub(super) fn set(table: &mut Table, key: &str, value: Value) {
    if let Some(slot) = table.get_mut(key).and_then(Item::as_value_mut) {
        let decor = slot.decor().clone();
        *slot = value;
        *slot.decor_mut() = decor;
    }
}

/// Gives a line another key, in the same place.
pub(super) fn rename(table: &mut Table, old: &str, new: &str) {
    let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let Some((key, item)) = table.remove_entry(&name) else { continue };
        if name == old {
            let renamed = Key::new(new).with_leaf_decor(key.leaf_decor().clone());
            table.insert_formatted(&renamed, item);
        } else {
            table.insert_formatted(&key, item);
        }
    }
}

/// Takes a target out, with the comment that stands directly above it. What stands above that, a
/// blank line apart, belongs to the file and goes to whatever comes next.
pub(super) fn remove(document: &mut DocumentMut, place: usize) {
    let positions = positions(document);
    let Some(targets) = targets_mut(document) else { return };
    let Some(target) = targets.get(place) else { return };
    let position = target.position();
    // A target may have tables of its own: they go with it.
    let end = target_end(target).or(position);
    let above = target.decor().prefix().map(text_of).unwrap_or_default();
    targets.remove(place);
    if targets.is_empty() {
        document.remove("target");
    }
    let kept = above.rfind("\n\n").map_or("", |end| &above[..=end]);
    let is_first = positions.iter().min().copied() == position;
    let close_up = |below: String| match kept.trim() {
        "" if is_first => below.trim_start_matches('\n').to_owned(),
        "" => below,
        _ => format!("{kept}{below}"),
    };
    let next = positions.iter().copied().filter(|other| Some(*other) > end).min();
    if let Some(table) = next.and_then(|next| at(document.as_table_mut(), next)) {
        let below = table.decor().prefix().map(text_of).unwrap_or_default();
        table.decor_mut().set_prefix(close_up(below));
    } else {
        let below = text_of(document.trailing());
        document.set_trailing(close_up(below));
    }
}

/// Where all tables stand that have a header of their own.
fn positions(document: &DocumentMut) -> Vec<isize> {
    let mut positions = Vec::new();
    gather(document.as_table(), &mut positions);
    positions
}

fn gather(table: &Table, positions: &mut Vec<isize>) {
    for (_, item) in table {
        match item {
            Item::Table(inner) => {
                if !inner.is_implicit() && !inner.is_dotted() {
                    positions.extend(inner.position());
                }
                gather(inner, positions);
            }
            Item::ArrayOfTables(array) => {
                for inner in array {
                    positions.extend(inner.position());
                    gather(inner, positions);
                }
            }
            Item::None | Item::Value(_) => {}
        }
    }
}

/// Where the last of the tables inside of a target stands.
fn target_end(target: &Table) -> Option<isize> {
    let mut inside = Vec::new();
    gather(target, &mut inside);
    inside.into_iter().chain(target.position()).max()
}

/// The table that stands at a place.
fn at(table: &mut Table, position: isize) -> Option<&mut Table> {
    for (_, item) in table.iter_mut() {
        let found = match item {
            Item::Table(inner) => at_or_in(inner, position),
            Item::ArrayOfTables(array) => array.iter_mut().find_map(|inner| at_or_in(inner, position)),
            Item::None | Item::Value(_) => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn at_or_in(table: &mut Table, position: isize) -> Option<&mut Table> {
    if !table.is_implicit() && table.position() == Some(position) { Some(table) } else { at(table, position) }
}

fn text_of(raw: &toml_edit::RawString) -> String {
    raw.as_str().unwrap_or_default().to_owned()
}
