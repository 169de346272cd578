//! `portpulse evaluate`: tries a function on rounds and tells its verdicts.

mod rounds;

use super::{Exit, args, complain};
use crate::evaluate::Verdict;
use crate::script::{self, ScriptError, Scripts};
use rounds::Round;
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// One round and what came of it, for programs. The names of the fields are promised.
#[derive(Serialize)]
struct Told<'a> {
    r#type: &'static str,
    round: &'a str,
    pings: usize,
    /// `UP`, `DEGRADED`, `DOWN` or `MAINTENANCE`.
    status: Option<&'static str>,
    latency_ms: Option<f64>,
    /// From the question to the answer.
    took_ms: f64,
    /// Why there is no verdict.
    error: Option<String>,
    /// Where in the script.
    line: Option<u32>,
}

/// Does it.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(evaluate: &args::Evaluate) -> io::Result<Exit> {
    let rounds = match evaluate.results.as_deref().map_or_else(|| Ok(rounds::made_up()), rounds::read) {
        Ok(rounds) => rounds,
        Err(why) => return Ok(complain(&why, Exit::Usage)),
    };
    let scripts = Scripts::new(Path::new(""));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut out = io::stdout().lock();
    let mut exit = Exit::Fine;
    for round in &rounds {
        let asked = Instant::now();
        let answer = runtime.block_on(scripts.evaluate(&evaluate.script, &round.pings));
        let took = asked.elapsed();
        exit = if answer.is_ok() { exit } else { Exit::Failed };
        if evaluate.json { json(&mut out, round, &answer, took)? } else { text(&mut out, round, &answer, took)? }
    }
    Ok(exit)
}

/// Evaluates what is asked on standard input, for another portpulse.
///
/// # Errors
/// When it cannot be made safe, or either end is gone.
pub fn serve() -> io::Result<Exit> {
    script::confine()?;
    script::serve(io::stdin().lock(), io::stdout().lock())?;
    Ok(Exit::Fine)
}

fn text(out: &mut impl Write, round: &Round, answer: &Result<Verdict, ScriptError>, took: Duration) -> io::Result<()> {
    let name = format!("{}, {}", round.name, hosts(round.pings.len()));
    match answer {
        Ok(Verdict { standing, latency, .. }) => {
            let took = took.as_secs_f64() * 1_000.0;
            writeln!(out, "{name:<34} {:<11} latency {latency:>9.3} ms   took {took:.2} ms", standing.word())
        }
        Err(error) => writeln!(out, "{name:<34} {:<11} {error}", "no verdict"),
    }
}

fn hosts(number: usize) -> String {
    if number == 1 { "1 host".to_owned() } else { format!("{number} hosts") }
}

fn json(out: &mut impl Write, round: &Round, answer: &Result<Verdict, ScriptError>, took: Duration) -> io::Result<()> {
    let verdict = answer.as_ref().ok();
    let error = answer.as_ref().err();
    let told = Told {
        r#type: "evaluation",
        round: &round.name,
        pings: round.pings.len(),
        status: verdict.map(|verdict| verdict.standing.word()),
        latency_ms: verdict.map(|verdict| verdict.latency),
        took_ms: (took.as_secs_f64() * 1e6).round() / 1e3,
        error: error.map(ToString::to_string),
        line: error.and_then(|error| error.line),
    };
    let mut text = serde_json::to_vec(&told)?;
    text.push(b'\n');
    out.write_all(&text)
}
