//! `portpulse export`: history for other programs, streamed.

use super::args::Export;
use super::choose::choose;
use super::{Exit, complain, history, targets};
use crate::engine::clock;
use crate::exchange::export::{self, Exported};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often progress is told, and how long before it is told at all.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// Writes it out.
///
/// # Errors
/// When standard output cannot be written to, or history cannot be read.
pub fn run(export: &Export) -> io::Result<Exit> {
    let what = match (&export.work, export.what) {
        (Some(super::args::ExportWork::Targets(wanted)), _) => return targets::run(wanted),
        (None, Some(what)) => what,
        // The command line asks for one of the two.
        (None, None) => return Ok(complain("say what to export", Exit::Usage)),
    };
    if export.step.is_some() && what != Exported::Summary {
        return Ok(complain("--step is for summary: checks and outages have a row each", Exit::Usage));
    }
    let now = clock::system().wall;
    let span = match history::span(export.from.as_deref(), &export.to, now) {
        Ok(span) => span,
        Err(error) => return Ok(complain(&error.to_string(), Exit::Usage)),
    };
    let history = match history::open(export.data.as_deref()) {
        Ok(history) => history,
        Err(exit) => return Ok(exit),
    };
    let mut catalog = history.catalog()?;
    // Watched ones come first.
    catalog.sort_by_key(|entry| (entry.removed_at.is_some(), entry.target.id));
    let chosen = match choose(catalog, &export.targets, |entry| &entry.target.definition, "history") {
        Ok(chosen) => chosen,
        Err(why) => return Ok(complain(&why, Exit::Usage)),
    };
    let mut progress = Progress::new(chosen.len());
    let targets = chosen.into_iter().map(|entry| entry.target.id).collect();
    let wanted = export::Export { what, targets, span, step: export.step, format: export.format };
    let out = BufWriter::new(io::stdout().lock());
    wanted.write(now, |query| history.ask(query), out, |done, rows| progress.tell(done, rows))?;
    progress.end();
    Ok(Exit::Fine)
}

/// What is told on a terminal while it takes long.
struct Progress {
    targets: usize,
    rows: u64,
    next: Option<Instant>,
    told: Told,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Something,
}

impl Progress {
    /// Only for people: told on standard error, and only if that is a terminal and the rows go elsewhere.
    fn new(targets: usize) -> Self {
        let is_watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
        Self { targets, rows: 0, next: is_watched.then(|| Instant::now() + TELL_EVERY), told: Told::Nothing }
    }

    fn tell(&mut self, done: usize, rows: u64) {
        self.rows = rows;
        let now = Instant::now();
        if self.next.is_some_and(|next| now >= next) {
            self.next = Some(now + TELL_EVERY);
            self.told = Told::Something;
            // That nobody can be told is no reason to stop.
            let _ = write!(io::stderr(), "\r{done} of {} targets, {} rows", self.targets, self.rows);
        }
    }

    fn end(&self) {
        if self.told == Told::Something {
            let _ = writeln!(io::stderr(), "\r{0} of {0} targets, {1} rows", self.targets, self.rows);
        }
    }
}
