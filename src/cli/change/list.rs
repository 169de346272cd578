//! `portpulse list`: what is watched, and how.

use super::meant;
use super::registry::Registry;
use super::told::places;
use crate::cli::Exit;
use crate::cli::args::List;
use crate::cli::terminal::{Terminal, fit};
use crate::config::duration;
use crate::domain::{Activity, Definition};
use crate::exchange::targets;
use crate::tui::glyphs::Charset;
use crate::tui::text::{address, name, pad_right, width};
use serde_json::json;
use std::io::{self, Write};

/// What every row takes beside name, address and tags: two times, and what lies between.
const BESIDE: usize = 8 + 7 + 4 * 2;

/// Lists it.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(list: &List) -> io::Result<Exit> {
    let registry = match Registry::open(&list.place) {
        Ok(registry) => registry,
        Err(exit) => return Ok(exit),
    };
    let views = match meant(&registry, &list.targets) {
        Ok(views) => views,
        Err(exit) => return Ok(exit),
    };
    let all: Vec<&Definition> = views.iter().map(|view| &view.target.definition).collect();
    let mut out = io::stdout().lock();
    if list.place.json {
        let targets: Vec<_> = all.iter().map(|definition| targets::value(definition)).collect();
        writeln!(out, "{}", json!({ "watched_by": registry.owner(), "targets": targets }))?;
    } else {
        table(&mut out, &all, Terminal::of_this_process())?;
    }
    out.flush()?;
    Ok(Exit::Fine)
}

fn table(out: &mut impl Write, all: &[&Definition], terminal: Terminal) -> io::Result<()> {
    let ellipsis = Charset::Ascii.glyphs().ellipsis;
    let widest = |text: fn(&Definition) -> String, least: usize| {
        all.iter().map(|definition| width(&text(definition))).max().unwrap_or_default().max(least)
    };
    let tags = widest(words, 0);
    let room = terminal.columns.map_or(usize::MAX, |columns| columns.saturating_sub(BESIDE + tags.min(columns / 4)));
    let (names, addresses) = fit(room, (widest(|it| it.name.clone(), 4), widest(places, 6)));
    let mut row = |cells: [&str; 5]| {
        let [called, place, every, timeout, tags] = cells;
        let (called, place) = (name(called, names, ellipsis), address(place, addresses, ellipsis));
        let (called, place) = (pad_right(&called, names), pad_right(&place, addresses));
        let line = format!("{called}  {place}  {}  {}  {tags}", pad_right(every, 8), pad_right(timeout, 7));
        writeln!(out, "{}", line.trim_end())
    };
    row(["NAME", "TARGET", "INTERVAL", "TIMEOUT", if tags > 0 { "TAGS" } else { "" }])?;
    for definition in all {
        let (every, timeout) = (duration::text(definition.interval), duration::text(definition.timeout()));
        row([&definition.name, &places(definition), &every, &timeout, &words(definition)])?;
    }
    Ok(())
}

/// Its tags, and whether it is paused.
fn words(definition: &Definition) -> String {
    let paused = (definition.activity == Activity::Paused).then(|| "(paused)".to_owned());
    paused.into_iter().chain(definition.tags.iter().map(|tag| format!("#{tag}"))).collect::<Vec<_>>().join(" ")
}
