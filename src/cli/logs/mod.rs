//! `portpulse logs`: the log of events, from whoever makes the checks or from the history, and what comes after.

mod line;

use super::args::Logs;
use super::choose::choose;
use super::follow::{Seen, Verdict, follow};
use super::history;
use super::terminal::Terminal;
use super::{Exit, complain};
use crate::domain::{Event, TargetId, Wall, Zone, parse_moment};
use crate::engine::{Answer, Handle, Query, clock};
use crate::monitor::Snapshot;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::ControlFlow;

/// Tells it.
///
/// # Errors
/// When standard output cannot be written to, or history cannot be read.
pub fn run(logs: &Logs) -> io::Result<Exit> {
    let zone = if logs.utc { Zone::Utc } else { Zone::Local };
    let since = match parse_moment(&logs.since, clock::system().wall, zone) {
        Ok(since) => since,
        Err(error) => return Ok(complain(&error.to_string(), Exit::Usage)),
    };
    let history = match history::open(logs.data.as_deref()) {
        Ok(history) => history,
        Err(exit) => return Ok(exit),
    };
    let path = history.path.clone();
    let whose = if logs.targets.is_empty() {
        None
    } else {
        match choose(history.catalog()?, &logs.targets, |entry| &entry.target.definition, "history") {
            Ok(chosen) => Some(chosen.iter().map(|entry| entry.target.id).collect()),
            Err(why) => return Ok(complain(&why, Exit::Usage)),
        }
    };
    let Answer::Events { lines, left_out } = history.ask(Query::Events(since))? else {
        return Err(history::no_answer());
    };
    // Whoever makes the checks next needs it.
    drop(history);
    if left_out > 0 {
        complain(&format!("{left_out} older lines are left out: name a later moment with --since"), Exit::Fine);
    }
    let mut teller = Teller { logs, zone, whose, since, last: None };
    teller.tell(&lines)?;
    if !logs.follow {
        return Ok(Exit::Fine);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(follow(&path, async |seen| match seen {
        Seen::Picture(picture, _, handle) => teller.see(picture, handle).await,
        Seen::Gone(_) => {
            complain("nobody makes the checks now; this goes on when somebody does", Exit::Fine);
            Ok(ControlFlow::Continue(()))
        }
    }))?;
    Ok(ended.unwrap_or(Exit::Fine))
}

/// Tells lines, each once.
struct Teller<'l> {
    logs: &'l Logs,
    zone: Zone,
    /// Only about these, if some are named.
    whose: Option<BTreeSet<TargetId>>,
    /// From when on.
    since: Wall,
    /// The newest line that was seen.
    last: Option<Event>,
}

impl Teller<'_> {
    /// Tells what a picture has that is new. If more happened than a picture holds, the history is asked for the rest.
    async fn see(&mut self, picture: &Snapshot, handle: &Handle) -> Verdict {
        let newest = picture.events.last();
        if newest.is_none() || newest == self.last.as_ref() {
            return Ok(ControlFlow::Continue(()));
        }
        if let Some(fresh) = self.behind(&picture.events) {
            self.tell(fresh)?;
            return Ok(ControlFlow::Continue(()));
        }
        let from = self.last.as_ref().map_or(self.since, |last| last.at);
        // Who makes the checks may keep no history, or be gone.
        match handle.query(Query::Events(from)).await {
            Ok(Answer::Events { lines, .. }) => {
                let fresh = self.behind(&lines).unwrap_or(&lines).to_vec();
                self.tell(&fresh)?;
            }
            _ => self.tell(&picture.events)?,
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The lines behind the last one that was told; `None` if that is not among them.
    fn behind<'e>(&self, lines: &'e [Event]) -> Option<&'e [Event]> {
        let last = self.last.as_ref()?;
        let place = lines.iter().rposition(|line| line == last)?;
        lines.get(place + 1..)
    }

    fn tell(&mut self, lines: &[Event]) -> io::Result<()> {
        let paint = Terminal::of_this_process().paint;
        let mut out = io::stdout().lock();
        for event in lines.iter().filter(|event| event.at >= self.since) {
            let is_meant = |whose: &BTreeSet<TargetId>| event.target.as_ref().is_some_and(|(id, _)| whose.contains(id));
            if self.whose.as_ref().is_none_or(is_meant) {
                let line = if self.logs.json { line::json(event) } else { line::text(event, self.zone, paint) };
                writeln!(out, "{line}")?;
            }
        }
        if let Some(newest) = lines.last() {
            self.last = Some(newest.clone());
        }
        out.flush()
    }
}
