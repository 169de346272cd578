//! How the targets stand, as a table and a line below it.

use super::Table;
use crate::cli::history::Source;
use crate::domain::{Outcome, Wall, Zone};
use crate::monitor::{Sight, State, TargetView};
use crate::tui::glyphs::Charset;
use crate::tui::group;
use crate::tui::standing::{self, Standing};
use crate::tui::text::{self, latency, pad_left, pad_right};
use std::io::{self, IsTerminal, Write};

/// The most columns that a name or an address may take.
const COLUMNS_MAX: usize = 40;

/// Writes it; in colour where people look.
pub(super) fn write(
    out: &mut impl Write,
    table: &Table,
    now: Wall,
    is_shown: impl Fn(&TargetView) -> bool,
) -> io::Result<()> {
    let paint = Paint::of_this_process();
    let rows: Vec<Row> =
        table.views.iter().filter(|view| is_shown(view)).map(|view| Row::new(view, table.at)).collect();
    let width = |cell: fn(&Row) -> &str, least: usize| {
        rows.iter().map(|row| text::width(cell(row))).max().unwrap_or_default().max(least)
    };
    let (name, address, latest) =
        (width(|row| &row.name, 4), width(|row| &row.address, 6), width(|row| &row.latest, 7));
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
        let state = paint.word(row.standing, &pad_right(&row.state, 5));
        let (name, address) = (pad_right(&row.name, name), pad_right(&row.address, address));
        writeln!(out, "{state}  {name}  {address}  {}  {}", pad_left(&row.latest, latest), row.lasting)?;
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
struct Row {
    standing: Standing,
    state: String,
    name: String,
    address: String,
    latest: String,
    lasting: String,
}

impl Row {
    fn new(view: &TargetView, at: Wall) -> Self {
        let glyphs = Charset::Ascii.glyphs();
        let definition = &view.target.definition;
        Self {
            standing: Standing::of(view),
            state: standing::word(view, glyphs),
            name: text::name(&definition.name, COLUMNS_MAX, glyphs.ellipsis),
            address: group::place(view, COLUMNS_MAX, glyphs.ellipsis, at, Zone::Local),
            latest: latest(view),
            lasting: standing::lasting(view, at),
        }
    }
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

/// Whether words have colours. They say the same without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Paint {
    Plain,
    Colour,
}

impl Paint {
    /// What the environment asks for: `NO_COLOR` (<https://no-color.org>) and `TERM=dumb`.
    fn of_this_process() -> Self {
        let refuses = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
        if io::stdout().is_terminal() && !refuses { Self::Colour } else { Self::Plain }
    }

    fn word(self, standing: Standing, word: &str) -> String {
        let code = match standing {
            Standing::Down => "1;31",
            Standing::Failing | Standing::Blind => "1;33",
            Standing::Slow => "33",
            Standing::Up => "32",
            Standing::New | Standing::Gap | Standing::Maintenance | Standing::Paused => "2",
        };
        if self == Self::Colour { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word.to_owned() }
    }
}
