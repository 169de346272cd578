//! What an import says about itself: a line for each entry and one for all, or one JSON object.

use crate::cli::Exit;
use crate::cli::args::Import;
use crate::domain::text::clean;
use crate::exchange::import::plan::{Outcome, Plan, Told};
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

/// How much of a path is shown, in characters.
const PATH_MAX: usize = 256;

/// All of it for programs.
#[derive(Serialize)]
struct Report<'p> {
    config: String,
    dry_run: bool,
    imported: usize,
    updated: usize,
    skipped: usize,
    scripts: &'p [String],
    entries: &'p [Told],
}

/// Says it on standard output.
pub(super) fn tell(import: &Import, path: &Path, plan: &Plan, scripts: &[String]) -> io::Result<Exit> {
    let text = if import.json { json(import, path, plan, scripts)? } else { lines(import, path, plan, scripts) };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(Exit::Fine)
}

fn json(import: &Import, path: &Path, plan: &Plan, scripts: &[String]) -> io::Result<String> {
    let report = Report {
        config: path.display().to_string(),
        dry_run: import.dry_run,
        imported: plan.count(Outcome::Imported),
        updated: plan.count(Outcome::Updated),
        skipped: plan.count(Outcome::Skipped),
        scripts,
        entries: &plan.told,
    };
    Ok(serde_json::to_string(&report)? + "\n")
}

fn lines(import: &Import, path: &Path, plan: &Plan, scripts: &[String]) -> String {
    let mut out = String::new();
    for told in &plan.told {
        let word = match (told.outcome, import.dry_run) {
            (Outcome::Imported, false) => "imported",
            (Outcome::Imported, true) => "import  ",
            (Outcome::Updated, false) => "updated ",
            (Outcome::Updated, true) => "update  ",
            (Outcome::Skipped, false) => "skipped ",
            (Outcome::Skipped, true) => "skip    ",
        };
        let addresses = match told.addresses.as_slice() {
            [] => String::new(),
            [address] if *address == told.name => String::new(),
            [address] => format!("  {address}"),
            [first, rest @ ..] => format!("  {first} and {} more", rest.len()),
        };
        let file = clean(&told.file, PATH_MAX);
        let _ = write!(out, "{word}  {}{addresses}  ({file}:{})", told.name, told.line);
        if let Some(reason) = &told.reason {
            let _ = write!(out, ": {reason}");
        }
        out.push('\n');
        for remark in &told.remarks {
            let _ = writeln!(out, "          {}", clean(remark, PATH_MAX));
        }
    }
    let would = if import.dry_run { "would be " } else { "" };
    for script in scripts {
        let _ = writeln!(out, "script    {} {would}written", clean(script, PATH_MAX));
    }
    let [imported, updated, skipped] =
        [Outcome::Imported, Outcome::Updated, Outcome::Skipped].map(|outcome| plan.count(outcome));
    let path = clean(&path.display().to_string(), PATH_MAX);
    let _ = writeln!(out, "{path}: {imported} {would}imported, {updated} {would}updated, {skipped} skipped");
    out
}
