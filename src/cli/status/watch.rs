//! `portpulse status --watch`: tells it again whenever something is different.

use super::{Table, is_shown, write};
use crate::cli::args::Status;
use crate::cli::follow::{Seen, Verdict, follow};
use crate::cli::history::{self, Source};
use crate::cli::terminal::Terminal;
use crate::cli::{Exit, complain};
use crate::domain::{Maintenance, TargetId, Wall, Zone};
use crate::engine::clock;
use crate::monitor::{Sight, Snapshot};
use crate::tui::glyphs::Charset;
use crate::tui::standing::{self, Standing};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Takes the cursor to the upper left, and below it everything away.
const HOME: &str = "\u{1b}[H\u{1b}[J";
/// Takes away what stands behind the cursor in its line.
const REST_OF_LINE: &str = "\u{1b}[K";

/// Tells it until a signal asks for the end. The exit code says the worst of what was told last.
///
/// # Errors
/// As [`super::run`].
pub(super) fn run(status: &Status) -> io::Result<Exit> {
    let path = match history::place(status.data.as_deref()) {
        Ok(path) => path,
        Err(exit) => return Ok(exit),
    };
    let mut teller = Teller { status, told: None, newest: None };
    let history = match history::open(Some(&path)) {
        Ok(history) => history,
        Err(exit) => return Ok(exit),
    };
    if let Some((picture, source @ Source::Kept)) = history.picture()?
        && let ControlFlow::Break(exit) = teller.see(&picture, source)?
    {
        return Ok(exit);
    }
    // Whoever watches next needs it.
    drop(history);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(follow(&path, async |seen| match seen {
        Seen::Picture(picture, process, _) => teller.see(picture, Source::Owner(process)),
        Seen::Gone(at) => teller.gone(at),
    }))?;
    let told = teller.told.map_or(Exit::Inconclusive, |(_, exit)| exit);
    Ok(ended.unwrap_or(told))
}

/// Tells what is different from what was told last.
struct Teller<'s> {
    status: &'s Status,
    told: Option<(Essence, Exit)>,
    newest: Option<Arc<Snapshot>>,
}

/// What has to be different for it to be told again: latencies change all the time.
#[derive(PartialEq)]
struct Essence {
    source: Source,
    sight: Sight,
    counts: Vec<usize>,
    rows: Vec<Row>,
}

/// What is told of a target.
#[derive(PartialEq)]
struct Row {
    target: TargetId,
    name: String,
    word: String,
    since: Wall,
    reason: Option<&'static str>,
    maintenance: Option<Arc<Maintenance>>,
}

impl Essence {
    fn of(status: &Status, table: &Table) -> Self {
        let shown = table.views.iter().filter(|view| is_shown(status, view));
        let rows = shown.map(|view| Row {
            target: view.target.id,
            name: view.target.definition.name.clone(),
            word: standing::word(view, Charset::Ascii.glyphs()),
            since: standing::since(view),
            reason: view.latest.as_ref().and_then(|latest| crate::exchange::words::reason(&latest.check.outcome)),
            maintenance: view.maintenance.clone(),
        });
        Self {
            source: table.source,
            sight: table.sight.clone(),
            counts: Standing::ALL.into_iter().map(|standing| table.count(standing)).collect(),
            rows: rows.collect(),
        }
    }
}

impl Teller<'_> {
    fn see(&mut self, picture: &Arc<Snapshot>, source: Source) -> Verdict {
        let mut table = match Table::new(picture, source, &self.status.targets) {
            Ok(table) => table,
            Err(why) => return Ok(ControlFlow::Break(complain(&why, Exit::Usage))),
        };
        let now = clock::system().wall;
        if matches!(source, Source::Owner(_)) {
            // What has not changed since the picture is so now.
            table.at = table.at.max(now);
        }
        self.newest = Some(Arc::clone(picture));
        let essence = Essence::of(self.status, &table);
        let terminal = Terminal::of_this_process();
        let is_different = self.told.as_ref().is_none_or(|(told, _)| *told != essence);
        let mut out = io::stdout().lock();
        if terminal.can_repaint() && !self.status.json {
            out.write_all(self.page(&table, terminal)?.as_bytes())?;
        } else if is_different {
            let mut block = Vec::new();
            if !self.status.json {
                writeln!(block, "{} {}", Zone::Local.date_clock(now), Zone::Local.name(now))?;
            }
            write(&mut block, self.status, &table, terminal)?;
            if !self.status.json {
                writeln!(block)?;
            }
            out.write_all(&block)?;
        }
        out.flush()?;
        self.told = Some((essence, table.worst.exit()));
        Ok(ControlFlow::Continue(()))
    }

    /// What was known last is told as that.
    fn gone(&mut self, at: Wall) -> Verdict {
        let is_told = self.told.as_ref().is_some_and(|(told, _)| told.source == Source::Kept);
        let Some(newest) = self.newest.clone().filter(|_| !is_told) else { return Ok(ControlFlow::Continue(())) };
        let mut last = Snapshot::clone(&newest);
        last.at.wall = at;
        self.see(&Arc::new(last), Source::Kept)
    }

    /// A whole window: as many rows as there is room for, and the line that sums up.
    fn page(&self, table: &Table, terminal: Terminal) -> io::Result<String> {
        let mut block = Vec::new();
        write(&mut block, self.status, table, terminal)?;
        let text = String::from_utf8_lossy(&block).into_owned();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let room = terminal.rows.unwrap_or(usize::MAX).saturating_sub(1).max(2);
        if lines.len() > room
            && let Some(summary) = lines.pop()
        {
            let hidden = lines.len() + 2 - room;
            lines.truncate(room - 2);
            lines.push(format!("{hidden} more"));
            lines.push(summary);
        }
        let end = format!("{REST_OF_LINE}\r\n");
        Ok(format!("{HOME}{}{end}", lines.join(&end)))
    }
}
