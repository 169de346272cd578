//! Targets of other programs: what their files say, what hostile ones cannot do, what goes out and comes back.

mod examples;
mod hostile;
mod program;
mod round_trip;
mod scan;

use portpulse::config::Defaults;
use portpulse::domain::Definition;
use portpulse::exchange::import::plan::{OnConflict, Plan, plan};
use portpulse::exchange::import::{Foreign, Source, read};
use portpulse::monitor::Change;
use std::path::{Path, PathBuf};

/// A file of the examples.
fn example(name: &str) -> Foreign {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/files").join(name);
    Foreign { name: name.to_owned(), bytes: std::fs::read(&path).expect("an example") }
}

/// A file with this text.
fn text(name: &str, text: &str) -> Foreign {
    Foreign { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// What files come to where nothing is there yet.
fn plan_of(files: &[Foreign], source: Option<Source>) -> Plan {
    plan_beside(&[], files, source, OnConflict::Skip)
}

/// What files come to beside targets that are there.
fn plan_beside(there: &[Definition], files: &[Foreign], source: Option<Source>, on_conflict: OnConflict) -> Plan {
    let read = read(files, source).expect("files that can be read");
    let entries = files.iter().map(|file| file.name.clone()).zip(read).collect();
    let mut place = |stem: &str, _: &str| Ok(PathBuf::from(format!("{stem}.js")));
    plan(there, &Defaults::default(), entries, on_conflict, &mut place).expect("a plan")
}

/// The targets that a plan adds.
fn added(plan: &Plan) -> Vec<Definition> {
    let added = plan.changes.iter().filter_map(|change| match change {
        Change::Add(definitions) => Some(definitions.clone()),
        _ => None,
    });
    added.flatten().collect()
}

/// The targets that a file comes to.
fn targets(name: &str) -> Vec<Definition> {
    added(&plan_of(&[example(name)], None))
}

/// Why entries are left out, each behind its line.
fn skipped(plan: &Plan) -> Vec<String> {
    plan.told.iter().filter_map(|told| Some(format!("{}: {}", told.line, told.reason.as_ref()?))).collect()
}
