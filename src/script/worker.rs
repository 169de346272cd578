//! A child process that evaluates scripts, seen from inside: requests in, answers out.

use super::message::{Answer, READY, Request};
use super::sandbox::Sandbox;
use std::io::{self, BufRead, Write};

/// Answers each line of `input` with a line on `output` until there are no more.
///
/// # Errors
/// When either is gone, a line is no request, or the engine cannot be made.
pub fn serve(mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    writeln!(output, "{READY}")?;
    output.flush()?;
    let mut line = String::new();
    loop {
        // Made while nobody waits for it.
        let sandbox = Sandbox::new().map_err(io::Error::other)?;
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let request: Request<'_> = serde_json::from_str(&line)?;
        let answer = match sandbox.evaluate(&request.source, &request.pings) {
            Ok((standing, latency)) => Answer::Verdict { standing, latency },
            Err(fault) => Answer::Fault { line: fault.line, message: fault.message },
        };
        let mut text = serde_json::to_vec(&answer)?;
        text.push(b'\n');
        output.write_all(&text)?;
        output.flush()?;
    }
}
