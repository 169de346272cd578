//! `portpulse report`: the post-mortem of a span, as Markdown.

use super::args::Report;
use super::{Exit, complain, history};
use crate::domain::{Span, Wall, Zone, parse_moment};
use crate::engine::{Answer, Query, clock};
use crate::exchange::file::{self, Taken};
use crate::exchange::report;
use std::io::{self, Write};
use std::time::Duration;

/// How far back a report looks that is not told where to begin.
const LENGTH: Duration = Duration::from_hours(24);

/// Writes it to standard output or to a file.
///
/// # Errors
/// Standard output cannot be written to, or history cannot be read.
pub fn run(wanted: &Report) -> io::Result<Exit> {
    let now = clock::system().wall;
    let zone = if wanted.utc { Zone::Utc } else { Zone::Local };
    let span = match span(wanted, now, zone) {
        Ok(span) => span,
        Err(why) => return Ok(complain(&why, Exit::Usage)),
    };
    let history = match history::open(wanted.data.as_deref()) {
        Ok(history) => history,
        Err(exit) => return Ok(exit),
    };
    let Answer::Report(findings) = history.ask(Query::Report(span))? else { return Err(history::no_answer()) };
    let text = report::markdown(&findings, zone);
    match &wanted.output {
        None => {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.flush()?;
        }
        Some(path) => {
            if let Err(error) = file::write_new(path, &text, Taken::Refuse) {
                return Ok(complain(&format!("{}: {error}", path.display()), Exit::System));
            }
        }
    }
    Ok(Exit::Fine)
}

/// The span that is asked for, or what is wrong with it.
fn span(wanted: &Report, now: Wall, zone: Zone) -> Result<Span, String> {
    let read = |text: &Option<String>, otherwise: Wall| match text {
        Some(text) => parse_moment(text, now, zone).map_err(|error| error.to_string()),
        None => Ok(otherwise),
    };
    let to = read(&wanted.to, now)?;
    let from = read(&wanted.from, to - LENGTH)?;
    if from >= to {
        return Err(format!(
            "the span runs backwards: it begins at {} and ends at {}",
            zone.rfc3339(from),
            zone.rfc3339(to)
        ));
    }
    Ok(Span { from, to })
}
