//! Changes targets in the text of a configuration file and leaves everything else as it stands.

use super::error::{ConfigError, ConfigErrors};
use super::fields::{self, Field};
use super::parse::{Contents, parse};
use crate::domain::Definition;
use crate::monitor::Change;
use std::collections::HashSet;
use std::path::Path;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

/// How a new file begins.
pub const HEADER: &str = "\
# What portpulse watches. Its keyboard edits this file and leaves comments and order alone.
# `portpulse config show --default` prints every setting with its meaning.
";

/// The text after a change. Comments, order and everything that the change is not about stay;
/// only settings that differ from the file's own defaults are written.
///
/// # Errors
/// When the text is invalid, does not know the target, knows it already, or cannot be edited.
pub fn edit(path: &Path, text: &str, change: &Change) -> Result<String, ConfigErrors> {
    let (mark, body) = match text.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", text),
    };
    let before = parse(path, body)?;
    let line_ends = body.matches('\n').count();
    let is_foreign = line_ends > 0 && body.matches("\r\n").count() == line_ends;
    let unix = if is_foreign { body.replace("\r\n", "\n") } else { body.to_owned() };
    let refuse = |what: String, hint: &str| ConfigErrors::from(ConfigError::file(path, what, hint));
    let mut document: DocumentMut =
        unix.parse().map_err(|error| refuse(format!("cannot be edited: {error}"), "edit it by hand"))?;
    if document.get("target").is_some_and(|item| !item.is_array_of_tables()) {
        let what = "writes its targets as target = [...]".to_owned();
        return Err(refuse(what, "write each below a line [[target]], or edit the file by hand"));
    }
    carry_out(&mut document, &before, change).map_err(|(what, hint)| refuse(what, hint))?;
    let text = document.to_string();
    check(path, &text, &before, change)?;
    Ok(format!("{mark}{}", if is_foreign { text.replace('\n', "\r\n") } else { text }))
}

