//! How the targets stand, as a table and a line below it.

use super::Table;
use crate::cli::history::Source;
use crate::cli::terminal::{Terminal, fit};
use crate::domain::{Outcome, Wall, Zone};
use crate::monitor::{Sight, State, TargetView};
use crate::tui::glyphs::Charset;
use crate::tui::group;
use crate::tui::standing::{self, Standing};
use crate::tui::text::{self, latency, pad_left, pad_right};
use std::io::{self, Write};

/// What every row takes beside name, address and latency: a state, a time, and what lies between.
const BESIDE: usize = 5 + 6 + 4 * 2;

/// Writes it; in colour, and no wider than the window, where people look.
pub(super) fn write(
    out: &mut impl Write,
    table: &Table,
    now: Wall,
    terminal: Terminal,
    is_shown: impl Fn(&TargetView) -> bool,
) -> io::Result<()> {
    let ellipsis = Charset::Ascii.glyphs().ellipsis;
    let rows: Vec<Row<'_>> =
        table.views.iter().filter(|view| is_shown(view)).map(|view| Row::new(view, table.at)).collect();
    let width = |cell: for<'r> fn(&'r Row<'_>) -> &'r str, least: usize| {
        rows.iter().map(|row| text::width(cell(row))).max().unwrap_or_default().max(least)
    };
    let latest = width(|row| &row.latest, 7);
    let room = terminal.columns.map_or(usize::MAX, |columns| columns.saturating_sub(BESIDE + latest));
    let (name, address) = fit(room, (width(|row| row.name, 4), width(|row| &row.address, 6)));
    if !rows.is_empty() {
        writeln!(
            out,
            "STATE  {}  {}  {}  FOR",
            pad_right("NAME", name),
            pad_right("TARGET", address),
            pad_left("LATENCY", latest)
        )?;
    }
    for row in &rows {
        let state = terminal.paint.word(row.standing, &pad_right(&row.state, 5));
        let shown = pad_right(&text::name(row.name, name, ellipsis), name);
        let place =
            if text::width(&row.address) > address { row.place(address, table.at) } else { row.address.clone() };
        let place = pad_right(&place, address);
        writeln!(out, "{state}  {shown}  {place}  {}  {}", pad_left(&row.latest, latest), row.lasting)?;
    }
    writeln!(out, "{}", summary(table, now))
}

/// The whole in a line.
fn summary(table: &Table, now: Wall) -> String {
    let counts: Vec<String> = Standing::ALL
        .into_iter()
        .map(|standing| (table.count(standing), standing))
        .filter(|(count, _)| *count > 0)
        .map(|(count, standing)| format!("{count} {}", standing.name()))
        .collect();
    let counts = if counts.is_empty() { "no targets".to_owned() } else { counts.join(", ") };
    let blind = match &table.sight {
        Sight::Clear => String::new(),
        Sight::Blind { since, why, scope } => {
            let since = Zone::Local.date_clock(*since);
            format!(
                "; BLIND on {} since {since}: {}",
                crate::domain::text::clean(scope, 40),
                crate::domain::text::clean(why, 200)
            )
        }
    };
    let source = match (&table.source, table.age(now)) {
        (Source::Owner(process), _) => format!("watched by process {process}"),
        (Source::Kept, age) => {
            let ago = text::full(age.unwrap_or_default());
            let (at, zone) = (Zone::Local.date_clock(table.at), Zone::Local.name(table.at));
            format!("as it was {ago} ago, at {at} {zone}: nobody watches now")
        }
    };
    format!("{counts}{blind}; {source}")
}

/// A target in words.
struct Row<'v> {
    view: &'v TargetView,
    standing: Standing,
    state: String,
    name: &'v str,
    address: String,
    latest: String,
    lasting: String,
}

impl<'v> Row<'v> {
    fn new(view: &'v TargetView, at: Wall) -> Self {
        Self {
            view,
            standing: Standing::of(view),
            state: standing::word(view, Charset::Ascii.glyphs()),
            name: &view.target.definition.name,
            address: place(view, usize::MAX, at),
            latest: latest(view),
            lasting: standing::lasting(view, at),
        }
    }

    fn place(&self, columns: usize, at: Wall) -> String {
        place(self.view, columns, at)
    }
}

fn place(view: &TargetView, columns: usize, at: Wall) -> String {
    group::place(view, columns, Charset::Ascii.glyphs().ellipsis, at, Zone::Local)
}

/// What the newest check found: its latency, or in a word why there is none.
fn latest(view: &TargetView) -> String {
    let Some(latest) = view.latest.as_ref().filter(|_| view.state != State::Paused) else { return "-".to_owned() };
    match latest.check.outcome {
        Outcome::Open(_) => latest.check.latency().map(latency).unwrap_or_default(),
        Outcome::Failed(failure) => failure.reason.word().to_owned(),
        Outcome::Inconclusive(fault) => fault.word().to_owned(),
    }
}
