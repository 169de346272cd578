//! A child process that evaluates scripts, seen from outside.

use super::message::{Answer, READY};
use super::sandbox::TIME_MAX;
use super::{ANSWER_WITHIN, COMMAND, Problem};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use std::{fs, io};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{self, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// How long a child may take to get ready, on a machine that has other things to do.
const READY_WITHIN: Duration = Duration::from_secs(5);
/// How often [`ANSWER_WITHIN`] is granted to a child that had no processor to work with.
const PATIENCE: u32 = 8;
/// The longest line that a child says.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// One child; it is killed when it is dropped.
#[derive(Debug)]
pub(super) struct Child {
    process: process::Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Child {
    /// Starts one and waits until it is ready. The error is in words.
    pub(super) async fn start(program: &Path) -> Result<Self, String> {
        let mut command = Command::new(program);
        // A process group of its own: what the terminal sends to ours does not concern it.
        command.arg(COMMAND).env_clear().current_dir("/").process_group(0).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("it has no pipes".to_owned());
        };
        let mut child = Self { process, input, output: BufReader::new(output) };
        match timeout(READY_WITHIN, child.read()).await {
            Ok(Ok(line)) if line == READY => Ok(child),
            Ok(Ok(_)) => Err("it speaks another language".to_owned()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("it is not ready after {} s", READY_WITHIN.as_secs())),
        }
    }

    /// Sends a request and waits for the answer, for as long as a child may take. One that a busy machine has
    /// not let work is not to blame, and has longer.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<Answer, Problem> {
        let id = self.process.id();
        let start = worked(id);
        let asked = self.exchange(request);
        tokio::pin!(asked);
        for _ in 0..PATIENCE {
            match timeout(ANSWER_WITHIN, &mut asked).await {
                Ok(answer) => return answer.map_err(|_| Problem::Crashed),
                Err(_) if worked(id).zip(start).is_some_and(|(now, then)| now < then + 2 * TIME_MAX) => {}
                Err(_) => break,
            }
        }
        Err(Problem::Hung)
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.input.write_all(request).await?;
        Ok(serde_json::from_str(&self.read().await?)?)
    }

    /// Ends it.
    pub(super) async fn kill(mut self) {
        // That it has ended already is as good.
        let _ = self.process.kill().await;
    }

    /// The next line, without its end.
    async fn read(&mut self) -> io::Result<String> {
        let mut line = String::new();
        (&mut self.output).take(LINE_BYTES_MAX).read_line(&mut line).await?;
        line.strip_suffix('\n').map(str::to_owned).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// How long the process has had the processor, where the system tells.
fn worked(id: Option<u32>) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{}/schedstat", id?)).ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
