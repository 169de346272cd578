//! Attempts and summaries in words and columns.

use super::tally::Tally;
use super::{Told, times};
use crate::domain::{Address, Clocked, Finding, Outcome, advice};
use crate::evaluate::{Standing, Verdict};
use crate::exchange::words;
use std::collections::HashSet;
use std::env;
use std::io::{self, Write};
use std::time::Duration;

/// How the words look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// For a file or another program: lines of columns and nothing else.
    Plain,
    /// For a terminal, with explanations, without colour.
    Mono,
    /// For a terminal, with explanations and colour.
    Colour,
}

/// What has been explained already: the same failure of the same target is explained once.
#[derive(Debug, Default)]
pub(super) struct Explained(HashSet<String>);

impl Style {
    /// What the environment asks for: `NO_COLOR` (<https://no-color.org>) and `TERM=dumb`.
    pub(super) fn of(is_terminal: bool) -> Self {
        let refuses = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
        match (is_terminal, refuses) {
            (false, _) => Self::Plain,
            (true, true) => Self::Mono,
            (true, false) => Self::Colour,
        }
    }

    /// A word in the colour of its outcome. The word says the same without it.
    fn paint(self, outcome: &Outcome, word: &str) -> String {
        let code = match outcome {
            Outcome::Open(_) => "32",
            Outcome::Failed(_) => "1;31",
            Outcome::Inconclusive(_) => "33",
        };
        if self == Self::Colour { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word.to_owned() }
    }
}

/// Writes one attempt; below it, for people, what it means and what to do first.
pub(super) fn line(
    out: &mut impl Write,
    style: Style,
    width: usize,
    explained: &mut Explained,
    told: &Told<'_>,
) -> io::Result<()> {
    let outcome = &told.finding.outcome;
    let (dns, connect, total) = times(told.finding);
    let word = style.paint(outcome, &format!("{:<12}", words::outcome(outcome)));
    let reason = outcome.reason().map_or("-", |reason| reason.word());
    let address = told.finding.address.map_or_else(|| "-".to_owned(), |address| address.to_string());
    let answered = answered(told.finding);
    let line = format!(
        "{:<width$}  {word}  {reason:<8}  dns {}  connect {}  total {}  {address}{answered}{}",
        told.address.to_string(),
        column(dns),
        column(connect),
        column(total),
        remarks(outcome),
    );
    writeln!(out, "{}", line.trim_end())?;
    if style == Style::Plain || outcome.is_open() {
        return Ok(());
    }
    let advice = advice::explain(told.address, outcome);
    if explained.0.insert(format!("{}: {}", told.address, advice.meaning)) {
        writeln!(out, "    {}", advice.meaning)?;
        if let Some(step) = advice.steps.first() {
            writeln!(out, "    first: {step}")?;
        }
    }
    Ok(())
}

/// Of a name with several addresses, how many answered.
fn answered(finding: &Finding) -> String {
    let open = finding.tries.iter().filter(|tried| tried.outcome.is_open()).count();
    match finding.tries.len() {
        0 | 1 => String::new(),
        all => format!("  {open} of {all} addresses open"),
    }
}

/// What a line says beyond its columns.
fn remarks(outcome: &Outcome) -> String {
    let lost = |count: u8| if count > 0 { format!("  syn lost {count}") } else { String::new() };
    match outcome {
        Outcome::Open(timing) => {
            let clocked = if timing.clocked == Clocked::Stopwatch { "  stopwatch" } else { "" };
            format!("{}{clocked}", lost(timing.syn_lost))
        }
        Outcome::Failed(failure) => lost(failure.syn_lost),
        Outcome::Inconclusive(fault) => format!("  {}", fault.sentence()),
    }
}

/// Writes what a round of a group came to.
pub(super) fn verdict(out: &mut impl Write, style: Style, name: &str, verdict: Option<&Verdict>) -> io::Result<()> {
    let Some(verdict) = verdict else { return writeln!(out, "{name}: UNKNOWN  its checks say too little") };
    let code = match verdict.standing {
        Standing::Up => "32",
        Standing::Down => "1;31",
        Standing::Degraded | Standing::Maintenance => "33",
    };
    let word = verdict.standing.word();
    let word = if style == Style::Colour { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word.to_owned() };
    writeln!(out, "{name}: {word}  {}  {}", millis(verdict.took()), verdict.why)
}

/// Writes what came of all attempts at one target.
pub(super) fn summary(out: &mut impl Write, style: Style, address: &Address, tally: &Tally) -> io::Result<()> {
    if style != Style::Plain {
        writeln!(out)?;
    }
    let reasons: Vec<String> = tally.reasons().map(|(reason, count)| format!("{} {count}", reason.word())).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    let lost = tally.lost().map_or_else(|| "-".to_owned(), percent);
    writeln!(
        out,
        "{address}: {} checks, {} open, {} failed{reasons}, {} inconclusive, {lost} lost, syn lost {}",
        tally.checks(),
        tally.open(),
        tally.failed(),
        tally.inconclusive,
        tally.syn_lost,
    )?;
    let latencies: Vec<String> =
        tally.latencies().iter().map(|(name, latency)| format!("{name} {}", millis(*latency))).collect();
    if latencies.is_empty() {
        return Ok(());
    }
    writeln!(out, "{address}: total {}", latencies.join("  "))
}

/// Never says that nothing or everything was lost when that is only nearly so.
fn percent(share: f64) -> String {
    match share {
        nearly if nearly > 0.0 && nearly < 0.05 => "<0.1%".to_owned(),
        nearly if (99.95..100.0).contains(&nearly) => ">99.9%".to_owned(),
        share => format!("{share:.1}%"),
    }
}

fn column(duration: Option<Duration>) -> String {
    format!("{:>10}", duration.map_or_else(|| "-".to_owned(), millis))
}

fn millis(duration: Duration) -> String {
    let micros = (duration.as_nanos() + 500) / 1_000;
    format!("{}.{:03}ms", micros / 1_000, micros % 1_000)
}
