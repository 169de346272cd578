//! System calls of a child process made to fail, to last or to be written down, by strace.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// How long a child may take to say something, on a machine that has other things to do.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Says whether there is a strace that may trace; why a test does not run is never passed over. A
/// container that forbids ptrace even to root is told, and is no failure: nothing that could be
/// installed would help.
pub fn is_there(test: &str) -> bool {
    let tried = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    let is_root = rustix::process::geteuid().is_root();
    match tried {
        Ok(status) if is_root && status.success() => return true,
        Ok(_) if is_root => super::world::say(&format!("{test} did not run: nobody may trace system calls here")),
        _ => {
            let needs = format!("{test} did not run: it makes system calls fail, which needs root and strace");
            assert!(std::env::var_os("PORTPULSE_REQUIRE_ROOT_TESTS").is_none(), "{needs}");
            super::world::say(&needs);
        }
    }
    false
}

/// This test program once more, running one of its tests alone.
pub fn this_program(test: &str) -> Vec<String> {
    let program = std::env::current_exe().expect("a path").to_string_lossy().into_owned();
    vec![program, "--exact".to_owned(), test.to_owned(), "--nocapture".to_owned(), "--test-threads=1".to_owned()]
}

/// The lines that a child says, as they come; its end is the end of them.
pub fn lines_of(out: ChildStdout) -> Receiver<String> {
    let (sender, lines) = mpsc::sync_channel(100_000);
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// A strace that has got hold of a process.
pub struct Tracer(Child);

impl Tracer {
    /// From now on the system calls of a running process that touch one of these files, of any of its
    /// threads, meet with this fault. Returns when they do.
    pub fn attach(process: u32, files: &[&Path], fault: &str) -> Self {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o", "/dev/null", "-e", &format!("inject={fault}"), "-p", &process.to_string()]);
        for file in files {
            strace.arg("-P").arg(file);
        }
        let mut strace = strace.stderr(Stdio::piped()).spawn().expect("strace");
        let mut said = BufReader::new(strace.stderr.take().expect("a pipe"));
        let mut line = String::new();
        while !line.contains("attached") {
            line.clear();
            assert!(said.read_line(&mut line).expect("a line") > 0, "strace does not attach");
        }
        // It says more when threads come; somebody has to listen.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self(strace)
    }

    /// Lets go of the process.
    pub fn detach(mut self) {
        let process = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(process, rustix::process::Signal::INT).expect("a process");
        self.0.wait().expect("an end");
    }
}

/// A child that does what its standard input says and tells of it line by line.
pub struct Performer {
    child: Child,
    lines: Receiver<String>,
}

impl Performer {
    /// Starts one of our tests as a process of its own.
    pub fn start(test: &str, variables: &[(&str, &str)]) -> Self {
        let command = this_program(test);
        let mut child = Command::new(&command[0])
            .args(&command[1..])
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let lines = lines_of(child.stdout.take().expect("a pipe"));
        Self { child, lines }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line that contains this, and gives it.
    pub fn until(&self, wanted: &str) -> String {
        let end = Instant::now() + PATIENCE;
        let mut heard = Vec::new();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(wanted) => return line,
                Ok(line) => heard.push(line),
                Err(error) => panic!("no `{wanted}` ({error}), but {heard:#?}"),
            }
        }
    }

    pub fn tell(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().expect("a pipe"), "{line}").expect("somebody who listens");
    }
}

impl Drop for Performer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
