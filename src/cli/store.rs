//! `portpulse store`: how much history there is, whether all of it can be read, and copies of it.

use super::args::{Store, StoreWork};
use super::history::{self, History};
use super::watch::refused;
use super::{Exit, complain};
use crate::domain::Zone;
use crate::engine::query::{Answer, Holdings, Lost, Query, Shelved, Survey};
use crate::exchange::file;
use crate::store::{self, CompactError, Compacted, Copied, Depth, OpenError, RestoreError};
use crate::tui::text;
use serde_json::{Value, json};
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// How many losses are told one by one.
const LOST_TOLD: usize = 10;

/// Does it.
///
/// # Errors
/// When standard output cannot be written to, or history cannot be read.
pub fn run(work: &Store) -> io::Result<Exit> {
    if let Some(StoreWork::Restore { file }) = &work.what {
        return restore(work, file);
    }
    if let Some(StoreWork::Compact) = &work.what {
        return compact(work);
    }
    let history = match history::find(work.data.as_deref()) {
        Ok(history) => history,
        Err(exit) => return Ok(exit),
    };
    if let Some(StoreWork::Backup { .. }) = &work.what {
        history.complain_of_damage();
    }
    match &work.what {
        None => tell(work, &history),
        Some(StoreWork::Verify) => verify(work, &history),
        Some(StoreWork::Backup { file }) => back_up(work, &history, file),
        Some(StoreWork::Restore { .. } | StoreWork::Compact) => Ok(Exit::Usage),
    }
}

fn holdings(history: &History, depth: Depth) -> io::Result<Holdings> {
    match history.ask(Query::Holdings(depth))? {
        Answer::Holdings(holdings) => Ok(*holdings),
        _ => Err(history::no_answer()),
    }
}

/// How much there is.
fn tell(work: &Store, history: &History) -> io::Result<Exit> {
    let Holdings { survey, targets, removed, gaps, unobserved, lost } = holdings(history, Depth::Heads)?;
    let exit = soundness(history, &survey);
    let bytes = size_of(&history.path);
    let per_check = (survey.checks > 0).then(|| bytes as f64 / survey.checks as f64);
    if work.json {
        let moment = |at| Zone::Utc.rfc3339_millis(at);
        print_json(&json!({
            "directory": history.path.display().to_string(),
            "disk_bytes": bytes,
            "checks": survey.checks,
            "exact_checks": survey.checks - survey.coarse,
            "coarse_checks": survey.coarse,
            "bytes_per_check": per_check,
            "from": survey.span.map(|span| moment(span.from)),
            "to": survey.span.map(|span| moment(span.to)),
            "targets": targets,
            "removed_targets": removed,
            "outages": survey.count_of("outage"),
            "open_outages": survey.count_of("open_outage"),
            "gaps": gaps,
            "unobserved_s": unobserved.as_secs(),
            "lost": lost.iter().map(lost_json).collect::<Vec<_>>(),
            "damaged": survey.damaged(),
            "damage_found": history.notes,
            "shelves": survey.shelves,
        }))?;
        return Ok(exit);
    }
    let mut lines = vec![("history", history.path.display().to_string())];
    lines.push((
        "on disk",
        format!("{}{}", size(bytes), per_check.map(|each| format!(", {each:.1} bytes a check")).unwrap_or_default()),
    ));
    lines.push(("checks", checks(&survey)));
    if survey.coarse > 0 {
        let (exact, coarse) = (survey.checks - survey.coarse, survey.coarse);
        let words = format!("{} exact, {} coarse: latency to 0.4 %", text::count(exact), text::count(coarse));
        lines.push(("precision", words));
    }
    let gone = if removed > 0 { format!(", and {removed} removed") } else { String::new() };
    lines.push(("targets", format!("{targets}{gone}")));
    lines.push(("outages", format!("{}, {} open", survey.count_of("outage"), survey.count_of("open_outage"))));
    lines.push(("gaps", gaps_line(gaps, unobserved)));
    lines.extend(lost.iter().take(LOST_TOLD).map(|lost| ("", lost_line(lost))));
    if let Some(more) = lost.len().checked_sub(LOST_TOLD).filter(|more| *more > 0) {
        lines.push(("", format!("and {} more of them: --json tells all", text::count(more as u64))));
    }
    let damaged = survey.damaged();
    if damaged > 0 {
        lines.push(("damaged", format!("{}: `portpulse store verify` tells which", text::plural(damaged, "value"))));
    }
    lines.extend(damage_found(history));
    print_lines(&lines)?;
    Ok(exit)
}

/// Whether anything was damaged: what cannot be read, and what opening has found and mended just before.
fn soundness(history: &History, survey: &Survey) -> Exit {
    if history.notes.is_empty() && survey.damaged() == 0 { Exit::Fine } else { Exit::Failed }
}

/// What opening has found, a line each.
fn damage_found(history: &History) -> impl Iterator<Item = (&str, String)> {
    history.notes.iter().map(|note| ("damage", note.clone()))
}

fn checks(survey: &Survey) -> String {
    let Some(span) = survey.span else { return "none yet".to_owned() };
    let zone = Zone::Local;
    let (from, to) = (zone.date_clock(span.from), zone.date_clock(span.to));
    format!("{}, from {from} to {to} {}", text::count(survey.checks), zone.name(span.to))
}

