//! Changes targets in the text of a configuration file and leaves everything else as it stands.

mod list;
mod names;
mod place;
mod table;
mod tables;

use super::error::{ConfigError, ConfigErrors};
use super::parse::{Contents, parse};
use super::targets::Read;
use crate::domain::{Definition, Endpoint};
use crate::monitor::Change;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use toml_edit::DocumentMut;

/// How a new file begins.
pub const HEADER: &str = "\
# What portpulse watches. Its keyboard edits this file and leaves comments and order alone.
# `portpulse config show --default` prints every setting with its meaning.
";

/// What to do about a change that is beyond us.
const BY_HAND: &str = "make the change by hand";

/// The text after a change. Comments, order and everything that the change is not about stay;
/// only settings that differ from the file's own defaults are written.
///
/// # Errors
/// When the text is invalid, does not know the target, knows it already, or cannot be edited.
pub fn edit(path: &Path, text: &str, change: &Change) -> Result<String, ConfigErrors> {
    edit_together(path, text, std::slice::from_ref(change))
}

/// The text after several changes, one after the other. Edits of different targets are made in one go, because a
/// large file takes long to read.
///
/// # Errors
/// As [`edit`], for the first that cannot be made.
pub fn edit_all(path: &Path, text: &str, changes: &[Change]) -> Result<String, ConfigErrors> {
    let is_edit = |change: &Change| matches!(change, Change::Edit(..));
    changes.chunk_by(|one, next| is_edit(one) && is_edit(next)).try_fold(text.to_owned(), |text, run| {
        if concerned(run).len() == run.len() {
            return edit_together(path, &text, run);
        }
        run.iter().try_fold(text, |text, change| edit(path, &text, change))
    })
}

/// Makes one change, or edits of different targets.
fn edit_together(path: &Path, text: &str, changes: &[Change]) -> Result<String, ConfigErrors> {
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
    let before = match unfold(path, &mut document, &before, changes)? {
        Some(unfolded) => unfolded,
        None => before,
    };
    let places = before.targets.iter().enumerate().map(|(place, target)| (target.definition.name.as_str(), place));
    let places: HashMap<&str, usize> = places.collect();
    for change in changes {
        carry_out(path, &mut document, &before, &places, change).map_err(|(what, hint)| refuse(what, hint))?;
    }
    let text = document.to_string();
    check(path, &text, &before, changes)?;
    Ok(format!("{mark}{}", if is_foreign { text.replace('\n', "\r\n") } else { text }))
}

