//! A program that is stopped for a while: it was not looking, and blames nobody for that.

use super::home::{BRISK, Home};
use super::quit;
use rustix::process::Signal;
use std::net::TcpListener;
use std::time::Duration;

#[test]
fn a_program_that_is_stopped_has_a_gap_and_no_outage() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let home = Home::with(&format!("{BRISK}\n[[target]]\nname = \"orders\"\naddress = \"{address}\"\n"));
    let mut pty = home.start(&[]);
    pty.wait_for("● UP");
    for stopped_for in [2, 8] {
        pty.signal(Signal::STOP);
        std::thread::sleep(Duration::from_secs(stopped_for));
        pty.signal(Signal::CONT);
        pty.wait_for("● UP");
    }
    pty.send("4");
    pty.wait_for("nobody watched for");
    assert!(!pty.contents().contains("failed") && !pty.contents().contains("blind"), "{}", pty.contents());
    pty.send("2");
    pty.wait_for("No outage in the last 24h");
    quit(&mut pty);
    drop(listener);
}