/// What is wrong, and what to do instead.
type Refusal = (String, &'static str);

fn carry_out(document: &mut DocumentMut, before: &Contents, change: &Change) -> Result<(), Refusal> {
    match change {
        Change::Add(definitions) => {
            let names: HashSet<&str> = before.targets.iter().map(|target| target.name.as_str()).collect();
            for definition in definitions {
                if names.contains(definition.name.as_str()) {
                    return Err((format!("has a target named `{}` already", definition.name), "choose another name"));
                }
                append(document, &written(definition, before)?);
            }
        }
        Change::Edit(name, definition) => {
            rewrite(document, before, find(before, name)?, definition)?;
        }
        Change::SetActivity(names, activity) => {
            for name in names {
                let place = find(before, name)?;
                if let Some(old) = before.targets.get(place) {
                    rewrite(document, before, place, &Definition { activity: *activity, ..old.clone() })?;
                }
            }
        }
        Change::Remove(names) => {
            let mut places = names.iter().map(|name| find(before, name)).collect::<Result<Vec<_>, _>>()?;
            places.sort_unstable();
            places.dedup();
            for place in places.into_iter().rev() {
                remove(document, place);
            }
        }
    }
    Ok(())
}

/// Reads the new text as a start would, and compares what the change was not about.
fn check(path: &Path, text: &str, before: &Contents, change: &Change) -> Result<(), ConfigErrors> {
    let after = parse(path, text).map_err(|errors| {
        let first = errors.first();
        let hint = first.hint.clone().unwrap_or_default();
        ConfigErrors::from(ConfigError::file(path, format!("cannot take that: {}", first.what), hint))
    })?;
    let (added, gone): (usize, HashSet<&str>) = match change {
        Change::Add(definitions) => (definitions.len(), HashSet::new()),
        Change::Edit(name, _) => (1, HashSet::from([name.as_str()])),
        Change::SetActivity(names, _) => {
            let names: HashSet<&str> = names.iter().map(String::as_str).collect();
            (names.len(), names)
        }
        Change::Remove(names) => (0, names.iter().map(String::as_str).collect()),
    };
    let kept: Vec<_> = before.targets.iter().filter(|target| !gone.contains(target.name.as_str())).collect();
    let mut found = after.targets.iter();
    let untouched = after.targets.len() == kept.len() + added
        && kept.into_iter().all(|target| found.any(|other| other == target))
        && (&after.defaults, &after.settings, &after.ui) == (&before.defaults, &before.settings, &before.ui);
    if untouched {
        return Ok(());
    }
    let what = "would say something else after this change, so nothing was written";
    Err(ConfigError::file(path, what, "make the change by hand").into())
}

fn find(before: &Contents, name: &str) -> Result<usize, Refusal> {
    let place = before.targets.iter().position(|target| target.name == name);
    place.ok_or_else(|| (format!("has no target named `{name}` any more"), "it was edited meanwhile: look again"))
}

fn written(definition: &Definition, before: &Contents) -> Result<Vec<Field>, Refusal> {
    if definition.endpoints.len() == 1 {
        return Ok(fields::of(definition, &before.defaults));
    }
    let what = format!("cannot hold `{}`: it has {} endpoints", definition.name, definition.endpoints.len());
    Err((what, "groups come later: write one target for each"))
}

fn targets_mut(document: &mut DocumentMut) -> Option<&mut ArrayOfTables> {
    document.get_mut("target").and_then(Item::as_array_of_tables_mut)
}

/// The same value for the editing library.
fn value(field: &Field) -> Value {
    field.value.to_string().parse().unwrap_or_else(|_| Value::from(field.value.to_string()))
}

/// Puts a target behind the last one; at the end of the file, behind the comments there, too.
fn append(document: &mut DocumentMut, fields: &[Field]) {
    let mut table = Table::new();
    for field in fields.iter().filter(|field| field.is_needed()) {
        table.insert(field.key, Item::Value(value(field)));
    }
    let last = last_position(document);
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

/// Changes what has changed, takes out what has become the default, leaves the rest.
fn rewrite(
    document: &mut DocumentMut,
    before: &Contents,
    place: usize,
    definition: &Definition,
) -> Result<(), Refusal> {
    let new = written(definition, before)?;
    let old = before.targets.get(place).map(|old| written(old, before)).transpose()?.unwrap_or_default();
    let Some(table) = targets_mut(document).and_then(|targets| targets.get_mut(place)) else { return Ok(()) };
    let indent = indent(table);
    for field in &new {
        let is_same = old.iter().any(|other| other.key == field.key && other.value == field.value);
        let is_present = table.contains_key(field.key);
        match (is_same, is_present, field.is_needed()) {
            (true, true, _) | (_, false, false) => {}
            (false, true, false) => {
                table.remove(field.key);
            }
            (false, true, true) => {
                if let Some(slot) = table.get_mut(field.key).and_then(Item::as_value_mut) {
                    let decor = slot.decor().clone();
                    *slot = value(field);
                    *slot.decor_mut() = decor;
                }
            }
            (_, false, true) => {
                table.insert(field.key, Item::Value(value(field)));
                if let Some(mut key) = table.key_mut(field.key) {
                    key.leaf_decor_mut().set_prefix(indent.as_str());
                }
            }
        }
    }
    Ok(())
}

/// The white space in front of the last setting of a table.
fn indent(table: &Table) -> String {
    let last = table.iter().last().and_then(|(key, _)| table.key(key));
    let above = last.and_then(|key| key.leaf_decor().prefix()).map(text_of).unwrap_or_default();
    above.rsplit('\n').next().filter(|line| line.trim().is_empty()).unwrap_or_default().to_owned()
}

/// Takes a target out, with the comment that stands directly above it. What stands above that, a
/// blank line apart, belongs to the file and goes to whatever comes next.
fn remove(document: &mut DocumentMut, place: usize) {
    let positions: Vec<_> = tables_mut(document).iter().filter_map(|table| table.position()).collect();
    let Some(targets) = targets_mut(document) else { return };
    let Some(target) = targets.get(place) else { return };
    let position = target.position();
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
    let next = positions.iter().copied().filter(|other| Some(*other) > position).min();
    if let Some(table) = tables_mut(document).into_iter().find(|table| next.is_some() && table.position() == next) {
        let below = table.decor().prefix().map(text_of).unwrap_or_default();
        table.decor_mut().set_prefix(close_up(below));
    } else {
        let below = text_of(document.trailing());
        document.set_trailing(close_up(below));
    }
}

fn last_position(document: &mut DocumentMut) -> Option<isize> {
    tables_mut(document).iter().filter_map(|table| table.position()).max()
}

/// The tables of the file that have a header of their own.
fn tables_mut(document: &mut DocumentMut) -> Vec<&mut Table> {
    let mut tables = Vec::new();
    for (_, item) in document.iter_mut() {
        match item {
            Item::Table(table) => tables.push(table),
            Item::ArrayOfTables(array) => tables.extend(array.iter_mut()),
            Item::None | Item::Value(_) => {}
        }
    }
    tables
}

fn text_of(raw: &toml_edit::RawString) -> String {
    raw.as_str().unwrap_or_default().to_owned()
}