/// What is wrong, and what to do instead.
type Refusal = (String, &'static str);

/// Which targets of the file changes are about.
fn concerned(changes: &[Change]) -> HashSet<&str> {
    let names = changes.iter().flat_map(|change| match change {
        Change::Add(_) | Change::Restore(..) => &[],
        Change::Edit(name, _) => std::slice::from_ref(name),
        Change::SetActivity(names, _) | Change::Remove(names) => names.as_slice(),
    });
    names.map(String::as_str).collect()
}

/// Writes a table for each target of a short form that the change is about, because what is said below a short form
/// is said about all of them. What the file says then, if that was necessary.
fn unfold(
    path: &Path,
    document: &mut DocumentMut,
    before: &Contents,
    changes: &[Change],
) -> Result<Option<Contents>, ConfigErrors> {
    let names = concerned(changes);
    let mut sharing: HashMap<usize, usize> = HashMap::new();
    for target in &before.targets {
        *sharing.entry(target.table).or_default() += 1;
    }
    let concerned = before.targets.iter().filter(|target| names.contains(target.definition.name.as_str()));
    let tables: BTreeSet<usize> = concerned
        .map(|target| target.table)
        .filter(|table| sharing.get(table).is_some_and(|&count| count > 1))
        .collect();
    if tables.is_empty() {
        return Ok(None);
    }
    for &table in tables.iter().rev() {
        let targets = before.targets.iter().filter(|target| target.table == table);
        let targets: Vec<&Definition> = targets.map(|target| &target.definition).collect();
        place::unfold(document, table, &targets);
    }
    let text = document.to_string();
    let unfolded = parse(path, &text)?;
    *document = text.parse().map_err(|error| ConfigError::file(path, format!("cannot be edited: {error}"), BY_HAND))?;
    let said = |contents: &Contents| contents.targets.iter().map(|it| it.definition.clone()).collect::<Vec<_>>();
    if said(&unfolded) == said(before) {
        return Ok(Some(unfolded));
    }
    Err(ConfigError::file(path, "would say something else with a table for each target", BY_HAND).into())
}

/// Makes a change in a document that says what `before` does, its targets by their names at these places.
fn carry_out(
    path: &Path,
    document: &mut DocumentMut,
    before: &Contents,
    places: &HashMap<&str, usize>,
    change: &Change,
) -> Result<(), Refusal> {
    let directory = super::reader::directory(path);
    match change {
        Change::Add(definitions) | Change::Restore(definitions, _) => {
            for definition in definitions {
                if places.contains_key(definition.name.as_str()) {
                    return Err((format!("has a target named `{}` already", definition.name), "choose another name"));
                }
                table::append(document, before, definition, directory);
            }
            if let Change::Restore(_, named) = change {
                names::put_back(document, named);
            }
        }
        Change::Edit(name, definition) => {
            table::rewrite(document, before, find(places, name)?, definition, directory)?;
            names::rename(document, name, &definition.name);
        }
        Change::SetActivity(names, activity) => {
            for name in names {
                let place = find(places, name)?;
                if let Some(old) = before.targets.get(place) {
                    let definition = Definition { activity: *activity, ..old.definition.clone() };
                    table::rewrite(document, before, place, &definition, directory)?;
                }
            }
        }
        Change::Remove(names) => {
            let places = names.iter().map(|name| find(places, name)).collect::<Result<BTreeSet<_>, _>>()?;
            for target in places.into_iter().rev().filter_map(|place| before.targets.get(place)) {
                place::remove(document, target.table);
            }
            names::forget(document, names);
        }
    }
    Ok(())
}

/// Reads the new text as a start would, and compares what the change was not about.
fn check(path: &Path, text: &str, before: &Contents, changes: &[Change]) -> Result<(), ConfigErrors> {
    let after = parse(path, text).map_err(|errors| {
        let first = errors.first();
        let hint = first.hint.clone().unwrap_or_default();
        ConfigErrors::from(ConfigError::file(path, format!("cannot take that: {}", first.what), hint))
    })?;
    let gone = concerned(changes);
    let added = changes.iter().map(|change| match change {
        Change::Add(definitions) | Change::Restore(definitions, _) => definitions.len(),
        Change::Edit(..) => 1,
        Change::SetActivity(names, _) => names.iter().collect::<HashSet<_>>().len(),
        Change::Remove(_) => 0,
    });
    let added: usize = added.sum();
    let is_kept = |target: &&Read| !gone.contains(target.definition.name.as_str());
    let kept: Vec<&Read> = before.targets.iter().filter(is_kept).collect();
    let mut settings = before.settings.clone();
    for change in changes {
        settings.follow(change);
    }
    let mut found = after.targets.iter();
    let untouched = after.targets.len() == kept.len() + added
        && kept.into_iter().all(|target| found.any(|other| other.definition == target.definition))
        && (&after.defaults, &after.tags) == (&before.defaults, &before.tags)
        && (&after.settings, &after.ui) == (&settings, &before.ui);
    let mut found: HashMap<&[Endpoint], Vec<&Read>> = HashMap::new();
    for target in &after.targets {
        found.entry(&target.definition.endpoints).or_default().push(target);
    }
    let is_found = |wanted: &Definition| {
        let alike = found.get(wanted.endpoints.as_slice());
        alike.is_some_and(|alike| alike.iter().any(|target| is_meant(target, wanted)))
    };
    let lost = changes.iter().flat_map(wanted).find(|wanted| !is_found(wanted));
    let what = match lost {
        None if untouched => return Ok(()),
        None => "would say something else after this change, so nothing was written".to_owned(),
        Some(lost) => format!("would say something else about `{}` than is meant, so nothing was written", lost.name),
    };
    Err(ConfigError::file(path, what, BY_HAND).into())
}

/// The definitions that a change brings.
fn wanted(change: &Change) -> impl Iterator<Item = &Definition> {
    let (added, edited) = match change {
        Change::Add(definitions) | Change::Restore(definitions, _) => (definitions.as_slice(), None),
        Change::Edit(_, definition) => (&[][..], Some(&**definition)),
        Change::Remove(_) | Change::SetActivity(..) => (&[][..], None),
    };
    added.iter().chain(edited)
}

/// Whether what a file says is checked and judged as it is meant to be.
fn is_meant(target: &Read, wanted: &Definition) -> bool {
    let said = &target.definition;
    (&said.endpoints, &said.evaluation, said.interval) == (&wanted.endpoints, &wanted.evaluation, wanted.interval)
}

fn find(places: &HashMap<&str, usize>, name: &str) -> Result<usize, Refusal> {
    places
        .get(name)
        .copied()
        .ok_or_else(|| (format!("has no target named `{name}` any more"), "it was edited meanwhile: look again"))
}
