//! `portpulse serve --http`: what other programs get over HTTP, and what rogues get.

#[path = "http/client.rs"]
mod client;
#[path = "http/exposition.rs"]
mod exposition;
#[path = "support/home.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod home;
#[path = "http/metrics.rs"]
mod metrics;
#[path = "http/openapi.rs"]
mod openapi;
#[path = "support/pty.rs"]
mod pty;
#[path = "http/resources.rs"]
mod resources;
#[path = "http/rogue.rs"]
mod rogue;
#[path = "http/standby.rs"]
mod standby;

use client::{Answer, Client};
use home::{BRISK, Home};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A `portpulse serve --http` that ends with the test.
struct Service {
    process: Child,
    home: Rc<Home>,
    client: Client,
}

impl Service {
    /// One with this configuration, on a port of its own.
    fn start(configuration: &str) -> Self {
        Self::with(configuration, &[])
    }

    fn with(configuration: &str, arguments: &[&str]) -> Self {
        Self::at(Rc::new(Home::with(configuration)), arguments)
    }

    /// One in this home, which another may be in, too.
    fn at(home: Rc<Home>, arguments: &[&str]) -> Self {
        let arguments = [&["--http", "127.0.0.1:0"], arguments].concat();
        let mut process = serve(&home, &arguments).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut log = BufReader::new(process.stderr.take().expect("a log"));
        let address = listening(&mut log);
        // It is read to its end, so that writing it never waits.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let token = std::fs::read_to_string(home.path().join("data/portpulse/http-token")).expect("a token");
        let client = Client::new(address, token.trim());
        Self { process, home, client }
    }

    fn get(&self, path: &str) -> Answer {
        self.client.ask("GET", path, "")
    }

    /// Asks until the answer is as wanted.
    #[track_caller]
    fn wait(&self, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let deadline = Instant::now() + pty::DEADLINE;
        loop {
            let answer = self.get(path);
            if wanted(&answer) {
                return answer;
            }
            assert!(Instant::now() < deadline, "{path} stays {answer:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn end(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.process), Signal::TERM).expect("it is there");
        self.process.wait().expect("an end").code()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The command of a service in this home.
fn serve(home: &Home, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portpulse"));
    command.arg("serve").args(arguments).env_clear().envs(home.environment()).current_dir(home.path());
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Where it says that it listens.
fn listening(log: &mut impl BufRead) -> SocketAddr {
    let mut told = String::new();
    loop {
        let start = told.len();
        assert!(log.read_line(&mut told).expect("a log") > 0, "it ended: {told}");
        if let Some((_, rest)) = told[start..].split_once("HTTP on http://") {
            let address = rest.split(';').next().unwrap_or_default();
            return address.parse().expect("an address");
        }
    }
}

/// A port that answers for as long as this lives, and its address.
fn open_port() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// A configuration with an open port and one that refuses.
fn open_and_closed() -> (TcpListener, SocketAddr, String) {
    let (listener, address) = open_port();
    let text = format!(
        "{BRISK}[[target]]\nname = \"open\"\naddress = \"{address}\"\n[[target]]\nname = \"closed\"\naddress = \"127.0.0.1:1\"\n"
    );
    (listener, address, text)
}