fn gaps_line(count: u64, unobserved: Duration) -> String {
    if count == 0 {
        return "none: somebody always looked".to_owned();
    }
    format!("{count}, {} in which nobody looked", text::full(unobserved))
}

/// What is lost to damage, and when that was.
fn lost_line(Lost { target, span }: &Lost) -> String {
    let zone = Zone::Local;
    let whose = target.as_deref().unwrap_or("all targets");
    let (from, to) = (zone.date_clock(span.from), zone.date_clock(span.to));
    format!("{whose}: history was damaged, {} from {from} to {to} are lost", text::full(span.length()))
}

fn lost_json(Lost { target, span }: &Lost) -> Value {
    let moment = |at| Zone::Utc.rfc3339_millis(at);
    json!({"target": target, "from": moment(span.from), "to": moment(span.to)})
}

/// Reads everything.
fn verify(work: &Store, history: &History) -> io::Result<Exit> {
    let survey = holdings(history, Depth::Everything)?.survey;
    let exit = soundness(history, &survey);
    if work.json {
        print_json(&json!({
            "directory": history.path.display().to_string(),
            "checks": survey.checks,
            "damaged": survey.damaged(),
            "damage_found": history.notes,
            "shelves": survey.shelves,
        }))?;
        return Ok(exit);
    }
    let shelf = |shelf: &Shelved| format!("{} good, {} damaged, {}", shelf.good, shelf.damaged, size(shelf.bytes));
    let mut lines: Vec<(&str, String)> = survey.shelves.iter().map(|found| (&*found.name, shelf(found))).collect();
    lines.push(("checks", checks(&survey)));
    lines.extend(damage_found(history));
    lines.push(("result", result(history, &survey)));
    print_lines(&lines)?;
    Ok(exit)
}

/// What came out, in words.
fn result(history: &History, survey: &Survey) -> String {
    let readable = match survey.damaged() {
        0 => "everything can be read".to_owned(),
        damaged => format!("{} cannot be read; the rest can", text::plural(damaged, "value")),
    };
    if history.notes.is_empty() {
        return readable;
    }
    format!("it was damaged, see above; of what is there now, {readable}")
}

fn back_up(work: &Store, history: &History, file: &Path) -> io::Result<Exit> {
    let copied = file::stream_new(file, |out| history.back_up(out.get_ref().try_clone()?));
    match copied {
        Ok((_, copied, _)) => copied_to(work, &copied, file),
        Err(error) => Ok(complain(&format!("{}: {error}", file.display()), Exit::System)),
    }
}

fn restore(work: &Store, file: &Path) -> io::Result<Exit> {
    let directory = match history::place(work.data.as_deref()) {
        Ok(directory) => directory,
        Err(exit) => return Ok(exit),
    };
    match store::restore(file, &directory) {
        Ok(copied) => copied_to(work, &copied, &directory),
        Err(RestoreError::Directory(error)) => Ok(alone(&error, "Nothing is restored over a history that is there.")),
        Err(error) => Ok(complain(&error.to_string(), Exit::System)),
    }
}

fn compact(work: &Store) -> io::Result<Exit> {
    let directory = match history::place(work.data.as_deref()) {
        Ok(directory) => directory,
        Err(exit) => return Ok(exit),
    };
    let done = match store::compact(&directory, &store::Options::default()) {
        Ok(done) => done,
        Err(CompactError::Directory(error)) => {
            return Ok(alone(&error, "Compacting writes all of it anew, and needs it to itself for that long."));
        }
        Err(error @ CompactError::Nothing(_)) => return Ok(complain(&error.to_string(), Exit::NoHistory)),
        Err(error) => return Ok(complain(&error.to_string(), Exit::System)),
    };
    for note in &done.notes {
        writeln!(io::stderr(), "portpulse: {note}")?;
    }
    let Compacted { values, before, after, .. } = done;
    if work.json {
        return print_json(&json!({ "values": values, "bytes_before": before, "bytes_after": after }));
    }
    let words = format!("{}, {} before, {} after", text::plural(values, "value"), size(before), size(after));
    print_lines(&[("compacted", words)])
}

/// Says why a history cannot be worked on that another portpulse may own.
fn alone(error: &OpenError, why: &str) -> Exit {
    match error {
        OpenError::InUse { .. } => complain(&format!("{error}\n{why}"), Exit::InUse),
        other => refused(other),
    }
}

fn copied_to(work: &Store, copied: &Copied, place: &Path) -> io::Result<Exit> {
    let Copied { values, bytes } = *copied;
    if work.json {
        return print_json(&json!({ "to": place.display().to_string(), "values": values, "bytes": bytes }));
    }
    print_lines(&[("copied", format!("{}, {}, to {}", text::plural(values, "value"), size(bytes), place.display()))])
}

/// Bytes of all files below.
fn size_of(path: &Path) -> u64 {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => size_of(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn print_lines(lines: &[(&str, String)]) -> io::Result<Exit> {
    let mut out = io::stdout().lock();
    for (name, value) in lines {
        writeln!(out, "{name:<12}{value}")?;
    }
    out.flush()?;
    Ok(Exit::Fine)
}

fn print_json(value: &serde_json::Value) -> io::Result<Exit> {
    let mut out = io::stdout().lock();
    writeln!(out, "{value}")?;
    out.flush()?;
    Ok(Exit::Fine)
}
